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
from tracker.articles.queries import (
    citation_models,
    citing_records_by_article,
    duplicates_by_article,
)
from tracker.articles.service import publisher_by_name
from tracker.audit.chain import json_digest
from tracker.audit.queries import load_visible_records
from tracker.cases.models import Case, CaseAccount, CaseIncident
from tracker.cases.queries import (
    MAX_CASES_TO_CHOOSE_FROM,
    case_join_of,
    cases_for_filing,
    filings_by_record,
)
from tracker.cases.rules import LIFECYCLES_ACCEPTING_RECORDS
from tracker.db import db
from tracker.fake_accounts.addresses import normalize_handle, parse_profile_url
from tracker.fake_accounts.models import AccountImpersonation, FakeAccount
from tracker.fake_accounts.queries import row_load_options as account_row_load_options
from tracker.i18n import _
from tracker.incidents.models import Incident, IncidentTarget
from tracker.incidents.queries import row_load_options, sort_latest_first
from tracker.intake.models import SuggestionOutcome
from tracker.people.matching import detect_script, name_keys
from tracker.people.models import Institution, Journalist, Outlet
from tracker.people.queries import (
    NAME_MODELS,
    employs_any_of,
    likely_institutions,
    likely_journalists,
    likely_outlets,
)
from tracker.permissions import Actor, Visibility
from tracker.reader.text import ArticleText
from tracker.responses.models import OfficialResponse
from tracker.responses.queries import row_load_options as response_row_load_options
from tracker.review.queries import is_not_retracted
from tracker.vocabulary.codes import Answer
from tracker.web.filters import REF_PATTERN
from tracker.when import OPEN_START, Precision, When, WhenError, has_day_between, parse_when

# The most names that are looked up for one page; for others no existing record is offered.
MAX_NAMES_LOOKED_UP = 20
# The distance assumed between two dates if one of them is unknown: more days than between any two
# known dates.
UNKNOWN_DATE_DISTANCE_DAYS = date.max.toordinal()
# The most characters of an article that are read for suggestions; a longer text is a report.
MAX_ANALYSED_TEXT_LENGTH = 25_000
# The model of each kind of party, and the function that finds existing parties by a name.
MODEL_AND_FINDER_BY_PARTY_KIND: dict[str, tuple[type[Any], Callable[[str], list[Any]]]] = {
    "journalist": (Journalist, likely_journalists),
    "outlet": (Outlet, likely_outlets),
    "institution": (Institution, likely_institutions),
}


class AccountHandles(NamedTuple):
    """The handles and the profile addresses that are entered in a form, in lower case."""

    handles: frozenset[str]
    addresses: frozenset[str]


def article_text_for_reader(article: Article, published: When) -> ArticleText:
    """Return a stored article as input of `tracker.reader`, with `published` as its publication
    date; of a very long article, only the beginning.
    """
    text = article.text
    if len(text) > MAX_ANALYSED_TEXT_LENGTH:
        # Up to the end of a sentence; what follows is confirmed by sentence numbers.
        ends = [one.end for one in article.sentences if one.end <= MAX_ANALYSED_TEXT_LENGTH]
        text = text[: ends[-1]] if ends else text[:MAX_ANALYSED_TEXT_LENGTH]
    is_dated = published.precision is not Precision.UNKNOWN
    return ArticleText(
        text=text,
        language=article.language,
        title=article.title,
        authors=tuple(one.strip() for one in article.authors.split(",") if one.strip()),
        publisher=article.publisher_name(),
        published=published.latest if is_dated else None,
    )


def citing_records_digest(article: Article) -> str:
    """Return a digest of the visible records that cite an article, "" if there are none."""
    found = [
        f"{model.__name__} {number}"
        for model in citation_models()
        for number in db.session.scalars(
            select(model.id).where(model.article_id == article.id).order_by(model.id)
        )
    ]
    return json_digest(found)[:16] if found else ""


def has_suggestion_outcomes(article: Article) -> bool:
    """Return whether any outcome of an article's suggestions is stored."""
    rows = select(SuggestionOutcome.id).where(SuggestionOutcome.article_id == article.id)
    return db.session.scalar(rows.limit(1)) is not None


