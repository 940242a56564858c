"""Who was aimed at, and whether anybody was: by parts, by what was done, by the whole text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tracker.intake.reading.kinds import Reality
from tracker.intake.reading.leftovers import article_lines
from tracker.intake.reading.lexicon import lexicon
from tracker.intake.reading.targets.cast import focus_of, presences
from tracker.intake.reading.targets.choosing import chosen
from tracker.intake.reading.targets.done import acts_done
from tracker.intake.reading.targets.gate import ENOUGH, score_of, signs_of
from tracker.intake.reading.targets.linking import links_of
from tracker.intake.reading.targets.sifting import sifted, without_names
from tracker.intake.reading.targets.spots import scene_of

if TYPE_CHECKING:
    from tracker.intake.reading.found import Act, Newsroom, Person
    from tracker.intake.reading.text import Reading


@dataclass(frozen=True)
class Aimed:
    """Who was aimed at and by which acts; `score` is how sure it is that anybody was, 0 to 1."""

    is_incident: bool = False
    score: float = 0.0
    people: list[Person] = field(default_factory=list)
    newsrooms: list[Newsroom] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)


def aimed_at(
    reading: Reading, people: list[Person], newsrooms: list[Newsroom], acts: list[Act]
) -> Aimed:
    """Weigh people by their parts, what was done to whom, and the whole article."""
    if not lexicon(reading.language.value, "targets"):
        return Aimed()
    lines = article_lines(reading)
    scene = scene_of(reading, lines, people, newsrooms)
    numbers = {line.number for line in lines}
    acts = without_names(scene, [act for act in acts if act.passage.number in numbers])
    found = presences(scene)
    focus = focus_of(scene, found)
    links = sifted(scene, links_of(scene, acts, found, focus.spot if focus else None))
    score = score_of(signs_of(scene, links, len(acts), focus))
    if score < ENOUGH:
        return Aimed(score=score)
    real = [link for link in links if link.act.reality is Reality.HAPPENED]
    who = chosen(scene, found, real, focus)
    return Aimed(
        is_incident=True,
        score=score,
        people=who.people,
        newsrooms=who.newsrooms,
        acts=acts_done(real, who),
    )
