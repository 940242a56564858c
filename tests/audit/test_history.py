"""The history of a record, in words that whoever reads it may read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.factories import as_user, make_article, sign_in_directly
from tracker.articles.models import Article
from tracker.audit.queries import RecordValueLabels, history_fields, list_record_history
from tracker.audit.service import audited_change
from tracker.audit.snapshot import take_snapshot
from tracker.audit.views import history_lines
from tracker.audit.words import FIELD_LABELS, HIDDEN_FIELDS, WHEN_PARTS, event_sentences
from tracker.cases.codes import Lifecycle
from tracker.cases.models import Case
from tracker.db import db
from tracker.incidents.codes import ActorType, Certainty, StatusOfTarget, TargetKind, TargetRole
from tracker.incidents.models import (
    Incident,
    IncidentActor,
    IncidentCitation,
    IncidentTarget,
    TargetStatus,
)
from tracker.kit.fields import declared_field_label
from tracker.people.codes import InstitutionKind
from tracker.people.service import add_institution, add_journalist
from tracker.permissions import Role, Visibility
from tracker.records import Record, record_models, set_record_author
from tracker.scoping import Viewer, set_viewer
from tracker.users.models import User
from tracker.users.service import get_or_create_team
from tracker.vocabulary.labels import get_label
from tracker.when import parse_when

KNOWN = date(2025, 6, 20)


@pytest.fixture
def staff(app: Flask) -> Iterator[User]:
    with as_user(app) as user:
        yield user


@pytest.fixture
def incident(staff: User) -> Incident:
    """Return an incident as it was first saved."""
    made = Incident(
        country="KZ", when=parse_when("2025-03", latest_possible_date=KNOWN), team_id=staff.team_ids[0],
        visibility=Visibility.INTERNAL,
    )  # fmt: skip
    set_record_author(made, by=staff)
    with audited_change(made, "incident:create", by=staff):
        pass
    db.session.commit()
    return made


def edit(record: Any, *, by: User, **values: Any) -> None:
    with audited_change(record, "x:edit", by=by):
        for key, value in values.items():
            setattr(record, key, value)
        record.mark_revised(by=by)
    db.session.commit()


def newest(record: Record) -> list[str]:
    return history_lines(record, get_label)[0].sentences


def test_a_new_record_is_said_to_be_reported(incident):
    assert [line.sentences for line in history_lines(incident, get_label)] == [
        ["reported this incident"]
    ]
    assert history_lines(incident, get_label)[0].actor == "staff"


def test_a_date_is_one_value_however_few_of_its_parts_changed(staff, incident):
    edit(incident, by=staff, when=parse_when("2025-03-10/2025-03-31", latest_possible_date=KNOWN))
    edit(incident, by=staff, when=parse_when("2025-03-12/2025-03-31", latest_possible_date=KNOWN))

    lines = [line.sentences for line in history_lines(incident, get_label)]
    assert lines[0] == ["changed date from 10–31 March 2025 to 12–31 March 2025"]
    assert lines[1] == ["changed date from March 2025 to 10–31 March 2025"]


def test_a_code_is_its_label_and_a_text_is_in_quotation_marks(staff, incident):
    edit(incident, by=staff, place="Almaty", extent=Incident.extent.type.enum_class.LASTING)

    assert newest(incident) == [
        f"changed frequency from {get_label(incident.extent.__class__.ONCE)} to {get_label(incident.extent)}",
        "set place to “Almaty”",
    ]


def test_what_is_emptied_is_said_with_what_it_was(staff, incident):
    edit(incident, by=staff, place="Almaty")
    edit(incident, by=staff, place="")

    assert newest(incident) == ["cleared place (it was “Almaty”)"]


def test_a_target_is_the_person_with_what_was_said_about_her(staff, incident):
    journalist = add_journalist(
        "Dana Serik", team_id=staff.team_ids[0], visibility=Visibility.INTERNAL, by=staff
    )
    target = IncidentTarget(kind=TargetKind.JOURNALIST, journalist=journalist)
    with audited_change(incident, "incident:edit", by=staff):
        incident.targets.append(target)
        incident.mark_revised(by=staff)
    db.session.commit()

    [added] = newest(incident)
    assert added.startswith("added target: Dana Serik (")
    assert get_label(TargetRole.DIRECT) in added

    with audited_change(incident, "incident:edit", by=staff):
        target.role = TargetRole.IMPERSONATED
        incident.mark_revised(by=staff)
    db.session.commit()
    old, new = get_label(TargetRole.DIRECT), get_label(TargetRole.IMPERSONATED)
    assert newest(incident) == [f"target Dana Serik: changed role from {old} to {new}"]

    with audited_change(incident, "incident:edit", by=staff):
        target.statuses.append(
            TargetStatus(
                status=StatusOfTarget.DETAINED,
                when=parse_when("2025-03-14", latest_possible_date=KNOWN),
            )
        )
        incident.mark_revised(by=staff)
    db.session.commit()
    status = get_label(StatusOfTarget.DETAINED)
    [said] = newest(incident)
    assert said.startswith("target Dana Serik: added consequences for the target: 14 March 2025, ")
    assert status in said

    with audited_change(incident, "incident:edit", by=staff):
        incident.targets.remove(target)
        incident.mark_revised(by=staff)
    db.session.commit()
    assert newest(incident)[0].startswith("removed target: Dana Serik (")


def incident_changes(incident: Incident) -> list[Any]:
    return [entry.changes for entry in list_record_history(incident.ref)]


def test_an_actor_without_a_name_is_told_by_its_codes(staff, incident):
    edit(incident, by=staff, actors=[IncidentActor()])

    [said] = newest(incident)
    assert (
        said == f"added perpetrator: {get_label(ActorType.UNKNOWN)}, {get_label(Certainty.UNKNOWN)}"
    )


def test_a_citation_is_its_source_and_never_its_words(staff, incident):
    article = make_article(by=staff)
    db.session.flush()
    edit(
        incident, by=staff, citations=[IncidentCitation(article=article, quote="They knocked.")]
    )  # fmt: skip

    [said] = newest(incident)
    assert said.startswith("added citation: Two men at the door (")
    assert "They knocked." not in str(incident_changes(incident))


def test_nothing_is_said_of_what_the_reader_may_not_see(staff, incident):
    hidden = add_journalist(
        "Hidden Person", team_id=staff.team_ids[0], visibility=Visibility.RESTRICTED, by=staff
    )
    edit(
        incident,
        by=staff,
        targets=[IncidentTarget(kind=TargetKind.JOURNALIST, journalist=hidden)],
    )
    assert "Hidden Person" in newest(incident)[0]
    before = len(history_lines(incident, get_label))

    db.session.rollback()
    db.session.expunge_all()
    set_viewer(Viewer(()))
    seen = db.session.scalars(sa.select(Incident)).one()

    lines = history_lines(seen, get_label)
    assert len(lines) == before - 1
    assert "added target" not in str(lines)


def test_teams_and_people_are_named(staff):
    case = Case(title="Calls", country="KZ", team_id=staff.team_ids[0])
    set_record_author(case, by=staff)
    with audited_change(case, "case:create", by=staff):
        pass
    db.session.commit()
    edit(case, by=staff, lead=staff, lifecycle=Lifecycle.CLOSED)

    lead, stage = sorted(newest(case))[::-1]
    assert lead == "set lead to staff"
    assert stage.startswith("changed stage from")
    night = get_or_create_team("Night desk", by=staff)
    set_viewer(Viewer((*staff.team_ids, night.id)))
    edit(case, by=staff, team_id=night.id)
    assert newest(case) == ["changed team from Desk to Night desk"]


def test_a_decision_is_its_own_sentence(staff, incident):
    with audited_change(incident, "review:in_review", by=staff):
        incident.state = Incident.state.type.enum_class.IN_REVIEW
    with audited_change(incident, "review:returned", by=staff):
        incident.state = Incident.state.type.enum_class.RETURNED
        incident.review_note = "Who says so?"
    db.session.commit()

    lines = [line.sentences for line in history_lines(incident, get_label)]
    assert lines[1] == ["submitted this for review"]
    assert lines[0] == ["requested changes to this", "set note of the reviewer to “Who says so?”"]


def test_a_long_text_is_cut_and_a_field_that_is_no_more_keeps_its_key():
    meaning = RecordValueLabels(Incident, [], get_label)

    [said] = event_sentences("incident:edit", {"old_field": [None, "x" * 1000]}, meaning)

    assert said == f"set old field to “{'x' * 300}…”"


def test_an_act_without_words_or_changes_is_said_as_it_is():
    assert event_sentences(
        "incident:frobnicate", {}, RecordValueLabels(Incident, [], get_label)
    ) == ["incident:frobnicate"]


def test_every_model_named_by_a_history_is_asked_once(staff, incident):
    from tests.statements import counted

    people = [
        add_journalist(name, team_id=staff.team_ids[0], visibility=Visibility.INTERNAL, by=staff)
        for name in ("Anna Li", "Boris Kim", "Dana Serik", "Erlan Ospan")
    ]
    for person in people:
        with audited_change(incident, "incident:edit", by=staff):
            incident.targets.append(IncidentTarget(kind=TargetKind.JOURNALIST, journalist=person))
            incident.mark_revised(by=staff)
    db.session.commit()
    db.session.refresh(incident)

    with counted() as statements:
        lines = history_lines(incident, get_label)

    assert len(lines) == 5
    assert len(statements) == 2


@pytest.mark.parametrize("model", record_models().values(), ids=lambda model: model.__name__)
def test_every_field_of_every_record_has_a_name(app, model):
    with app.app_context():
        said = {path.rpartition(".")[2] for path in _keys(model, is_child=False)}

    declared = {name for name in said if declared_field_label(name)}
    unnamed = said - FIELD_LABELS.keys() - declared - HIDDEN_FIELDS - set(WHEN_PARTS)
    assert unnamed == set(), "name them in NAMES of tracker/audit/words.py"


def _keys(model: type[Any], *, is_child: bool) -> set[str]:
    """Return every key that a snapshot of a model can hold, its children's included."""
    keys = set(take_snapshot(model(), is_child=is_child))
    for relation in sa.inspect(model).relationships:
        if relation.info.get("audited"):
            keys |= _keys(relation.mapper.class_, is_child=True)
    return keys


