"""What the rows of a file become in the database: plain values, made before anybody waits."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from tracker.articles.codes import Bearing
from tracker.incidents.codes import ActorType, AttributedBy, NameReach, TargetKind
from tracker.incidents.words import search_words_of
from tracker.people.codes import NameKind
from tracker.people.matching import keys, script_of, sort_key
from tracker.records import new_ref
from tracker.reports.imports.columns import LONGEST_IDENTIFIER
from tracker.search.rules import words_to_keep

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tracker.permissions import Visibility
    from tracker.reports.imports.checking import Draft

PREFIXES = {"journalists": "JRN", "outlets": "OUT"}
UNNAMED = 200


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """A journalist or outlet on record under exactly this name, and all words that find them."""

    id: int
    ref: str
    name: str
    search_text: str
    is_withheld: bool


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose the records are, and who signs them when."""

    team_id: int
    visibility: Visibility
    signed: Mapping[str, Any]

    def seen(self) -> dict[str, Any]:
        """Return what every row has."""
        return {"team_id": self.team_id, "visibility": self.visibility}


@dataclass(slots=True)
class Bearer:
    """A journalist or outlet of the file: on record already (`id`), or to be made."""

    name: str
    words: str
    id: int = 0
    ref: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    variant: dict[str, Any] = field(default_factory=dict)
    is_withheld: bool = False
    is_new: bool = False

    def search_text(self) -> str:
        """Return every word by which whoever it is is found, as the records themselves do."""
        return self.words


@dataclass(slots=True)
class Made:
    """An incident of the file: the values of its row and of those that hang on it."""

    row: int
    values: dict[str, Any]
    types: list[dict[str, Any]]
    targets: list[dict[str, Any]]
    actors: list[dict[str, Any]]
    citation: dict[str, Any]
    references: list[dict[str, Any]]
    words: list[str]

    def belong(self, number: int, article_id: int) -> None:
        """Give it its number, and say of which source it is."""
        self.values["id"] = number
        self.values["relative_to_id"] = article_id if self.values["as_stated"] else None
        self.citation |= {"record_id": number, "article_id": article_id}
        for row in self.references:
            row["record_id"] = number
        for row in (*self.types, *self.targets, *self.actors):
            row["incident_id"] = number


def bearers_of(
    names: Sequence[str], known: Mapping[str, KnownPerson], kind: str, owner: Owner
) -> dict[str, Bearer]:
    """Return whom names of a file mean: those on record, and new ones."""
    found: dict[str, Bearer] = {}
    for name in names:
        one = known.get(name)
        found[name] = (
            _new(name, kind, owner)
            if one is None
            else Bearer(one.name, one.search_text, one.id, one.ref, is_withheld=one.is_withheld)
        )
    return found


def _new(name: str, kind: str, owner: Owner) -> Bearer:
    plain, loose = keys(name)
    ref = new_ref(PREFIXES[kind])
    values = {
        **owner.signed,
        **owner.seen(),
        "ref": ref,
        "name": name,
        "sort_key": sort_key(name),
        "moved": {},
    }
    variant = {
        **owner.seen(), "name": name, "kind": NameKind.OTHER, "script": script_of(name),
        "matching_key": plain, "loose_key": loose,
    }  # fmt: skip
    return Bearer(
        name, f"{name} {plain} {loose}", ref=ref, values=values, variant=variant, is_new=True
    )


def made_of(
    draft: Draft,
    *,
    terms: Mapping[str, Any],
    regions: Mapping[str, Any],
    people: Mapping[str, Bearer],
    outlets: Mapping[str, Bearer],
    unnamed: str,
    scheme: str,
    attributed_by: str,
    owner: Owner,
) -> Made:
    """Return what one row becomes, with the words by which it is found."""
    region = regions.get(draft.region)
    seen = owner.seen()
    when = draft.when
    values = {
        **owner.signed, **seen, "ref": new_ref("INC"), "title": draft.title,
        "narrative": draft.narrative, "country": draft.country, "place": draft.place,
        "region_id": region.id if region else None,
        "earliest": when.earliest, "latest": when.latest, "precision": when.precision,
        "as_stated": when.as_stated,
    }  # fmt: skip
    types = [terms[code] for code in draft.types]
    targets = _targets(draft, people, outlets, unnamed, seen)
    called = draft.identifier or draft.url[:LONGEST_IDENTIFIER]
    reference = {**seen, "scheme": scheme, "identifier": called, "url": draft.url}
    cited = {
        **seen, "quote": draft.quote, "bearing": Bearing.SUPPORTS, "field": "",
        "cited_at": owner.signed["recorded_at"],
    }  # fmt: skip
    made = Made(
        row=draft.row, values=values,
        types=[{**seen, "term_id": term.id, "rank": term.rank} for term in types],
        targets=[row for row, *_ in targets],
        actors=[_actor(draft, attributed_by, seen)] if draft.actor else [],
        citation=cited, references=[reference] if called else [], words=[],
    )  # fmt: skip
    made.words = words_to_keep(search_words_of(_as_shown(made, types, region, targets)))
    return made


def _actor(draft: Draft, attributed_by: str, seen: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **seen, "actor_type": ActorType(draft.actor), "attributed_by": AttributedBy(attributed_by)
    }  # fmt: skip


def _as_shown(
    made: Made,
    types: Sequence[Any],
    region: Any,  # noqa: ANN401 (a term)
    targets: Sequence[tuple[dict[str, Any], Bearer | None, Bearer | None]],
) -> SimpleNamespace:
    """Return what looks like the incident to whatever asks for its words."""
    return SimpleNamespace(
        **made.values, public_summary_en="", public_summary_ru="", public_summary_kk="",
        work_link_said_by="", actors=(), region=region,
        types=[SimpleNamespace(term=term) for term in types],
        targets=[
            SimpleNamespace(journalist=who, outlet=where, place="", harm="", words=row["words"])
            for row, who, where in targets
        ],
        citations=[SimpleNamespace(**made.citation)],
        references=[SimpleNamespace(**one) for one in made.references],
    )  # fmt: skip


def _targets(
    draft: Draft,
    people: Mapping[str, Bearer],
    outlets: Mapping[str, Bearer],
    unnamed: str,
    seen: Mapping[str, Any],
) -> list[tuple[dict[str, Any], Bearer | None, Bearer | None]]:
    """Return the journalists, with the first outlet as theirs; else the outlets; else somebody."""
    where = [outlets[name] for name in draft.outlets]
    if draft.journalists:
        first = where[0] if where else None
        return [
            _target(TargetKind.JOURNALIST, seen, people[name], first) for name in draft.journalists
        ]
    if where:
        return [_target(TargetKind.OUTLET, seen, None, one) for one in where]
    return [_target(TargetKind.UNNAMED_PERSON, seen, words=unnamed[:UNNAMED])]


def _target(
    kind: TargetKind,
    seen: Mapping[str, Any],
    who: Bearer | None = None,
    where: Bearer | None = None,
    *,
    words: str = "",
) -> tuple[dict[str, Any], Bearer | None, Bearer | None]:
    reach = NameReach.TEAM if who is not None and who.is_withheld else NameReach.HOUSE
    row = {
        **seen, "kind": kind, "words": words, "name_reach": reach,
        "journalist_id": who.id if who else None, "outlet_id": where.id if where else None,
    }  # fmt: skip
    return row, who, where
