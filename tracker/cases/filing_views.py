"""Views that file the records of an article, or single records, in a case; panels with cases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import render_template, request, url_for
from werkzeug.wrappers import Response

from tracker.articles.models import Article
from tracker.cases import queries, service
from tracker.cases.forms import FilingForm
from tracker.cases.models import Case, CaseIncident
from tracker.cases.views import bp
from tracker.errors import BadQuery, InvalidInput, NotFound
from tracker.i18n import _, ngettext
from tracker.incidents.models import Incident
from tracker.incidents.queries import models_with_rows_about
from tracker.permissions import Actor, Permission
from tracker.web.filters import REF_PATTERN, parse_ref, reject_unknown_parameters
from tracker.web.forms import render_form
from tracker.web.guards import current_actor, require_permission
from tracker.web.layout import register_panel
from tracker.web.saving import handle_form, load


@dataclass(frozen=True, slots=True)
class FilingRequest:
    """The records to be filed in a case. `origin`: the article that all records cite, or the only
    record, or None for several records given by refs; `placements_by_record`: the CasePlacements of
    each record.
    """

    origin: Any
    records: list[Any]
    placements_by_record: dict[Any, list[Any]]

    @property
    def unfiled_refs(self) -> list[str]:
        """The refs of the records that are in no case that the viewer sees."""
        return [record.ref for record, rows in self.placements_by_record.items() if not rows]

    @property
    def shared_target_names(self) -> list[str]:
        """The names of the targets that two or more of the incidents share."""
        return queries.shared_target_names(one for one in self.records if isinstance(one, Incident))


@bp.route("/file", methods=["GET", "POST"])
@require_permission(Permission.LOG)
def file() -> Response | tuple[str, int]:
    """File the selected records in a chosen case, or in a new case opened in the same step."""
    filing = _parse_filing_request()
    form = _build_filing_form(filing)
    if not form.is_submitted():
        _set_form_defaults(form, filing, case_ref=parse_ref(request.args, "case", "CAS"))
    answer = handle_form(
        form,
        lambda: _save_filing(form, filing, by=current_actor()),
        to=lambda done: url_for(".show", ref=done[0].ref),
        message=lambda done: _filed_message(len(done[1])),
    )
    return answer or render_form("cases/file.html", form=form, filing=filing)


@register_panel("article")
def article_filing_panel(article: Article) -> str:
    """Render the form for filing the records that cite the article; return "" if no record does.
    A viewer who may not record anything gets a list of the records and their cases instead.
    """
    filing = _filing_request_for_article(article)
    if not filing.records:
        return ""
    form = None
    if current_actor().has_permission(Permission.LOG):
        form = _build_filing_form(filing, ignore_submitted=True)
        _set_form_defaults(form, filing)
    return render_template("cases/filing_panel.html", form=form, filing=filing)


@register_panel("incident")
@register_panel("fake_account")
@register_panel("response")
@register_panel("appeal")
@register_panel("proceeding")
def record_cases_panel(record: Any) -> str:  # noqa: ANN401 (a record of a kind that a case holds)
    """Render the cases in which the record is filed. If there are none, render the cases in which
    the incidents that the record is about are filed.
    """
    # For an incident it is already known whether any case holds the incident.
    is_filed = not isinstance(record, Incident) or CaseIncident in models_with_rows_about(record)
    rows = queries.placements_by_record([record])[record] if is_filed else []
    rows.sort(key=lambda row: not row.is_home)
    return render_template(
        "cases/cases_panel.html",
        record=record,
        rows=rows,
        through=[] if rows else _cases_through_incidents(record),
    )


@register_panel("unanswered_incident")
def indirect_response_panel(incident: Incident) -> str:
    """Render, for an incident without a response of its own, a link to the responses to its case or
    to an appeal about it; return "" if there are none.
    """
    if not queries.has_indirect_response(incident):
        return ""
    return render_template("cases/indirect_response.html", incident=incident)


def _cases_through_incidents(record: Any) -> list[tuple[Any, Case]]:  # noqa: ANN401 (as above)
    """Return pairs of an incident that the record is about, and a case with that incident."""
    joins: Any = getattr(record, "answers", None) or getattr(record, "incidents", ())
    incidents = [one.incident for one in joins if one.incident is not None]
    return [
        (incident, row.case)
        for incident, rows in queries.placements_by_record(incidents).items()
        for row in rows
    ]


def _parse_filing_request() -> FilingRequest:
    """Return the records to file. Query parameters name either the records, or an article that the
    records cite.

    Raises BadQuery for missing or unsuitable refs, NotFound for a record that the viewer may not
    see.
    """
    reject_unknown_parameters(request.args, {"article", "record", "case"})
    article_ref = parse_ref(request.args, "article", "ART")
    refs = [*dict.fromkeys(filter(None, request.args.getlist("record")))]
    if bool(article_ref) == bool(refs):
        raise BadQuery("article", _("Name an article, or the records."))
    if article_ref:
        return _filing_request_for_article(load(Article, article_ref))
    if len(refs) > queries.MAX_RECORDS_FILED_AT_ONCE:
        raise BadQuery(
            "record", _("At most %(n)d records at once.", n=queries.MAX_RECORDS_FILED_AT_ONCE)
        )
    held = tuple(case_join.kind.PREFIX + "-" for case_join in queries.CASE_JOINS)
    if not all(ref.startswith(held) for ref in refs):
        raise BadQuery(
            "record",
            _("A case holds incidents, fake accounts, responses, appeals and proceedings."),
        )
    records = queries.records_by_refs(refs) if all(map(REF_PATTERN.fullmatch, refs)) else []
    if len(records) < len(refs):
        raise NotFound
    return FilingRequest(
        records[0] if len(records) == 1 else None, records, queries.placements_by_record(records)
    )


def _filing_request_for_article(article: Article) -> FilingRequest:
    """Return the records that cite an article, to be filed in a case."""
    records = queries.records_citing(article)
    return FilingRequest(article, records, queries.placements_by_record(records))


def _build_filing_form(filing: FilingRequest, *, ignore_submitted: bool = False) -> FilingForm:
    """Return the form for filing, with the records and the cases to choose from;
    `ignore_submitted`: without the values of a submitted form.
    """
    form = FilingForm(formdata=None) if ignore_submitted else FilingForm()
    form.set_choices(filing.records, queries.cases_for_filing(filing.records, by=current_actor()))
    return form


def _set_form_defaults(form: FilingForm, filing: FilingRequest, *, case_ref: str = "") -> None:
    """Select the records that are in no case, and the case with the ref `case_ref`, otherwise a
    case that one of the records is in; propose title and country of a new case.
    """
    form.records.data = filing.unfiled_refs
    neighbours = [row.case.ref for rows in filing.placements_by_record.values() for row in rows]
    form.case.data = next(
        (ref for ref in (case_ref, *neighbours) if ref in form.offered_case_refs), ""
    )
    if filing.origin is None and not form.case.data:
        form.title.data = ", ".join(filing.shared_target_names)
    known = [getattr(record, "country", None) for record in filing.records]
    publisher = getattr(filing.origin, "publisher", None)
    form.country.data = next(filter(None, [*known, publisher and publisher.country]), "")


def _save_filing(form: FilingForm, filing: FilingRequest, *, by: Actor) -> tuple[Case, list[Any]]:
    """File the selected records in the chosen or new case. Return the case, and the list of the
    records that were not in the case before.

    Raises InvalidInput if no record is selected.
    """
    ticked = set(form.records.data or [])
    if not ticked:
        raise InvalidInput(records=_("Tick at least one record."))
    case = service.get_or_open_case(
        form.case.data or "",
        title=form.title.data or "",
        country=form.country.data,
        origins=[filing.origin] if filing.origin else filing.records,
        by=by,
    )
    chosen = [record for record in filing.records if record.ref in ticked]
    return case, service.file_records(case, chosen, by=by)


def _filed_message(count: int) -> str:
    """Return the localized message after filing; `count`: the records newly filed."""
    if not count:
        return str(_("Everything ticked was in this case already."))
    return str(ngettext("%(num)d record filed.", "%(num)d records filed.", count))
