"""Split a page into blocks of text and choose those of the article, checking trafilatura."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice, takewhile
from typing import Any

from lxml.etree import iterwalk

from tracker.articles import boilerplate

# trafilatura's choice must be this share of the prose that follows the title; otherwise that prose
# is the article.
LEAST_COVERED_SHARE = 0.7
# A heading is the title's if it has this share of its words; a text below it is its text if it is
# this share of all prose.
SAME_WORDS_SHARE = 0.7
AFTER_TITLE_SHARE = 0.4
LONGEST_REPEAT = 100  # characters
# The text is in the nearest box around the title with this share of the prose, and this length.
NEAREST_BOX_SHARE, ENOUGH_PROSE = 0.3, 250
# A longer line is the whole page in one.
LONGEST_PARAGRAPH = 4000  # characters
BULLET_PATTERN = re.compile(r"^- ")
INLINE_TAGS_TEXT = """
    a abbr acronym b bdi bdo big cite code del dfn em font i ins kbd label mark nobr q s samp small
    span strike strong sub sup time tt u var wbr
"""
INLINE_TAGS = frozenset(INLINE_TAGS_TEXT.split())
# Never text; and outside the article, unless the page forgot to close the element before it.
NO_TEXT_TAGS_TEXT = """
    head script style noscript template iframe object svg canvas button select textarea audio video
    figcaption
"""
TAGS_WITHOUT_TEXT = frozenset(NO_TEXT_TAGS_TEXT.split())
SURROUNDING_TAGS = frozenset(["nav", "aside", "footer", "dialog", "amp-sidebar", "amp-list"])
HEADING_TAGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
# Whole words of a class or an id: their contents are not the article, unless they are most of the
# text.
SUSPECT_CLASS_PATTERN = re.compile(
    r"(?:^|[\s_-])(?:comments?|disqus|respond|replies|share|sharing|social|related|recommend\w*|"
    r"read-?(?:also|more)|more-news|newsletter|subscri\w+|promo|advert\w*|banner|cookies?|consent|gdpr|"
    r"breadcrumbs?|pagination|sidebar|popup|modal|teasers?|author-(?:bio|box|info)|tags?|hidden|copyright|"
    r"caption|byline|paywall)(?=$|[\s_-])",
    re.IGNORECASE,
)
HIDDEN_STYLE_PATTERN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
SPACE_PATTERN = re.compile(r"\s+")
# Prose is long, or a sentence; a line that is mostly links is neither.
LONG_PROSE, SHORTEST_SENTENCE = 80, 35
LARGEST_LINKED_SHARE, LARGEST_LINKED_SENTENCE_SHARE = 0.6, 0.4
# Cards that link to other articles: this many of the same kind, a link in each, and no more prose
# than a teaser.
LEAST_CARDS, DEEPEST_CARD = 3, 12
LONGEST_TEASER = 320  # characters
SHORTEST_LINK = 15  # characters
ENTRY_PROSE_RANGE = (1, 2)
SMALL_PART_SHARE, WHOLE_PAGE_SHARE = 0.4, 0.9
# A page with more list headings is made to be slow.
MOST_HEADINGS = 30


@dataclass(eq=False, slots=True)
class Block:
    """A paragraph, a heading, or a line between two breaks."""

    place: int
    element: Any
    text: str
    linked: int
    suspects: tuple[Any, ...]
    is_heading: bool
    is_junk: bool = False
    # One of many similar boxes that begin with a name or an hour: comments, or a live page.
    is_entry: bool = False

    @property
    def is_prose(self) -> bool:
        """Return whether it is running text rather than boilerplate."""
        length = len(self.text)
        if length >= LONG_PROSE:
            return self.linked < LARGEST_LINKED_SHARE * length
        return (
            length >= SHORTEST_SENTENCE
            and boilerplate.ends_sentence(self.text)
            and self.linked < LARGEST_LINKED_SENTENCE_SHARE * length
        )


class _Reader:
    """Collects blocks during a walk through the page, which may be nested 20,000 deep."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.open: list[Any] = []
        self.parts: list[str] = []
        self.linked = self.links = self.skipped = 0
        self.suspects: dict[Any, None] = {}

    def start(self, element: Any) -> None:  # noqa: ANN401 (lxml is not typed)
        if self.skipped or _is_skipped(element):
            self.skipped += 1
            return
        if element.tag not in INLINE_TAGS:
            self.end_block()
            self.open.append(element)
        self.links += element.tag == "a"
        if element.attrib and _is_suspect(element):
            self.suspects[element] = None
        self.add(element.text)

    def end(self, element: Any) -> None:  # noqa: ANN401
        if self.skipped:
            self.skipped -= 1
        else:
            if element.tag not in INLINE_TAGS:
                self.end_block()
                self.open.pop()
            self.links -= element.tag == "a"
            self.suspects.pop(element, None)
        if not self.skipped:
            self.add(element.tail)

    def add(self, text: str | None) -> None:
        if text:
            self.parts.append(text)
            self.linked += len(text.strip()) if self.links else 0

    def end_block(self) -> None:
        text = SPACE_PATTERN.sub(" ", "".join(self.parts)).strip()
        if text and self.open:
            element = self.open[-1]
            above = element.getparent()
            heading = element.tag in HEADING_TAGS or (
                above is not None and above.tag in HEADING_TAGS
            )
            self.blocks.append(
                Block(len(self.blocks), element, text, self.linked, tuple(self.suspects), heading)
            )
        self.parts.clear()
        self.linked = 0


