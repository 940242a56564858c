"""Pages for the public summary, for publishing, and for naming decisions.

Redacting a name first shows the effects.
"""

from __future__ import annotations

from functools import partial

from flask import flash, render_template, url_for
from werkzeug.wrappers import Response

from tracker.audit.service import get_confidential_row, log_confidential_view
from tracker.errors import Forbidden, InvalidInput
from tracker.i18n import _
from tracker.incidents import naming_queries, publication_service, service
from tracker.incidents.forms import NamingForm, NamingFormRecord, SummaryForm
from tracker.incidents.guarded_models import TargetNamingDecision
from tracker.incidents.models import Incident
from tracker.incidents.publication_rules import publication_notes
from tracker.incidents.publication_service import (
    redacts_name,
    save_naming_decision,
    validate_naming_decision,
)
from tracker.incidents.queries import (
    approved_incidents,
    page_load_options,
    publication_load_options,
    publication_of,
)
from tracker.incidents.rules import may_write_summary
from tracker.incidents.views import bp
from tracker.kit.sections import log_before_reading
from tracker.permissions import Permission
from tracker.records import row_by_id
from tracker.review.codes import APPROVED_STATES, EditorialState
from tracker.review.models import Reviewable
from tracker.review.rules import first_cited_article
from tracker.review.service import approve_record, require_not_own_work
from tracker.web.forms import UnchangedRecordForm, render_form
from tracker.web.guards import current_actor, require_editor, require_permission
from tracker.web.layout import register_panel
from tracker.web.saving import handle_form, load, load_to_edit

# Approved incidents in the review queue.
MAX_APPROVED_INCIDENTS = 50


@bp.route("/<ref>/publish/summary", methods=["GET", "POST"])
@require_permission(Permission.REVIEW)
def write_summary(ref: str) -> Response | tuple[str, int]:
    """Write the public summary of an incident as a monitor; an incident in review is approved by
    the same button.
    """
    incident, by = load(Incident, ref, *publication_load_options()), current_actor()
    if not may_write_summary(by, incident.state):
        raise Forbidden(_("Monitors write the public summary once the incident is in review."))
    if incident.state is not EditorialState.IN_REVIEW:
        said = _("Public summary saved. A monitor who did not write it publishes it.")
        return _handle_summary_form(incident, to=url_for(".publish", ref=ref), message=said)
    require_not_own_work(incident, by=by)
    article = first_cited_article(incident)
    return _handle_summary_form(
        incident,
        to=url_for("review.article", ref=article.ref) if article else url_for("review.index"),
        message=_(
            "Approved, with the public summary. A monitor who did not write it publishes it."
        ),
        approves=True,
    )


@bp.route("/<ref>/summary", methods=["GET", "POST"])
@require_permission(Permission.LOG)
def summary(ref: str) -> Response | tuple[str, int]:
    """Write the public summary of an incident of the user's own team."""
    incident = load_to_edit(Incident, ref, *publication_load_options())
    said = _("Public summary saved.")
    if incident.state in APPROVED_STATES:
        said = _("Public summary saved. A monitor who did not write it publishes it.")
    return _handle_summary_form(incident, to=url_for(".show", ref=ref), message=said)


def _handle_summary_form(
    incident: Incident, *, to: str, message: str, approves: bool = False
) -> Response | tuple[str, int]:
    """Show the form of the public summary, or save the summary and go to the URL `to`. `message`:
    shown after saving; `approves`: saving also approves the incident.
    """
    form, by = SummaryForm(), current_actor()

    def save() -> None:
        if approves:
            # Approve before saving: somebody who wrote the summary may not approve the incident.
            approve_record(incident, note="", by=by)
        service.write_public_summary(incident, form.submitted_values(), by=by)

    done = handle_form(
        form,
        save,
        to=to,
        message=lambda _nothing: _summary_message(incident, form, message),
        record=incident,
    )
    return done or render_form(
        "incidents/section.html",
        form=form,
        incident=incident,
        heading=_("Public summary"),
        stays_approved=incident.state in APPROVED_STATES,
        approves=approves,
        unnamed=[one.message for one in publication_notes(incident) if one.remedy == "naming"],
    )


def _summary_message(incident: Incident, form: SummaryForm, message: str) -> str:
    """Return the message after a public summary is saved: that it was cleared, that it names
    somebody who may not be named, or otherwise `message`.
    """
    if not any(text.strip() for text in form.submitted_values().values()):
        return str(_("Public summary cleared."))
    if publication_service.would_publish_withheld_name(incident):
        # The message does not say the name, since messages are stored until they are shown.
        flash(
            _("It cannot be published: the text names somebody whose name may not be published."),
            "warning",
        )
        return str(_("Public summary saved."))
    return message


