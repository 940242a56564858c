"""The filters of the lists of people; find journalists, outlets and institutions by ref, filter and
similar name.

Also the free texts of a record, and the people whose names must not occur in them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import (
    MANYTOONE,
    Mapper,
    RelationshipProperty,
    Session,
    aliased,
    contains_eager,
    joinedload,
    selectinload,
    undefer,
)
from sqlalchemy.orm.attributes import set_committed_value

from tracker.db import db
from tracker.i18n import lazy
from tracker.kit.filters import ListFilter, code_filter, country_filter, quote_value, text_filter
from tracker.people.codes import InstitutionKind
from tracker.people.matching import key_similarity, name_keys
from tracker.people.models import (
    Affiliation,
    Erasure,
    Institution,
    InstitutionName,
    Journalist,
    JournalistName,
    Outlet,
    OutletName,
)
from tracker.people.rules import find_mentions, may_mention
from tracker.permissions import Actor, Visibility
from tracker.records import record_models
from tracker.scoping import ScopedRecord
from tracker.search.index import WORD_PATTERN, ids_matching_words, normalized_words, word_stem
from tracker.search.models import Searchable, SearchEntry

# How many rows are in memory at a time, while the texts of many rows are searched for a name.
ROWS_PER_FETCH = 1000
# Text columns that are computed: keys and fingerprints, without text that a user wrote.
COMPUTED_COLUMNS = frozenset(
    {"ref", "sort_key", "matching_key", "loose_key", "text_digest", "sha256", "media_type"}
)
NamedRecordType = TypeVar("NamedRecordType", Journalist, Outlet, Institution)  # a record with names
# Records offered for a name.
MAX_LIKELY_MATCHES = 6
# Records of which the similarity to a name is computed.
MAX_SCORED_CANDIDATES = 200
# An inflected form of the same name scores 75 or more; see `matching.name_similarity`.
MIN_LIKELY_SCORE = 75.0
# A similar name shares this many first letters of a word.
PREFIX_LETTERS = 3
# A search drops the case ending of a word only if so many letters stay: with fewer it would find
# too many names, since matching keys have one letter for a double one.
MIN_SEARCH_STEM_LETTERS = 4
# The model of the names, by the model of the records with these names.
NAME_MODELS: dict[type[Journalist | Outlet | Institution], Any] = {
    Journalist: JournalistName,
    Outlet: OutletName,
    Institution: InstitutionName,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalistOrOutletFilter(ListFilter):
    """A filter of journalists or outlets; empty fields do not filter."""

    q: str = text_filter(lazy("Name"), heading=lazy("called %(words)s"), value_text=quote_value)
    country: str = country_filter(column="country")


@dataclass(frozen=True, slots=True, kw_only=True)
class InstitutionFilter(ListFilter):
    """A filter of institutions; empty fields do not filter."""

    q: str = text_filter(lazy("Name"), heading=lazy("called %(words)s"), value_text=quote_value)
    kind: InstitutionKind | None = code_filter(InstitutionKind, lazy("Kind"), column="kind")
    country: str = country_filter(column="country")


def likely_journalists(name: str) -> list[Journalist]:
    """Return the recorded journalists that a name may match, most likely first."""
    return _likely_matches(Journalist, name)


def likely_outlets(name: str) -> list[Outlet]:
    """Return the recorded outlets that a name may match, most likely first."""
    return _likely_matches(Outlet, name)


def likely_institutions(name: str) -> list[Institution]:
    """Return the recorded institutions that a name may match, most likely first."""
    return _likely_matches(Institution, name)


def journalist_by_ref(ref: str) -> Journalist | None:
    """Return the journalist with a ref, or the one it was merged into; None if there is none."""
    return _follow_merge(
        db.session.scalars(sa.select(Journalist).where(Journalist.ref == ref)).first()
    )


def outlet_by_ref(ref: str) -> Outlet | None:
    """Return the outlet with a ref, or the one it was merged into; None if there is none."""
    return _follow_merge(db.session.scalars(sa.select(Outlet).where(Outlet.ref == ref)).first())


def institution_by_ref(ref: str) -> Institution | None:
    """Return the institution with a ref, or the one it was merged into; None if there is none."""
    return _follow_merge(
        db.session.scalars(sa.select(Institution).where(Institution.ref == ref)).first()
    )


def institution_by_name(name: str, country: str | None) -> Institution | None:
    """Return the institution of a country (two-letter code) with exactly this name, current or
    former, or the one it was merged into; None if there is none.
    """
    rows = sa.select(Institution).where(
        Institution.names.any(InstitutionName.name == name), Institution.country == country
    )
    rows = rows.order_by(Institution.merged_into_id.is_not(None), Institution.id)
    return _follow_merge(db.session.scalars(rows).first())


def employs_any_of(outlet: Outlet, journalists: Iterable[Journalist]) -> bool:
    """Return whether one of the journalists works for an outlet, as far as the viewer may see. An
    affiliation with the outlet counts, unless another affiliation of the same journalist began
    after its end.
    """
    later = aliased(Affiliation)
    has_left = sa.exists().where(
        later.journalist_id == Affiliation.journalist_id, later.earliest > Affiliation.latest
    )
    rows = sa.select(Affiliation.id).where(
        Affiliation.outlet_id == outlet.id,
        Affiliation.journalist_id.in_([one.id for one in journalists]),
        ~has_left,
    )
    return db.session.scalar(rows.limit(1)) is not None


def _follow_merge(found: NamedRecordType | None) -> NamedRecordType | None:
    """Return a record, or the one it was merged into if the viewer may see that; None for None."""
    while found is not None and found.merged_into is not None:
        found = found.merged_into
    return found


def journalists_matching(filters: JournalistOrOutletFilter) -> sa.Select[Journalist]:
    """Return the select of the journalists that match a filter, with the outlets they work for."""
    rows = (
        sa.select(Journalist)
        .where(Journalist.merged_into_id.is_(None), *filters.build_conditions(Journalist))
        .options(selectinload(Journalist.affiliations).joinedload(Affiliation.outlet))
    )
    return rows.where(matches_words_condition(Journalist, filters.q)) if filters.q else rows


def outlets_matching(filters: JournalistOrOutletFilter) -> sa.Select[Outlet]:
    """Return the select of the outlets that match a filter."""
    rows = sa.select(Outlet).where(
        Outlet.merged_into_id.is_(None), *filters.build_conditions(Outlet)
    )
    return rows.where(matches_words_condition(Outlet, filters.q)) if filters.q else rows


def institutions_matching(filters: InstitutionFilter) -> sa.Select[Institution]:
    """Return the select of the institutions that match a filter."""
    rows = sa.select(Institution).where(
        Institution.merged_into_id.is_(None), *filters.build_conditions(Institution)
    )
    return rows.where(matches_words_condition(Institution, filters.q)) if filters.q else rows


def matches_words_condition(model: type[Any], q: str) -> sa.ColumnElement[bool]:
    """Return the SQL condition that each word of a search text `q` begins a word of a record,
    whether the two are written in Cyrillic or in Latin letters.
    """
    is_match: sa.ColumnElement[bool] = model.id.in_(ids_matching_words(model, *search_spellings(q)))
    return is_match


def search_spellings(q: str) -> list[str]:
    """Return a search text as entered, and its two keys (`name_keys`) without case endings, by
    which other scripts and spellings are found.
    """
    # As entered too: the beginning "Baz" of Bazhkenova is no beginning of its key.
    return list(dict.fromkeys((q, *name_keys(WORD_PATTERN.sub(_strip_word_ending, q)))))


def _strip_word_ending(word: re.Match[str]) -> str:
    """Return the matched word without its case ending, or unchanged if fewer than
    `MIN_SEARCH_STEM_LETTERS` letters would stay.
    """
    stem = word_stem(normal) if (normal := "".join(normalized_words(word[0]))) else ""
    return stem if MIN_SEARCH_STEM_LETTERS <= len(stem) < len(normal) else word[0]


def _likely_matches(model: type[NamedRecordType], name: str) -> list[NamedRecordType]:
    """Return at most six records of a model that a name may match: first the records with a name
    whose key is equal, then the records with a similar name, the most similar first.

    Equal keys are found by their own indexes. To be similar, a record must share the first three
    letters of a word of the name with a word of one of its own, which the search index finds; at
    most 200 such records are scored, those that share every word first. A name misspelt at the
    beginning of each of its words is therefore not offered, and nothing is ever chosen
    automatically.
    """
    plain, loose = name_keys(name)
    if not plain:
        return []
    equal = db.session.scalars(_select_with_equal_key(model), {"plain": plain, "loose": loose})
    found: list[NamedRecordType] = list(equal)
    if len(found) == MAX_LIKELY_MATCHES:
        return found
    known = {one.id for one in found}
    ranked = sorted(
        (-score, place, ref, number)
        for (place, ref, number), score in _similarity_by_candidate(model, plain, loose).items()
        if score >= MIN_LIKELY_SCORE and number not in known
    )
    close = [number for *_order, number in ranked[: MAX_LIKELY_MATCHES - len(found)]]
    if close:
        rows = db.session.scalars(sa.select(model).where(model.id.in_(close)))
        found.extend(sorted(rows, key=lambda one: close.index(one.id)))
    return found


@cache
def _select_with_equal_key(model: type[NamedRecordType]) -> sa.Select[NamedRecordType]:
    """Return the select of at most six records of a model that have a name with a given matching
    key or loose key. These keys are the SQL bind parameters `plain` and `loose`.
    """
    row = NAME_MODELS[model]
    is_equal = sa.or_(
        row.matching_key == sa.bindparam("plain"), row.loose_key == sa.bindparam("loose")
    )
    bears = sa.select(row.bearer_id).where(is_equal)
    rows = sa.select(model).where(model.merged_into_id.is_(None), model.id.in_(bears))
    return rows.order_by(model.sort_key, model.ref).limit(MAX_LIKELY_MATCHES)


def _similarity_by_candidate(
    model: type[NamedRecordType], matching_key: str, loose_key: str
) -> dict[tuple[str, str, int], float]:
    """Return the similarity, 0 to 100, of records of a model to a name, by sort key, ref and id of
    the record. `matching_key`, `loose_key`: the matching key and the loose key of the name.
    """
    beginnings = sorted(
        {word[:PREFIX_LETTERS] for word in [*matching_key.split(), *loose_key.split()]}
    )
    shares_one = model.id.in_(ids_matching_words(model, *beginnings))
    whole = " ".join(word[:PREFIX_LETTERS] for word in matching_key.split())
    shares_all = sa.case((model.id.in_(ids_matching_words(model, whole)), 0), else_=1)
    # A merged record is found as the record that it was merged into.
    some = sa.select(model.id).where(model.merged_into_id.is_(None), shares_one)
    some = some.order_by(shares_all, model.sort_key, model.ref).limit(MAX_SCORED_CANDIDATES)
    row = NAME_MODELS[model]
    names = (
        sa.select(model.sort_key, model.ref, model.id, row.matching_key, row.loose_key)
        .join(row, row.bearer_id == model.id)
        .where(model.id.in_(some))
    )
    found: dict[tuple[str, str, int], float] = {}
    for place, ref, number, its_plain, its_loose in db.session.execute(names):
        score = max(key_similarity(its_plain, matching_key), key_similarity(its_loose, loose_key))
        found[place, ref, number] = max(score, found.get((place, ref, number), 0.0))
    return found


def pending_erasure(journalist: Journalist) -> Erasure | None:
    """Return the erasure of a journalist's data that is requested but not approved, if any."""
    rows = sa.select(Erasure).where(
        Erasure.journalist_id == journalist.id, Erasure.agreed_by_id.is_(None)
    )
    return db.session.scalars(rows.options(joinedload(Erasure.asked_by))).first()


