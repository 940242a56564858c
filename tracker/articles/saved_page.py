"""Extract an article from a saved web page with trafilatura, checked against the page."""

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
from tracker.articles.extraction import ParsedArticle
from tracker.articles.page_blocks import Block, select_article_lines, split_into_blocks
from tracker.articles.pasted import PastedArticle, parse_pasted_article
from tracker.articles.written_dates import find_dates, is_yearless

# The most words of the name of an author.
MAX_AUTHOR_NAME_WORDS = 4
# The fewest words of a heading that may be the title of the article.
MIN_TITLE_WORDS = 3
# The longest line of the page in which the publication date is searched for.
MAX_DATE_LINE_LENGTH = 60  # characters
# The longest title of a post in a channel.
MAX_POST_TITLE_LENGTH = 200  # characters
# The most blocks of text between the title and the date, or before the title of a post.
MAX_EXAMINED_BLOCKS = 12
SPACE_PATTERN = re.compile(r"\s+")
# The separator between a title and the name of the site.
SEPARATOR_PATTERN = re.compile(r"(?<!\s)\s+[|–—·•:»-]+\s+")
# A day, perhaps with the time.
ISO_DAY_PATTERN = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]([0-9]{2}:[0-9]{2}))?")
# The publication date in JSON-LD that is malformed.
DATE_PUBLISHED_PATTERN = re.compile(r'"datePublished"\s*:\s*"([^"]{10,40})"')
# Where pages declare their publication date.
PUBLISHED_META_XPATH = (
    '//meta[@property="article:published_time" or @name="article:published_time"'
    ' or @property="og:published_time" or @name="pubdate" or @name="publish-date"'
    ' or @name="publishdate" or @name="dc.date.issued" or @name="DC.date.issued"'
    ' or @name="parsely-pub-date" or @name="sailthru.date" or @name="mediator_published_time"'
    ' or @itemprop="datePublished"]/@content'
    ' | //*[@itemprop="datePublished"]/@datetime'
)
# Where pages declare their own address.
OWN_URL_XPATHS = ('//link[@rel="canonical"]/@href', '//meta[@property="og:url"]/@content')
# Types of objects in JSON-LD that are articles.
ARTICLE_TYPE_PATTERN = re.compile(r"Article|Posting|Report|Review$|Interview")
# Words before the name of an author, such as "by".
BYLINE_PATTERN = re.compile(
    r"^(?:автор(?:ы|лар|дар)?|текст|мәтін|written by|by)(?:\s*:\s*|\s+)", re.IGNORECASE
)
# Elements that trafilatura leaves out.
PRUNED_XPATHS = [
    "//aside",
    (
        "//*[not(self::body or self::article or self::main)]"
        "[contains(@class, 'read-also') or contains(@class, 'related')]"
    ),
]
# A line that is all link is left out if it is no longer: lines of menus and “latest news” are links
# only, but a whole paragraph may be one too.
MAX_LINK_LINE_LENGTH = 150
# If fewer characters are found, extraction runs again, more slowly; shorter texts that the page
# declares are ignored.
MIN_ARTICLE_LENGTH = 250
# On a page with more blocks the lines of the article are chosen without trafilatura, which would
# take minutes. No article has so many paragraphs.
MAX_TRAFILATURA_BLOCKS = 5000
# The text that the page declares is used if less than this share of its words was found.
MIN_EXTRACTED_WORDS_SHARE = 0.5
# The tag `<html>` is searched for only in so many characters at the start of a file.
HTML_SEARCH_LENGTH = 4096
# The tag with which a page begins.
HTML_PATTERN = re.compile(r"<html", re.IGNORECASE)
TAG_START_PATTERN = re.compile(r"<[a-z]", re.IGNORECASE)
TAG_PATTERN = re.compile(r"<[^<>]{0,1000}>")
# Tags that end a line in the text of the article that a page declares in its JSON-LD.
LINE_BREAK_PATTERN = re.compile(r"<(?:br|/p|/div|p)\b[^<>]{0,200}>", re.IGNORECASE)


