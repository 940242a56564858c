"""What code may do with the database and with HTML; each exception stands here with its reason."""

from __future__ import annotations

import ast
from collections import Counter

import pytest

from tests.architecture.source import Module, called, calls, module, modules
from tests.architecture.test_imports import role_of

# SQL that the scoping of rows does not see. Nothing else may write any.
MAY_WRITE_SQL = {
    "tracker.db": "pragmas and BEGIN on SQLite",
    "tracker.audit.service": "the lock on the head of the chain",
    "tracker.audit.proof_queries": "asks for triggers and views, and makes one that does not stay",
    "tracker.db_privileges": "gives PostgreSQL's roles their rights, and tries what each is refused",
    "tracker.operating.queries": "asks a database about itself: its settings, whether it is whole",
}
MAY_WRITE_SQL_PACKAGES = ("tracker.search.",)  # FTS5 and tsvector are not in the ORM
MAY_COMMIT = {"views", "commands"}
COMMITS_FOR_VIEWS = {"tracker.web.saving"}  # the one way in which views save a form
COMMANDS_BY_ANOTHER_NAME = {"tracker.serving"}  # `flask serve`, which fills a new database
MAY_MAKE_MARKUP = {
    "tracker.web.layout": "joins sections that templates have rendered",
    "tracker.web.forms": "the token's hidden field, rendered and escaped by WTForms",
    "tracker.timelines.picture": "the SVG, in which ElementTree has escaped every word",
    "tracker.timelines.charts": "the SVG, in which ElementTree has escaped every word",
}
MAY_OPEN_SESSIONS = {
    "tracker.reports.queries": "a file outlives the request that asked for it",
    "tracker.db": "the session of a request, and write_transaction",
    "tracker.scoping": "system_session",
    "tracker.users.gate": "looks the token up before it is known who the viewer is",
    "tracker.search.index": "reads a record's words with the eyes of those who see least",
    "tracker.audit.sealing_service": "an upgrade, also of a restored database, with no viewer",
    "tracker.operating.backup_service": "a restored database is not the one of the application",
}
# Each place that sees every row whoever asks, and why it must. Raise a count only with a reason.
SYSTEM_SESSIONS: dict[str, int] = {
    # What the world reads of her may be of any team; the world reads no name that any team closed,
    # and no address that leads to a name which any team keeps back.
    "tracker.incidents.publication_service": 3,
    "tracker.audit.commands": 1,  # every record is compared with what the trail says of it
    "tracker.intake.duplicates_service": 2,  # who stands twice may be meant by records of every team
    "tracker.reports.imports.run_service": 1,  # numbers after the last, of whichever team that is
    "tracker.reports.imports.queries": 1,  # whom it brought may be meant by records of every team
    "tracker.articles.masking_service": 1,  # what is masked is quoted by records of every team
    "tracker.sample.service": 1,  # which records of any team refer to the sample?
    "tracker.reports.packages.loading_service": 1,  # a tracker is empty if no team has a record
    "tracker.reports.scope_queries": 1,  # a name that any team keeps back leaves with no exporter
    "tracker.incidents.naming_queries": 1,  # nor does one that any team closed
    "tracker.reports.monthly.queries": 1,  # a team's text is read by all, its closed names by none
    # A change may count in cases of every team, and each has figures for readers of every team;
    # which teams restrict anything that counts in a case?
    "tracker.timelines.figures_service": 6,
    "tracker.commands": 1,  # the index holds the words of every team's records
    "tracker.search.index": 1,  # a renamed journalist is found in records of every team
}
# Each place that takes the table of a model, which the scoping of rows does not see, and what for.
TABLES: dict[str, int] = {
    "tracker.audit.service": 1,  # inserts entries
    "tracker.audit.proof_queries": 3,  # compares rows with the tables to which their keys lead
    "tracker.audit.queries": 1,  # compares with the table to which a key leads
    "tracker.audit.snapshot": 2,  # reads keys, and compares with the tables to which they lead
    "tracker.intake.duplicates_service": 1,  # its name
    "tracker.reports.imports.run_service": 2,  # inserts rows, and says what became of a file's
    "tracker.reports.imports.service": 1,  # inserts the rows of a file
    "tracker.reports.imports.queries": 1,  # compares with the column to which a key leads
    "tracker.reports.export_log_service": 1,  # inserts which rows left
    "tracker.reports.packages.loading_service": 2,  # inserts rows, and points from one to another
    "tracker.search.index": 1,  # inserts the words of new records, which have no team
    "tracker.users.idempotency": 1,  # stores keys of forms, which have no team
}
# Each place that writes from within a GET, in a transaction of its own before the first read.
WRITE_TRANSACTIONS: dict[str, int] = {
    "tracker.users.idempotency": 1,  # where a view committed without saying to which page it leads
    # Who reads confidential values, before they do; who takes an original, a dossier or figures,
    # before they leave.
    "tracker.audit.service": 2,
    # Who takes a file, before its first byte leaves; which rows left; that the last one did.
    "tracker.reports.export_log_service": 3,
    "tracker.reports.imports.run_service": 1,  # numbers of a sequence, which a reader may not take
    # When somebody was last seen, at most once a minute; a password given again, counted before it
    # is hashed and after; whoever was refused, after the request was rolled back.
    "tracker.users.gate": 4,
    "tracker.users.full_disk_service": 1,  # a session of whoever signed in while the disk was full
}