def erasures_to_approve(actor: Actor) -> list[Erasure]:
    """Return the erasures that others requested in the actor's teams, the oldest first."""
    rows = (
        sa.select(Erasure)
        .join(Erasure.journalist)
        .where(
            Erasure.agreed_by_id.is_(None),
            Erasure.asked_by_id != actor.id,
            Journalist.team_id.in_(actor.team_ids),
        )
    )
    named = rows.options(contains_eager(Erasure.journalist), joinedload(Erasure.asked_by))
    return list(db.session.scalars(named.order_by(Erasure.asked_at)))


def completed_erasures(journalist: Journalist) -> list[Erasure]:
    """Return the completed erasures of a journalist's confidential data, latest first."""
    rows = sa.select(Erasure).where(
        Erasure.journalist_id == journalist.id, Erasure.agreed_by_id.is_not(None)
    )
    named = rows.options(joinedload(Erasure.asked_by), joinedload(Erasure.agreed_by))
    return list(db.session.scalars(named.order_by(Erasure.agreed_at.desc())))


def load_institution_names() -> None:
    """Load, in one query, the names of the institutions in the session that have none loaded."""
    held = {
        one.id: one
        for one in db.session
        if isinstance(one, Institution) and "names" in sa.inspect(one).unloaded
    }
    if not held:
        return
    names: dict[int, list[InstitutionName]] = {key: [] for key in held}
    rows = sa.select(InstitutionName).where(InstitutionName.bearer_id.in_(held))
    for name in db.session.scalars(rows.order_by(InstitutionName.id)):
        names[name.bearer_id].append(name)
    for key, institution in held.items():
        set_committed_value(institution, "names", names[key])


