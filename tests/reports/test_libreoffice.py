"""LibreOffice opens every sheet that leaves: Cyrillic as it was, and no formula evaluated."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from lxml import etree

from tests.factories import as_user, make_article, make_incident, make_journalist, sign_in_directly
from tests.sample.test_sample import load
from tracker.db import db
from tracker.incidents.service import TargetFacts
from tracker.permissions import Role
from tracker.review.codes import EditorialState
from tracker.vocabulary.codes import TermSet
from tracker.vocabulary.models import Term

OFFICE = shutil.which("soffice")
SECONDS = 180
FORMULA = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}formula"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}p"
RUN = ["=1+1", "+1+1", "-1+1", "@SUM(1;1)", "\t=1+1", "\r=1+1", "＝1+1", '=HYPERLINK("http://x")']
FILES = {
    "flat.csv": "/reports/incidents.csv?labels=ru",
    "flat.xlsx": "/reports/incidents.xlsx?labels=ru",
    "monthly.xlsx": "/reports/monthly.xlsx?month=2020-01/2035-12",
    "partner.xlsx": "/reports/incidents.xlsx?profile=partner&drafts=yes&labels=kk",
    "package.xlsx": "/reports/package.xlsx",
    "published.csv": "/reports/published.csv",
}


def region_called(name: str) -> Term:
    return Term(
        term_set=TermSet.REGION, code=f"region-{RUN.index(name.rpartition(' ')[0])}", rank=1,
        label_en=name, label_ru=name, label_kk=name,
    )  # fmt: skip


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.skipif(OFFICE is None, reason="LibreOffice (soffice) is not installed")
def test_libreoffice_opens_every_sheet(
    app: Flask, client: FlaskClient, runner: FlaskCliRunner, tmp_path: Path
) -> None:
    load(app, runner)
    with as_user(app, "taker", Role.STAFF, Role.EXPORTER) as by:
        article = make_article("Статья", by=by)
        for title in RUN:
            her = make_journalist(f"{title} Жанна", by=by)
            made = make_incident(
                title=f"{title} угроза", article=article,
                targets=[TargetFacts(journalist=her)], by=by,
            )  # fmt: skip
            made.state, made.region = EditorialState.APPROVED, region_called(f"{title} область")
        db.session.commit()
    sign_in_directly(client, "taker")
    client.get("/language/ru")
    for name, address in FILES.items():
        with client.get(address) as answer:
            assert answer.status_code == 200, address
            (tmp_path / name).write_bytes(answer.get_data())
    opened = tmp_path / "opened"
    assert OFFICE is not None
    for name in FILES:
        # A folder of its own: beside another LibreOffice of the same person it would do nothing.
        asked = [OFFICE, f"-env:UserInstallation=file://{tmp_path}/office", "--headless"]
        to = ["--convert-to", "fods", "--outdir", str(opened / name), str(tmp_path / name)]
        subprocess.run([*asked, *to], check=True, capture_output=True, timeout=SECONDS)

    said = {}
    for name in FILES:
        [file] = (opened / name).glob("*.fods")
        tree = etree.parse(file)
        assert [one for one in tree.iter() if FORMULA in one.attrib] == [], name
        said[name] = "\n".join("".join(one.itertext()) for one in tree.iter(TEXT))
    for name in ("flat.csv", "flat.xlsx"):
        for title in RUN:
            assert title.strip() + " угроза" in said[name], (name, title)
            assert title.strip() + " Жанна" in said[name], (name, title)
        assert "Угроза убийством" in said[name]
    # A text of a workbook is one, and needs no mark that everybody reads.
    assert [name for name in FILES if name.endswith(".xlsx") and "'=" in said[name]] == []
    assert "UTC" in said["flat.xlsx"]
    assert "угроза" in said["package.xlsx"]
    for title in RUN:
        assert title.strip() + " область" in said["monthly.xlsx"], title
    assert "Угроза убийством" in said["monthly.xlsx"]
    assert "Өлтіремін деп қорқыту" in said["partner.xlsx"]
    assert "published_at" in said["published.csv"]
