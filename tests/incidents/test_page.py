"""The page of an incident: every section with its small form, and who may use it."""

from __future__ import annotations

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
    make_type,
    sign_in_directly,
    token_in,
)
from tests.journeys.browser import Browser
from tracker.articles.citation_service import add_citations
from tracker.articles.codes import Bearing, Independence, SourceKind
from tracker.articles.models import Article
from tracker.audit.models import AuditEvent
from tracker.db import db
from tracker.incidents import service
from tracker.incidents.codes import Verification
from tracker.incidents.models import Incident
from tracker.incidents.service import TargetFacts
from tracker.permissions import Role, Visibility
from tracker.review.codes import EditorialState


@pytest.fixture
def ref(app: Flask, article: str) -> str:
    """Return the ref of an incident that cites the article."""
    with as_user(app) as user:
        source = db.session.scalars(select(Article)).one()
        asem = TargetFacts(journalist=make_journalist("Asem Doe", by=user))
        made = make_incident(title="Winter letters", article=source, targets=[asem], by=user)
        db.session.commit()
        return made.ref


@pytest.fixture
def page(browser: Browser, ref: str) -> Browser:
    """Return the browser of staff on the incident's page."""
    browser.open(f"/incidents/{ref}/")
    return browser


def stored(ref: str) -> Incident:
    return db.session.scalars(select(Incident).where(Incident.ref == ref)).one()


def actions(app: Flask, ref: str) -> list[str]:
    with as_user(app):
        rows = (
            select(AuditEvent.action).where(AuditEvent.subject == ref).order_by(AuditEvent.sequence)
        )
        return list(db.session.scalars(rows))


def test_everything_recorded_is_on_the_page(page: Browser):
    for heading in (
        "What happened", "Targets", "Perpetrator", "Sources", "Circumstances and verification",
        "Other incidents", "External IDs", "Public summary", "Review",
    ):  # fmt: skip
        assert heading in page.words


def test_what_happened_is_edited(app: Flask, page: Browser, ref: str):
    page.follow("Edit")
    page.press(
        "Save",
        {
            "title": "", "types": ["threat.death", "harassment.mob"], "occurred-when": "before 2025-05",
            "occurred-as_stated": "before May", "extent": "repeated", "occurrences_at_least": "3",
            "is_ongoing": "yes", "country": "KZ", "region": "KZ-75", "place": "Abay Street",
            "narrative": "Three letters.",
        },
    )  # fmt: skip
    assert page.status == 200
    for shown in (
        "Death threat: Asem Doe, before May 2025", "at least 3 times", "Yes (as of 4 June 2025)", "Abay Street",
        "Three letters.", "“before May”, A winter of threats",
    ):  # fmt: skip
        assert shown in page.words
    assert actions(app, ref) == ["incident:create", "incident:edit"]
    page.follow("History")
    assert "Three letters." in page.words
    page.open(f"/incidents/{ref}/edit")
    groups = page.page.xpath('//select[@name="region"]/optgroup/@label')
    [chosen] = page.page.xpath('//select[@name="region"]//option[@selected]/../@label')
    assert groups == ["Kazakhstan", "Kyrgyzstan", "Russia", "Ukraine", "Uzbekistan"]
    assert chosen == "Kazakhstan"


@pytest.mark.parametrize("form", ["/incidents/new?article={article}", "/incidents/{ref}/edit"])
def test_every_country_is_offered_and_each_region_under_its_own(
    app: Flask, page: Browser, article: str, ref: str, form: str
):
    page.open(form.format(article=article, ref=ref))
    options = page.page.xpath('//select[@name="country"]/option[@value != ""]')
    countries = {one.get("value"): one.text for one in options}
    assert len(countries) > 200
    regions = {
        one.get("label"): {option.get("value")[:2] for option in one}
        for one in page.page.xpath('//select[@name="region"]/optgroup')
    }
    assert regions == {countries[code]: {code} for code in ("KG", "KZ", "RU", "UA", "UZ")}

    # Norway has no regions here; one that was chosen before stays, to be corrected.
    typed: dict[str, object] = {
        "types": ["threat.other"], "quote": "1", "targets-0-who-name": "a driver",
        "targets-0-kind": "unnamed_person",
    } if "new" in form else {}  # fmt: skip
    page.press("Save", typed | {"country": "NO", "region": "KZ-75"})
    assert page.status == 422
    (wrong,) = page.page.xpath('//*[contains(@class, "wrong")]')
    assert "This region lies in another country." in wrong.text_content()
    assert wrong.xpath(".//option[@selected]/@value") == ["KZ-75"]
    page.press("Save", {"region": ""})
    assert page.status == 200, page.words
    with as_user(app):
        saved = db.session.scalars(select(Incident).order_by(Incident.id.desc())).first()
        assert saved is not None
        assert (saved.country, saved.region) == ("NO", None)


