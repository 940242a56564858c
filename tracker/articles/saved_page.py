"""The article in a saved web page: what trafilatura finds, with what it gets wrong put right."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, TypedDict

from trafilatura import bare_extraction, load_html

PRUNED = [
    "//aside",
    (
        "//*[not(self::body or self::article or self::main)]"
        "[contains(@class, 'read-also') or contains(@class, 'related')]"
    ),
]
# Menus and "latest news" are lines that are nothing but a link; a whole paragraph may be one too.
LONGEST_LINK_LINE = 150
LONGEST_DATE_LINE = 60
MOST_WORDS_IN_A_NAME = 4

HEAD = 4096
HTML = re.compile(r"<html", re.IGNORECASE)
TAG = re.compile(r"<[a-z]", re.IGNORECASE)
SPACE = re.compile(r"\s+")
SEPARATOR = re.compile(r"\s+[|–—·•:-]+\s+")
ISO_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]([0-9]{2}:[0-9]{2}))?")
PUBLISHED = re.compile(r'"datePublished"\s*:\s*"([^"]{10,40})"')
PUBLISHED_META = (
    '//meta[@property="article:published_time"]/@content'
    ' | //*[@itemprop="datePublished"]/@content | //*[@itemprop="datePublished"]/@datetime'
)
BYLINE = re.compile(
    r"^(?:автор(?:ы|лар|дар)?|текст|мәтін|written by|by)(?:\s*:\s*|\s+)", re.IGNORECASE
)
KAZAKH_MONTHS = (
    "қаңтар", "ақпан", "наурыз", "сәуір", "мамыр", "маусым",
    "шілде", "тамыз", "қыркүйек", "қазан", "қараша", "желтоқсан",
)  # fmt: skip
MONTH = "(" + "|".join(KAZAKH_MONTHS) + ")"
KAZAKH_DATES = (
    re.compile(rf"([0-9]{{4}})\s*(?:жыл\w*|ж\.)[\s,]*([0-9]{{1,2}})[\s-]*{MONTH}", re.IGNORECASE),
    re.compile(rf"([0-9]{{1,2}})[\s-]*{MONTH}\w*[\s,]*([0-9]{{4}})", re.IGNORECASE),
)


class Page(TypedDict):
    """What a page says about itself; its language is told from the text, or else as declared."""

    title: str
    authors: list[str]
    publisher: str
    published: str | None
    declared_language: str
    text: str


def read_page(markup: str) -> Page | None:
    """Return the article, or nothing where no text of one is found."""
    # A declared encoding is over once the bytes have become text, and lxml refuses both at once.
    markup = re.sub(r"^\s*<\?xml[^>]*\?>", "", markup)
    # A part of a page, copied by itself, would not be taken for one.
    if TAG.search(markup) and not HTML.search(markup, 0, HEAD):
        markup = "<html>" + markup
    tree = _tree(markup)
    if tree is None:
        return None
    # Gathered before extraction, which prunes the tree.
    links = {_line(link.text_content()) for link in tree.iter("a")}
    pieces = {_line(piece) for piece in tree.xpath("//body//text()")}
    headings = [_line(heading.text_content()) for heading in tree.iter("h1")]
    site = _first(tree, '//meta[@property="og:site_name"]/@content')
    declared_date = _declared_date(tree)
    language = str(tree.get("lang") or "")[:2].lower()
    found = _extract(tree, markup)
    if found is None:
        return None
    publisher = site or _line(found.sitename or "")
    return Page(
        title=_title(_line(found.title or ""), headings, pieces, publisher),
        authors=_authors(found.author or "", publisher),
        publisher=publisher,
        published=declared_date or _kazakh_date(tree) or _guessed_date(found.date),
        declared_language=language,
        text=_without_link_lines(found.text or "", links),
    )


def _extract(tree: Any, markup: str) -> Any:  # noqa: ANN401 (neither lxml nor trafilatura is typed)
    """Extract for precision; a long report without the marks of an article needs it milder."""
    found = bare_extraction(
        tree,
        with_metadata=True,
        include_comments=False,
        favor_precision=True,
        prune_xpath=PRUNED,
    )
    return found or bare_extraction(_tree(markup), with_metadata=True, include_comments=False)


def _tree(markup: str) -> Any:  # noqa: ANN401 (lxml is not typed)
    """Parse a page, and turn tables that only arrange it, as on old sites, into plain blocks."""
    tree = load_html(markup)
    tables = [] if tree is None else list(tree.iter("table"))
    for table in tables:
        if table.xpath(".//p | .//br | .//div | .//table | .//h1 | .//h2"):
            for part in list(table.iter("table", "tbody", "thead", "tr", "td", "th")):
                part.tag = "div"
    return tree


def _line(text: str) -> str:
    return SPACE.sub(" ", text).strip()


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _first(tree: Any, path: str) -> str:  # noqa: ANN401 (lxml is not typed)
    found = tree.xpath(path)
    return _line(str(found[0])) if found else ""


def _title(title: str, headings: list[str], pieces: set[str], publisher: str) -> str:
    """Return the title without the name of the site, as the page's heading has it."""
    title = _without_site(title, pieces, publisher)
    shown = [heading for heading in headings if heading]
    # "Tajikistan" in the head of the page, "2023 Country Reports …: Tajikistan" above the text.
    if len(shown) == 1 and set(_words(title)) <= set(_words(shown[0])) - set(_words(publisher)):
        return shown[0]
    return title


