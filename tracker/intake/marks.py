"""The article's sentences with every suggested passage marked, and linked to its row; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.articles.rules import Cited, pieces
from tracker.i18n import language
from tracker.intake.codes import SuggestionKind
from tracker.responses.codes import ActType
from tracker.vocabulary.labels import label

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tracker.articles.sentences import Sentence
    from tracker.intake.drafts import Suggested


@dataclass(frozen=True, slots=True)
class Mark:
    """A passage that suggests something; `anchor` is the row of the form, "" where none has it."""

    name: str
    kind: SuggestionKind
    words: str
    anchor: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words of a sentence with the marks over them, the closest first, and those of them that
    begin here.
    """

    text: str
    marks: tuple[Mark, ...]
    begin: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence as the page shows it; `opens`: a paragraph begins here."""

    number: int
    opens: bool
    pieces: list[Piece]


def marks_of(
    suggested: Iterable[Suggested], anchors: Mapping[str, str], named: Mapping[str, str]
) -> list[Mark]:
    """Return the marks of all suggestions; `named`: what types are called, by their codes."""
    found = []
    for one in suggested:
        said = named.get(one.code) if one.kind is SuggestionKind.TYPE else None
        if one.kind is SuggestionKind.ACT:
            said = label(ActType(one.code), language())
        for place, passage in enumerate(one.passages):
            name = f"m-{one.key}" + (f"-{place}" if place else "")
            anchor = anchors.get(one.key, "")
            words = said or label(one.kind, language())
            found.append(Mark(name, one.kind, words, anchor, passage.start, passage.end))
    return found


def marked(sentences: Sequence[Sentence], marks: Sequence[Mark]) -> list[Line]:
    """Return sentences cut where a passage begins or ends; passages may overlap."""
    cited = [Cited(mark.start, mark.end, place) for place, mark in enumerate(marks)]
    begun: set[str] = set()
    lines, paragraph = [], 0
    for sentence in sentences:
        found = []
        for piece in pieces(sentence, cited):
            over = tuple(sorted((marks[place] for place in piece.records), key=_length))
            begin = tuple(mark for mark in over if mark.name not in begun)
            begun.update(mark.name for mark in begin)
            found.append(Piece(piece.text, over, begin))
        lines.append(Line(sentence.number, sentence.paragraph != paragraph, found))
        paragraph = sentence.paragraph
    return lines


def _length(mark: Mark) -> int:
    return mark.end - mark.start