def test_a_date_that_is_not_touched_keeps_the_day_at_which_it_was_cut(
    app: Flask, page: Browser, ref: str
):
    with as_user(app):
        before = stored(ref).when
    page.follow("Edit")
    page.press("Save", {"place": "elsewhere"})
    with as_user(app):
        assert stored(ref).when == before
        assert stored(ref).place == "elsewhere"


def test_the_words_of_the_source_come_and_go_with_the_source_they_follow(
    app: Flask, page: Browser, ref: str
):
    page.follow("Edit")
    page.press("Save", {"occurred-as_stated": "last month"})
    with as_user(app):
        assert stored(ref).relative_to is not None
    page.follow("Edit")
    page.press("Save", {"occurred-as_stated": ""})
    with as_user(app):
        assert stored(ref).relative_to is None


BAD_EDITS: list[tuple[dict[str, object], str]] = [
    ({"types": []}, "Choose at least one type."),
    ({"types": ["legal.slapp", "legal.civil"]}, "Only a monitor assesses"),
    ({"types": ["other"]}, "describe what happened"),
    ({"extent": "once", "occurrences_at_least": "3"}, "only for repeated incidents"),
    ({"extent": "repeated", "occurrences_at_least": "1"}, "between 2 and"),
    ({"country": "KG", "region": "KZ-75"}, "lies in another country"),
    ({"country": ""}, "Choose a country."),
    ({"occurred-when": "2026"}, "after the day by which it was known"),
    ({"title": "x" * 301}, "300"),
]


def test_what_an_edit_refuses_is_said_and_kept(app: Flask, page: Browser, ref: str):
    for given, message in BAD_EDITS:
        page.open(f"/incidents/{ref}/edit")
        page.press("Save", {"place": "by the river"} | given)
        assert page.status == 422, given
        assert message in page.words, given
        assert "by the river" in page.text
    with as_user(app):
        assert stored(ref).place == ""


SECTIONS: list[tuple[str, dict[str, object]]] = [
    ("edit", {"place": "mine"}),
    ("circumstances", {"work_link_said_by": "mine"}),
    ("summary", {"public_summary_en": "mine"}),
    ("targets/new", {"who-name": "mine"}),
    ("targets/{target}/edit", {"harm": "mine"}),
    ("targets/{target}/statuses/new", {"when-when": "2025"}),
    ("actors/new", {"name": "mine"}),
    ("links/new", {"other": "INC-0123456789"}),
    ("references/new", {"scheme": "mine", "identifier": "1"}),
]


def test_who_saves_second_is_shown_both_texts(app: Flask, page: Browser, ref: str):
    with as_user(app):
        target = stored(ref).targets[0].id
    for section, given in SECTIONS:
        page.open(f"/incidents/{ref}/{section.format(target=target)}")
        assert page.status == 200, section
        with as_user(app) as user:
            incident = stored(ref)
            incident.place = f"theirs, before {section}"
            incident.mark_revised(by=user)
            db.session.commit()
        page.press("Save", given)
        assert page.status == 409, section
        assert str(next(iter(given.values()))) in page.words, section
        with as_user(app):
            assert stored(ref).place == f"theirs, before {section}"


def test_both_texts_of_a_target_are_shown_beside_each_other(app: Flask, page: Browser, ref: str):
    page.follow("Add a target")
    page.press("Save", {"who-name": "a driver", "kind": "unnamed_person", "harm": "a bruise"})
    with as_user(app):
        target = stored(ref).targets[1].id
    page.open(f"/incidents/{ref}/targets/{target}/edit")
    other = Browser(page.client)
    other.open(page.address)
    other.press("Save", {"harm": "a broken arm"})
    page.press("Save", {"harm": "two bruises"})
    assert page.status == 409
    assert "a broken armtwo bruises" in page.words


def test_a_button_on_an_older_version_does_nothing(app: Flask, page: Browser, ref: str):
    page.follow("Add an external ID")
    page.press("Save", {"scheme": "CPJ", "identifier": "17"})
    with as_user(app) as user:
        stored(ref).mark_revised(by=user)
        db.session.commit()
    page.press("Remove")
    assert page.status == 409
    with as_user(app):
        assert len(stored(ref).references) == 1


