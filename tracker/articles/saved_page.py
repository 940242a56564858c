"""Extract the article from a saved web page with trafilatura, checked against the page."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from html import unescape
from typing import Any
from urllib.parse import urlsplit

from trafilatura import bare_extraction, load_html
from trafilatura.metadata import extract_metadata
from trafilatura.settings import Document, set_date_params

from tracker.articles.addresses import is_web_address
from tracker.articles.boilerplate import load_phrases, normalize_phrase
from tracker.articles.extraction import ArticlePage
from tracker.articles.page_blocks import Block, article_lines, blocks_of
from tracker.articles.pasted import read_pasted
from tracker.articles.written_dates import is_yearless, written_dates

MOST_WORDS_IN_A_NAME = 4
FEWEST_WORDS = 3
LONGEST_DATE_LINE = 60  # characters
LONGEST_POST_TITLE = 200  # characters
# At most this many pieces of text may be between title and date.
NEAR_TITLE_PIECES = 12
SPACE_PATTERN = re.compile(r"\s+")
SEPARATOR_PATTERN = re.compile(r"(?<!\s)\s+[|–—·•:»-]+\s+")
ISO_DAY_PATTERN = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]([0-9]{2}:[0-9]{2}))?")
PUBLISHED_PATTERN = re.compile(r'"datePublished"\s*:\s*"([^"]{10,40})"')
PUBLISHED_META_XPATH = (
    '//meta[@property="article:published_time" or @name="article:published_time"'
    ' or @property="og:published_time" or @name="pubdate" or @name="publish-date"'
    ' or @name="publishdate" or @name="dc.date.issued" or @name="DC.date.issued"'
    ' or @name="parsely-pub-date" or @name="sailthru.date" or @name="mediator_published_time"'
    ' or @itemprop="datePublished"]/@content'
    ' | //*[@itemprop="datePublished"]/@datetime'
)
OWN_URL_XPATHS = ('//link[@rel="canonical"]/@href', '//meta[@property="og:url"]/@content')
ARTICLES_PATTERN = re.compile(r"Article|Posting|Report|Review$|Interview")
BYLINE_PATTERN = re.compile(
    r"^(?:автор(?:ы|лар|дар)?|текст|мәтін|written by|by)(?:\s*:\s*|\s+)", re.IGNORECASE
)
PRUNED_XPATHS = [
    "//aside",
    (
        "//*[not(self::body or self::article or self::main)]"
        "[contains(@class, 'read-also') or contains(@class, 'related')]"
    ),
]
# Lines of menus and "latest news" are links only; a whole paragraph may be one too.
LONGEST_LINK_LINE = 150
# If less than this is found, extraction runs again, more slowly; and the text that the page
# declares is used if most of it was not found.
SHORT_TEXT = 250
# No article has so many paragraphs; trafilatura would take minutes, our own choice is quick.
MOST_BLOCKS = 5000
HALF_SHARE = 0.5
HEAD_BYTES = 4096
HTML_PATTERN = re.compile(r"<html", re.IGNORECASE)
TAG_PATTERN = re.compile(r"<[a-z]", re.IGNORECASE)
ANY_TAG_PATTERN = re.compile(r"<[^<>]{0,1000}>")
LINE_BREAK_PATTERN = re.compile(r"<(?:br|/p|/div|p)\b[^<>]{0,200}>", re.IGNORECASE)


def read_page(markup: str) -> ArticlePage | None:
    """Return the article, None if no text of one is found."""
    markup = _parse_markup(markup)
    tree = _tree(markup)
    if tree is None:
        return None
    # Collected before extraction, which prunes the tree.
    said = declared_metadata(tree)
    language = str(tree.get("lang") or "")[:2].lower()
    links = {to_one_line(link.text_content()) for link in tree.iter("a")}
    headings = [to_one_line(heading.text_content()) for heading in tree.iter("h1")]
    blocks = blocks_of(tree)
    pieces = [block.text for block in blocks]
    shown = said.headline or heading_of(tree, headings)
    early = title_of(shown, headings, set(pieces), said.publisher)
    day = said.day or visible_date(pieces, early, near=True)
    found = _metadata(tree, said, has_day=day is not None)
    site = to_one_line(found.sitename or "")
    publisher = said.publisher or ("" if site in headings else site)
    title = title_of(shown or to_one_line(found.title or ""), headings, set(pieces), publisher)
    text = _prefer_declared_text(_text(tree, markup, blocks, title), said.body)
    if not text:
        return None
    if post := post_title(tree, title, pieces):
        title, publisher = post, publisher or title
    read = read_pasted("\n".join([title, *_without_link_lines(text, links)]), has_ends=False)
    names = said.authors or (found.author or "").split(";")
    return ArticlePage(
        title=title,
        authors=authors_of(names, publisher) or read.authors,
        publisher=publisher or read.publisher,
        published=day
        or guessed_date(found.date)
        or (None if is_yearless(read.published) else read.published)
        or visible_date(pieces, title, near=False)
        or read.published,
        address=said.address,
        declared_language=language,
        text=read.text.removeprefix(title).strip(),
    )


def _parse_markup(markup: str) -> str:
    # The declared encoding no longer applies to decoded text, and lxml rejects both at once.
    markup = re.sub(r"^\s*<\?xml[^>]*\?>", "", markup)
    # A copied part of a page would not be recognised as a page.
    is_part = TAG_PATTERN.search(markup) and not HTML_PATTERN.search(markup, 0, HEAD_BYTES)
    return "<html>" + markup if is_part else markup


def _metadata(tree: Any, declared: DeclaredMetadata, *, has_day: bool) -> Any:  # noqa: ANN401 (nothing here is typed)
    """Return trafilatura's metadata, if the page does not declare all of it."""
    if has_day and declared.is_complete:
        return Document()
    # Searching the whole page for a date takes as long as all the rest.
    return extract_metadata(tree, date_config=set_date_params(extensive=not has_day))


