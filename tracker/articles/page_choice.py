"""Which blocks of a page are its article: what trafilatura chose, checked against the page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tracker.articles import furniture
from tracker.articles.page_blocks import prose_in
from tracker.articles.words_around import plain

if TYPE_CHECKING:
    from tracker.articles.page_blocks import Block

# What was chosen must be so much of the prose that follows the title, or else that is the article.
COVERED = 0.7
# A heading is the title's if it has so many of its words; a text after it is its text if it is so
# much of all prose.
SAME_WORDS = 0.7
AFTER_TITLE = 0.4
LONGEST_REPEAT = 100
# The text is in the nearest box around the title with so much of the prose, and so much at all.
NEAREST, ENOUGH = 0.3, 250
# A line longer than that is the whole page in one.
LONGEST_PARAGRAPH = 4000
BULLET = re.compile(r"^- ")


def article_lines(chosen: str, blocks: list[Block], title: str) -> list[str]:
    """Return the lines of the article."""
    by_text: dict[str, Block] = {}
    for block in blocks:
        by_text.setdefault(block.text, block)
    start = _start(blocks, title)
    blocks = blocks[: _next_title(blocks, start)]
    own = _after_title(blocks, start)
    places = {block.place for block in own}
    lines = [BULLET.sub("", " ".join(line.split())) for line in chosen.splitlines() if line.strip()]
    kept = [
        line
        for line in lines
        if line not in by_text or _may_be(by_text[line], start, len(blocks), places)
    ]
    if not own or _covered(kept, own) >= COVERED:
        return _once(kept)
    chosen_blocks = (by_text[line] for line in kept if line in by_text)
    found = {block.place for block in chosen_blocks if block.is_prose}
    return _once(_between(blocks[start:], _gone_on(own, found)))


def _may_be(block: Block, start: int, end: int, own: set[int]) -> bool:
    """Say whether what was chosen may be of the article: comments stand outside its box."""
    is_comment = block.is_entry and bool(own) and block.place not in own
    return start <= block.place < end and not block.is_junk and not is_comment


def _next_title(blocks: list[Block], start: int) -> int:
    """Return where the next article begins on a page that goes on without end."""
    if start:
        title = blocks[start - 1].element
        for block in blocks[start:]:
            element = block.element
            if element.tag == title.tag == "h1" and not block.is_junk and _alike(element, title):
                return block.place
    return len(blocks)


def _alike(one: Any, other: Any) -> bool:  # noqa: ANN401 (lxml is not typed)
    """Say whether two headings stand in two boxes of one kind."""
    box, like = one.getparent(), other.getparent()
    if box is None or like is None or box is like:
        return False
    return bool(box.tag == like.tag and box.get("class") == like.get("class") is not None)


def _after_title(blocks: list[Block], start: int) -> list[Block]:
    """Return the prose behind the title in the nearest box that has enough of it."""
    own = [block for block in blocks[start:] if block.is_prose and not block.is_junk]
    if not start:
        return own
    around = [blocks[start - 1].element, *blocks[start - 1].element.iterancestors()]
    levels = {box: level for level, box in enumerate(around)}
    level_of = {
        block.place: next(levels[box] for box in block.element.iterancestors() if box in levels)
        for block in own
    }
    enough = max(ENOUGH, NEAREST * sum(len(block.text) for block in own))
    for level in sorted(set(level_of.values())):
        near = [block for block in own if level_of[block.place] <= level]
        if sum(len(block.text) for block in near) >= enough:
            return near
    return own


def _gone_on(own: list[Block], found: set[int]) -> list[Block]:
    """Return the prose; where its beginning was chosen, only with what goes on beside that."""
    chosen = [block for block in own if block.place in found]
    if not chosen:
        return own
    before = own[: own.index(chosen[-1]) + 1]
    if len(chosen) < COVERED * len(before):
        return own
    boxes = {block.element.getparent() for block in chosen}
    return [*before, *(block for block in own[len(before) :] if block.element.getparent() in boxes)]


def _covered(lines: list[str], own: list[Block]) -> float:
    """Return how much of the prose stands in the lines; a line may hold several blocks."""
    there, whole = set(lines), " ".join(one for one in lines if len(one) <= LONGEST_PARAGRAPH)
    found = sum(len(block.text) for block in own if block.text in there or block.text in whole)
    return found / max(1, sum(len(block.text) for block in own))


def _start(blocks: list[Block], title: str) -> int:
    """Return the place behind the title, 0 where no text follows it."""
    wanted = set(plain(title).split())
    best, place = (SAME_WORDS, False), 0
    for block in blocks if wanted else []:
        if block.is_junk or len(block.text) > 2 * len(title) + LONGEST_REPEAT:
            continue
        words = set(plain(block.text).split())
        same = len(words & wanted) / len(words | wanted) if words else 0.0
        if (same, block.is_heading) > best:
            best, place = (same, block.is_heading), block.place + 1
    return place if prose_in(blocks[place:]) >= AFTER_TITLE * prose_in(blocks) else 0


def _between(blocks: list[Block], own: list[Block]) -> list[str]:
    """Return the prose with the short blocks between it: headings, questions, items."""
    last = own[-1].place
    found = []
    for block in blocks:
        if block.place > last or block.is_junk or furniture.is_furniture(block.text):
            continue
        if block.is_prose or (block.place > own[0].place and 2 * block.linked < len(block.text)):
            found.append(block.text)
    return found


def _once(lines: list[str]) -> list[str]:
    """Return the lines without long ones that stand there twice."""
    seen: set[str] = set()
    kept = []
    for line in lines:
        if line not in seen or len(line) < LONGEST_REPEAT:
            kept.append(line)
        seen.add(line)
    return kept
