"""The article in a saved web page: what trafilatura finds, checked against the page itself."""

from __future__ import annotations

import re
from collections import Counter
from html import unescape
from typing import TYPE_CHECKING, Any

from trafilatura import bare_extraction, load_html
from trafilatura.metadata import extract_metadata
from trafilatura.settings import Document, set_date_params

from tracker.articles import page_described as said
from tracker.articles.page import Page
from tracker.articles.page_blocks import blocks_of
from tracker.articles.page_choice import article_lines
from tracker.articles.page_described import line
from tracker.articles.pasted import read_pasted
from tracker.articles.written_dates import is_yearless

if TYPE_CHECKING:
    from tracker.articles.page_blocks import Block

PRUNED = [
    "//aside",
    (
        "//*[not(self::body or self::article or self::main)]"
        "[contains(@class, 'read-also') or contains(@class, 'related')]"
    ),
]
# Menus and "latest news" are lines that are nothing but a link; a whole paragraph may be one too.
LONGEST_LINK_LINE = 150
# Where less than this is found, the page is looked through again, slowly; and what it tells
# machines of its text is taken if most of that was not found.
SHORT = 250
# No article has so many paragraphs; trafilatura would take minutes, our own choice is quick.
MOST_BLOCKS = 5000
HALF = 0.5

HEAD = 4096
HTML = re.compile(r"<html", re.IGNORECASE)
TAG = re.compile(r"<[a-z]", re.IGNORECASE)
ANY_TAG = re.compile(r"<[^<>]{0,1000}>")
BREAKS = re.compile(r"<(?:br|/p|/div|p)\b[^<>]{0,200}>", re.IGNORECASE)


def read_page(markup: str) -> Page | None:
    """Return the article, or nothing where no text of one is found."""
    markup = _as_page(markup)
    tree = _tree(markup)
    if tree is None:
        return None
    # Gathered before extraction, which prunes the tree.
    declared = said.declared(tree)
    language = str(tree.get("lang") or "")[:2].lower()
    links = {line(link.text_content()) for link in tree.iter("a")}
    headings = [line(heading.text_content()) for heading in tree.iter("h1")]
    blocks = blocks_of(tree)
    pieces = [block.text for block in blocks]
    shown = declared.headline or said.heading_of(tree, headings)
    early = said.title_of(shown, headings, set(pieces), declared.publisher)
    day = declared.day or said.shown_day(pieces, early, near=True)
    found = _metadata(tree, declared, has_day=day is not None)
    site = line(found.sitename or "")
    publisher = declared.publisher or ("" if site in headings else site)
    title = said.title_of(shown or line(found.title or ""), headings, set(pieces), publisher)
    text = _or_declared(_text(tree, markup, blocks, title), declared.body)
    if not text:
        return None
    if post := said.post_title(tree, title, pieces):
        title, publisher = post, publisher or title
    read = read_pasted("\n".join([title, *_without_link_lines(text, links)]), has_ends=False)
    names = declared.authors or (found.author or "").split(";")
    return Page(
        title=title,
        authors=said.authors_of(names, publisher) or read.authors,
        publisher=publisher or read.publisher,
        published=day
        or said.guessed_day(found.date)
        or (None if is_yearless(read.published) else read.published)
        or said.shown_day(pieces, title, near=False)
        or read.published,
        address=declared.address,
        declared_language=language,
        text=read.text.removeprefix(title).strip(),
    )


def _as_page(markup: str) -> str:
    # A declared encoding is over once the bytes have become text, and lxml refuses both at once.
    markup = re.sub(r"^\s*<\?xml[^>]*\?>", "", markup)
    # A part of a page, copied by itself, would not be taken for one.
    is_part = TAG.search(markup) and not HTML.search(markup, 0, HEAD)
    return "<html>" + markup if is_part else markup


def _metadata(tree: Any, declared: said.Declared, *, has_day: bool) -> Any:  # noqa: ANN401 (nothing here is typed)
    """Return what trafilatura finds about the article, where the page does not tell it all."""
    if has_day and declared.is_complete:
        return Document()
    # To look for a day in the whole page takes as long as all the rest.
    return extract_metadata(tree, date_config=set_date_params(extensive=not has_day))


def _text(tree: Any, markup: str, blocks: list[Block], title: str) -> list[str]:  # noqa: ANN401
    """Return the lines of the article: extracted for precision and fast, and milder if need be."""
    if len(blocks) > MOST_BLOCKS:
        shown = (block.text for block in blocks if not block.is_junk)
        return article_lines("", blocks, title) or list(shown)
    options = {"favor_precision": True, "fast": True, "prune_xpath": PRUNED}
    lines = article_lines(_extracted(tree, **options), blocks, title)
    if _length(lines) >= SHORT:
        return lines
    again = article_lines(_extracted(_tree(markup)), blocks, title)
    return max(lines, again, key=_length)


def _extracted(tree: Any, **options: Any) -> str:  # noqa: ANN401 (nothing here is typed)
    found: Any = bare_extraction(tree, include_comments=False, **options)
    return str(found.text or "") if found else ""


def _tree(markup: str) -> Any:  # noqa: ANN401 (lxml is not typed)
    """Parse a page, and turn tables that only arrange it, as on old sites, into plain blocks."""
    tree = load_html(markup)
    tables = [] if tree is None else list(tree.iter("table"))
    for table in tables:
        if table.xpath(".//p | .//br | .//div | .//table | .//h1 | .//h2"):
            for part in list(table.iter("table", "tbody", "thead", "tr", "td", "th")):
                part.tag = "div"
    return tree


def _length(lines: list[str]) -> int:
    return sum(map(len, lines))


def _or_declared(lines: list[str], body: str) -> list[str]:
    """Return the text that the page declares, where most of that was not found in what it shows."""
    text = unescape(ANY_TAG.sub("", BREAKS.sub("\n", unescape(body))))
    if len(text) < SHORT:
        return lines
    words = Counter(said.words_in(text))
    common = words & Counter(said.words_in(" ".join(lines)))
    if common.total() >= HALF * words.total():
        return lines
    return [kept for piece in text.splitlines() if (kept := line(piece))]


def _without_link_lines(lines: list[str], links: set[str]) -> list[str]:
    return [one for one in lines if len(one) > LONGEST_LINK_LINE or one not in links]
