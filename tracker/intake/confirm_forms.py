"""The form that confirms the suggestions of an article."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from wtforms import BooleanField, FormField, HiddenField
from wtforms.validators import ValidationError

from tracker.articles.codes import INDEPENDENCE_CHOICES, Independence
from tracker.articles.models import Article
from tracker.cases.models import Case
from tracker.errors import InvalidInput
from tracker.fake_accounts.addresses import url_variants
from tracker.i18n import _, lazy
from tracker.incidents.codes import TargetKind
from tracker.incidents.fields import CountryField
from tracker.intake import confirm_queries
from tracker.intake.confirm_fields import (
    AccountRow,
    IncidentRow,
    ResponseRow,
    platform_choices,
)
from tracker.intake.confirm_service import IN_NEW_CASE, IN_NO_CASE
from tracker.intake.drafts import Drafts
from tracker.intake.fields import DateTextField, PublicationDateField, existing_party_refs
from tracker.intake.filling import WEAK_SUGGESTION_FIELDS_BY_ROW_KIND
from tracker.intake.sheet import (
    MAX_ROWS_PER_KIND,
    MAX_SENTENCE_NUMBERS_LENGTH,
    SUBROW_FIELD_BY_ROW_KIND,
)
from tracker.kit.fields import code_label
from tracker.kit.forms import code_input
from tracker.people.matching import name_keys
from tracker.permissions import Actor
from tracker.responses.codes import Standing
from tracker.scoping import more_restricted_records
from tracker.vocabulary.queries import regions_by_country
from tracker.web.forms import ChoiceField, RowsField, SubForm, TextField, TrackerForm
from tracker.when import MAX_DATE_LENGTH

# The number of existing records that are offered in one row as matches. More are offered only if
# they match certainly, are chosen, or cite the article or another article on the same events.
MAX_MATCHES_OFFERED = 10
# The number of different names in the accepted rows: each is looked up by a query while the write
# lock is held.
MAX_NAMES_PER_SAVE = 60


def _record_kind_choices() -> list[tuple[str, str]]:
    """Return the choices of the field "What is missing": for each kind of record its value, such as
    "incidents", and its label.
    """
    return [
        ("incidents", _("an incident")),
        ("accounts", _("a fake account")),
        ("responses", _("an official response")),
    ]


class NamedParty(NamedTuple):
    """A person, outlet or institution named in the form. `kind`: such as "journalist" or
    "institution"; `country`: the country entered for an institution, "" for other kinds.
    """

    kind: str
    name: str
    country: str


def _set_row_matches(
    row: Any,  # noqa: ANN401 (a RecordRow)
    candidates: Iterable[Any],
    match_record: Callable[[Any], confirm_queries.MatchCertainty],
    citing_refs: Collection[str],
    similarity_key: Callable[[Any], Any],
) -> None:
    """Set the existing records that match a row: certain matches first, then the most similar.
    `match_record`: returns how certainly a candidate matches; `similarity_key`: returns the sort
    key of a candidate; `citing_refs`: the refs of the records that cite the article, or another
    article on the same events.

    Of the possible matches not all are offered, but always the chosen one and those in
    `citing_refs`.
    """
    # Of equally similar records the latest comes first.
    ordered = sorted(candidates, key=similarity_key, reverse=True)
    found = [(match_record(one), one) for one in ordered]
    row.certain_matches = [
        one for match, one in found if match is confirm_queries.MatchCertainty.CERTAIN
    ]
    chosen = [one for _match, one in found if one.ref == row.same_as.data]
    possible = [one for match, one in found if match is confirm_queries.MatchCertainty.POSSIBLE]
    needed = dict.fromkeys(
        [*row.certain_matches, *chosen, *(one for one in possible if one.ref in citing_refs)]
    )
    most = max(MAX_MATCHES_OFFERED, len(needed))
    offered = list(dict.fromkeys([*needed, *possible]))[:most]
    row.matching_records = sorted(
        offered, key=lambda one: (one not in row.certain_matches, ordered.index(one))
    )


def _row_field_value(row: Any, name: str) -> Any:  # noqa: ANN401 (a RecordRow)
    """Return the value of a field of a row. `name`: the name of the field in the row, such as
    "place", or of a field in a sub-form of the row, such as "occurred-when".
    """
    first, _dash, inner = name.partition("-")
    return row[first].form[inner].data if inner else row[first].data


def _incident_matcher(
    row: Any,  # noqa: ANN401 (an IncidentRow)
    candidates: confirm_queries.CandidateRecords,
) -> Callable[[Any], confirm_queries.MatchCertainty]:
    """Return a function that takes an existing incident and returns how certainly it matches the
    row. `candidates`: all existing records that may match rows.
    """
    refs, types = row.existing_target_refs(), row.ticked_or_suggested_types()
    typed = row.occurred.form.when.data or ""
    if typed == row.dated.data and not row.use.data:
        # Nobody accepted the suggested date yet.
        typed = ""
    return lambda one: confirm_queries.match_incident(
        one,
        refs,
        types,
        date_input=typed,
        suggested_date=row.dated.data or "",
        cites_coverage=one.ref in candidates.citing_refs,
    )


def _incident_similarity_scorer(
    row: Any,  # noqa: ANN401 (an IncidentRow)
    candidates: confirm_queries.CandidateRecords,
) -> Callable[[Any], Any]:
    """Return a function that takes an existing incident and returns how similar it is to the row,
    as the sort key of `incident_similarity`. `candidates`: all existing records that may match
    rows.
    """
    refs, types = row.existing_target_refs(), row.ticked_or_suggested_types()
    return lambda one: confirm_queries.incident_similarity(
        one,
        refs,
        types,
        date_input=row.occurred.form.when.data or row.dated.data or "",
        place=row.place.data or "",
        cites_coverage=one.ref in candidates.citing_refs,
    )


def _account_matcher(
    row: Any,  # noqa: ANN401 (an AccountRow)
    candidates: confirm_queries.CandidateRecords,
) -> Callable[[Any], confirm_queries.MatchCertainty]:
    """Return a function that takes an existing account and returns how certainly it matches the
    row. `candidates`: all existing records that may match rows.
    """
    refs = existing_party_refs(one.form.who for one in row.impersonates.entries)
    return lambda one: confirm_queries.match_account(
        one,
        row.handle.data or "",
        row.platform.data or "",
        identified=row.identified.data or "",
        refs=refs,
        cites_coverage=one.ref in candidates.citing_refs,
    )


def _response_matcher(
    row: Any,  # noqa: ANN401 (a ResponseRow)
    candidates: confirm_queries.CandidateRecords,
) -> Callable[[Any], confirm_queries.MatchCertainty]:
    """Return a function that takes an existing response and returns how certainly it matches the
    row. `candidates`: all existing records that may match rows.
    """
    refs = existing_party_refs([row.institution])
    acts = [one.form.act.data for one in row.acts.entries if one.form.act.data]
    quotes = [one.form.quote.data for one in row.acts.entries if one.form.quote.data]
    return lambda one: confirm_queries.match_response(
        one,
        refs,
        acts,
        date_input=row.made.form.when.data or row.dated.data or "",
        quotes=quotes,
        cites_coverage=one.ref in candidates.citing_refs,
    )


class CommonFactsForm(SubForm):
    """The fields for a period and a place that all incidents of the article share. When the user
    presses any button, the entered values are set in every incident.
    """

    when = DateTextField(
        lazy("Period"), max_length=MAX_DATE_LENGTH,
        description=lazy("Date or period, such as May 2025 or Dec 2024 – Jun 2025."),
    )  # fmt: skip
    place = TextField(lazy("Place"), max_length=200)

    def validate_when(self, field: DateTextField) -> None:
        """Reject an invalid period. A valid period is no longer in this field: `apply_common_facts`
        has moved it to the incidents.
        """
        if unread := field.date_error():
            raise ValidationError(unread)


class ConfirmForm(TrackerForm):
    """The form of the confirm page: incidents, accounts and responses, and the case to file in."""

    # The id of the row that is shown with the long list of all types, "" for none.
    opened = ""
    # The id of the row whose button was pressed, which stays open.
    edited = ""
    # Whether the entered publication date changed dates of rows, which nobody has seen yet.
    has_updated_dates = False

    # The digest of the records that cited the article when the page was made.
    cited = HiddenField(default="")
    published = PublicationDateField()
    # The publication date stored with the article when the page was made.
    published_was = HiddenField(default="")
    # "" if no user has set it: then it is derived from publisher and targets.
    independence = code_input(
        lazy("Independence"), Independence, only=INDEPENDENCE_CHOICES,
        blank=lazy("Automatic: by publisher and targets"),
    )  # fmt: skip
    independence_was = HiddenField(default="")
    incidents = RowsField(FormField(IncidentRow), lazy("Incidents"), max_entries=MAX_ROWS_PER_KIND)
    accounts = RowsField(
        FormField(AccountRow), lazy("Fake accounts"), max_entries=MAX_ROWS_PER_KIND
    )
    responses = RowsField(FormField(ResponseRow), lazy("Responses"), max_entries=MAX_ROWS_PER_KIND)
    share = BooleanField(lazy("Share this article with all users"))
    case = ChoiceField(lazy("Case"), default="")
    title = TextField(lazy("Title of the new case"), max_length=300)
    country = CountryField(lazy("Country"), default="")
    shared = FormField(CommonFactsForm)
    more = ChoiceField(lazy("What is missing"), choices=_record_kind_choices, default="incidents")
    more_quote = TextField(
        lazy("In which sentences"),
        max_length=MAX_SENTENCE_NUMBERS_LENGTH,
        description=lazy("12 or 5, 9-11"),
    )

    def validate_published(self, field: PublicationDateField) -> None:
        """Reject an invalid publication date. Reject a valid date too if it has just changed dates
        in the rows, so that the user checks those; when the form is sent again, it is accepted.
        """
        if unread := field.date_error():
            raise ValidationError(unread)
        if self.has_updated_dates:
            raise ValidationError(_("Dates below changed. Check them and save again."))

    def set_choices(self, cases: Sequence[tuple[Case, str]]) -> None:
        """Set the choices of every row, and the choices of the case. `cases`: the cases that can be
        chosen, each with the reason why it is proposed ("" for none).
        """
        self._set_incident_choices()
        if self.independence_was.data:
            # What a person set can be changed, but not removed.
            self.independence.choices = [
                (one.value, code_label(one)) for one in INDEPENDENCE_CHOICES
            ]
        self.country.set_choices()
        for entry in (*self.incidents.entries, *self.responses.entries):
            entry.form.country.choices = self.country.choices
        for entry in self.responses.entries:
            entry.form.answers.choices = [
                (one.form.key.data, one.form.numbered_heading(number))
                for number, one in enumerate(self.incidents.entries, 1)
            ]
        offered = platform_choices() if self.accounts.entries else []
        for entry in self.accounts.entries:
            entry.form.platform.choices = offered
        named = {
            case.ref: f"{case.title} ({case.ref})" + (f": {why}" if why else "")
            for case, why in cases
        }
        self.case.choices = [
            ("", _("Choose")),
            (IN_NEW_CASE, _("A new case, titled below")),
            *named.items(),
            (IN_NO_CASE, _("No case yet")),
        ]

    def _set_incident_choices(self) -> None:
        """Set the choices of types and regions in every incident; they are queried once for all
        incidents.
        """
        first, *others = [entry.form for entry in self.incidents.entries] or [None]
        if first is None:
            return
        first.types.set_choices()
        for row in others:
            row.types.selectable_types, row.types.choices = (
                first.types.selectable_types,
                list(first.types.choices),
            )
        regions = regions_by_country()
        for row in (first, *others):
            row.region.set_choices_for_country(row.country.data or "", regions)

    def existing_target_refs(self) -> set[str]:
        """Return the refs of the existing journalists and outlets among the targets of all
        incidents. For each target: the chosen record, or if none is chosen, the records that have
        exactly the entered name.
        """
        return set().union(*(entry.form.existing_target_refs() for entry in self.incidents.entries))

    def has_target_outlet(self, name: str) -> bool:
        """Return whether an outlet with this name is entered as a target."""
        rows = (part.form for entry in self.incidents.entries for part in entry.form.targets)
        typed = (row.who.form.name.data for row in rows if row.kind.data == TargetKind.OUTLET)
        return bool(name) and name_keys(name) in map(name_keys, filter(None, typed))

    def chosen_record_refs(self) -> set[str]:
        """Return the refs of the existing records chosen in rows."""
        rows = (entry.form for kind in SUBROW_FIELD_BY_ROW_KIND for entry in self[kind].entries)
        return {row.same_as.data for row in rows if row.has_existing_record()}

    def needs_sharing(self) -> bool:
        """Return whether an accepted row requires sharing the article with all users."""
        rows = (entry.form for kind in SUBROW_FIELD_BY_ROW_KIND for entry in self[kind].entries)
        return any(row.needs_sharing() for row in rows)

    def may_need_sharing(self) -> bool:
        """Return whether a row may require sharing the article with all users, by the choice of an
        existing record.
        """
        rows = (entry.form for kind in SUBROW_FIELD_BY_ROW_KIND for entry in self[kind].entries)
        return any(row.more_visible_matches for row in rows)

    def account_handles(self) -> confirm_queries.AccountHandles:
        """Return the handles and profile addresses that are entered in the rows of accounts."""
        rows = [entry.form for entry in self.accounts.entries]
        typed = {(row.handle.data or "").strip() for row in rows} - {""}
        return confirm_queries.AccountHandles(
            frozenset(key.handle for key in map(AccountRow.handle_key, rows) if key),
            frozenset(address for one in typed for address in url_variants(one)),
        )

    def set_matches(self, article: Article, candidates: confirm_queries.CandidateRecords) -> None:
        """Set the existing records among `candidates` that match each row, best matches first, and
        which of these more users can see than the article.
        """
        citing_refs = candidates.citing_refs

        def cites(one: Any) -> bool:  # noqa: ANN401 (a record)
            return one.ref in citing_refs

        for row in (entry.form for entry in self.incidents.entries):
            similarity_key = _incident_similarity_scorer(row, candidates)
            _set_row_matches(
                row,
                candidates.incidents,
                _incident_matcher(row, candidates),
                citing_refs,
                similarity_key,
            )
        for row in (entry.form for entry in self.accounts.entries):
            _set_row_matches(
                row, candidates.accounts, _account_matcher(row, candidates), citing_refs, cites
            )
        for row in (entry.form for entry in self.responses.entries):
            _set_row_matches(
                row, candidates.responses, _response_matcher(row, candidates), citing_refs, cites
            )
        for row in (
            entry.form for kind in SUBROW_FIELD_BY_ROW_KIND for entry in self[kind].entries
        ):
            row.more_visible_matches = [
                one
                for one in row.matching_records
                if more_restricted_records(one.visibility, [article])
            ]

    def preselect_certain_matches(self, by: Actor) -> None:
        """Choose in each row the existing record that certainly matches it, if there is only one,
        the actor may edit it, and no earlier row has chosen it.
        """
        taken: set[str] = set()
        for kind in SUBROW_FIELD_BY_ROW_KIND:
            for entry in self[kind].entries:
                entry.form.preselect_certain_match(by, taken)

    def set_weak_suggestions(self, drafts: Drafts) -> None:
        """Set in each row the weak suggestions for its empty fields. The page shows them, and fills
        them in only if the user ticks them. What was filled in and deleted is not offered again.
        """
        for kind, found in (
            ("incidents", drafts.incidents),
            ("accounts", drafts.accounts),
            ("responses", drafts.responses),
        ):
            of_key = {part.key: one for one in found for part in one.all_suggestions()}
            for entry in self[kind].entries:
                came = (entry.form.came.data or "").split()
                draft: Any = next((of_key[key] for key in came if key in of_key), None)
                fills = WEAK_SUGGESTION_FIELDS_BY_ROW_KIND[kind]
                weak = list(draft.weak_suggestions()) if draft else []
                known = set((entry.form.filled.data or "").split())
                known |= {one.name for one in weak if _row_field_value(entry.form, fills[one.name])}
                entry.form.filled.data = " ".join(sorted(known))
                entry.form.weak_suggestions = [one for one in weak if one.name not in known]

    def store_shown_digests(self) -> None:
        """Store a digest of each row as first shown, to detect later changes."""
        for kind in SUBROW_FIELD_BY_ROW_KIND:
            for entry in self[kind].entries:
                entry.form.store_shown_digest()

    def accepted_rows(self, kind: str) -> list[Any]:
        """Return the accepted rows of one kind: "incidents", "accounts" or "responses"."""
        return [entry for entry in self[kind].entries if entry.form.use.data]

    def rows_with_id(self) -> Iterator[tuple[str, Any]]:
        """Yield the HTML id and form of every row and sub-row that may come from a suggestion."""
        for kind, inner in SUBROW_FIELD_BY_ROW_KIND.items():
            for entry in self[kind].entries:
                yield entry.id, entry.form
                for part in entry.form[inner].entries:
                    if "came" in part.form:
                        yield part.id, part.form

    def party_fields_with_kind(self) -> Iterator[tuple[str, str, Any]]:
        """Yield each name field of a person, outlet or institution as a tuple: the kind, such as
        "journalist"; the country entered for an institution, "" for other kinds; and the field.
        """
        for entry in self.incidents.entries:
            for part in entry.form.targets.entries:
                yield part.form.kind.data, "", part.form.who
        for entry in self.accounts.entries:
            for part in entry.form.impersonates.entries:
                yield part.form.kind.data, "", part.form.who
        for entry in self.responses.entries:
            yield "institution", entry.form.country.data or "", entry.form.institution

    def has_too_many_names(self) -> bool:
        """Return whether the accepted rows have more than `MAX_NAMES_PER_SAVE` different names of
        people, outlets and institutions.
        """
        named = [
            part.form.who
            for entry in self.accepted_rows("incidents")
            for part in entry.form.targets_to_record()
        ]
        named += [
            part.form.who
            for entry in self.accepted_rows("accounts")
            for part in entry.form.impersonates.entries
        ]
        named += [entry.form.institution for entry in self.accepted_rows("responses")]
        named += [
            part.form.acting
            for entry in self.accepted_rows("responses")
            for part in entry.form.acts_to_record()
        ]
        return len({one.form.name.data for one in named if one.form.name.data}) > MAX_NAMES_PER_SAVE

    def validate_no_concurrent_records(self, current_digest: str) -> None:
        """Raise InvalidInput if other users saved records from the article since the page was
        shown; when the form is sent again, accept it. `current_digest`: the present
        `citing_records_digest` of the article.
        """
        if self.cited.data == current_digest:
            return
        self.cited.data = current_digest
        raise InvalidInput(
            meanwhile=_(
                "Somebody saved records from this article in the meantime. Check them; press "
                "the button again to save what is accepted here."
            )
        )

    def validate(self, extra_validators: Any = None) -> bool:  # noqa: ANN401 (WTForms' own signature)
        """Return whether the form is valid, and names few enough parties to look up."""
        is_valid = super().validate(extra_validators)
        if not self.has_too_many_names():
            return bool(is_valid)
        self.form_errors.append(
            _(
                "These are more than %(most)d names. Skip some, save, and record the rest later.",
                most=MAX_NAMES_PER_SAVE,
            )
        )
        return False

    def name_fields_by_party(self) -> dict[NamedParty, list[Any]]:
        """Return the filled name fields by party, so that the page asks only once which existing
        record is meant.
        """
        found: dict[NamedParty, list[Any]] = {}
        for kind, country, field in self.party_fields_with_kind():
            if field.form.name.data:
                one = NamedParty(kind, field.form.name.data, country)
                found.setdefault(one, []).append(field)
        return found

    def copy_choices_to_same_names(self) -> None:
        """Copy the choice made for a name to the other fields with the same name."""
        for fields in self.name_fields_by_party().values():
            chosen = next((one.form.chosen.data for one in fields if one.form.chosen.data), "")
            for one in fields:
                one.form.chosen.data = chosen

    def answered_rows(self, response: ResponseRow, rows: Iterable[Any]) -> list[Any]:
        """Return those of some rows of incidents that the row of a response answers."""
        answers = response.answers.data
        return [one for one in rows if not answers or one.form.key.data in answers]

    def set_standing_of_other_states(self) -> None:
        """Set the standing of each response by an institution of another country than all incidents
        that it answers: it is not the responsible state.
        """
        for row in (entry.form for entry in self.responses.entries):
            answered = self.answered_rows(row, self.incidents.entries)
            countries = {one.form.country.data for one in answered}
            country = row.institution_country(None)
            is_elsewhere = country and countries and countries.isdisjoint({country, "", None})
            if row.standing.data == Standing.RESPONSIBLE_STATE and is_elsewhere:
                row.standing.data = Standing.OTHER_STATE.value

    def lacks_country(self) -> bool:
        """Return whether there are incidents, and no country for any of them or for the article."""
        countries = [entry.form.country.data for entry in self.incidents.entries]
        return bool(countries) and not any([self.country.data, *countries])

    def fill_missing_countries(self, cases: Iterable[Case]) -> None:
        """Set the country of each incident without one to the country of the previous incident. For
        the first incident, use the country of the chosen case, which is looked up in `cases`, or
        else the country entered for a new case.
        """
        chosen = next((one.country for one in cases if one.ref == self.case.data), None)
        country = chosen or self.country.data
        for entry in self.incidents.entries:
            entry.form.country.data = country = entry.form.country.data or country

    def reject(self, error: InvalidInput, *, skip_invalid_fields: bool = False) -> None:
        """Show each error at its field. Show the errors of rows and sub-rows also at the list that
        contains them. `skip_invalid_fields`: whether a field that already has an error gets no
        other.
        """
        super().reject(error, skip_invalid_fields=skip_invalid_fields)
        for first, *others in self.name_fields_by_party().values():
            for one in others if first.form.name.errors and first.offers else ():
                one.offers, one.form.name.errors = (), []
        for kind, inner in SUBROW_FIELD_BY_ROW_KIND.items():
            for entry in self[kind].entries:
                parts = entry.form[inner]
                own = [one for one in parts.errors if isinstance(one, str)]
                parts.errors = [*own, *(one.errors for one in parts.entries if one.errors)]
            self[kind].errors = [one.errors for one in self[kind].entries if one.errors]
