"""Queries of the confirm page: existing people, matching records, and the case to file in."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple
from unicodedata import normalize

from sqlalchemy import Select, func, or_, select

from tracker import clock
from tracker.articles.models import Article
from tracker.articles.queries import citation_models, duplicates_by_article, records_by_article
from tracker.articles.service import publisher_by_name
from tracker.audit.chain import json_digest
from tracker.audit.queries import visible_records
from tracker.cases.models import Case, CaseAccount, CaseIncident
from tracker.cases.queries import MOST_OFFERED, case_join_of, cases_for_filing, filings_of
from tracker.cases.rules import ACCEPTS_RECORDS
from tracker.db import db
from tracker.fake_accounts.addresses import normalize_handle, parse_profile_url
from tracker.fake_accounts.models import AccountImpersonation, FakeAccount
from tracker.fake_accounts.queries import list_options as accounts_for_a_line
from tracker.i18n import _
from tracker.incidents.models import Incident, IncidentTarget
from tracker.incidents.queries import row_load_options, sort_latest_first
from tracker.intake.models import SuggestionOutcome
from tracker.people.matching import name_keys, script_of
from tracker.people.models import Institution, Journalist, Outlet
from tracker.people.queries import (
    NAME_MODEL_OF,
    likely_institutions,
    likely_journalists,
    likely_outlets,
    works_for,
)
from tracker.permissions import Actor, Visibility
from tracker.reader.text import ArticleText
from tracker.responses.models import OfficialResponse
from tracker.responses.queries import list_options as responses_for_a_line
from tracker.review.queries import is_not_retracted
from tracker.vocabulary.codes import Answer
from tracker.web.filters import REF_PATTERN
from tracker.when import Precision, When, WhenError, parse_when

# The most names looked up at once; the form has no more.
MOST_NAMES = 20
# Days between two dates of which one is not known: further apart than any two that are.
UNKNOWN_DISTANCE = date.max.toordinal()
# About four thousand words: a longer text is a report, and would take too long to read.
LONGEST_READ = 25_000
FINDER_OF_KIND: dict[str, tuple[type[Any], Callable[[str], list[Any]]]] = {
    "journalist": (Journalist, likely_journalists),
    "outlet": (Outlet, likely_outlets),
    "institution": (Institution, likely_institutions),
}


class Handles(NamedTuple):
    """The handles and addresses of accounts that a form names, in lower case."""

    handles: frozenset[str]
    addresses: frozenset[str]


def reading_of_article(article: Article, published: When) -> ArticleText:
    """Return an article on record as the rules read it; of a very long one, the beginning."""
    text = article.text
    if len(text) > LONGEST_READ:
        # Up to the end of a sentence; what follows is confirmed by sentence numbers.
        ends = [one.end for one in article.sentences if one.end <= LONGEST_READ]
        text = text[: ends[-1]] if ends else text[:LONGEST_READ]
    is_dated = published.precision is not Precision.UNKNOWN
    return ArticleText(
        text=text,
        language=article.language,
        title=article.title,
        authors=tuple(one.strip() for one in article.authors.split(",") if one.strip()),
        publisher=article.publisher_name(),
        published=published.latest if is_dated else None,
    )


def citation_digest(article: Article) -> str:
    """Return a digest of the records citing an article that the viewer may see; "" for none."""
    found = [
        f"{model.__name__} {number}"
        for model in citation_models()
        for number in db.session.scalars(
            select(model.id).where(model.article_id == article.id).order_by(model.id)
        )
    ]
    return json_digest(found)[:16] if found else ""


def has_outcomes(article: Article) -> bool:
    """Return whether the article was saved after outcomes of suggestions were introduced."""
    rows = select(SuggestionOutcome.id).where(SuggestionOutcome.article_id == article.id)
    return db.session.scalar(rows.limit(1)) is not None


@dataclass(frozen=True, slots=True)
class ExistingMatches:
    """Existing parties that a name may match; `exact` has the refs of exact matches."""

    offers: list[Any]
    exact: frozenset[str]


def existing_matches(names: Iterable[tuple[str, str]]) -> dict[tuple[str, str], ExistingMatches]:
    """Return existing parties that may match each kind and name, most likely first."""
    found: dict[tuple[str, str], ExistingMatches] = {}
    wanted = [one for one in dict.fromkeys(names) if one[0] in FINDER_OF_KIND and one[1]]
    for kind, name in wanted[:MOST_NAMES]:
        owner, likely = FINDER_OF_KIND[kind]
        offers = likely(name)
        found[kind, name] = ExistingMatches(offers, _exact_matches(owner, name, offers))
    return found


def _exact_matches(owner: type[Any], name: str, offers: Collection[Any]) -> frozenset[str]:
    """Return the refs of the matches that have exactly this name.

    If none of a match's names is in the same script, also those with an equal key: keys read ц as
    ч, which is another name within one script.
    """
    if not offers:
        return frozenset()
    row: Any = NAME_MODEL_OF[owner]
    ids = [one.id for one in offers]
    names: dict[int, list[str]] = {}
    for number, borne in db.session.execute(
        select(row.bearer_id, row.name).where(row.bearer_id.in_(ids))
    ):
        names.setdefault(number, []).append(borne)
    return frozenset(one.ref for one in offers if _has_name(name, names.get(one.id, [])))


def _has_name(name: str, names: Collection[str]) -> bool:
    alike = [one for one in names if script_of(one) is script_of(name)]
    if alike:
        return _fold_name(name) in map(_fold_name, alike)
    return name_keys(name)[0] in {name_keys(one)[0] for one in names} - {""}


def _fold_name(name: str) -> str:
    return normalize("NFC", " ".join(name.casefold().split()))


def known_publisher(article: Article, targeted: Iterable[Any]) -> tuple[Outlet | None, bool]:
    """Return the outlet that published an article, and whether it is involved in its incidents.

    None if it is not on record. It is involved if it is in `targeted`, or a person in there works
    for it. Restricted records do not count for an article that all users see.
    """
    known = [one for one in targeted if is_visible_to_readers_of(one, article)]
    outlets = [one for one in known if isinstance(one, Outlet)]
    journalists = [one for one in known if isinstance(one, Journalist)]
    publisher, words = article.publisher, article.publisher_words
    if publisher is None and words:
        plain, _loose = name_keys(words)
        named = [one for one in outlets if any(name.matching_key == plain for name in one.names)]
        publisher = next(iter(named), None) or publisher_by_name(words, article.visibility)
    if publisher is None:
        return None, False
    return publisher, publisher in outlets or works_for(publisher, journalists)


def is_visible_to_readers_of(record: Any, article: Article) -> bool:  # noqa: ANN401 (a record of any feature)
    """Return whether everybody who sees an article may see a record."""
    return Visibility.INTERNAL is record.visibility or Visibility.RESTRICTED is article.visibility


@dataclass(frozen=True, slots=True)
class RelatedCoverage:
    """An article, others that report the same, and the records that cite any of them."""

    articles: list[Article]
    citing: dict[int, list[Any]]

    def refs(self) -> dict[Any, str]:
        """Return each record with the ref of the first article that it cites."""
        return {
            record: one.ref
            for one in reversed(self.articles)
            for record in self.citing.get(one.id, ())
        }


def related_coverage(article: Article) -> RelatedCoverage:
    """Return the articles that report the same, and the records that cite them."""
    articles = [article, *duplicates_by_article([article]).get(article.id, [])]
    if article.repeats is not None:
        articles.append(article.repeats)
    return RelatedCoverage(articles, records_by_article(articles))


def proposed_cases(
    story: RelatedCoverage, people: Iterable[Any], *, by: Actor
) -> tuple[list[tuple[Case, str]], list[Case]]:
    """Return the cases to file in with their reasons, and those that the article may continue.

    The reason is "" for cases without any. An article may continue the cases of the same story, or
    else those about the same people.
    """
    reasons: dict[int, str] = {}
    cases: dict[int, Case] = {}
    for case in _open_cases_about(people, by=by):
        cases[case.id], reasons[case.id] = case, _("about the same people")
    stated = _cases_of_coverage(story, by=by)
    for case, ref in stated:
        cases.setdefault(case.id, case)
        reasons[case.id] = _("holds what %(ref)s reports, which is the same story", ref=ref)
    carried_on = [case for case, _ref in stated] or list(cases.values())
    for case in cases_for_filing([], by=by):
        cases.setdefault(case.id, case)
    return [(case, reasons.get(number, "")) for number, case in cases.items()], carried_on


@dataclass(frozen=True, slots=True)
class CandidateRecords:
    """The existing records that the rows of a form may be, those of the same story in `cited`."""

    incidents: list[Incident]
    accounts: list[FakeAccount]
    responses: list[OfficialResponse]
    cited: frozenset[str]


def candidate_records(
    story: RelatedCoverage,
    people: Collection[Any],
    *,
    case: str,
    chosen: Collection[str],
    named: Handles,
) -> CandidateRecords:
    """Return the existing records that rows may be.

    Of the same story or case, about these people, by these institutions, with these handles, or
    chosen.
    """
    cited = story.refs()
    refs = [ref for ref in chosen if REF_PATTERN.fullmatch(ref)]
    return CandidateRecords(
        incidents=_incidents(people, case, [*refs, *(one.ref for one in cited)]),
        accounts=_accounts(people, named, [*refs, *(one.ref for one in cited)]),
        responses=_responses(people, [*refs, *(one.ref for one in cited)]),
        cited=frozenset(one.ref for one in cited),
    )


def records_by_refs(refs: Collection[str]) -> dict[str, Any]:
    """Return the incidents, accounts and responses with these refs, without retracted ones."""
    known = (ref for ref in refs if REF_PATTERN.fullmatch(ref))
    found = visible_records(known, (Incident, FakeAccount, OfficialResponse))
    return {ref: one for ref, one in found.items() if not one.is_retracted}


def _incidents(people: Collection[Any], case: str, refs: Collection[str]) -> list[Incident]:
    filed = select(CaseIncident.incident_id).join(CaseIncident.case).where(Case.ref == case)
    meant: list[Any] = [Incident.id.in_(filed)] if REF_PATTERN.fullmatch(case) else []
    meant += [Incident.ref.in_(refs)] if refs else []
    journalists, outlets = _press_ids(people)
    if journalists or outlets:
        targets = _targets_any(IncidentTarget, journalists, outlets)
        meant.append(Incident.id.in_(select(IncidentTarget.incident_id).where(targets)))
    if not meant:
        return []
    rows = sort_latest_first(select(Incident).where(or_(*meant), is_not_retracted(Incident)))
    return _including(rows.options(*row_load_options()), Incident, refs)


def _accounts(people: Collection[Any], named: Handles, refs: Collection[str]) -> list[FakeAccount]:
    meant: list[Any] = [FakeAccount.ref.in_(refs)] if refs else []
    if named.handles:
        meant.append(func.lower(FakeAccount.handle).in_(named.handles))
    if named.addresses:
        meant.append(func.lower(FakeAccount.url).in_(named.addresses))
    journalists, outlets = _press_ids(people)
    if journalists or outlets:
        posed = select(AccountImpersonation.account_id).where(
            _targets_any(AccountImpersonation, journalists, outlets)
        )
        meant.append((FakeAccount.identified == Answer.NO) & FakeAccount.id.in_(posed))
    if not meant:
        return []
    rows = (
        select(FakeAccount)
        .where(or_(*meant), is_not_retracted(FakeAccount))
        .order_by(FakeAccount.id)
    )
    return _including(rows.options(*accounts_for_a_line()), FakeAccount, refs)


def _responses(people: Collection[Any], refs: Collection[str]) -> list[OfficialResponse]:
    bodies = [one.id for one in people if isinstance(one, Institution)]
    meant: list[Any] = [OfficialResponse.ref.in_(refs)] if refs else []
    meant += [OfficialResponse.institution_id.in_(bodies)] if bodies else []
    if not meant:
        return []
    rows = (
        select(OfficialResponse)
        .where(or_(*meant), is_not_retracted(OfficialResponse))
        .order_by(OfficialResponse.latest.desc(), OfficialResponse.ref)
    )
    return _including(rows.options(*responses_for_a_line()), OfficialResponse, refs)


def _including(rows: Select[Any], kind: Any, refs: Collection[str]) -> list[Any]:  # noqa: ANN401 (a model)
    """Return the first of some records, always including those with these refs."""
    found = list(db.session.scalars(rows.limit(MOST_OFFERED)).unique())
    if len(found) == MOST_OFFERED and refs:
        these = db.session.scalars(rows.where(kind.ref.in_(refs))).unique()
        found = list(dict.fromkeys([*found, *these]))
    return found


def _press_ids(people: Iterable[Any]) -> tuple[list[int], list[int]]:
    """Return the ids of the journalists among these people, and of the outlets."""
    known = list(people)
    return (
        [one.id for one in known if isinstance(one, Journalist)],
        [one.id for one in known if isinstance(one, Outlet)],
    )


def _open_cases_about(people: Iterable[Any], *, by: Actor) -> list[Case]:
    """Return the open cases of the actor's teams that are about any of these people or outlets."""
    journalists, outlets = _press_ids(people)
    if not journalists and not outlets:
        return []
    by_incident = (
        select(CaseIncident.case_id)
        .join(CaseIncident.incident)
        .join(Incident.targets)
        .where(_targets_any(IncidentTarget, journalists, outlets))
    )
    by_account = (
        select(CaseAccount.case_id)
        .join(CaseAccount.account)
        .join(FakeAccount.impersonates)
        .where(_targets_any(AccountImpersonation, journalists, outlets))
    )
    rows = _open_cases(by).where(or_(Case.id.in_(by_incident), Case.id.in_(by_account)))
    return list(db.session.scalars(rows.limit(MOST_OFFERED)))


