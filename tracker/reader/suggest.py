"""Find the suggestions of an article: people, outlets, acts, dates, places, accounts, responses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import date
from enum import Enum
from functools import cache
from typing import Any

from tracker.articles.codes import Language
from tracker.errors import redacted_traceback
from tracker.incidents.codes import PurportedAs
from tracker.reader import found as reader_found
from tracker.reader.accounts import find_accounts
from tracker.reader.acts.finding import find_acts
from tracker.reader.answers.finding import find_responses, mark_foreign_authorities, response_date
from tracker.reader.dates.finding import find_dates
from tracker.reader.lines import blank_boilerplate
from tracker.reader.outlets import find_outlets
from tracker.reader.people.finding import find_people
from tracker.reader.places.finding import find_places
from tracker.reader.targets.finding import TargetingResult, find_targets
from tracker.reader.text import ArticleText, Passage
from tracker.responses.codes import ActType, Stance, Standing
from tracker.when import Precision, When

# Longer lists of one kind of suggestion are cut: no article has so many, and processing time grows
# with the square.
MAX_SUGGESTIONS = 200
# Sample texts that make the rules load all word lists before the first request.
SAMPLE_TEXTS = {
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
    """The rules failed on a text; `args[0]` is a traceback without words of the text."""


@dataclass(frozen=True)
class Suggestions:
    """What the rules found in an article. `people`, `newsrooms` and `acts` have everybody and
    everything found; `targeting` has only the targets and the acts against them.
    """

    people: list[reader_found.FoundPerson] = field(default_factory=list)
    newsrooms: list[reader_found.FoundOutlet] = field(default_factory=list)
    acts: list[reader_found.FoundAct] = field(default_factory=list)
    dates: list[reader_found.FoundDate] = field(default_factory=list)
    places: list[reader_found.FoundPlace] = field(default_factory=list)
    accounts: list[reader_found.FoundAccount] = field(default_factory=list)
    responses: list[reader_found.FoundResponse] = field(default_factory=list)
    targeting: TargetingResult = field(default_factory=TargetingResult)

    @property
    def is_incident(self) -> bool:
        """Whether the article reports harassment of journalists or outlets."""
        return self.targeting.is_incident


def suggest(article: ArticleText) -> Suggestions:
    """Return the suggestions of an article; nothing is stored."""
    content = blank_boilerplate(article)
    found = _build_suggestions(content)
    return found if content.text == article.text else _restore_sentence_numbers(found, article)


def _build_suggestions(article: ArticleText) -> Suggestions:
    """Return the suggestions of an article. In its text, spaces must stand in place of boilerplate:
    links and lists of other articles.
    """
    people = find_people(article)
    accounts = find_accounts(article)
    # The address of a fake outlet is not a newsroom.
    fakes = {one.handle.casefold() for one in accounts if one.is_hostile}
    newsrooms = [one for one in find_outlets(article) if one.name.casefold() not in fakes]
    acts = find_acts(article)
    targeting = find_targets(article, people, newsrooms, acts)
    dates = find_dates(article, acts)
    responses = find_responses(article, people, targeting)
    for one in responses:
        one.when = response_date(article, one, dates, acts)
    places = find_places(article, acts)
    mark_foreign_authorities(responses, places)
    return Suggestions(
        people=people,
        newsrooms=newsrooms,
        acts=acts,
        dates=dates,
        places=places,
        # If nobody of the press was targeted, a fake impersonates somebody else.
        accounts=[
            replace(one, is_hostile=one.is_hostile and targeting.is_incident) for one in accounts
        ],
        responses=responses,
        targeting=targeting,
    )


def _restore_sentence_numbers(found: Any, article: ArticleText) -> Any:  # noqa: ANN401 (whatever holds passages)
    """Return a copy of `found`, any value that holds passages, in which each passage has the number
    of its sentence in `article`.
    """
    if isinstance(found, Passage):
        return article.get_passage(found.start, found.end)
    if isinstance(found, list):
        return [_restore_sentence_numbers(one, article) for one in found]
    if isinstance(found, dict):
        return {key: _restore_sentence_numbers(one, article) for key, one in found.items()}
    if is_dataclass(found) and not isinstance(found, type):
        return replace(
            found,
            **{
                one.name: _restore_sentence_numbers(getattr(found, one.name), article)
                for one in fields(found)
            },
        )
    return found


def suggestions_summary(file: str, article: ArticleText, found: Suggestions) -> dict[str, Any]:
    """Return the suggestions of an article as a JSON object: the name of its `file`, its metadata,
    "is_incident", the names of targets, incident types, responses, hostile accounts, dates, and the
    names of places.
    """
    return {
        "file": file,
        "language": article.language.value,
        "title": article.title,
        "authors": list(article.authors),
        "publisher": article.publisher,
        "published": article.published.isoformat() if article.published else None,
        "is_incident": found.is_incident,
        "journalists": [one.name for one in found.targeting.people],
        "outlets": [one.name for one in found.targeting.newsrooms],
        "incident_types": list(dict.fromkeys(act.code for act in found.targeting.acts)),
        "responses": [_response_summary(one) for one in found.responses],
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


def _response_summary(response: reader_found.FoundResponse) -> dict[str, Any]:
    """Return an official response as JSON values: "speaker", "institution", "standing", "stance",
    and "acts", each with "type" and "quote".
    """
    return {
        "speaker": response.speaker or response.office,
        "institution": response.institution,
        "standing": response.standing.value,
        "stance": response.stance.value,
        "acts": [{"type": act.kind.value, "quote": act.quote.text} for act in response.acts],
    }


@cache
def preload(language: str) -> None:
    """Load the word lists and patterns of a language, by reading a sample text."""
    if text := SAMPLE_TEXTS.get(Language(language)):
        suggest(ArticleText(text=text, language=Language(language)))


def run_job(content: bytes, options: dict[str, Any]) -> Iterator[Any]:
    """Yield the answer of a child process: {"found": the suggestions as JSON values}, or {"broke":
    a traceback}. `content`: the text of an article, in UTF-8; `options`: the other fields of
    `ArticleText` as JSON values, except that the key of `language` is "of".
    """
    published = options.pop("published")
    article = ArticleText(
        text=content.decode("utf-8", "surrogatepass"),
        language=Language(options.pop("of")),
        authors=tuple(options.pop("authors")),
        published=date.fromisoformat(published) if published else None,
        **options,
    )
    try:
        yield {"found": to_json(suggest(article))}
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 (no text may shut the page: all can be added by hand)
        yield {"broke": redacted_traceback(error)}


# The classes whose objects suggestions consist of, by their names in JSON.
SUGGESTION_CLASSES: dict[str, Any] = {
    one.__name__: one
    for one in (
        reader_found.FoundAccount, reader_found.FoundAct, ActType, TargetingResult,
        reader_found.FoundDate, reader_found.Mention, reader_found.FoundOutlet,
        reader_found.PersonRole, Passage, reader_found.FoundPerson, reader_found.FoundPlace,
        Precision, PurportedAs, reader_found.Reality, reader_found.FoundResponse,
        reader_found.FoundResponseAct, Stance, Standing,
        Suggestions, When,
    )
}  # fmt: skip
# The JSON key under which the class of a value is stored. No field of a class has this name.
CLASS_KEY = "="


def to_json(found: Any) -> Any:  # noqa: ANN401, PLR0911 (whatever holds passages; a line a kind)
    """Return suggestions, or any value in them, as JSON values that also name their classes. Lists
    are cut to `MAX_SUGGESTIONS`.
    """
    if isinstance(found, Enum):
        return {CLASS_KEY: type(found).__name__, "value": found.value}
    if isinstance(found, date):
        return {CLASS_KEY: "date", "value": found.isoformat()}
    if isinstance(found, Passage):
        return {CLASS_KEY: "Passage"} | found._asdict()
    if is_dataclass(found) and not isinstance(found, type):
        named = {one.name: to_json(getattr(found, one.name)) for one in fields(found) if one.init}
        return {CLASS_KEY: type(found).__name__} | named
    if isinstance(found, dict):
        return {
            CLASS_KEY: "dict",
            "items": [[to_json(key), to_json(of)] for key, of in found.items()],
        }
    if isinstance(found, tuple):
        return {CLASS_KEY: "tuple", "items": [to_json(one) for one in found]}
    if isinstance(found, list):
        return [to_json(one) for one in found[:MAX_SUGGESTIONS]]
    return found


def from_json(json_values: Any) -> Any:  # noqa: ANN401, PLR0911 (JSON; a line a kind)
    """Return the value from which `to_json` made `json_values`. No other classes than
    `SUGGESTION_CLASSES` are built.
    """
    if isinstance(json_values, list):
        return [from_json(one) for one in json_values]
    if not isinstance(json_values, dict):
        return json_values
    kind = json_values[CLASS_KEY]
    if kind == "date":
        return date.fromisoformat(json_values["value"])
    if kind == "dict":
        return {from_json(key): from_json(of) for key, of in json_values["items"]}
    if kind == "tuple":
        return tuple(from_json(one) for one in json_values["items"])
    made = SUGGESTION_CLASSES[kind]
    if issubclass(made, Enum):
        return made(json_values["value"])
    return made(**{name: from_json(of) for name, of in json_values.items() if name != CLASS_KEY})
