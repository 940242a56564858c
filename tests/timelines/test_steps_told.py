"""What a timeline says of the steps of proceedings: who took them, and which words are theirs."""

from __future__ import annotations

import pytest

from tests.factories import as_user, make_institution, make_journalist, sign_in_directly
from tests.responses.proceedings_made import make_docket, make_proceeding, step
from tests.timelines.overview_read import words
from tracker.articles.codes import Bearing
from tracker.articles.service import build_citation
from tracker.db import db
from tracker.people.models import Institution, Journalist
from tracker.responses.models import ProceedingCitation, ProceedingParty
from tracker.responses.proceeding_service import add_step


@pytest.fixture
def told(app, client):
    """Return where she is told of: charged, tried and appealing, and suing; and the court."""
    with as_user(app) as by:
        docket = make_docket(by=by)
        court = make_institution("City Court", by=by)
        higher = make_institution("Higher Court", by=by)
        asem = make_journalist("Asem Doe", by=by)
        hers = make_proceeding(
            "against_target", ("trial", "2025-06-02"), ("appeal", "2025-06-12"),
            by=by, cites=docket, institution=court, parties=(asem,),
        )  # fmt: skip
        said = build_citation(ProceedingCitation, docket, "3")
        add_step(hers, step("charged", "2025-05-10", article=docket, quotes=[said]), by=by)
        disputed = build_citation(ProceedingCitation, docket, "4")
        disputed.bearing = Bearing.CONTRADICTS
        hers.citations.append(disputed)
        add_step(hers, step("appeal", "2025-06-14", institution=higher, note="Her lawyer."), by=by)
        make_proceeding("by_target", ("filed", "2025-06-01"), by=by, institution=court,
                        parties=(asem,))  # fmt: skip
        db.session.commit()
        at = {"asem": f"/journalists/{asem.ref}/timeline", "court": court.ref, "docket": docket.ref}
    sign_in_directly(client, "staff")
    return at


def steps_in(client, told):
    entries = client.get(f"{told['asem']}.json").get_json()["entries"]
    return {(one["types"][0]["code"], one["latest"]): one for one in entries}


def test_what_a_party_does_is_not_told_as_done_by_the_court_nor_to_her(client, told):
    found = steps_in(client, told)
    taken = {
        code: (one["lane"], one["tone"], one["actors"], one["note"])
        for (code, day), one in found.items()
        if day != "2025-06-12"
    }

    assert taken == {
        "charged": ("done", "done", ["City Court"], ""),
        "trial": ("done", "done", ["City Court"], ""),
        # The lane is that of the record. Which party it was, the note may say.
        "appeal": ("done", "asked", ["one of the parties"], "Her lawyer., to Higher Court"),
        "filed": (
            "authorities", "asked",
            ["the target, or somebody in the target’s name"], "to City Court",
        ),
    }  # fmt: skip
    # Nobody says which court heard the first appeal: not the one that had judged.
    assert found["appeal", "2025-06-12"]["note"] == ""
    record = client.get(f"/institutions/{told['court']}/response-record").text
    assert "You see no answer or act of this institution" in record


def test_who_quashed_a_judgment_is_not_the_court_that_had_passed_it(app, client, told):
    with as_user(app) as by:
        asem = db.session.query(Journalist).one()
        court = db.session.query(Institution).filter_by(ref=told["court"]).one()
        done = ("sentence", "2025-04-10"), ("quashed", "2025-04-20")
        file = make_proceeding("against_perpetrators", *done, by=by, institution=court)
        file.parties = [ProceedingParty(journalist=asem)]
        db.session.commit()

    found = steps_in(client, told)
    assert found["sentence", "2025-04-10"]["actors"] == ["City Court"]
    assert found["quashed", "2025-04-20"]["actors"] == []
    record = words(client.get(f"/institutions/{told['court']}/response-record").text)
    assert "Responses and acts (1)" in record


def test_a_step_shows_its_own_words_or_its_source_alone(client, told):
    quotes = {
        key: [(one["quote"], one["bearing"], one["source"]["ref"]) for one in entry["quotes"]]
        for key, entry in steps_in(client, told).items()
    }

    source = told["docket"]
    assert quotes == {
        ("charged", "2025-05-10"): [
            ("The editor herself was charged with spreading false information on 10 May.",
             "supports", source),
            # What speaks of the whole case, to whichever end, keeps its source and lends no words.
            (None, "contradicts", source),
        ],
        ("trial", "2025-06-02"): [],
        ("appeal", "2025-06-12"): [],
        ("appeal", "2025-06-14"): [],
        ("filed", "2025-06-01"): [],
    }  # fmt: skip


def test_no_empty_quotation_stands_on_page_or_text(client, told):
    page = client.get(told["asem"]).text
    text = client.get(f"{told['asem']}.txt").text

    assert page.count('<blockquote class="quote">') == 1
    assert '<blockquote class="quote"></blockquote>' not in page
    assert "The police registered" not in words(page) + text
    assert "“”" not in text
    assert "   Disputed by a source: [1]\n" in text


def test_a_body_that_runs_a_proceeding_shows_it_by_direction(client, told):
    page = client.get(f"/institutions/{told['court']}/").text

    for direction in ("against the target", "brought by the target"):
        assert f"Proceedings {direction}</h2>" in page
    assert "took a step in them, or received one" in page
    assert f'href="/proceedings/?institution={told["court"]}"' in page


def test_a_proceeding_without_any_step_is_no_act_of_the_authorities(app, client):
    with as_user(app) as by:
        docket, journalist = make_docket(by=by), make_journalist("Dana Doe", by=by)
        make_proceeding("against_perpetrators", by=by, cites=docket, parties=(journalist,))
        db.session.commit()
        address = f"/journalists/{journalist.ref}/timeline"
    sign_in_directly(client, "staff")

    (entry,) = client.get(f"{address}.json").get_json()["entries"]
    page = client.get(address).text

    assert (entry["tone"], entry["note"]) == ("asked", "no step recorded")
    assert "no step recorded" in words(page)
    assert "0 entries on what the authorities did." in page
