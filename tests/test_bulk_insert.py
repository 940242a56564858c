"""Words and ids that are asked for as one text, alike on both databases."""

from __future__ import annotations

import json

from sqlalchemy import select

from tests.factories import as_user, make_outlet
from tracker.bulk_insert import is_in_json_list
from tracker.db import db
from tracker.people.models import Outlet

WORDS = ["7", "Қалам", 'A "paper"\\of ours', "x" * 200]


def test_words_and_ids_are_found_among_those_of_a_text(app):
    with as_user(app) as by:
        made = {name: make_outlet(name, by=by).id for name in WORDS}
        db.session.commit()
        dialect = db.session().get_bind().dialect.name

        for column, asked in ((Outlet.name, WORDS[:3]), (Outlet.id, [made[one] for one in WORDS])):
            text = json.dumps([*asked, asked[0]])
            rows = select(column).where(is_in_json_list(column, dialect))
            given = select(column).where(is_in_json_list(column, dialect, text))

            assert set(db.session.scalars(rows, {"rows": text})) == set(asked)
            assert set(db.session.scalars(given)) == set(asked)
