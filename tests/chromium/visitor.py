"""Somebody at a real browser: what they do is counted, and every page they meet is judged."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from gettext import translation
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

import tracker
from tests.factories import PASSWORD

if TYPE_CHECKING:
    # Where it is missing, the tests are skipped.
    from playwright.sync_api import (
        Browser,
        ConsoleMessage,
        Download,
        FloatRect,
        Locator,
        Page,
        Response,
    )

CATALOGS = Path(tracker.__file__).with_name("translations")
WIDE, NARROW, HEIGHT = 1280, 360, 800
JUDGED_BY = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa"]},
    "resultTypes": ["violations"],
}
NAMES = ("chromium", "google-chrome")
# Only this machine has a name for the browser. `/dev/shm` is small in containers.
ARGUMENTS = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--disable-dev-shm-usage"]
MOST_TABS = 400
BAD_REQUEST, UNPROCESSABLE = 400, 422
REF = re.compile(r"[A-Z]{3}-[0-9A-Z]{10}|\d+")
# What a person can press, choose or type into, as far as it is seen.
CONTROLS = "button, select, textarea, input:not([type=hidden])"
SEEN = "ones => ones.filter(one => one.checkVisibility()).length"


@dataclass
class Visitor:
    """Uses the pages by the words on them; `scripts` says whether JavaScript is on.

    `wrong` collects what a page should not have: violations that axe finds, messages on the console,
    requests to other places, answers that are errors, and pages wider than the screen.
    """

    page: Page
    origin: str
    language: str = "en"
    width: int = WIDE
    scripts: bool = True
    loads: int = 0
    clicks: int = 0
    typed: int = 0
    # How often a form came back because it could not be saved.
    refused: int = 0
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._note_message)
        self.page.on("pageerror", lambda error: self._note(f"error in a script: {error}"))
        self.page.on("request", lambda request: self._note_request(request.url))
        self.page.on("response", self._note_response)

    def words(self, text: str) -> str:
        """Return a label in the language of the pages."""
        return text if self.language == "en" else _catalog(self.language)(text)

    def reset_counts(self) -> None:
        """Begin to count."""
        self.loads = self.clicks = self.typed = self.refused = 0

    @property
    def manner(self) -> str:
        """Return how the pages are used, in words."""
        return f"{self.language}, {self.width} px" + ("" if self.scripts else ", without scripts")

    def open(self, path: str) -> None:
        """Go to an address of the tracker."""
        self._load(lambda: self.page.goto(self.origin + path))

    def sign_in(self, name: str, password: str = PASSWORD) -> None:
        """Sign in, and begin to count on the page that follows."""
        self.open("/sign-in")
        self.fill("User name", name)
        self.fill("Password", password)
        self.press("Sign in")
        self.reset_counts()

    def follow(self, text: str, within: str = "body") -> None:
        """Follow the first link that is called so."""
        self.load_by(self._called("link", text, within))

    def choose(self, menu: str, entry: str = "") -> None:
        """Follow an entry of a menu of the header; a menu may be a single page."""
        if self.width == NARROW:
            self.unfold("Menu", "header")
        if entry:
            self.unfold(menu, "header")
        self.follow(entry or menu, "header")

    def unfold(self, text: str, within: str = "main") -> None:
        """Open the part of a page that stands behind these words."""
        name = re.compile(rf"^\s*{re.escape(self.words(text))}\s*$")
        self.click(self.page.locator(f"{within} summary:visible").filter(has_text=name).first)

    def press(self, text: str, within: str = "body") -> None:
        """Press the first button that is called so."""
        self.load_by(self.button(text, within))

    def button(self, text: str, within: str = "body") -> Locator:
        """Return the first button that is called so, with or without a number behind."""
        return self._called("button", text, within)

    def _called(self, role: Literal["link", "button"], text: str, within: str) -> Locator:
        name = re.compile(rf"^{re.escape(self.words(text))}( \(?\d+\)?)?$")
        return self.page.locator(within).get_by_role(role, name=name).first

    def fill(self, label: str, text: str) -> None:
        """Type into the field of that label."""
        self.typed += 1
        self.enter(self.page.get_by_label(self.words(label), exact=True).first, text)

    def select(self, label: str, value: str) -> None:
        """Choose in the list of that label."""
        self.clicks += 1
        self.page.get_by_label(self.words(label), exact=True).first.select_option(value)

    def download(self, target: Locator) -> Download:
        """Press what sends a file, and return the file."""
        with self.page.expect_download() as waited:
            self.click(target)
        return waited.value

    def load_by(self, target: Locator) -> None:
        """Press what leads to another page."""
        self._load(lambda: self.click(target))

    def load_by_key(self, target: Locator, key: str) -> None:
        """Press a key in a field, which leads to another page."""
        self._load(lambda: target.press(key))

    def click(self, target: Locator) -> None:
        """Press something."""
        self.clicks += 1
        target.click()

    def enter(self, target: Locator, text: str) -> None:
        """Type into a field."""
        target.fill(text)

    def top_of(self, selector: str) -> int:
        """Return how far from the top of the page the first of these begins."""
        return round(self._box_of(selector)["y"])

    def height_of(self, selector: str) -> int:
        """Return the height of the first of these."""
        return round(self._box_of(selector)["height"])

    def _box_of(self, selector: str) -> FloatRect:
        box = self.page.locator(selector).first.bounding_box()
        assert box, f"{self.here}: no {selector}"
        return box

    @property
    def height(self) -> int:
        """Return the height of the page."""
        return int(self.page.evaluate("document.documentElement.scrollHeight"))

    def seen(self, selector: str = CONTROLS) -> int:
        """Return how many of these are to be seen on the page."""
        return int(self.page.locator(selector).evaluate_all(SEEN))

    def _load(self, act: Callable[[], object]) -> None:
        """Do what leads to another page, and judge that page."""
        with self.page.expect_event("load"):
            act()
        self.loads += 1
        self.judge()

    def judge(self) -> None:
        """Note what is wrong with the page that is open."""
        if self.width == NARROW:
            wide = self.page.evaluate("document.documentElement.scrollWidth")
            if wide > NARROW:
                self._note(f"is {wide} px wide")
        if self.scripts and self.is_on_page:
            for one in violations(self.page):
                self._note(one)

    @property
    def is_on_page(self) -> bool:
        """Return whether this is a page, and no file that the browser shows."""
        return bool(self.page.evaluate("document.contentType === 'text/html'"))

    @property
    def here(self) -> str:
        """Return the address of the page without what it names."""
        return REF.sub("…", urlsplit(self.page.url).path)

    def _note(self, what: str) -> None:
        self.wrong.append(f"{self.here} ({self.language}, {self.width} px): {what}")

    def _note_message(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self._note(f"on the console: {message.text}")

    def _note_request(self, address: str) -> None:
        if not address.startswith(self.origin):
            self._note(f"asks for {address}")

    def _note_response(self, response: Response) -> None:
        self.refused += response.status == UNPROCESSABLE
        if response.status >= BAD_REQUEST:
            self._note(f"{response.request.method} is answered with {response.status}")


class KeyboardVisitor(Visitor):
    """Somebody without a mouse."""

    @property
    def manner(self) -> str:
        """Return how the pages are used, in words."""
        return f"{super().manner}, by keyboard"

    def click(self, target: Locator) -> None:
        """Move to something with Tab, and press it."""
        self.clicks += 1
        self._reach(target)
        kind = target.get_attribute("type")
        self.page.keyboard.press("Space" if kind in {"radio", "checkbox"} else "Enter")

    def enter(self, target: Locator, text: str) -> None:
        """Move to a field with Tab, and type into it."""
        self._reach(target)
        self.page.keyboard.insert_text(text)

    def _reach(self, target: Locator) -> None:
        for _time in range(MOST_TABS):
            if target.evaluate("one => one === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{self.here}: Tab does not lead to {target}")


def violations(page: Page) -> list[str]:
    """Return what axe finds wrong with the page that is open."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options=JUDGED_BY).response["violations"]
    return [f"axe: {one['id']}: {node['html'][:200]}" for one in found for node in one["nodes"][:3]]


def find_chromium() -> str | None:
    """Return the file of the browser, None where there is none."""
    return next(filter(None, map(which, NAMES)), None)


def new_page(browser: Browser, *, language: str, width: int, scripts: bool) -> Page:
    """Return a page of a browser without any cookie yet."""
    context = browser.new_context(
        locale=language,
        viewport={"width": width, "height": HEIGHT},
        java_script_enabled=scripts,
        accept_downloads=True,
    )
    context.set_default_timeout(60_000)
    return context.new_page()


@contextmanager
def chromium_running(file: str) -> Iterator[Browser]:
    """Run the browser of that file, from which nothing leaves this machine."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=file, args=ARGUMENTS)
        yield browser
        browser.close()


@cache
def _catalog(language: str) -> Callable[[str], str]:
    found: Any = translation("messages", CATALOGS, [language])

    def words(text: str) -> str:
        told = found.gettext(text)
        assert told != text, f"no such message: {text}"
        return str(told)

    return words
