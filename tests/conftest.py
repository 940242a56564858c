"""Fixtures of all tests: a fresh database, the application on it, a client, a command runner."""

from __future__ import annotations

import gc
import os
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import AbstractContextManager, contextmanager
from copy import deepcopy
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import hypothesis
import jinja2
import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy import Connection, create_engine, func, make_url, select

from tests import databases
from tests.databases import Database
from tests.factories import sign_in_directly
from tests.nightly import IS_NIGHT
from tracker import create_app, parsing
from tracker.audit.models import AuditEvent
from tracker.audit.queries import cache_slot
from tracker.config import Settings
from tracker.db import WRITE_LOCK_ID, db
from tracker.users import passwords

T = TypeVar("T")
KIND = "database_kind"
# What a test measured: a property of its report, printed at the end of the run.
FIGURE = "figure"
LONG = frozenset({"safety", "durability", "operating"})
# Tests that also run on the second database by day: those on SQL dialects, and on roles, locks,
# files and migrations.
DIALECTS = (
    "tests/test_*.py", "*/architecture/*", "*/audit/*", "*/durability/*", "*/journeys/*",
    "*/migrations/*", "*/operating/*", "*/sample/*", "*/search/*", "test_erasure.py",
    "test_figures.py", "test_incidents_csv.py", "test_export_log.py", "test_response_record.py", "test_list.py", "test_*_list.py",
    "test_package.py",
    "test_open_cases.py", "test_races.py", "test_rows_file.py", "test_throttle.py", "test_twice.py",
    "test_weak_roles.py",
)  # fmt: skip
# Tests that `make prove` runs and `make test` does not, with the reason; as the second database.
PROOFS = {
    "*/attacks/*": "attacks: thousands of tries",
    "*/chromium/*": "a real browser: every page met is laid out and judged",
    "*/durability/*": "crashes: processes are killed, disks are full",
    "*/safety/*": "who sees what: every page is asked for everybody",
    "test_stale.py": "every form of every page is sent on an old version",
    "test_foreign_edits.py": "every form of every page is sent by another team",
    "test_erasure.py": "who sees what: the bytes of the database are searched",
    "*/incidents/test_naming.py": "who sees what: every page and file is searched for a name",
    "*/audit/test_*proof.py": "attacks: every table is changed behind the audit log",
    "*/audit/test_keys.py": "attacks: the keys of the audit log are taken away from servers",
    "test_hostile_files.py": "attacks: files and texts that want minutes or all memory",
    "*/intake/test_confirming_safely.py": "attacks: everything that the confirm page may be sent",
    "*/intake/test_confirming_limits.py": "attacks: more than the confirm page has room for",
    "*/intake/test_confirm_page.py": "a page of hundreds of fields; test_confirming.py is its short form",
    "*/intake/test_hurried_save.py": "reads and saves all labelled articles",
    "*/reader/test_scores.py": "reads all labelled articles",
    "test_loading.py": "writes whole packages and reads them again",
    "*/migrations/*": "upgrades a database of every version",
    "*/journeys/*": "the work of many people at once",
    "*/operating/*": "starts servers, waits for them, restores backups",
    "*/setup/*": "installs, and starts servers",
    "tests/test_parsing.py": "waits until processes are killed",
}
# Quick tests in folders of proofs.
QUICK = ("*/safety/test_asvs_accounts.py",)
# Names of module settings for other sizes, or more examples, at night.
SIZED = re.compile(r"tests\.nightly|tests\.attacks|hypothesis")
SECRET = "ab2f8e15c7904d63b1e05f7a"
AUDIT_KEY = "c4d01b7e93a85f26" * 4
# No deadline: the time of one example depends on the machine rather than on the code.
hypothesis.settings.register_profile("quick", deadline=None, max_examples=50)
hypothesis.settings.register_profile("nightly", deadline=None, max_examples=2000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))

folder_key = pytest.StashKey[Path]()


@pytest.fixture(scope="session", autouse=True)
def _turns_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Let several test runs at once parse without waiting for one another."""
    parsing._slots.folder = tmp_path_factory.mktemp("turns")


@pytest.fixture(scope="session", autouse=True)
def _each_password_judged_once() -> Iterator[None]:
    """Judge a password once per worker: nearly every test makes a user with the same one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_is_common_password", cache(passwords._is_common_password))
        yield


@pytest.fixture(autouse=True)
def _figures_counted_anew() -> None:
    """Count all figures anew in each test: some change the rules or the rows past the log."""
    cache_slot.cache_clear()