def blocks_of(tree: Any) -> list[Block]:  # noqa: ANN401 (lxml is not typed)
    """Return the blocks of a page, with boilerplate marked as junk."""
    reader = _Reader()
    for event, element in iterwalk(tree, events=("start", "end", "comment", "pi")):
        if event == "start":
            reader.start(element)
        elif event == "end":
            reader.end(element)
        elif not reader.skipped:
            reader.add(element.tail)
    blocks = reader.blocks
    _mark_suspects(blocks)
    _mark_cards(blocks)
    _mark_under_headings(blocks)
    return blocks


def prose_length(blocks: list[Block]) -> int:
    """Return the length of the prose that is not junk."""
    return sum(len(block.text) for block in blocks if block.is_prose and not block.is_junk)


def _is_skipped(element: Any) -> bool:  # noqa: ANN401
    if not isinstance(element.tag, str) or element.tag in TAGS_WITHOUT_TEXT:
        return True
    if element.tag in {"html", "body", "main", "article"} or not (
        element.attrib or element.tag in SURROUNDING_TAGS
    ):
        return False
    style = element.get("style")
    is_around = (
        element.tag in SURROUNDING_TAGS
        or element.get("hidden") is not None
        or element.get("aria-hidden") == "true"
        or bool(style and HIDDEN_STYLE_PATTERN.search(style))
    )
    return is_around and next(element.iter("main", "article"), None) is None


def _is_suspect(element: Any) -> bool:  # noqa: ANN401
    if element.tag in {"html", "body", "article", "main"}:
        return False
    named = f"{element.get('class') or ''} {element.get('id') or ''}"
    return len(named) > 1 and bool(SUSPECT_CLASS_PATTERN.search(named))


def _mark_suspects(blocks: list[Block]) -> None:
    """Mark blocks in boxes with suspicious names, except those that contain most of the text."""
    inside = Counter[Any]()
    for block in blocks:
        if block.is_prose:
            inside.update(dict.fromkeys(block.suspects, len(block.text)))
    most = SMALL_PART_SHARE * prose_length(blocks)
    for block in blocks:
        block.is_junk = any(inside[box] <= most for box in block.suspects)


def _mark_cards(blocks: list[Block]) -> None:
    """Mark the blocks of similar boxes side by side that each link elsewhere."""
    boxes: dict[Any, list[Block]] = {}
    for block in blocks:
        if block.is_junk:
            continue
        for box in _boxes(block.element):
            boxes.setdefault(box, []).append(block)
    leading = {box: some for box, some in boxes.items() if _leads_elsewhere(some)}
    kinds = Counter(_box_kind(box) for box in leading)
    for box, some in leading.items():
        if kinds[_box_kind(box)] >= LEAST_CARDS:
            for block in some:
                block.is_junk = True
    entries = {box: some for box, some in boxes.items() if _is_entry(some)}
    kinds = Counter(_box_kind(box) for box in entries)
    for box, some in entries.items():
        if kinds[_box_kind(box)] > LEAST_CARDS:
            for block in some:
                block.is_entry = True