def test_a_button_without_its_token_does_nothing(
    app: Flask, page: Browser, ref: str, client: FlaskClient
):
    with as_user(app):
        target = stored(ref).targets[0].id
    for address in (f"targets/{target}/remove", "restrict"):
        assert client.post(f"/incidents/{ref}/{address}").status_code == 400
    with as_user(app):
        assert stored(ref).visibility is Visibility.INTERNAL


def test_targets_are_added_changed_and_removed(app: Flask, page: Browser, ref: str):
    page.follow("Add a target")
    page.press(
        "Save",
        {
            "who-name": "Dana Roe", "outlet-name": "Steppe Herald", "role": "impersonated", "basis": "inferred",
            "harm": "her name was used", "place": "online",
        },
    )  # fmt: skip
    for shown in ("Dana Roe (Steppe Herald)", "Impersonated", "her name was used", "online"):
        assert shown in page.words
    with as_user(app):
        dana = stored(ref).targets[1]
        assert dana.journalist is not None
        assert dana.journalist.team_id == stored(ref).team_id
        number = dana.id
    page.open(f"/incidents/{ref}/targets/{number}/edit")
    page.press(
        "Save",
        {"kind": "unnamed_group", "who-name": "two interns", "number": "2", "outlet-name": ""},
    )
    assert "two interns (at least 2)" in page.words
    page.press("Remove")
    with as_user(app):
        assert len(stored(ref).targets) == 1
    assert "Remove" not in page.words


BAD_TARGETS: list[tuple[dict[str, object], str]] = [
    ({"who-name": ""}, "Say who."),
    ({"who-name": "", "kind": "outlet"}, "Say who."),
    ({"who-name": "", "kind": "unnamed_group"}, "Say who."),
    ({"who-name": "Asem Doe"}, "Is this an existing record?"),
    ({"who-name": "Dana", "number": "2"}, "Only unnamed groups have a number."),
    ({"who-name": "Steppe", "kind": "outlet", "outlet-name": "Herald"}, "leave this empty"),
    ({"who-name": "..."}, "at least one letter or digit"),
    ({"who-name": "Dana", "outlet-name": "Dala News"}, "Is this an existing record?"),
    ({"harm": "x" * 501, "who-name": "Dana"}, "500"),
]


def test_what_a_target_lacks_is_said(app: Flask, page: Browser, ref: str):
    for given, message in BAD_TARGETS:
        page.open(f"/incidents/{ref}/targets/new")
        page.press("Save", {"place": "by the river"} | given)
        assert page.status == 422, given
        assert message in page.words, given
        assert "by the river" in page.text
    with as_user(app):
        assert len(stored(ref).targets) == 1


def test_nobody_is_a_target_twice(app: Flask, page: Browser, ref: str):
    with as_user(app):
        asem = stored(ref).targets[0].journalist
        assert asem is not None
        chosen = asem.ref
    page.follow("Add a target")
    page.press("Save", {"who-name": "Asem Doe"})
    page.press("Save", {"who-chosen": chosen})
    assert "This target is named already." in page.words
    page.open(f"/incidents/{ref}/targets/new")
    page.press("Save", {"who-name": "a driver", "kind": "unnamed_person"})
    page.follow("Add a target")
    page.press("Save", {"who-name": "A driver", "kind": "unnamed_person"})
    assert "This target is named already." in page.words
    page.open(f"/incidents/{ref}/targets/new")
    page.press("Save", {"who-name": "Steppe Herald", "kind": "outlet"})
    page.follow("Add a target")
    page.press("Save", {"who-name": "Steppe Herald", "kind": "outlet"})
    page.press("Save", {"who-chosen": page.page.xpath('//input[@name="who-chosen"]/@value')[0]})
    assert "This target is named already." in page.words


def test_a_name_typed_over_a_target_is_asked_about(app: Flask, page: Browser, ref: str):
    with as_user(app) as user:
        target = stored(ref).targets[0]
        number, was = target.id, target.journalist.ref if target.journalist else ""
        other = make_journalist("Asem Doa", by=user).ref
        db.session.commit()
    page.open(f"/incidents/{ref}/targets/{number}/edit")
    page.press("Save", {"who-name": "Asem Dou"})
    assert page.status == 422
    assert "Is this an existing record? Choose below." in page.words
    page.press("Save", {"who-chosen": other})
    assert page.status == 200, page.words
    with as_user(app):
        found = stored(ref).targets[0].journalist
        assert found is not None
        assert (found.ref, found.ref == was) == (other, False)


