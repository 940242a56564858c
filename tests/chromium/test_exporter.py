"""A day of an exporter: a filtered Excel file, a chart, a dossier, and the log that names them."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tests.chromium.visitor import Visitor
from tracker.timelines.canvas import STANDALONE_WIDTH

if TYPE_CHECKING:
    from playwright.sync_api import Download


def test_a_list_a_chart_and_a_dossier_are_downloaded(
    sample: str, visit: Callable[..., Visitor], tmp_path: Path
) -> None:
    exporter = visit(sample, language="kk")
    exporter.sign_in("exporter")

    exporter.choose("Records", "Incidents")
    exporter.unfold("Filters")
    exporter.select("Country", "KZ")
    exporter.press("Filter", "main")
    assert "country=KZ" in exporter.page.url
    exporter.follow("Excel or another file")
    exporter.select("Format", "xlsx")
    exporter.press("Preview", "main")
    assert "country=KZ" in exporter.page.url
    book = exporter.download(exporter.button("Download", "main"))
    assert book.suggested_filename.endswith(".xlsx")
    with zipfile.ZipFile(saved(book, tmp_path)) as archive:
        assert "xl/workbook.xml" in archive.namelist()

    exporter.choose("Reports", "Charts")
    chart = exporter.download(exporter.page.get_by_role("link", name="SVG").first)
    assert saved(chart, tmp_path).read_text("utf-8").startswith("<svg")
    picture = exporter.download(exporter.page.get_by_role("link", name="PNG").first)
    names = (one.suggested_filename.partition(".")[0] for one in (chart, picture))
    assert len(set(names)) == 1, "the same name with the day, whatever the format"
    content = saved(picture, tmp_path).read_bytes()
    assert content.startswith(b"\x89PNG")
    assert int.from_bytes(content[16:20]) == 2 * (STANDALONE_WIDTH + 2 * 24)
    # Where the browser lets nobody read what it draws, the SVG file is saved.
    exporter.page.evaluate(
        "CanvasRenderingContext2D.prototype.getImageData = () => ({data: new Uint8Array(4)})"
    )
    picture = exporter.download(exporter.page.get_by_role("link", name="PNG").first)
    assert picture.suggested_filename.endswith(".svg")

    exporter.choose("Cases")
    exporter.load_by(exporter.page.locator("td.title a").first)
    exporter.follow("Dossier", "main")
    exporter.select("For whom", "internal")
    exporter.press("Preview", "main")
    dossier = exporter.download(exporter.button("Download ZIP", "main"))
    with zipfile.ZipFile(saved(dossier, tmp_path)) as archive:
        assert any(name.endswith("SHA256SUMS") for name in archive.namelist())

    exporter.choose("Reports", "Export log")
    assert exporter.page.locator("ol.entries > li").count() == 2


def saved(download: Download, folder: Path) -> Path:
    file = folder / download.suggested_filename
    download.save_as(file)
    return file
