"""Who is named only when the story has been told: "He was Marat Ivin, 44, the correspondent"."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from tracker.intake.reading.capitals import words_of_list
from tracker.intake.reading.lexicon import lexicon
from tracker.intake.reading.targets.spots import Kind

if TYPE_CHECKING:
    from tracker.intake.reading.targets.spots import Scene, Spot
    from tracker.intake.reading.text import Line

# The story told before the name takes at most so many paragraphs.
BACK = 2
# "He was", then the name.
NAME_AT = 2


def reveal(scene: Scene) -> None:
    """Give the "he" of the paragraphs before to the journalist whom "he was" names at last."""
    for place, line in enumerate(scene.lines):
        named = _named(scene, line)
        if named is None:
            continue
        before = scene.lines[:place]
        told = [one for one in before if line.paragraph - one.paragraph <= BACK]
        after = [one for one in scene.lines[place:] if one.paragraph == line.paragraph]
        for one in [*told, *after]:
            if one.paragraph == line.paragraph or not _names_somebody(scene, one.paragraph):
                _give(scene, one, named, line.words[0].folded)


def _named(scene: Scene, line: Line) -> Spot | None:
    words = line.words
    if len(words) <= NAME_AT or words[1].folded not in _was(scene.reading.language.value):
        return None
    if words[0].folded not in _pronouns(scene, words[0].folded):
        return None
    return next(
        (
            spot
            for spot in scene.at(line.number)
            if spot.first == NAME_AT and spot.is_name and spot.kind is Kind.JOURNALIST
        ),
        None,
    )


def _names_somebody(scene: Scene, paragraph: int) -> bool:
    """Say whether a paragraph has a name to which its "he" may belong."""
    return any(
        spot.is_name and spot.person is not None and spot.kind is not Kind.RELATIVE
        for line in scene.lines
        if line.paragraph == paragraph
        for spot in scene.at(line.number)
    )


def _give(scene: Scene, line: Line, named: Spot, pronoun: str) -> None:
    words = _pronouns(scene, pronoun)
    scene.spots[line.number][:] = [
        spot._replace(person=named.person, kind=named.kind)
        if spot.person is not None and not spot.is_name and line.words[spot.first].folded in words
        else spot
        for spot in scene.at(line.number)
    ]


def _pronouns(scene: Scene, pronoun: str) -> frozenset[str]:
    """Return the pronouns of the same gender, none for another word."""
    language = scene.reading.language
    both = (words_of_list(language, "he"), words_of_list(language, "she"))
    return next((frozenset(words) for words in both if pronoun in words), frozenset())


@cache
def _was(language: str) -> frozenset[str]:
    return frozenset(lexicon(language, "targets")["press"].get("was", ()))