def test_children_are_known_by_their_path():
    fields = history_fields(Incident)

    assert fields["targets.statuses.status"].value_class is StatusOfTarget
    assert fields["targets.role"].value_class is TargetRole
    assert fields["citations.article"].value_class is Article


def test_the_history_page_tells_who_did_what(app, client):
    with as_user(app) as staff:
        court = add_institution("City court", kind=InstitutionKind.COURT, by=staff)
        db.session.commit()
        edit(court, by=staff, name="City <b>court</b>")
        ref = court.ref
    sign_in_directly(client, "staff")

    text = client.get(f"/institutions/{ref}/history").text

    assert "recorded this" in text
    assert "changed name from “City court” to “City &lt;b&gt;court&lt;/b&gt;”" in text
    assert text.index("changed name") < text.index("recorded this")


class TestTheTrailOfAdministrators:
    def test_it_shows_who_did_what_and_no_values(self, app, client):
        with as_user(app, "boss", Role.ADMIN) as admin:
            case = Case(title="Covert title", country="KZ", team_id=admin.team_ids[0])
            set_record_author(case, by=admin)
            with audited_change(case, "case:create", by=admin):
                pass
            edit(case, by=admin, title="Another covert one")
            ref = case.ref
        sign_in_directly(client, "boss")

        text = client.get("/audit-log/").text

        assert ref in text
        assert "opened this case" in text
        assert "covert" not in text.lower()

    def test_it_pages_both_ways_without_loss(self, app, client, monkeypatch):
        from tracker.audit import views
        from tracker.audit.service import record_event

        monkeypatch.setattr(views, "PAGE_SIZE", 2)
        with as_user(app, "boss", Role.ADMIN) as admin:
            for number in range(5):
                record_event("case:edit", f"CAS-{number}", by=admin)
            db.session.commit()
        sign_in_directly(client, "boss")

        seen, address = [], "/audit-log/?actor=boss"
        while address:
            text = client.get(address).text
            seen += _subjects(text)
            address = _link(text, "next")
        assert [one for one in seen if one.startswith("CAS")] == [
            f"CAS-{n}" for n in range(4, -1, -1)
        ]

        text = client.get("/audit-log/?actor=boss&before=1").text
        assert len(_subjects(text)) == 2
        back = _subjects(client.get(_link(text, "prev")).text)
        assert back
        assert not set(back) & set(_subjects(text)) - {"boss"}

    @pytest.mark.parametrize(
        "query",
        ["after=x", "before=-1", "after=٣", "after=99999999999", "after=1&before=2", "who=me"],
    )
    def test_what_it_cannot_be_asked_is_said(self, app, client, query):
        with as_user(app, "boss", Role.ADMIN):
            pass
        sign_in_directly(client, "boss")

        assert client.get(f"/audit-log/?{query}").status_code == 400

    def test_nobody_else_reads_it(self, app, client):
        with as_user(app, "staff", Role.STAFF, Role.MONITOR, Role.EXPORTER):
            pass
        sign_in_directly(client, "staff")

        assert client.get("/audit-log/").status_code == 403

    def test_a_search_without_result_says_what_to_do(self, app, client):
        with as_user(app, "boss", Role.ADMIN):
            pass
        sign_in_directly(client, "boss")

        assert "No entry fits" in client.get("/audit-log/?actor=nobody").text


def _subjects(text: str) -> list[str]:
    import re

    return re.findall(r'<td class="ref"[^>]*>([^<]*)</td></tr>', text)


def _link(text: str, rel: str) -> str:
    import re
    from html import unescape

    found = re.search(rf'rel="{rel}" href="([^"]+)"', text)
    return unescape(found.group(1)) if found else ""
