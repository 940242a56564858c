"""The form rows of the confirm page: incidents, accounts and responses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

import wtforms
from wtforms.validators import NumberRange, Optional

from tracker.articles.models import Article
from tracker.errors import InvalidInput, collect_errors
from tracker.fake_accounts.addresses import normalize_handle, parse_profile_url
from tracker.fake_accounts.codes import AccountEvent, AccountKind
from tracker.fake_accounts.fields import ImpersonatedPartyForm, read_impersonated_parties
from tracker.fake_accounts.service import MAX_ACCOUNT_COUNT, AccountFacts, validated_new_facts
from tracker.i18n import _, current_language, lazy
from tracker.incidents import fields as incident_fields
from tracker.incidents.codes import ActorType, AttributedBy, Certainty, Extent, PurportedAs
from tracker.incidents.service import ActorFacts, TargetFacts
from tracker.intake import sheet
from tracker.intake.codes import SuggestionKind
from tracker.intake.confirm_service import RecordOwner, call_with_field_prefix
from tracker.intake.drafts import Suggestion, WeakSuggestion
from tracker.intake.fields import (
    entered_date,
    parse_quoted_passages,
    quote_field,
    shown_form_pairs,
)
from tracker.kit.forms import code_input
from tracker.people.codes import InstitutionKind
from tracker.people.queries import institution_by_ref
from tracker.permissions import Actor, Visibility, can_edit
from tracker.responses.codes import AnswerScope, Stance, Standing
from tracker.responses.fields import (
    KINDS_WITHOUT_COUNTRY,
    ActChoice,
    ActForm,
    InstitutionChoice,
    read_acts,
    read_institution,
)
from tracker.scoping import more_restricted_records
from tracker.vocabulary.codes import Answer, TermSet
from tracker.vocabulary.queries import term_choices, terms_by_code
from tracker.web import forms
from tracker.web.filters import REF_PATTERN
from tracker.when import When

# The longest text accepted in the field `spreads`, which says what a fake account spreads.
MAX_SPREADS_LENGTH = 5000  # characters
# Events of an account that an article may report.
REPORTABLE_ACCOUNT_EVENTS = (
    AccountEvent.BLOCKED,
    AccountEvent.SUSPENDED,
    AccountEvent.REMOVED_BY_PLATFORM,
)


def record_checkbox() -> wtforms.BooleanField:
    """Return the checkbox of a target or an act; only if ticked it is saved with its row."""
    return wtforms.BooleanField(lazy("Record this"))


class DecisionField(wtforms.BooleanField):
    """A field to accept or skip a row, shown as two radio buttons; both may be unselected."""

    false_values = (False, "false", "", sheet.SKIPPED_VALUE)
    is_skipped = False

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read whether the row is accepted (`data`) and whether it was skipped (`is_skipped`)."""
        super().process_formdata(valuelist)
        self.is_skipped = sheet.SKIPPED_VALUE in valuelist


