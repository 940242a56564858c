"""What an article suggests to record: people, outlets, acts, accounts and responses."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any

from tracker.intake.reading.accounts.finding import accounts_in
from tracker.intake.reading.acts.finding import acts_in
from tracker.intake.reading.answers.days import said_on
from tracker.intake.reading.answers.finding import responses_in
from tracker.intake.reading.dates.finding import dates_in
from tracker.intake.reading.leftovers import without_leftovers
from tracker.intake.reading.outlets.newsrooms import newsrooms_in
from tracker.intake.reading.people.gathering import people_in
from tracker.intake.reading.places.finding import places_in
from tracker.intake.reading.targets.aiming import Aimed, aimed_at
from tracker.intake.reading.text import Passage

if TYPE_CHECKING:
    from tracker.intake.reading.found import (
        Account,
        Act,
        Dated,
        Newsroom,
        Person,
        Place,
        Response,
    )
    from tracker.intake.reading.text import Reading


@dataclass(frozen=True)
class Suggestions:
    """All that was found in an article, and what of it is suggested."""

    people: list[Person] = field(default_factory=list)
    newsrooms: list[Newsroom] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    dates: list[Dated] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)
    responses: list[Response] = field(default_factory=list)
    aimed: Aimed = field(default_factory=Aimed)

    @property
    def is_incident(self) -> bool:
        """Say whether the article tells that somebody was harassed for journalism."""
        return self.aimed.is_incident


def suggest(reading: Reading) -> Suggestions:
    """Return what stands in an article; nothing of it is recorded until a person confirms it."""
    article = without_leftovers(reading)
    found = _found(article)
    return found if article.text == reading.text else _cited(found, reading)


def _found(reading: Reading) -> Suggestions:
    people = people_in(reading)
    accounts = accounts_in(reading)
    # The address of a fake twin is no newsroom.
    fakes = {one.handle.casefold() for one in accounts if one.is_hostile}
    newsrooms = [one for one in newsrooms_in(reading) if one.name.casefold() not in fakes]
    acts = acts_in(reading)
    aimed = aimed_at(reading, people, newsrooms, acts)
    dates = dates_in(reading, acts)
    responses = responses_in(reading, people, aimed)
    for one in responses:
        one.when = said_on(reading, one, dates, acts)
    return Suggestions(
        people=people,
        newsrooms=newsrooms,
        acts=acts,
        dates=dates,
        places=places_in(reading, acts),
        # Where nobody of the press was aimed at, a fake is of somebody else.
        accounts=[
            replace(one, is_hostile=one.is_hostile and aimed.is_incident) for one in accounts
        ],
        responses=responses,
        aimed=aimed,
    )


def _cited(found: Any, reading: Reading) -> Any:  # noqa: ANN401 (whatever holds passages)
    """Return the same with the numbers that sentences have for whoever cites the whole text."""
    if isinstance(found, Passage):
        return reading.passage(found.start, found.end)
    if isinstance(found, list):
        return [_cited(one, reading) for one in found]
    if isinstance(found, dict):
        return {key: _cited(one, reading) for key, one in found.items()}
    if is_dataclass(found) and not isinstance(found, type):
        return replace(
            found, **{one.name: _cited(getattr(found, one.name), reading) for one in fields(found)}
        )
    return found
