"""Fields shared by the forms of this feature: an institution, an act with its quote, the origin."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from flask import request, url_for
from wtforms import BooleanField

from tracker.articles.models import Article
from tracker.articles.queries import logging_options
from tracker.articles.rules import collapse_mask_width
from tracker.articles.service import default_owner
from tracker.errors import BadQuery, InvalidInput, collect_errors
from tracker.i18n import _, lazy
from tracker.incidents.models import Incident
from tracker.incidents.queries import incidents_citing, incidents_of_record, row_load_options
from tracker.kit.forms import code_input
from tracker.people.codes import InstitutionKind, InstitutionLevel
from tracker.people.models import Institution
from tracker.people.queries import institution_by_ref, likely_institutions
from tracker.people.service import add_institution, get_or_create_law_enforcement
from tracker.permissions import Actor, Visibility
from tracker.records import Record, record_models
from tracker.responses.codes import ActType, QuoteIs
from tracker.responses.models import ResponseAct
from tracker.responses.rules import is_substance_optional
from tracker.responses.service import ActFacts, resolve_substantive
from tracker.vocabulary.codes import Answer
from tracker.web.filters import validate_known_parameters
from tracker.web.forms import CodeField, LongTextField, NameChoice, NameField, SubForm, WhenField
from tracker.web.saving import next_url_after_logging, record_from_query, record_url
from tracker.when import When, format_when

# Entered sentence numbers or words, and the input at which to report errors → the words.
Quoting = Callable[[str, str], str]

ORIGIN_PARAMETERS = ("article", "incident", "case")
MOST_OFFERED = 100  # incidents
LONGEST_QUOTE = 5000  # characters
OF_NO_COUNTRY = frozenset({InstitutionKind.INTERGOVERNMENTAL, InstitutionKind.PLATFORM})
UNSPECIFIED = "law enforcement, unspecified"


@dataclass(frozen=True, slots=True)
class BodyChoice:
    """An institution named in a form; `kind` is that of a new one, `field` its input."""

    wanted: NameChoice[Any]
    kind: InstitutionKind | None
    field: str
    country: str = ""


@dataclass(frozen=True, slots=True)
class ActChoice:
    """An act named in a form; `acting` is an institution, unspecified law enforcement, or None."""

    act: ActType
    said: Answer | None
    quote: str
    quote_is: QuoteIs
    acting: BodyChoice | str | None
    acting_field: str


class ActForm(SubForm):
    """One act of a response."""

    act = code_input(lazy("What it said or did"), ActType, blank=lazy("—"), default="")
    substantive = code_input(
        lazy("Substantive"), Answer, blank=lazy("as the type says"), default="",
        only=[Answer.YES, Answer.NO],
    )  # fmt: skip
    quote = LongTextField(
        lazy("Quote of the act"), most=LONGEST_QUOTE,
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
        """Return whether the line is empty and can be ignored."""
        typed = (self.act.data, self.quote.data, self.acting.form.name.data, self.unspecified.data)
        return not any(typed)

    def needs_more_room(self) -> bool:
        """Return whether another acting institution is given, so that its inputs are shown."""
        return bool(self.acting.form.name.data or self.unspecified.data or self.acting_kind.errors)

    def populate(self, row: ResponseAct) -> None:
        """Fill in a recorded act."""
        self.act.data = row.act.value
        self.substantive.data = row.is_substantive.value if is_substance_optional(row.act) else ""
        self.quote.data, self.quote_is.data = collapse_mask_width(row.quote), row.quote_is.value
        if row.acting_institution:
            self.acting.populate(row.acting_institution)

    def read(self, quoting: Quoting) -> ActChoice | None:
        """Return the submitted act, None for an empty line; raise InvalidInput with all errors."""
        if self.is_empty_line():
            return None
        act = self.act.chosen_code()
        if act is None:
            raise InvalidInput(**{self.act.name: _("Choose what it said or did.")})
        said = self.substantive.chosen_code()
        _decided, quote, acting = collect_errors(
            lambda: resolve_substantive(act, said, field=self.substantive.name),
            lambda: quoting(self.quote.data or "", self.quote.name),
            self._acting_body,
        )
        name = self.acting.form.name.name
        return ActChoice(act, said, quote, self.quote_is.chosen_code(), acting, name)

    def _acting_body(self) -> BodyChoice | str | None:
        if not self.unspecified.data:
            return read_body(self.acting, self.acting_kind)
        if self.acting.form.name.data:
            name = self.acting.form.name.name
            raise InvalidInput(**{name: _("Name the body, or tick “unspecified”, not both.")})
        return UNSPECIFIED


def require_code(field: CodeField, otherwise: str) -> Any:  # noqa: ANN401 (a member of its set)
    """Return the chosen code; raise InvalidInput at the field if none is chosen."""
    code = field.chosen_code()
    if code is None:
        raise InvalidInput(**{field.name: otherwise})
    return code


def read_body(name: NameField, kind: CodeField) -> BodyChoice | None:
    """Return the institution named, None for no name; raise InvalidInput if ambiguous."""
    wanted: NameChoice[Any] | None = name.resolve(likely_institutions, institution_by_ref)
    if wanted is None:
        return None
    if wanted.record is None and not kind.data:
        raise InvalidInput(**{kind.name: _("It is not on record yet: choose what kind it is.")})
    return BodyChoice(wanted, kind.chosen_code(), name.form.name.name)


def read_acts(lines: Iterable[ActForm], quoting: Quoting) -> list[ActChoice]:
    """Return the acts of the non-empty lines; raise InvalidInput if there are none."""
    given: Sequence[ActForm] = list(lines)
    read: list[Any] = collect_errors(*((lambda line=line: line.read(quoting)) for line in given))
    acts = [one for one in read if one is not None]
    if not acts:
        raise InvalidInput(**{given[0].act.name: _("Choose what the body said or did.")})
    return acts


def read_changed_date(field: WhenField, stored: When, latest_possible_date: date) -> When:
    """Return the submitted date; an unchanged one keeps its stored interval."""
    if (field.form.when.data or "") == format_when(stored):
        return replace(stored, as_stated=field.form.as_stated.data or "")
    return field.read_when(latest_possible_date)


class BodyResolver:
    """Resolves the institutions that a form names; new ones are created once."""

    def __init__(self, country: str | None, *, by: Actor) -> None:
        self.country, self.by = country, by
        self.made: dict[tuple[str, str | None], Institution] = {}

    def of(self, choice: BodyChoice) -> Institution:
        """Return the existing institution, or a new one."""
        name, country = choice.wanted.name, choice.country or self.country
        known: Institution | None = choice.wanted.record
        if known is not None:
            return known
        if (name, country) not in self.made:
            kind = choice.kind or InstitutionKind.OTHER
            is_abroad = kind in OF_NO_COUNTRY
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

    def act(self, choice: ActChoice, country: str | None) -> ActFacts:
        """Return an act as it is recorded; `country` is that of unspecified law enforcement."""
        acting: Institution | None = None
        if isinstance(choice.acting, BodyChoice):
            acting = self.of(choice.acting)
        elif choice.acting:
            if country is None:
                raise InvalidInput(
                    **{choice.acting_field: _("The country is unknown: name the institution.")}
                )
            acting = get_or_create_law_enforcement(country, self.by)
        return ActFacts(
            act=choice.act,
            said=choice.said,
            quote=choice.quote,
            quote_is=choice.quote_is,
            acting_institution=acting,
        )


@dataclass(frozen=True, slots=True)
class Origin:
    """The record from which a new one is started, if any, and its incidents."""

    record: Any = None
    incidents: list[Incident] = field(default_factory=list)

    @property
    def article(self) -> Article | None:
        """Return the article that is the source, None if there is none."""
        return self.record if isinstance(self.record, Article) else None

    @property
    def preselected_refs(self) -> list[str]:
        """Return the refs of the incidents to preselect."""
        return [one.ref for one in self.incidents if one is self.record]

    @property
    def visibility(self) -> Visibility:
        """Return the default visibility of a record started from it."""
        found: Visibility = self.record.visibility if self.record else Visibility.RESTRICTED
        return found

    @property
    def country(self) -> str | None:
        """Return its country: that of its incidents, else its own or its publisher's."""
        if self.incidents:
            return self.incidents[0].country
        origin: Any = self.article.publisher if self.article else self.record
        return origin.country if origin else None

    def default_owner(self, *, by: Actor, wanted: Visibility) -> tuple[int, Visibility]:
        """Return the team and visibility of a record started from it."""
        if self.record and not self.article and self.record.team_id in by.team_ids:
            return self.record.team_id, wanted
        return default_owner(self.article, by=by, wanted=wanted)

    def next_url(self, made: Record) -> str:
        """Return the next address after saving: for a case, filing the new record."""
        if self.record and self.record.PREFIX == "CAS":
            return url_for("cases.file", record=made.ref, case=self.record.ref)
        return next_url_after_logging(made, self.article)

    def cancel_url(self, otherwise: str) -> str:
        """Return the address to go back to without saving."""
        return record_url(self.record) if self.record else otherwise


def origin_from_query() -> Origin:
    """Return the origin named in the query parameters; a hidden one answers like a missing one."""
    validate_known_parameters(request.args, {*ORIGIN_PARAMETERS, "like"})
    named = [name for name in ORIGIN_PARAMETERS if name in request.args]
    if len(named) > 1:
        raise BadQuery(named[1], _("Name an article, an incident or a case, and only one."))
    if article := record_from_query(Article, "article", *logging_options()):
        return Origin(article, incidents_citing(article))
    if incident := record_from_query(Incident, "incident", *row_load_options()):
        return Origin(incident, [incident])
    # No model of a lower feature knows cases; a case has incidents by its joins like other records.
    if case := record_from_query(record_models()["CAS"], "case"):
        return Origin(case, incidents_of_record(case, most=MOST_OFFERED))
    return Origin()