class RecordRow(forms.SubForm):
    """A row of the confirm page: a record to create, or an existing record to add a source to."""

    # The existing records that the row may be, set before the form is read.
    matching_records: Sequence[Any] = ()
    # Those of the matching records that are certainly the same.
    certain_matches: Sequence[Any] = ()
    # The suggestions for empty fields, filled in once ticked; set for the page.
    weak_suggestions: Sequence[WeakSuggestion] = ()

    use = DecisionField(lazy("Record this"))
    # The keys of the suggestions that the row was made from, separated by spaces.
    came = wtforms.HiddenField(default="")
    # The ref of the existing record, NEW for a new one, "" if nothing was chosen yet.
    same_as = wtforms.HiddenField(lazy("Existing record?"), default="")

    # The digest of the row as the page showed it, "" if it was not changed since.
    was = wtforms.HiddenField(default="")

    def validate(self, extra_validators: Any = None) -> bool:  # noqa: ANN401 (WTForms' own signature)
        """Return whether the row is valid; what is skipped is not validated."""
        return self.use.is_skipped or bool(super().validate(extra_validators))

    def store_shown_digest(self) -> None:
        """Store a digest of the row as first shown, to detect later changes."""
        self.was.data = self.was.data or sheet.row_digest(shown_form_pairs(self))

    def validate_changes_accepted(self) -> None:
        """Raise InvalidInput if the row was changed, but neither accepted nor skipped."""
        if self.was.data and not self.use.data and not self.use.is_skipped:
            raise InvalidInput(
                **{
                    self.use.name: _(
                        "You changed this record but did not accept it. Accept it to save it, "
                        "or skip it to drop the changes."
                    )
                }
            )

    def is_expanded(self) -> bool:
        """Return whether the row is shown with its fields: a field has an error, or existing
        records are offered for a name and none is chosen.
        """
        if any(name not in {"use", "same_as"} for name in self.errors):
            return True
        return any(one.offers and not one.form.chosen.data for one in self.party_name_fields())

    def party_name_fields(self) -> list[Any]:
        """Return the name fields of the people, outlets and institutions in the row."""
        return []

    def suggestions_of_kind(
        self, suggestion_by_key: Mapping[str, Suggestion], kind: SuggestionKind
    ) -> list[Suggestion]:
        """Return the suggestions of one kind from which the row was made."""
        keys = (self.came.data or "").split()
        return [
            suggestion_by_key[key]
            for key in keys
            if key in suggestion_by_key and suggestion_by_key[key].kind == kind
        ]

    def cited_sentence_numbers(self, _suggestion_by_key: Mapping[str, Suggestion]) -> list[str]:
        """Return the sentence numbers and ranges in the quote field of the row, such as "5" or
        "9-11". Return an empty list if the field has words. `_suggestion_by_key`: used only by rows
        of responses.
        """
        return sheet.parse_sentence_numbers(self["quote"].data or "")

    def has_existing_record(self) -> bool:
        """Return whether an existing record was chosen for the row."""
        return (self.same_as.data or "") not in {"", forms.NEW_CHOICE}

    def has_wider_audience_than(self, article: Article) -> bool:
        """Return whether the row is accepted, and adds the article to an existing record that more
        users can see than the article.
        """
        chosen = [one for one in self.matching_records if one.ref == self.same_as.data]
        return bool(self.use.data) and any(
            more_restricted_records(one.visibility, [article]) for one in chosen
        )

    def preselect_certain_match(self, by: Actor, taken_refs: set[str]) -> None:
        """Choose the existing record that certainly matches the row, if there is only one, the
        actor may edit it, and its ref is not in `taken_refs` (the records already chosen in other
        rows). Add the ref of the chosen record to `taken_refs`.
        """
        if (
            len(self.certain_matches) == 1
            and can_edit(by, self.certain_matches[0])
            and self.certain_matches[0].ref not in taken_refs
        ):
            self.same_as.data = self.certain_matches[0].ref
            taken_refs.add(self.certain_matches[0].ref)

    def require_match_choice(self) -> None:
        """Raise InvalidInput if the row has matching records and no choice was made."""
        if self.matching_records and not self.same_as.data:
            raise InvalidInput(
                **{self.same_as.name: _("Is this an existing record? Choose below.")}
            )


def existing_party_refs(name_fields: Iterable[Any]) -> set[str]:
    """Return the refs of the existing journalists, outlets and institutions in name fields. For
    each field: the chosen record, or if none is chosen, the records that have exactly the entered
    name.
    """
    found: set[str] = set()
    for who in name_fields:
        chosen = who.form.chosen.data or ""
        found |= {chosen} if chosen else set(getattr(who, "exact", ()))
    return found


class TargetRow(incident_fields.TargetFields):
    """The fields of one target of an incident, filled in from the suggestion with key `came`."""

    use = record_checkbox()
    came = wtforms.HiddenField(default="")


