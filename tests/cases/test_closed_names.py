"""A case that others read does not come to be about somebody whose name it tells."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.cases.records_made import make_case
from tests.factories import as_user, make_incident, make_journalist
from tracker import clock
from tracker.cases.service import file_records
from tracker.db import db
from tracker.errors import InvalidInput
from tracker.incidents.models import Incident
from tracker.incidents.service import TargetFacts
from tracker.permissions import Visibility
from tracker.users.models import User


@pytest.fixture
def staff(app: Flask) -> Iterator[User]:
    with as_user(app) as user:
        yield user


@pytest.fixture
def hers(staff: User) -> Incident:
    """Return an open incident against somebody whose name is closed."""
    journalist = make_journalist("Gulnara Bazhkenova", visibility=Visibility.RESTRICTED, by=staff)
    journalist.name_closed_on = clock.current_date()
    incident = make_incident(targets=[TargetFacts(journalist=journalist)], by=staff)
    db.session.commit()
    return incident


@pytest.mark.parametrize(
    "words", [{"title": "The Bazhkenova case"}, {"title": "A case", "summary": "Bazhkenova sued."}]
)
def test_her_incident_is_not_filed_where_others_read_her_surname(
    staff: User, hers: Incident, words: dict[str, str]
):
    case = make_case(**words, by=staff)

    with pytest.raises(InvalidInput, match="The text of this case names somebody"):
        file_records(case, [hers], by=staff)
    assert case.incidents == []


def test_it_is_filed_where_only_the_team_reads_it(staff: User, hers: Incident):
    case = make_case("The Bazhkenova case", visibility=Visibility.RESTRICTED, by=staff)

    assert file_records(case, [hers], by=staff) == [hers]


def test_what_is_about_somebody_else_is_filed_there(staff: User, hers: Incident):
    case = make_case("The Bazhkenova case", by=staff)

    assert len(file_records(case, [make_incident(by=staff)], by=staff)) == 1