def _boxes(element: Any) -> list[Any]:  # noqa: ANN401
    """Return the innermost boxes around a block that could be a card."""
    found = []
    for one in islice(chain((element,), element.iterancestors()), DEEPEST_CARD):
        if one.tag in {"div", "li", "article", "section", "td", "tr", "dd", "figure"}:
            found.append(one)
            if len(found) == LEAST_CARDS:
                break
    return found


def _box_kind(box: Any) -> tuple[Any, str, str]:  # noqa: ANN401
    return box.getparent(), str(box.tag), str(box.get("class") or "")


def _leads_elsewhere(blocks: list[Block]) -> bool:
    linked = any(
        block.linked >= max(SHORTEST_LINK, WHOLE_PAGE_SHARE * len(block.text)) for block in blocks
    )
    return linked and sum(len(block.text) for block in blocks if block.is_prose) <= LONGEST_TEASER


def _is_entry(blocks: list[Block]) -> bool:
    prose = [block for block in blocks if block.is_prose]
    return len(prose) in ENTRY_PROSE_RANGE and not blocks[0].is_prose and not blocks[0].is_heading


def _mark_under_headings(blocks: list[Block]) -> None:
    """Mark the contents of boxes such as "Latest news" or "Comments (3)", unless large."""
    total, tried = prose_length(blocks), 0
    for block in blocks:
        if block.is_junk or block.is_prose or not _is_head_of_others(block):
            continue
        tried += 1
        if tried > MOST_HEADINGS:
            return
        box = block.element if not block.is_heading else block.element.getparent()
        while box is not None and box.getparent() is not None and _is_only_heading(box, block):
            box = box.getparent()
        inside = list(takewhile(partial(_is_inside_box, box), islice(blocks, block.place, None)))
        if prose_length(inside) <= SMALL_PART_SHARE * total:
            for one in inside:
                one.is_junk = True


def _is_only_heading(box: Any, block: Block) -> bool:  # noqa: ANN401
    """Return whether a box contains only its heading."""
    length = 0
    for text in box.itertext():
        length += len(text.strip())
        if length > len(block.text):
            return False
    return True


def _is_inside_box(box: Any, block: Block) -> bool:  # noqa: ANN401
    return block.element is box or any(one is box for one in block.element.iterancestors())


def _is_head_of_others(block: Block) -> bool:
    if boilerplate.is_list_head(block.text):
        return True
    words = boilerplate.without_numbers(boilerplate.normalize_phrase(block.text))
    return block.is_heading and words in boilerplate.load_phrases("buttons")


def article_lines(chosen: str, blocks: list[Block], title: str) -> list[str]:
    """Return the lines of the article."""
    by_text: dict[str, Block] = {}
    for block in blocks:
        by_text.setdefault(block.text, block)
    start = _start_after_title(blocks, title)
    blocks = blocks[: _next_title(blocks, start)]
    own = _after_title(blocks, start)
    places = {block.place for block in own}
    lines = [
        BULLET_PATTERN.sub("", " ".join(line.split()))
        for line in chosen.splitlines()
        if line.strip()
    ]
    kept = [
        line
        for line in lines
        if line not in by_text or _may_be_article(by_text[line], start, len(blocks), places)
    ]
    if not own or _coverage(kept, own) >= LEAST_COVERED_SHARE:
        return _without_repeats(kept)
    chosen_blocks = (by_text[line] for line in kept if line in by_text)
    found = {block.place for block in chosen_blocks if block.is_prose}
    return _without_repeats(_with_short_blocks(blocks[start:], _with_continuation(own, found)))