def record_texts(record: Any) -> Iterator[str]:  # noqa: ANN401 (a record of any feature)
    """Yield the free texts of a record and its children, except confidential values."""
    for row in record_rows(record):
        yield from row_texts(row)


def record_rows(record: Any) -> Iterator[Any]:  # noqa: ANN401 (a record of any feature, or a row on one)
    """Yield a record and all its child rows, comments included."""
    yield record
    for relation in sa.inspect(type(record)).relationships:
        if _leads_to_owned_rows(relation):
            for child in getattr(record, relation.key):
                yield from record_rows(child)


def owning_record(row: Any) -> Any:  # noqa: ANN401 (as above)
    """Return the record that owns a row; a record owns itself."""
    for relation in sa.inspect(type(row)).relationships:
        back = relation.back_populates and relation.mapper.relationships[relation.back_populates]
        owner = getattr(row, relation.key) if back and _leads_to_owned_rows(back) else None
        if owner is not None:
            return owning_record(owner)
    return row


def _leads_to_owned_rows(relation: RelationshipProperty[Any]) -> bool:
    """Return whether a relationship leads from a record to its child rows or comments."""
    return bool(relation.info.get("audited") or relation.info.get("said"))


def linked_journalist_ids(record: Any) -> Iterator[int]:  # noqa: ANN401 (as above)
    """Yield the ids of the journalists to whom a record or one of its rows refers."""
    for row in record_rows(record):
        for relation in sa.inspect(type(row)).relationships:
            if relation.mapper.class_ is Journalist and relation.direction is MANYTOONE:
                number = getattr(row, next(iter(relation.local_columns)).key)
                if number is not None:
                    yield number