def test_the_last_target_stays(app: Flask, page: Browser, ref: str, client: FlaskClient):
    with as_user(app):
        incident = stored(ref)
        number, version = incident.targets[0].id, incident.version
    data = {"csrf_token": token_in(page.text), "version": version}
    answer = client.post(f"/incidents/{ref}/targets/{number}/remove", data=data)
    assert answer.status_code == 422
    assert "at least one target" in answer.text


def test_whoever_the_editor_may_not_see_stays_the_target(app: Flask, page: Browser, ref: str):
    with as_user(app, "stranger", team="Elsewhere") as user:
        hidden = make_journalist("Hidden Roe", visibility=Visibility.RESTRICTED, by=user)
        paper = make_outlet("Hidden Paper", visibility=Visibility.RESTRICTED, by=user)
        (target,) = stored(ref).targets
        target.journalist, target.outlet = hidden, paper
        db.session.commit()
        number, kept = target.id, (hidden.id, paper.id)
    page.open(f"/incidents/{ref}/")
    assert "a person not shown to you" in page.words
    page.open(f"/incidents/{ref}/targets/{number}/edit")
    page.press("Save", {"harm": "a bruise"})
    assert page.status == 200
    with as_user(app):
        (target,) = stored(ref).targets
        assert (target.journalist_id, target.outlet_id, target.harm) == (*kept, "a bruise")
    page.open(f"/incidents/{ref}/targets/{number}/edit")
    page.press("Save", {"kind": "outlet"})
    assert "Say who." in page.words


def test_what_became_of_a_target_is_a_dated_list(app: Flask, page: Browser, ref: str):
    page.follow("Consequences")
    page.press(
        "Save",
        {
            "status": "house_arrest",
            "when-when": "2025-05",
            "when-as_stated": "in May",
            "expected_end": "2025-07-01",
        },
    )
    for shown in ("May 2025: Under house arrest", "until 1 July 2025", "“in May”"):
        assert shown in page.words
    page.follow("Consequences")
    page.press(
        "Save", {"status": "house_arrest", "when-when": "2025-05", "when-as_stated": "in May"}
    )
    assert "This is already recorded for the target." in page.words
    page.press("Save", {"when-when": "2025-04", "expected_end": "2025-03-01"})
    assert "The end lies before the beginning." in page.words
    page.press("Save", {"when-when": "2025-06-05", "expected_end": ""})
    assert "after the day by which it was known" in page.words
    page.press("Save", {"expected_end": "2025-02-30"})
    assert page.status == 422
    page.open(f"/incidents/{ref}/")
    page.press("Remove")
    assert "Under house arrest" not in page.words


def test_actors_are_added_changed_and_removed(app: Flask, page: Browser, ref: str):
    page.follow("Add a perpetrator")
    page.press("Save", {"actor_type": "business", "name": "B. Bekov"})
    assert page.status == 422
    assert "Choose who attributes it" in page.words
    page.press("Save", {"attributed_by": "document", "certainty": "alleged"})
    assert "B. Bekov (Business), alleged, according to a document" in page.words
    with as_user(app):
        number = stored(ref).actors[0].id
    page.open(f"/incidents/{ref}/actors/{number}/edit")
    assert 'value="B. Bekov"' in page.text
    page.press(
        "Save",
        {
            "actor_type": "unknown",
            "name": "",
            "attributed_by": "",
            "certainty": "unknown",
            "purported_as": "prosecutor",
        },
    )
    assert "people who said they were prosecutors" in page.words
    assert "Posing as officials" in page.words
    page.press("Remove")
    with as_user(app):
        assert stored(ref).actors == []
        # A person may have meant it: what was added by itself is not taken away by itself.
        assert [row.term.code for row in stored(ref).types] == [
            "threat.death",
            "impersonation.official",
        ]


def test_how_it_happened_is_edited(page: Browser):
    page.open(page.address + "circumstances")
    page.press(
        "Save",
        {
            "setting": "online", "is_gendered": "yes", "is_coordinated": "no", "is_ai_made": "yes",
            "work_link": "likely", "work_link_said_by": "her editor", "verification": "likely",
        },
    )  # fmt: skip
    assert page.status == 200
    for shown in ("Online", "her editor", "likely"):
        assert shown in page.words