@dataclass(frozen=True, slots=True)
class PartyMatches:
    """The existing parties that an entered name may match. `possible_parties`: these parties, the
    most likely first; `exact_refs`: the refs of the parties that have exactly this name.
    """

    possible_parties: list[Any]
    exact_refs: frozenset[str]


def party_matches_by_name(names: Iterable[tuple[str, str]]) -> dict[tuple[str, str], PartyMatches]:
    """Return the existing parties that each name may match. `names`: pairs of a kind of party (a
    key of `MODEL_AND_FINDER_BY_PARTY_KIND`) and a name; these pairs are the keys of the result.
    """
    found: dict[tuple[str, str], PartyMatches] = {}
    wanted = [
        one for one in dict.fromkeys(names) if one[0] in MODEL_AND_FINDER_BY_PARTY_KIND and one[1]
    ]
    for kind, name in wanted[:MAX_NAMES_LOOKED_UP]:
        owner, likely = MODEL_AND_FINDER_BY_PARTY_KIND[kind]
        offers = likely(name)
        found[kind, name] = PartyMatches(offers, _exact_match_refs(owner, name, offers))
    return found


def _exact_match_refs(model: type[Any], name: str, offers: Collection[Any]) -> frozenset[str]:
    """Return the refs of the offered parties that have exactly this name. `model`: the model of the
    parties; `offers`: the parties that the name may match.

    If none of a match's names is in the same script, also those with an equal key: keys read ц as
    ч, which is another name within one script.
    """
    if not offers:
        return frozenset()
    row: Any = NAME_MODELS[model]
    ids = [one.id for one in offers]
    names: dict[int, list[str]] = {}
    for number, known_name in db.session.execute(
        select(row.bearer_id, row.name).where(row.bearer_id.in_(ids))
    ):
        names.setdefault(number, []).append(known_name)
    return frozenset(one.ref for one in offers if _has_name(name, names.get(one.id, [])))


def _has_name(name: str, names: Collection[str]) -> bool:
    """Return whether `name` is one of `names`, the names of one party. If none of `names` is in the
    same script as `name`, return whether one of them has the same matching key (see `name_keys`).
    """
    alike = [one for one in names if detect_script(one) is detect_script(name)]
    if alike:
        return _normalize_name(name) in map(_normalize_name, alike)
    return name_keys(name)[0] in {name_keys(one)[0] for one in names} - {""}


def _normalize_name(name: str) -> str:
    """Return a name for comparison: casefolded and composed (NFC), with single spaces."""
    return normalize("NFC", " ".join(name.casefold().split()))


def publisher_and_involvement(
    article: Article, targeted: Iterable[Any]
) -> tuple[Outlet | None, bool]:
    """Return the outlet that published an article, None if no record of it is known, and whether
    this outlet is involved: it is itself in `targeted`, or it employs a journalist in `targeted`.

    Restricted records do not count for an article that all users see.
    """
    known = [one for one in targeted if is_visible_to_article_readers(one, article)]
    outlets = [one for one in known if isinstance(one, Outlet)]
    journalists = [one for one in known if isinstance(one, Journalist)]
    publisher, words = article.publisher, article.publisher_words
    if publisher is None and words:
        plain, _loose = name_keys(words)
        named = [one for one in outlets if any(name.matching_key == plain for name in one.names)]
        publisher = next(iter(named), None) or publisher_by_name(words, article.visibility)
    if publisher is None:
        return None, False
    return publisher, publisher in outlets or employs_any_of(publisher, journalists)


def is_visible_to_article_readers(record: Any, article: Article) -> bool:  # noqa: ANN401 (a record of any feature)
    """Return whether everybody who sees an article may see a record."""
    return Visibility.INTERNAL is record.visibility or Visibility.RESTRICTED is article.visibility


@dataclass(frozen=True, slots=True)
class RelatedCoverage:
    """An article and other articles on the same events. `records_by_article_id`: the records that
    cite each of these articles, by the id of the article.
    """

    articles: list[Article]
    records_by_article_id: dict[int, list[Any]]

    def first_article_ref_by_record(self) -> dict[Any, str]:
        """Return each record that cites one of the articles, with the ref of the first article that
        it cites.
        """
        return {
            record: one.ref
            for one in reversed(self.articles)
            for record in self.records_by_article_id.get(one.id, ())
        }