class IncidentRow(RecordRow):
    """The fields of one incident on the confirm page."""

    # The suggested date: if it is still there, nobody entered another one.
    dated = wtforms.HiddenField(default="")
    types = incident_fields.IncidentTypesField(lazy("Incident types"))
    quote = quote_field()
    occurred = forms.WhenField(lazy("When"))
    # The suggested frequency: if it is still there, nobody chose another one.
    suggested_extent = wtforms.HiddenField(default="")
    extent = code_input(lazy("Frequency"), Extent, default=Extent.ONCE.value)
    country = incident_fields.CountryField(lazy("Country"))
    region = incident_fields.RegionField(lazy("Region"), default="")
    place = forms.TextField(lazy("Place"), most=200)
    targets = forms.RowsField(
        wtforms.FormField(TargetRow), min_entries=1, max_entries=sheet.MAX_SUBROWS
    )
    actor_type = code_input(lazy("Perpetrator"), ActorType, blank=lazy("not said"))
    purported_as = code_input(lazy("Whom they posed as"), PurportedAs, blank=lazy("nobody"))
    attributed_by = code_input(lazy("Attributed by"), AttributedBy, blank=lazy("—"))
    with_accounts = wtforms.BooleanField(lazy("The accounts below were used in it"))

    def numbered_heading(self, number: int) -> str:
        """Return the heading "Incident" with the number of the row, from 1."""
        return str(_("Incident %(n)d", n=number))

    def read_values(
        self, latest_possible_date: date, field_prefix: str, owner: RecordOwner
    ) -> dict[str, Any]:
        """Return the submitted values by name: the arguments of `report_incident`, and `passages`
        (the quoted passages). If an existing record was chosen, return only `passages`.
        `field_prefix`: what begins the names of the fields of the row, such as "incidents-0-";
        `owner`: of a new record.

        Raises InvalidInput with all errors.
        """
        if self.has_existing_record():
            return {"passages": parse_quoted_passages(self.quote)}
        _new, types, occurred, region, targets, passages = collect_errors(
            self.require_match_choice,
            self.types.selected_terms,
            lambda: self.occurred.read_when(latest_possible_date),
            self.region.selected_term,
            lambda: self._read_targets(field_prefix, owner.visibility),
            lambda: parse_quoted_passages(self.quote),
        )
        return {
            "passages": passages,
            "types": types,
            "occurred": occurred,
            "extent": self.extent.chosen_code(),
            "country": self.country.data or "",
            "region": region,
            "place": self.place.data or "",
            "targets": targets,
            "actor": self.read_actor(),
        }

    def type_choices_shown(
        self, suggestion_by_key: Mapping[str, Suggestion]
    ) -> list[tuple[str, str, bool, Any]]:
        """Return the incident types that are ticked or suggested in the row, each as a tuple: its
        code, its label, whether it is ticked, and its suggestion or None.
        """
        came = [
            suggestion_by_key[key]
            for key in (self.came.data or "").split()
            if key in suggestion_by_key
        ]
        why = {one.code: one for one in came if one.kind is SuggestionKind.TYPE}
        ticked = set(self.types.data or [])
        return [
            (code, text, code in ticked, why.get(code))
            for code, text in self.types.selectable_types
            if code in ticked or code in why
        ]

    def ticked_suggestions(self, suggestion_by_key: Mapping[str, Suggestion]) -> list[Suggestion]:
        """Return the suggestions of the row's ticked types and targets."""
        types = [
            why
            for *_, is_ticked, why in self.type_choices_shown(suggestion_by_key)
            if is_ticked and why
        ]
        keys = " ".join(one.form.came.data or "" for one in self.targets_to_record()).split()
        return [*types, *(suggestion_by_key[key] for key in keys if key in suggestion_by_key)]

    def summary_date(self) -> When | str:
        """Return the date for the summary of the row: "" if empty, the entered text if invalid."""
        return entered_date(self.occurred)

    def party_name_fields(self) -> list[Any]:
        """Return the name fields of the incident's targets."""
        return [one.form.who for one in self.targets.entries]

    def ticked_or_suggested_types(self) -> list[str]:
        """Return the codes of the types that are ticked or suggested."""
        came = (key.partition("-")[2] for key in (self.came.data or "").split())
        return list(dict.fromkeys([*(self.types.data or []), *filter(None, came)]))

    def existing_target_refs(self) -> set[str]:
        """Return the refs of the existing journalists and outlets among the targets. For each
        target: the chosen record, or if none is chosen, the records that have exactly the entered
        name.
        """
        return existing_party_refs(self.party_name_fields())

    def targets_to_record(self) -> list[Any]:
        """Return the sub-rows of the targets that are ticked and not blank."""
        return [
            one
            for one in self.targets.entries
            if one.form.use.data and not incident_fields.is_blank_target_row(one.form)
        ]

    def _read_targets(self, field_prefix: str, visibility: Visibility) -> list[TargetFacts]:
        """Return the targets to record; raise InvalidInput with all errors, or if there is no
        target. `field_prefix` precedes the names of the row's fields; `visibility`: that of a new
        record.
        """
        if not self.targets_to_record():
            first = (
                self.targets.entries[0].name if self.targets.entries else f"{field_prefix}targets-0"
            )
            raise InvalidInput(**{f"{first}-who-name": _("Say at least who was meant.")})
        return incident_fields.parse_target_rows(self.targets_to_record(), visibility)

    def read_actor(self) -> ActorFacts | None:
        """Return the entered perpetrator, None if there is none."""
        facts = ActorFacts(
            actor_type=self.actor_type.chosen_code() or ActorType.UNKNOWN,
            purported_as=self.purported_as.chosen_code(),
            attributed_by=self.attributed_by.chosen_code(),
            certainty=Certainty.UNKNOWN,
        )
        return None if facts == ActorFacts() and not self.actor_type.data else facts


