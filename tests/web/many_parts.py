"""A world in which the records that are looked at have several of each kind of part."""

from __future__ import annotations

from typing import Any

from flask import Flask
from sqlalchemy import inspect

from tests.factories import make_article, make_institution
from tests.safety.files_made import appeal_about, proceeding_about
from tests.safety.records_made import _account, _get, _response, _Set, tie
from tests.safety.world import Place, World, _become, build
from tracker.articles.codes import Independence
from tracker.cases.service import file_records, follow_record
from tracker.db import db, set_full_access
from tracker.fake_accounts.models import AccountImpersonation
from tracker.responses.appeal_service import set_outcome
from tracker.responses.codes import AnswerScope, AppealOutcome, Stance
from tracker.responses.models import ProceedingParty, ResponseStance
from tracker.review.models import Reviewable
from tracker.review.service import submit_record
from tracker.users.models import User

# Rows of a record that it may have any number of.
REPEATED = (
    "names", "references", "affiliations", "actors", "citations", "events", "acts", "steps",
    "statuses", "comments",
)  # fmt: skip
MORE = ("Again", "Then")
PLACES = (Place.OWN, Place.INTERNAL, Place.PUBLISHED)


def build_with_many_parts(app: Flask) -> World:
    """Fill an empty database; of the records in `PLACES` some are drafts, some in review, and some
    approved or published. What can be followed is, and each case changed since.
    """
    world = build(app)
    with app.app_context():
        set_full_access()
        monitor, staff = _become("monitor"), _become("staff")
        for place in PLACES:
            made = {kind: _get(one) for kind, one in world.records[place].items()}
            for kind in ("cases", "institutions", "journalists", "outlets"):
                for reader in (staff, monitor):
                    follow_record(made[kind], by=reader)
            _add_records(made, place.capitalize(), by=staff)
        # The records of the other places are tied to these already.
        tie(world.records[Place.OWN], world.records[Place.INTERNAL], by=staff)
        for record in map(_get, world.records[Place.INTERNAL].values()):
            if isinstance(record, Reviewable):
                submit_record(record, by=staff)
        db.session.commit()
    return world


def _add_records(made: dict[str, Any], word: str, *, by: User) -> None:
    """Give the records of a place more parts, and add more records about the same."""
    article, incident = made["articles"], made["incidents"]
    institution, journalist, outlet = (
        made[kind] for kind in ("institutions", "journalists", "outlets")
    )
    whose = {"team_id": article.team_id, "visibility": article.visibility}
    for again in MORE:
        one = _Set(f"{word}{again}", by, whose)
        repeat = make_article(f"{one.word} report", text=article.text, **whose, by=by)
        repeat.independence, repeat.repeats = Independence.REPEATS_ANOTHER, article
        body = make_institution(f"{one.word} Council", by=by)
        named, whole = (_response(one, article, incident, institution) for _ in range(2))
        whole.answers_scope = AnswerScope.CASE
        whole.answers.clear()
        named.acts[0].acting_institution = body
        named.other_stances.append(ResponseStance(stance=Stance.DENIES))
        account = _account(one, article, incident, journalist)
        account.events[0].institution = institution
        account.impersonates += [
            AccountImpersonation(outlet=outlet), AccountImpersonation(institution=body)
        ]  # fmt: skip
        about = (one.word, article, incident, institution)
        appeal = appeal_about(*about, **whose, by=by)
        set_outcome(appeal, AppealOutcome.ANSWERED, named, by=by)
        proceeding = proceeding_about(*about, concerns=journalist, **whose, by=by)
        proceeding.parties.append(ProceedingParty(outlet=outlet))
        proceeding.steps[0].institution = body
        db.session.flush()
        file_records(made["cases"], [named, whole, account, appeal, proceeding], by=by)
    for record in (*made.values(), *incident.targets):
        _repeat_parts(record)
    db.session.flush()


def _repeat_parts(record: Any) -> None:
    """Give a record two more of each part of which it may have any number."""
    for name in REPEATED:
        rows = getattr(record, name, [])
        for one in [*rows, *rows][:2]:
            columns = [at.key for at in inspect(type(one)).column_attrs if at.key != "id"]
            rows.append(type(one)(**{key: getattr(one, key) for key in columns}))
