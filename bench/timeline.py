"""The timeline of a journalist with 5,000 entries takes at most 2.5 times as long as one with 500.

    .venv/bin/python bench/timeline.py

Both pages are asked for as a signed-in person would, on SQLite. Prints the ratio; fails where it is
too high.
"""

from __future__ import annotations

import sys
import time
from http import HTTPStatus
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from flask.testing import FlaskClient

from tests import databases
from tests.conftest import new_app
from tests.factories import as_user, make_article, make_journalist, sign_in
from tests.timelines.many_made import add_entries
from tracker.db import db

MOST = 2.5
FEW, MANY = 500, 5_000
ROUNDS = 5


def fastest(client: FlaskClient, address: str) -> float:
    """Return the processor time of the fastest of several rounds."""
    rounds = []
    for _ in range(ROUNDS):
        began = time.process_time()
        assert client.get(address).status_code == HTTPStatus.OK
        rounds.append(time.process_time() - began)
    return min(rounds)


def main() -> int:
    """Measure both pages, and compare."""
    folder = databases.make_folder()
    try:
        with databases.fresh("sqlite") as lent:
            app = new_app(lent)
            addresses = {}
            with as_user(app) as by:
                source = make_article(by=by)
                for number in (FEW, MANY):
                    journalist = make_journalist(f"Asem of the {number}", by=by)
                    add_entries(number, journalist, cites=source, by=by)
                    addresses[number] = f"/journalists/{journalist.ref}/timeline"
                db.session.commit()
            client = app.test_client()
            sign_in(client, "staff")
            took = {number: fastest(client, address) for number, address in addresses.items()}
    finally:
        databases.remove_folder(folder)
    ratio = took[MANY] / took[FEW]
    print(
        f"timeline: {ratio:.2f} times as long for {MANY} entries, at most {MOST} "
        f"({took[FEW] * 1000:.0f} ms and {took[MANY] * 1000:.0f} ms)"
    )
    return 0 if ratio <= MOST else 1


if __name__ == "__main__":
    sys.exit(main())
