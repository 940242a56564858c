"""The takedown dossier: what leaves the house about a fake account, and what stays."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories import (
    as_user,
    make_article,
    make_incident,
    make_journalist,
    make_outlet,
    sign_in_directly,
)
from tests.fake_accounts.accounts_made import make_account, make_platforms, make_report
from tests.fake_accounts.test_register_list import read, retract
from tests.incidents.namings_made import close, deciding
from tests.responses.proceedings_made import make_proceeding
from tracker.articles.citation_service import add_citations
from tracker.articles.codes import Bearing, SourceKind
from tracker.articles.models import Article, ArticleMask, ArticleOriginal
from tracker.audit.models import AuditEvent
from tracker.db import db
from tracker.fake_accounts.models import FakeAccount
from tracker.incidents.codes import (
    ActorType,
    AttributedBy,
    Certainty,
    NameReach,
    TargetKind,
    TargetRole,
)
from tracker.incidents.models import Incident, IncidentActor
from tracker.incidents.service import TargetFacts
from tracker.people.models import Journalist
from tracker.permissions import Role, Visibility

NAME = "Anna Smirnova"
ORIGINAL = b"<p>Pages with the name of Anna Smirnova appeared.</p>"
DIGEST = hashlib.sha256(ORIGINAL).hexdigest()


def make_posing(app: Flask, reach: NameReach, *, named_as: str = "", **given: Any) -> str:
    """Return the ref of an account that poses as a journalist, and was used in an incident whose
    naming decision lets her name go so far.
    """
    with as_user(app) as user:
        anna = make_journalist(NAME, by=user)
        report = make_report(
            by=user, url="https://news.example/anna-smirnova", publisher_words="Orda"
        )
        report.archive_url = "https://archive.example/1"
        report.original = ArticleOriginal(media_type="text/html", sha256=DIGEST, content=ORIGINAL)
        target = TargetFacts(journalist=anna, role=TargetRole.IMPERSONATED)
        incident = make_incident("impersonation.journalist", targets=[target], by=user)
        incident.targets[0].name_reach, incident.targets[0].named_as = reach, named_as
        values: dict[str, Any] = {
            "cites": report, "incidents": [incident], "impersonates": [anna],
            "platform": make_platforms()["telegram"], "url": "https://t.me/anna_smirnova",
            "displayed_name": "Анна Смирнова", "spreads": "Only for us",
        }  # fmt: skip
        account = make_account(
            "anna_smirnova", ("first_seen", "2025-06-01"), ("reported_to_platform", "2025-06"),
            by=user, **(values | given),
        )  # fmt: skip
        db.session.commit()
        return account.ref


def dossier(client: FlaskClient, ref: str, name: str = "staff") -> str:
    sign_in_directly(client, name)
    answer = client.get(f"/fake-accounts/{ref}/dossier")
    assert answer.status_code == 200, answer.text
    # Whoever reads the paper does not read what stands around the page.
    return answer.text.partition('<main id="main">')[2]


@pytest.mark.parametrize("reach", [NameReach.PARTNER, NameReach.PUBLIC])
def test_a_dossier_says_what_a_platform_asks_for(app, client, reach):
    text = dossier(client, make_posing(app, reach))

    for words in (
        "Telegram", "anna_smirnova", "Анна Смирнова", "https://t.me/anna_smirnova", NAME,
        "1 June 2025: First seen", "June 2025: Reported to the platform", "Orda",
        "Pages with the name of Anna Smirnova appeared on Telegram.",
        "https://news.example/anna-smirnova", "https://archive.example/1", DIGEST,
        "not yet approved by a second person",
    ):  # fmt: skip
        assert words in text, words
    assert "Only for us" not in text
    assert "Some names, and addresses that contain one, were left out" not in text


@pytest.mark.parametrize("reach", [NameReach.TEAM, NameReach.HOUSE, NameReach.INTERGOVERNMENTAL])
def test_without_a_decision_her_name_is_nowhere_in_it_however_it_is_written(app, client, reach):
    ref = make_posing(app, reach, named_as="an editor in Almaty")
    text = dossier(client, ref)

    for words in ("Anna", "Smirnova", "anna", "smirnova", "Анна", "Смирнова"):
        assert words not in text, words
    assert "Poses as an editor in Almaty" in read(text)
    assert "Some names, and addresses that contain one, were left out" in text
    assert "https://archive.example/1" in text


@pytest.mark.parametrize(
    ("handle", "url"),
    [
        ("asmirnova", "https://t.me/asmirnova"),
        ("smirnovanews", "https://www.smirnovanews.example/"),
        ("smirnova24", "https://t.me/Smirnova1980"),
        ("асмирнова", "https://t.me/%D0%B0%D1%81%D0%BC%D0%B8%D1%80%D0%BD%D0%BE%D0%B2%D0%B0"),
    ],
)
def test_a_word_of_her_name_glued_to_others_is_taken_out(app, client, handle, url):
    ref = make_posing(app, NameReach.HOUSE)
    with as_user(app):
        account = db.session.scalars(select(FakeAccount)).one()
        account.handle, account.url, account.displayed_name = handle, url, f"{handle} live"
        report = account.citations[0].article
        assert report
        report.url, report.archive_url = "https://news.example/asmirnova", url
        db.session.commit()
    text = dossier(client, ref)

    for words in ("smirnova", "смирнова", "%D0%BC"):
        assert words not in text.casefold()
        assert words not in text
    assert "https://news.example/[a journalist]" in text
    assert "Displayed name [a journalist] live" in read(text)


def test_titles_publishers_and_archive_addresses_are_cut_too(app, client):
    ref = make_posing(app, NameReach.HOUSE)
    with as_user(app):
        account = db.session.scalars(select(FakeAccount)).one()
        report = account.citations[0].article
        assert report
        report.title, report.publisher_words = "Pages of Anna Smirnova", "Anna Smirnova Daily"
        report.archive_url = "https://archive.example/anna_smirnova"
        db.session.commit()
    text = dossier(client, ref)

    assert "Pages of [a journalist]" in text
    assert "[a journalist] Daily" in text
    assert "https://archive.example/[a journalist]" in text
    assert "smirnova" not in text.casefold()


def test_somebody_not_to_be_named_is_not_whatever_one_target_says(app, client):
    ref = make_posing(app, NameReach.PUBLIC)
    with as_user(app):
        anna = db.session.scalars(select(FakeAccount)).one().impersonates[0].journalist
        assert anna
        anna.visibility, anna.name_closed_on = Visibility.RESTRICTED, date(2025, 7, 1)
        db.session.commit()
    text = dossier(client, ref)

    assert "Smirnova" not in text
    assert "Poses as a journalist" in read(text)


def test_who_may_decide_is_led_to_the_decision_that_keeps_a_name_and_others_are_not(app, client):
    ref = make_posing(app, NameReach.HOUSE)
    with as_user(app):
        incident = db.session.scalars(select(Incident)).one()
        address = f"/incidents/{incident.ref}/targets/{incident.targets[0].id}/naming"
    with as_user(app, "abroad", team="Abroad"):
        pass

    # The other team sees the incident, and decides nothing in it.
    assert "Some names, and addresses that contain one, were left out" in (
        other := dossier(client, ref, "abroad")
    )
    assert "/naming" not in other
    assert client.get(address).status_code == 403
    assert f'<a href="{address}">Record naming consent in ' in dossier(app.test_client(), ref)


def test_an_account_used_in_no_incident_names_nobody(app, client):
    text = dossier(client, make_posing(app, NameReach.PUBLIC, incidents=[]))

    assert "Smirnova" not in text
    assert "Poses as a journalist" in read(text)


def test_one_decision_of_several_that_keeps_her_name_keeps_it(app, client):
    ref = make_posing(app, NameReach.PUBLIC)
    with as_user(app) as user:
        account = db.session.scalars(select(FakeAccount).where(FakeAccount.ref == ref)).one()
        anna = account.impersonates[0].journalist
        assert anna
        other = make_incident(targets=[TargetFacts(journalist=anna)], by=user)
        from_there = [*(one.incident for one in account.incidents), other]
        assert len(from_there) == 2
        account.incidents.append(type(account.incidents[0])(incident=other))
        db.session.commit()

    assert "Smirnova" not in dossier(client, ref)


def test_other_targets_of_its_incidents_are_not_named_in_its_quotes(app, client):
    ref = make_posing(app, NameReach.PUBLIC)
    with as_user(app) as user:
        account = db.session.scalars(select(FakeAccount).where(FakeAccount.ref == ref)).one()
        outlet = make_outlet("Dala Press", by=user)
        report = make_article("More", text="Dala Press and the press wrote to Anna.", by=user)
        incident = make_incident(
            targets=[TargetFacts(kind=TargetKind.OUTLET, outlet=outlet)], by=user
        )
        account.incidents.append(type(account.incidents[0])(incident=incident))
        add_citations(account, report, "1", bearing=Bearing.SUPPORTS, by=user)
        db.session.commit()
    text = dossier(client, ref)

    assert "[an outlet] and the press wrote to Anna." in text
    assert "Dala" not in text


def test_who_is_kept_back_where_a_source_is_cited_besides_is_nowhere_in_it(app, client):
    ref = make_posing(app, NameReach.PARTNER)
    with as_user(app) as user:
        account = db.session.scalars(select(FakeAccount).where(FakeAccount.ref == ref)).one()
        berik, dana = (make_journalist(name, by=user) for name in ("Berik Kept", "Dana Free"))
        report = make_article(
            "Berik Kept was beaten", url="https://news.example/berik-kept",
            text="Berik Kept, Dana Free and Anna Smirnova were beaten.", by=user,
        )  # fmt: skip
        add_citations(account, report, "1", bearing=Bearing.SUPPORTS, by=user)
        besides = make_incident(
            article=report,
            targets=[TargetFacts(journalist=berik), TargetFacts(journalist=dana)],
            by=user,
        )
        besides.targets[1].name_reach = NameReach.PARTNER
        db.session.commit()
        address = f"/incidents/{besides.ref}/targets/{besides.targets[0].id}/naming"
    text = dossier(client, ref)

    assert "berik" not in text.casefold()
    assert "Some names, and addresses that contain one, were left out" in text
    # It leads to where that is decided, and the others stay named.
    assert f'<a href="{address}">' in text
    assert "[a journalist], Dana Free and Anna Smirnova were beaten." in text


@pytest.mark.parametrize("told_by", ["account", "event", "proceeding"])
@pytest.mark.parametrize("is_free", [True, False])
def test_whom_another_record_of_a_source_concerns_is_named_only_where_she_let_her_name_go(
    app, client, told_by, is_free
):
    ref = make_posing(app, NameReach.PARTNER)
    with as_user(app) as user:
        account = db.session.scalars(select(FakeAccount).where(FakeAccount.ref == ref)).one()
        berik = make_journalist("Berik Kept", by=user)
        report = make_article(
            "On two of them", text="Berik Kept and Anna Smirnova were imitated.", by=user
        )
        add_citations(account, report, "1", bearing=Bearing.SUPPORTS, by=user)
        if told_by == "proceeding":
            make_proceeding("against_target", by=user, cites=report, parties=(berik,))
        else:
            cites = report if told_by == "account" else None
            other = make_account(
                "his", ("first_seen", "2025-06-01"), by=user, cites=cites, impersonates=[berik]
            )
            other.events[0].article = report
        if is_free:
            free = make_incident(targets=[TargetFacts(journalist=berik)], by=user)
            free.targets[0].name_reach = NameReach.PARTNER
        db.session.commit()
    text = dossier(client, ref)

    named = "Berik Kept" if is_free else "[a journalist]"
    assert f"{named} and Anna Smirnova were imitated." in text
    assert ("berik" in text.casefold()) is is_free


@pytest.mark.parametrize("was_used", [True, False])
def test_of_the_accused_only_who_is_in_office_or_convicted_is_named(app, client, was_used):
    ref = make_posing(app, NameReach.PARTNER)
    with as_user(app) as user:
        account = db.session.scalars(select(FakeAccount).where(FakeAccount.ref == ref)).one()
        report = make_article(
            "Petrov and the captain", url="https://news.example/ivan-petrov",
            text="Ivan Petrov, a neighbour, runs it, as Captain Serik says.", by=user,
        )  # fmt: skip
        add_citations(account, report, "1", bearing=Bearing.SUPPORTS, by=user)
        besides = make_incident(article=report, by=user)
        told_in = account.incidents[0].incident if was_used else besides
        assert told_in
        told_in.actors = [
            IncidentActor(name=name, actor_type=who, certainty=sure, attributed_by=by)
            for name, who, sure, by in (
                ("Ivan Petrov", ActorType.PRIVATE_PERSON, Certainty.ALLEGED, AttributedBy.TARGET),
                ("Captain Serik", ActorType.POLICE, Certainty.KNOWN, AttributedBy.OUTLET),
            )
        ]
        db.session.commit()
    text = dossier(client, ref)

    assert "petrov" not in text.casefold()
    assert "[withheld], a neighbour, runs it, as Captain Serik says." in text
    assert "Of the accused" in text


def test_a_decision_where_a_source_is_cited_besides_keeps_her_name_too(app, client):
    ref = make_posing(app, NameReach.PARTNER)
    with as_user(app) as user:
        account = db.session.scalars(select(FakeAccount).where(FakeAccount.ref == ref)).one()
        anna, report = account.impersonates[0].journalist, account.citations[0].article
        assert anna
        make_incident(article=report, targets=[TargetFacts(journalist=anna)], by=user)
        db.session.commit()

    assert "Smirnova" not in dossier(client, ref)


def test_who_refused_is_named_in_no_dossier_even_of_another_teams_account(app, client):
    with deciding(app) as user:
        anna = make_journalist(NAME, by=user)
        incident = make_incident(
            targets=[TargetFacts(journalist=anna)], by=user, visibility=Visibility.RESTRICTED
        )
        close(incident, by=user)
    with as_user(app, "other", team="Elsewhere") as other:
        report = make_article("Pages", text="One of them quotes Anna Smirnova.", by=other)
        ref = make_account("somebody", by=other, cites=report).ref
        db.session.commit()
    text = dossier(client, ref)

    assert "Smirnova" not in text
    assert "quotes [withheld]" in text


def test_whom_another_team_names_to_nobody_is_not_named_either(app: Flask, client: FlaskClient):
    ref = make_posing(app, NameReach.PARTNER)
    assert NAME in dossier(client, ref)
    with as_user(app, "other", team="Elsewhere") as other:
        targets = [TargetFacts(journalist=db.session.scalars(select(Journalist)).one())]
        incident = make_incident(targets=targets, by=other, visibility=Visibility.RESTRICTED)
        incident.targets[0].name_reach = NameReach.TEAM
        db.session.commit()
    text = dossier(client, ref)

    assert "Smirnova" not in text
    assert "Pages with the name of [a journalist] appeared on Telegram." in text


@pytest.mark.parametrize(
    ("kind", "visibility", "is_told"),
    [
        (SourceKind.ARTICLE, Visibility.INTERNAL, True),
        (SourceKind.SCREENSHOT, Visibility.INTERNAL, True),
        (SourceKind.PHONE_CALL, Visibility.INTERNAL, False),
        (SourceKind.OWN_KNOWLEDGE, Visibility.INTERNAL, False),
        (SourceKind.DOCUMENT, Visibility.INTERNAL, False),
        (SourceKind.ARTICLE, Visibility.RESTRICTED, False),
    ],
)
def test_only_sources_that_may_be_told_are(app, client, kind, visibility, is_told):
    ref = make_posing(app, NameReach.PUBLIC)
    with as_user(app):
        report = db.session.scalars(select(Article).where(Article.title == "False pages")).one()
        report.kind, report.visibility = kind, visibility
        db.session.commit()
    text = dossier(client, ref)

    assert ("appeared on Telegram" in text) is is_told
    assert ("False pages" in text) is is_told
    assert ("1 source is left out" in text) is not is_told


def test_another_team_gets_no_digest_and_nobody_that_of_a_masked_original(app, client):
    ref = make_posing(app, NameReach.PUBLIC)
    with as_user(app, "reader", Role.MONITOR, team="Elsewhere"):
        pass
    reader = app.test_client()
    assert DIGEST in dossier(client, ref)
    assert DIGEST not in dossier(reader, ref, "reader")
    with as_user(app) as user:
        report = db.session.scalars(select(Article).where(Article.title == "False pages")).one()
        mask = ArticleMask(
            article_id=report.id, start=0, end=5, reason="asked", masked_by_id=user.id
        )
        mask.team_id, mask.visibility = report.team_id, report.visibility
        db.session.add(mask)
        db.session.commit()
    assert DIGEST not in client.get(f"/fake-accounts/{ref}/dossier").text


def test_what_may_not_leave_says_why(app: Flask, client: FlaskClient):
    with as_user(app) as user:
        cases = {
            "Only its team may see it": make_account(
                "kept", by=user, visibility=Visibility.RESTRICTED
            ),
            "The source does not identify it": make_account("", by=user),
            "It is retracted": make_account("gone", by=user),
        }
        retract(cases["It is retracted"])
        db.session.commit()
        refs = {said: one.ref for said, one in cases.items()}
    for said, ref in refs.items():
        text = dossier(app.test_client(), ref)
        assert said in text
        assert "Evidence" not in text


def test_whoever_does_not_see_whom_it_poses_as_takes_none(app: Flask, client: FlaskClient):
    ref = make_posing(app, NameReach.PUBLIC)
    with as_user(app):
        anna = db.session.scalars(select(FakeAccount)).one().impersonates[0].journalist
        assert anna
        anna.visibility = Visibility.RESTRICTED
        db.session.commit()
    with as_user(app, "reader", Role.EXPORTER, team="Elsewhere"):
        pass
    text = dossier(client, ref, "reader")

    assert "Somebody or something in it is not shown to you" in text
    assert "Evidence" not in text


def test_the_trail_says_who_took_it_and_only_who_may_export_does(app: Flask, client: FlaskClient):
    ref = make_posing(app, NameReach.PUBLIC)
    sign_in_directly(client, "staff")
    client.head(f"/fake-accounts/{ref}/dossier")
    client.get(f"/fake-accounts/{ref}/dossier")
    with as_user(app):
        rows = select(AuditEvent).where(AuditEvent.action == "fake_account:dossier")
        (taken,) = db.session.scalars(rows)
        assert (taken.subject, taken.actor) == (ref, "staff")
        assert db.session.scalars(select(Incident)).first()
    assert (
        "downloaded the takedown dossier of this"
        in client.get(f"/fake-accounts/{ref}/history").text
    )
    assert f"/fake-accounts/{ref}/dossier" in client.get(f"/fake-accounts/{ref}/").text
    with as_user(app, "admin", Role.ADMIN):
        pass
    admin = app.test_client()
    sign_in_directly(admin, "admin")
    assert admin.get(f"/fake-accounts/{ref}/dossier").status_code == 403