def parse_saved_page(markup: str) -> ParsedArticle | None:
    """Return the article in the markup of a page, None if no text is found."""
    markup = _prepare_markup(markup)
    tree = _parse_tree(markup)
    if tree is None:
        return None
    # Collected before extraction, which prunes the tree.
    said = collect_declared_metadata(tree)
    language = str(tree.get("lang") or "")[:2].lower()
    links = {to_one_line(link.text_content()) for link in tree.iter("a")}
    headings = [to_one_line(heading.text_content()) for heading in tree.iter("h1")]
    blocks = split_into_blocks(tree)
    block_texts = [block.text for block in blocks]
    shown = said.headline or heading_or_page_title(tree, headings)
    early_title = title_without_site_name(shown, headings, set(block_texts), said.publisher)
    day = said.publication_day or visible_date(block_texts, early_title, only_near_title=True)
    found = _extract_metadata(tree, said, has_day=day is not None)
    site = to_one_line(found.sitename or "")
    publisher = said.publisher or ("" if site in headings else site)
    title = title_without_site_name(
        shown or to_one_line(found.title or ""), headings, set(block_texts), publisher
    )
    text = _choose_text(_extract_lines(tree, markup, blocks, title), said.body)
    if not text:
        return None
    if post := post_title(tree, title, block_texts):
        title, publisher = post, publisher or title
    parsed = parse_pasted_article(
        "\n".join([title, *_remove_link_lines(text, links)]), has_publication_lines=False
    )
    names = said.authors or (found.author or "").split(";")
    return ParsedArticle(
        title=title,
        authors=clean_author_names(names, publisher) or parsed.authors,
        publisher=publisher or parsed.publisher,
        published=day or validated_guess(found.date) or _date_in_text(parsed, block_texts, title),
        address=said.address,
        declared_language=language,
        text=parsed.text.removeprefix(title).strip(),
    )


def _date_in_text(parsed: PastedArticle, block_texts: list[str], title: str) -> str | None:
    """Return the publication date that is written in the text of the page, None for none. A date
    without a year is returned only if no date with a year is found. `parsed`: the article in the
    page; `block_texts`: the texts of all blocks of the page.
    """
    with_year = None if is_yearless(parsed.published) else parsed.published
    return with_year or visible_date(block_texts, title, only_near_title=False) or parsed.published


def _prepare_markup(markup: str) -> str:
    """Return markup that can be parsed as a page. An XML declaration is removed; the tag `<html>`
    is put before markup that was copied from a part of a page.
    """
    # The declared encoding no longer applies to decoded text, and lxml rejects both at once.
    markup = re.sub(r"^\s*<\?xml[^>]*\?>", "", markup)
    # A copied part of a page would not be recognised as a page.
    is_part = TAG_START_PATTERN.search(markup) and not HTML_PATTERN.search(
        markup, 0, HTML_SEARCH_LENGTH
    )
    return "<html>" + markup if is_part else markup


def _extract_metadata(tree: Any, declared: DeclaredMetadata, *, has_day: bool) -> Any:  # noqa: ANN401 (nothing here is typed)
    """Return the metadata that trafilatura finds; none if the page declares everything that is
    needed. `has_day`: the publication date is known already.
    """
    if has_day and declared.is_complete:
        return Document()
    # Searching the whole page for a date takes as long as all the rest.
    return extract_metadata(tree, date_config=set_date_params(extensive=not has_day))


def _extract_lines(tree: Any, markup: str, blocks: list[Block], title: str) -> list[str]:  # noqa: ANN401
    """Return the lines of the article, extracted again less strictly if too little was found."""
    if len(blocks) > MAX_TRAFILATURA_BLOCKS:
        shown = (block.text for block in blocks if not block.is_junk)
        return select_article_lines("", blocks, title) or list(shown)
    options = {"favor_precision": True, "fast": True, "prune_xpath": PRUNED_XPATHS}
    lines = select_article_lines(_extract_text(tree, **options), blocks, title)
    if _total_length(lines) >= MIN_ARTICLE_LENGTH:
        return lines
    again = select_article_lines(_extract_text(_parse_tree(markup)), blocks, title)
    return max(lines, again, key=_total_length)


