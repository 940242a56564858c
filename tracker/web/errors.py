"""Error handlers, which roll back and render the error pages."""

from __future__ import annotations

import logging
import secrets
from typing import Any
from urllib.parse import urlencode

from flask import Flask, current_app, g, make_response, render_template, request, url_for
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from tracker import errors as tracker_errors
from tracker.db import db, is_disk_error, is_lock_timeout
from tracker.i18n import _
from tracker.web.edit_conflicts import outer_field_name
from tracker.web.filters import MAX_REPORTED_ERRORS, mark_unprintable
from tracker.web.forms import HIDDEN_FIELDS, submitted_fields
from tracker.web.guards import MAX_ANONYMOUS_REQUEST_BYTES
from tracker.web.saving import record_url

log = logging.getLogger(__name__)
MAX_SHOWN_QUERY_LENGTH = 200  # characters
# The HTTP status of a request that is too large.
CONTENT_TOO_LARGE = 413


def init_app(app: Flask) -> None:
    """Register a handler for each kind of error."""
    # For `errors/kept.html`, which an error page includes to show what was submitted.
    app.jinja_env.globals["submitted_fields"] = submitted_fields
    app.register_error_handler(tracker_errors.NotFound, _handle_not_found)
    app.register_error_handler(404, _handle_not_found)
    app.register_error_handler(tracker_errors.BadQuery, _handle_bad_query)
    app.register_error_handler(tracker_errors.InvalidInput, _handle_invalid_input)
    app.register_error_handler(tracker_errors.Forbidden, _handle_forbidden)
    app.register_error_handler(tracker_errors.StaleRecord, _handle_stale_record)
    app.register_error_handler(tracker_errors.AuditKeyMissing, _handle_missing_audit_key)
    app.register_error_handler(StaleDataError, _handle_concurrent_save)
    app.register_error_handler(IntegrityError, _handle_concurrent_save)
    app.register_error_handler(OperationalError, _handle_storage_error)
    app.register_error_handler(OSError, _handle_storage_error)
    app.register_error_handler(HTTPException, _handle_http_error)
    app.register_error_handler(Exception, _handle_unexpected_error)


def _handle_not_found(_error: Exception) -> tuple[str, int]:
    """Return the error page (404) for an unknown address or record."""
    # Nothing of the address may be in the page: a hidden record answers like a missing one.
    return _render_error_page(
        404, _("Not found"), _("There is no such page or record, or it is not for you.")
    )


def _handle_bad_query(error: tracker_errors.BadQuery) -> Response:
    """Return the page with the errors at the fields of its form, without the invalid values, if the
    view `shows_filter_errors`, else an error page.
    """
    db.session.rollback()
    errors, given = [error, *error.others], list(request.args.items(multi=True))
    endpoint, of_address = request.endpoint or "", request.view_args or {}
    shown = getattr(current_app.view_functions.get(endpoint), "filter_errors_endpoint", None)
    while shown is not None and len(errors) <= MAX_REPORTED_ERRORS:
        # Show the page without the invalid values; reading its records may raise further errors.
        g.wrong_filter = _invalid_values_context(errors, given, shown)
        request.args = ImmutableMultiDict(_without_invalid_values(errors, given))
        try:
            page = current_app.view_functions[shown or endpoint]
            answer = make_response(page(**of_address))
        except tracker_errors.BadQuery as more:
            errors += [more, *more.others]
        else:
            answer.status_code = 400
            return answer
    html = render_template(
        "errors/query.html",
        status=400,
        title=_("This address has an unknown parameter"),
        **_invalid_values_context(errors[:MAX_REPORTED_ERRORS], given),
    )
    return make_response(html, 400)


def _invalid_values_context(
    errors: list[tracker_errors.BadQuery], values: list[tuple[str, str]], endpoint: str = ""
) -> dict[str, Any]:
    """Return the template context for errors in query parameters; `values`: their (name, value)
    pairs; `endpoint`: of the page that shows them, "" for the current one. Keys: `wrong`, the
    context of each error; `without`, the address of the page without invalid values, "" if it
    cannot be opened by GET; `at`, by field, the message and the submitted text.
    """
    valid, rule = _without_invalid_values(errors, values), request.url_rule
    path = request.path if rule is not None and "GET" in (rule.methods or ()) else ""
    if endpoint:
        of_address = request.view_args or {}
        path = url_for(endpoint, **of_address)
    return {
        "wrong": [_invalid_value_context(one, values, path, valid) for one in errors],
        "without": path and _url_with_query(path, valid),
        "at": {
            one.field: (str(one), mark_unprintable(dict(values).get(one.field, "")))
            for one in errors
        },
    }


def _without_invalid_values(
    errors: list[tracker_errors.BadQuery], values: list[tuple[str, str]]
) -> list[tuple[str, str]]:
    """Return the (name, value) pairs of query parameters to which none of the errors belongs."""
    # Valid values of a parameter with several values are kept.
    return [pair for pair in values if not any(one.matches_parameter(*pair) for one in errors)]


def _invalid_value_context(
    error: tracker_errors.BadQuery,
    values: list[tuple[str, str]],
    path: str,
    valid: list[tuple[str, str]],
) -> dict[str, Any]:
    """Return the template context for one error in query parameters. `values`: the (name, value)
    pairs of all parameters; `path`: of the page, "" if it cannot be opened by GET; `valid`: the
    pairs without an error.
    """
    field = error.field
    asked = [pair for pair in values if error.matches_parameter(*pair)] or [(field, "")]
    return {
        "name": error.label,
        "is_field": error.label not in {"", field},
        "text": str(error),
        "asked": urlencode(asked)[:MAX_SHOWN_QUERY_LENGTH],
        "choices": [
            (one, path and _url_with_query(path, [*valid, (field, one.value)]))
            for one in error.choices
        ],
    }


