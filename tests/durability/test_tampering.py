"""Eight ways to tamper with the trail, at random places: each of them is shown."""

from __future__ import annotations

import random
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.audit.test_trail import tamper, verify
from tests.conftest import AUDIT_KEY
from tests.durability.figures import figure
from tracker.audit.chain import (
    HASH_BEFORE_FIRST_ENTRY,
    HASHED_FIELDS,
    compute_key_id,
    compute_mac,
    entry_hash,
    find_first_break,
)
from tracker.audit.models import AuditEvent
from tracker.db import db

EACH = 200
ENTRIES = 30


@dataclass
class Entry:
    """One entry in memory, with the values that an entry of the database has."""

    sequence: int
    at: datetime
    actor: str
    action: str
    subject: str
    changes: dict[str, Any]
    row_digest: str | None = None
    previous_hash: str = HASH_BEFORE_FIRST_ENTRY
    hash: str = ""
    mac: str | None = None
    key_id: str | None = None

    def seal(self, key: str | None = None) -> None:
        """Give it the hash that its values need, and with a key its MAC."""
        self.hash = entry_hash(**{name: getattr(self, name) for name in HASHED_FIELDS})
        if key is not None:
            self.mac, self.key_id = compute_mac(key, self.hash), compute_key_id(key)


def made(chance: random.Random, sequence: int) -> Entry:
    return Entry(
        sequence=sequence,
        at=datetime(2025, 6, 1, tzinfo=UTC) + timedelta(minutes=sequence),
        actor=chance.choice(["staff", "Әсем", "monitor"]),
        action=chance.choice(["incident:create", "incident:edit", "review:approved"]),
        subject=f"TRY-{chance.randrange(10**10):010d}",
        changes={"place": [chance.choice(["", "Алматы"]), chance.choice(["Astana", "«Taraz»"])]},
        row_digest=chance.choice([None, chance.randbytes(32).hex()]),
    )


def link(entries: list[Entry], key: str | None = None) -> None:
    """Seal the entries one after the other, as the tracker does, and a forger without its key."""
    previous = HASH_BEFORE_FIRST_ENTRY
    for entry in entries:
        entry.previous_hash = previous
        entry.seal(key)
        previous = entry.hash


def chain(chance: random.Random) -> list[Entry]:
    entries = [made(chance, sequence) for sequence in range(1, ENTRIES + 1)]
    link(entries, AUDIT_KEY)
    return entries


def edit(chance: random.Random, entries: list[Entry]) -> None:
    entry = chance.choice(entries)
    name = chance.choice(["at", "actor", "action", "subject", "changes", "row_digest", "hash"])
    value = getattr(entry, name)
    if name == "at":
        entry.at = value + timedelta(seconds=chance.randrange(1, 10**6))
    elif name == "changes":
        entry.changes = {"place": [value["place"][0], value["place"][1] + "."]}
    else:
        setattr(entry, name, (value or "")[1:] + "x")


def edit_and_rehash(chance: random.Random, entries: list[Entry]) -> None:
    entry = chance.choice(entries)
    entry.actor = "somebody"
    entry.seal()


def delete(chance: random.Random, entries: list[Entry]) -> None:
    entries.remove(chance.choice(entries))


def insert(chance: random.Random, entries: list[Entry]) -> None:
    place = chance.randrange(ENTRIES)
    new = made(chance, place + 1)
    new.previous_hash = entries[place].previous_hash
    new.seal()
    for later in entries[place:]:
        later.sequence += 1
    entries.insert(place, new)


def swap(chance: random.Random, entries: list[Entry]) -> None:
    one, other = chance.sample(entries, 2)
    one.sequence, other.sequence = other.sequence, one.sequence
    entries.sort(key=lambda entry: entry.sequence)


def cut(chance: random.Random, entries: list[Entry]) -> None:
    del entries[chance.randrange(ENTRIES) :]


def rebuild(chance: random.Random, entries: list[Entry]) -> None:
    chance.choice(entries).actor = "somebody"
    link(entries)


KINDS = [edit, edit_and_rehash, delete, insert, swap, cut, rebuild]
# What no log can show by itself: it holds all the same, and only an anchor kept elsewhere differs.
BY_ANCHOR_ALONE = {cut}
KEYS = {compute_key_id(AUDIT_KEY): AUDIT_KEY}


def shown(entries: list[Entry], anchor: tuple[int, str]) -> bool:
    """Say whether `flask audit verify --anchor` would refuse this chain."""
    at_anchor = [one.hash for one in entries if one.sequence == anchor[0]]
    return find_first_break(entries, KEYS) is not None or at_anchor != [anchor[1]]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_tampering_at_any_place_is_shown(kind: Callable[..., None]) -> None:
    by_chain = by_anchor = 0
    for seed in range(EACH):
        chance = random.Random(seed)
        entries = chain(chance)
        anchor = (ENTRIES, entries[-1].hash)
        assert not shown(entries, anchor)

        kind(chance, entries)

        by_chain += find_first_break(entries, KEYS) is not None
        by_anchor += shown(entries, anchor)

    assert by_anchor == EACH
    if kind in BY_ANCHOR_ALONE:
        assert by_chain == 0
    words = kind.__name__.replace("_", " ")
    figure(f"tampering: {words}", f"{by_anchor} of {EACH} shown ({by_chain} without anchor)", EACH)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_the_command_shows_it_on_both_databases(app: Flask, kind: Callable[..., None]) -> None:
    entries = chain(random.Random(0))
    anchor = f"{ENTRIES}:{entries[-1].hash}"
    store(app, entries)
    assert verify(app, "--anchor", anchor)[0] == 0

    for seed in range(3):
        tampered = deepcopy(entries)
        kind(random.Random(seed), tampered)
        store(app, tampered)

        code, words = verify(app, "--anchor", anchor)

        assert (code, words.startswith(("broken at ", "forged at "))) == (1, True), seed


def store(app: Flask, entries: list[Entry]) -> None:
    """Put these entries in the place of all that the trail holds."""
    tamper(app, "DELETE FROM audit_events")
    with app.app_context():
        db.session.execute(sa.insert(AuditEvent), [vars(entry) for entry in entries])
        db.session.commit()