def _cases_of_coverage(story: RelatedCoverage, *, by: Actor) -> list[tuple[Case, str]]:
    """Return the open cases with records of the same coverage, each with the ref of the article."""
    refs = {record: ref for record, ref in story.refs().items() if case_join_of(record) is not None}
    found: dict[int, tuple[Case, str]] = {}
    for record, rows in filings_of(list(refs)).items():
        for row in rows:
            case = row.case
            if case.team_id in by.team_ids and case.lifecycle in ACCEPTS_RECORDS:
                found.setdefault(case.id, (case, refs[record]))
    return list(found.values())


def _open_cases(by: Actor) -> Select[Case]:
    return (
        select(Case)
        .where(Case.team_id.in_(by.team_ids), Case.lifecycle.in_(ACCEPTS_RECORDS))
        .order_by(Case.updated_at.desc(), Case.ref)
    )


def _targets_any(row: Any, journalists: list[int], outlets: list[int]) -> Any:  # noqa: ANN401 (a condition)
    return or_(row.journalist_id.in_(journalists), row.outlet_id.in_(outlets))


class Match(StrEnum):
    """How certain a match is: a single SAME is preselected."""

    NONE = ""
    ALIKE = "alike"
    SAME = "same"


def match_incident(
    incident: Incident,
    refs: Collection[str],
    types: Collection[str],
    *,
    date_input: str,
    suggested: str = "",
    is_cited: bool = False,
) -> Match:
    """Compare an incident with a row that has these types, targeting parties with these refs.

    `date_input` is the row's date, `suggested` one that nobody accepted yet. `is_cited`: the
    incident was recorded from the same article, or from another that reports the same.
    """
    owners = [owner for one in incident.targets for owner in (one.journalist, one.outlet)]
    if not any(owner.ref in refs for owner in owners if owner is not None):
        return Match.NONE
    has_type = any(row.term.code in types for row in incident.types)
    stated = date_input or suggested
    is_apart = _are_dated(incident.when, stated) and not _dates_overlap(incident.when, stated)
    if has_type and not is_apart and (is_cited or _dates_overlap(incident.when, date_input)):
        return Match.SAME
    is_likely = has_type or _dates_overlap(incident.when, stated)
    return Match.ALIKE if is_likely else Match.NONE


