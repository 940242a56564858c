"""Decorators that declare what permission views require, which `users/gate.py` checks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import Flask, abort
from flask_login import current_user

from tracker.errors import Forbidden
from tracker.i18n import _
from tracker.permissions import Actor, OwnedRecord, Permission, can_edit

View = TypeVar("View", bound="Callable[..., Any]")  # a view function, returned by its decorator

# Views that anonymous clients may open; all others need `@require_permission`.
PUBLIC_ENDPOINTS = frozenset(
    {
        "static", "users.sign_in", "users.sign_in_link", "operating.health",
        "operating.choose_language", "operating.leave", "operating.ready",
        "cases.calendar",
    }
)  # fmt: skip


def require_permission(
    permission: Permission, *, fresh: bool = False, confidential: bool = False
) -> Callable[[View], View]:
    """Decorate a view with the permission that it requires. `fresh`: the user must have entered the
    password within the last 15 minutes, or enters it again; `confidential`: this too, and the
    view may read and write confidential rows. The view itself must reject users who are not staff
    of the record's team.
    """

    def mark(view: View) -> View:
        view.requires = permission  # type: ignore[attr-defined]
        view.fresh = fresh or confidential  # type: ignore[attr-defined]
        view.confidential = confidential  # type: ignore[attr-defined]
        return view

    return mark


def shows_filter_errors(view: View) -> View:
    """Decorate the view of a list. If the filter has invalid values, the list is shown as without
    these values, with the errors at their fields. Without the decorator, an error page is shown.
    """
    view.shows_filter_errors = True  # type: ignore[attr-defined]
    return view


def current_actor() -> Actor:
    """Return the signed-in user, whom views pass to services as `by`; abort with 401 if none."""
    if not current_user.is_authenticated:
        abort(401)
    return cast("Actor", current_user.user)


def require_editor(record: OwnedRecord, *, retracted: bool = False) -> None:
    """Raise Forbidden unless the user may edit a record. `retracted`: whether a retracted record
    is allowed.
    """
    if not can_edit(current_actor(), record):
        raise Forbidden(_("Only staff of the team that keeps this record may change it."))
    if _is_retracted(record) and not retracted:
        raise Forbidden(_("This record is retracted: a monitor must bring it back first."))


def init_app(app: Flask) -> None:
    """Make `can_edit(record)` available to templates."""
    app.jinja_env.globals["can_edit"] = _can_edit


def _can_edit(record: OwnedRecord) -> bool:
    """Return whether the signed-in user may edit a record, which must not be retracted."""
    return can_edit(current_actor(), record) and not _is_retracted(record)


def _is_retracted(record: OwnedRecord) -> bool:
    """Return whether a record is of a kind that can be retracted, and is retracted."""
    # Of all that a team owns, only records can be retracted.
    return bool(getattr(record, "is_retracted", False))