def own_sql(of: Module) -> list[str]:
    """Say where SQL goes past the criteria that scope rows to a viewer."""
    if of.name in MAY_WRITE_SQL or of.name.startswith(MAY_WRITE_SQL_PACKAGES):
        return []
    wrong = []
    for name, call in calls(of):
        bare = isinstance(call.func, ast.Name)
        of_sqlalchemy = not bare and ast.unparse(call.func).startswith(("sa.", "sqlalchemy."))
        if (
            (name == "text" and (bare or of_sqlalchemy))
            or (name == "connection" and not bare)
            or name in {"exec_driver_sql", "literal_column", "raw_connection"}
        ):
            wrong.append(f"{of.name}:{call.lineno} {ast.unparse(call)}")
        if name in {"select", "update", "delete", "insert"} and "__table__" in ast.unparse(call):
            wrong.append(f"{of.name}:{call.lineno} {ast.unparse(call)}")
    return wrong


def own_commits(of: Module) -> list[str]:
    """Say where something commits that is neither a view nor a command."""
    if (
        of.name in {"tracker.db", *COMMITS_FOR_VIEWS, *COMMANDS_BY_ANOTHER_NAME}
        or of.last.rpartition("_")[2] in MAY_COMMIT
    ):
        return []
    return [
        f"{of.name}:{call.lineno} commits"
        for name, call in calls(of)
        if name == "commit" and isinstance(call.func, ast.Attribute)
    ]


def own_sessions(of: Module) -> list[str]:
    """Say where a session is opened that no viewer was set on."""
    if of.name in MAY_OPEN_SESSIONS:
        return []
    return [
        f"{of.name}:{call.lineno} opens a session"
        for name, call in calls(of)
        if name in {"Session", "sessionmaker", "scoped_session"}
    ]


def own_markup(of: Module) -> list[str]:
    """Say where a string is declared safe, or is a template."""
    if of.name in MAY_MAKE_MARKUP:
        return []
    return [
        f"{of.name}:{call.lineno} {ast.unparse(call)}"
        for name, call in calls(of)
        if name in {"Markup", "render_template_string", "from_string"}
    ]


def globals_read(of: Module) -> list[str]:
    """Say where somebody is read from a global instead of the parameter `by`."""
    if role_of(of.name) not in {"models", "rules", "queries", "service"}:
        return []
    return [
        f"{of.name}:{node.lineno} reads {node.id}"
        for node in ast.walk(of.tree)
        if isinstance(node, ast.Name) and node.id in {"current_user", "current_app", "request", "g"}
    ]


def untranslated(of: Module) -> list[str]:
    """Say where words for people are bare: labels of fields and messages."""
    wrong = []
    for name, call in calls(of):
        shows = name == "flash" or (name.endswith("Field") and name != "Field")
        words = [
            *call.args[:1],
            *(k.value for k in call.keywords if k.arg in {"label", "description"}),
        ]
        if shows and any(
            isinstance(word, ast.Constant) and isinstance(word.value, str) and word.value
            for word in words
        ):
            wrong.append(f"{of.name}:{call.lineno} {ast.unparse(call)}")
    return wrong


RULES = [own_sql, own_commits, own_sessions, own_markup, globals_read, untranslated]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_code_writes_only_where_it_may(rule):
    assert [wrong for one in modules() for wrong in rule(one)] == []