def incident_likeness(
    incident: Incident,
    refs: Collection[str],
    types: Collection[str],
    *,
    date_input: str,
    place: str,
    is_cited: bool = False,
) -> tuple[int, int]:
    """Return how like an incident is to a row, to compare incidents with each other.

    How many of targets, types, date, place and story they have in common, and how near the dates
    are.
    """
    owners = {owner.ref for one in incident.targets if (owner := one.journalist or one.outlet)}
    own_types = {row.term.code for row in incident.types}
    shared = len(owners.intersection(refs)) + len(own_types.intersection(types))
    shared += is_cited + _dates_overlap(incident.when, date_input)
    shared += bool(place) and _fold_words(place) == _fold_words(incident.place)
    when = _parse_date(date_input)
    if when is None or not _are_dated(incident.when, date_input):
        return shared, -UNKNOWN_DISTANCE
    apart = max(when.earliest - incident.when.latest, incident.when.earliest - when.latest)
    return shared, -max(apart.days, 0)


def match_account(
    account: FakeAccount,
    handle: str,
    platform: str,
    *,
    identified: str,
    refs: Collection[str],
    is_cited: bool = False,
) -> Match:
    """Compare an account with a row that has this handle or address on this platform.

    An account that no source identifies is compared by the people and outlets it impersonates
    (`refs`).
    """
    if handle:
        if account.url and _bare_url(handle) == _bare_url(account.url):
            return Match.SAME
        named = parse_profile_url(handle)
        called = named.handle if named else normalize_handle(handle)
        if not account.handle or called.casefold() != account.handle.casefold():
            return Match.NONE
        on = named.platform if named else platform
        where = account.platform.code if account.platform else ""
        return Match.SAME if on == where else Match.ALIKE
    if Answer.NO not in {identified, account.identified} or identified != account.identified:
        return Match.NONE
    posed = [one.party() for one in account.impersonates]
    if not any(one is not None and one.ref in refs for one in posed):
        return Match.NONE
    return Match.SAME if is_cited else Match.ALIKE