def _text(tree: Any, markup: str, blocks: list[Block], title: str) -> list[str]:  # noqa: ANN401
    """Return the lines of the article: extracted fast and strictly, or less so if needed."""
    if len(blocks) > MOST_BLOCKS:
        shown = (block.text for block in blocks if not block.is_junk)
        return article_lines("", blocks, title) or list(shown)
    options = {"favor_precision": True, "fast": True, "prune_xpath": PRUNED_XPATHS}
    lines = article_lines(_extracted(tree, **options), blocks, title)
    if _length(lines) >= SHORT_TEXT:
        return lines
    again = article_lines(_extracted(_tree(markup)), blocks, title)
    return max(lines, again, key=_length)


def _extracted(tree: Any, **options: Any) -> str:  # noqa: ANN401 (nothing here is typed)
    found: Any = bare_extraction(tree, include_comments=False, **options)
    return str(found.text or "") if found else ""


def _tree(markup: str) -> Any:  # noqa: ANN401 (lxml is not typed)
    """Parse a page, turning layout tables, as on old sites, into plain blocks."""
    tree = load_html(markup)
    tables = [] if tree is None else list(tree.iter("table"))
    for table in tables:
        if table.xpath(".//p | .//br | .//div | .//table | .//h1 | .//h2"):
            for part in list(table.iter("table", "tbody", "thead", "tr", "td", "th")):
                part.tag = "div"
    return tree


def _length(lines: list[str]) -> int:
    return sum(map(len, lines))


def _prefer_declared_text(lines: list[str], body: str) -> list[str]:
    """Return the text that the page declares, if most of it was not found otherwise."""
    text = unescape(ANY_TAG_PATTERN.sub("", LINE_BREAK_PATTERN.sub("\n", unescape(body))))
    if len(text) < SHORT_TEXT:
        return lines
    words = Counter(lowercase_words(text))
    common = words & Counter(lowercase_words(" ".join(lines)))
    if common.total() >= HALF_SHARE * words.total():
        return lines
    return [kept for piece in text.splitlines() if (kept := to_one_line(piece))]


def _without_link_lines(lines: list[str], links: set[str]) -> list[str]:
    return [one for one in lines if len(one) > LONGEST_LINK_LINE or one not in links]


