"""Files and pasted texts that want minutes or all memory are read in time and in bounds."""

from __future__ import annotations

import time

import pytest

from tests.nightly import size
from tracker.articles.extraction import ExtractionError, extract_in_child
from tracker.articles.pasted import parse_pasted_article

PARAGRAPH = (
    b"<p>A man came to the door of an editor and asked her neighbours about her, they said.</p>"
)
# Each of them, if it were read as trustingly as others, would take minutes or all memory.
HOSTILE: dict[str, tuple[bytes, str]] = {
    "ten megabytes": (PARAGRAPH * 110_000, "text/html"),
    "ten megabytes of script": (
        b"<script>" + b"var a=1;" * 1_250_000 + b"</script><p>x",
        "text/html",
    ),
    "very many paragraphs": (
        b"<h1>A title</h1>" + b"<p>A word." * size(day=50_000, night=180_000),
        "text/html",
    ),
    "very many lines": (b"No.\n" * 200_000, "text/plain"),
    "very many lists": ("Читайте также\nУгроза\n".encode() * 60_000, "text/plain"),
    "nested": (b"<div>" * 20_000 + b"A word" + b"</div>" * 20_000, "text/html"),
    "nested tables": (b"<table><tr><td>x<br>" * 20_000, "text/html"),
    "nested menus": (b"<nav>x" * 20_000 + b"<article>" + PARAGRAPH, "text/html"),
    "very many cards": (
        b'<div class="k"><a href="/">A headline of some length</a></div>' * 20_000,
        "text/html",
    ),
    "very many headings": (
        b"<h1>A title of it</h1>" + b"<h3>Latest news</h3>" * 60_000,
        "text/html",
    ),
    "only script": (
        b"<html><body><script>text = 'A man came.'</script></body></html>",
        "text/html",
    ),
    "a long title": (
        b"<title>" + b"<script>alert(1)</script> - | " * 30_000 + b"</title>" + PARAGRAPH * 5,
        "text/html",
    ),
    "data that never ends": (
        b'<script type="application/ld+json">' + b"[" * 500_000 + b"</script>" + PARAGRAPH * 5,
        "text/html",
    ),
    "signs": (b"<" * 1_500_000, "text/html"),
    "noise called a page": (bytes(range(256)) * 1000, "text/html"),
    "noise called a PDF": (b"%PDF-1.7" + bytes(range(256)) * 1000, "application/pdf"),
    "a PDF of pages without end": (
        b"%PDF-1.7\n" + b"1 0 obj << /Kids [1 0 R] /Count 9 /Type /Pages >> endobj\n" * 9_000,
        "application/pdf",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_answered_in_time_and_in_bounds(name: str) -> None:
    began = time.monotonic()
    refused, found = "", None
    try:
        found = extract_in_child(*HOSTILE[name])
    except ExtractionError as error:
        refused = str(error)
    assert refused.endswith(".") or (found and found.text and len(found.title) <= 300)
    assert time.monotonic() - began < 22


@pytest.mark.parametrize(
    "text",
    [
        "Latest news\n" * 60_000, "Читайте также\nУгроза\n" * 30_000, "No.\n" * 200_000, "." * 900_000 + "x",
        "Home | Politics | City\n" * 30_000, "By A, " * 150_000, "«" * 900_000, "a | " * 220_000, "\n" * 900_000,
        "12:00 A\n" * 100_000, "© " * 400_000, " " * 900_000 + "x", "3 May 2025 " * 80_000,
    ],
)  # fmt: skip
def test_no_text_takes_long(text: str) -> None:
    began = time.process_time()
    parse_pasted_article(text)
    assert time.process_time() - began < 4
