"""The history of a record that was opened later: what was taken out before stays with its team."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import as_user, make_article, make_incident, make_user, sign_in_directly
from tracker.articles.citation_service import add_citations, remove_citation
from tracker.audit.queries import RecordValueLabels, changes_since_shared
from tracker.audit.service import audited_change
from tracker.audit.views import history_lines
from tracker.audit.words import event_sentences
from tracker.db import db
from tracker.incidents.models import Incident
from tracker.permissions import Role, Visibility
from tracker.review.service import share_record
from tracker.scoping import Viewer, set_viewer
from tracker.users.models import User
from tracker.vocabulary.labels import get_label

SECRET = "Witness Aray lives behind the bakery. She saw the car."
OPENED = "changed visibility from "
BEFORE = "changed this while only its team could see it"


def change(incident: Incident, *, by: User, **values: object) -> None:
    with audited_change(incident, "incident:edit", by=by):
        for key, value in values.items():
            setattr(incident, key, value)
        incident.mark_revised(by=by)


def restricted(staff: User) -> Incident:
    """Return an incident whose restricted source and old words were taken out while it was so."""
    secret = make_article(
        "Notes of a talk", text=SECRET, visibility=Visibility.RESTRICTED, by=staff
    )
    incident = make_incident(
        article=secret, title="The bakery witness", visibility=Visibility.RESTRICTED, by=staff
    )
    db.session.flush()
    add_citations(incident, make_article(by=staff), "1", by=staff)
    db.session.flush()
    first = next(one for one in incident.citations if one.article is secret)
    remove_citation(incident, first.id, by=staff)
    change(incident, title="A visit at night", by=staff)
    change(incident, title="A visit", by=staff)
    with audited_change(incident, "incident:edit", by=staff):
        incident.targets[0].words = "an editor of a paper"
        incident.mark_revised(by=staff)
    return incident


@pytest.fixture
def opened(app: Flask) -> str:
    """Return the ref of such an incident after it was opened and its place was added."""
    with as_user(app) as staff:
        make_user("stranger", Role.MONITOR, team="Night desk")
        incident = restricted(staff)
        share_record(incident, listed_refs=[], by=staff)
        change(incident, place="Almaty", by=staff)
        db.session.commit()
        return incident.ref


def history(client: FlaskClient, ref: str, name: str) -> str:
    sign_in_directly(client, name)
    answer = client.get(f"/incidents/{ref}/history")
    assert answer.status_code == 200
    return answer.text


def test_others_read_no_word_of_what_was_taken_out_before_it_was_opened(client, opened):
    text = history(client, opened, "stranger")

    for taken_out in ("Aray", "bakery", "Notes of a talk", "A visit at night", "an editor"):
        assert taken_out not in text
    assert text.count(BEFORE) == 5
    assert text.count("<time") == 8
    assert "reported this incident" in text
    assert OPENED in text
    assert "set place to “Almaty”" in text


def test_its_team_reads_all_of_it(client, opened):
    text = history(client, opened, "staff")

    assert "removed citation: Notes of a talk" in text
    assert "lives behind the bakery" not in text
    assert "from “The bakery witness” to “A visit at night”" in text
    assert "an editor of a paper" in text
    assert BEFORE not in text


def test_the_save_that_opened_it_says_nothing_else(app):
    with as_user(app) as staff:
        incident = make_incident(title="Aray’s door", visibility=Visibility.RESTRICTED, by=staff)
        db.session.flush()
        change(incident, title="A door", visibility=Visibility.INTERNAL, by=staff)
        db.session.commit()
        set_viewer(Viewer(()))

        [[newest], [oldest]] = [line.sentences for line in history_lines(incident, get_label)]

    assert newest.startswith(OPENED)
    assert oldest == "reported this incident"


def test_what_was_written_while_it_was_closed_again_is_withheld_as_well():
    opens = {"visibility": ["restricted", "internal"]}
    closes = {"visibility": ["internal", "restricted"]}
    title = {"title": ["a", "b"]}

    assert changes_since_shared([
        ("x:edit", title),
        ("x:widen", opens),
        ("x:edit", title),
        ("x:narrow", closes),
        ("x:widen", opens),
    ]) == [title, opens, None, None, None]  # fmt: skip
    assert changes_since_shared([("x:narrow", closes), ("x:create", {"digest": "0"})]) == [
        closes,
        {"digest": "0"},
    ]


@pytest.mark.parametrize("act", ["added", "removed", "changed"])
def test_a_quote_of_a_source_that_is_not_shown_is_not_told_of(app, act):
    cited = {"article": "ART-HIDDEN0000", "quote": "Aray lives there.", "bearing": "supports"}
    pairs = {
        "added": [[], [cited]],
        "removed": [[cited], []],
        "changed": [[cited], [cited | {"bearing": "disputes"}]],
    }
    with as_user(app):
        meaning = RecordValueLabels(Incident, [{"citations": pairs[act]}], get_label)
        place = {"place": ["", "Almaty"]}
        alone = event_sentences("incident:edit", {"citations": pairs[act]}, meaning)
        beside = event_sentences("incident:edit", {"citations": pairs[act]} | place, meaning)

    assert alone == []
    assert beside == ["set place to “Almaty”"]
