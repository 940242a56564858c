"""Whether an article tells an incident at all: a few things that can be read off it, weighed."""

from __future__ import annotations

from math import exp
from typing import TYPE_CHECKING, NamedTuple

from tracker.intake.reading.kinds import Reality
from tracker.intake.reading.targets.linking import BESIDE, STRONG, together
from tracker.intake.reading.targets.sifting import dealt
from tracker.intake.reading.targets.spots import PLAIN, PRESS, Kind, frames

if TYPE_CHECKING:
    from tracker.intake.reading.targets.cast import Presence
    from tracker.intake.reading.targets.linking import Link
    from tracker.intake.reading.targets.spots import Scene

HOAX = "disinformation.death_hoax"
# From this score on an article is suggested as an incident.
ENOUGH = 0.5
# What each sign adds to the score before it is squeezed between 0 and 1: round numbers, set by hand
# near what a logistic regression once gave on the articles at which rules are tried (`tuned`).
START = 0.2
WEIGHTS = {
    "acts": 1.2,  # that an act was done to the press, all that say so by their words together
    "focus": 1.0,  # it is about one journalist or newsroom, or tells what was done to several
    "headline": -1.0,  # the headline speaks of the press and tells no act, as portraits' do
    "work": 0.4,  # what they had published is told, at most FEW times
    "complaint": 0.5,  # somebody turned to an authority, or one was asked, at most FEW times
    "quiet": -1.0,  # nothing was plainly done but to a crowd, and nobody complained or was asked
    "unharmed": -1.6,  # it is said that nothing happened, at most FEW times
    "unreal": -2.8,  # share of acts that are negated, supposed or denied
    "others": -2.4,  # share of acts that were done to others than the press
    "groundless": -4.4,  # nothing but proceedings, and no work that they would be for
    "frame": -2.6,  # the text is of another kind: a film, a law, a training, a match
    "frames": -0.2,  # different words of all such kinds together, at most MANY
    "report": 1.4,  # the headline is one of those who record what is done to the press
    "absent": -1.6,  # the press hardly occurs
}
FEW = 4
MANY = 10
# Where acts are told, "nobody touched me" is no more than a part of the story.
HARMED = 0.6
# "Journalists were beaten and sued" is a statistic as often as a case.
OF_CROWD = 0.3
DETENTION = "legal.detention"
PROCEEDINGS = ("legal.administrative", "legal.criminal", "legal.civil", "legal.economic")
# From so much of acts on what was published before is a reason for them.
DONE = 0.6
# So much of acts says nothing yet of their shares.
SURE = 0.5
# So many different words of a kind of text, per hundred words, make it one of that kind.
FULL_FRAME = 3.0
IN_TITLE = 3
# These weigh the same wherever they stand; "was not detained" weighs more in the headline.
SAID_ANYWHERE = ("work", "complaint")
# Words with the same beginning are counted once.
STEM = 6
# Below this share of sentences with the press it hardly occurs.
PRESENT = 0.12
# Above this one it is no mere crime story.
OF_CRIME = 0.4


class Signs(NamedTuple):
    """What can be read off an article; the names are those of `WEIGHTS`."""

    acts: float
    focus: float
    headline: float
    work: float
    complaint: float
    quiet: float
    unharmed: float
    unreal: float
    others: float
    groundless: float
    frame: float
    frames: float
    report: float
    absent: float


def score_of(signs: Signs) -> float:
    """Return how sure it is that the article tells an incident, 0 to 1."""
    total = START + sum(WEIGHTS[name] * value for name, value in signs._asdict().items())
    return 1 / (1 + exp(-total))


