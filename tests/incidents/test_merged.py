"""What a merge does to names, to what the world reads and to what others keep; by the service."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.factories import as_user, make_incident, make_journalist
from tests.fake_accounts.accounts_made import make_account
from tests.incidents.namings_made import (
    NAME,
    STANDS,
    decide,
    deciding,
    her,
    let_out,
    stored,
    visit,
    world,
)
from tracker.audit.models import CommittedValue
from tracker.db import db
from tracker.errors import InvalidInput
from tracker.fake_accounts.models import FakeAccount, IncidentAccount
from tracker.fake_accounts.service import add_incident
from tracker.incidents.codes import IncidentLinkKind, NameReach, NamingDecision
from tracker.incidents.guarded_models import TargetNamingDecision
from tracker.incidents.merging_service import merge_incidents
from tracker.incidents.models import Incident, IncidentLink
from tracker.incidents.section_service import add_link
from tracker.people.service import approve_erasure, request_erasure
from tracker.permissions import Role, Visibility
from tracker.review.codes import EditorialState, RetractReason
from tracker.review.service import restore_record
from tracker.vocabulary.codes import Answer

SEXUAL = ("threat.sexual",)


def retracted(record: Incident | FakeAccount) -> None:
    record.state, record.retract_reason = EditorialState.RETRACTED, RetractReason.LEGAL
    db.session.commit()


def test_a_name_that_is_public_is_not_so_in_a_sexual_act(app: Flask):
    with deciding(app) as staff:
        journalist = her(staff)
        kept = visit(journalist, types=SEXUAL, by=staff)
        other = visit(journalist, by=staff)
        decide(other, by=staff)

        merge_incidents(kept, other, by=staff)

        assert kept.targets[0].name_reach is NameReach.HOUSE


@pytest.mark.parametrize("is_act", ["kept", "other"])
def test_a_target_that_comes_along_is_named_as_the_incident_allows(app: Flask, is_act: str):
    """Who was named in a sexual act has agreed to that in writing."""
    with deciding(app) as staff:
        kept = make_incident(*(SEXUAL if is_act == "kept" else ()), by=staff)
        other = visit(her(staff), types=SEXUAL if is_act == "other" else (), by=staff)
        other.targets[0].name_reach = NameReach.PUBLIC

        merge_incidents(kept, other, by=staff)

        [came] = [one for one in kept.targets if one.journalist]
        assert came.name_reach is (NameReach.HOUSE if is_act == "kept" else NameReach.PUBLIC)


def test_of_two_decisions_the_narrower_one_has_its_way(app: Flask):
    with deciding(app) as staff:
        journalist = her(staff)
        kept, other = visit(journalist, by=staff), visit(journalist, by=staff)
        decide(kept, is_minor=Answer.UNKNOWN, by=staff)
        decide(other, NamingDecision.NOT_ASKED, is_minor=Answer.YES, by=staff)

        merge_incidents(kept, other, by=staff)

        assert kept.targets[0].name_reach is NameReach.HOUSE


def test_the_words_that_stand_for_a_name_come_along(app: Flask):
    with deciding(app) as staff:
        journalist = her(staff)
        kept, other = visit(journalist, by=staff), visit(journalist, by=staff)
        other.targets[0].named_as = STANDS

        merge_incidents(kept, other, by=staff)

        assert kept.targets[0].named_as == STANDS


def test_the_world_reads_no_more_of_the_other_one(app: Flask):
    with deciding(app) as staff:
        kept, other = visit(by=staff), visit(summary="The same visit.", by=staff)
        let_out(other)

        merge_incidents(kept, other, by=staff)
        db.session.commit()

        assert "The same visit." not in (told := world())
        assert f"{other.ref},1,retracted,duplicate" in told


def test_what_the_team_keeps_to_itself_is_not_opened_by_a_merge(app: Flask):
    with deciding(app) as staff:
        kept = visit(by=staff)
        other = visit(narrative="Told by a friend.", visibility=Visibility.RESTRICTED, by=staff)

        with pytest.raises(InvalidInput, match="Only its team may see"):
            merge_incidents(kept, other, by=staff)


@pytest.mark.parametrize("which", ["kept", "other"])
def test_nothing_is_merged_with_what_is_retracted(app: Flask, which: str):
    with deciding(app) as staff:
        two = {"kept": visit(by=staff), "other": visit(by=staff)}
        retracted(two[which])

        with pytest.raises(InvalidInput, match="is retracted"):
            merge_incidents(two["kept"], two["other"], by=staff)


def link_of(ref: str) -> str:
    """Return the ref of the incident to which another one links."""
    rows = sa.select(IncidentLink).where(IncidentLink.incident_id == stored(ref).id)
    other = db.session.scalars(rows).one().other
    assert other is not None
    return other.ref


@pytest.mark.parametrize("whose", ["ours", "retracted", "another team's"])
def test_a_third_incident_leads_here_where_one_may_change_it(app: Flask, whose: str):
    with as_user(app) as staff:
        kept, other = visit(by=staff), visit(by=staff)
        db.session.commit()
        refs = kept.ref, other.ref
    name, team = ("else", "Elsewhere") if whose == "another team's" else ("staff", "Desk")
    with as_user(app, name, team=team) as author:
        third = visit(by=author)
        add_link(third, stored(refs[1]), kind=IncidentLinkKind.FOLLOWS, by=author)
        if whose == "retracted":
            retracted(third)
        db.session.commit()
        ref = third.ref
    with deciding(app) as staff:
        merge_incidents(*(stored(one) for one in refs), by=staff)
        db.session.commit()

        assert link_of(ref) == refs[0 if whose == "ours" else 1]


@pytest.mark.parametrize("is_retracted", [False, True])
def test_a_retracted_account_keeps_the_incident_that_it_had(app: Flask, is_retracted: bool):
    with deciding(app) as staff:
        kept, other = visit(by=staff), visit(by=staff)
        account = make_account(by=staff)
        add_incident(account, other, by=staff)
        if is_retracted:
            retracted(account)

        merge_incidents(kept, other, by=staff)
        db.session.commit()

        joined = db.session.scalars(sa.select(IncidentAccount)).one()
        assert joined.incident_id == (other if is_retracted else kept).id


def test_what_was_merged_does_not_come_back(app: Flask):
    """Its page offers no button; nor is it done in any other way."""
    with deciding(app) as staff:
        kept, other = visit(by=staff), visit(by=staff)
        merge_incidents(kept, other, by=staff)
        db.session.commit()
        ref = other.ref
    with as_user(app, "monitor", Role.MONITOR) as monitor:
        with pytest.raises(InvalidInput, match="It stays retracted"):
            restore_record(stored(ref), note="It stands.", by=monitor)
        assert stored(ref).is_retracted


def test_an_erasure_finds_what_was_said_of_her_in_the_one_that_was_merged(app: Flask):
    with deciding(app) as staff:
        journalist = make_journalist(NAME, by=staff)
        kept, other = make_incident(by=staff), visit(journalist, by=staff)
        decide(other, how_asked="By her lawyer", by=staff)
        merge_incidents(kept, other, by=staff)
        request_erasure(journalist, reason="She asked.", by=staff)
        db.session.commit()
        ref = journalist.ref
    with deciding(app, "colleague") as colleague:
        approve_erasure(
            db.session.scalars(sa.select(type(journalist)).filter_by(ref=ref)).one(), by=colleague
        )
        db.session.commit()

        said = [*db.session.scalars(sa.select(CommittedValue.value))]
        said += db.session.scalars(sa.select(TargetNamingDecision.how_asked))
        assert "By her lawyer" not in said