@bp.route("/<ref>/publish", methods=["GET", "POST"])
@require_permission(Permission.REVIEW)
def publish(ref: str) -> Response | tuple[str, int]:
    """Show exactly the public text of an incident, and publish the text."""
    incident, form = load(Incident, ref, *publication_load_options()), UnchangedRecordForm()
    done = handle_form(
        form,
        lambda: publication_service.publish(incident, by=current_actor()),
        to=url_for(".show", ref=ref),
        message=_("Added to the public file."),
        record=incident,
    )
    if done:
        return done
    [check] = publication_service.check_publications([incident])
    return render_form(
        "incidents/publish.html",
        form=form,
        incident=incident,
        text=check.text,
        reasons=[one.message for one in check.obstacles],
        published=publication_of(incident),
    )


@register_panel("review_queue")
def approved_panel(_page: None) -> str:
    """Render the approved incidents that are not published, with the obstacles of each."""
    if not current_actor().has_permission(Permission.REVIEW):
        return ""
    checks = publication_service.publication_check_by_incident(
        approved_incidents(MAX_APPROVED_INCIDENTS)
    )
    if not checks:
        return ""
    stopped: dict[str, list[Reviewable]] = {}
    for incident, check in checks.items():
        if check.obstacles:
            reasons = " ".join(one.message for one in check.obstacles)
            stopped.setdefault(reasons, []).append(incident)
    return render_template(
        "incidents/approved_panel.html",
        ready=[one for one in checks.items() if not one[1].obstacles],
        stopped=stopped,
    )


@bp.route("/<ref>/targets/<int:number>/naming", methods=["GET", "POST"])
@require_permission(Permission.LOG, confidential=True)
def naming(ref: str, number: int) -> Response | tuple[str, int]:
    """Show and edit the naming decision of the target with the id `number`; redacting a name first
    shows the effects.
    """
    incident, form = load(Incident, ref, *page_load_options()), NamingForm()
    # Also of a retracted incident: its decision still withholds their name.
    require_editor(incident, allow_retracted=incident.can_be_restored)
    target = row_by_id(incident.targets, number)
    log_before_reading(form, partial(log_confidential_view, incident, by=current_actor()))
    form_record = NamingFormRecord(
        incident, target, get_confidential_row(target, TargetNamingDecision)
    )
    if _needs_redaction_preview(form_record, form):
        return _redaction_page(form_record, form)
    answer = handle_form(
        form,
        lambda: _save_naming_form(form_record, form),
        to=url_for(".show", ref=ref),
        message=_naming_message,
        record=form_record,
    )
    if answer is not None:
        return answer
    if form.listed.raw_data and target.journalist is not None:
        return _redaction_page(form_record, form)
    return render_form(
        "incidents/naming.html",
        form=form,
        incident=incident,
        target=target,
        held=naming_queries.other_targets_withholding_name(target),
    )


def _needs_redaction_preview(form_record: NamingFormRecord, form: NamingForm) -> bool:
    """Return whether a valid decision redacts a name and the preview was not shown yet."""
    if not form.is_submitted() or form.listed.raw_data or not form.validate():
        return False
    decision_input = form.cleaned_data()
    try:
        validate_naming_decision(
            form_record.incident,
            form_record.target,
            decision_input,
            named_as=form.named_as.data or "",
        )
    except InvalidInput:
        # The error is shown at its field when it is saved.
        return False
    return redacts_name(form_record.target, decision_input)


def _save_naming_form(form_record: NamingFormRecord, form: NamingForm) -> bool:
    """Save a naming decision; return whether the person may no longer be named."""
    decision_input = form.cleaned_data()
    is_redaction = redacts_name(form_record.target, decision_input)
    save_naming_decision(
        form_record.incident,
        form_record.target,
        decision_input,
        named_as=form.named_as.data or "",
        confirmation=form.redaction_confirmation(),
        by=current_actor(),
    )
    return is_redaction


def _naming_message(is_redaction: bool) -> str:  # noqa: FBT001 (what the act gave back)
    """Return the message after a naming decision is saved; `is_redaction`: a name was redacted."""
    closed = _("The name is closed to everybody outside the team.")
    return str(closed if is_redaction else _("Saved."))


def _redaction_page(form_record: NamingFormRecord, form: NamingForm) -> tuple[str, int]:
    """Render the effects of redacting a name; the button does exactly what the page lists."""
    form.require_current_version(form_record)
    journalist = form_record.target.journalist
    assert journalist is not None  # noqa: S101 (only a journalist's name is redacted)
    plan = naming_queries.plan_name_redaction(journalist)
    form.populate_redaction_plan(plan)
    return render_form(
        "incidents/name_redaction.html",
        form=form,
        incident=form_record.incident,
        target=form_record.target,
        plan=plan,
        drafts=naming_queries.incidents_made_draft_by_redaction(journalist),
    )
