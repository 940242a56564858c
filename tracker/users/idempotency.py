"""Idempotent forms: each form has a key, stored together with what the form saves.

The key is the first row that a request writes. So if two requests submit the same form at once, the
second waits for the first (one transaction writes at a time, see `db.py`) and then redirects to the
result of the first. If nothing is saved, the key is not stored either.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from flask import Flask, abort, current_app, flash, g, has_app_context, redirect, request
from flask_login import current_user
from sqlalchemy import Update, bindparam, delete, event, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from tracker import clock
from tracker.bulk_insert import table_of
from tracker.db import TrackerSession, current_engines, db, write_transaction
from tracker.errors import redacted_traceback
from tracker.i18n import _
from tracker.users.models import Submission, hash_token
from tracker.web.forms import IDEMPOTENCY_FIELD
from tracker.web.guards import PUBLIC_ENDPOINTS
from tracker.web.saving import SEE_OTHER, is_local_path

log = logging.getLogger(__name__)
# The table of form keys (see `SubmissionKey`), which are written without objects of the model.
SUBMISSIONS_TABLE = table_of(Submission)
# How long the key of a submitted form is stored.
KEY_LIFETIME = timedelta(days=2)
# If the hash of a new form key begins with this, as one in 256 does, all old keys are deleted.
CLEANUP_KEY_HASH_PREFIX = "00"
MAX_ADDRESS_LENGTH = 500  # characters of the address of a form's result


@dataclass(slots=True)
class SubmissionKey:
    """The key of a form that a request submits. The same form has the same key when it is submitted
    again, and is then not saved again. The key is hashed together with the id of the user.
    """

    key_hash: str
    user_id: int
    # In the open transaction; and permanently once that is committed.
    is_in_transaction: bool = False
    is_committed: bool = False
    result_url: str = ""

    @classmethod
    def for_user(cls, key: str, user_id: int) -> SubmissionKey:
        """Return a form's key bound to a user, so that nobody can test for another user's key."""
        return cls(hash_token(f"{user_id}:{key}"), user_id)

    def claim(self) -> bool:
        """Store the key in the open transaction; return whether it was new."""
        claimed = db.session.scalar(
            _claim_statement(current_engines().writing.dialect.name),
            {"key_hash": self.key_hash, "user_id": self.user_id},
        )
        self.is_in_transaction = claimed is not None
        return self.is_in_transaction

    def claim_in_transaction(self) -> None:
        """Store the key in the open transaction, unless it is stored already. If another request
        stored it in the meantime, end this request: raise an HTTPException that redirects to the
        result of the other one.
        """
        if not self.is_in_transaction and not self.is_committed and not self.claim():
            abort(self.redirect_to_result())

    def set_result_url(self, address: str) -> None:
        """Store the address of the form's result, in the transaction about to be committed."""
        self.claim_in_transaction()
        self.result_url = address[:MAX_ADDRESS_LENGTH] if is_local_path(address) else ""
        db.session.execute(
            _result_url_statement(), {"claimed": self.key_hash, "address": self.result_url}
        )

    def redirect_to_result(self) -> Response:
        """Return a redirect to the result of the first submission."""
        found = select(Submission.location).where(Submission.key_hash == self.key_hash)
        address = db.session.scalar(found) or "/"
        own = getattr(current_app.view_functions[str(request.endpoint)], "sent_again", None)
        saved = _("This form was saved already. Here is what it saved; nothing was saved twice.")
        flash((own and own()) or saved)
        return redirect(address, code=SEE_OTHER)

    def finish(self, response: Response) -> None:
        """Store the address to which the response redirects, if none is stored yet. If the response
        does not redirect, delete the key, so that the form can be submitted again.
        """
        if not self.is_committed or self.result_url:
            return
        # Ends the read transaction, which would block the write below.
        db.session.rollback()
        with write_transaction() as session:
            if response.status_code == SEE_OTHER and is_local_path(response.location or ""):
                self.result_url = str(response.location)[:MAX_ADDRESS_LENGTH]
                session.execute(
                    _result_url_statement(), {"claimed": self.key_hash, "address": self.result_url}
                )
            else:
                # The request stored something, such as a refusal in the audit log, but not what the
                # user submitted.
                session.execute(delete(Submission).where(Submission.key_hash == self.key_hash))


@cache
def _claim_statement(dialect: str) -> Any:  # noqa: ANN401 (SQLAlchemy's own type says no more)
    """Return the statement that inserts a key, and returns the key only if it was not stored yet.

    `dialect`: the name of the SQLAlchemy dialect.
    """
    insert: Any = sqlite.insert if dialect == "sqlite" else postgresql.insert
    kept = insert(SUBMISSIONS_TABLE).on_conflict_do_nothing(
        index_elements=[SUBMISSIONS_TABLE.c.key_hash]
    )
    return kept.returning(SUBMISSIONS_TABLE.c.key_hash)


@cache
def _result_url_statement() -> Update:
    """Return the statement that sets the result address of a key."""
    of_key = update(SUBMISSIONS_TABLE).where(SUBMISSIONS_TABLE.c.key_hash == bindparam("claimed"))
    return of_key.values(location=bindparam("address"))


def init_app(app: Flask) -> None:
    """Store the form key before every view, after access is checked."""
    app.before_request(_claim_key)
    app.after_request(_finish_submission)


def _claim_key() -> Response | None:
    """Store the key of a submitted form; return a redirect if it was submitted before."""
    if request.method != "POST" or request.endpoint in {None, *PUBLIC_ENDPOINTS}:
        return None
    if not current_user.is_authenticated or db.session.info["reading"]:
        return None
    key = request.form.get(IDEMPOTENCY_FIELD, "")
    if not key:
        return None
    claim = SubmissionKey.for_user(key, current_user.user.id)
    if not claim.claim():
        return claim.redirect_to_result()
    if claim.key_hash.startswith(CLEANUP_KEY_HASH_PREFIX):
        old = Submission.at < clock.utc_now() - KEY_LIFETIME
        db.session.execute(delete(Submission).where(old))
    g.claim = claim
    return None


def _finish_submission(response: Response) -> Response:
    """Store to which address a saved form led, and return the response unchanged."""
    claim: SubmissionKey | None = g.get("claim")
    if claim is not None:
        try:
            claim.finish(response)
        except SQLAlchemyError as error:
            # The change itself is stored, so the response is sent unchanged.
            log.warning("it was not noted where a form leads\n%s", redacted_traceback(error))
    return response


@event.listens_for(TrackerSession, "after_commit")
def _mark_key_stored(_session: TrackerSession) -> None:
    """Note after a commit that the key of the request is stored permanently."""
    claim: SubmissionKey | None = g.get("claim") if has_app_context() else None
    if claim is not None:
        claim.is_committed, claim.is_in_transaction = (
            claim.is_committed or claim.is_in_transaction,
            False,
        )


@event.listens_for(TrackerSession, "after_rollback")
def _release_key(_session: TrackerSession) -> None:
    """Note after a rollback that the key of the request is not stored in the open transaction."""
    claim: SubmissionKey | None = g.get("claim") if has_app_context() else None
    if claim is not None:
        claim.is_in_transaction = False