def _extract_text(tree: Any, **options: Any) -> str:  # noqa: ANN401 (nothing here is typed)
    """Return the text that trafilatura extracts, "" for none; `options`: further arguments of its
    `bare_extraction`.
    """
    found: Any = bare_extraction(tree, include_comments=False, **options)
    return str(found.text or "") if found else ""


def _parse_tree(markup: str) -> Any:  # noqa: ANN401 (lxml is not typed)
    """Return the element tree of a page, with layout tables turned into plain blocks."""
    tree = load_html(markup)
    tables = [] if tree is None else list(tree.iter("table"))
    for table in tables:
        if table.xpath(".//p | .//br | .//div | .//table | .//h1 | .//h2"):
            for part in list(table.iter("table", "tbody", "thead", "tr", "td", "th")):
                part.tag = "div"
    return tree


def _total_length(lines: list[str]) -> int:
    return sum(map(len, lines))


def _choose_text(lines: list[str], declared_text: str) -> list[str]:
    """Return the extracted `lines`, or the lines of `declared_text`, the text that the page
    declares, if the extracted lines lack most words of `declared_text`.
    """
    text = unescape(TAG_PATTERN.sub("", LINE_BREAK_PATTERN.sub("\n", unescape(declared_text))))
    if len(text) < MIN_ARTICLE_LENGTH:
        return lines
    words = Counter(lowercase_words(text))
    common = words & Counter(lowercase_words(" ".join(lines)))
    if common.total() >= MIN_EXTRACTED_WORDS_SHARE * words.total():
        return lines
    return [kept for piece in text.splitlines() if (kept := to_one_line(piece))]


def _remove_link_lines(lines: list[str], links: set[str]) -> list[str]:
    """Return the lines without short ones that are all link; `links`: the texts of links."""
    return [one for one in lines if len(one) > MAX_LINK_LINE_LENGTH or one not in links]


@dataclass
class DeclaredMetadata:
    """The metadata in the meta elements and JSON-LD of a page; `body` is the declared text,
    `written_dates` the declared dates as written.
    """

    headline: str = ""
    body: str = ""
    written_dates: list[str] = field(default_factory=list)
    authors: list[str] = field(default_factory=list)
    publisher: str = ""
    address: str = ""

    @property
    def publication_day(self) -> str | None:
        """The first valid date as an ISO day, in the publisher's time zone, None for none."""
        return declared_date(self.written_dates)

    @property
    def is_complete(self) -> bool:
        """Whether headline, authors and publisher are all declared."""
        return bool(self.headline and self.authors and self.publisher)


def collect_declared_metadata(tree: Any) -> DeclaredMetadata:  # noqa: ANN401 (lxml is not typed)
    """Return the metadata in meta elements and JSON-LD; malformed JSON-LD gives only dates."""
    said = DeclaredMetadata()
    said.written_dates += [str(value) for value in tree.xpath(PUBLISHED_META_XPATH)]
    said.headline = first_text_at(tree, '//meta[@property="og:title"]/@content')
    said.publisher = first_text_at(tree, '//meta[@property="og:site_name"]/@content')
    said.address = declared_address(tree)
    loose: list[str] = []
    for script in tree.xpath('//script[@type="application/ld+json"]/text()'):
        try:
            nodes = _json_ld_objects(json.loads(str(script), strict=False))
        except (ValueError, RecursionError):
            loose += DATE_PUBLISHED_PATTERN.findall(str(script))
            continue
        for node in nodes:
            _collect_article_object(node, said)
        loose += [str(node["datePublished"]) for node in nodes if node.get("datePublished")]
    said.written_dates += loose
    return said