def places_of(function: str) -> dict[str, int]:
    return dict(
        Counter(one.name for one in modules() for name, _ in calls(one) if name == function)
    )


def elevations(of: Module) -> int:
    """Count where a session is told to see every row: by name, or by what it is told inside."""
    return sum(
        (isinstance(node, ast.Call) and called(node) in {"system_session", "viewing_everything"})
        or (isinstance(node, ast.keyword) and node.arg == "system")
        or (isinstance(node, ast.Constant) and node.value == "system")
        for node in ast.walk(of.tree)
    )


def test_every_place_that_sees_all_rows_is_counted():
    found = {one.name: elevations(one) for one in modules() if one.name != "tracker.scoping"}

    assert {name: count for name, count in found.items() if count} == SYSTEM_SESSIONS


def test_seeing_all_rows_is_found_however_it_is_written():
    by_hand = module("tracker.cases.service", "session.info['system'] = 'why'")
    inside = module("tracker.cases.service", "Session(engine, info={'system': 'why'})")
    named = module("tracker.cases.service", "with system_session('why') as session: pass")

    assert [elevations(one) for one in (by_hand, inside, named)] == [1, 1, 1]


def tables_taken(of: Module) -> int:
    """Count where the table of a model is taken: what is selected from it is read past the scoping,
    in whichever statement that comes to stand.
    """
    return sum(
        (isinstance(node, ast.Name) and node.id == "table_of")
        or (isinstance(node, ast.Attribute) and node.attr in {"table_of", "local_table"})
        for node in ast.walk(of.tree)
    )


def test_every_place_that_takes_a_table_is_counted():
    found = {one.name: tables_taken(one) for one in modules() if one.name != "tracker.bulk_insert"}

    assert {name: count for name, count in found.items() if count} == TABLES


@pytest.mark.parametrize(
    "code",
    [
        "select(table_of(Case))",
        "select(bulk_insert.table_of(Case))",
        "select(*map(table_of, [Case]))",
        "select(inspect(Case).local_table)",
    ],
)
def test_a_table_is_found_however_it_is_taken(code):
    assert tables_taken(module("tracker.cases.queries", code)) == 1


def test_every_place_that_writes_from_within_a_get_is_counted():
    assert places_of("write_transaction") == WRITE_TRANSACTIONS


def test_no_exception_outlives_its_module():
    names = {one.name for one in modules()}

    assert {
        *MAY_WRITE_SQL,
        *MAY_MAKE_MARKUP,
        *MAY_OPEN_SESSIONS,
        *SYSTEM_SESSIONS,
        *TABLES,
        *WRITE_TRANSACTIONS,
    } <= names


@pytest.mark.parametrize(
    ("rule", "name", "code"),
    [
        (own_sql, "tracker.cases.queries", "text('SELECT 1')"),
        (own_sql, "tracker.cases.queries", "sa.text('SELECT 1')"),
        (own_sql, "tracker.cases.queries", "session.connection().execute(x)"),
        (own_sql, "tracker.cases.queries", "select(Case.__table__)"),
        (own_sql, "tracker.cases.queries", "select(Case.__table__.c.title)"),
        (own_sql, "tracker.cases.queries", "c.exec_driver_sql('SELECT 1')"),
        (own_commits, "tracker.cases.service", "db.session.commit()"),
        (own_sessions, "tracker.cases.service", "with Session(engine) as session: pass"),
        (own_markup, "tracker.cases.views", "Markup('<b>')"),
        (own_markup, "tracker.cases.views", "render_template_string('{{ x }}')"),
        (globals_read, "tracker.cases.service", "def f(): return current_user.id"),
        (globals_read, "tracker.incidents.section_service", "def f(): return current_user.id"),
        (untranslated, "tracker.cases.forms", "title = TextField('Title')"),
        (untranslated, "tracker.cases.forms", "title = TextField(lazy('Title'), description='x')"),
        (untranslated, "tracker.cases.views", "flash('Saved')"),
    ],
)
def test_the_rule_bites(rule, name, code):
    assert rule(module(name, code)) != []


def test_the_rules_let_good_code_pass():
    good = module(
        "tracker.cases.views",
        """
        title = TextField(lazy("Title"))
        sentence = article.text()
        db.session.commit()
        select(Case).where(Case.id == 1)
        """,
    )

    assert [wrong for rule in RULES for wrong in rule(good)] == []