def _url_with_query(path: str, args: list[tuple[str, str]]) -> str:
    """Return a path with these query parameters, (name, value) pairs."""
    return f"{path}?{urlencode(args)}" if args else path


def _handle_invalid_input(error: tracker_errors.InvalidInput) -> tuple[str, int]:
    """Return the error page (422) for submitted values that a domain rule rejects."""
    return _render_error_page(
        422, _("This could not be saved"), " ".join(error.fields.values()), shows_submitted=True
    )


def _handle_forbidden(error: tracker_errors.Forbidden) -> tuple[str, int]:
    """Return the error page (403) for something that the user may not do."""
    return _render_error_page(403, _("Not allowed"), str(error), shows_submitted=True)


def _handle_stale_record(error: tracker_errors.StaleRecord) -> tuple[str, int]:
    """Return the page with the differences between the stored record and the submitted form."""
    db.session.rollback()
    record, rule, here = error.record, request.url_rule, request.full_path.rstrip("?")
    can_open = rule is not None and "GET" in (rule.methods or ())
    # Records that have a page; others (users, terms) have only the form.
    theirs = record_url(record) if hasattr(record, "ENDPOINT") else here
    typed_in = [
        (name, text)
        for name, text in request.form.items(multi=True)
        if name not in HIDDEN_FIELDS and outer_field_name(name) not in error.instead
    ]
    instead = [pair for pairs in error.instead.values() for pair in pairs]
    return render_template(
        "errors/stale.html",
        differences=error.differences,
        record=record,
        theirs=theirs,
        here=here,
        again=here if can_open else theirs,
        may_insist=error.may_insist,
        in_history=error.in_history,
        sent=[*typed_in, *instead] if error.may_insist else [],
    ), 409


def _handle_missing_audit_key(error: tracker_errors.AuditKeyMissing) -> tuple[str, int]:
    """Log that the key of the audit log is missing, and return the error page (503)."""
    log.error("%s", error)
    words = _(
        "The key that signs the audit log is not on the server. Nothing of this was stored; "
        "everything saved before is still there. Tell the administrator."
    )
    return _render_error_page(503, _("Nothing can be saved now"), words, shows_submitted=True)


def _handle_concurrent_save(error: Exception) -> tuple[str, int]:
    """Return the error page (409) for StaleDataError and IntegrityError: another save was first."""
    # Two saves at the same moment, of which the database accepted the first. Forms validate
    # everything else that a constraint checks.
    log.warning("overtaken by another save\n%s", tracker_errors.redacted_traceback(error))
    words = _("Somebody saved something at the same moment, and nothing of yours was stored.")
    return _render_error_page(409, _("Somebody saved this before you"), words, shows_submitted=True)


def _handle_http_error(error: HTTPException) -> tuple[str, int] | Response:
    """Return the error page for an HTTP error, or the response that it holds (a redirect)."""
    if error.response is not None or error.code is None or error.code < 400:  # noqa: PLR2004 (HTTP: redirects are no errors)
        return error.get_response()
    words = {
        400: _("The request could not be understood."),
        401: _("Sign in first."),
        403: _("Your account may not do this."),
        405: _("This address does not accept this kind of request."),
        CONTENT_TOO_LARGE: _("This is too large. Send less than 10 MB at once."),
    }
    if (
        error.code == CONTENT_TOO_LARGE
        and request.max_content_length == MAX_ANONYMOUS_REQUEST_BYTES
    ):
        words[CONTENT_TOO_LARGE] = _(
            "Sign in first: this is too large to be sent without signing in."
        )
    text = words.get(error.code, _("The request could not be answered."))
    return _render_error_page(error.code, _("Error %(code)d", code=error.code), text)


def _handle_storage_error(error: Exception) -> tuple[str, int]:
    """Return the error page for a lock timeout (503), a disk error (507) or another error (500)."""
    if is_lock_timeout(error):
        log.warning(
            "somebody else was saving for too long\n%s", tracker_errors.redacted_traceback(error)
        )
        words = _(
            "Somebody else was saving for too long, and nothing of yours was stored. "
            "Reload this page to send it again."
        )
        return _render_error_page(503, _("Somebody else is saving"), words, shows_submitted=True)
    # A read-only connection refuses to write as a full disk does: then it is a bug of ours.
    if not is_disk_error(error, reading=bool(db.session.info.get("reading"))):
        return _handle_unexpected_error(error)
    log.error("the disk is full or refuses to write\n%s", tracker_errors.redacted_traceback(error))
    words = _(
        "The disk of the tracker is full or refuses to write. Nothing of this was stored; "
        "everything saved before is still there. Tell the administrator."
    )
    return _render_error_page(507, _("The disk is full"), words, shows_submitted=True)


def _handle_unexpected_error(error: Exception) -> tuple[str, int]:
    """Log an unexpected error, and return the error page (500) with its reference in the log."""
    reference = secrets.token_hex(4)
    # The traceback is logged by its reference without messages; the page shows nothing of it.
    log.error("unforeseen error %s\n%s", reference, tracker_errors.redacted_traceback(error))
    words = _("Something went wrong. Nothing was saved. Reference: %(ref)s", ref=reference)
    return _render_error_page(500, _("Server error"), words, shows_submitted=True)


def _render_error_page(
    status: int, title: str, text: str, *, shows_submitted: bool = False
) -> tuple[str, int]:
    """Roll back and return an error page; `shows_submitted`: with the submitted text, to copy."""
    db.session.rollback()
    page = "errors/error.html"
    return render_template(
        page, title=title, text=text, status=status, shows_submitted=shows_submitted
    ), status
