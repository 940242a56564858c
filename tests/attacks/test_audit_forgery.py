"""Forging the audit log, and changing what its entries tell of: all of it is shown by verify."""

from __future__ import annotations

import random
import re
import secrets
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from tests import databases
from tests.audit.test_trail import tamper
from tests.conftest import let_go, new_app
from tests.durability.figures import figure
from tests.durability.test_tampering import ENTRIES, Entry, link, made
from tests.factories import as_user
from tests.nightly import size
from tests.safety.copies import copy_of_world
from tracker import schema
from tracker.audit.chain import (
    HASH_BEFORE_FIRST_ENTRY,
    HASHED_FIELDS,
    ROTATE_ACTION,
    SEAL_ACTION,
    ChainCheck,
    compute_key_id,
    compute_mac,
    entry_hash,
    find_first_break,
)
from tracker.audit.models import AuditEvent
from tracker.audit.service import record_event
from tracker.db import current_engines, db

EACH = size(day=20, night=500)
OLD, NEW, OTHERS = (letter * 64 for letter in "abc")
KEYS = {compute_key_id(OLD): OLD, compute_key_id(NEW): NEW}


def signed_log(chance: random.Random) -> list[Entry]:
    """Return a log in which, at some place, a new key began; some begin with entries without a MAC,
    which one entry seals.
    """
    entries = [made(chance, sequence) for sequence in range(1, ENTRIES + 1)]
    older = chance.choice([0, 0, chance.randrange(2, 8)])
    rotation = chance.randrange(older + 5, ENTRIES - 5)
    previous = HASH_BEFORE_FIRST_ENTRY
    for place, entry in enumerate(entries):
        entry.previous_hash = previous
        if place == older and older:
            entry.action, entry.changes = SEAL_ACTION, {"until": f"{place}:{previous}"}
        if place == rotation:
            entry.action, entry.changes = (
                ROTATE_ACTION,
                {"key": [compute_key_id(OLD), compute_key_id(NEW)]},
            )
        entry.seal(None if place < older else OLD if place < rotation else NEW)
        previous = entry.hash
    return entries


def unsigned_head(entries: list[Entry]) -> str:
    """Return SEQ:HASH of the last unsigned entry at the beginning of a log."""
    last = [one for one in entries if one.mac is None][-1:]
    return f"{last[0].sequence}:{last[0].hash}" if last else f"0:{HASH_BEFORE_FIRST_ENTRY}"


def relinked(entries: list[Entry], place: int) -> None:
    """Compute the hashes from a place on, as whoever has the database can; not the MACs."""
    for sequence, entry in enumerate(entries[place:], place + 1):
        entry.sequence = sequence
        entry.previous_hash = (
            entries[sequence - 2].hash if sequence > 1 else HASH_BEFORE_FIRST_ENTRY
        )
        entry.seal()


def appended(chance: random.Random, entries: list[Entry], **parts: str | None) -> Entry:
    new = made(chance, len(entries) + 1)
    new.previous_hash = entries[-1].hash
    new.seal()
    new.mac, new.key_id = parts.get("mac"), parts.get("key_id")
    entries.append(new)
    return new


def append_without_mac(chance: random.Random, entries: list[Entry]) -> None:
    appended(chance, entries)


def append_with_made_up_mac(chance: random.Random, entries: list[Entry]) -> None:
    appended(chance, entries, mac=chance.randbytes(32).hex(), key_id=entries[-1].key_id)


def append_with_the_mac_of_another(chance: random.Random, entries: list[Entry]) -> None:
    last = chance.choice(entries[-4:])
    appended(chance, entries, mac=last.mac, key_id=last.key_id)


def append_with_a_key_of_ones_own(chance: random.Random, entries: list[Entry]) -> None:
    appended(chance, entries).seal(OTHERS)


def append_with_a_key_that_leaked_and_was_changed(
    chance: random.Random, entries: list[Entry]
) -> None:
    appended(chance, entries).seal(OLD)