@pytest.fixture(params=databases.KINDS)
def database_kind(request: pytest.FixtureRequest) -> str:
    """Run a test once on each database; a test without a database runs once."""
    return str(request.param)


@pytest.fixture
def database(database_kind: str) -> Iterator[Database]:
    """Provide a migrated database."""
    with databases.fresh(database_kind) as lent:
        yield lent


@pytest.fixture
def empty_database(database_kind: str) -> Iterator[Database]:
    """Provide a database without tables, for tests of the migrations."""
    with databases.fresh(database_kind, migrated=False) as lent:
        yield lent


@pytest.fixture
def make_app(database: Database) -> Iterator[Callable[..., Flask]]:
    """Return a function that makes applications on the test's database, with any settings."""
    made: list[Flask] = []

    def make(**settings: Any) -> Flask:
        made.append(new_app(database, **settings))
        return made[-1]

    yield make
    for app in made:
        let_go(app)


@pytest.fixture
def app(database: Database) -> Iterator[Flask]:
    """Provide the application of this worker and database, unchanged.

    It is made once: its routes, compiled SQL and templates serve every test, each of which has a
    fresh database at the same address.
    """
    if database.url not in _apps:
        _apps[database.url] = new_app(database)
    app = _apps[database.url]
    changeable: list[MutableMapping[str, Any]] = [
        app.view_functions, app.config, app.jinja_env.globals
    ]  # fmt: skip
    before = [dict(one) for one in changeable]
    yield app
    for one, kept in zip(changeable, before, strict=True):
        one.clear()
        one.update(kept)
    let_go(app)


_apps: dict[str, Flask] = {}


def new_app(database: Database, **settings: Any) -> Flask:
    compiled = databases.folder_of_run() / "templates"
    compiled.mkdir(exist_ok=True)
    # One for each worker: another worker's tests may close the tracker meanwhile.
    instance = databases.folder_of_run() / f"instance_{databases.worker()}"
    instance.mkdir(exist_ok=True)
    given: dict[str, Any] = {
        "database_url": database.url,
        "low_database_url": database.low_url,
        "export_database_url": database.export_url,
        "secret_key": SECRET * 2,
        "audit_key": AUDIT_KEY,
        "instance": instance,
        "load_sample": False,
        # So that its page is tried like every other one; nothing is sent without the command.
        "smtp_url": "smtp://localhost:1",
        "mail_from": "tracker@example.org",
        # The cheapest that argon2 allows: the tests do not measure hashing.
        "password_time_cost": 1,
        "password_memory_kib": 8,
        "password_lanes": 1,
        "testing": True,
    }
    app = create_app(Settings(**(given | settings)))
    app.jinja_env.bytecode_cache = jinja2.FileSystemBytecodeCache(str(compiled))
    for engine in _engines_of(app):
        engine._compiled_cache = _compiled
    return app


def _engines_of(app: Flask) -> list[Any]:
    found = app.extensions["tracker_engines"]
    return [getattr(found, one.name) for one in fields(found)]


class _CompiledOnce(dict[Any, Any]):
    """The compiled SQL of every statement of a process, shared between engines of the same
    database.

    SQLAlchemy compiles it again for each engine, of which every application has five.
    """

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(self._of_kind(key), default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        super().__setitem__(self._of_kind(key), compiled)

    @staticmethod
    def _of_kind(key: Any) -> Any:
        dialect, *rest = key
        return (dialect.name, *rest)


_compiled = _CompiledOnce()


def prepared(app: Flask, name: str, make: Callable[[], T]) -> T:
    """Return the result of `make`, with its rows in the empty database of the test.

    On SQLite it is called once per worker; later tests get a copy of the file.
    """
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(AuditEvent)) == 0
    address = make_url(app.config["TRACKER"].database_url)
    if address.drivername != "sqlite":
        return make()
    file = Path(str(address.database))
    kept = file.with_name(f"{file.stem}.{name}.kept")
    let_go(app)
    if kept in _prepared:
        shutil.copyfile(kept, file)
    else:
        _prepared[kept] = make()
        let_go(app)
        shutil.copyfile(file, kept)
    found: T = deepcopy(_prepared[kept])
    return found


_prepared: dict[Path, Any] = {}


def prepared_and_signed_in(client: FlaskClient, name: str, make: Callable[[Flask], T]) -> T:
    """Return the result of `make` as `prepared` does, and sign in the staff member that it made."""
    app = client.application

    def signed_in() -> tuple[T, str]:
        made = make(app)
        sign_in_directly(client, "staff")
        cookie = client.get_cookie("tracker")
        assert cookie
        return made, cookie.value

    made, cookie = prepared(app, name, signed_in)
    client.set_cookie("tracker", cookie)
    return made