def related_coverage(article: Article) -> RelatedCoverage:
    """Return an article and other articles on the same events, with the records that cite each of
    these articles.
    """
    articles = [article, *duplicates_by_article([article]).get(article.id, [])]
    if article.repeats is not None:
        articles.append(article.repeats)
    return RelatedCoverage(articles, citing_records_by_article(articles))


def proposed_cases(
    coverage: RelatedCoverage, parties: Iterable[Any], *, by: Actor
) -> tuple[list[tuple[Case, str]], list[Case]]:
    """Return two lists. The first has the cases to offer, each with the reason why it is proposed
    ("" for none). The second has the cases that the article may continue: cases with records that
    cite an article of `coverage`, or else cases about the journalists and outlets in `parties`.
    """
    reasons: dict[int, str] = {}
    cases: dict[int, Case] = {}
    for case in _open_cases_about(parties, by=by):
        cases[case.id], reasons[case.id] = case, _("about the same people")
    stated = _cases_of_coverage(coverage, by=by)
    for case, ref in stated:
        cases.setdefault(case.id, case)
        reasons[case.id] = _("holds what %(ref)s reports, which is the same story", ref=ref)
    continued_cases = [case for case, _ref in stated] or list(cases.values())
    for case in cases_for_filing([], by=by):
        cases.setdefault(case.id, case)
    return [(case, reasons.get(number, "")) for number, case in cases.items()], continued_cases


@dataclass(frozen=True, slots=True)
class CandidateRecords:
    """The existing records that rows of the form may match. `citing_refs`: the refs of the records
    that cite the article, or another article on the same events.
    """

    incidents: list[Incident]
    accounts: list[FakeAccount]
    responses: list[OfficialResponse]
    citing_refs: frozenset[str]


def candidate_records(
    coverage: RelatedCoverage,
    parties: Collection[Any],
    *,
    case_ref: str,
    chosen_refs: Collection[str],
    handles: AccountHandles,
) -> CandidateRecords:
    """Return the existing records that rows of the form may match: records that cite an article of
    `coverage`, are about or by one of `parties`, or are chosen in a row (`chosen_refs`); incidents
    in the case; and accounts with one of `handles`.
    """
    cited = coverage.first_article_ref_by_record()
    refs = [ref for ref in chosen_refs if REF_PATTERN.fullmatch(ref)]
    return CandidateRecords(
        incidents=_candidate_incidents(parties, case_ref, [*refs, *(one.ref for one in cited)]),
        accounts=_candidate_accounts(parties, handles, [*refs, *(one.ref for one in cited)]),
        responses=_candidate_responses(parties, [*refs, *(one.ref for one in cited)]),
        citing_refs=frozenset(one.ref for one in cited),
    )


def record_by_ref(refs: Collection[str]) -> dict[str, Any]:
    """Return the incidents, accounts and responses with these refs, unless retracted, by ref."""
    known = (ref for ref in refs if REF_PATTERN.fullmatch(ref))
    found = load_visible_records(known, (Incident, FakeAccount, OfficialResponse))
    return {ref: one for ref, one in found.items() if not one.is_retracted}


def _candidate_incidents(
    parties: Collection[Any], case_ref: str, refs: Collection[str]
) -> list[Incident]:
    """Return the incidents that have a journalist or outlet in `parties` as a target, are in the
    case with the ref `case_ref`, or have one of `refs`.
    """
    filed = select(CaseIncident.incident_id).join(CaseIncident.case).where(Case.ref == case_ref)
    meant: list[Any] = [Incident.id.in_(filed)] if REF_PATTERN.fullmatch(case_ref) else []
    meant += [Incident.ref.in_(refs)] if refs else []
    journalists, outlets = _journalist_and_outlet_ids(parties)
    if journalists or outlets:
        targets = _party_condition(IncidentTarget, journalists, outlets)
        meant.append(Incident.id.in_(select(IncidentTarget.incident_id).where(targets)))
    if not meant:
        return []
    rows = sort_latest_first(select(Incident).where(or_(*meant), is_not_retracted(Incident)))
    return _load_including_refs(rows.options(*row_load_options()), Incident, refs)