def declared_address(tree: Any) -> str:  # noqa: ANN401 (lxml is not typed)
    """Return the canonical URL that a page declares, "" for none or for the home page of a site."""
    said = [to_one_line(str(found)) for path in OWN_URL_XPATHS for found in tree.xpath(path)]
    return next((one for one in said if is_web_address(one) and urlsplit(one).path.strip("/")), "")


def to_one_line(text: str) -> str:
    """Return a text with every white space as a single space."""
    return SPACE_PATTERN.sub(" ", text).strip()


def first_text_at(tree: Any, path: str) -> str:  # noqa: ANN401 (lxml is not typed)
    """Return the first text at an XPath, "" if there is none."""
    found = tree.xpath(path)
    return to_one_line(str(found[0])) if found else ""


def heading_or_page_title(tree: Any, headings: list[str]) -> str:  # noqa: ANN401 (lxml is not typed)
    """Return the only heading that is long enough for a title. If there is none, or more than one,
    return the text of the `title` element. `headings`: the texts of the page's main headings.
    """
    great = [heading for heading in headings if len(lowercase_words(heading)) >= MIN_TITLE_WORDS]
    return great[0] if len(great) == 1 else first_text_at(tree, "//head/title/text()")


def title_without_site_name(
    title: str, headings: list[str], block_texts: set[str], publisher: str
) -> str:
    """Return a title without the name of the site: a main heading with the same words if there is
    one, else the title cut at a separator. `headings`: the texts of the main headings of the page;
    `block_texts`: the texts of all blocks of the page; `publisher`: the name of the site.
    """
    for heading in headings:
        words = normalize_phrase(heading)
        if (
            len(words.split()) >= MIN_TITLE_WORDS
            and words in normalize_phrase(title)
            and words != normalize_phrase(publisher)
        ):
            return heading
    title = _strip_site_name(title, block_texts, publisher)
    shown = [heading for heading in headings if heading]
    # "Tajikistan" in the head of the page, "2023 Country Reports …: Tajikistan" above the text.
    if len(shown) == 1 and set(lowercase_words(title)) <= set(lowercase_words(shown[0])) - set(
        lowercase_words(publisher)
    ):
        return shown[0]
    return title


def post_title(tree: Any, title: str, block_texts: list[str]) -> str:  # noqa: ANN401 (lxml is not typed)
    """Return the title of a post on a page that has the title of its channel, else "";
    `block_texts`: the texts of the page's blocks in order.

    The description of such a page is the beginning of the post.
    """
    described = normalize_phrase(first_text_at(tree, '//meta[@property="og:description"]/@content'))
    if tree.find(".//h1") is not None or normalize_phrase(title) in described:
        return ""
    for piece in block_texts[:MAX_EXAMINED_BLOCKS]:
        words = normalize_phrase(piece)
        is_short = len(words.split()) >= MIN_TITLE_WORDS and len(piece) <= MAX_POST_TITLE_LENGTH
        if is_short and described.startswith(words):
            return piece
    return ""


def clean_author_names(names: list[str], publisher: str) -> list[str]:
    """Return the names of people among declared authors, without sites (such as the publisher),
    URLs and job titles.
    """
    kept: list[str] = []
    for piece in names:
        name = BYLINE_PATTERN.sub("", to_one_line(piece))
        words = lowercase_words(name)
        if len(words) > MAX_AUTHOR_NAME_WORDS:
            # "Anna Petrova, professor of the faculty of journalism"
            name = name.partition(",")[0] if "," in name else name
            words = lowercase_words(name)
        if not words or len(words) > MAX_AUTHOR_NAME_WORDS or "@" in name or "/" in name:
            continue
        if words != lowercase_words(publisher) and name not in kept:
            kept.append(name)
    return kept


