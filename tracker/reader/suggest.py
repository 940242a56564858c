"""What an article suggests to record: people, outlets, acts, accounts and responses."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import date
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any

from tracker.articles.codes import Language
from tracker.errors import trace_of
from tracker.incidents.codes import PurportedAs
from tracker.reader.accounts import accounts_in
from tracker.reader.acts.finding import acts_in
from tracker.reader.answers.finding import responses_in, said_on, stand_apart
from tracker.reader.dates.finding import dates_in
from tracker.reader.found import (
    Account,
    Act,
    Dated,
    Mention,
    Newsroom,
    Part,
    Person,
    Place,
    Reality,
    Response,
    Said,
)
from tracker.reader.lines import without_leftovers
from tracker.reader.outlets import newsrooms_in
from tracker.reader.people.finding import people_in
from tracker.reader.places.finding import places_in
from tracker.reader.targets.finding import Aimed, aimed_at
from tracker.reader.text import Passage, Reading
from tracker.responses.codes import ActType, Stance, Standing
from tracker.when import Precision, When

if TYPE_CHECKING:
    from collections.abc import Iterator

# Of a list of anything; no article tells that much, and what is made of it takes its square.
MOST_FOUND = 200
# What these tell makes the rules load all their words, before anybody waits for them.
TOLD = {
    Language.EN: """Editor threatened in Almaty

By Dana Sample

On 3 March 2025 two police officers beat reporter Dana Sample of the newspaper Sample Post and
seized her camera outside her home in Almaty, her editor said. She had received death threats from
a fake Telegram account, @sample_fake1, for two weeks.

“We condemn the attack and have opened an investigation,” said Ivan Sample, a spokesman of the
Interior Ministry. The court did not comment. He denied it in January 2024.
""",
    Language.RU: """Редактору угрожали в Алматы

Дана Образцова

3 марта 2025 года двое полицейских избили журналистку Дану Образцову из газеты «Пример» и отобрали
у неё камеру возле её дома в Алматы, сообщил её редактор. Две недели она получала угрозы убийством
с поддельного аккаунта в Telegram @sample_fake1.

«Мы осуждаем нападение и начали расследование», — заявил Иван Образцов, представитель Министерства
внутренних дел. Суд отказался от комментариев. В январе 2024 года он это отрицал.
""",
    Language.KK: """Алматыда редакторды қорқытты

Дана Үлгі

2025 жылғы 3 наурызда екі полицей «Үлгі» газетінің журналисі Дана Үлгіні Алматыдағы үйінің жанында
ұрып, камерасын тартып алды, деді оның редакторы. Екі апта бойы оған Telegram-дағы жалған
@sample_fake1 аккаунтынан өлтіреміз деген қоқан-лоққы келген.

