"""Parts of forms: an institution, an act with its quote, the record from which a new one starts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from flask import request, url_for
from wtforms import BooleanField

from tracker.articles.models import Article
from tracker.articles.queries import article_text_load_options
from tracker.articles.rules import shorten_masks
from tracker.articles.sentences import MAX_QUOTE_LENGTH
from tracker.articles.service import default_team_and_visibility
from tracker.errors import BadQuery, InvalidInput, collect_errors
from tracker.i18n import _, lazy
from tracker.incidents.models import Incident
from tracker.incidents.queries import incidents_citing, incidents_linked_to, row_load_options
from tracker.kit.forms import code_input
from tracker.people.codes import InstitutionKind, InstitutionLevel
from tracker.people.models import Institution
from tracker.people.queries import institution_by_ref, likely_institutions
from tracker.people.service import add_institution, get_or_create_law_enforcement
from tracker.permissions import Actor, Visibility
from tracker.records import Record, record_models
from tracker.responses.codes import ActType, QuoteIs
from tracker.responses.models import ResponseAct
from tracker.responses.rules import is_substantive_by_choice
from tracker.responses.service import ActFacts, validated_substantive
from tracker.vocabulary.codes import Answer
from tracker.web.filters import reject_unknown_parameters
from tracker.web.forms import CodeField, LongTextField, NameChoice, NameField, SubForm, WhenField
from tracker.web.saving import next_url_after_recording, record_from_query, record_url
from tracker.when import When, format_when

# A function that returns a quote. Its first parameter is what the user entered: sentence numbers or
# words. The second is the name of the input at which the function raises InvalidInput.
QuoteResolver = Callable[[str, str], str]

# Query parameters with the ref of the record from which a new record is started.
ORIGIN_PARAMETERS = ("article", "incident", "case")
MAX_OFFERED_INCIDENTS = 100  # incidents of a case, as choices of a form
# Institutions of these kinds belong to no country.
INSTITUTION_KINDS_WITHOUT_COUNTRY = frozenset(
    {InstitutionKind.INTERGOVERNMENTAL, InstitutionKind.PLATFORM}
)
# Stands for an acting institution that the source does not name.
UNSPECIFIED_LAW_ENFORCEMENT = "law enforcement, unspecified"


@dataclass(frozen=True, slots=True)
class InstitutionChoice:
    """An institution that a form names. `chosen`: the recorded institution, or the name of a new
    one; `kind`: of a new institution; `country`: of a new institution, "" for the default country
    of the `InstitutionResolver`; `field`: the input that has the name, at which errors are shown.
    """

    chosen: NameChoice[Any]
    kind: InstitutionKind | None
    field: str
    country: str = ""


@dataclass(frozen=True, slots=True)
class ActChoice:
    """An act that a form names. `substantive_choice`: whether the act is substantive, None if its
    type decides; `acting_institution`: the institution that acts if it is not the one that speaks
    (it may have to be created), or `UNSPECIFIED_LAW_ENFORCEMENT`; `acting_field`: the input that
    has its name.
    """

    act: ActType
    substantive_choice: Answer | None
    quote: str
    quote_is: QuoteIs
    acting_institution: InstitutionChoice | str | None
    acting_field: str


class ActForm(SubForm):
    """The sub-form of one act of a response."""

    act = code_input(lazy("What it said or did"), ActType, blank=lazy("—"), default="")
    substantive = code_input(
        lazy("Substantive"), Answer, blank=lazy("Automatic: by the type of act"), default="",
        only=[Answer.YES, Answer.NO],
    )  # fmt: skip
    quote = LongTextField(
        lazy("Quote of the act"), max_length=MAX_QUOTE_LENGTH,
        description=lazy("Numbers of sentences, such as 12-14 or 2, 5, or words of the article."),
    )  # fmt: skip
    quote_is = code_input(lazy("The quote is"), QuoteIs, default=QuoteIs.REPORTED.value)
    acting = NameField(lazy("Institution that acts, if another"))
    acting_kind = code_input(
        lazy("Its kind, if it is new"),
        InstitutionKind,
        blank=lazy("—"),
        default="",
    )
    unspecified = BooleanField(lazy("Law enforcement, unspecified"))

    def is_empty_line(self) -> bool:
        """Return whether the line has no input and can be ignored."""
        typed = (self.act.data, self.quote.data, self.acting.form.name.data, self.unspecified.data)
        return not any(typed)

    def has_acting_institution(self) -> bool:
        """Return whether the line names another acting institution, whose inputs must be shown."""
        return bool(self.acting.form.name.data or self.unspecified.data or self.acting_kind.errors)

    def populate(self, row: ResponseAct) -> None:
        """Fill the line with a recorded act."""
        self.act.data = row.act.value
        self.substantive.data = (
            row.is_substantive.value if is_substantive_by_choice(row.act) else ""
        )
        self.quote.data, self.quote_is.data = shorten_masks(row.quote), row.quote_is.value
        if row.acting_institution:
            self.acting.populate(row.acting_institution)

    def read_act(self, resolve_quote: QuoteResolver) -> ActChoice | None:
        """Return the submitted act, None for an empty line; raise InvalidInput with all errors."""
        if self.is_empty_line():
            return None
        act = self.act.chosen_code()
        if act is None:
            raise InvalidInput(**{self.act.name: _("Choose what it said or did.")})
        substantive_choice = self.substantive.chosen_code()
        _decided, quote, acting = collect_errors(
            lambda: validated_substantive(act, substantive_choice, field=self.substantive.name),
            lambda: resolve_quote(self.quote.data or "", self.quote.name),
            self._read_acting_institution,
        )
        name = self.acting.form.name.name
        return ActChoice(act, substantive_choice, quote, self.quote_is.chosen_code(), acting, name)

    def _read_acting_institution(self) -> InstitutionChoice | str | None:
        """Return the named institution, `UNSPECIFIED_LAW_ENFORCEMENT` if ticked, else None."""
        if not self.unspecified.data:
            return read_institution(self.acting, self.acting_kind)
        if self.acting.form.name.data:
            name = self.acting.form.name.name
            raise InvalidInput(**{name: _("Name the body, or tick “unspecified”, not both.")})
        return UNSPECIFIED_LAW_ENFORCEMENT


def require_code(field: CodeField, message: str) -> Any:  # noqa: ANN401 (a member of its set)
    """Return the chosen code; raise InvalidInput with the localized message if none is."""
    code = field.chosen_code()
    if code is None:
        raise InvalidInput(**{field.name: message})
    return code


def read_institution(name: NameField, kind: CodeField) -> InstitutionChoice | None:
    """Return the institution that the fields name, None if they name none. `kind`: the field for
    the kind of a new institution.

    Raises InvalidInput if the user must choose between records, and if the kind of a new one is
    missing, or of what may be a new one.
    """
    try:
        chosen: NameChoice[Any] | None = name.resolve(likely_institutions, institution_by_ref)
    except InvalidInput as error:
        if kind.data:
            raise
        new = _("If you create a new one, choose what kind it is.")
        raise InvalidInput(**error.fields, **{kind.name: new}) from error
    if chosen is None:
        return None
    if chosen.record is None and not kind.data:
        raise InvalidInput(**{kind.name: _("It is not on record yet: choose what kind it is.")})
    return InstitutionChoice(chosen, kind.chosen_code(), name.form.name.name)


def read_acts(lines: Iterable[ActForm], resolve_quote: QuoteResolver) -> list[ActChoice]:
    """Return the acts of the lines; raise InvalidInput with all errors, or if there is no act."""
    given: Sequence[ActForm] = list(lines)
    read: list[Any] = collect_errors(
        *((lambda line=line: line.read_act(resolve_quote)) for line in given)
    )
    acts = [one for one in read if one is not None]
    if not acts:
        raise InvalidInput(**{given[0].act.name: _("Choose what the body said or did.")})
    return acts


def require_country(country: str | None, field: str) -> str:
    """Return the country of unspecified law enforcement; raise InvalidInput at `field` if it is
    unknown.
    """
    if country is None:
        raise InvalidInput(**{field: _("The country is unknown: name the institution.")})
    return country


def read_changed_date(field: WhenField, stored: When, latest_possible_date: date) -> When:
    """Return the submitted date; one that was not edited keeps its stored interval. Raises
    InvalidInput if it is invalid or after `latest_possible_date`.
    """
    if (field.form.when.data or "") == format_when(stored):
        return replace(stored, as_stated=field.form.as_stated.data or "")
    return field.read_when(latest_possible_date)


class InstitutionResolver:
    """A resolver that finds or creates the institutions that a form names; it creates each new one
    once. `default_country`: the country of a new institution if its `InstitutionChoice` has none.
    """

    def __init__(self, default_country: str | None, *, by: Actor) -> None:
        self.default_country, self.by = default_country, by
        self.made: dict[tuple[str, str | None], Institution] = {}

    def find_or_create(self, choice: InstitutionChoice) -> Institution:
        """Return the recorded institution of a choice, or create and return a new one. If the new
        one is invalid, raise InvalidInput with the message for the input `choice.field`.
        """
        name, country = choice.chosen.name, choice.country or self.default_country
        known: Institution | None = choice.chosen.record
        if known is not None:
            return known
        if (name, country) not in self.made:
            kind = choice.kind or InstitutionKind.OTHER
            is_abroad = kind in INSTITUTION_KINDS_WITHOUT_COUNTRY
            try:
                self.made[name, country] = add_institution(
                    name,
                    kind=kind,
                    level=InstitutionLevel.INTERNATIONAL if is_abroad else InstitutionLevel.UNKNOWN,
                    country=None if is_abroad else country,
                    by=self.by,
                )
            except InvalidInput as error:
                raise InvalidInput(**{choice.field: " ".join(error.fields.values())}) from error
        return self.made[name, country]

    def build_act_facts(self, choice: ActChoice, country: str | None) -> ActFacts:
        """Return the `ActFacts` of an act, and create its acting institution if that is new.
        `country`: the country of the acting institution if it is unspecified law enforcement.

        Raises InvalidInput if that country is needed and unknown.
        """
        acting: Institution | None = None
        if isinstance(choice.acting_institution, InstitutionChoice):
            acting = self.find_or_create(choice.acting_institution)
        elif choice.acting_institution:
            acting = get_or_create_law_enforcement(
                require_country(country, choice.acting_field), self.by
            )
        return ActFacts(
            act=choice.act,
            substantive_choice=choice.substantive_choice,
            quote=choice.quote,
            quote_is=choice.quote_is,
            acting_institution=acting,
        )


@dataclass(frozen=True, slots=True)
class Origin:
    """The record from which a user starts a new record, None if there is none. `incidents`: the
    incidents that the form offers, which are the record itself if it is an incident, the incidents
    that cite the record if it is an article, otherwise the incidents to which the record is linked.
    """

    record: Any = None
    incidents: list[Incident] = field(default_factory=list)

    @property
    def article(self) -> Article | None:
        """The record if it is an article, the source of the new record, else None."""
        return self.record if isinstance(self.record, Article) else None

    @property
    def preselected_refs(self) -> list[str]:
        """The refs of the incidents to preselect: that of the record, if it is an incident."""
        return [one.ref for one in self.incidents if one is self.record]

    @property
    def visibility(self) -> Visibility:
        """The default visibility of the new record: as the record of origin, restricted if there is
        none.
        """
        found: Visibility = self.record.visibility if self.record else Visibility.RESTRICTED
        return found

    @property
    def country(self) -> str | None:
        """The country of the first incident. If there are no incidents, the country of the record
        of origin or, if this is an article, of its publisher. None if there is none of these.
        """
        if self.incidents:
            return self.incidents[0].country
        origin: Any = self.article.publisher if self.article else self.record
        return origin.country if origin else None

    def default_team_and_visibility(
        self, *, by: Actor, chosen_visibility: Visibility
    ) -> tuple[int, Visibility]:
        """Return the team id and visibility of the new record. If the record of origin is no
        article, and its team is one of the user's: this team and `chosen_visibility`, the
        visibility that the user chose. Otherwise: what `default_team_and_visibility` of
        `articles.service` returns.

        That function ignores `chosen_visibility` if there is an article.
        """
        if self.record and not self.article and self.record.team_id in by.team_ids:
            return self.record.team_id, chosen_visibility
        return default_team_and_visibility(self.article, by=by, chosen_visibility=chosen_visibility)

    def next_url(self, new_record: Record) -> str:
        """Return the address of the page after saving. If the record of origin is a case, this is
        the page that adds the new record to the case.
        """
        if self.record and self.record.PREFIX == "CAS":
            return url_for("cases.file", record=new_record.ref, case=self.record.ref)
        return next_url_after_recording(new_record, self.article)

    def cancel_url(self, default: str) -> str:
        """Return the address of the record of origin, or `default` without one."""
        return record_url(self.record) if self.record else default


def origin_from_query() -> Origin:
    """Return the origin of a new record: the article, incident or case whose ref is in the URL
    parameters, with its incidents; an empty `Origin` if there is no such parameter.

    Raises BadQuery for several records, NotFound for one that the viewer cannot see.
    """
    reject_unknown_parameters(request.args, {*ORIGIN_PARAMETERS, "like"})
    named = [name for name in ORIGIN_PARAMETERS if name in request.args]
    if len(named) > 1:
        raise BadQuery(named[1], _("Name an article, an incident or a case, and only one."))
    if article := record_from_query(Article, "article", *article_text_load_options()):
        return Origin(article, incidents_citing(article))
    if incident := record_from_query(Incident, "incident", *row_load_options()):
        return Origin(incident, [incident])
    # This feature cannot import the model of cases; their incidents are found by their joins.
    if case := record_from_query(record_models()["CAS"], "case"):
        return Origin(case, incidents_linked_to(case, limit=MAX_OFFERED_INCIDENTS))
    return Origin()