@dataclass
class DeclaredMetadata:
    """The metadata that the page declares for machines."""

    headline: str = ""
    body: str = ""
    days: list[str] = field(default_factory=list)
    authors: list[str] = field(default_factory=list)
    publisher: str = ""
    address: str = ""

    @property
    def day(self) -> str | None:
        """Return the first valid date, in the publisher's time zone."""
        return declared_date(self.days)

    @property
    def is_complete(self) -> bool:
        """Return whether no metadata is missing that the visible page might have."""
        return bool(self.headline and self.authors and self.publisher)


def declared_metadata(tree: Any) -> DeclaredMetadata:  # noqa: ANN401 (lxml is not typed)
    """Return the meta elements and JSON-LD of a page; the latter is often malformed."""
    said = DeclaredMetadata()
    said.days += [str(value) for value in tree.xpath(PUBLISHED_META_XPATH)]
    said.headline = first_text(tree, '//meta[@property="og:title"]/@content')
    said.publisher = first_text(tree, '//meta[@property="og:site_name"]/@content')
    said.address = address_of(tree)
    loose: list[str] = []
    for script in tree.xpath('//script[@type="application/ld+json"]/text()'):
        try:
            nodes = _nodes(json.loads(str(script), strict=False))
        except (ValueError, RecursionError):
            loose += PUBLISHED_PATTERN.findall(str(script))
            continue
        for node in nodes:
            _collect_json(node, said)
        loose += [str(node["datePublished"]) for node in nodes if node.get("datePublished")]
    said.days += loose
    return said


def address_of(tree: Any) -> str:  # noqa: ANN401 (lxml is not typed)
    """Return the canonical address that a page declares; "" for that of a whole site."""
    said = [to_one_line(str(found)) for path in OWN_URL_XPATHS for found in tree.xpath(path)]
    return next((one for one in said if is_web_address(one) and urlsplit(one).path.strip("/")), "")


def to_one_line(text: str) -> str:
    """Return a text as one line."""
    return SPACE_PATTERN.sub(" ", text).strip()


def first_text(tree: Any, path: str) -> str:  # noqa: ANN401 (lxml is not typed)
    """Return the first text at a path, "" if there is none."""
    found = tree.xpath(path)
    return to_one_line(str(found[0])) if found else ""


def heading_of(tree: Any, headings: list[str]) -> str:  # noqa: ANN401 (lxml is not typed)
    """Return the only main heading of a page, or else its title element."""
    great = [heading for heading in headings if len(lowercase_words(heading)) >= FEWEST_WORDS]
    return great[0] if len(great) == 1 else first_text(tree, "//head/title/text()")


def title_of(title: str, headings: list[str], pieces: set[str], publisher: str) -> str:
    """Return the title without the name of the site, as the page's heading has it."""
    for heading in headings:
        words = normalize_phrase(heading)
        if (
            len(words.split()) >= FEWEST_WORDS
            and words in normalize_phrase(title)
            and words != normalize_phrase(publisher)
        ):
            return heading
    title = _strip_site_name(title, pieces, publisher)
    shown = [heading for heading in headings if heading]
    # "Tajikistan" in the head of the page, "2023 Country Reports …: Tajikistan" above the text.
    if len(shown) == 1 and set(lowercase_words(title)) <= set(lowercase_words(shown[0])) - set(
        lowercase_words(publisher)
    ):
        return shown[0]
    return title


def post_title(tree: Any, title: str, pieces: list[str]) -> str:  # noqa: ANN401 (lxml is not typed)
    """Return the title of a post whose page is titled by its channel, "" for any other page.

    The description of such a page is the beginning of the post.
    """
    described = normalize_phrase(first_text(tree, '//meta[@property="og:description"]/@content'))
    if tree.find(".//h1") is not None or normalize_phrase(title) in described:
        return ""
    for piece in pieces[:NEAR_TITLE_PIECES]:
        words = normalize_phrase(piece)
        is_short = len(words.split()) >= FEWEST_WORDS and len(piece) <= LONGEST_POST_TITLE
        if is_short and described.startswith(words):
            return piece
    return ""


