"""Build the plan of the records to save from the confirm form and its article.

New journalists and outlets are created once, however many rows name them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

from tracker.articles.models import Article
from tracker.articles.rules import shorten_masks
from tracker.articles.sentences import parse_passages
from tracker.articles.service import build_citation, build_citations, join_quotes
from tracker.errors import InvalidInput, collect_errors
from tracker.fake_accounts.fields import JOURNALIST, OFFICIAL, OUTLET, ImpersonatedPartyChoice
from tracker.fake_accounts.models import AccountCitation
from tracker.fake_accounts.service import ImpersonatedParty
from tracker.i18n import _
from tracker.incidents.codes import TargetKind
from tracker.incidents.models import IncidentCitation
from tracker.incidents.service import TargetFacts, validate_new_incident
from tracker.intake import confirm_service
from tracker.intake.codes import SuggestionKind
from tracker.intake.confirm_queries import record_by_ref
from tracker.intake.drafts import Suggestion
from tracker.intake.fields import parse_quoted_passages, text_fields_to_save
from tracker.people.models import Journalist, Outlet
from tracker.people.redacted_names_service import validate_shared_text
from tracker.people.service import add_journalist, add_outlet
from tracker.permissions import Actor, Visibility, can_edit
from tracker.responses.codes import AnswerScope
from tracker.responses.fields import InstitutionResolver, require_country
from tracker.responses.models import ResponseCitation
from tracker.responses.service import ResponseFacts, validate_responsible_state

# The kind of the suggestion of a target, by the code of the target's kind.
SUGGESTION_KIND_BY_TARGET_KIND = {
    TargetKind.JOURNALIST.value: SuggestionKind.JOURNALIST,
    TargetKind.OUTLET.value: SuggestionKind.OUTLET,
}
# The names of the lists of rows in the confirm form.
ROW_KINDS = ("incidents", "accounts", "responses")
# The citation model of each kind of row with a quote field. A response has none: its acts do.
CITATION_MODEL_BY_ROW_KIND: dict[str, Any] = {
    "incidents": IncidentCitation,
    "accounts": AccountCitation,
}


class PlanReader:
    """A reader of the accepted rows of the confirm form, which builds the plan of the records to
    save.

    Raises InvalidInput with all errors, offering likely matches of names. `owner`: of new records;
    `latest_date`: the last day on which the reported events can have happened.
    """

    def __init__(
        self,
        form: Any,  # noqa: ANN401 (a ConfirmForm)
        article: Article,
        *,
        owner: confirm_service.RecordOwner,
        latest_date: date,
    ) -> None:
        self.form, self.article, self.owner, self.latest_date = form, article, owner, latest_date
        self.rows: dict[str, list[Any]] = {kind: form.accepted_rows(kind) for kind in ROW_KINDS}
        self.quoted = {
            row.name: _QuoteFinder(article, partial(self._validate_shared_text, row))
            for row in self.rows["responses"]
        }
        all_rows = [row for kind in ROW_KINDS for row in self.rows[kind]]
        self.read: dict[str, dict[str, Any]] = {}
        self.known = record_by_ref(
            [row.form.same_as.data for row in all_rows if row.form.has_existing_record()]
        )
        collect_errors(
            *(partial(self._read_row, row) for row in all_rows),
            *(partial(self._existing_record, row) for row in all_rows),
            *(
                partial(self._validate_citations, kind, row)
                for kind in CITATION_MODEL_BY_ROW_KIND
                for row in self.rows[kind]
            ),
            *(partial(self._validate_visibility, row) for row in all_rows),
            *(partial(self._validate_texts, row) for row in all_rows),
            *(
                entry.form.validate_changes_accepted
                for kind in ROW_KINDS
                for entry in form[kind].entries
            ),
            *(partial(self._validate_answered_incidents, row) for row in self.rows["responses"]),
            *(partial(self._validate_institution, row) for row in self.rows["responses"]),
            self._validate_handles,
            self._validate_case,
        )

    def _read_row(self, row: Any) -> None:  # noqa: ANN401 (a row)
        """Read the values of a row."""
        find_quote = self.quoted.get(row.name)
        arguments = (find_quote,) if find_quote else (f"{row.name}-", self.owner)
        self.read[row.name] = row.form.read_values(self.latest_date, *arguments)

    def _validate_citations(self, kind: str, row: Any) -> None:  # noqa: ANN401 (a row)
        """Validate the citations of a row, and a new incident, before new people are created."""
        passages = parse_quoted_passages(row.form.quote) or [""]
        checks = [
            partial(self._validate_citation, CITATION_MODEL_BY_ROW_KIND[kind], row, one)
            for one in passages
        ]
        if kind == "incidents" and not row.form.has_existing_record():
            checks.append(partial(self._validate_incident, row.form, passages[0]))
        collect_errors(
            *(
                partial(confirm_service.call_with_field_prefix, f"{row.name}-", one)
                for one in checks
            )
        )

    def _validate_citation(self, model: Any, row: Any, passage: str) -> None:  # noqa: ANN401 (a citation model; a row)
        """Validate one quoted passage of a row."""
        found = build_citation(model, self.article, passage)
        self._validate_shared_text(row, found.quote, row.form.quote.name)

    def _validate_texts(self, row: Any) -> None:  # noqa: ANN401 (a row)
        """Raise InvalidInput at the texts of a new record that all users would see and that have a
        redacted name.
        """
        if not row.form.has_existing_record():
            collect_errors(
                *(
                    partial(self._validate_shared_text, row, one.data or "", one.name)
                    for one in text_fields_to_save(row.form)
                )
            )

    def _validate_shared_text(self, row: Any, text: str, field: str) -> None:  # noqa: ANN401 (a row)
        """Raise InvalidInput at `field` if the record of a row is seen by all users, and this text
        of it has a redacted name.
        """
        owner = self.known.get(row.form.same_as.data) or self.owner
        if owner.visibility is Visibility.INTERNAL:
            validate_shared_text(text, team_id=owner.team_id, field=field)

    def _validate_visibility(self, row: Any) -> None:  # noqa: ANN401 (a row)
        """Raise InvalidInput if the row adds the article to an existing record that more users see
        than the article, unless the user shares the article with all users by the same form.
        """
        if self.form.share.data or not row.form.needs_sharing():
            return
        closed = _(
            "All users see this record, and only your team sees this article. Tick “Share this "
            "article with all users” among the facts at the top, or choose another record."
        )
        raise InvalidInput(**{row.form.same_as.name: closed})

    def _validate_incident(self, row: Any, quote: str) -> None:  # noqa: ANN401 (an IncidentRow)
        """Raise InvalidInput if a new incident would be rejected. `quote`: its first quoted
        passage, or "".
        """
        validate_new_incident(
            types=row.types.data or [],
            country=row.country.data or "",
            region=row.region.selected_term(),
            article=self.article,
            quote=quote,
            actor=row.read_actor(),
            by=self.owner.by,
        )

    def _validate_answered_incidents(self, row: Any) -> None:  # noqa: ANN401 (a row of responses)
        """Reject a new response to incidents if none of these incidents is recorded by the form.

        It would count as a response to all incidents of the case.
        """
        scope = row.form.answers_scope
        if row.form.has_existing_record() or scope.chosen_code() is not AnswerScope.INCIDENTS:
            return
        if not self.form.answered_rows(row.form, self.rows["incidents"]):
            none = _(
                "None of the incidents that it answers is recorded here. Accept one of them above, "
                "or choose here what else it answers."
            )
            raise InvalidInput(**{scope.name: none})

    def _validate_institution(self, row: Any) -> None:  # noqa: ANN401 (a row of responses)
        """Raise InvalidInput if the institution of a new response is of another state than the
        incidents that it answers, or the country of law enforcement that it speaks of is unknown.
        """
        if row.form.has_existing_record():
            return
        country = row.form.institution_country(self.article_country())
        is_to_incidents = row.form.answers_scope.chosen_code() is AnswerScope.INCIDENTS
        incidents = self.rows["incidents"] if is_to_incidents else []
        answered = self.form.answered_rows(row.form, incidents)
        known = [self.known.get(one.form.same_as.data) for one in answered]
        countries = [
            record.country if record else one.form.country.data or ""
            for record, one in zip(known, answered, strict=True)
        ]
        standing = row.form.standing.chosen_code()
        acting = country or self.article_country()
        collect_errors(
            partial(
                confirm_service.call_with_field_prefix,
                f"{row.name}-",
                lambda: validate_responsible_state(standing, country, countries),
            ),
            *(
                partial(require_country, acting, one.form.acting.form.name.name)
                for one in row.form.acts_to_record()
                if one.form.unspecified.data
            ),
        )

    def _validate_handles(self) -> None:
        """Raise InvalidInput at each account with the same handle as an account above."""
        numbers: dict[Any, int] = {}
        wrong = {}
        for number, row in enumerate(self.form.accounts.entries, 1):
            key = row.form.handle_key()
            if not row.form.use.data or row.form.has_existing_record() or key is None:
                continue
            if numbers.setdefault(key, number) != number:
                same = _("Fake account %(n)d above has the same handle.", n=numbers[key])
                wrong[row.form.handle.name] = same
        if wrong:
            raise InvalidInput(**wrong)

    def _validate_case(self) -> None:
        """Reject new records without a case, or with a new case without title or country, or with a
        redacted name in the title of a new case that all users would see.
        """
        new = [
            row for rows in self.rows.values() for row in rows if not row.form.has_existing_record()
        ]
        if not new:
            return
        form = self.form
        if not form.case.data:
            raise InvalidInput(case=_("Choose a case, a new one, or none yet."))
        if form.case.data != confirm_service.IN_NEW_CASE:
            return
        wrong = {}
        if not form.title.data:
            wrong["title"] = _("Give the case a title.")
        if not self.article_country():
            wrong["country"] = _("Choose a country.")
        if wrong:
            raise InvalidInput(**wrong)
        if self.owner.visibility is Visibility.INTERNAL:
            validate_shared_text(form.title.data, team_id=self.owner.team_id, field="title")

    def article_country(self) -> str | None:
        """Return the country of the article's incidents, else the country entered for the article,
        else that of its publisher, None if unknown.
        """
        countries = [row.form.country.data for row in self.rows["incidents"]]
        publisher = self.article.publisher
        known = [*countries, self.form.country.data, publisher and publisher.country]
        return next(filter(None, known), None)

    def build_plan(
        self,
        new_parties: NewParties,
        resolver: InstitutionResolver,
        suggestion_by_key: Mapping[str, Suggestion],
    ) -> confirm_service.ConfirmPlan:
        """Return the plan of the records to save; create new journalists and outlets with
        `new_parties`, and new institutions with `resolver`.
        """
        incidents = [
            partial(self._plan_incident, row, new_parties, suggestion_by_key)
            for row in self.rows["incidents"]
        ]
        accounts = [
            partial(self._plan_account, row, new_parties, suggestion_by_key)
            for row in self.rows["accounts"]
        ]
        responses = [
            partial(self._plan_response, row, resolver, suggestion_by_key)
            for row in self.rows["responses"]
        ]
        planned = confirm_service.collect_errors_until_conflict(*incidents, *accounts, *responses)
        first, then = len(incidents), len(incidents) + len(accounts)
        return confirm_service.ConfirmPlan(
            incidents=planned[:first],
            accounts=planned[first:then],
            responses=planned[then:],
            case=self.form.case.data or "",
            case_title=self.form.title.data or "",
            case_country=self.form.country.data or self.article_country() or "",
        )

    def _existing_record(self, row: Any) -> Any:  # noqa: ANN401 (a RecordRow; a record)
        """Return the existing record chosen in a row, None for a new one; raise InvalidInput if the
        actor may not edit it.
        """
        if not row.form.has_existing_record():
            return None
        found = self.known.get(row.form.same_as.data)
        if found is None or not can_edit(self.owner.by, found):
            gone = _("There is no such record, or your team may not change it.")
            raise InvalidInput(**{row.form.same_as.name: gone})
        return found

    def _plan_incident(
        self,
        row: Any,  # noqa: ANN401 (a row of incidents)
        new_parties: NewParties,
        suggestion_by_key: Mapping[str, Suggestion],
    ) -> confirm_service.IncidentPlan:
        """Return the plan of an incident; create its new journalists and outlets."""
        same, read = self._existing_record(row), dict(self.read[row.name])
        passages = read.pop("passages")
        if same is None:
            targets = confirm_service.collect_errors_until_conflict(
                *(partial(new_parties.resolve_target, one) for one in read["targets"])
            )
            read |= {"targets": targets}
        return confirm_service.IncidentPlan(
            field_prefix=f"{row.name}-",
            facts={} if same else read,
            passages=passages,
            confirmed_values=confirmed_incident_values(row.form, suggestion_by_key),
            existing_record=same,
            uses_accounts=bool(row.form.with_accounts.data),
            key=row.form.key.data,
        )

    def _plan_account(
        self,
        row: Any,  # noqa: ANN401 (a row of accounts)
        new_parties: NewParties,
        suggestion_by_key: Mapping[str, Suggestion],
    ) -> confirm_service.AccountPlan:
        """Return the plan of an account; create its new journalists and outlets."""
        same, read = self._existing_record(row), self.read[row.name]
        return confirm_service.AccountPlan(
            field_prefix=f"{row.name}-",
            facts=read.get("facts"),
            impersonates=[] if same else new_parties.resolve_impersonated(read["meant"]),
            first_seen=read.get("first_seen"),
            event=read["event"],
            passages=read["passages"],
            confirmed_values=confirmed_account_values(row.form, suggestion_by_key),
            existing_record=same,
        )

    def _plan_response(
        self,
        row: Any,  # noqa: ANN401 (a row of responses)
        resolver: InstitutionResolver,
        suggestion_by_key: Mapping[str, Suggestion],
    ) -> confirm_service.ResponsePlan:
        """Return the plan of a response; create its new institutions."""
        same, quoted = self._existing_record(row), self.quoted[row.name]
        plan = confirm_service.ResponsePlan(
            field_prefix=f"{row.name}-",
            facts=None,
            acts=[],
            citations=quoted.unique_citations(),
            passages=quoted.passages,
            confirmed_values=confirmed_response_values(row.form, suggestion_by_key),
            existing_record=same,
            answered_keys=frozenset(row.form.answers.data),
        )
        if same is None:
            rest = dict(self.read[row.name])
            institution, acts = resolver.find_or_create(rest.pop("body")), rest.pop("acts")
            country = institution.country or self.article_country()
            plan.facts = ResponseFacts(institution=institution, **rest)
            plan.acts = [resolver.build_act_facts(one, country) for one in acts]
        return plan


class _QuoteFinder:
    """A function object that finds the quotes of one response in the article, and collects the
    passages that contain them. `validate_text`: raises InvalidInput for a quote that must not be
    stored; its second argument is the name of the field.
    """

    def __init__(self, article: Article, validate_text: Callable[[str, str], None]) -> None:
        self.article, self.validate_text = article, validate_text
        self.made: list[ResponseCitation] = []
        self.passages: list[str] = []

    def __call__(self, words: str, field: str) -> str:
        """Return the words that an act quotes; raise InvalidInput at the field if none match."""
        if not words:
            return words
        self.passages += parse_passages(words)
        found = build_citations(ResponseCitation, self.article, words, error_field=field)
        self.made += found
        quote = join_quotes(found)
        self.validate_text(quote, field)
        return quote

    def unique_citations(self) -> list[ResponseCitation]:
        """Return the citations without repeated passages."""
        return list({(one.start, one.quote): one for one in self.made}.values())


class NewParties:
    """The new journalists and outlets of a form, each created once even if several rows name it."""

    def __init__(
        self, *, team_id: int, visibility: Visibility, country: str | None, by: Actor
    ) -> None:
        self.by = by
        self.kept: dict[str, Any] = {
            "team_id": team_id, "visibility": visibility, "country": country, "by": by,
        }  # fmt: skip
        self.made: dict[tuple[str, str], Journalist | Outlet] = {}

    def resolve_target(self, facts: TargetFacts) -> TargetFacts:
        """Return a target, with its new journalist or outlet created."""
        field = f"{facts.field_prefix}who-name"
        if isinstance(facts.journalist, str):
            made: Any = self._get_or_create_party(JOURNALIST, facts.journalist, field)
            return replace(facts, journalist=made)
        if isinstance(facts.outlet, str):
            made = self._get_or_create_party(OUTLET, facts.outlet, field)
            return replace(facts, outlet=made)
        return facts

    def resolve_impersonated(
        self, choices: Iterable[ImpersonatedPartyChoice]
    ) -> list[ImpersonatedParty]:
        """Return the parties that an account impersonates, each once, creating new ones."""
        found: list[ImpersonatedParty] = []
        for one in choices:
            name, record = one.chosen.name, one.chosen.record
            if record is not None:
                found.append(record)
            else:
                found.append(
                    name
                    if one.kind == OFFICIAL
                    else self._get_or_create_party(one.kind, name, one.field)
                )
        return list(dict.fromkeys(found))

    def _get_or_create_party(self, kind: str, name: str, field: str) -> Journalist | Outlet:
        """Return the new journalist or outlet with this name; create it at the first call. `field`:
        the name of the field at which errors are shown.
        """
        key = kind, name.casefold()
        if key not in self.made:
            add: Any = add_journalist if kind == JOURNALIST else add_outlet
            try:
                self.made[key] = add(name, **self.kept)
            except InvalidInput as error:
                raise InvalidInput(**{field: " ".join(error.fields.values())}) from error
        return self.made[key]


def confirmed_incident_values(
    row: Any,  # noqa: ANN401 (an IncidentRow)
    suggestion_by_key: Mapping[str, Suggestion],
) -> list[confirm_service.ConfirmedValue]:
    """Return the confirmed values of a recorded incident: types, date, place and targets."""
    came = _suggestions_of_row(row, suggestion_by_key)
    return [
        *confirm_service.confirmed_type_values(came, row.types.data or []),
        *_confirmed_field_values(SuggestionKind.DATE, row.occurred.form.when.data, came),
        *_confirmed_field_values(SuggestionKind.PLACE, row.place.data, came),
        *(
            said
            for one in row.targets_to_record()
            for said in _confirmed_target_values(one.form, suggestion_by_key)
        ),
    ]


def confirmed_account_values(
    row: Any,  # noqa: ANN401 (an AccountRow)
    suggestion_by_key: Mapping[str, Suggestion],
) -> list[confirm_service.ConfirmedValue]:
    """Return the confirmed values of a recorded account."""
    came = _first_suggestion(_suggestions_of_row(row, suggestion_by_key))
    is_as_suggested = came is not None and (row.handle.data or "") == came.value
    return [
        confirm_service.ConfirmedValue(
            SuggestionKind.ACCOUNT, row.kind.data, came.key if came else "", is_as_suggested
        )
    ]


def confirmed_response_values(
    row: Any,  # noqa: ANN401 (a ResponseRow)
    suggestion_by_key: Mapping[str, Suggestion],
) -> list[confirm_service.ConfirmedValue]:
    """Return the confirmed values of a recorded response: itself, its date and its acts."""
    parts = _suggestions_of_row(row, suggestion_by_key)
    came = next((one for one in parts if one.kind is SuggestionKind.RESPONSE), None)
    name = row.institution.form.name.data or ""
    is_as_suggested = came is not None and name == came.value
    found = [
        confirm_service.ConfirmedValue(
            SuggestionKind.RESPONSE, row.standing.data, came.key if came else "", is_as_suggested
        )
    ]
    date_input = row.made.form.when.data
    if date_input != row.dated.data or any(one.kind is SuggestionKind.DATE for one in parts):
        # Otherwise the form itself filled the date in, from the publication date of the article.
        found += _confirmed_field_values(SuggestionKind.DATE, date_input, parts)
    for one in row.acts_to_record():
        act = _first_suggestion(_suggestions_of_row(one.form, suggestion_by_key))
        entered = (one.form.act.data, _normalize_text(one.form.quote.data))
        is_as_suggested = act is not None and entered == (act.code, _normalize_text(act.value))
        key = act.key if act else ""
        found.append(
            confirm_service.ConfirmedValue(
                SuggestionKind.ACT, one.form.act.data, key, is_as_suggested
            )
        )
    return found


def _confirmed_target_values(
    row: Any,  # noqa: ANN401 (a TargetRow)
    suggestion_by_key: Mapping[str, Suggestion],
) -> list[confirm_service.ConfirmedValue]:
    """Return a list with the confirmed value of a recorded target. The list is empty for an unnamed
    target that was not suggested.
    """
    kind = SUGGESTION_KIND_BY_TARGET_KIND.get(row.kind.data)
    came = _first_suggestion(_suggestions_of_row(row, suggestion_by_key))
    if came is None:
        return [confirm_service.ConfirmedValue(kind)] if kind else []
    is_as_suggested = kind is came.kind and row.who.form.name.data == came.value
    return [confirm_service.ConfirmedValue(came.kind, "", came.key, is_as_suggested)]


def _confirmed_field_values(
    kind: SuggestionKind, user_input: str | None, suggestions: Iterable[Suggestion]
) -> list[confirm_service.ConfirmedValue]:
    """Return a list with the confirmed value of a date or place field, empty if the field is empty.
    `suggestions`: the suggestions from which the row with the field was made.
    """
    if not user_input:
        return []
    one = next((found for found in suggestions if found.kind is kind), None)
    return (
        [confirm_service.ConfirmedValue(kind, "", one.key, user_input == one.value)]
        if one
        else [confirm_service.ConfirmedValue(kind)]
    )


def _suggestions_of_row(row: Any, suggestion_by_key: Mapping[str, Suggestion]) -> list[Suggestion]:  # noqa: ANN401 (a row with `came`)
    """Return the suggestions from which a row was made; unknown keys are ignored."""
    keys = (row.came.data or "").split()
    return [suggestion_by_key[key] for key in dict.fromkeys(keys) if key in suggestion_by_key]


def _first_suggestion(found: list[Suggestion]) -> Suggestion | None:
    """Return the first suggestion of a list, None if the list is empty."""
    return found[0] if found else None


def _normalize_text(text: str | None) -> str:
    """Return a text for comparison: with single spaces, and with masks (which stand for hidden
    words) shortened as in forms.
    """
    return " ".join(shorten_masks(text or "").split())