def _candidate_accounts(
    parties: Collection[Any], handles: AccountHandles, refs: Collection[str]
) -> list[FakeAccount]:
    """Return the accounts with these handles or refs, and the unidentified ones that impersonate
    one of the journalists and outlets among `parties`.
    """
    meant: list[Any] = [FakeAccount.ref.in_(refs)] if refs else []
    if handles.handles:
        meant.append(func.lower(FakeAccount.handle).in_(handles.handles))
    if handles.addresses:
        meant.append(func.lower(FakeAccount.url).in_(handles.addresses))
    journalists, outlets = _journalist_and_outlet_ids(parties)
    if journalists or outlets:
        posed = select(AccountImpersonation.account_id).where(
            _party_condition(AccountImpersonation, journalists, outlets)
        )
        meant.append((FakeAccount.identified == Answer.NO) & FakeAccount.id.in_(posed))
    if not meant:
        return []
    rows = (
        select(FakeAccount)
        .where(or_(*meant), is_not_retracted(FakeAccount))
        .order_by(FakeAccount.id)
    )
    return _load_including_refs(rows.options(*account_row_load_options()), FakeAccount, refs)


def _candidate_responses(parties: Collection[Any], refs: Collection[str]) -> list[OfficialResponse]:
    """Return the responses by the institutions among `parties`, or with these refs."""
    institutions = [one.id for one in parties if isinstance(one, Institution)]
    meant: list[Any] = [OfficialResponse.ref.in_(refs)] if refs else []
    meant += [OfficialResponse.institution_id.in_(institutions)] if institutions else []
    if not meant:
        return []
    rows = (
        select(OfficialResponse)
        .where(or_(*meant), is_not_retracted(OfficialResponse))
        .order_by(OfficialResponse.latest.desc(), OfficialResponse.ref)
    )
    return _load_including_refs(rows.options(*response_row_load_options()), OfficialResponse, refs)


def _load_including_refs(rows: Select[Any], model: Any, refs: Collection[str]) -> list[Any]:  # noqa: ANN401 (a model)
    """Return the first `MAX_CASES_TO_CHOOSE_FROM` records of a select, and also the later ones
    whose ref is in `refs`. `model`: the model that is selected.
    """
    found = list(db.session.scalars(rows.limit(MAX_CASES_TO_CHOOSE_FROM)).unique())
    if len(found) == MAX_CASES_TO_CHOOSE_FROM and refs:
        these = db.session.scalars(rows.where(model.ref.in_(refs))).unique()
        found = list(dict.fromkeys([*found, *these]))
    return found


def _journalist_and_outlet_ids(parties: Iterable[Any]) -> tuple[list[int], list[int]]:
    """Return the ids of the journalists among `parties`, then those of the outlets."""
    known = list(parties)
    return (
        [one.id for one in known if isinstance(one, Journalist)],
        [one.id for one in known if isinstance(one, Outlet)],
    )


def _open_cases_about(parties: Iterable[Any], *, by: Actor) -> list[Case]:
    """Return the open cases of the actor's teams that are about any of the journalists and outlets
    among `parties`.
    """
    journalists, outlets = _journalist_and_outlet_ids(parties)
    if not journalists and not outlets:
        return []
    by_incident = (
        select(CaseIncident.case_id)
        .join(CaseIncident.incident)
        .join(Incident.targets)
        .where(_party_condition(IncidentTarget, journalists, outlets))
    )
    by_account = (
        select(CaseAccount.case_id)
        .join(CaseAccount.account)
        .join(FakeAccount.impersonates)
        .where(_party_condition(AccountImpersonation, journalists, outlets))
    )
    rows = _select_open_cases(by).where(or_(Case.id.in_(by_incident), Case.id.in_(by_account)))
    return list(db.session.scalars(rows.limit(MAX_CASES_TO_CHOOSE_FROM)))