def authors_of(names: list[str], publisher: str) -> list[str]:
    """Return the names of people; sites also put their own name, addresses and job titles here."""
    kept: list[str] = []
    for piece in names:
        name = BYLINE_PATTERN.sub("", to_one_line(piece))
        words = lowercase_words(name)
        if len(words) > MOST_WORDS_IN_A_NAME:
            # "Anna Petrova, professor of the faculty of journalism"
            name = name.partition(",")[0] if "," in name else name
            words = lowercase_words(name)
        if not words or len(words) > MOST_WORDS_IN_A_NAME or "@" in name or "/" in name:
            continue
        if words != lowercase_words(publisher) and name not in kept:
            kept.append(name)
    return kept


def declared_date(days: list[str]) -> str | None:
    """Return the first valid date, in the publisher's time zone."""
    for value in days:
        if (match := ISO_DAY_PATTERN.match(value)) and (day := parse_iso_day(match[1])):
            # Systems without a date write the first of January, at midnight.
            if day.endswith("-01-01") and match[2] in {None, "00:00"}:
                continue
            return day
        if not match and (written := written_dates(value)):
            return written[0].day.isoformat()
    return None


def visible_date(pieces: list[str], title: str, *, near: bool) -> str | None:
    """Return the first date on a line by itself; dates in prose are dates of events.

    `near`: only after the title, before the text.
    """
    wanted = normalize_phrase(title)
    places = [
        place for place, piece in enumerate(pieces) if wanted and normalize_phrase(piece) == wanted
    ]
    if near and not places:
        return None
    found = pieces[places[-1] + 1 : places[-1] + NEAR_TITLE_PIECES] if near else pieces
    for piece in found:
        if len(piece) > LONGEST_DATE_LINE:
            continue
        days = written_dates(piece)
        changed = days and set(normalize_phrase(piece[: days[0].start]).split()) & load_phrases(
            "updated"
        )
        if days and not changed:
            return days[0].day.isoformat()
    return None


def guessed_date(guess: str | None) -> str | None:
    """Return a guess from the whole page, except the first of January: that is only a year."""
    return None if guess is None or guess.endswith("-01-01") else parse_iso_day(guess)


def parse_iso_day(text: str) -> str | None:
    """Return an ISO day, None otherwise."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return None


def lowercase_words(text: str) -> list[str]:
    """Return the words of a text in lower case."""
    return re.findall(r"\w+", text.casefold())


def _nodes(found: Any) -> list[dict[str, Any]]:  # noqa: ANN401 (anything that JSON can say)
    """Return the top-level objects of JSON-LD, or those of its graph."""
    nodes: list[dict[str, Any]] = []
    for one in found if isinstance(found, list) else [found]:
        if isinstance(one, dict):
            nodes.append(one)
            graph = one.get("@graph")
            nodes += (
                [node for node in graph if isinstance(node, dict)]
                if isinstance(graph, list)
                else []
            )
    return nodes


def _collect_json(node: dict[str, Any], metadata: DeclaredMetadata) -> None:
    if not ARTICLES_PATTERN.search(str(node.get("@type"))):
        return
    metadata.headline = metadata.headline or _json_text(node.get("headline"))
    metadata.body = metadata.body or _json_text(node.get("articleBody"), keep_lines=True)
    if day := _json_text(node.get("datePublished")):
        metadata.days.append(day)
    authors = node.get("author")
    for author in authors if isinstance(authors, list) else [authors]:
        name = _json_text(author.get("name") if isinstance(author, dict) else author)
        if name:
            metadata.authors.append(name)
    publisher = node.get("publisher")
    metadata.publisher = metadata.publisher or _json_text(
        publisher.get("name") if isinstance(publisher, dict) else ""
    )


def _json_text(value: Any, *, keep_lines: bool = False) -> str:  # noqa: ANN401 (anything that JSON can say)
    if not isinstance(value, str):
        return ""
    return value if keep_lines else to_one_line(value)


def _strip_site_name(title: str, pieces: set[str], publisher: str) -> str:
    separators = list(SEPARATOR_PATTERN.finditer(title))
    if not separators:
        return title
    site = set(lowercase_words(publisher))
    last, opening = separators[-1], separators[0]
    before, after = title[: last.start()], title[last.end() :]
    if "|" in last[0] or before in pieces or (site and set(lowercase_words(after)) <= site):
        return before
    if site and set(lowercase_words(title[: opening.start()])) <= site:
        return title[opening.end() :]
    return title
