"""Data beside the records of every kind: an imported file, and a commentary on a month."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select

from tracker.db import db
from tracker.incidents.models import Incident, IncidentReference
from tracker.reports.filters import MonthlyFilter
from tracker.reports.imports.mapping import ImportPlan
from tracker.reports.imports.models import ImportBatch
from tracker.reports.imports.run_service import prepare_import
from tracker.reports.imports.service import check_file, file_digest, receive_file, save_check
from tracker.reports.imports.tables import read_table
from tracker.reports.monthly.queries import monthly_text
from tracker.reports.monthly.service import COMMENTARY_FIELDS, save_commentary
from tracker.users.models import User

SCHEME = "THEIRS"


def take_in(word: str, *, by: User) -> tuple[ImportBatch, Incident]:
    """Return an imported file and its incident, both restricted to the team."""
    content = (
        "id,date,country,journalist,outlet,type,description\n"
        f"{word}-5,2025-03-04,KZ,{word} Imported,{word} Paper,threat.death,{word} letters\n"
    ).encode()
    batch = receive_file(
        read_table(content, f"{word} taken.csv"), sha256=file_digest(content),
        file_name=f"{word} taken.csv", team_id=by.team_ids[0], by=by,
    )  # fmt: skip
    plan = replace(ImportPlan.from_json(batch.mapping), scheme=SCHEME)
    save_check(batch, plan, check_file(batch, plan), by=by)
    prepare_import(batch, by=by).store(batch, by=by)
    became = select(Incident).join(Incident.references)
    rows = became.where(IncidentReference.identifier == f"{word}-5")
    return batch, db.session.scalars(rows).one()


def write_of_a_month(*, by: User) -> None:
    """Write the commentary on the month that a report shows by default."""
    filters = MonthlyFilter.from_args({})
    words = dict.fromkeys(COMMENTARY_FIELDS, "A month in short.")
    text = monthly_text(filters)
    save_commentary(text, filters, words=words, by=by)
    db.session.add(text)
