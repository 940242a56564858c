"""Pages to which no link of the sample leads: their records, and their addresses."""

from __future__ import annotations

from typing import Any

from flask import Flask

from tests.cases.records_made import make_case
from tests.factories import as_user, make_article, make_incident, make_journalist
from tests.fake_accounts.accounts_made import make_account
from tests.intake.inbox_made import make_item
from tests.reports.imports.conftest import kept
from tests.responses.appeals_made import make_appeal
from tests.responses.proceedings_made import make_proceeding
from tests.responses.responses_made import make_response
from tracker.db import db
from tracker.permissions import Role, Visibility

ADDRESSES = (
    "/search", "/confirm?next=/users/new", "/account/mail",
    "/incidents/{lawsuit}/assess", "/incidents/{incident}/share", "/incidents/{incident}/merge/{other}",
    "/fake-accounts/{account}/share", "/responses/{response}/share", "/appeals/{appeal}/share",
    "/proceedings/{proceeding}/share", "/cases/{case}/share", "/reports/dossier/{case}/print",
    "/intake/items/{item}/", "/intake/duplicates/{journalist}/{namesake}",
    "/reports/imports/{imported}/",
)  # fmt: skip


def unlinked_addresses(app: Flask, user: str, team: str) -> list[str]:
    """Add the records of these pages for somebody who has every role; return the addresses."""
    whose: dict[str, Any] = {"visibility": Visibility.RESTRICTED}
    with as_user(app, "colleague", team=team) as colleague:
        lawsuit = make_incident("legal.civil", by=colleague).ref
        db.session.commit()
    with as_user(app, user, *Role, team=team) as by:
        article = make_article("Letters to an editor", by=by, **whose)
        incident = make_incident(article=article, by=by, **whose)
        records: dict[str, Any] = {
            "incident": incident,
            "other": make_incident(article=article, by=by, **whose),
            "account": make_account(cites=article, by=by, **whose),
            "response": make_response(cites=article, incidents=(incident,), by=by, **whose),
            "appeal": make_appeal(incident, by=by, **whose),
            "proceeding": make_proceeding(
                "against_perpetrators", ("opened", "2025-06-02"), incidents=(incident,), by=by,
                **whose,
            ),
            "case": make_case("Letters to an editor", by=by, **whose),
            "item": make_item(by=by),
            "journalist": make_journalist("Gulnara Omar", by=by),
            "namesake": make_journalist("Gulnara Omarova", by=by),
            "imported": kept(by),
        }  # fmt: skip
        db.session.commit()
        refs = {name: record.ref for name, record in records.items()} | {"lawsuit": lawsuit}
    return [address.format_map(refs) for address in ADDRESSES]
