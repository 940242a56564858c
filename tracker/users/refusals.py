"""Every refusal goes into the trail: who was not let where, once a minute."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from flask import request
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from tracker import clock
from tracker.audit.models import AuditEvent
from tracker.audit.service import record_event
from tracker.db import db, write_transaction
from tracker.errors import KeyMissing, trace_of
from tracker.users.queries import user_named
from tracker.web.filters import REF

if TYPE_CHECKING:
    from flask import Flask, Response

log = logging.getLogger(__name__)
REFUSED = "access:refuse"
FORBIDDEN = 403
NOTED_EVERY = timedelta(minutes=1)


def init_app(app: Flask) -> None:
    """Look at every answer that leaves."""
    app.after_request(_note)


def _note(response: Response) -> Response:
    if response.status_code != FORBIDDEN or not current_user.is_authenticated:
        return response
    name, endpoint = current_user.user.name, str(request.endpoint)
    ref = str((request.view_args or {}).get("ref", ""))
    # Nothing of an address is written down but what can be a ref: the rest was typed.
    changes = {"ref": ref} if REF.fullmatch(ref) else {}
    # The page was rendered in a transaction, which may hold the lock that this one needs.
    db.session.rollback()
    try:
        _write(name, endpoint, changes)
    except (SQLAlchemyError, KeyMissing) as error:
        # It is refused all the same.
        log.warning("a refusal could not be written down\n%s", trace_of(error))
    return response


def _write(name: str, endpoint: str, changes: dict[str, str]) -> None:
    noted = select(AuditEvent.sequence).where(
        AuditEvent.actor == name,
        AuditEvent.action == REFUSED,
        AuditEvent.subject == endpoint,
        AuditEvent.at > clock.now() - NOTED_EVERY,
    )
    with write_transaction() as writing:
        user = user_named(writing, name)
        if user is not None and writing.scalars(noted.limit(1)).first() is None:
            record_event(REFUSED, endpoint, by=user, changes=changes, session=writing)
