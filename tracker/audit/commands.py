"""The commands of the audit log: verify it, print an anchor, rotate keys, seal old entries."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import click

from tracker.audit import chain, proof_queries
from tracker.audit.queries import find_log_head, stream_entries
from tracker.audit.sealing_service import rotate_key, seal_unsigned_entries, unsigned_head
from tracker.console import CommandGroup, fail
from tracker.db import current_engines, current_settings, db, set_full_access
from tracker.scoping import system_session

group = CommandGroup("audit", help="Prove that the audit log was not changed.")
# SEQ:HASH, the sequence number and the hash of an entry.
ANCHOR_PATTERN = re.compile(r"([0-9]{1,9}):([0-9a-f]{64})")


@group.command("anchor")
def print_anchor() -> None:
    """Print SEQ:HASH of the newest entry, to be stored where administrators cannot change it."""
    sequence, last = find_log_head(db.session()) or (0, chain.HASH_BEFORE_FIRST_ENTRY)
    click.echo(f"{sequence}:{last}")


@group.command("verify")
@click.option("--anchor", metavar="SEQ:HASH", help="What `flask audit anchor` once printed.")
@click.option(
    "--unchecked-until",
    type=click.IntRange(min=0),
    default=0,
    metavar="SEQ",
    help="Accept that up to this entry MACs are not checked, since their key is not here.",
)
def verify(anchor: str | None, unchecked_until: int) -> None:
    """Verify the audit log and the data against it; exit with an error if they do not match.

    Every entry must follow from the one before and be signed by this installation, the anchor must
    be among them, and what can be proved must be as the entries say. Missing last entries are found
    only by an anchor stored elsewhere. `flask audit fields` lists what is proved.
    """
    expected = _parse_anchor(anchor) if anchor else None
    settings = current_settings()
    check = chain.ChainCheck(
        chain.load_audit_keys(settings),
        chain.load_accepted_heads(settings) or {chain.EMPTY_LOG_HEAD},
    )
    left = proof_queries.LoggedState()
    seen = _AnchorWatcher(expected[0] if expected else 0)
    # Log and records from one session, and so from one moment.
    with system_session("verify the audit log", reading=True, full=True) as session:
        with closing(stream_entries(session)) as entries:
            for _entry in left.observe(seen.observe(check.valid_entries(entries))):
                pass
        broken = check.found
        changed = list(proof_queries.find_differences(session, left)) if broken is None else []
    if broken is None and expected is not None and seen.found_hash != expected[1]:
        cut = seen.found_hash is None
        why = "the entry of the anchor is missing" if cut else "it is not the entry of the anchor"
        broken = chain.ChainBreak(expected[0], why)
    wrong = [str(broken)] if broken else changed
    wrong += proof_queries.find_differing_objects(current_engines().full_reading)
    if broken is None and check.unchecked > unchecked_until:
        wrong.append(
            f"no key: the MACs of entries 1 to {check.unchecked} are not checked; put their key "
            f"back, or accept it: --unchecked-until {check.unchecked}"
        )
    if wrong:
        fail("\n".join(wrong))
    click.echo(f"ok {check.sequence} {check.hash}{_unverified_entries_note(check)}")


def _unverified_entries_note(check: chain.ChainCheck) -> str:
    """Return a note in parentheses on the entries without a checked MAC; "" if there are none."""
    said = [
        f"entries 1 to {last} {why}"
        for last, why in (
            (check.unsigned, "are older than MACs, and sealed"),
            (check.unchecked, "are not checked: no key"),
        )
        if last
    ]
    return f" ({'; '.join(said)})" if said else ""


@group.command("fields")
def print_verified_columns() -> None:
    """Print which columns of which tables `verify` proves, and why not the others."""
    for table, columns in sorted(proof_queries.verified_columns().items()):
        click.echo(f"{table}: {', '.join(sorted(columns))}")
    for reason, names in proof_queries.UNVERIFIED_COLUMNS.items():
        click.echo(f"not {', '.join(names)}: {reason}")


@group.command("rotate-key")
@click.option(
    "--old-key-lost",
    "is_old_key_lost",
    is_flag=True,
    help="The key of the newest entry is not here, or a newer one is: trust the log as it is.",
)
def rotate_audit_key(is_old_key_lost: bool) -> None:  # noqa: FBT001 (click's own way)
    """Sign with a new key from now on; the old one stays, to check older entries."""
    session, settings = db.session(), current_settings()
    old, new = rotate_key(session, settings, is_old_key_lost=is_old_key_lost)
    if is_old_key_lost:
        with chain.report_accepted_heads(settings, click.echo):
            chain.accept_head(settings, unsigned_head(current_engines().full_reading))
    session.commit()
    click.echo(f"ok {new} follows {old}; keep a copy of the keys apart from the database")


@group.command("seal")
def seal_older_entries() -> None:
    """Seal all entries made before MACs existed; `flask db upgrade` does it too."""
    set_full_access()
    seal_unsigned_entries(db.session(), current_settings())
    db.session.commit()
    click.echo("ok")


class _AnchorWatcher:
    """A reader of all log entries that finds the entry of an anchor. `sequence`: the number in the
    anchor; `found_hash`: the hash of the entry with this number, None if there is no such entry.
    """

    def __init__(self, sequence: int) -> None:
        self.sequence = sequence
        self.found_hash: str | None = None if sequence else chain.HASH_BEFORE_FIRST_ENTRY

    def observe(self, entries: Iterator[Any]) -> Iterator[Any]:
        """Yield all log entries unchanged, and store the hash of the entry of the anchor."""
        for entry in entries:
            yield entry
            if entry.sequence == self.sequence:
                self.found_hash = entry.hash


def _parse_anchor(text: str) -> tuple[int, str]:
    """Return the sequence number and hash in an anchor, which has the form SEQ:HASH; exit with an
    error if the text has another form.
    """
    match = ANCHOR_PATTERN.fullmatch(text.strip())
    if match is None:
        fail("an anchor looks like SEQ:HASH, as `flask audit anchor` prints it")
    return int(match[1]), match[2]
