"""What pages cost with ten times as many incidents: lists, a record, figures, logging one.

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
import gc
import sqlite3
import sys
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


from collections.abc import Callable, Iterator

from flask import Flask
from flask.testing import FlaskClient

from tests import databases
from tests.conftest import let_go, new_app
from tests.factories import PASSWORD, as_user, sign_in
from tests.journeys.browser import Browser
from tests.reports.many_made import write_many, write_others
from tests.statements import collected
from tracker.audit.queries import cache_slot
from tracker.db import db, renew_statistics
from tracker.permissions import Role
from tracker.reports.filters import MonthlyFilter
from tracker.reports.monthly.queries import monthly_tables
from tracker.reports.monthly.service import figures_digest, publish_month
from tracker.scoping import viewing_as_all_users
from tracker.search.index import normalized_words
from tracker.serving import GC_THRESHOLD
from tracker.timelines.figures_service import check_figures

FEW, MANY = 10_000, 100_000
ROUNDS = 15
# Of ten times as many incidents as many cases are open, and each month has ten times as many.
# Figures are counted at the first view after a change (decision 48), which is measured beside the
# other views: of home and the register, which count all incidents or fake accounts, it is only kept
# from growing faster than 5.
MOST_GROWTH = {
    "cases by status": 2.0, "inbox": 2.0, "published month": 2.0, "charts": 2.0, "home": 2.0,
    "register": 2.0, "published month after a change": 2.0, "charts after a change": 2.0,
    "home after a change": 5.0, "register after a change": 5.0,
}  # fmt: skip
MOST_GROWTH_OF_OTHERS = 1.3
MOST_QUERIES = 15
SHOULD_TAKE = {
    "list": 25, "rare word": 25, "common word": 25, "record": 18, "cases by status": 60,
    "home": 60, "inbox": 60, "register": 60, "published month": 60, "charts": 150, "logging": 15,
}  # fmt: skip
AFTER_CHANGE = " after a change"
# So many incidents have the rare word, of few as of many: both pages then show as many rows. Every
# one has the common word.
RARE_INCIDENTS = 100
# A new person each time, whose name is like no other's.
LETTERS = "абвгдежзиклмнопрст"
COMMON, RARE = "телефону", "нотариус"
NEXT_ENTRY = "(SELECT coalesce(max(id), 0) FROM search_entries)"


@dataclass(frozen=True, slots=True)
class Cost:
    """What one page took, and the statements it asked alone, in seconds."""

    page: float
    bare: float
    queries: int


@dataclass(frozen=True, slots=True)
class Filled:
    """A tracker with so many incidents, and somebody of staff signed in."""

    app: Flask
    client: FlaskClient
    file: Path
    addresses: dict[str, str]
    article: str

    def page(self, name: str) -> Callable[[], None]:
        """Return the act of opening a page, counted anew if the name ends with `AFTER_CHANGE`."""

        def read() -> None:
            if name.endswith(AFTER_CHANGE):
                cache_slot.cache_clear()
            assert self.client.get(self.addresses[name]).status_code == HTTPStatus.OK

        return read

    def logging(self, number: int) -> Callable[[], None]:
        """Open the form of a new incident, which is taken once; return the act of saving it."""
        browser = Browser(self.client)
        browser.open(f"/incidents/new?article={self.article}")
        form, _button = browser._form_with("Save")  # noqa: SLF001 (what a browser would send)
        fields = browser._held(form) | {  # noqa: SLF001 (as above)
            "types": ["threat.death"],
            "quote": "1",
            "occurred-when": "2004-05",
            "country": "KZ",
            "targets-0-who-name": f"Гульнара {LETTERS[number] * 6}",
        }

        def log() -> None:
            answer = self.client.post(browser.address, data=fields)
            assert answer.status_code == HTTPStatus.SEE_OTHER

        return log

    def cost(self, rounds: list[float], act: Callable[[], None]) -> Cost:
        """Return what an act took beside its queries alone."""
        with self.app.app_context(), collected() as statements:
            act()
        queries = [one for one in statements if one[0].lstrip().startswith(("SELECT", "WITH"))]
        with closing(sqlite3.connect(self.file)) as bare:
            bare.execute("PRAGMA cache_size=-2000")

            def ask() -> None:
                for statement, values in queries:
                    bare.execute(statement, values).fetchall()

            alone = [took(ask) for _ in range(ROUNDS)]
        return Cost(min(rounds), min(alone), len(statements))


def index_words(file: Path, number: int) -> None:
    """Put words of each of so many incidents into the search index."""
    common, rare = (" ".join(normalized_words(word)) for word in (COMMON, RARE))
    with closing(sqlite3.connect(file)) as many, many:
        many.execute("PRAGMA synchronous = OFF")
        many.execute(
            "INSERT INTO search_entries (id, subject_table, subject_id, words) "
            f"SELECT {NEXT_ENTRY} + id, 'incidents', id, ? || ' дом' || (id % 900) "
            "|| CASE WHEN id % ? = 0 THEN ' ' || ? ELSE '' END FROM incidents "
            "WHERE id NOT IN (SELECT subject_id FROM search_entries "
            "WHERE subject_table = 'incidents')",
            (common, number // RARE_INCIDENTS, rare),
        )
        many.execute("INSERT INTO search_words (search_words) VALUES ('rebuild')")


@contextmanager
def filled(number: int) -> Iterator[Filled]:
    """Lend a tracker with so many incidents."""
    file = databases.folder_of_run() / f"incidents_{number}.db"
    with databases.fresh("sqlite") as lent:
        seed = new_app(lent)
        write_many(seed, number, file)
        let_go(seed)
        index_words(file, number)
        app = new_app(lent, database_url=f"sqlite:///{file}")
    write_others(app, number, file)
    with app.app_context():
        for _counted in check_figures(repair=True):
            db.session.commit()
        renew_statistics()
    publish_last_month(app)
    client = app.test_client()
    sign_in(client, "staff", PASSWORD)
    with closing(sqlite3.connect(file)) as reading:
        middle = (number // 2,)
        ref = reading.execute("SELECT ref FROM incidents WHERE id = ?", middle).fetchone()[0]
        article = reading.execute("SELECT ref FROM articles LIMIT 1").fetchone()[0]
    addresses = {
        "list": "/incidents/",
        "rare word": f"/incidents/?q={RARE}",
        "common word": f"/incidents/?q={COMMON}",
        "record": f"/incidents/{ref}/",
        "cases by status": "/cases-by-status",
        "home": "/",
        "inbox": "/intake/",
        "register": "/fake-accounts/register",
        "published month": "/reports/monthly?shared=yes",
        "charts": "/charts",
    }
    addresses |= {
        one: addresses[one.removesuffix(AFTER_CHANGE)]
        for one in MOST_GROWTH
        if one.endswith(AFTER_CHANGE)
    }
    yield Filled(app, client, file, addresses, article)
    let_go(app)


def publish_last_month(app: Flask) -> None:
    """Publish the figures of the last month that is over."""
    filters = MonthlyFilter.from_args({"shared": "yes"})
    with as_user(app, "monitor", Role.MONITOR) as monitor:
        with viewing_as_all_users():
            read = figures_digest(monthly_tables(filters))
        publish_month(filters, read=read, by=monitor)
        db.session.commit()


def took(act: Callable[[], object]) -> float:
    """Return the processor time of one act."""
    began = time.process_time()
    act()
    return time.process_time() - began


def measured(few: Filled, many: Filled) -> Iterator[tuple[str, Cost, Cost]]:
    """Measure each page with few and with many incidents, in turns: no machine is equally quick
    all the time.
    """
    for name in few.addresses:
        acts = few.page(name), many.page(name)
        for act in acts:
            act()
        rounds = [(took(acts[0]), took(acts[1])) for _ in range(ROUNDS)]
        yield name, *costs(few, many, rounds, acts)
    rounds = [(took(few.logging(one)), took(many.logging(one))) for one in range(ROUNDS)]
    yield "logging", *costs(few, many, rounds, (few.logging(ROUNDS), many.logging(ROUNDS)))


def costs(
    few: Filled,
    many: Filled,
    rounds: list[tuple[float, float]],
    acts: tuple[Callable[[], None], Callable[[], None]],
) -> tuple[Cost, Cost]:
    """Return what an act took with few and with many incidents."""
    took_few, took_many = map(list, zip(*rounds, strict=True))
    return few.cost(took_few, acts[0]), many.cost(took_many, acts[1])


def is_within_bounds(name: str, few: Cost, many: Cost, more: float) -> bool:
    """Print what a page costs with so many times more incidents, and say whether it may."""
    growth, most = many.page / few.page, MOST_GROWTH.get(name, MOST_GROWTH_OF_OTHERS)
    wanted = SHOULD_TAKE[name.removesuffix(AFTER_CHANGE)]
    fits = growth <= most and (name != "record" or many.queries <= MOST_QUERIES)
    print(
        f"pages: {name}: {growth:.2f} times as long with {more:.0f} times as many, at most "
        f"{most}; {many.queries} queries"
        f"{f', at most {MOST_QUERIES}' if name == 'record' else ''}; "
        f"{many.page / many.bare:.1f} times bare SQL ({few.page * 1000:.1f} and "
        f"{many.page * 1000:.1f} ms, should take {wanted}; bare SQL "
        f"{few.bare * 1000:.1f} and {many.bare * 1000:.1f})"
        f"{'' if fits else '  MISSED'}"
    )
    return fits


def main() -> int:
    """Measure both sizes, and compare."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("few", nargs="?", type=int, default=FEW)
    parser.add_argument("many", nargs="?", type=int, default=MANY)
    asked = parser.parse_args()
    folder = databases.make_folder()
    try:
        with filled(asked.few) as few, filled(asked.many) as many:
            more = asked.many / asked.few
            # As the server does it.
            gc.freeze()
            gc.set_threshold(GC_THRESHOLD)
            found = [is_within_bounds(*one, more) for one in measured(few, many)]
    finally:
        databases.remove_folder(folder)
    return 0 if all(found) else 1


if __name__ == "__main__":
    sys.exit(main())
