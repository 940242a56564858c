"""Proving the trail from the command line: that it holds, and the anchor to prove it by later."""

from __future__ import annotations

import re
from contextlib import closing
from typing import TYPE_CHECKING, Any

import click

from tracker.audit.chain import FIRST, first_break
from tracker.audit.proof_queries import Left, differing
from tracker.audit.queries import head_of_trail, whole_trail
from tracker.console import Commands, fail
from tracker.db import db
from tracker.scoping import system_session

if TYPE_CHECKING:
    from collections.abc import Iterator

group = Commands("audit", help="Prove that the trail was not changed.")
ANCHOR = re.compile(r"([0-9]{1,9}):([0-9a-f]{64})")


@group.command("anchor")
def anchor() -> None:
    """Print SEQ:HASH of the newest entry; keep it where the administrator cannot reach."""
    sequence, last = head_of_trail(db.session()) or (0, FIRST)
    click.echo(f"{sequence}:{last}")


@group.command("verify")
@click.option(
    "--anchor", "kept", metavar="SEQ:HASH", help="What `flask audit anchor` once printed."
)
def verify(kept: str | None) -> None:
    """Say whether every entry follows from the one before, whether the anchor is among them, and
    whether what can be proved is still as the entries left it.

    A chain alone misses a cut tail and a rebuilt whole: only an anchor kept elsewhere shows those.
    """
    expected = _anchor(kept) if kept else None
    seen, left = _Seen(expected[0] if expected else 0), Left()
    # Trail and records from one session, and so as they were at one moment.
    with system_session("verify the trail", reading=True, full=True) as session:
        with closing(whole_trail(session)) as entries:
            broken = first_break(left.watch(seen.watch(entries)))
        changed = list(differing(session, left)) if broken is None else []
    if broken is None and expected is not None and seen.at_anchor != expected[1]:
        cut = seen.at_anchor is None
        why = "the entry of the anchor is missing" if cut else "it is not the entry of the anchor"
        broken = expected[0], why
    if broken is not None:
        fail(f"broken at {broken[0]}: {broken[1]}")
    if changed:
        fail("\n".join(changed))
    click.echo(f"ok {seen.sequence} {seen.hash}")


class _Seen:
    """What went by while the chain was checked: the last entry, and the one of the anchor."""

    def __init__(self, anchored: int) -> None:
        self.anchored = anchored
        self.sequence, self.hash = 0, FIRST
        self.at_anchor: str | None = None if anchored else FIRST

    def watch(self, entries: Iterator[Any]) -> Iterator[Any]:
        for entry in entries:
            yield entry
            self.sequence, self.hash = entry.sequence, entry.hash
            if entry.sequence == self.anchored:
                self.at_anchor = entry.hash


def _anchor(text: str) -> tuple[int, str]:
    match = ANCHOR.fullmatch(text.strip())
    if match is None:
        fail("an anchor looks like SEQ:HASH, as `flask audit anchor` prints it")
    return int(match[1]), match[2]
