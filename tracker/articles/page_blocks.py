"""Split a page into blocks of text, and check with them the text that trafilatura extracts."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice, takewhile
from typing import Any

from lxml.etree import iterwalk

from tracker.articles import boilerplate

# The text that trafilatura extracts must have this share of the prose that follows the title;
# otherwise that prose is the article.
MIN_COVERED_SHARE = 0.7
# A block of the page is the title of the article only if, of all words that are in the block or in
# the title, at least this share is in both.
MIN_TITLE_WORDS_SHARE = 0.7
# A block is not the title if less than this share of all prose on the page follows it.
MIN_PROSE_AFTER_TITLE_SHARE = 0.4
# Only longer lines are left out when they are repeated.
MAX_KEPT_REPEAT_LENGTH = 100  # characters
# The text is in the nearest element around the title with this share of the prose that follows, and
# this many characters of it.
MIN_BOX_PROSE_SHARE, MIN_BOX_PROSE_LENGTH = 0.3, 250
# A longer line may contain the whole page, and so does not show which prose was extracted.
MAX_PARAGRAPH_LENGTH = 4000  # characters
# The bullet that trafilatura writes before an item of a list.
BULLET_PATTERN = re.compile(r"^- ")
# Elements within a paragraph; any other begins a new block.
INLINE_TAGS_TEXT = """
    a abbr acronym b bdi bdo big cite code del dfn em font i ins kbd label mark nobr q s samp small
    span strike strong sub sup time tt u var wbr
"""
INLINE_TAGS = frozenset(INLINE_TAGS_TEXT.split())
# Elements whose contents are never text of the article.
NO_TEXT_TAGS_TEXT = """
    head script style noscript template iframe object svg canvas button select textarea audio video
    figcaption
