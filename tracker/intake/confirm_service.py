"""Save the records that a person confirmed for an article, and the outcome of each suggestion."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar

from tracker.articles.citation_service import add_citations, is_quote_cited
from tracker.articles.codes import Independence
from tracker.articles.models import Article
from tracker.articles.service import (
    build_citation,
    has_stated_independence,
    set_source_independence,
)
from tracker.audit.chain import json_digest
from tracker.audit.service import record_event
from tracker.cases.models import Case
from tracker.cases.queries import case_by_ref
from tracker.cases.service import file_records, open_case
from tracker.db import db
from tracker.errors import InvalidInput, collect_errors
from tracker.fake_accounts.codes import AccountEvent
from tracker.fake_accounts.models import AccountCitation, FakeAccount
from tracker.fake_accounts.service import ImpersonatedParty, add_event, add_incident, record_account
from tracker.i18n import _
from tracker.incidents.models import Incident
from tracker.incidents.service import record_incident
from tracker.intake.codes import InboxState, SuggestionKind, SuggestionVerdict
from tracker.intake.confirm_queries import (
    has_suggestion_outcomes,
    is_visible_to_article_readers,
    publisher_and_involvement,
)
from tracker.intake.drafts import Suggestion
from tracker.intake.inbox_service import close_item_of_article
from tracker.intake.models import SuggestionOutcome
from tracker.permissions import Actor, Visibility, can_edit
from tracker.responses.codes import AnswerScope
from tracker.responses.models import OfficialResponse, ResponseCitation
from tracker.responses.service import ActFacts, record_response
from tracker.scoping import more_restricted_records
from tracker.when import When

# The type of the result of a function, or of a record that a function takes and returns.
AnyResult = TypeVar("AnyResult")
# Values of the form's case: the records are filed in none, or in a new one.
IN_NO_CASE, IN_NEW_CASE = "none", "new"


@dataclass(slots=True)
class IncidentPlan:
    """A confirmed incident to save. `facts`: the arguments of `record_incident`; `passages`: the
    passages to quote, each as sentence numbers or words of the article; `field_prefix`: what begins
    the names of the fields of its row, such as "incidents-0-".
    """

    field_prefix: str
    facts: dict[str, Any]
    passages: list[str]
    confirmed_values: list[ConfirmedValue]
    # The existing record: the article is only added to it as a source.
    existing_record: Incident | None = None
    uses_accounts: bool = False
    # The key by which `ResponsePlan.answered_keys` refers to the incident.
    key: str = ""


@dataclass(slots=True)
class AccountPlan:
    """A confirmed fake account to save. `passages`: the passages to quote, each as sentence numbers
    or words of the article; `field_prefix`: what begins the names of the fields of its row, such as
    "accounts-0-".
    """

    field_prefix: str
    # Arguments of `record_account`, None for an existing record.
    facts: Any
    impersonates: list[ImpersonatedParty]
    first_seen: When | None
    passages: list[str]
    confirmed_values: list[ConfirmedValue]
    existing_record: FakeAccount | None = None
    # What happened to the account, and when.
    event: tuple[AccountEvent, When] | None = None


@dataclass(slots=True)
class ResponsePlan:
    """A confirmed official response to save. `passages`: the passages to quote, each as sentence
    numbers or words of the article; `field_prefix`: what begins the names of the fields of its row,
    such as "responses-0-".
    """

    field_prefix: str
    # Arguments of `record_response`, None for an existing record.
    facts: Any
    acts: list[ActFacts]
    citations: list[ResponseCitation]
    passages: list[str]
    confirmed_values: list[ConfirmedValue]
    existing_record: OfficialResponse | None = None
    # The keys of the incidents that it answers, none for all.
    answered_keys: frozenset[str] = frozenset()


@dataclass(slots=True)
class ConfirmPlan:
    """All confirmed records to save, and the case to file them in. `case`: the ref of an existing
    case, IN_NEW_CASE or IN_NO_CASE.
    """

    incidents: list[IncidentPlan] = field(default_factory=list)
    accounts: list[AccountPlan] = field(default_factory=list)
    responses: list[ResponsePlan] = field(default_factory=list)
    case: str = ""
    case_title: str = ""
    case_country: str = ""
    # The independence of the source as chosen on the page; None if nothing was chosen.
    independence: Independence | None = None


@dataclass(slots=True)
class ConfirmResult:
    """The result of saving: the new records, their case, and existing records with a new source."""

    new_records: list[Any]
    case: Case | None
    # Whether the outcomes of the suggestions were stored.
    has_outcomes: bool
    # Existing records that cite the article now.
    existing_records: list[Any] = field(default_factory=list)
    # Whether the user chose the independence of the source.
    is_independence_chosen: bool = False
    # Whether the independence was derived, since a target or a target's employer published it.
    is_published_by_target: bool = False
    # Whether all users see the article now, and only its team did before.
    is_article_newly_shared: bool = False

    @property
    def has_records(self) -> bool:
        """Whether any record newly cites the article."""
        return bool(self.new_records or self.existing_records)


@dataclass(slots=True)
class RecordOwner:
    """The team, visibility and author of new records."""

    team_id: int
    visibility: Visibility
    by: Actor

    def as_arguments(self) -> dict[str, Any]:
        """Return team, visibility and author as keyword arguments of the functions that create
        records.
        """
        return {"team_id": self.team_id, "visibility": self.visibility, "by": self.by}


def save_confirmed_records(
    article: Article,
    plan: ConfirmPlan,
    suggestion_by_key: Mapping[str, Suggestion],
    *,
    owner: RecordOwner,
) -> ConfirmResult:
    """Save the planned records, and the outcome of each suggestion (`suggestion_by_key`).

    Raises InvalidInput with all errors, at the fields of the rows.
    """
    incidents: list[Incident] = collect_errors_until_conflict(
        *(partial(_save_incident, article, one, owner) for one in plan.incidents)
    )
    online = [
        record for record, one in zip(incidents, plan.incidents, strict=True) if one.uses_accounts
    ]
    accounts: list[FakeAccount] = collect_errors_until_conflict(
        *(partial(_save_account, article, one, online, owner) for one in plan.accounts)
    )
    responses: list[OfficialResponse] = collect_errors_until_conflict(
        *(
            partial(_save_response, article, one, _answered_incidents(one, plan, incidents), owner)
            for one in plan.responses
        )
    )
    records: list[Any] = [*incidents, *accounts, *responses]
    plans: list[Any] = [*plan.incidents, *plan.accounts, *plan.responses]
    existing = [one.existing_record for one in plans if one.existing_record is not None]
    new = [one for one in records if one not in existing]
    case = _file_in_case(plan, new, owner) if new else None
    stated = plan.independence
    is_own = bool(records or stated) and _set_source_details(article, stated, incidents, owner)
    confirmed = _located_values_of_plans(article, plans, records)
    is_stored = _save_outcomes(article, suggestion_outcomes(suggestion_by_key, confirmed), owner)
    if records:
        close_item_of_article(article, InboxState.LOGGED, by=owner.by)
    return ConfirmResult(new, case, is_stored, list(dict.fromkeys(existing)), bool(stated), is_own)


def _located_values_of_plans(
    article: Article, plans: Sequence[Any], records: Sequence[Any]
) -> list[ConfirmedValue]:
    """Return the confirmed values of all plans, each with its record and the passage that this
    cites. `records`: saved from `plans`, in the same order.
    """
    return [
        value
        for record, plan in zip(records, plans, strict=True)
        for value in values_with_location(
            _ref_for_article_readers(article, record),
            _first_citation_offsets(record, article),
            plan.confirmed_values,
        )
    ]


def _save_incident(article: Article, plan: IncidentPlan, owner: RecordOwner) -> Incident:
    """Save a planned incident, or add the article as a source to the existing one; return it."""
    with_first = plan.passages[0] if plan.passages else ""

    def apply_change() -> Incident:
        if plan.existing_record is not None:
            return _add_citations(plan.existing_record, article, plan.passages, owner)
        incident = record_incident(
            **plan.facts, article=article, quote=with_first, **owner.as_arguments()
        )
        return _add_citations(incident, article, plan.passages, owner)

    return call_with_field_prefix(plan.field_prefix, apply_change)


def _save_account(
    article: Article, plan: AccountPlan, incidents: Sequence[Incident], owner: RecordOwner
) -> FakeAccount:
    """Save a planned account, or add the article as a source to the existing account; return the
    account. `incidents`: the incidents in which the account was used.
    """

    def apply_change() -> FakeAccount:
        if plan.existing_record is not None:
            account = _add_citations(plan.existing_record, article, plan.passages, owner)
            db.session.flush()
            used = {use.incident_id for use in account.incidents}
            for incident in incidents:
                if incident.id not in used:
                    add_incident(account, incident, by=owner.by)
            return _add_account_event(account, article, plan, owner)
        account = record_account(
            plan.facts,
            impersonates=plan.impersonates,
            first_seen=plan.first_seen,
            citations=[
                build_citation(AccountCitation, article, passage)
                for passage in plan.passages or [""]
            ],
            incidents=incidents,
            **owner.as_arguments(),
        )
        return _add_account_event(account, article, plan, owner)

    return call_with_field_prefix(plan.field_prefix, apply_change)


def _add_account_event(
    account: FakeAccount, article: Article, plan: AccountPlan, owner: RecordOwner
) -> FakeAccount:
    """Add the planned event, if there is one, to an account that does not have the same event with
    the same date yet. Return the account.
    """
    if plan.event is None:
        return account
    event, when = plan.event
    known = {(one.event, one.earliest, one.latest) for one in account.events}
    if (event, when.earliest, when.latest) not in known:
        add_event(account, event, when=when, article=article, by=owner.by)
    return account


def _save_response(
    article: Article, plan: ResponsePlan, incidents: Sequence[Incident], owner: RecordOwner
) -> OfficialResponse:
    """Save a planned response to `incidents`, or add the article as a source to the existing
    response; return the response.
    """

    def apply_change() -> OfficialResponse:
        if plan.existing_record is not None:
            return _add_citations(plan.existing_record, article, plan.passages, owner)
        is_of_incidents = plan.facts.answers_scope is AnswerScope.INCIDENTS
        return record_response(
            plan.facts,
            acts=plan.acts,
            incidents=incidents if is_of_incidents else (),
            citations=plan.citations,
            **owner.as_arguments(),
        )

    return call_with_field_prefix(plan.field_prefix, apply_change)


def _answered_incidents(
    response: ResponsePlan, plan: ConfirmPlan, incidents: Sequence[Incident]
) -> list[Incident]:
    """Return the saved incidents that a planned response answers: the chosen ones, or all if none
    is chosen. `incidents`: saved from `plan.incidents`, in the same order.
    """
    return [
        record
        for record, one in zip(incidents, plan.incidents, strict=True)
        if not response.answered_keys or one.key in response.answered_keys
    ]


def _add_citations(
    record: AnyResult, article: Article, passages: Sequence[str], owner: RecordOwner
) -> AnyResult:
    """Add the article to a record as a source, with the passages that it does not cite yet."""
    for passage in passages or [""]:
        if not is_quote_cited(record, article, passage):
            add_citations(record, article, passage, by=owner.by)
    return record


def _file_in_case(plan: ConfirmPlan, records: Sequence[Any], owner: RecordOwner) -> Case | None:
    """File the records in the chosen case or a new one, and return it; None for no case."""
    if plan.case == IN_NO_CASE:
        return None
    if plan.case == IN_NEW_CASE:
        case = open_case(plan.case_title, country=plan.case_country, **owner.as_arguments())
    else:
        found = case_by_ref(plan.case)
        if found is None:
            raise InvalidInput(case=_("There is no such case, or it is not for you."))
        case = found
    file_records(case, records, by=owner.by)
    return case


def _set_source_details(
    article: Article,
    chosen_independence: Independence | None,
    incidents: Sequence[Incident],
    owner: RecordOwner,
) -> bool:
    """Set the publisher and the independence of the article. Return whether the independence was
    derived: the publisher is a target or employs one. `chosen_independence`: the independence that
    the user chose, None for none; `incidents`: the saved incidents, whose targets are compared with
    the publisher.

    The derived independence is `TARGET_ITSELF`, even if a targeted journalist only works for the
    publisher. `PARTY` would be wrong: verification counts a party's words as the authority's.
    """
    if not can_edit(owner.by, article):
        return False
    targeted = [
        target.journalist or target.outlet
        for incident in incidents
        if is_visible_to_article_readers(incident, article)
        for target in incident.targets
    ]
    publisher, is_own = publisher_and_involvement(article, filter(None, targeted))
    is_own = is_own and chosen_independence is None and not has_stated_independence(article)
    independence = chosen_independence or (
        Independence.TARGET_ITSELF if is_own else article.independence
    )
    set_source_independence(
        article, publisher, independence, is_stated=chosen_independence is not None, by=owner.by
    )
    return is_own


def _save_outcomes(article: Article, outcomes: Sequence[OutcomeFacts], owner: RecordOwner) -> bool:
    """Store the outcomes of suggestions; return whether any was stored.

    The audit log gets only a digest. Nothing is stored for an article of another team, which would
    learn who works on the article. Refused suggestions are stored only the first time, since later
    the page offers suggestions again that were accepted or refused before.
    """
    by = owner.by
    if article.team_id not in by.team_ids:
        return False
    if has_suggestion_outcomes(article):
        outcomes = [one for one in outcomes if one.verdict is not SuggestionVerdict.REFUSED]
    rows = []
    for one in outcomes:
        row = SuggestionOutcome(article_id=article.id, kind=one.kind, code=one.code, by_id=by.id)
        row.team_id, row.visibility = article.team_id, article.visibility
        row.start, row.end, row.score = one.start, one.end, one.score
        row.verdict, row.record_ref = one.verdict, one.record_ref
        rows.append(row)
    if not rows:
        return False
    verdicts = [
        [one.kind, one.code, one.start, one.end, one.verdict, one.record_ref] for one in outcomes
    ]
    # First, because it locks the head of the audit log, which every writer locks before any row.
    # Records restricted to the team must not be revealed to other readers of the article's history.
    if owner.visibility is article.visibility:
        record_event(
            "article:confirm", article.ref, by=by, changes={"digest": json_digest(verdicts)}
        )
    db.session.add_all(rows)
    return True


def _ref_for_article_readers(article: Article, record: Any) -> str:  # noqa: ANN401 (a record of any feature)
    """Return the ref of a record, "" if not everybody who sees the article may see it."""
    return "" if more_restricted_records(article.visibility, [record]) else str(record.ref)


def _first_citation_offsets(record: Any, article: Article) -> tuple[int | None, int | None]:  # noqa: ANN401 (as above)
    """Return start and end of the first passage of an article that a record cites; both are None
    if it cites none, or the article has no text.
    """
    first = next((one for one in record.citations if one.article is article), None)
    return (first.start, first.end) if first else (None, None)


def collect_errors_until_conflict(*functions: Callable[[], Any]) -> list[Any]:
    """Call the functions given as arguments, and return their results; raise one InvalidInput with
    all their errors. After a database conflict, when no query is possible, call no further
    function.
    """
    return collect_errors(*functions, can_continue=lambda: db.session.is_active)


def call_with_field_prefix(prefix: str, function: Callable[[], AnyResult]) -> AnyResult:
    """Call a function and return its result. If it raises InvalidInput, put `prefix`, such as
    "incidents-0-", before the field names in the error.
    """
    try:
        return function()
    except InvalidInput as error:
        raise InvalidInput(
            **{
                name if name.startswith(prefix) else prefix + name: text
                for name, text in error.fields.items()
            }
        ) from error


@dataclass(frozen=True, slots=True)
class ConfirmedValue:
    """A value that a user confirmed. `code`: the incident type, the act, the kind of an account or
    the standing of a response; `suggestion_key`: the key of its suggestion, "" for none;
    `is_as_suggested`: whether it is as suggested; `record_ref`: its record; `start`, `end`: the
    passage that supports it.
    """

    kind: SuggestionKind
    code: str = ""
    suggestion_key: str = ""
    is_as_suggested: bool = False
    record_ref: str = ""
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class OutcomeFacts:
    """The outcome of a suggestion, or of a value that a user added, to store in
    `SuggestionOutcome`. `score`: the score of the suggestion in percent, None for an added value;
    `start`, `end`: the passage; `record_ref`: the record.
    """

    kind: SuggestionKind
    code: str
    start: int | None
    end: int | None
    score: int | None
    verdict: SuggestionVerdict
    record_ref: str


def suggestion_outcomes(
    suggestion_by_key: Mapping[str, Suggestion], confirmed: Sequence[ConfirmedValue]
) -> list[OutcomeFacts]:
    """Return the outcome of every suggestion, then the outcome of every confirmed value that was
    not suggested. `confirmed`: all confirmed values.

    A suggestion saved in several records was accepted if any of them has it unchanged.
    """
    best: dict[str, ConfirmedValue] = {}
    added: list[ConfirmedValue] = []
    for one in confirmed:
        if one.suggestion_key not in suggestion_by_key:
            added.append(one)
        elif one.suggestion_key not in best or (
            one.is_as_suggested and not best[one.suggestion_key].is_as_suggested
        ):
            best[one.suggestion_key] = one
    return [
        *(_outcome_of_suggestion(one, best.get(key)) for key, one in suggestion_by_key.items()),
        *(_outcome_of_added_value(one) for one in added),
    ]


def confirmed_type_values(
    suggestions: Iterable[Suggestion], ticked_codes: Sequence[str]
) -> list[ConfirmedValue]:
    """Return the confirmed values for the ticked types of an incident. `suggestions`: all
    suggestions from which its row was made; `ticked_codes`: the codes of the ticked types.

    A type ticked instead of a suggested one is a change of that one.
    """
    kind = SuggestionKind.TYPE
    types = [one for one in suggestions if one.kind is kind]
    wanted = {one.code for one in types}
    extra = [code for code in ticked_codes if code not in wanted]
    taken = [one for one in types if one.code in ticked_codes]
    left = [one for one in types if one.code not in ticked_codes]
    changed = left[: len(extra)]
    return [
        *(ConfirmedValue(kind, one.code, one.key, is_as_suggested=True) for one in taken),
        *(ConfirmedValue(kind, one.code, one.key) for one in changed),
        *(ConfirmedValue(kind, code) for code in extra[len(changed) :]),
    ]


def values_with_location(
    record_ref: str, offsets: tuple[int | None, int | None], confirmed: Iterable[ConfirmedValue]
) -> list[ConfirmedValue]:
    """Return copies of confirmed values, with the ref of their record and the passage that the
    record cites. `offsets`: start and end of this passage in the text of the article.
    """
    return [
        replace(one, record_ref=record_ref, start=offsets[0], end=offsets[1]) for one in confirmed
    ]


def _outcome_of_suggestion(
    suggestion: Suggestion, confirmed: ConfirmedValue | None
) -> OutcomeFacts:
    """Return the outcome of a suggestion; it was refused if `confirmed` is None."""
    verdict = SuggestionVerdict.REFUSED
    if confirmed is not None:
        verdict = (
            SuggestionVerdict.ACCEPTED if confirmed.is_as_suggested else SuggestionVerdict.CHANGED
        )
    return OutcomeFacts(
        kind=suggestion.kind,
        code=suggestion.code,
        start=suggestion.passage.start,
        end=suggestion.passage.end,
        score=suggestion.percent,
        verdict=verdict,
        record_ref=confirmed.record_ref if confirmed else "",
    )


def _outcome_of_added_value(confirmed: ConfirmedValue) -> OutcomeFacts:
    """Return the outcome of a confirmed value that was not suggested."""
    return OutcomeFacts(
        confirmed.kind,
        confirmed.code,
        confirmed.start,
        confirmed.end,
        None,
        SuggestionVerdict.ADDED,
        confirmed.record_ref,
    )
