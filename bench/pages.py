"""What pages cost with ten times as many incidents: the list, a search, a record, logging one.

    .venv/bin/python bench/pages.py [FEW] [MANY]

Seconds of one processor, the fastest of several rounds, over HTTP without a network. What decides
are ratios of one run: each page with many incidents against the same page with few, and the number
of its queries. Beside each stands how long SQLite takes for the same statements alone, by a bare
connection. Milliseconds are printed and decide nothing, since they differ more between machines,
and with their load, than between one version and the next; on a machine at rest a list and a search
should take 25, the page of a record 18, and logging an incident 15.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


from tests import databases
from tests.conftest import let_go, new_app
from tests.factories import PASSWORD, sign_in
from tests.journeys.browser import Browser
from tests.reports.many_made import write_many
from tests.statements import Statement, collected
from tracker.db import renew_statistics
from tracker.search.rules import normal_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from flask.testing import FlaskClient

FEW, MANY = 10_000, 100_000
ROUNDS = 7
MOST_GROWTH = 1.3
MOST_QUERIES = 15
SHOULD_TAKE = {"list": 25, "rare word": 25, "common word": 25, "record": 18, "logging": 15}
# One in so many incidents has the rare word; every one has the common one.
RARE_ONE_IN = 997
COMMON, RARE = "телефону", "нотариус"
NEXT_ENTRY = "(SELECT coalesce(max(id), 0) FROM search_entries)"


@dataclass(frozen=True, slots=True)
class Cost:
    """What one page took, and the statements it asked alone, in seconds."""

    page: float
    bare: float
    queries: int


def index_words(file: Path) -> None:
    """Put words of every incident into the search index."""
    common, rare = (" ".join(normal_words(word)) for word in (COMMON, RARE))
    with closing(sqlite3.connect(file)) as many, many:
        many.execute("PRAGMA synchronous = OFF")
        many.execute(
            "INSERT INTO search_entries (id, subject_table, subject_id, words) "
            f"SELECT {NEXT_ENTRY} + id, 'incidents', id, ? || ' дом' || (id % 900) "
            "|| CASE WHEN id % ? = 0 THEN ' ' || ? ELSE '' END FROM incidents "
            "WHERE id NOT IN (SELECT subject_id FROM search_entries "
            "WHERE subject_table = 'incidents')",
            (common, RARE_ONE_IN, rare),
        )
        many.execute("INSERT INTO search_words (search_words) VALUES ('rebuild')")


def took(act: Callable[[], object]) -> float:
    """Return the processor time of one act."""
    began = time.process_time()
    act()
    return time.process_time() - began


def cost_of(file: Path, statements: list[Statement], rounds: list[float]) -> Cost:
    """Return what a page took beside its statements alone, which are undone again."""

    def ask() -> None:
        bare.execute("BEGIN")
        for statement, values in statements:
            bare.execute(statement, values).fetchall()
        bare.execute("ROLLBACK")

    with closing(sqlite3.connect(file, isolation_level=None)) as bare:
        bare.execute("PRAGMA cache_size=-2000")
        alone = [took(ask) for _ in range(ROUNDS)]
    return Cost(min(rounds), min(alone), len(statements))


def measured(number: int) -> dict[str, Cost]:
    """Fill a database with so many incidents, and measure every page on it."""
    with databases.fresh("sqlite") as lent:
        file = Path(lent.url.removeprefix("sqlite:///"))
        many = file.with_suffix(".many")
        seed = new_app(lent)
        write_many(seed, number, many)
        let_go(seed)
        index_words(many)
        many.replace(file)
        app = new_app(lent)
        with app.app_context():
            renew_statistics()
        client = app.test_client()
        sign_in(client, "staff", PASSWORD)
        with closing(sqlite3.connect(file)) as reading:
            ref = reading.execute(
                "SELECT ref FROM incidents WHERE id = ?", (number // 2,)
            ).fetchone()[0]
            article = reading.execute("SELECT ref FROM articles LIMIT 1").fetchone()[0]
        pages = {
            "list": "/incidents/",
            "rare word": f"/incidents/?q={RARE}",
            "common word": f"/incidents/?q={COMMON}",
            "record": f"/incidents/{ref}/",
        }

        def read(address: str) -> None:
            assert client.get(address).status_code == HTTPStatus.OK

        found = {}
        for name, address in pages.items():
            read(address)
            rounds = [took(lambda at=address: read(at)) for _ in range(ROUNDS)]  # type: ignore[misc]  # a default binds it
            with app.app_context(), collected() as statements:
                read(address)
            found[name] = cost_of(file, statements, rounds)
        found["logging"] = logging_cost(app, client, article, file)
    return found


def logging_cost(app: Flask, client: FlaskClient, article: str, file: Path) -> Cost:
    """Measure how an incident is logged from an article by its form."""
    browser = Browser(client)
    rounds: list[float] = []
    asked: list[Statement] = []
    for number in range(ROUNDS):
        # Each form is taken once.
        browser.open(f"/incidents/new?article={article}")
        form, _button = browser._form_with("Save")  # noqa: SLF001 (what a browser would send)
        facts = browser._held(form) | {  # noqa: SLF001 (as above)
            "types": ["threat.death"],
            "quote": "1",
            "occurred-when": "2004-05",
            "country": "KZ",
            "targets-0-who-name": f"Гульнара Новая {number}",
        }

        def log(facts: dict[str, object] = facts) -> None:
            answer = client.post(browser.address, data=facts)
            assert answer.status_code == HTTPStatus.SEE_OTHER, answer.text

        with app.app_context(), collected() as statements:
            rounds.append(took(log))
        asked = statements
    reading = [one for one in asked if one[0].lstrip().startswith("SELECT")]
    return cost_of(file, reading, rounds)


def judged(few: dict[str, Cost], many: dict[str, Cost], more: float) -> bool:
    """Print what was found of so many times more incidents, and say whether it is within bounds."""
    is_kept = True
    for name, cost in many.items():
        growth = cost.page / few[name].page
        fits = growth <= MOST_GROWTH and (name != "record" or cost.queries <= MOST_QUERIES)
        is_kept &= fits
        print(
            f"pages: {name}: {growth:.2f} times as long with {more:.0f} times as many, at most "
            f"{MOST_GROWTH}; {cost.queries} queries"
            f"{f', at most {MOST_QUERIES}' if name == 'record' else ''}; "
            f"{cost.page / cost.bare:.1f} times bare SQL ({few[name].page * 1000:.1f} and "
            f"{cost.page * 1000:.1f} ms, should take {SHOULD_TAKE[name]}; bare SQL "
            f"{few[name].bare * 1000:.1f} and {cost.bare * 1000:.1f})"
            f"{'' if fits else '  MISSED'}"
        )
    return is_kept


def main() -> int:
    """Measure both sizes, and compare."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("few", nargs="?", type=int, default=FEW)
    parser.add_argument("many", nargs="?", type=int, default=MANY)
    asked = parser.parse_args()
    folder = databases.make_folder()
    try:
        few, many = measured(asked.few), measured(asked.many)
    finally:
        databases.remove_folder(folder)
    return 0 if judged(few, many, asked.many / asked.few) else 1


if __name__ == "__main__":
    sys.exit(main())