"""
TAGS_WITHOUT_TEXT = frozenset(NO_TEXT_TAGS_TEXT.split())
# Elements outside the article, unless the page forgot to close one before it.
NON_ARTICLE_TAGS = frozenset(["nav", "aside", "footer", "dialog", "amp-sidebar", "amp-list"])
HEADING_TAGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
# Words in the class or id of an element which suggest that its contents are not the article.
SUSPECT_CLASS_PATTERN = re.compile(
    r"(?:^|[\s_-])(?:comments?|disqus|respond|replies|share|sharing|social|related|recommend\w*|"
    r"read-?(?:also|more)|more-news|newsletter|subscri\w+|promo|advert\w*|banner|cookies?|consent|gdpr|"
    r"breadcrumbs?|pagination|sidebar|popup|modal|teasers?|author-(?:bio|box|info)|tags?|hidden|copyright|"
    r"caption|byline|paywall)(?=$|[\s_-])",
    re.IGNORECASE,
)
# Styles of elements that no browser shows.
HIDDEN_STYLE_PATTERN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
SPACE_PATTERN = re.compile(r"\s+")
# The fewest characters of a block of prose, and of a block that is a sentence.
MIN_PROSE_LENGTH, MIN_SENTENCE_LENGTH = 80, 35
# The greatest share of characters in links in a block of prose, and in a block that is a sentence.
MAX_LINKED_SHARE, MAX_LINKED_SENTENCE_SHARE = 0.6, 0.4
# The fewest similar boxes that count as cards (links to other articles) or as comments; and how
# many levels up from a block such boxes are searched for. At most `MIN_CARDS` of them are examined.
MIN_CARDS, MAX_CARD_DEPTH = 3, 12
# The most characters of prose in a teaser, a box with a link to another article.
MAX_TEASER_LENGTH = 320  # characters
# A block with fewer characters in links is no link to another article.
MIN_LINKED_LENGTH = 15  # characters
# The possible numbers of blocks of prose in an entry: a comment, or an item of a live page.
PROSE_BLOCKS_PER_ENTRY = (1, 2)
# Elements that look like boilerplate are text if they have a greater share of all prose; a card has
# a block of which at least this share is in links.
MAX_JUNK_SHARE, MIN_CARD_LINK_SHARE = 0.4, 0.9
# The most list headings of a page that are examined, since each takes time. A page with more was
# probably made to slow down the import.
MAX_LIST_HEADINGS = 30


@dataclass(eq=False, slots=True)
class Block:
    """A block of text on a page: a paragraph, a heading, or a line between two breaks. `position`
    is its position on the page, `linked_length` the number of its characters in links,
    `suspect_elements` the elements around it whose class or id suggests boilerplate, `is_junk`
    whether it is boilerplate.
    """

    position: int
    element: Any
    text: str
    linked_length: int
    suspect_elements: tuple[Any, ...]
    is_heading: bool
    is_junk: bool = False
    # One of many similar boxes that begin with a name or an hour: comments, or a live page.
    is_feed_entry: bool = False

    @property
    def is_prose(self) -> bool:
        """Whether the block looks like running text: it is long or a sentence, and not mostly
        links. It may still be boilerplate.
        """
        length = len(self.text)
        if length >= MIN_PROSE_LENGTH:
            return self.linked_length < MAX_LINKED_SHARE * length
        return (
            length >= MIN_SENTENCE_LENGTH
            and boilerplate.ends_sentence(self.text)
            and self.linked_length < MAX_LINKED_SENTENCE_SHARE * length
        )


class _BlockCollector:
    """A collector of the blocks of a page. It is given the start and the end of each element in
    order, without recursion, since elements may be nested 20,000 deep.
    """

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.open: list[Any] = []
        self.parts: list[str] = []
        self.linked_length = self.links = self.skipped = 0
        self.suspect_elements: dict[Any, None] = {}

    def start_element(self, element: Any) -> None:  # noqa: ANN401 (lxml is not typed)
        """Read the start of an element and the text after it, or skip the element."""
        if self.skipped or _is_skipped(element):
            self.skipped += 1
            return
        if element.tag not in INLINE_TAGS:
            self.end_block()
            self.open.append(element)
        self.links += element.tag == "a"
        if element.attrib and _is_suspect(element):
            self.suspect_elements[element] = None
        self.add_text(element.text)

    def end_element(self, element: Any) -> None:  # noqa: ANN401
        """Read the end of an element and the text after it."""
        if self.skipped:
            self.skipped -= 1
        else:
            if element.tag not in INLINE_TAGS:
                self.end_block()
                self.open.pop()
            self.links -= element.tag == "a"
            self.suspect_elements.pop(element, None)
        if not self.skipped:
            self.add_text(element.tail)

    def add_text(self, text: str | None) -> None:
        """Add text to the current block, and count its characters if they are in a link."""
        if text:
            self.parts.append(text)
            self.linked_length += len(text.strip()) if self.links else 0

    def end_block(self) -> None:
        """End the current block, and collect it if it contains text."""
        text = SPACE_PATTERN.sub(" ", "".join(self.parts)).strip()
        if text and self.open:
            element = self.open[-1]
            above = element.getparent()
            heading = element.tag in HEADING_TAGS or (
                above is not None and above.tag in HEADING_TAGS
            )
            self.blocks.append(
                Block(
                    len(self.blocks),
                    element,
                    text,
                    self.linked_length,
                    tuple(self.suspect_elements),
                    heading,
                )
            )
        self.parts.clear()
        self.linked_length = 0


def split_into_blocks(tree: Any) -> list[Block]:  # noqa: ANN401 (lxml is not typed)
    """Return the blocks of a page, given as an element tree, with boilerplate marked as junk."""
    reader = _BlockCollector()
    for event, element in iterwalk(tree, events=("start", "end", "comment", "pi")):
        if event == "start":
            reader.start_element(element)
        elif event == "end":
            reader.end_element(element)
        elif not reader.skipped:
            reader.add_text(element.tail)
    blocks = reader.blocks
    _mark_suspects(blocks)
    _mark_teasers_and_feed_entries(blocks)
    _mark_lists_under_headings(blocks)
    return blocks


def prose_length(blocks: list[Block]) -> int:
    """Return the number of characters in prose blocks that are not junk."""
    return sum(len(block.text) for block in blocks if block.is_prose and not block.is_junk)


def _is_skipped(element: Any) -> bool:  # noqa: ANN401
    """Return whether an element is not read: it is no text, hidden, or around the article."""
    if not isinstance(element.tag, str) or element.tag in TAGS_WITHOUT_TEXT:
        return True
    if element.tag in {"html", "body", "main", "article"} or not (
        element.attrib or element.tag in NON_ARTICLE_TAGS
    ):
        return False
    style = element.get("style")
    is_around = (
        element.tag in NON_ARTICLE_TAGS
        or element.get("hidden") is not None
        or element.get("aria-hidden") == "true"
        or bool(style and HIDDEN_STYLE_PATTERN.search(style))
    )
    return is_around and next(element.iter("main", "article"), None) is None


def _is_suspect(element: Any) -> bool:  # noqa: ANN401
    """Return whether class or id of an element suggest that it is boilerplate."""
    if element.tag in {"html", "body", "article", "main"}:
        return False
    named = f"{element.get('class') or ''} {element.get('id') or ''}"
    return len(named) > 1 and bool(SUSPECT_CLASS_PATTERN.search(named))


def _mark_suspects(blocks: list[Block]) -> None:
    """Mark a block as junk if the class or id of an element around it suggests boilerplate, unless
    this element contains more than `MAX_JUNK_SHARE` of all prose.
    """
    inside = Counter[Any]()
    for block in blocks:
        if block.is_prose:
            inside.update(dict.fromkeys(block.suspect_elements, len(block.text)))
    most = MAX_JUNK_SHARE * prose_length(blocks)
    for block in blocks:
        block.is_junk = any(inside[box] <= most for box in block.suspect_elements)


def _mark_teasers_and_feed_entries(blocks: list[Block]) -> None:
    """Mark the blocks of similar sibling elements: as junk if each links to another article, as
    entries if they look like comments or the items of a live page.
    """
    boxes: dict[Any, list[Block]] = {}
    for block in blocks:
        if block.is_junk:
            continue
        for box in _enclosing_boxes(block.element):
            boxes.setdefault(box, []).append(block)
    leading = {box: some for box, some in boxes.items() if _is_teaser(some)}
    kinds = Counter(_box_kind(box) for box in leading)
    for box, some in leading.items():
        if kinds[_box_kind(box)] >= MIN_CARDS:
            for block in some:
                block.is_junk = True
    entries = {box: some for box, some in boxes.items() if _is_feed_entry(some)}
    kinds = Counter(_box_kind(box) for box in entries)
    for box, some in entries.items():
        if kinds[_box_kind(box)] > MIN_CARDS:
            for block in some:
                block.is_feed_entry = True


def _enclosing_boxes(element: Any) -> list[Any]:  # noqa: ANN401
    """Return at most `MIN_CARDS` boxes around the element of a block, innermost first; the element
    itself may be one. A box is an element that may contain one teaser or comment, such as a `div`.
    """
    found = []
    for one in islice(chain((element,), element.iterancestors()), MAX_CARD_DEPTH):
        if one.tag in {"div", "li", "article", "section", "td", "tr", "dd", "figure"}:
            found.append(one)
            if len(found) == MIN_CARDS:
                break
    return found


def _box_kind(box: Any) -> tuple[Any, str, str]:  # noqa: ANN401
    """Return what boxes of one kind have in common: parent, tag and class."""
    return box.getparent(), str(box.tag), str(box.get("class") or "")


def _is_teaser(blocks: list[Block]) -> bool:
    """Return whether the blocks of a box link to another article and have little prose."""
    linked = any(
        block.linked_length >= max(MIN_LINKED_LENGTH, MIN_CARD_LINK_SHARE * len(block.text))
        for block in blocks
    )
    return (
        linked and sum(len(block.text) for block in blocks if block.is_prose) <= MAX_TEASER_LENGTH
    )


def _is_feed_entry(blocks: list[Block]) -> bool:
    """Return whether the blocks of a box look like an entry, a comment or an item of a live page:
    first a name or time, then one or two blocks of prose.
    """
    prose = [block for block in blocks if block.is_prose]
    return (
        len(prose) in PROSE_BLOCKS_PER_ENTRY and not blocks[0].is_prose and not blocks[0].is_heading
    )


def _mark_lists_under_headings(blocks: list[Block]) -> None:
    """Mark the blocks in an element that begins with a heading such as "Latest news" as junk,
    unless they have more than `MAX_JUNK_SHARE` of all prose.
    """
    total, tried = prose_length(blocks), 0
    for block in blocks:
        if block.is_junk or block.is_prose or not _is_list_heading(block):
            continue
        tried += 1
        if tried > MAX_LIST_HEADINGS:
            return
        box = block.element if not block.is_heading else block.element.getparent()
        while (
            box is not None and box.getparent() is not None and _contains_only_heading(box, block)
        ):
            box = box.getparent()
        inside = list(takewhile(partial(_is_inside_box, box), islice(blocks, block.position, None)))
        if prose_length(inside) <= MAX_JUNK_SHARE * total:
            for one in inside:
                one.is_junk = True


def _contains_only_heading(box: Any, heading: Block) -> bool:  # noqa: ANN401
    """Return whether an element contains nothing but a heading."""
    length = 0
    for text in box.itertext():
        length += len(text.strip())
        if length > len(heading.text):
            return False
    return True


def _is_inside_box(box: Any, block: Block) -> bool:  # noqa: ANN401
    """Return whether a block is in an element, or is the element itself."""
    return block.element is box or any(one is box for one in block.element.iterancestors())


def _is_list_heading(block: Block) -> bool:
    """Return whether a block is the heading of a list of other articles, or of buttons."""
    if boilerplate.is_list_heading(block.text):
        return True
    words = boilerplate.remove_numbers(boilerplate.normalize_phrase(block.text))
    return block.is_heading and words in boilerplate.load_phrases("buttons")


def select_article_lines(extracted: str, blocks: list[Block], title: str) -> list[str]:
    """Return the lines of the article, given the text that trafilatura extracted, the blocks of the
    page and the title of the article.

    Extracted lines that are junk are left out; if too much of the prose after the title is missing,
    that prose is the article.
    """
    by_text: dict[str, Block] = {}
    for block in blocks:
        by_text.setdefault(block.text, block)
    start = _position_after_title(blocks, title)
    blocks = blocks[: _next_title_position(blocks, start)]
    own = _prose_after_title(blocks, start)
    positions = {block.position for block in own}
    lines = [
        BULLET_PATTERN.sub("", " ".join(line.split()))
        for line in extracted.splitlines()
        if line.strip()
    ]
    kept = [
        line
        for line in lines
        if line not in by_text
        or _may_belong_to_article(by_text[line], start, len(blocks), positions)
    ]
    if not own or _covered_share(kept, own) >= MIN_COVERED_SHARE:
        return _remove_repeats(kept)
    chosen_blocks = (by_text[line] for line in kept if line in by_text)
    found = {block.position for block in chosen_blocks if block.is_prose}
    return _remove_repeats(_add_short_blocks(blocks[start:], _extend_to_continuation(own, found)))


def _may_belong_to_article(block: Block, start: int, end: int, prose_positions: set[int]) -> bool:
    """Return whether a block may belong to the article: it is no junk, and its position (the index
    among the blocks of the page) is at least `start` and less than `end`. `prose_positions`: the
    positions of the article's prose. If there are any, a block that looks like a comment or an item
    of a live page must be at one of these positions.
    """
    is_comment = (
        block.is_feed_entry and bool(prose_positions) and block.position not in prose_positions
    )
    return start <= block.position < end and not block.is_junk and not is_comment


def _next_title_position(blocks: list[Block], start: int) -> int:
    """Return the position at which the next article begins if a page shows several articles, else
    the number of blocks. `start`: the position after the title of the first article, 0 for no
    title.
    """
    if start:
        title = blocks[start - 1].element
        for block in blocks[start:]:
            element = block.element
            if (
                element.tag == title.tag == "h1"
                and not block.is_junk
                and _are_in_similar_boxes(element, title)
            ):
                return block.position
    return len(blocks)


def _are_in_similar_boxes(heading: Any, other_heading: Any) -> bool:  # noqa: ANN401 (lxml is not typed)
    """Return whether two headings have different parent elements of the same tag and class."""
    box, like = heading.getparent(), other_heading.getparent()
    if box is None or like is None or box is like:
        return False
    return bool(box.tag == like.tag and box.get("class") == like.get("class") is not None)


def _prose_after_title(blocks: list[Block], start: int) -> list[Block]:
    """Return the prose after the title that is in the article. The article is the innermost element
    around the title that contains enough prose (`MIN_BOX_PROSE_SHARE`). Return all prose if there
    is no such element, or no title. `start`: the position after the title, 0 for no title.
    """
    own = [block for block in blocks[start:] if block.is_prose and not block.is_junk]
    if not start:
        return own
    around = [blocks[start - 1].element, *blocks[start - 1].element.iterancestors()]
    levels = {box: level for level, box in enumerate(around)}
    level_of = {
        block.position: next(levels[box] for box in block.element.iterancestors() if box in levels)
        for block in own
    }
    enough = max(MIN_BOX_PROSE_LENGTH, MIN_BOX_PROSE_SHARE * sum(len(block.text) for block in own))
    for level in sorted(set(level_of.values())):
        near = [block for block in own if level_of[block.position] <= level]
        if sum(len(block.text) for block in near) >= enough:
            return near
    return own


def _extend_to_continuation(prose: list[Block], found_positions: set[int]) -> list[Block]:
    """Return the prose up to the last block that was found, and later prose that has the same
    parent element as a found block. Return all prose if less than `MIN_COVERED_SHARE` of the blocks
    up to the last found one were found. `found_positions`: the positions of the found blocks.
    """
    chosen = [block for block in prose if block.position in found_positions]
    if not chosen:
        return prose
    before = prose[: prose.index(chosen[-1]) + 1]
    if len(chosen) < MIN_COVERED_SHARE * len(before):
        return prose
    boxes = {block.element.getparent() for block in chosen}
    return [
        *before,
        *(block for block in prose[len(before) :] if block.element.getparent() in boxes),
    ]


def _covered_share(lines: list[str], prose: list[Block]) -> float:
    """Return the share of the prose, from 0 to 1, that is in the lines."""
    there, whole = set(lines), " ".join(one for one in lines if len(one) <= MAX_PARAGRAPH_LENGTH)
    found = sum(len(block.text) for block in prose if block.text in there or block.text in whole)
    return found / max(1, sum(len(block.text) for block in prose))


def _position_after_title(blocks: list[Block], title: str) -> int:
    """Return the position after the title, 0 if it is not found or too little text follows."""
    wanted = set(boilerplate.normalize_phrase(title).split())
    best, position = (MIN_TITLE_WORDS_SHARE, False), 0
    for block in blocks if wanted else []:
        if block.is_junk or len(block.text) > 2 * len(title) + MAX_KEPT_REPEAT_LENGTH:
            continue
        words = set(boilerplate.normalize_phrase(block.text).split())
        same = len(words & wanted) / len(words | wanted) if words else 0.0
        if (same, block.is_heading) > best:
            best, position = (same, block.is_heading), block.position + 1
    return (
        position
        if prose_length(blocks[position:]) >= MIN_PROSE_AFTER_TITLE_SHARE * prose_length(blocks)
        else 0
    )


def _add_short_blocks(blocks: list[Block], prose: list[Block]) -> list[str]:
    """Return the texts of prose blocks, and of short blocks between them: headings, list items."""
    last = prose[-1].position
    found = []
    for block in blocks:
        if block.position > last or block.is_junk or boilerplate.is_boilerplate(block.text):
            continue
        if block.is_prose or (
            block.position > prose[0].position and 2 * block.linked_length < len(block.text)
        ):
            found.append(block.text)
    return found


def _remove_repeats(lines: list[str]) -> list[str]:
    """Return the lines without repetitions of long lines."""
    seen: set[str] = set()
    kept = []
    for line in lines:
        if line not in seen or len(line) < MAX_KEPT_REPEAT_LENGTH:
            kept.append(line)
        seen.add(line)
    return kept