def begin_a_key_of_ones_own(chance: random.Random, entries: list[Entry]) -> None:
    new = appended(chance, entries)
    new.action, new.changes = ROTATE_ACTION, {"key": [entries[-2].key_id, compute_key_id(OTHERS)]}
    new.seal(OTHERS)
    for _more in range(3):
        appended(chance, entries).seal(OTHERS)


def seal_once_more(chance: random.Random, entries: list[Entry]) -> None:
    new = appended(chance, entries)
    new.action, new.changes = SEAL_ACTION, {"until": f"{len(entries) - 1}:{new.previous_hash}"}
    new.seal()


def replay(chance: random.Random, entries: list[Entry]) -> None:
    old = deepcopy(chance.choice(entries))
    old.sequence, old.previous_hash = len(entries) + 1, entries[-1].hash
    old.hash = entry_hash(**{name: getattr(old, name) for name in HASHED_FIELDS})
    entries.append(old)


def replay_as_it_was(chance: random.Random, entries: list[Entry]) -> None:
    old = deepcopy(chance.choice(entries))
    old.sequence = len(entries) + 1
    entries.append(old)


def insert_in_the_middle(chance: random.Random, entries: list[Entry]) -> None:
    place = chance.randrange(len(entries))
    entries.insert(place, made(chance, place + 1))
    relinked(entries, place)


def take_out_of_the_middle(chance: random.Random, entries: list[Entry]) -> None:
    place = chance.randrange(len(entries) - 1)
    del entries[place]
    relinked(entries, place)


def rewrite_the_tail(chance: random.Random, entries: list[Entry]) -> None:
    place = chance.randrange(len(entries))
    entries[place].changes = {"place": ["", "Elsewhere"]}
    relinked(entries, place)


def rewrite_the_tail_without_macs(chance: random.Random, entries: list[Entry]) -> None:
    rewrite_the_tail(chance, entries)
    for entry in entries[chance.randrange(len(entries)) :]:
        entry.mac = entry.key_id = None


def swap_actors(chance: random.Random, entries: list[Entry]) -> None:
    one, other = chance.sample(range(len(entries)), 2)
    entries[one].actor, entries[other].actor = "one", "other"
    relinked(entries, min(one, other))


def take_all_macs_away(chance: random.Random, entries: list[Entry]) -> None:
    del chance
    for entry in entries:
        entry.mac = entry.key_id = None


def take_macs_away_up_to_a_place(chance: random.Random, entries: list[Entry]) -> None:
    signed = [one for one in entries if one.mac]
    for entry in signed[: chance.randrange(1, len(signed))]:
        entry.mac = entry.key_id = None


def sign_all_with_a_key_of_ones_own_up_to_a_place(
    chance: random.Random, entries: list[Entry]
) -> None:
    signed = [one for one in entries if one.mac]
    for entry in signed[: chance.randrange(1, len(signed))]:
        entry.mac, entry.key_id = compute_mac(OTHERS, entry.hash), compute_key_id(OTHERS)


def move_macs(chance: random.Random, entries: list[Entry]) -> None:
    one, other = chance.sample([one for one in entries if one.mac], 2)
    one.mac, other.mac = other.mac, one.mac


def name_another_key(chance: random.Random, entries: list[Entry]) -> None:
    entry = chance.choice([one for one in entries if one.mac])
    entry.key_id = compute_key_id(OLD if entry.key_id == compute_key_id(NEW) else NEW)


def seal_forged_entries(chance: random.Random, entries: list[Entry]) -> None:
    """Forge unsigned entries and let the tracker seal and sign what follows with its own key."""
    place = chance.randrange(2, ENTRIES - 2)
    entries[chance.randrange(place)].actor = "somebody"
    for entry in entries:
        entry.mac = entry.key_id = None
    relinked(entries, 0)
    entries[place].action = SEAL_ACTION
    entries[place].changes = {"until": f"{place}:{entries[place].previous_hash}"}
    relinked(entries, place)
    for entry in entries[place:]:
        entry.seal(NEW)


