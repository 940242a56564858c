"""Noting in the trail that somebody took a takedown dossier."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.audit.service import record_event
from tracker.db import write_transaction

if TYPE_CHECKING:
    from tracker.permissions import Actor


def note_dossier(ref: str, *, by: Actor) -> None:
    """Write down who takes the dossier of an account, before it leaves.

    In a transaction of its own: the request that asks is a GET, which only reads.
    """
    with write_transaction() as session:
        record_event("fake_account:dossier", ref, by=by, session=session)