def test_a_form_of_detention_goes_with_a_detention(app: Flask, page: Browser, ref: str):
    page.open(f"/incidents/{ref}/circumstances")
    page.press("Save", {"detention_form": "house_arrest", "verification": "confirmed"})
    assert page.status == 422
    assert "goes with the type" in page.words
    assert "do not support this" in page.words
    page.open(f"/incidents/{ref}/edit")
    page.press("Save", {"types": ["legal.detention"]})
    page.open(f"/incidents/{ref}/circumstances")
    page.press("Save", {"detention_form": "house_arrest"})
    assert page.status == 200
    page.follow("Edit")
    page.press("Save", {"types": ["threat.death"]})
    assert page.status == 422
    assert "A form of detention is recorded" in page.words


def verified(page: Browser, ref: str, verification: str = "confirmed") -> bool:
    page.open(f"/incidents/{ref}/circumstances")
    page.press("Save", {"verification": verification})
    return page.status == 200


def test_a_verification_is_held_to_the_sources(app: Flask, page: Browser, ref: str):
    assert not verified(page, ref)
    with as_user(app) as user:
        first = db.session.scalars(select(Article)).one()
        repeats = make_article(
            "Told again", independence=Independence.INDEPENDENT, text="They told it again.", by=user
        )
        add_citations(stored(ref), repeats, "1", by=user)
        repeats.independence, repeats.repeats = Independence.REPEATS_ANOTHER, first
        db.session.commit()
    assert not verified(page, ref)
    with as_user(app) as user:
        other = make_article(
            "Told by another", text="Another desk saw it.", publisher_words="A desk", by=user
        )
        add_citations(stored(ref), other, "1", by=user)
        db.session.commit()
    assert verified(page, ref)
    # Set once, it is not asked for again by whoever changes something else.
    with as_user(app):
        db.session.scalars(
            select(Article).where(Article.title == "A winter of threats")
        ).one().independence = Independence.TARGET_ITSELF
        db.session.commit()
    page.open(f"/incidents/{ref}/circumstances")
    page.press("Save", {"setting": "offline"})
    assert page.status == 200


def test_articles_of_one_publisher_count_as_one_source(app: Flask, page: Browser, ref: str):
    with as_user(app) as user:
        first = db.session.scalars(select(Article)).one()
        first.publisher, first.publisher_words = make_outlet("Steppe Courier", by=user), ""
        # Its name as somebody typed it, before the outlet was on record.
        second = make_article(
            "A week later", text="It went on.", publisher_words="steppe courier", by=user
        )
        add_citations(stored(ref), second, "1", by=user)
        db.session.commit()
        other = second.ref
    assert verified(page, ref, "likely")
    assert not verified(page, ref)
    assert "several articles of one publisher count as one" in page.words
    page.open(f"/articles/{other}/edit")
    page.press("Save", {"publisher-name": "The Other Desk"})
    assert verified(page, ref)


UNCOUNTED = "Not counted as independent, since the publisher is not known:"


def test_an_article_whose_publisher_nobody_knows_is_no_independent_source(
    app: Flask, page: Browser, ref: str
):
    with as_user(app) as user:
        first = db.session.scalars(select(Article)).one()
        first.publisher, first.publisher_words = None, ""
        second = make_article("Found in a chat", text="They told it again.", by=user)
        add_citations(stored(ref), second, "1", by=user)
        db.session.commit()
        refs = [first.ref, second.ref]
    page.open(f"/incidents/{ref}/circumstances")
    # It is said where the verification is asked for, and leads to where it can be put right.
    assert UNCOUNTED in page.words
    assert {f"/articles/{one}/edit" for one in refs} <= set(page.page.xpath("//main//a/@href"))
    for verification in ("likely", "confirmed"):
        page.press("Save", {"verification": verification})
        assert page.status == 422
        assert "Its sources do not support this" in page.words
        assert "A winter of threats" in page.words
    page.open(f"/articles/{refs[0]}/")
    assert "not known, since the publisher is not known" in page.words

    # Its publisher is found out; of the other one somebody knows that it speaks for itself.
    page.open(f"/articles/{refs[0]}/edit")
    page.press("Save", {"publisher-name": "Steppe Courier"})
    assert verified(page, ref, "likely")
    assert not verified(page, ref)
    page.open(f"/articles/{refs[1]}/edit")
    page.press("Save", {"independence": "independent"})
    assert verified(page, ref)
    page.open(f"/incidents/{ref}/circumstances")
    assert UNCOUNTED not in page.words
    page.open(f"/articles/{refs[1]}/edit")
    assert page.page.xpath('//select[@name="independence"]/option[@selected]/@value') == [
        "independent"
    ]


