"""The form rows of the confirm page: incidents, accounts and responses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

import wtforms
from wtforms.validators import NumberRange, Optional

from tracker.errors import InvalidInput, collect_errors
from tracker.fake_accounts.addresses import normalize_handle, parse_profile_url
from tracker.fake_accounts.codes import AccountEvent, AccountKind
from tracker.fake_accounts.fields import ImpersonatedPartyForm, read_impersonated_parties
from tracker.fake_accounts.service import (
    MAX_ACCOUNT_COUNT,
    MAX_SPREADS_LENGTH,
    AccountFacts,
    validated_new_facts,
)
from tracker.i18n import _, current_language, lazy
from tracker.incidents import fields as incident_fields
from tracker.incidents.codes import ActorType, Certainty, Extent, PurportedAs
from tracker.incidents.service import ActorFacts, TargetFacts
from tracker.intake import sheet
from tracker.intake.codes import SuggestionKind
from tracker.intake.confirm_service import RecordOwner, call_with_field_prefix
from tracker.intake.drafts import Suggestion
from tracker.intake.fields import (
    RecordRow,
    entered_date,
    existing_party_refs,
    parse_quoted_passages,
    quote_field,
    record_checkbox,
)
from tracker.kit.forms import code_input
from tracker.people.codes import InstitutionKind
from tracker.people.queries import institution_by_ref
from tracker.permissions import Visibility
from tracker.responses.codes import AnswerScope, Stance, Standing
from tracker.responses.fields import (
    INSTITUTION_KINDS_WITHOUT_COUNTRY,
    ActChoice,
    ActForm,
    InstitutionChoice,
    read_acts,
    read_institution,
)
from tracker.vocabulary.codes import Answer, TermSet
from tracker.vocabulary.queries import term_choices, terms_with_codes
from tracker.web import forms
from tracker.web.filters import REF_PATTERN
from tracker.when import When

# Events of an account that an article may report.
REPORTABLE_ACCOUNT_EVENTS = (
    AccountEvent.BLOCKED,
    AccountEvent.SUSPENDED,
    AccountEvent.REMOVED_BY_PLATFORM,
)


class TargetRow(incident_fields.TargetFields):
    """The fields of one target of an incident, filled in from the suggestion with key `came`."""

    use = record_checkbox()
    came = wtforms.HiddenField(default="")


class IncidentRow(RecordRow):
    """The fields of one incident on the confirm page."""

    # The key by which responses on the page refer to this incident; unique on the page.
    key = wtforms.HiddenField(default="")
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
    place = forms.TextField(lazy("Place"), max_length=200)
    targets = forms.RowsField(
        wtforms.FormField(TargetRow), min_entries=1, max_entries=sheet.MAX_SUBROWS
    )
    actor_type = code_input(lazy("Perpetrator"), ActorType, blank=lazy("not said"))
    purported_as = code_input(lazy("Whom they posed as"), PurportedAs, blank=lazy("nobody"))
    attributed_by = incident_fields.attribution_field()
    with_accounts = wtforms.BooleanField(lazy("The fake accounts below were used in it"))

    def numbered_heading(self, number: int) -> str:
        """Return the heading "Incident" with the number of the row, from 1."""
        return str(_("Incident %(n)d", n=number))

    def read_values(
        self, latest_possible_date: date, field_prefix: str, owner: RecordOwner
    ) -> dict[str, Any]:
        """Return the submitted values by name: the arguments of `record_incident`, and `passages`
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

    def missing_fields(self) -> list[str]:
        """Return in words which fields of a new incident must still be filled in."""
        missing = [] if self.types.data else [str(_("choose a type"))]
        if not self.targets_to_record():
            missing.append(str(_("say who was meant")))
        return [*missing, *super().missing_fields()]

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
    """The kind, platform and handle (in lower case), which identify an account of a team."""

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
        lazy("Handle"), max_length=2000, description=lazy("Or the profile's address, pasted.")
    )
    displayed_name = forms.TextField(lazy("Displayed name"), max_length=200)
    spreads = forms.LongTextField(lazy("What it spreads"), max_length=MAX_SPREADS_LENGTH)
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

    def missing_fields(self) -> list[str]:
        """Return in words which fields of a new account must still be filled in."""
        is_named = self.handle.data or self.displayed_name.data
        if self.identified.data == Answer.YES and not is_named:
            return [str(_("give its handle or displayed name")), *super().missing_fields()]
        return super().missing_fields()

    def party_name_fields(self) -> list[Any]:
        """Return the name fields of the people and outlets that the account impersonates."""
        return [one.form.who for one in self.impersonates.entries]

    def handle_key(self) -> HandleKey | None:
        """Return the key that is equal for rows of the same account, None without a handle."""
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
        platforms = terms_with_codes(TermSet.PLATFORM, codes, field="platform")
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
    official = forms.TextField(lazy("Who spoke"), max_length=200)
    office = forms.TextField(lazy("Office held then"), max_length=200)
    country = incident_fields.CountryField(lazy("Its country, if it is new"), default="")
    made = forms.WhenField(lazy("Made"))
    # The suggested date: if it is still there, nobody entered another one.
    dated = wtforms.HiddenField(default="")
    standing = code_input(lazy("Standing"), Standing, default=Standing.RESPONSIBLE_STATE.value)
    stance = code_input(lazy("Stance"), Stance, default=Stance.UNCLEAR.value)
    answers_scope = code_input(
        lazy("What it answers"), AnswerScope, default=AnswerScope.INCIDENTS.value
    )
    # The keys of the incidents on the page that the response answers.
    answers = forms.ChoicesField(
        lazy("Which incidents it answers"), choices=[],
        description=lazy("If it answers incidents. None ticked: all that are saved here."),
    )  # fmt: skip
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

    def missing_fields(self) -> list[str]:
        """Return in words which fields of a new response must still be filled in."""
        missing = [] if self.acts_to_record() else [str(_("choose what it said or did"))]
        name = self.institution.form
        is_new = not self.institution.offers or name.chosen.data == forms.NEW_CHOICE
        if not name.name.data:
            missing.append(str(_("name the institution")))
        elif is_new and not self.institution_kind.data:
            missing.append(str(_("choose what kind of institution it is")))
        return [*missing, *super().missing_fields()]

    def party_name_fields(self) -> list[Any]:
        """Return the name field of the institution."""
        return [self.institution]

    def cited_sentence_numbers(self, suggestion_by_key: Mapping[str, Suggestion]) -> list[str]:
        """Return the numbers of the sentences that report the acts to record, sorted."""
        keys = [key for one in self.acts_to_record() for key in (one.form.came.data or "").split()]
        numbers = {
            suggestion_by_key[key].passage.sentence_number
            for key in keys
            if key in suggestion_by_key
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
        if self.institution_kind.chosen_code() in INSTITUTION_KINDS_WITHOUT_COUNTRY:
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