def cut_before_the_rotation_and_sign_with_the_old_key(
    chance: random.Random, entries: list[Entry]
) -> None:
    rotation = next(at for at, entry in enumerate(entries) if entry.action == ROTATE_ACTION)
    del entries[chance.randrange(rotation - 2, rotation) + 1 :]
    for _forged in range(chance.randrange(4)):
        appended(chance, entries).seal(OLD)


FORGERIES = [
    append_without_mac, append_with_made_up_mac, append_with_the_mac_of_another,
    append_with_a_key_of_ones_own, append_with_a_key_that_leaked_and_was_changed,
    begin_a_key_of_ones_own, seal_once_more, replay, replay_as_it_was, insert_in_the_middle,
    take_out_of_the_middle, rewrite_the_tail, rewrite_the_tail_without_macs, swap_actors,
    take_all_macs_away, take_macs_away_up_to_a_place,
    sign_all_with_a_key_of_ones_own_up_to_a_place, move_macs, name_another_key,
    seal_forged_entries, cut_before_the_rotation_and_sign_with_the_old_key,
]  # fmt: skip


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
def test_every_forgery_at_any_place_is_shown_without_an_anchor(
    forge: Callable[[random.Random, list[Entry]], None],
) -> None:
    shown = 0
    for seed in range(EACH):
        chance = random.Random(seed)
        entries = signed_log(chance)
        accepted = {unsigned_head(entries)}
        assert find_first_break(entries, KEYS, accepted) is None, seed

        forge(chance, entries)

        shown += find_first_break(entries, KEYS, accepted) is not None
    assert shown == EACH
    figure(f"forging: {forge.__name__.replace('_', ' ')}", f"{shown} of {EACH} shown", EACH)


def test_a_forger_who_has_all_of_the_database_and_no_key_makes_no_log_that_is_checked() -> None:
    entries = signed_log(random.Random(1))
    link(entries, OTHERS)
    check = ChainCheck(KEYS)

    assert len([*check.valid_entries(entries)]) == ENTRIES
    assert check.unchecked == ENTRIES


def downgrade_and_forge() -> None:
    """Take the columns of signatures out, set the version back, and append an unsigned entry."""
    engine = current_engines().full_writing
    schema.downgrade(engine, "0030")
    with engine.begin() as connection:
        newest = sa.text("SELECT sequence, hash FROM audit_events ORDER BY sequence DESC LIMIT 1")
        sequence, last = connection.execute(newest).one()
        entry = made(random.Random(sequence), sequence + 1)
        entry.previous_hash = last
        entry.seal()
        values = {name: getattr(entry, name) for name in (*HASHED_FIELDS, "hash")}
        connection.execute(sa.insert(AuditEvent).values(values))


@pytest.fixture
def started(make_app: Callable[..., Flask], tmp_path: Path) -> Iterator[Flask]:
    """Lend a started application with an instance folder of its own and some entries."""
    app = make_app(instance=tmp_path)
    with app.app_context():
        assert command(app, "db", "upgrade")[0] == 0
        with as_user(app):
            db.session.commit()
        yield app


def command(app: Flask, *args: str) -> tuple[int, str]:
    db.session.remove()
    result = app.test_cli_runner().invoke(args=args)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output.strip()


def test_no_upgrade_seals_entries_forged_after_the_columns_were_taken_out(started: Flask) -> None:
    downgrade_and_forge()

    code, words = command(started, "db", "upgrade")

    assert (code, len(words.splitlines())) == (1, 1), words
    assert "audit_sealed" in words
    assert "Restore a backup from before that" in words
    assert schema.current_revision(current_engines().full_writing) == "0030"