def test_what_was_verified_before_stays_so_and_a_document_needs_no_publisher(
    app: Flask, page: Browser, ref: str
):
    with as_user(app):
        article = db.session.scalars(select(Article)).one()
        article.publisher, article.publisher_words = None, ""
        stored(ref).verification = Verification.CONFIRMED
        db.session.commit()
    page.open(f"/incidents/{ref}/circumstances")
    assert UNCOUNTED in page.words
    page.press("Save", {"setting": "offline"})
    assert page.status == 200
    with as_user(app):
        assert stored(ref).verification is Verification.CONFIRMED
        db.session.scalars(select(Article)).one().kind = SourceKind.PHONE_CALL
        db.session.commit()
    assert verified(page, ref, "likely")


def test_sources_that_one_may_not_see_are_not_judged(app: Flask, page: Browser, ref: str):
    with as_user(app, "stranger", team="Elsewhere") as user:
        hidden = make_article(
            "Hidden", text="Kept elsewhere.", visibility=Visibility.RESTRICTED, by=user
        )
        stored(ref).citations[0].article = hidden
        db.session.commit()
    page.open(f"/incidents/{ref}/")
    assert "a source that is not shown to you" in page.words
    assert verified(page, ref)


def test_a_source_that_repeats_something_unknown_stands_for_it(app: Flask, page: Browser, ref: str):
    with as_user(app):
        db.session.scalars(select(Article)).one().independence = Independence.REPEATS_ANOTHER
        db.session.commit()
    assert verified(page, ref, "likely")


def test_contradictions_stand_beside_what_they_contradict(app: Flask, page: Browser, ref: str):
    with as_user(app) as user:
        denial = make_article(
            "A denial", text="Nobody wrote any letters, the ministry said.", by=user
        )
        add_citations(stored(ref), denial, "1", bearing=Bearing.CONTRADICTS, by=user)
        db.session.commit()
    page.open(f"/incidents/{ref}/")
    for shown in ("promise her death", "Nobody wrote any letters", "supports", "contradicts"):
        assert shown in page.words


def test_the_public_summary_is_written(page: Browser):
    page.open(page.address + "summary")
    page.press("Save", {"public_summary_en": "An editor was threatened."})
    assert "An editor was threatened." in page.words


def test_links_show_on_both_pages(app: Flask, page: Browser, ref: str):
    with as_user(app) as user:
        other = make_incident(title="The search", by=user).ref
        db.session.commit()
    page.follow("Link to another incident")
    page.press("Save", {"kind": "follows", "other": other.lower()})
    assert "follows The search" in page.words
    page.open(f"/incidents/{other}/")
    assert "is followed by Winter letters" in page.words
    page.follow("Link to another incident")
    page.press("Save", {"kind": "follows", "other": ref})
    assert "linked in this way already" in page.words
    for wrong, message in (
        (other, "not linked to itself"),
        ("INC-0123456789", "no such incident"),
        ("x", "no such incident"),
    ):
        page.press("Save", {"kind": "parallel", "other": wrong})
        assert page.status == 422
        assert message in page.words
    page.open(f"/incidents/{ref}/")
    page.press("Remove")
    assert "not linked to another incident" in page.words


def test_a_link_to_what_one_may_not_see_is_not_shown(app: Flask, page: Browser, ref: str):
    with as_user(app) as user:
        hidden = make_incident(
            title="Kept to the desk", visibility=Visibility.RESTRICTED, by=user
        ).ref
        db.session.commit()
    page.follow("Link to another incident")
    page.press("Save", {"kind": "part_of", "other": hidden})
    assert "part of Kept to the desk" in page.words
    page.follow("Kept to the desk")
    page.follow("Link to another incident")
    page.press("Save", {"kind": "parallel", "other": ref})
    with as_user(app, "stranger", team="Elsewhere"):
        pass
    client = app.test_client()
    sign_in_directly(client, "stranger")
    text = client.get(f"/incidents/{ref}/").text
    assert "not linked to another incident" in text
    assert "desk" not in text


def test_other_lists_are_referred_to(page: Browser):
    page.follow("Add an external ID")
    page.press("Save", {"scheme": "CPJ", "identifier": "17", "url": "javascript:alert(1)"})
    assert page.status == 422
    page.press("Save", {"url": "https://cpj.example/17"})
    assert page.page.xpath('//a[@href="https://cpj.example/17"][@rel="noreferrer noopener"]')
    page.follow("Add an external ID")
    page.press("Save", {"scheme": "CPJ", "identifier": "17"})
    assert "This reference is already here." in page.words
    page.press("Save", {"identifier": "18"})
    page.press("Remove")
    assert "CPJ: 18" in page.words
    assert "CPJ: 17" not in page.words