def _may_be_article(block: Block, start: int, end: int, own: set[int]) -> bool:
    """Return whether the chosen text may be the article: comments are outside its box."""
    is_comment = block.is_entry and bool(own) and block.place not in own
    return start <= block.place < end and not block.is_junk and not is_comment


def _next_title(blocks: list[Block], start: int) -> int:
    """Return where the next article begins on an endless page."""
    if start:
        title = blocks[start - 1].element
        for block in blocks[start:]:
            element = block.element
            if (
                element.tag == title.tag == "h1"
                and not block.is_junk
                and _are_similar_boxes(element, title)
            ):
                return block.place
    return len(blocks)


def _are_similar_boxes(one: Any, other: Any) -> bool:  # noqa: ANN401 (lxml is not typed)
    """Return whether two headings are in boxes of the same kind."""
    box, like = one.getparent(), other.getparent()
    if box is None or like is None or box is like:
        return False
    return bool(box.tag == like.tag and box.get("class") == like.get("class") is not None)


def _after_title(blocks: list[Block], start: int) -> list[Block]:
    """Return the prose after the title in the nearest box that has enough of it."""
    own = [block for block in blocks[start:] if block.is_prose and not block.is_junk]
    if not start:
        return own
    around = [blocks[start - 1].element, *blocks[start - 1].element.iterancestors()]
    levels = {box: level for level, box in enumerate(around)}
    level_of = {
        block.place: next(levels[box] for box in block.element.iterancestors() if box in levels)
        for block in own
    }
    enough = max(ENOUGH_PROSE, NEAREST_BOX_SHARE * sum(len(block.text) for block in own))
    for level in sorted(set(level_of.values())):
        near = [block for block in own if level_of[block.place] <= level]
        if sum(len(block.text) for block in near) >= enough:
            return near
    return own


def _with_continuation(own: list[Block], found: set[int]) -> list[Block]:
    """Return the prose; if its beginning was chosen, only together with what follows."""
    chosen = [block for block in own if block.place in found]
    if not chosen:
        return own
    before = own[: own.index(chosen[-1]) + 1]
    if len(chosen) < LEAST_COVERED_SHARE * len(before):
        return own
    boxes = {block.element.getparent() for block in chosen}
    return [*before, *(block for block in own[len(before) :] if block.element.getparent() in boxes)]


def _coverage(lines: list[str], own: list[Block]) -> float:
    """Return the share of the prose that the lines contain; a line may have several blocks."""
    there, whole = set(lines), " ".join(one for one in lines if len(one) <= LONGEST_PARAGRAPH)
    found = sum(len(block.text) for block in own if block.text in there or block.text in whole)
    return found / max(1, sum(len(block.text) for block in own))


def _start_after_title(blocks: list[Block], title: str) -> int:
    """Return the position after the title, 0 if no text follows it."""
    wanted = set(boilerplate.normalize_phrase(title).split())
    best, place = (SAME_WORDS_SHARE, False), 0
    for block in blocks if wanted else []:
        if block.is_junk or len(block.text) > 2 * len(title) + LONGEST_REPEAT:
            continue
        words = set(boilerplate.normalize_phrase(block.text).split())
        same = len(words & wanted) / len(words | wanted) if words else 0.0
        if (same, block.is_heading) > best:
            best, place = (same, block.is_heading), block.place + 1
    return place if prose_length(blocks[place:]) >= AFTER_TITLE_SHARE * prose_length(blocks) else 0


def _with_short_blocks(blocks: list[Block], own: list[Block]) -> list[str]:
    """Return the prose with the short blocks between it: headings, questions, list items."""
    last = own[-1].place
    found = []
    for block in blocks:
        if block.place > last or block.is_junk or boilerplate.is_boilerplate(block.text):
            continue
        if block.is_prose or (block.place > own[0].place and 2 * block.linked < len(block.text)):
            found.append(block.text)
    return found


def _without_repeats(lines: list[str]) -> list[str]:
    """Return the lines without repeated long ones."""
    seen: set[str] = set()
    kept = []
    for line in lines:
        if line not in seen or len(line) < LONGEST_REPEAT:
            kept.append(line)
        seen.add(line)
    return kept
