"""A writer for the power cut: one entry of the trail a transaction, each acknowledged when kept.

Run as a program, traced: `python -m tests.durability.acknowledging FILE HOW_MANY SYNCHRONOUS`.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tests.conftest import new_app
from tests.databases import Database
from tracker.audit.service import record_event
from tracker.db import current_engines, db
from tracker.users.service import get_or_create_console_user

ACKNOWLEDGED = "acknowledged"


def write(file: Path, how_many: int, synchronous: str) -> None:
    app = new_app(Database("sqlite", f"sqlite:///{file}"), instance=file.parent)
    with app.app_context():
        if synchronous:
            sa.event.listen(current_engines().writing, "connect", _weaker(synchronous))
        told = os.open(file.with_name(ACKNOWLEDGED), os.O_WRONLY | os.O_CREAT)
        for number in range(1, how_many + 1):
            record_event("case:edit", f"CUT-{number}", by=get_or_create_console_user())
            db.session.commit()
            os.write(told, f"{number}\n".encode())
    # As a machine that loses its power: nothing is closed, and no log is folded into the database.
    os._exit(0)


def _weaker(synchronous: str) -> Any:
    def listen(connection: Any, _record: object) -> None:
        # Else the connection refuses to be set up otherwise.
        connection.set_authorizer(None)
        connection.execute(f"PRAGMA synchronous={synchronous}")

    return listen


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else "")