def test_rows_that_are_not_there_are_not_found(page: Browser, ref: str, client: FlaskClient):
    for section in (
        "targets/999/edit", "targets/999/statuses/new", "actors/999/edit", "targets/99999999999999999999/edit",
    ):  # fmt: skip
        assert client.get(f"/incidents/{ref}/{section}").status_code == 404
    data = {"csrf_token": token_in(page.text), "version": 1}
    for section in (
        "targets/999/remove", "targets/999/statuses/1/remove", "actors/999/remove", "links/999/remove",
        "references/999/remove",
    ):  # fmt: skip
        assert client.post(f"/incidents/{ref}/{section}", data=data).status_code == 404


def test_nobody_from_another_team_changes_anything(app: Flask, ref: str):
    with as_user(app, "stranger", team="Elsewhere"):
        target = stored(ref).targets[0].id
    client = app.test_client()
    sign_in_directly(client, "stranger")
    token = token_in(client.get("/incidents/new").text)
    for section, _given in SECTIONS:
        address = f"/incidents/{ref}/{section.format(target=target)}"
        assert client.get(address).status_code == 403
        assert client.post(address, data={"csrf_token": token}).status_code == 403
    for section in (f"targets/{target}/remove", "restrict", "share"):
        assert (
            client.post(f"/incidents/{ref}/{section}", data={"csrf_token": token}).status_code
            == 403
        )
    text = client.get(f"/incidents/{ref}/").text
    for word in ("Add a target", "Restrict to team", "Add a perpetrator"):
        assert word not in text


def test_a_monitor_says_what_part_an_actor_had(
    app: Flask, page: Browser, ref: str, monitor: Browser
):
    page.follow("Add a perpetrator")
    page.press("Save", {"actor_type": "business", "attributed_by": "document"})
    assert "Degree of involvement" not in page.words
    with as_user(app):
        number = stored(ref).actors[0].id
    assert page.client.get(f"/incidents/{ref}/actors/{number}/degree").status_code == 403
    monitor.open(f"/incidents/{ref}/")
    monitor.follow("Degree of involvement")
    monitor.press("Save", {"degree": "ordered"})
    assert "Ordered it" in monitor.words or "ordered" in monitor.words.casefold()
    with as_user(app):
        assert stored(ref).actors[0].degree is not None
    monitor.follow("Degree of involvement")
    assert 'value="ordered" selected' in monitor.text or 'selected value="ordered"' in monitor.text
    assert actions(app, ref)[-1] == "incident:assess"


def test_an_abusive_lawsuit_is_assessed_by_a_monitor_and_stays_when_staff_edit(
    app: Flask, page: Browser, ref: str, monitor: Browser
):
    monitor.open(f"/incidents/{ref}/")
    assert "Assess the lawsuit" not in monitor.words
    page.follow("Edit")
    page.press("Save", {"types": ["legal.civil"]})
    assert "Assess the lawsuit" not in page.words
    assert page.client.get(f"/incidents/{ref}/assess").status_code == 403
    monitor.open(f"/incidents/{ref}/")
    monitor.follow("Assess the lawsuit")
    monitor.press("Save", {"is_abusive": "y"})
    assert "Abusive lawsuit (SLAPP)" in monitor.words
    page.open(f"/incidents/{ref}/edit")
    page.press("Save", {"types": ["legal.civil", "threat.legal"]})
    with as_user(app):
        codes = [row.term.code for row in stored(ref).types]
        assert codes == ["legal.slapp", "legal.civil", "threat.legal"]
    monitor.follow("Assess the lawsuit")
    assert monitor.page.xpath('//input[@name="is_abusive"]/@checked')


def test_whoever_logged_an_incident_does_not_assess_it(app: Flask, article: str):
    with as_user(app, "both", Role.STAFF, Role.MONITOR) as user:
        make_type("legal.slapp")
        ref = make_incident("legal.civil", by=user).ref
        db.session.commit()
    client = app.test_client()
    sign_in_directly(client, "both")
    browser = Browser(client)
    browser.open(f"/incidents/{ref}/assess")
    browser.press("Save", {"is_abusive": "y"})
    assert browser.status == 403
    with as_user(app):
        assert [row.term.code for row in stored(ref).types] == ["legal.civil"]