def _cases_of_coverage(coverage: RelatedCoverage, *, by: Actor) -> list[tuple[Case, str]]:
    """Return the open cases of the actor's teams that have a record citing an article of
    `coverage`, each with the ref of that article.
    """
    refs = {
        record: ref
        for record, ref in coverage.first_article_ref_by_record().items()
        if case_join_of(record) is not None
    }
    found: dict[int, tuple[Case, str]] = {}
    for record, rows in filings_by_record(list(refs)).items():
        for row in rows:
            case = row.case
            if case.team_id in by.team_ids and case.lifecycle in LIFECYCLES_ACCEPTING_RECORDS:
                found.setdefault(case.id, (case, refs[record]))
    return list(found.values())


def _select_open_cases(by: Actor) -> Select[Case]:
    """Return a select of the open cases of the actor's teams, the last changed first."""
    return (
        select(Case)
        .where(Case.team_id.in_(by.team_ids), Case.lifecycle.in_(LIFECYCLES_ACCEPTING_RECORDS))
        .order_by(Case.updated_at.desc(), Case.ref)
    )


def _party_condition(model: Any, journalist_ids: list[int], outlet_ids: list[int]) -> Any:  # noqa: ANN401 (a condition)
    """Return the SQL condition that a `model` row refers to one of these journalists or outlets."""
    return or_(model.journalist_id.in_(journalist_ids), model.outlet_id.in_(outlet_ids))


class MatchCertainty(StrEnum):
    """How certainly an existing record matches a row. If only one record is CERTAIN, it is
    preselected; POSSIBLE records are offered.
    """

    NONE = ""
    POSSIBLE = "possible"
    CERTAIN = "certain"


def match_incident(
    incident: Incident,
    target_refs: Collection[str],
    type_codes: Collection[str],
    *,
    date_input: str,
    suggested_date: str = "",
    cites_coverage: bool = False,
) -> MatchCertainty:
    """Return how certainly an incident matches a row with these targets and incident types.
    `date_input`: the date that a user entered or accepted; `suggested_date`: a suggested date that
    no user has accepted; `cites_coverage`: whether the incident cites the article, or another
    article on the same events.
    """
    owners = [owner for one in incident.targets for owner in (one.journalist, one.outlet)]
    if not any(owner.ref in target_refs for owner in owners if owner is not None):
        return MatchCertainty.NONE
    has_type = any(row.term.code in type_codes for row in incident.types)
    stated = date_input or suggested_date
    is_apart = _are_dates_apart(incident.when, stated)
    if has_type and not is_apart and (cites_coverage or _dates_overlap(incident.when, date_input)):
        return MatchCertainty.CERTAIN
    is_likely = has_type or _dates_overlap(incident.when, stated)
    return MatchCertainty.POSSIBLE if is_likely else MatchCertainty.NONE


def incident_similarity(
    incident: Incident,
    target_refs: Collection[str],
    type_codes: Collection[str],
    *,
    date_input: str,
    place: str,
    cites_coverage: bool = False,
) -> tuple[int, int]:
    """Return a sort key, greater for an incident that is more similar to a row: the number of
    targets, types, dates and places that both have in common (one more if `cites_coverage`), and
    the days between their dates as a negative number. `cites_coverage`: whether the incident cites
    the article, or another article on the same events.
    """
    owners = {owner.ref for one in incident.targets if (owner := one.journalist or one.outlet)}
    own_types = {row.term.code for row in incident.types}
    shared = len(owners.intersection(target_refs)) + len(own_types.intersection(type_codes))
    shared += cites_coverage + _dates_overlap(incident.when, date_input)
    shared += bool(place) and _normalize_words(place) == _normalize_words(incident.place)
    when = _parse_date(date_input)
    if when is None or not _have_known_dates(incident.when, date_input):
        return shared, -UNKNOWN_DATE_DISTANCE_DAYS
    apart = max(when.earliest - incident.when.latest, incident.when.earliest - when.latest)
    return shared, -max(apart.days, 0)