def match_response(
    response: OfficialResponse,
    refs: Collection[str],
    acts: Collection[str],
    *,
    date_input: str,
    quotes: Collection[str],
    is_cited: bool = False,
) -> Match:
    """Compare a response with a row by institutions with these refs, with these acts and quotes."""
    if response.institution.ref not in refs:
        return Match.NONE
    own = {act.act.value for act in response.acts}
    is_said = not {_fold_words(act.quote) for act in response.acts if act.quote}.isdisjoint(
        map(_fold_words, quotes)
    )
    if is_said or (
        _have_common(own, acts) and (is_cited or _dates_overlap(response.when, date_input))
    ):
        return Match.SAME
    is_apart = _are_dated(response.when, date_input) and not _dates_overlap(
        response.when, date_input
    )
    return Match.ALIKE if _have_common(own, acts) and not is_apart else Match.NONE


def _have_common(own: Collection[str], others: Collection[str]) -> bool:
    return not set(own).isdisjoint(others)


def _dates_overlap(when: When, date_input: str) -> bool:
    """Return whether two dates are known and share a day."""
    stated = _parse_date(date_input)
    if stated is None or Precision.UNKNOWN in {when.precision, stated.precision}:
        return False
    return when.earliest <= stated.latest and stated.earliest <= when.latest


def _are_dated(when: When, date_input: str) -> bool:
    stated = _parse_date(date_input)
    return stated is not None and Precision.UNKNOWN not in {when.precision, stated.precision}


def _parse_date(date_input: str) -> When | None:
    try:
        return parse_when(date_input, latest_possible_date=clock.current_date())
    except WhenError:
        return None


def _bare_url(address: str) -> str:
    bare = address.strip().casefold().removeprefix("https://").removeprefix("http://")
    return bare.removeprefix("www.").rstrip("/")


def _fold_words(words: Any) -> str:  # noqa: ANN401 (text, or None of an empty field)
    return " ".join((words or "").casefold().split())