def row_texts(row: Any) -> Iterator[str]:  # noqa: ANN401 (as above)
    """Yield the free texts of one row."""
    for name in free_text_columns(sa.inspect(type(row))):
        text = getattr(row, name)
        if text:
            yield text


def names_of(record: Journalist | Outlet) -> list[str]:
    """Return every name that a source may use for a journalist or outlet."""
    return list(dict.fromkeys([record.name, *(row.name for row in record.names)]))


def journalists_with_redacted_name(session: Session | None = None) -> list[Journalist]:
    """Return the journalists whose name is redacted outside their team, as far as a session sees
    them. `session`: by default the session of the viewer.
    """
    rows = sa.select(Journalist).where(Journalist.name_closed_on.is_not(None))
    named = rows.options(joinedload(Journalist.names))
    return list((session or db.session).scalars(named).unique())


def may_mention_condition(model: type[Any], names: list[str]) -> sa.ColumnElement[bool]:
    """Return the SQL condition that a record of a model, or a comment on it, may contain a word of
    a person's name, in any script and grammatical case. `names`: all names of the person.
    """
    places = [
        sa.select(SearchEntry.subject_id, sa.cast(SearchEntry.words, sa.Text)).where(
            SearchEntry.subject_table == model.__tablename__
        ),
        *(sa.select(said.record_id, said.words) for said in _comment_models(model)),
    ]
    ids: set[int] = set()
    for rows in places:
        streamed = db.session.execute(rows, execution_options={"yield_per": ROWS_PER_FETCH})
        ids.update(number for number, words in streamed if may_mention(words, names))
    found: sa.ColumnElement[bool] = model.id.in_(ids)
    return found


def _comment_models(model: type[Any]) -> list[Any]:
    """Return the models of the comments on records of a model."""
    relations = sa.inspect(model).relationships
    return [one.mapper.class_ for one in relations if one.info.get("said")]


def shared_records_naming(names: list[str], team_id: int) -> list[Any]:
    """Return the records of a team, shared with all users, whose texts have one of the names of a
    person in full.
    """
    found: list[Any] = []
    for model in record_models().values():
        if issubclass(model, ScopedRecord) and issubclass(model, Searchable):
            rows = sa.select(model).where(
                model.visibility == Visibility.INTERNAL,
                model.team_id == team_id,
                may_mention_condition(model, names),
            )
            found += [
                one
                for one in db.session.scalars(
                    rows.options(*deferred_text_load_options(model))
                ).unique()
                if any(find_mentions(text, names) for text in record_texts(one))
            ]
    return found


def free_text_columns(mapper: Mapper[Any]) -> list[str]:
    """Return the names of a model's columns that hold free text, without confidential ones."""
    return [
        attribute.key
        for attribute in mapper.column_attrs
        if isinstance(attribute.columns[0].type, sa.String)
        and not isinstance(attribute.columns[0].type, sa.Enum)
        and attribute.key not in COMPUTED_COLUMNS
        and attribute.columns[0].info.get("class") != "confidential"
    ]


def deferred_text_load_options(kind: type[Any]) -> list[Any]:
    """Return the loader options for the texts of a record that are not loaded by default."""
    mapper: Mapper[Any] = sa.inspect(kind)
    later = [name for name in free_text_columns(mapper) if mapper.column_attrs[name].deferred]
    said = [one.class_attribute for one in mapper.relationships if one.info.get("said")]
    return [*(undefer(getattr(kind, name)) for name in later), *map(selectinload, said)]