def signs_of(scene: Scene, links: list[Link], n_acts: int, focus: Presence | None) -> Signs:
    """Read the signs off an article."""
    real = [one for one in links if one.act.reality is Reality.HAPPENED]
    old = [one for one in links if one.act.reality is Reality.BACKGROUND]
    in_title = any(_is_in_title(scene, one) for one in real)
    told = told_in(scene, of_act=in_title)
    if dealt(scene, real) or any(one.act.code == HOAX and one.act.score >= STRONG for one in real):
        # A blow is no accident, and mourning is what a hoax is made of.
        told["accident"] = 0
    of_crowd = all(spot.kind is Kind.MANY for one in real for spot in one.spots)
    acts = together([one.act.score * one.worth for one in real if one.act.score >= STRONG])
    acts *= OF_CROWD if of_crowd else 1
    not_real = [one for one in links if one not in real and one not in old]
    return Signs(
        acts=acts,
        focus=float(focus is not None or _n_hit(real) > 1),
        headline=float(_is_headline(scene) and not in_title),
        work=_work(told["work"], acts),
        complaint=min(FEW, told["complaint"]),
        quiet=float((of_crowd or not acts) and not told["complaint"]),
        unharmed=min(FEW, told["unharmed"]) * (1 - HARMED * acts),
        unreal=_share(not_real, links),
        others=(n_acts - len(links)) / (n_acts + 2 * SURE),
        groundless=float(_is_groundless(real, told["work"])),
        frame=_frame(scene, told),
        frames=min(MANY, sum(told.values()) - sum(told[name] for name in PLAIN)),
        report=float(_is_report(scene)),
        absent=max(0.0, 1 - _presence(scene) / PRESENT),
    )


def _work(told: int, acts: float) -> float:
    """Return how much is told of their work: praise and portraits tell it too, where nothing was
    done, and there it counts once.
    """
    return min(1, told) + max(0, min(FEW, told) - 1) * min(1.0, acts / DONE)


def _is_groundless(real: list[Link], work: int) -> bool:
    """Say whether all that was done to one is proceedings, and nothing of her work is told: who is
    fined for speeding or tried for bribes is no target because she is a presenter.
    """
    strong = [one.act.code for one in real if one.act.score >= STRONG]
    return (
        not work
        and _n_hit(real) == 1
        and all(code in (*PROCEEDINGS, DETENTION) for code in strong)
        and any(code in PROCEEDINGS for code in strong)
    )


def _n_hit(links: list[Link]) -> int:
    """Return to how many people by name something was done."""
    return len(
        {
            id(spot.person)
            for link in links
            if link.worth == BESIDE and link.act.score >= STRONG
            for spot in link.spots
            if spot.person is not None
        }
    )


def _share(some: list[Link], links: list[Link]) -> float:
    """Return how much of what was done some acts make out; few acts say little."""
    return sum(one.act.score * one.worth for one in some) / (
        SURE + sum(one.act.score * one.worth for one in links)
    )


def _is_headline(scene: Scene) -> bool:
    if not scene.lines:
        return False
    spots = scene.at(scene.lines[0].number)
    return any(spot.kind in PRESS and spot.kind is not Kind.SELF for spot in spots)


def _is_report(scene: Scene) -> bool:
    """Say whether the headline is one of those who record what is done to the press."""
    told = scene.told[scene.lines[0].number] if scene.lines else ()
    return any(name == "report" for name, _first, _end in told)


def _presence(scene: Scene) -> float:
    with_press = sum(
        any(spot.kind in PRESS for spot in scene.at(line.number)) for line in scene.lines
    )
    return with_press / max(1, len(scene.lines))


def _is_in_title(scene: Scene, link: Link) -> bool:
    """Say whether the headline itself tells what was done."""
    return link.act.score >= STRONG and link.act.passage.number == scene.lines[0].number


def told_in(scene: Scene, *, of_act: bool = False) -> dict[str, int]:
    """Return how many different phrases of each kind stand in the article, those of the headline
    several times, unless the headline tells an act.
    """
    language = scene.reading.language.value
    count = dict.fromkeys((*PLAIN, *frames(language)), 0)
    found: set[tuple[str, str]] = set()
    in_title = 1 if of_act else IN_TITLE
    for place, line in enumerate(scene.lines):
        for name, first, end in scene.told[line.number]:
            words = " ".join(word.folded[:STEM] for word in line.words[first:end])
            if name in count and (name, words) not in found:
                found.add((name, words))
                count[name] += in_title if place == 0 and name not in SAID_ANYWHERE else 1
    return count


def _frame(scene: Scene, told: dict[str, int]) -> float:
    """Return how much the article is of a kind in which the press is not harmed; crime and fraud
    are such only where the press hardly occurs.
    """
    n_words = sum(len(line.words) for line in scene.lines)
    absent = max(0.0, 1 - _presence(scene) / OF_CRIME)
    most = max(
        (
            count * (absent if name in ("crime", "fraud") else 1.0)
            for name, count in told.items()
            if name not in PLAIN
        ),
        default=0.0,
    )
    return min(1.0, max(0.0, most - 1) / (FULL_FRAME * max(n_words, 100) / 100))
