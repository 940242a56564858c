"""What a form does when the domain refuses what was typed."""

from __future__ import annotations

import re
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from tests.factories import as_user, make_incident
from tracker.db import db
from tracker.errors import InvalidInput
from tracker.i18n import use_language
from tracker.incidents.models import Incident
from tracker.web.forms import (
    ButtonForm,
    ChoiceField,
    ChoicesField,
    PartForm,
    WhenForm,
    csrf_field,
)
from tracker.when import parse_when


def test_nothing_stays_of_what_was_done_before_it_was_refused(app: Flask) -> None:
    with as_user(app) as staff:
        make_incident(title="Letters", by=staff)
        db.session.commit()
    with app.test_request_context(), as_user(app):
        incident = db.session.scalars(select(Incident)).one()
        incident.title = "Half done"
        db.session.flush()

        ButtonForm(formdata=None).reject(InvalidInput(title="Refused"))

        # The page that says why shows what is stored; nothing later in the request saves the rest.
        assert incident.title == "Letters"
        db.session.commit()
        assert db.session.scalars(select(Incident.title)).one() == "Letters"


@pytest.mark.parametrize("code", ["en", "ru", "kk"])
def test_the_dates_in_hints_are_written_as_people_write_them_and_can_be_read(
    app: Flask, code: str
) -> None:
    with app.test_request_context(), use_language(code):
        hint = str(WhenForm().when.description)
    examples = hint.split(" · ")
    assert len(examples) == 7
    precisions = [
        parse_when(one, latest_possible_date=date(2026, 11, 1)).precision for one in examples
    ]
    assert precisions == ["day", "month", "year", "range", "approximate", "range", "before"]
    assert not re.search(r"[0-9]-[0-9]|[/~]", hint)


def test_a_button_sends_what_its_form_would_show(app: Flask) -> None:
    record = SimpleNamespace(version=7)
    with app.test_request_context("/"):
        for form, written in (
            (ButtonForm(formdata=None), csrf_field()),
            (PartForm.for_record(record), csrf_field(record)),
        ):
            form.submission.data = re.findall('"submission" type="hidden" value="(.+?)"', written)[
                0
            ]

            assert written == form.hidden_tag()


@pytest.mark.parametrize(
    "choices",
    [
        [("kz", "Kazakhstan"), ("kg", "Kyrgyzstan")],
        [("kz", "Kazakhstan", {"lang": "en"}), ("kg", "Kyrgyzstan", {})],
        {"Central Asia": [("kz", "Kazakhstan")], "Others": [("kg", "Kyrgyzstan", {})]},
        {"kz": "Kazakhstan", "kg": "Kyrgyzstan"},
        ["kz", "kg"],
    ],
)
def test_only_what_is_among_the_choices_is_taken(app: Flask, choices: Any) -> None:
    class Chosen(PartForm):
        one = ChoiceField("One", choices=lambda: choices)
        several = ChoicesField("Several", choices=lambda: choices)

    def errors(one: str, *several: str) -> set[str]:
        form = Chosen(formdata=MultiDict([("one", one), *(("several", it) for it in several)]))
        form.validate()
        return {*form.errors} & {"one", "several"}

    with app.test_request_context("/", method="POST"):
        assert errors("kz", "kg", "kz") == set()
        assert errors("k", "kz", "ru") == {"one", "several"}
        assert errors("Others", "kz") == {"one"}
