"""The pictures of docs/manual, taken of every page as the journeys meet it, and their index."""

from __future__ import annotations

import base64
import sys
import tomllib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tests import databases
from tests.chromium.conftest import fill
from tests.chromium.visitor import WIDE, Visitor, chromium_running, find_chromium, new_page
from tests.chromium.walking import walk
from tests.conftest import let_go, new_app
from tests.operating.running import listening

if TYPE_CHECKING:
    from playwright.sync_api import Page

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "manual"
SENTENCES = Path(__file__).with_name("manual.toml")
TALLEST = 1400
SCALE, QUALITY = 0.75, 45
HEAD = """# The pages of the tracker

One picture of each page, at 1280 pixels, with the invented records of the sample. `make manual` takes them.
"""


class Photographer(Visitor):
    """Somebody who looks at pages and judges none."""

    def judge(self) -> None:
        """Leave the page as it is."""


def main() -> None:
    """Take a picture of one page of each kind, and write their index."""
    found = find_chromium()
    if found is None:
        sys.exit("There is no Chromium here: apt install chromium")
    folder = databases.make_folder()
    with databases.fresh("sqlite") as lent, chromium_running(found) as browser:
        app = new_app(lent)
        fill(app, with_sample=True)
        with listening(app) as server:
            page = new_page(browser, language="en", width=WIDE, scripts=True)
            visitor = Photographer(page, f"http://127.0.0.1:{server.effective_port}")
            told = {view for chapter in pages().values() for view in chapter}
            views: set[str] = set()
            for rule in walk(app, visitor):
                view = next(one.endpoint for one in app.url_map.iter_rules() if one.rule == rule)
                if view in told - views:
                    views.add(view)
                    take_picture(page, view)
        let_go(app)
    databases.remove_folder(folder)
    write_index(views)


def pages() -> dict[str, dict[str, str]]:
    """Return by chapter what each page is for, by its view."""
    told: dict[str, dict[str, str]] = tomllib.loads(SENTENCES.read_text("utf-8"))
    return told


def take_picture(page: Page, view: str) -> None:
    """Store a picture of the page that is open, in place of an earlier one."""
    width, height = page.evaluate("[innerWidth, document.documentElement.scrollHeight]")
    tools = page.context.new_cdp_session(page)
    clip = {"x": 0, "y": 0, "width": width, "height": min(height, TALLEST), "scale": SCALE}
    taken = tools.send(
        "Page.captureScreenshot",
        {"format": "webp", "quality": QUALITY, "captureBeyondViewport": True, "clip": clip},
    )
    tools.detach()
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{view}.webp").write_bytes(base64.b64decode(taken["data"]))


def write_index(views: Collection[str]) -> None:
    """Write the page that shows the pictures of these views, and delete those of others."""
    for file in FOLDER.glob("*.webp"):
        if file.stem not in views:
            file.unlink()
    (FOLDER / "README.md").write_text("\n".join(_lines(views)), "utf-8")


def _lines(views: Collection[str]) -> Iterator[str]:
    yield HEAD
    for chapter, told in pages().items():
        yield f"## {chapter}\n"
        for view, words in told.items():
            if view in views:
                name, _colon, sentence = words.partition(": ")
                yield f"### {name}\n"
                yield f"{sentence[0].upper()}{sentence[1:]}\n"
                yield f"![{name}]({view}.webp)\n"


if __name__ == "__main__":
    main()