def declared_date(written_dates: list[str]) -> str | None:
    """Return the first valid declared date as an ISO day, in the publisher's zone, or None."""
    for value in written_dates:
        if (match := ISO_DAY_PATTERN.match(value)) and (day := normalize_iso_day(match[1])):
            # Systems without a date write the first of January, at midnight.
            if day.endswith("-01-01") and match[2] in {None, "00:00"}:
                continue
            return day
        if not match and (written := find_dates(value)):
            return written[0].day.isoformat()
    return None


def visible_date(block_texts: list[str], title: str, *, only_near_title: bool) -> str | None:
    """Return the first date in a short line of the page as an ISO day, None for none.
    `block_texts`: the texts of its blocks in order; `only_near_title`: only in the blocks just
    after the title.
    """
    wanted = normalize_phrase(title)
    places = [
        place
        for place, piece in enumerate(block_texts)
        if wanted and normalize_phrase(piece) == wanted
    ]
    if only_near_title and not places:
        return None
    found = (
        block_texts[places[-1] + 1 : places[-1] + MAX_EXAMINED_BLOCKS]
        if only_near_title
        else block_texts
    )
    for piece in found:
        if len(piece) > MAX_DATE_LINE_LENGTH:
            continue
        days = find_dates(piece)
        changed = days and set(normalize_phrase(piece[: days[0].start]).split()) & load_phrases(
            "updated"
        )
        if days and not changed:
            return days[0].day.isoformat()
    return None


def validated_guess(guess: str | None) -> str | None:
    """Return the date that trafilatura guessed, None if it is invalid. Return None for 1 January
    too, which often means that only the year is known.
    """
    return None if guess is None or guess.endswith("-01-01") else normalize_iso_day(guess)


def normalize_iso_day(text: str) -> str | None:
    """Return a text if it is a valid ISO day, else None."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return None


def lowercase_words(text: str) -> list[str]:
    """Return the words of a text in lower case."""
    return re.findall(r"\w+", text.casefold())


def _json_ld_objects(parsed_json: Any) -> list[dict[str, Any]]:  # noqa: ANN401 (anything that JSON can say)
    """Return the top-level objects of parsed JSON-LD, and the objects in the lists `@graph` of
    these objects.
    """
    nodes: list[dict[str, Any]] = []
    for one in parsed_json if isinstance(parsed_json, list) else [parsed_json]:
        if isinstance(one, dict):
            nodes.append(one)
            graph = one.get("@graph")
            nodes += (
                [node for node in graph if isinstance(node, dict)]
                if isinstance(graph, list)
                else []
            )
    return nodes


def _collect_article_object(node: dict[str, Any], metadata: DeclaredMetadata) -> None:
    """Add the metadata in a JSON-LD object to `metadata` if the object describes an article. A
    headline, text or publisher that `metadata` already has stays.
    """
    if not ARTICLE_TYPE_PATTERN.search(str(node.get("@type"))):
        return
    metadata.headline = metadata.headline or _json_text(node.get("headline"))
    metadata.body = metadata.body or _json_text(node.get("articleBody"), keep_lines=True)
    if day := _json_text(node.get("datePublished")):
        metadata.written_dates.append(day)
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
    """Return a JSON value if it is text, else ""; in one line unless `keep_lines`."""
    if not isinstance(value, str):
        return ""
    return value if keep_lines else to_one_line(value)


def _strip_site_name(title: str, block_texts: set[str], publisher: str) -> str:
    """Return a title without the name of the site before or after a separator. `block_texts`: the
    texts of all blocks of the page; `publisher`: the name of the site.
    """
    separators = list(SEPARATOR_PATTERN.finditer(title))
    if not separators:
        return title
    site = set(lowercase_words(publisher))
    last, opening = separators[-1], separators[0]
    before, after = title[: last.start()], title[last.end() :]
    if "|" in last[0] or before in block_texts or (site and set(lowercase_words(after)) <= site):
        return before
    if site and set(lowercase_words(title[: opening.start()])) <= site:
        return title[opening.end() :]
    return title
