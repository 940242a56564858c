"""An external file, and the steps from its bytes to incidents."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.factories import as_user, make_type
from tracker.db import db
from tracker.reports.imports import service as import_service
from tracker.reports.imports.mapping import ImportPlan
from tracker.reports.imports.models import ImportBatch
from tracker.reports.imports.run_service import prepare_import
from tracker.reports.imports.tables import read_table
from tracker.users.models import User

LIST = """id,date,country,city,journalist,outlet,type,description,link,score
1,"April 30, 2018",Kazakhstan,Almaty,"Ann Lee, Bob Ray",Morning Paper,"Assault, Doxxing",<b>Beaten</b>,https://list.example/1,"=1,5"
2,03.05.2019,KZ,"Astana, centre",,Morning Paper,property.damage,,https://list.example/2,-2
3,2020,Казахстан,,Ann Lee,,Assault,Pushed,https://list.example/3,
4,,Kazakhstan,,,,Doxxing,,https://list.example/4,@x
"""


@pytest.fixture
def words(app: Flask) -> None:
    """Load the types that the files mention."""
    with as_user(app):
        for code in ("physical.assault", "harassment.doxxing", "property.damage"):
            make_type(code)
        db.session.commit()


def kept(staff: User, text: str = LIST, name: str = "list.csv", mapping: str = "") -> ImportBatch:
    """Return a file as it is stored after the upload."""
    content = text.encode()
    return import_service.receive_file(
        read_table(content, name),
        sha256=import_service.file_digest(content),
        file_name=name,
        mapping=mapping,
        team_id=staff.team_ids[0],
        by=staff,
    )


def plan_of(batch: ImportBatch, **said: object) -> ImportPlan:
    """Return the mapping found for a file, with the settings that only a person can give."""
    given = {"scheme": "THEIRS", "unnamed": "a journalist"}
    return ImportPlan.from_json(batch.mapping | given | said)


def taken(staff: User, text: str = LIST, name: str = "list.csv", **said: object) -> ImportBatch:
    """Return a file that was checked and imported."""
    batch = kept(staff, text, name)
    plan = plan_of(batch, **said)
    import_service.save_check(batch, plan, import_service.check_file(batch, plan), by=staff)
    prepare_import(batch, by=staff).store(batch, by=staff)
    return batch
