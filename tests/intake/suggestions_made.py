"""Suggestions made by hand from the words of a text, so that a test states what was found."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tracker.articles.codes import Language
from tracker.reader.found import (
    FoundAccount,
    FoundAct,
    FoundDate,
    FoundOutlet,
    FoundPerson,
    FoundPlace,
    FoundResponse,
    FoundResponseAct,
    Mention,
    Reality,
)
from tracker.reader.suggest import Suggestions
from tracker.reader.targets.finding import TargetingResult
from tracker.reader.text import ArticleText, Passage
from tracker.responses.codes import ActType, Stance, Standing
from tracker.when import parse_when

KNOWN_BY = "2026-12-31"


@dataclass
class Made:
    """An article with the results of a reader, given by its own words."""

    text: str
    language: Language = Language.EN
    people: list[FoundPerson] = field(default_factory=list)
    newsrooms: list[FoundOutlet] = field(default_factory=list)
    acts: list[FoundAct] = field(default_factory=list)
    dates: list[FoundDate] = field(default_factory=list)
    places: list[FoundPlace] = field(default_factory=list)
    accounts: list[FoundAccount] = field(default_factory=list)
    responses: list[FoundResponse] = field(default_factory=list)

    @property
    def reading(self) -> ArticleText:
        return ArticleText(text=self.text, language=self.language)

    def passage(self, words: str) -> Passage:
        start = self.text.index(words)
        return self.reading.get_passage(start, start + len(words))

    def person(self, name: str, *others: str, score: float = 1.0) -> None:
        """Add a person, with the places of the name or of other words for it."""
        places = [Mention(passage) for passage in self._everywhere(name)]
        places += [Mention(self.passage(words), is_name=False) for words in others]
        self.people.append(FoundPerson(name, places, score=score))

    def newsroom(self, name: str) -> None:
        self.newsrooms.append(FoundOutlet(name, list(self._everywhere(name))))

    def act(self, code: str, words: str, **more: Any) -> None:
        given: dict[str, Any] = {"reality": Reality.HAPPENED, "score": 0.8} | more
        self.acts.append(FoundAct(code, self.passage(words), **given))

    def date(
        self, words: str, typed: str, latest_possible_date: date, *, is_period: bool = False
    ) -> None:
        when = parse_when(typed, latest_possible_date=latest_possible_date, as_stated=words)
        self.dates.append(FoundDate(self.passage(words), when, is_period=is_period))

    def place(self, name: str, country: str = "KZ", region: str = "") -> None:
        passage = self.passage(name)
        self.places.append(FoundPlace(name, passage, country, region, event_passages=(passage,)))

    def account(self, handle: str, *, is_hostile: bool = True, kind: str = "channel") -> None:
        passage = self.passage(handle)
        self.accounts.append(FoundAccount(handle, kind, "telegram", passage, is_hostile))

    def response(self, institution: str, speaker: str, *acts: tuple[ActType, str]) -> None:
        said = [
            FoundResponseAct(kind, self.passage(words), is_direct=False, score=0.7)
            for kind, words in acts
        ]
        self.responses.append(
            FoundResponse(
                speaker, "", institution, Standing.RESPONSIBLE_STATE, Stance.CONDEMNS, said
            )
        )

    @property
    def found(self) -> Suggestions:
        targeting = TargetingResult(
            is_incident=bool(self.acts), score=0.9, people=self.people,
            newsrooms=self.newsrooms, acts=self.acts,
        )  # fmt: skip
        return Suggestions(
            people=self.people, newsrooms=self.newsrooms, acts=self.acts, dates=self.dates,
            places=self.places, accounts=self.accounts, responses=self.responses, targeting=targeting,
        )  # fmt: skip

    def _everywhere(self, words: str) -> list[Passage]:
        found, start = [], self.text.find(words)
        while start >= 0:
            found.append(self.reading.get_passage(start, start + len(words)))
            start = self.text.find(words, start + 1)
        return found