def test_an_assessment_leaves_a_type(app: Flask, ref: str, monitor: Browser):
    with as_user(app):
        service.set_types(stored(ref), [make_type("legal.slapp")])
        db.session.commit()
    monitor.open(f"/incidents/{ref}/assess")
    data = {
        "csrf_token": token_in(monitor.text),
        "version": monitor.page.xpath('//input[@name="version"]/@value')[0],
    }
    answer = monitor.client.post(f"/incidents/{ref}/assess", data=data)
    assert answer.status_code == 422
    assert "Choose at least one type." in answer.text


def test_an_incident_is_opened_with_whoever_and_whatever_it_shows(app: Flask, browser: Browser):
    with as_user(app) as user:
        source = make_article("Kept to the desk", visibility=Visibility.RESTRICTED, by=user)
        asem = make_journalist("Asem Roe", visibility=Visibility.RESTRICTED, by=user)
        incident = make_incident(
            article=source, targets=[TargetFacts(journalist=asem)], visibility=Visibility.RESTRICTED, by=user,
        )  # fmt: skip
        db.session.commit()
        ref, refs = incident.ref, [incident.ref, asem.ref, source.ref]
    browser.open(f"/incidents/{ref}/")
    browser.follow("Share with all users")
    assert "Asem Roe" in browser.words
    assert "Kept to the desk" in browser.words
    token = token_in(browser.text)
    refused = browser.client.post(
        f"/incidents/{ref}/share", data={"csrf_token": token, "refs": asem.ref}
    )
    assert refused.status_code == 422
    with as_user(app):
        assert stored(ref).visibility is Visibility.RESTRICTED
    browser.press("Share all with all users")
    assert browser.status == 200
    with as_user(app):
        (target,) = stored(ref).targets
        assert target.journalist is not None
        shown = [stored(ref), target, target.journalist, stored(ref).citations[0].article]
        assert {one.visibility for one in shown if one} == {Visibility.INTERNAL}
    assert [actions(app, one)[-1] for one in refs] == [
        "incident:widen",
        "journalist:widen",
        "article:widen",
    ]
    browser.follow("Restrict to team")
    browser.press("Restrict to team")
    with as_user(app):
        assert stored(ref).visibility is Visibility.RESTRICTED


def test_a_change_returns_an_approved_incident_to_its_author(app: Flask, page: Browser, ref: str):
    with as_user(app):
        stored(ref).state = EditorialState.APPROVED
        db.session.commit()
    page.open(f"/incidents/{ref}/edit")
    page.press("Save", {"place": "by the river"})
    with as_user(app):
        assert stored(ref).state is EditorialState.DRAFT


def test_a_type_that_says_nothing_asks_for_the_narrative(app: Flask, page: Browser):
    with as_user(app) as user:
        ref = make_incident("other", by=user).ref
        db.session.commit()
    page.open(f"/incidents/{ref}/")
    assert "describe in the narrative what happened" in page.words
    page.open(f"/incidents/{ref}/edit")
    page.press("Save", {"narrative": "A drone stood over the house."})
    assert page.status == 200
    assert "describe in the narrative" not in page.words


def test_pages_speak_the_languages_of_their_readers(page: Browser, ref: str):
    for code, words in (("ru", "Угроза убийством"), ("kk", "Өлтіремін деп қорқыту")):
        page.open(f"/language/{code}?back=/incidents/{ref}/")
        assert words in page.words


def test_passages_of_one_article_stand_under_one_link_to_it(app: Flask, page: Browser, ref: str):
    with as_user(app) as user:
        source = db.session.scalars(select(Article)).one()
        for quote in ("2", "3"):
            add_citations(stored(ref), source, quote, bearing=Bearing.CONTRADICTS, by=user)
        db.session.commit()
    page.open(f"/incidents/{ref}/")
    (section,) = page.page.xpath('//section[@class="citations"]')
    assert len(section.xpath(".//blockquote")) == 3
    links = [
        one.text_content()
        for one in section.xpath(f'.//a[contains(@href, "/articles/{source_ref(app)}/")]')
    ]
    assert sorted(links) == ["A winter of threats", "sentence 1", "sentence 2", "sentence 3"]
    badges = [one.text_content() for one in section.xpath('.//span[@class="badge"]')]
    assert badges == ["supports", "contradicts", "contradicts"]


def source_ref(app: Flask) -> str:
    with as_user(app):
        return db.session.scalars(select(Article.ref)).one()