def let_go(app: Flask) -> None:
    """Close an application's connections to a database that is about to be deleted."""
    cache_slot.cache_clear()
    with app.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture
def somebody_saves(
    app: Flask, database: Database, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], AbstractContextManager[Connection]]:
    """Return a context manager that holds the write lock, with short timeouts for others."""

    @contextmanager
    def saving() -> Iterator[Connection]:
        monkeypatch.setattr("tracker.db.BUSY_TIMEOUT_MS", 100)
        let_go(app)
        other = create_engine(database.url)
        with other.connect() as connection:
            lock = f"SELECT pg_advisory_xact_lock({WRITE_LOCK_ID})"
            is_sqlite = database.kind == "sqlite"
            connection.exec_driver_sql("BEGIN IMMEDIATE" if is_sqlite else lock)
            yield connection
        other.dispose()
        let_go(app)

    return saving


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    return app.test_cli_runner()


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.stash[folder_key] = databases.make_folder()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Skip importing the tests that `make test` leaves to `make prove`."""
    return (config.option.markexpr == "not proof" and bool(why_proof(collection_path))) or None


@cache
def why_proof(path: Path) -> str:
    """Return why `make prove` runs the tests of a file, "" if `make test` does."""
    if _is_among(path, QUICK):
        return ""
    return next((why for pattern, why in PROOFS.items() if path.match(pattern)), "")


@cache
def _is_among(path: Path, patterns: tuple[str, ...]) -> bool:
    return any(map(path.match, patterns))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect slow tests by day, and at night those that would only be repeated."""
    is_left = _is_same_at_night if IS_NIGHT else _is_for_the_night
    left = {one for one in items if is_left(one)}
    config.hook.pytest_deselected(items=list(left))
    # Slow tests first, so that no worker is left alone with one at the end.
    items[:] = sorted(
        (one for one in items if one not in left), key=lambda one: LONG.isdisjoint(one.path.parts)
    )


def _is_for_the_night(item: pytest.Item) -> bool:
    """Return whether a test runs only at night.

    By its mark, or because it repeats a test on the second database.
    """
    if item.get_closest_marker("nightly"):
        return True
    is_second = dict(item.user_properties).get(KIND) == "postgresql"
    return is_second and not _is_among(item.path, DIALECTS)


def _is_same_at_night(item: pytest.Item) -> bool:
    """Return whether a test at night is the same as in `make coverage` before it."""
    return (
        not _is_for_the_night(item)
        and LONG.isdisjoint(item.path.parts)
        and not SIZED.search(item.path.read_text(encoding="utf-8"))
    )


def pytest_collection_finish() -> None:
    """Exclude what exists now from garbage collection: modules and mappings live until the end.

    Collecting them takes a tenth of a test's time, and so does looking for garbage after every few
    hundred objects.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def pytest_unconfigure(config: pytest.Config) -> None:
    if folder_key in config.stash:
        databases.remove_folder(config.stash[folder_key])


def pytest_itemcollected(item: pytest.Item) -> None:
    """Store the database on the test, so that it is reported with its result; mark proofs."""
    call = getattr(item, "callspec", None)
    kind = call.params.get(KIND, "") if call else ""
    item.user_properties.append((KIND, kind))
    if why := why_proof(item.path) or ("the second database" if kind == "postgresql" else ""):
        item.add_marker(pytest.mark.proof(reason=why))


class _AtOnce:
    """Report failures at once: at night the summary comes an hour later, or never."""

    def __init__(self, terminal: pytest.TerminalReporter) -> None:
        self._terminal = terminal

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._terminal.write_line(f"\n{report.nodeid}\n{report.longreprtext}")


def pytest_sessionstart(session: pytest.Session) -> None:
    terminal = session.config.pluginmanager.get_plugin("terminalreporter")
    if IS_NIGHT and terminal is not None:
        session.config.pluginmanager.register(_AtOnce(terminal))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print what was measured, how many tests ran on each database, and how many need none."""
    reports = [
        report
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", None) == "call" and report.outcome != "skipped"
    ]
    for report in reports:
        for name, told in report.user_properties:
            if name == FIGURE:
                what, number, most = told
                terminalreporter.write_line(f"{what:<70} {number:>7}   at most {most}")
    ran = Counter(dict(report.user_properties).get(KIND) for report in reports)
    terminalreporter.write_line(
        f"on sqlite: {ran['sqlite']} tests, on postgresql: {ran['postgresql']}, "
        f"without a database: {ran['']}"
    )