class HandleKey(NamedTuple):
    """The kind, the platform, and the handle in lower case; a team has one account with them."""

    kind: str
    platform: str
    handle: str


class AccountRow(RecordRow):
    """The fields of one fake account, or of all accounts together that the article mentions but
    does not identify.
    """

    kind = code_input(lazy("What it is"), AccountKind)
    identified = code_input(lazy("Does the source identify it?"), Answer, default=Answer.YES.value)
    accounts_at_least = wtforms.IntegerField(
        lazy("If not: how many accounts, at least"),
        validators=[Optional(), NumberRange(1, MAX_ACCOUNT_COUNT)],
    )
    platform = forms.ChoiceField(lazy("Platform"), default="")
    handle = forms.TextField(
        lazy("Handle"), most=2000, description=lazy("Or the profile's address, pasted.")
    )
    displayed_name = forms.TextField(lazy("Displayed name"), most=200)
    spreads = forms.LongTextField(lazy("What it spreads"), most=MAX_SPREADS_LENGTH)
    first_seen = forms.WhenField(lazy("First seen"))
    event = code_input(
        lazy("What happened to it"),
        AccountEvent,
        only=REPORTABLE_ACCOUNT_EVENTS,
        blank=lazy("not said"),
    )
    event_on = forms.WhenField(lazy("When that happened"))
    quote = quote_field()
    impersonates = forms.RowsField(
        wtforms.FormField(ImpersonatedPartyForm), lazy("Whose name or photograph it uses"),
        min_entries=1, max_entries=sheet.MAX_SUBROWS,
    )  # fmt: skip

    def numbered_heading(self, number: int) -> str:
        """Return the heading "Fake account" with the number of the row, from 1."""
        return str(_("Fake account %(n)d", n=number))

    def read_values(
        self, latest_possible_date: date, field_prefix: str, owner: RecordOwner
    ) -> dict[str, Any]:
        """Return the submitted values by name: `facts`, `first_seen`, `event` (with its date),
        `meant` (the impersonated parties) and `passages` (the quoted passages). If an existing
        record was chosen, return only `passages` and `event`. `field_prefix`: what begins the names
        of the fields of the row, such as "accounts-0-"; `owner`: of a new record.

        Raises InvalidInput with all errors.
        """
        if self.has_existing_record():
            event, passages = collect_errors(
                lambda: self._read_event(latest_possible_date),
                lambda: parse_quoted_passages(self.quote),
            )
            return {"passages": passages, "event": event}
        _new, facts, first_seen, event, meant, passages = collect_errors(
            self.require_match_choice,
            lambda: call_with_field_prefix(
                field_prefix,
                lambda: validated_new_facts(self._account_facts(), team_id=owner.team_id),
            ),
            lambda: self.first_seen.read_when(latest_possible_date),
            lambda: self._read_event(latest_possible_date),
            lambda: read_impersonated_parties(
                (one.form for one in self.impersonates.entries), owner.visibility
            ),
            lambda: parse_quoted_passages(self.quote),
        )
        return {
            "facts": facts, "first_seen": first_seen, "event": event, "meant": meant,
            "passages": passages,
        }  # fmt: skip

    def summary_date(self) -> When | str:
        """Return the event date for the summary of the row: "" if empty, the entered text if
        invalid.
        """
        return entered_date(self.event_on)

    def party_name_fields(self) -> list[Any]:
        """Return the name fields of the people and outlets that the account impersonates."""
        return [one.form.who for one in self.impersonates.entries]

    def handle_key(self) -> HandleKey | None:
        """Return by what an account counts as the same as another, None without a handle."""
        typed = (self.handle.data or "").strip()
        profile = parse_profile_url(typed)
        handle = profile.handle if profile else normalize_handle(typed)
        platform = self.platform.data or (profile.platform if profile else "")
        return HandleKey(self.kind.data, platform, handle.lower()) if handle else None

    def _read_event(self, latest_possible_date: date) -> tuple[AccountEvent, When] | None:
        """Return the event of the account with its date, None if no event was entered. Raise
        InvalidInput for a date without an event.
        """
        when, event = self.event_on.read_when(latest_possible_date), self.event.chosen_code()
        if event is None and self.event_on.form.when.data:
            raise InvalidInput(**{self.event.name: _("Say what happened on this date.")})
        return None if event is None else (event, when)

    def _account_facts(self) -> AccountFacts:
        """Return the entered details of the account."""
        codes = [self.platform.data] if self.platform.data else []
        platforms = terms_by_code(TermSet.PLATFORM, codes, field="platform")
        return AccountFacts(
            kind=self.kind.chosen_code(),
            identified=self.identified.chosen_code(),
            accounts_at_least=self.accounts_at_least.data,
            platform=platforms[0] if platforms else None,
            handle=self.handle.data or "",
            displayed_name=self.displayed_name.data or "",
            spreads=self.spreads.data or "",
        )