def match_account(
    account: FakeAccount,
    handle: str,
    platform: str,
    *,
    identified: str,
    refs: Collection[str],
    cites_coverage: bool = False,
) -> MatchCertainty:
    """Return how certainly an account matches a row. `handle`: a handle or profile address;
    `identified`: whether the source identifies the account ("yes", "no" or "unknown"); `refs`: the
    impersonated parties, compared if the account is not identified; `cites_coverage`: whether the
    account cites the article, or another article on the same events.
    """
    if handle:
        if account.url and _normalize_url(handle) == _normalize_url(account.url):
            return MatchCertainty.CERTAIN
        named = parse_profile_url(handle)
        called = named.handle if named else normalize_handle(handle)
        if not account.handle or called.casefold() != account.handle.casefold():
            return MatchCertainty.NONE
        on = named.platform if named else platform
        where = account.platform.code if account.platform else ""
        return MatchCertainty.CERTAIN if on == where else MatchCertainty.POSSIBLE
    if Answer.NO not in {identified, account.identified} or identified != account.identified:
        return MatchCertainty.NONE
    posed = [one.impersonated_party() for one in account.impersonates]
    if not any(one is not None and one.ref in refs for one in posed):
        return MatchCertainty.NONE
    return MatchCertainty.CERTAIN if cites_coverage else MatchCertainty.POSSIBLE


def match_response(
    response: OfficialResponse,
    refs: Collection[str],
    acts: Collection[str],
    *,
    date_input: str,
    quotes: Collection[str],
    cites_coverage: bool = False,
) -> MatchCertainty:
    """Return how certainly a response matches a row. `refs`: the institutions that the row may
    mean; `acts`: the codes of the acts; `date_input`: the entered date; `quotes`: the quotes of the
    acts; `cites_coverage`: whether the response cites the article, or another article on the same
    events.
    """
    if response.institution.ref not in refs:
        return MatchCertainty.NONE
    own = {act.act.value for act in response.acts}
    is_said = not {_normalize_words(act.quote) for act in response.acts if act.quote}.isdisjoint(
        map(_normalize_words, quotes)
    )
    if is_said or (
        _has_common_value(own, acts)
        and (cites_coverage or _dates_overlap(response.when, date_input))
    ):
        return MatchCertainty.CERTAIN
    is_likely = _has_common_value(own, acts) and not _are_dates_apart(response.when, date_input)
    return MatchCertainty.POSSIBLE if is_likely else MatchCertainty.NONE


def _has_common_value(values: Collection[str], other_values: Collection[str]) -> bool:
    return not set(values).isdisjoint(other_values)


def _dates_overlap(when: When, date_input: str) -> bool:
    """Return whether a date and an entered date share a day, and the first day of both is known:
    two dates before 2025, for example, may be years apart.
    """
    stated = _parse_date(date_input)
    if stated is None or OPEN_START in {when.earliest, stated.earliest}:
        return False
    return has_day_between(when, stated.earliest, stated.latest)


def _are_dates_apart(when: When, date_input: str) -> bool:
    """Return whether a date and an entered date are both known and share no day."""
    stated = _parse_date(date_input)
    return (
        stated is not None
        and _have_known_dates(when, date_input)
        and not has_day_between(when, stated.earliest, stated.latest)
    )


def _have_known_dates(when: When, date_input: str) -> bool:
    """Return whether a date and an entered date are both known."""
    stated = _parse_date(date_input)
    return stated is not None and Precision.UNKNOWN not in {when.precision, stated.precision}


def _parse_date(date_input: str) -> When | None:
    """Return an entered date, an unknown date for "", None for a text that is no date."""
    try:
        return parse_when(date_input, latest_possible_date=clock.current_date())
    except WhenError:
        return None


def _normalize_url(address: str) -> str:
    """Return a URL for comparison: in lower case, without scheme, `www.` and final slashes."""
    bare = address.strip().casefold().removeprefix("https://").removeprefix("http://")
    return bare.removeprefix("www.").rstrip("/")


def _normalize_words(words: Any) -> str:  # noqa: ANN401 (text, or None of an empty field)
    """Return text for comparison: in lower case, with single spaces; "" for None."""
    return " ".join((words or "").casefold().split())