def test_no_restore_seals_forged_entries_unless_somebody_names_the_last_one(
    started: Flask, database_kind: str, tmp_path: Path
) -> None:
    """The backup is of the database that was forged, and goes into the same installation."""
    file, folder, sealed = (tmp_path / name for name in ("forged.backup", "new", "audit_sealed"))
    before = sealed.read_text()
    downgrade_and_forge()
    head = command(started, "audit", "anchor")[1]
    command(started, "backup", str(file))
    with databases.fresh(database_kind, migrated=False) as empty:
        app = new_app(empty, instance=tmp_path)
        try:
            for accepting in ((), ("--accept-unsigned", f"1:{HASH_BEFORE_FIRST_ENTRY}")):
                with app.app_context():
                    code, words = command(app, "restore", str(file), str(folder), *accepting)
                    left = sa.inspect(current_engines().full_writing).get_table_names()
                assert (code, len(words.splitlines()), folder.exists()) == (1, 1, False), words
                assert head in words
                assert (sealed.read_text(), left) == (before, [])

            with app.app_context():
                accepting = ("--accept-unsigned", head)
                code, words = command(app, "restore", str(file), str(folder), *accepting)
            assert code == 0, words
            assert f"audit_sealed names {head} now" in words
            assert sealed.read_text().split() == sorted([*before.split(), head])
        finally:
            let_go(app)


def test_the_command_seals_no_forged_entries(started: Flask) -> None:
    downgrade_and_forge()
    schema.upgrade(current_engines().full_writing)

    code, words = command(started, "audit", "seal")

    assert (code, "audit_sealed" in words) == (1, True), words
    assert verify(started)[0] == 1


def test_forged_entries_that_another_host_sealed_are_shown(
    started: Flask, make_app: Callable[..., Flask], tmp_path: Path
) -> None:
    downgrade_and_forge()
    (tmp_path / "other").mkdir()
    other = make_app(instance=tmp_path / "other")
    with other.app_context():
        assert command(other, "db", "upgrade")[0] == 0
        assert command(other, "audit", "verify")[0] == 0

    code, words = verify(started)

    assert (code, words.startswith("forged at ")) == (1, True), words


def test_a_person_who_trusts_unsigned_entries_adds_their_line(
    started: Flask, tmp_path: Path
) -> None:
    downgrade_and_forge()
    line = re.search(r"[0-9]+:[0-9a-f]{64}", command(started, "db", "upgrade")[1])
    assert line is not None

    with (tmp_path / "audit_sealed").open("a") as file:
        file.write(f"{line[0]}\n")

    assert command(started, "db", "upgrade")[0] == 0
    assert verify(started)[0] == 0


def test_a_log_cut_before_its_key_was_changed_is_forged(started: Flask) -> None:
    """Whoever has the key that leaked cannot go back to the time before it was replaced."""
    settings = started.config["TRACKER"]
    new = secrets.token_hex(32)
    both = f"{new} {settings.audit_key}"
    started.config["TRACKER"] = replace(settings, audit_key=both)
    assert command(started, "audit", "rotate-key")[0] == 0
    assert verify(started)[0] == 0
    tamper(started, f"DELETE FROM audit_events WHERE key_id = '{compute_key_id(new)}'")

    code, words = verify(started)
    assert (code, words.startswith("forged at ")) == (1, True), words
    # The tracker itself signs on with the key that leaked, as the forger does.
    with as_user(started) as user:
        record_event("case:edit", "CAS-0000000001", by=user)
        db.session.commit()

    assert verify(started)[1].startswith("forged at ")


@pytest.fixture
def filled(database_kind: str) -> Iterator[Flask]:
    """Lend a world in which there is a record of every kind, with children of every kind."""
    with copy_of_world(database_kind) as (app, _world), app.app_context():
        yield app


def verify(app: Flask) -> tuple[int, str]:
    db.session.remove()
    result = app.test_cli_runner().invoke(args=["audit", "verify"])
    return result.exit_code, result.output.strip()


