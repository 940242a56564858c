"""The data package, and the export log."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from flask import render_template, request

from tracker.i18n import _, language, lazy
from tracker.incidents.filters import IncidentFilter
from tracker.incidents.queries import names_in
from tracker.permissions import Permission
from tracker.reports.codes import ExportKind, FileFormat, LeftOut, Profile
from tracker.reports.export_log_queries import (
    PLACE,
    TELLING,
    count_of_unlisted,
    listed_rows,
    may_be_aimed_at,
    recipients,
    runs_shown_to,
    same_before,
)
from tracker.reports.export_log_service import begin_run
from tracker.reports.packages.filters import PackageFilter
from tracker.reports.packages.service import (
    last_of,
    preview,
    question,
    refuse_too_many,
    write_package,
    write_workbook,
)
from tracker.reports.rules import FIELDS, refuse_unless_shared
from tracker.reports.scope_queries import names_held
from tracker.reports.tables import tables_of
from tracker.reports.views import bp, handed_out
from tracker.review.codes import RetractReason
from tracker.vocabulary.codes import Answer
from tracker.vocabulary.labels import choices, label
from tracker.web.filters import REF, no_such, refuse_unknown, words_in
from tracker.web.guards import current_actor, requires
from tracker.web.paging import page_of

if TYPE_CHECKING:
    from flask import Response

    from tracker.reports.models import ExportRun

# What the export log calls what was asked for.
LOGGED = {
    **{one.name: one.label for one in IncidentFilter.declared()},
    **FIELDS,
    "case": lazy("Case"),
    "import": lazy("File of others"),
    "rows": lazy("What became of its rows"),
}


@bp.get("/package")
@requires(Permission.EXPORT)
def package() -> str:
    """Preview a package: rows, what is left out, and changes since the last one."""
    asked = PackageFilter.from_args(request.args)
    actor = current_actor()
    refuse_unless_shared(asked.profile, actor)
    runs = last_of(asked)
    of_it = preview(question(asked, since=runs, by=actor))
    return render_template(
        "reports/package.html",
        asked=asked,
        said=asked.described(names_in(asked.incidents)),
        last=runs[0] if runs else None,
        since=next((one for one in runs if one.id == of_it.since), None),
        preview=of_it,
        reasons={"": "", **dict(choices(LeftOut, language()) + choices(RetractReason, language()))},
        profiles=list(Profile) if actor.may(Permission.SHARE) else [Profile.INTERNAL],
        recipients=recipients(),
        held=names_held(question(asked, since=(), by=actor).extent.members["incidents"])
        if asked.profile is Profile.PARTNER
        else None,
    )


@bp.get("/package.zip")
@requires(Permission.EXPORT, fresh=True)
def package_zip() -> Response:
    """Stream the package; what cannot be asked for is refused before that."""
    return _file("zip")


@bp.get("/package.xlsx")
@requires(Permission.EXPORT, fresh=True)
def package_xlsx() -> Response:
    """Stream the same tables as the sheets of one workbook."""
    return _file("xlsx")


def _file(suffix: str) -> Response:
    asked = PackageFilter.from_args(request.args)
    actor = current_actor()
    refuse_unless_shared(asked.profile, actor)
    of_it = question(asked, since=last_of(asked), by=actor)
    if suffix == "xlsx":
        refuse_too_many(of_it)
    begin = partial(
        begin_run,
        ExportKind.PACKAGE,
        asked.logged(),
        tables=tables_of(asked.profile),
        profile=asked.profile,
        language=language(),
        recipient=asked.recipient,
    )
    write = write_workbook if suffix == "xlsx" else write_package
    name = f"package-{asked.profile.value}" + ("-with-drafts" if asked.drafts else "")
    return handed_out(name, suffix, begin, partial(write, of_it))


@bp.get("/ledger")
@requires(Permission.READ)
def ledger() -> str:
    """Show the export log; with `holds`, only exports with a row of that record."""
    refuse_unknown(request.args, ("holds",))
    holds = words_in(request.args, "holds", label=_("Record")).upper()
    if holds and not REF.fullmatch(holds):
        raise no_such("holds", holds, label=_("Record"))
    actor = current_actor()
    page = page_of(runs_shown_to(actor, holding=holds), PLACE, request.args)
    return render_template(
        "reports/ledger.html",
        holds=holds,
        is_aimed_at=may_be_aimed_at(holds),
        page=page,
        before=same_before(page.items),
        # How many rows an internal file had is for whoever took it.
        counted={
            run.id
            for run in page.items
            if run.by_id == actor.id or run.profile is not Profile.INTERNAL
        },
        listed=listed_rows(page.items),
        unlisted=count_of_unlisted(actor) if holds else 0,
        asked={run.id: _asked(run, is_own=run.by_id == actor.id) for run in page.items},
        forms={run.id: _form(run) for run in page.items},
        kinds=ExportKind,
    )


def _form(run: ExportRun) -> str:
    """Return how a file was written; "" of a package of which that was not kept."""
    if run.kind is ExportKind.PACKAGE:
        return str(run.asked.get("form", ""))
    return label(FileFormat(run.asked.get("format", FileFormat.CSV)), language())


def _asked(run: ExportRun, *, is_own: bool) -> list[tuple[str, str]]:
    """Return the filter of a run; what may name somebody only to whoever asked it."""
    return [
        (
            str(LOGGED.get(name, name)),
            label(Answer(value), language())
            if name == "drafts"
            else "…"
            if name in TELLING and not is_own
            else ", ".join(value)
            if isinstance(value, list)
            else str(value),
        )
        for name, value in run.asked.items()
        if name not in {"form", "format"}
    ]
