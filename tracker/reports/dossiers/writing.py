"""The files beside the page of a dossier: the chronology as text, an extract of the trail; pure."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

from tracker.audit.chain import mac_of
from tracker.audit.rules import CUTS
from tracker.dates import day_words
from tracker.i18n import _
from tracker.reports.cells import guarded
from tracker.timelines.text import timeline_text
from tracker.web.filters import REF

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from tracker.reports.dossiers.parts import Dossier

# Who is on record for everybody.
PUBLIC_BODIES = "INS-"
AUDIT = ("seq", "at", "by", "action", "ref", "hash")
PSEUDONYM = 12


def as_text(dossier: Dossier, for_whom: str) -> str:
    """Return for whom it is, who is concerned and the chronology, with the sources as footnotes."""
    people = [". ".join(filter(None, [one.words, ", ".join(one.roles)])) for one in dossier.people]
    heading = [
        f"{_('Case dossier')} {dossier.ref}, {dossier.country}",
        for_whom,
        dossier.title,
        str(_("As of %(day)s.", day=day_words(dossier.as_of))),
        f"{_('Accountability')}: {dossier.accountability}" if dossier.accountability else "",
        f"{_('Persons concerned')}:" if people else "",
        *(f"- {one}" for one in people),
    ]
    return timeline_text(heading, dossier.entries, lambda fact: fact.ref)


def audit_extract(rows: Iterable[Any], told: Collection[str], *, salt: str | None) -> str:
    """Return what was done to the records of a dossier, and when, with the hash of each entry: no
    values, and no entry that names a record which is not `told`.

    With a `salt` it is for others: users have pseudonyms, entries are counted in this file, the day
    stands for the moment, and the hash is salted. The hash of an entry without values could be
    computed for each name until it fits, and numbers and moments be compared between files.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(AUDIT)
    written = 0
    for row in rows:
        # That somebody refused to be named is nobody's outside.
        if salt is not None and row.action.endswith(CUTS):
            continue
        if any(ref not in told for ref in _named(row.changes)):
            continue
        written += 1
        if salt is None:
            at = f"{row.at:%Y-%m-%dT%H:%M:%SZ}"
            cells = [row.sequence, at, guarded(row.actor), row.action, row.subject, row.hash]
        else:
            by = mac_of(salt, f"user {row.actor}")[:PSEUDONYM]
            sealed = mac_of(salt, f"entry {row.hash}")
            cells = [written, f"{row.at:%Y-%m-%d}", by, row.action, row.subject, sealed]
        writer.writerow(cells)
    return buffer.getvalue()


def _named(changes: Mapping[str, Any]) -> Iterator[str]:
    """Yield the refs that an entry names, but those of public bodies."""
    for ref in REF.findall(json.dumps(changes)):
        if not ref.startswith(PUBLIC_BODIES):
            yield ref