def behind_the_log(*statements: str) -> None:
    """Do what only somebody with the database file, or a superuser of PostgreSQL, can do."""
    url = current_engines().full_writing.url
    engine = sa.create_engine(url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET session_replication_role = replica")
        for statement in statements:
            connection.exec_driver_sql(statement)


def swapped(table: str, column: str, one: str, other: str) -> list[str]:
    """Return statements that swap a unique value of two rows, chosen by what it is."""
    return [
        f"UPDATE {table} SET {column} = 'xx' WHERE {column} = '{one}'",
        f"UPDATE {table} SET {column} = '{one}' WHERE {column} = '{other}'",
        f"UPDATE {table} SET {column} = '{other}' WHERE {column} = 'xx'",
    ]


DECISIONS = "target_namings_confidential"
OTHER_VISIBILITY = "CASE visibility WHEN 'internal' THEN 'restricted' ELSE 'internal' END"
LAST_USER = "(SELECT max(id) FROM users)"
SILENT = {
    "revised by": [
        (
            f"UPDATE incidents SET revised_by_id = {LAST_USER} WHERE id = (SELECT min(id) "
            f"FROM incidents WHERE approved_by_id IS NULL AND revised_by_id <> {LAST_USER})"
        )
    ],
    "published when": ["UPDATE publications SET published_at = '2020-01-01 00:00:00+00:00'"],
    "published by": [f"UPDATE publications SET published_by_id = {LAST_USER}"],
    "version published": ["UPDATE publications SET version = version + 1"],
    "visibility of originals": [f"UPDATE article_originals SET visibility = {OTHER_VISIBILITY}"],
    "team of originals": ["UPDATE article_originals SET team_id = team_id + 1"],
    "visibility of masks": [f"UPDATE article_masks SET visibility = {OTHER_VISIBILITY}"],
    "who masked": [f"UPDATE article_masks SET masked_by_id = {LAST_USER}"],
    "why it was masked": ["UPDATE article_masks SET reason = 'No reason'"],
    "team of words under masks": ["UPDATE article_masks_confidential SET team_id = team_id + 1"],
    "visibility of citations": [f"UPDATE incident_citations SET visibility = {OTHER_VISIBILITY}"],
    "subject of a kept value": [
        (
            "UPDATE audit_values_confidential SET subject = 'INC-0000000000' "
            "WHERE commitment = (SELECT min(commitment) FROM audit_values_confidential)"
        )
    ],
    "team of confidential values": [f"UPDATE {DECISIONS} SET team_id = team_id + 1"],
    "decisions of two targets": [
        (
            f"UPDATE {DECISIONS} SET target_id = -1 WHERE target_id = "
            f"(SELECT min(target_id) FROM {DECISIONS} WHERE decision = 'refused')"
        ),
        (
            f"UPDATE {DECISIONS} SET target_id = 0 WHERE target_id = "
            f"(SELECT min(target_id) FROM {DECISIONS} WHERE decision = 'consented')"
        ),
        (
            f"UPDATE {DECISIONS} SET target_id = (SELECT min(id) FROM incident_targets "
            f"WHERE id NOT IN (SELECT target_id FROM {DECISIONS})) WHERE target_id = -1"
        ),
        (
            f"UPDATE {DECISIONS} SET target_id = (SELECT max(id) FROM incident_targets "
            f"WHERE id NOT IN (SELECT target_id FROM {DECISIONS})) WHERE target_id = 0"
        ),
    ],
    "decision on a name": [f"UPDATE {DECISIONS} SET how_asked = 'By telephone'"],
    "names of two users": swapped("users", "name", "guarded", "pending"),
    "names of a user and the console": swapped("users", "name", "teamless", "console"),
    "names of two teams": swapped("teams", "name", "Desk", "Abroad"),
}


@pytest.mark.parametrize("statements", SILENT.values(), ids=SILENT)
def test_what_is_changed_behind_the_log_is_shown(filled: Flask, statements: list[str]) -> None:
    assert verify(filled)[0] == 0

    behind_the_log(*statements)

    assert verify(filled)[0] == 1


SQLITE_OBJECTS = {
    "a trigger dropped": ["DROP TRIGGER audit_events__no_UPDATE"],
    "a trigger replaced": [
        "DROP TRIGGER audit_events__no_DELETE",
        "CREATE TRIGGER audit_events__no_DELETE BEFORE DELETE ON audit_events BEGIN SELECT 1; END",
    ],
    "a trigger added": [
        "CREATE TRIGGER quiet AFTER INSERT ON incidents BEGIN DELETE FROM sessions; END"
    ],
    "the public view replaced": [
        "DROP VIEW public_export",
        "CREATE VIEW public_export AS SELECT * FROM incidents_confidential",
    ],
    "a view added": ["CREATE VIEW quiet AS SELECT * FROM incidents_confidential"],
}
POSTGRESQL_OBJECTS = {
    "a trigger dropped": ["DROP TRIGGER audit_events__no_truncate ON audit_events"],
    "a trigger disabled": ["ALTER TABLE audit_events DISABLE TRIGGER audit_events__no_change"],
    "foreign keys disabled": ["ALTER TABLE incident_targets DISABLE TRIGGER ALL"],
    "a trigger's function replaced": [
        (
            "CREATE OR REPLACE FUNCTION refuse_change_of_trail() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RETURN NEW; END $$"
        )
    ],
    "a trigger added": [
        "CREATE FUNCTION quiet() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
        "CREATE TRIGGER quiet AFTER INSERT ON incidents EXECUTE FUNCTION quiet()",
    ],
    "the public view replaced": [
        "DROP VIEW public_export",
        "CREATE VIEW public_export AS SELECT * FROM incidents_confidential",
    ],
    "a view added": ["CREATE VIEW quiet AS SELECT * FROM incidents_confidential"],
    "a rule added": ["CREATE RULE quiet AS ON DELETE TO audit_events DO INSTEAD NOTHING"],
    "a policy added": ["CREATE POLICY quiet ON audit_events USING (actor <> 'somebody')"],
}
OBJECTS = [
    pytest.param(kind, statements, id=f"{kind}: {name}")
    for kind, found in (("sqlite", SQLITE_OBJECTS), ("postgresql", POSTGRESQL_OBJECTS))
    for name, statements in found.items()
]


@pytest.mark.parametrize(("database_kind", "statements"), OBJECTS, indirect=["database_kind"])
def test_a_trigger_or_view_dropped_replaced_or_added_is_shown(
    app: Flask, statements: list[str]
) -> None:
    with app.app_context():
        assert verify(app)[0] == 0
        behind_the_log(*statements)

        code, words = verify(app)

    assert (code, "is not as the migrations make it" in words) == (1, True), words


UNREADABLE = {
    "malformed JSON": "UPDATE audit_events SET changes = '{\"a\":' WHERE sequence = 40",
    "JSON of another kind": "UPDATE audit_events SET changes = '[1, 2]' WHERE sequence = 40",
    "a moment that does not parse": "UPDATE audit_events SET at = 'soon' WHERE sequence = 40",
    "a moment of another type": "UPDATE audit_events SET at = 4.5 WHERE sequence = 40",
    "an actor of another type": "UPDATE audit_events SET actor = x'ff00' WHERE sequence = 40",
    "a MAC of another type": "UPDATE audit_events SET mac = x'ff00' WHERE sequence = 40",
}


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("statement", UNREADABLE.values(), ids=UNREADABLE)
def test_an_entry_that_cannot_be_read_is_named(filled: Flask, statement: str) -> None:
    tamper(filled, statement)

    code, words = verify(filled)

    assert (code, words.startswith(("broken at 40: ", "forged at 40: "))) == (1, True), words


BAD_VALUES = {
    "a code that there is not": ("incidents", "verification", "'rumour'"),
    "a day that does not parse": ("incidents", "earliest", "'yesterday'"),
    "a day of another type": ("incidents", "latest", "20.5"),
    "a moment that does not parse": ("incidents", "recorded_at", "'now'"),
    "nothing where something must be": ("incidents", "title", "NULL"),
    "bytes for text": ("incidents", "title", "x'ff00'"),
    "a code of a child": ("incident_targets", "role", "'nobody'"),
    "a text of bytes": ("articles", "text", "x'ff00'"),
    "an original of text": ("article_originals", "content", "'not bytes'"),
    "a number that is none": ("article_masks", "start", "'first'"),
    "a publication's moment": ("publications", "published_at", "'now'"),
    "a publication's count": ("publications", "n_journalists", "'many'"),
    "a decision's code": (DECISIONS, "decision", "'perhaps'"),
    "a decision's day": (DECISIONS, "decided_on", "'one day'"),
    "free words of a decision": (DECISIONS, "how_asked", "x'ff00'"),
    "text that is no text": (DECISIONS, "how_asked", "CAST(x'ff' AS TEXT)"),
    "a kept value": ("audit_values_confidential", "value", "x'ff00'"),
    "a role": ("user_roles", "role", "'queen'"),
    "when somebody was disabled": ("users", "disabled_at", "'one day'"),
}


# PostgreSQL holds neither bytes nor words in a column of another type, but days and moments that
# Python has not, and whatever a check or NOT NULL refused once these are dropped.
POSTGRESQL_BAD_VALUES = {
    "a code that there is not": ("incidents", "verification", "'rumour'"),
    "a day without end": ("incidents", "latest", "'infinity'"),
    "a day before our era": ("incidents", "earliest", "'0044-03-15 BC'"),
    "a moment without end": ("incidents", "recorded_at", "'infinity'"),
    "nothing where something must be": ("incidents", "title", "NULL"),
    "a code of a child": ("incident_targets", "role", "'nobody'"),
    "a publication's moment": ("publications", "published_at", "'-infinity'"),
    "a decision's code": (DECISIONS, "decision", "'perhaps'"),
    "a decision's day": (DECISIONS, "decided_on", "'infinity'"),
    "a role": ("user_roles", "role", "'queen'"),
    "when somebody was disabled": ("users", "disabled_at", "'20000-01-01 00:00:00+00'"),
}
EVERY_BAD_VALUE = [
    pytest.param(kind, *value, id=f"{kind}: {name}")
    for kind, found in (("sqlite", BAD_VALUES), ("postgresql", POSTGRESQL_BAD_VALUES))
    for name, value in found.items()
]


def unguarded(kind: str, table: str, column: str, value: str) -> list[str]:
    """Return statements after which a column takes any value that its type has."""
    if kind == "postgresql":
        return [
            (
                "DO $$ DECLARE one name; BEGIN FOR one IN SELECT conname FROM pg_constraint "
                f"WHERE contype = 'c' AND conrelid = '{table}'::regclass LOOP EXECUTE "
                f"'ALTER TABLE {table} DROP CONSTRAINT ' || quote_ident(one); END LOOP; END $$"
            ),
            *([f"ALTER TABLE {table} ALTER {column} DROP NOT NULL"] if value == "NULL" else []),
        ]
    may_be_null = (
        f"UPDATE sqlite_master SET sql = replace(sql, '{column} VARCHAR(300) NOT NULL', "
        f"'{column} VARCHAR(300)') WHERE name = '{table}'"
    )
    return [
        "PRAGMA ignore_check_constraints=ON",
        *(
            ["PRAGMA writable_schema=ON", may_be_null, "PRAGMA writable_schema=RESET"]
            if value == "NULL"
            else []
        ),
    ]


@pytest.mark.parametrize(
    ("database_kind", "table", "column", "value"), EVERY_BAD_VALUE, indirect=["database_kind"]
)
def test_a_value_that_cannot_be_read_is_said_and_ends_nothing(
    filled: Flask, database_kind: str, table: str, column: str, value: str
) -> None:
    row = "rowid" if database_kind == "sqlite" else "ctid"
    behind_the_log(
        *unguarded(database_kind, table, column, value),
        f'UPDATE {table} SET "{column}" = {value} WHERE {row} = (SELECT min({row}) FROM {table})',
    )

    code, words = verify(filled)

    assert code == 1
    assert "Traceback" not in words
    said = ("differs from the audit log", "differs from its last entry", "cannot be read")
    assert any(one in words for one in said), words