«Біз шабуылды айыптаймыз, тергеу басталды», — деді Ішкі істер министрлігінің өкілі Иван Үлгі.
Сот түсініктеме беруден бас тартты. Ол 2024 жылғы қаңтарда мұны жоққа шығарған.
""",
}


class SuggestionsError(Exception):
    """The rules broke on a text; `args[0]` says where, and none of its words."""


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
        """Return whether the article tells that somebody was harassed for journalism."""
        return self.aimed.is_incident


def suggest(reading: Reading) -> Suggestions:
    """Return what is in an article; nothing of it is recorded until a person confirms it."""
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
    places = places_in(reading, acts)
    stand_apart(responses, places)
    return Suggestions(
        people=people,
        newsrooms=newsrooms,
        acts=acts,
        dates=dates,
        places=places,
        # Where nobody of the press was targeted, a fake is of somebody else.
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


def as_json(file: str, reading: Reading, found: Suggestions) -> dict[str, Any]:
    """Return what is found in an article as plain values, for printing and scoring."""
    return {
        "file": file,
        "language": reading.language.value,
        "title": reading.title,
        "authors": list(reading.authors),
        "publisher": reading.publisher,
        "published": reading.published.isoformat() if reading.published else None,
        "is_incident": found.is_incident,
        "journalists": [one.name for one in found.aimed.people],
        "outlets": [one.name for one in found.aimed.newsrooms],
        "incident_types": list(dict.fromkeys(act.code for act in found.aimed.acts)),
        "responses": [_response(one) for one in found.responses],
        "accounts": [one.handle for one in found.accounts if one.is_hostile],
        "dates": [
            {
                "earliest": one.when.earliest.isoformat(),
                "latest": one.when.latest.isoformat(),
                "precision": one.when.precision.value,
                "as_stated": one.when.as_stated,
            }
            for one in found.dates
        ],
        "places": [one.name for one in found.places],
    }


def _response(one: Response) -> dict[str, Any]:
    return {
        "speaker": one.speaker or one.office,
        "institution": one.institution,
        "standing": one.standing.value,
        "stance": one.stance.value,
        "acts": [{"type": act.kind.value, "quote": act.quote.words} for act in one.acts],
    }


@cache
def load(language: str) -> None:
    """Load the words of a language."""
    if told := TOLD.get(Language(language)):
        suggest(Reading(text=told, language=Language(language)))


def answer_job(content: bytes, options: dict[str, Any]) -> Iterator[Any]:
    """Answer as a child of the parser: what the text suggests, or where the rules broke on it."""
    published = options.pop("published")
    reading = Reading(
        text=content.decode("utf-8", "surrogatepass"),
        language=Language(options.pop("of")),
        authors=tuple(options.pop("authors")),
        published=date.fromisoformat(published) if published else None,
        **options,
    )
    try:
        yield {"found": packed(suggest(reading))}
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 (no text may shut the page: all can be added by hand)
        yield {"broke": trace_of(error)}


# What suggestions are made of, by the names under which they travel.
KINDS: dict[str, Any] = {
    one.__name__: one
    for one in (
        Account, Act, ActType, Aimed, Dated, Mention, Newsroom, Part, Passage, Person, Place,
        Precision, PurportedAs, Reality, Response, Said, Stance, Standing, Suggestions, When,
    )
}  # fmt: skip
# No field is called so.
KIND = "="


def packed(found: Any) -> Any:  # noqa: ANN401, PLR0911 (whatever holds passages; a line a kind)
    """Return the same as JSON can hold it; of long lists the beginning."""
    if isinstance(found, Enum):
        return {KIND: type(found).__name__, "value": found.value}
    if isinstance(found, date):
        return {KIND: "date", "value": found.isoformat()}
    if isinstance(found, Passage):
        return {KIND: "Passage"} | found._asdict()
    if is_dataclass(found) and not isinstance(found, type):
        named = {one.name: packed(getattr(found, one.name)) for one in fields(found) if one.init}
        return {KIND: type(found).__name__} | named
    if isinstance(found, dict):
        return {KIND: "dict", "items": [[packed(key), packed(of)] for key, of in found.items()]}
    if isinstance(found, tuple):
        return {KIND: "tuple", "items": [packed(one) for one in found]}
    if isinstance(found, list):
        return [packed(one) for one in found[:MOST_FOUND]]
    return found


def unpacked(told: Any) -> Any:  # noqa: ANN401, PLR0911 (JSON; a line a kind)
    """Return what was packed: of our own kinds alone."""
    if isinstance(told, list):
        return [unpacked(one) for one in told]
    if not isinstance(told, dict):
        return told
    kind = told[KIND]
    if kind == "date":
        return date.fromisoformat(told["value"])
    if kind == "dict":
        return {unpacked(key): unpacked(of) for key, of in told["items"]}
    if kind == "tuple":
        return tuple(unpacked(one) for one in told["items"])
    made = KINDS[kind]
    if issubclass(made, Enum):
        return made(told["value"])
    return made(**{name: unpacked(of) for name, of in told.items() if name != KIND})