class ActRow(ActForm):
    """The fields of one act of a response, filled in from the suggestion with key `came`."""

    use = record_checkbox()
    came = wtforms.HiddenField(default="")


class ResponseRow(RecordRow):
    """The fields of one official response: one institution on one occasion."""

    institution = forms.NameField(lazy("Institution"))
    institution_kind = code_input(
        lazy("Its kind, if it is new"), InstitutionKind, blank=lazy("—"), default=""
    )
    official = forms.TextField(lazy("Who spoke"), most=200)
    office = forms.TextField(lazy("Office held then"), most=200)
    country = incident_fields.CountryField(lazy("Its country, if it is new"), default="")
    made = forms.WhenField(lazy("Made"))
    # The suggested date: if it is still there, nobody entered another one.
    dated = wtforms.HiddenField(default="")
    standing = code_input(lazy("Standing"), Standing, default=Standing.RESPONSIBLE_STATE.value)
    stance = code_input(lazy("Stance"), Stance, default=Stance.UNCLEAR.value)
    # The keys of suggestions: the response answers the incidents made from them.
    answers = wtforms.HiddenField(default="")
    answers_scope = code_input(
        lazy("What it answers"), AnswerScope, default=AnswerScope.INCIDENTS.value
    )
    acts = forms.RowsField(
        wtforms.FormField(ActRow),
        lazy("What it said and did"),
        min_entries=1,
        max_entries=sheet.MAX_SUBROWS,
    )

    def numbered_heading(self, number: int) -> str:
        """Return the heading "Official response" with the number of the row, from 1."""
        return str(_("Official response %(n)d", n=number))

    def read_values(
        self, latest_possible_date: date, find_quote: Callable[[str, str], str]
    ) -> dict[str, Any]:
        """Return the submitted values by name: `body` (the institution), `acts`, and other
        arguments of `ResponseFacts`; nothing if an existing record was chosen. `find_quote`: a
        function that takes the quote of an act and the name of its field, and returns the quoted
        words of the article.

        Raises InvalidInput with all errors. The quotes of an existing record are read too.
        """
        if self.has_existing_record():
            self._read_acts(find_quote)
            return {}
        _new, body, made, acts = collect_errors(
            self.require_match_choice,
            self._read_institution,
            lambda: self.made.read_when(latest_possible_date),
            lambda: self._read_acts(find_quote),
        )
        return {
            "body": body,
            "acts": acts,
            "official": self.official.data or "",
            "office": self.office.data or "",
            "made": made,
            "standing": self.standing.chosen_code(),
            "stance": self.stance.chosen_code(),
            "answers_scope": self.answers_scope.chosen_code(),
        }

    def summary_date(self) -> When | str:
        """Return the date for the summary of the row: "" if empty, the entered text if invalid."""
        return entered_date(self.made)

    def party_name_fields(self) -> list[Any]:
        """Return the name field of the institution."""
        return [self.institution]

    def cited_sentence_numbers(self, suggestion_by_key: Mapping[str, Suggestion]) -> list[str]:
        """Return the numbers of the sentences that report the acts to record, sorted."""
        keys = [key for one in self.acts_to_record() for key in (one.form.came.data or "").split()]
        numbers = {
            suggestion_by_key[key].passage.number for key in keys if key in suggestion_by_key
        }
        return [str(one) for one in sorted(numbers)]

    def acts_to_record(self) -> list[Any]:
        """Return the sub-rows of the acts that are ticked and not blank."""
        return [
            one for one in self.acts.entries if one.form.use.data and not one.form.is_empty_line()
        ]

    def _read_institution(self) -> InstitutionChoice:
        """Return the responding institution; raise InvalidInput if none is named."""
        meant = read_institution(self.institution, self.institution_kind)
        if meant is None:
            name = self.institution.form.name.name
            raise InvalidInput(**{name: _("Name the body that spoke or acted.")})
        return replace(meant, country=self.country.data or "")

    def _read_acts(self, find_quote: Callable[[str, str], str]) -> list[ActChoice]:
        """Return the acts to record; raise InvalidInput with all errors, or if there is no act or
        quote. `find_quote`: a function that takes the quote of an act and the name of its field,
        and returns the quoted words of the article.
        """
        lines = [one.form for one in self.acts_to_record()]
        if not lines:
            first = self.acts.entries[0].form.act.name
            raise InvalidInput(**{first: _("Choose what the body said or did.")})
        acts, _quoted = collect_errors(
            lambda: read_acts(lines, find_quote), lambda: _require_quote(lines)
        )
        return list(acts)

    def institution_country(self, default: str | None) -> str | None:
        """Return the country of the responding institution: that of the chosen record, else the
        entered country or `default`. Return None for an institution of no country.
        """
        chosen = self.institution.form.chosen.data or ""
        record = institution_by_ref(chosen) if REF_PATTERN.fullmatch(chosen) else None
        if record is not None:
            return record.country
        if self.institution_kind.chosen_code() in KINDS_WITHOUT_COUNTRY:
            return None
        return self.country.data or default


def _require_quote(lines: Sequence[ActRow]) -> None:
    """Raise InvalidInput, at the first act, if no act has a quote."""
    if not any((line.quote.data or "").strip() for line in lines):
        none = _("Quote the article at one of the acts at least.")
        raise InvalidInput(**{lines[0].quote.name: none})


def platform_choices() -> list[tuple[str, str]]:
    """Return the choices of a platform, codes with labels; the first is blank."""
    return [("", "—"), *term_choices(TermSet.PLATFORM, current_language())]