def _without_site(title: str, pieces: set[str], publisher: str) -> str:
    separators = list(SEPARATOR.finditer(title))
    if not separators:
        return title
    site = set(_words(publisher))
    last, first = separators[-1], separators[0]
    before, after = title[: last.start()], title[last.end() :]
    if "|" in last[0] or before in pieces or (site and set(_words(after)) <= site):
        return before
    if site and set(_words(title[: first.start()])) <= site:
        return title[first.end() :]
    return title


def _authors(names: str, publisher: str) -> list[str]:
    """Return the people; a site also names itself, addresses and whole job titles here."""
    kept: list[str] = []
    for name in (BYLINE.sub("", _line(piece)) for piece in names.split(";")):
        words = _words(name)
        if not words or len(words) > MOST_WORDS_IN_A_NAME or "@" in name or "/" in name:
            continue
        if words != _words(publisher) and name not in kept:
            kept.append(name)
    return kept


def _declared_date(tree: Any) -> str | None:  # noqa: ANN401 (lxml is not typed)
    """Return the day that the page declares for machines, as its publisher counts days."""
    declared = [str(value) for value in tree.xpath(PUBLISHED_META)]
    for script in tree.xpath('//script[@type="application/ld+json"]/text()'):
        declared += PUBLISHED.findall(str(script))
    for value in declared:
        if (match := ISO_DAY.match(value)) and (day := _day(match[1])):
            # Systems that know no day write the first of January, at midnight.
            if day.endswith("-01-01") and match[2] in {None, "00:00"}:
                continue
            return day
    return None


def _kazakh_date(tree: Any) -> str | None:  # noqa: ANN401 (lxml is not typed)
    """Return the first date that stands by itself; in prose it is the date of an event."""
    for piece in tree.xpath("//body//text()"):
        line = _line(str(piece)) if len(piece) <= 2 * LONGEST_DATE_LINE else ""
        if not line or len(line) > LONGEST_DATE_LINE:
            continue
        if match := KAZAKH_DATES[0].search(line):
            year, day, month = match.groups()
        elif match := KAZAKH_DATES[1].search(line):
            day, month, year = match.groups()
        else:
            continue
        number = KAZAKH_MONTHS.index(month.casefold()) + 1
        if found := _day(f"{year}-{number:02}-{int(day):02}"):
            return found
    return None


def _guessed_date(guess: str | None) -> str | None:
    """Return a guess from the whole page, except the first of January: that is a year alone."""
    return None if guess is None or guess.endswith("-01-01") else _day(guess)


def _day(text: str) -> str | None:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return None


def _without_link_lines(text: str, links: set[str]) -> str:
    kept = []
    for raw in text.splitlines():
        line = _line(raw)
        if len(line) > LONGEST_LINK_LINE or line.removeprefix("- ") not in links:
            kept.append(line)
    return "\n".join(kept).strip()
