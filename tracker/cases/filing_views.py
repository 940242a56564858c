"""Filing the records of an article, or one record, in a case; and the cases of a record."""

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
from tracker.web.filters import REF_PATTERN, parse_ref, validate_known_parameters
from tracker.web.forms import render_form
from tracker.web.guards import current_actor, require_permission
from tracker.web.panels import register_panel
from tracker.web.saving import handle_form, load


@dataclass(frozen=True, slots=True)
class Filing:
    """What is to be filed: the origin, the records, and the cases they are in now.

    `origin` is None if several records were named.
    """

    origin: Any
    records: list[Any]
    places: dict[Any, list[Any]]

    @property
    def unfiled(self) -> list[str]:
        """Return the refs of the records that are in no case yet."""
        return [record.ref for record, rows in self.places.items() if not rows]

    @property
    def shared(self) -> list[str]:
        """Return the names of the targets that the incidents share."""
        return queries.shared_targets(one for one in self.records if isinstance(one, Incident))


@bp.route("/file", methods=["GET", "POST"])
@require_permission(Permission.LOG)
def file() -> Response | tuple[str, int]:
    """File the ticked records in a case, which may be opened in the same step."""
    filing = _requested_filing()
    form = _form(filing)
    if not form.is_submitted():
        _preselect(form, filing, named=parse_ref(request.args, "case", "CAS"))
    answer = handle_form(
        form,
        lambda: _save_filing(form, filing, by=current_actor()),
        to=lambda done: url_for(".show", ref=done[0].ref),
        message=lambda done: _filed_message(len(done[1])),
    )
    return answer or render_form("cases/file.html", form=form, filing=filing)


@register_panel("article")
def article_filing_panel(article: Article) -> str:
    """Render the form for filing the records that cite the article."""
    filing = _filing_of_article(article)
    if not filing.records:
        return ""
    form = None
    if current_actor().has_permission(Permission.LOG):
        form = _form(filing, fresh=True)
        _preselect(form, filing)
    return render_template("cases/filing_panel.html", form=form, filing=filing)


@register_panel("incident")
@register_panel("fake_account")
@register_panel("response")
@register_panel("appeal")
@register_panel("proceeding")
def record_cases_panel(record: Any) -> str:  # noqa: ANN401 (a record of a kind that a case holds)
    """Render the cases in which the record is filed."""
    # For an incident it is known already whether any case holds it.
    is_filed = not isinstance(record, Incident) or CaseIncident in models_with_rows_about(record)
    rows = queries.places_of([record])[record] if is_filed else []
    rows.sort(key=lambda row: not row.is_home)
    return render_template(
        "cases/cases_panel.html",
        record=record,
        rows=rows,
        through=[] if rows else _cases_of_incidents(record),
    )


@register_panel("unanswered_incident")
def response_elsewhere_panel(incident: Incident) -> str:
    """Render where responses to the whole case are, for an incident without its own."""
    if not queries.has_response_elsewhere(incident):
        return ""
    return render_template("cases/response_elsewhere.html", incident=incident)


def _cases_of_incidents(record: Any) -> list[tuple[Any, Case]]:  # noqa: ANN401 (as above)
    """Return the cases that show a record because it is about one of their incidents."""
    joins: Any = getattr(record, "answers", None) or getattr(record, "incidents", ())
    incidents = [one.incident for one in joins if one.incident is not None]
    return [
        (incident, row.case)
        for incident, rows in queries.places_of(incidents).items()
        for row in rows
    ]


def _requested_filing() -> Filing:
    """Return the filing requested in the query parameters."""
    validate_known_parameters(request.args, {"article", "record", "case"})
    article_ref = parse_ref(request.args, "article", "ART")
    refs = [*dict.fromkeys(filter(None, request.args.getlist("record")))]
    if bool(article_ref) == bool(refs):
        raise BadQuery("article", _("Name an article, or the records."))
    if article_ref:
        return _filing_of_article(load(Article, article_ref))
    if len(refs) > queries.MOST_FILED_TOGETHER:
        raise BadQuery("record", _("At most %(n)d records at once.", n=queries.MOST_FILED_TOGETHER))
    held = tuple(shelf.kind.PREFIX + "-" for shelf in queries.CASE_JOINS)
    if not all(ref.startswith(held) for ref in refs):
        raise BadQuery(
            "record",
            _("A case holds incidents, fake accounts, responses, appeals and proceedings."),
        )
    records = queries.records_by_refs(refs) if all(map(REF_PATTERN.fullmatch, refs)) else []
    if len(records) < len(refs):
        raise NotFound
    return Filing(records[0] if len(records) == 1 else None, records, queries.places_of(records))


def _filing_of_article(article: Article) -> Filing:
    records = queries.records_citing(article)
    return Filing(article, records, queries.places_of(records))


def _form(filing: Filing, *, fresh: bool = False) -> FilingForm:
    form = FilingForm(formdata=None) if fresh else FilingForm()
    form.set_choices(filing.records, queries.cases_for_filing(filing.records, by=current_actor()))
    return form


def _preselect(form: FilingForm, filing: Filing, *, named: str = "") -> None:
    """Tick the records that are in no case, and preselect the named case or a related one."""
    form.records.data = filing.unfiled
    neighbours = [row.case.ref for rows in filing.places.values() for row in rows]
    form.case.data = next((ref for ref in (named, *neighbours) if ref in form.offered), "")
    if filing.origin is None and not form.case.data:
        form.title.data = ", ".join(filing.shared)
    known = [getattr(record, "country", None) for record in filing.records]
    publisher = getattr(filing.origin, "publisher", None)
    form.country.data = next(filter(None, [*known, publisher and publisher.country]), "")


def _save_filing(form: FilingForm, filing: Filing, *, by: Actor) -> tuple[Case, list[Any]]:
    """File the ticked records in the chosen case, or in a new one, in one transaction."""
    ticked = set(form.records.data or [])
    if not ticked:
        raise InvalidInput(records=_("Tick at least one record."))
    case = service.choose_case(
        form.case.data or "",
        title=form.title.data or "",
        country=form.country.data,
        origins=[filing.origin] if filing.origin else filing.records,
        by=by,
    )
    chosen = [record for record in filing.records if record.ref in ticked]
    return case, service.file_records(case, chosen, by=by)


def _filed_message(count: int) -> str:
    if not count:
        return str(_("Everything ticked was in this case already."))
    return str(ngettext("%(num)d record filed.", "%(num)d records filed.", count))
