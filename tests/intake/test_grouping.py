"""Which suggestions are one incident, one account, one response."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tests.intake.suggestions_made import Made
from tracker.articles.codes import Language
from tracker.incidents.codes import Extent, PurportedAs
from tracker.intake.drafting import build_drafts, reported_country
from tracker.intake.drafts import Drafts
from tracker.intake.proposal_views import confirm_form_data
from tracker.people.codes import InstitutionKind
from tracker.reader.answers.body_names import represented_institution
from tracker.responses.codes import ActType
from tracker.vocabulary.codes import Answer

TODAY = date(2026, 12, 31)
PRESSURE = """A city paper under pressure
Its editors Asem Tulegenova and Daniyar Omarov have received threats since the winter.
Strangers who called themselves police have rung at the doors of its staff. They asked the \
neighbours about them and showed a photofit.
Profiles under the names and with the pictures of the journalists were opened on social networks. \
One of these profiles wrote that Asem Tulegenova had been killed, which is not true.
The minister, Marat Abenov, called the threats a crime against society. He said that his ministry \
has such pages blocked every day. Law enforcement is looking for those who did it.
"""


def pressure() -> Made:
    made = Made(PRESSURE)
    made.person("Asem Tulegenova")
    made.person("Daniyar Omarov")
    made.act("threat.other", "have received threats")
    made.act("impersonation.official", "called themselves police", purported_as=PurportedAs.POLICE)
    made.act("intimidation.visit", "rung at the doors")
    made.act("intimidation.contacts", "asked the neighbours")
    made.act("disinformation.false_wanted", "showed a photofit")
    made.act("impersonation.journalist", "Profiles under the names and with the pictures")
    made.act("disinformation.death_hoax", "had been killed")
    made.date("since the winter", "2025-12/2026-05", TODAY, is_period=True)
    made.response(
        "Ministry of Information",
        "Marat Abenov",
        (ActType.CONDEMNATION, "called the threats a crime against society"),
        (ActType.BLOCKING_ORDERED, "has such pages blocked every day"),
    )
    made.response(
        "Ministry of Information",
        "Marat Abenov",
        (ActType.INVESTIGATION_ANNOUNCED, "is looking for those who did it"),
    )
    return made


def drafts(made: Made) -> Drafts:
    return build_drafts(made.reading, made.found)


def told(made: Made) -> list[tuple[list[str], list[str]]]:
    """Return the types and the targets of each incident."""
    return [
        ([one.code for one in draft.types], [one.value for one in draft.targets])
        for draft in drafts(made).incidents
    ]


def ticked(made: Made) -> list[bool]:
    """Return which acts of the one response stand ticked in a form that nobody touched, were all of
    them strong.
    """
    found = drafts(made)
    for act in found.responses[0].acts:
        act.act = replace(act.act, is_strong=True)
    (response,) = confirm_form_data(found, country="KZ", is_uncited=True)["responses"]
    return [act["use"] for act in response["acts"]]


BOTH = ["Asem Tulegenova", "Daniyar Omarov"]


def test_an_article_about_pressure_is_four_incidents():
    assert told(pressure()) == [
        (["threat.other"], BOTH),
        (["intimidation.visit", "intimidation.contacts", "disinformation.false_wanted"], BOTH),
        (["impersonation.journalist"], BOTH),
        (["disinformation.death_hoax"], ["Asem Tulegenova"]),
    ]


def test_posing_as_police_comes_by_itself_and_is_no_type_to_choose():
    _threats, visits, *_rest = drafts(pressure()).incidents

    assert visits.purported_as is PurportedAs.POLICE
    assert "impersonation.official" not in [one.code for one in visits.types]


def test_posing_as_police_alone_is_still_a_type():
    made = Made("A man who said he was police called Asem Tulegenova.")
    made.person("Asem Tulegenova")
    made.act("impersonation.official", "said he was police", purported_as=PurportedAs.POLICE)

    assert told(made) == [(["impersonation.official"], ["Asem Tulegenova"])]


def test_posing_that_is_told_apart_belongs_to_what_they_did():
    made = Made(
        "Two men rang at the door of Asem Tulegenova. A lawyer spoke. It was dark. "
        "They had told Asem Tulegenova that they were police."
    )
    made.person("Asem Tulegenova")
    made.act("intimidation.visit", "rang at the door")
    made.act("impersonation.official", "they were police", purported_as=PurportedAs.POLICE)

    (draft,) = drafts(made).incidents
    assert [one.code for one in draft.types] == ["intimidation.visit"]
    assert (draft.purported_as, draft.quote) == (PurportedAs.POLICE, "1, 4")


def test_each_incident_stands_on_the_sentences_that_tell_it():
    made = pressure()
    made.dates = []

    assert [draft.quote for draft in drafts(made).incidents] == ["2", "3-4", "5", "6"]


def test_a_period_reaches_all_incidents_after_it_and_its_sentence_is_quoted():
    found = drafts(pressure()).incidents

    assert [(one.extent, one.when and one.when.value, one.date_as_stated) for one in found] == [
        (Extent.LASTING, "2025-12/2026-05", "since the winter")
    ] * 4
    assert [one.quote for one in found] == ["2", "2-4", "2, 5", "2, 6"]


def test_a_time_within_which_something_happened_is_no_period_of_it():
    made = Made("In the first half of 2025 Asem Tulegenova got a threat. She was followed.")
    made.person("Asem Tulegenova", "She")
    made.act("threat.other", "got a threat")
    made.act("digital.phishing", "was followed")
    made.date("In the first half of 2025", "2025-01/2025-06", TODAY)

    found = drafts(made).incidents
    assert [(one.extent, one.when and one.when.value) for one in found] == [
        (Extent.ONCE, "2025-01/2025-06")
    ]


def spared(text: str, code: str, words: str, typed: str = "2025-12/2026-05") -> bool:
    """Say whether an incident gets no period from a text that begins "Since the winter Asem
    Tulegenova was threatened".
    """
    made = Made(text)
    for name in ("Asem Tulegenova", "Daniyar Omarov"):
        if name in text:
            made.person(name)
    for name in ("Dala News", "Oral Times"):
        if name in text:
            made.newsroom(name)
    made.act("threat.other", "was threatened")
    made.act(code, words)
    made.date("Since the winter", typed, TODAY, is_period=True)
    first, second = drafts(made).incidents
    assert first.extent is Extent.LASTING
    assert second.extent is (Extent.LASTING if second.when else Extent.ONCE)
    return second.when is None


@pytest.mark.parametrize(
    ("code", "is_spared"),
    [
        ("impersonation.journalist", False),
        ("legal.search", True),
        ("property.seizure", True),
        ("censorship.blocking", True),
    ],
)
def test_what_is_a_moment_does_not_last_as_long_as_other_incidents(code: str, is_spared: bool):
    text = (
        "Since the winter Asem Tulegenova was threatened. A lawyer spoke. It was dark. "
        "Asem Tulegenova met it in May."
    )

    assert spared(text, code, "met it") is is_spared


def test_a_few_days_are_those_of_one_incident():
    text = "Since the winter Asem Tulegenova was threatened. Profiles of Asem Tulegenova opened."

    assert spared(text, "impersonation.journalist", "Profiles", "2026-05-03/2026-05-06")
    assert not spared(text, "impersonation.journalist", "Profiles", "2026-05-03/2026-05-07")


def test_a_period_reaches_nothing_told_before_it():
    text = "Profiles of Asem Tulegenova opened. Since the winter Asem Tulegenova was threatened."
    made = Made(text)
    made.person("Asem Tulegenova")
    made.act("impersonation.journalist", "Profiles")
    made.act("threat.other", "was threatened")
    made.date("Since the winter", "2025-12/2026-05", TODAY, is_period=True)

    assert [one.extent for one in drafts(made).incidents] == [Extent.ONCE, Extent.LASTING]


def test_in_a_bulletin_a_period_stays_with_those_of_whom_it_is_told():
    start = "Since the winter Asem Tulegenova was threatened, wrote Dala News and Oral Times. "

    assert spared(start + "Profiles of Daniyar Omarov opened.", "impersonation.journalist", "Prof")
    assert not spared(
        start + "Profiles of Asem Tulegenova opened.", "impersonation.journalist", "Prof"
    )


@pytest.mark.parametrize(
    ("language", "text", "period", "act"),
    [
        (Language.EN, "Since May she was threatened repeatedly.", "Since May", "was threatened"),
        (Language.RU, "С мая ей неоднократно угрожали.", "С мая", "угрожали"),
        (Language.KK, "Мамырдан бері оны бірнеше рет қорқытты.", "Мамырдан бері", "қорқытты"),
    ],
)
def test_what_happened_many_times_in_a_period_was_repeated(
    language: Language, text: str, period: str, act: str
):
    made = Made(text, language)
    made.act("threat.other", act)
    made.date(period, "2026-05/2026-09", TODAY, is_period=True)

    (draft,) = drafts(made).incidents
    assert draft.extent is Extent.REPEATED


def test_accounts_that_nobody_names_are_one_record_of_at_least_two():
    (account,) = drafts(pressure()).accounts

    assert (account.identified, account.accounts_at_least, account.quote) == (Answer.NO, 2, "5")
    assert [one.value for one in account.impersonates] == BOTH
    assert [one.uses_accounts for one in drafts(pressure()).incidents] == [
        False, False, True, True,
    ]  # fmt: skip


def test_a_minister_on_one_occasion_is_one_response_with_three_acts():
    (response,) = drafts(pressure()).responses

    assert [act.kind for act in response.acts] == [
        ActType.CONDEMNATION, ActType.BLOCKING_ORDERED, ActType.INVESTIGATION_ANNOUNCED,
    ]  # fmt: skip
    assert response.institution_kind is InstitutionKind.MINISTRY
    assert [act.is_by_law_enforcement for act in response.acts] == [False, False, True]


def test_who_says_the_same_twice_on_one_occasion_did_it_once():
    made = Made("The minister, Marat Abenov, was sorry. He was ashamed, Abenov said.")
    made.response(
        "", "Marat Abenov", (ActType.APOLOGY, "was sorry"), (ActType.APOLOGY, "was ashamed")
    )

    assert ticked(made) == [True, False]


def test_of_the_same_said_twice_the_likelier_is_ticked():
    made = Made("The minister, Marat Abenov, was sorry. He was ashamed, Abenov said.")
    made.response(
        "", "Marat Abenov", (ActType.APOLOGY, "was sorry"), (ActType.APOLOGY, "was ashamed")
    )
    (response,) = made.responses
    response.acts[1] = replace(response.acts[1], score=0.9)

    assert ticked(made) == [False, True]


def test_a_plain_statement_is_ticked_only_where_nothing_else_was_done_or_said():
    made = Made("The minister, Marat Abenov, was sorry. The scale grows, Abenov said.")
    made.response(
        "", "Marat Abenov", (ActType.APOLOGY, "was sorry"), (ActType.STATEMENT, "The scale grows")
    )
    alone = Made("The minister, Marat Abenov, spoke. The scale grows, Abenov said. It is large.")
    alone.response(
        "",
        "Marat Abenov",
        (ActType.STATEMENT, "The scale grows"),
        (ActType.STATEMENT, "It is large"),
    )

    assert ticked(made) == [True, False]
    assert ticked(alone) == [True, False]


def test_what_the_police_do_on_the_ministers_word_is_an_act_of_the_minister():
    made = Made(
        "The minister, Marat Abenov, was sorry. Law enforcement agencies look into it, Abenov said. "
        "Law enforcement agencies have asked for witnesses."
    )
    made.response("", "Marat Abenov", (ActType.APOLOGY, "was sorry"))
    made.response("law enforcement agencies", "", (ActType.INVESTIGATION_ANNOUNCED, "look into it"))
    made.response(
        "law enforcement agencies", "", (ActType.INFORMATION_REQUEST, "have asked for witnesses")
    )

    minister, police = drafts(made).responses
    assert [act.kind for act in minister.acts] == [
        ActType.APOLOGY, ActType.INVESTIGATION_ANNOUNCED,
    ]  # fmt: skip
    assert (minister.institution, minister.acts[1].is_by_law_enforcement) == ("", True)
    assert police.institution == "Law enforcement agencies"


def test_a_body_is_named_after_the_office_where_that_is_all_there_is():
    for language, office, body in (
        (Language.EN, "Minister of Culture of the Republic of Kazakhstan", "Ministry of Culture"),
        (Language.RU, "министр культуры РК", "Министерство культуры"),
        (Language.KK, "ҚР Мәдениет министрі", "Мәдениет министрлігі"),
    ):
        assert represented_institution(language, "", office) == body


def test_two_bodies_are_two_responses():
    made = pressure()
    made.response("City Police", "", (ActType.NO_COMMENT, "which is not true"))

    assert len(drafts(made).responses) == 2


def test_types_never_split_what_the_same_people_did():
    made = Made(
        "Unknown men waited for Asem Tulegenova. They struck her in the face. Her camera was broken."
    )
    made.person("Asem Tulegenova", "her in the face", "Her")
    made.act("surveillance.physical", "waited for")
    made.act("physical.assault", "struck her")
    made.act("property.damage", "was broken")

    assert told(made) == [
        (["surveillance.physical", "physical.assault", "property.damage"], ["Asem Tulegenova"])
    ]


def test_another_actor_splits():
    made = Made("Strangers wrote to Asem Tulegenova. Asem Tulegenova was fined by a court.")
    made.person("Asem Tulegenova")
    made.act("threat.other", "wrote to")
    made.act("legal.administrative", "was fined")

    assert [types for types, _who in told(made)] == [["threat.other"], ["legal.administrative"]]


def test_one_operation_of_an_authority_is_one_incident():
    made = Made(
        "Officers searched the flat of Asem Tulegenova, took her computer, and held her till night."
    )
    made.person("Asem Tulegenova")
    made.act("legal.search", "searched the flat")
    made.act("property.seizure", "took her computer")
    made.act("legal.detention", "held her till night")

    assert [types for types, _who in told(made)] == [
        ["legal.search", "property.seizure", "legal.detention"]
    ]


def test_other_targets_split():
    made = Made("Asem Tulegenova was followed. The tyres of Daniyar Omarov were cut.")
    made.person("Asem Tulegenova")
    made.person("Daniyar Omarov")
    made.act("surveillance.physical", "was followed")
    made.act("property.damage", "were cut")

    assert told(made) == [
        (["surveillance.physical"], ["Asem Tulegenova"]),
        (["property.damage"], ["Daniyar Omarov"]),
    ]


def test_who_is_threatened_with_others_is_not_threatened_apart_from_them():
    made = Made(
        "Asem Tulegenova and Daniyar Omarov were threatened. Asem Tulegenova got such letters too."
    )
    made.person("Asem Tulegenova")
    made.person("Daniyar Omarov")
    made.act("threat.other", "were threatened")
    made.act("threat.other", "got such letters")

    assert told(made) == [(["threat.other"], BOTH)]


def test_an_episode_with_its_own_date_splits():
    made = Made("On 3 May Asem Tulegenova was beaten. On 9 June Asem Tulegenova was beaten again.")
    made.person("Asem Tulegenova")
    made.act("physical.assault", "was beaten")
    made.act("physical.assault", "beaten again")
    made.date("On 3 May", "2026-05-03", TODAY)
    made.date("On 9 June", "2026-06-09", TODAY)

    assert [draft.when.value for draft in drafts(made).incidents if draft.when] == [
        "2026-05-03",
        "2026-06-09",
    ]


def test_the_same_night_told_twice_does_not_split():
    made = Made(
        "On 3 May Asem Tulegenova was beaten. Colleagues spoke. "
        "The attack on Asem Tulegenova on the night of 3 May shocked them."
    )
    made.person("Asem Tulegenova")
    made.act("physical.assault", "was beaten")
    made.act("physical.assault", "The attack")
    made.date("On 3 May", "2026-05-03", TODAY)
    made.date("the night of 3 May", "2026-05-03", TODAY)

    assert [draft.quote for draft in drafts(made).incidents] == ["1, 3"]


def test_a_headline_without_a_date_is_of_the_episode_that_the_text_dates():
    made = Made(
        "Asem Tulegenova beaten near her home. Colleagues spoke. The paper is shocked. "
        "On 3 May Asem Tulegenova was beaten by two men."
    )
    made.person("Asem Tulegenova")
    made.act("physical.assault", "beaten near her home")
    made.act("physical.assault", "was beaten")
    made.date("On 3 May", "2026-05-03", TODAY)

    (draft,) = drafts(made).incidents
    assert (draft.quote, draft.when and draft.when.value) == ("1, 4", "2026-05-03")


def test_a_day_within_a_long_time_is_an_episode_of_its_own():
    made = Made(
        "For a year Asem Tulegenova was followed. On 3 May Asem Tulegenova was followed to Oral."
    )
    made.person("Asem Tulegenova")
    made.act("surveillance.physical", "was followed.")
    made.act("surveillance.physical", "followed to Oral")
    made.date("For a year", "2025-05/2026-05", TODAY)
    made.date("On 3 May", "2026-05-03", TODAY)

    assert len(drafts(made).incidents) == 2


def test_an_episode_with_its_own_place_splits():
    made = Made(
        "In Oral Asem Tulegenova was followed. Later Asem Tulegenova was followed through Taraz."
    )
    made.person("Asem Tulegenova")
    made.act("surveillance.physical", "was followed.")
    made.act("surveillance.physical", "followed through")
    made.place("Oral")
    made.place("Taraz")

    assert [draft.place.value for draft in drafts(made).incidents if draft.place] == [
        "Oral", "Taraz",
    ]  # fmt: skip


def test_an_outlet_is_the_target_of_a_block_though_its_editor_is_named():
    made = Made("The site Dala News of Asem Tulegenova was blocked.")
    made.person("Asem Tulegenova")
    made.newsroom("Dala News")
    made.act("censorship.blocking", "was blocked")

    assert told(made) == [(["censorship.blocking"], ["Dala News"])]


def test_a_sentence_about_the_journalists_means_all_of_them_in_russian_and_kazakh():
    for language, text, words in (
        (
            Language.RU,
            "Асем Тулегенова и Данияр Омаров молчат. Журналистам угрожали.",
            "угрожали",
        ),
        (
            Language.KK,
            "Асем Тулегенова мен Данияр Омаров үндемейді. Журналистерді қорқытты.",
            "қорқытты",
        ),
    ):
        made = Made(text, language)
        made.person("Асем Тулегенова")
        made.person("Данияр Омаров")
        made.act("threat.other", words)
        assert told(made) == [(["threat.other"], ["Асем Тулегенова", "Данияр Омаров"])]


def test_whoever_was_named_just_before_is_meant_by_a_sentence_without_a_name():
    made = Made("Daniyar Omarov edits a paper. Asem Tulegenova drove home. The brakes were cut.")
    made.person("Daniyar Omarov")
    made.person("Asem Tulegenova")
    made.act("property.damage", "were cut")

    assert told(made) == [(["property.damage"], ["Asem Tulegenova"])]


def test_an_account_on_record_with_its_handle_is_one_however_often_it_is_named():
    made = Made("Channel @dala_fake lies about Asem Tulegenova. @dala_fake has many readers.")
    made.person("Asem Tulegenova")
    made.act("smear.coordinated", "lies about")
    made.account("@dala_fake")
    made.account("@dala_fake")

    (account,) = drafts(made).accounts
    assert (account.account.value, account.platform) == ("@dala_fake", "telegram")
    assert drafts(made).incidents[0].uses_accounts


def test_an_account_by_a_name_alone_is_not_accepted_beforehand():
    made = Made("The editor got letters of the fake “Doe” account, and of Doe_Law.\n")
    made.person("Asem Tulegenova")
    made.account("Doe", kind="profile")
    made.account("Doe_Law", kind="profile")

    assert [(one.account.value, one.account.is_strong) for one in drafts(made).accounts] == [
        ("Doe", False), ("Doe_Law", True),
    ]  # fmt: skip


def test_an_outlets_own_channel_is_no_fake_account():
    made = Made("Asem Tulegenova writes in @dala_news. She was followed.")
    made.person("Asem Tulegenova", "She")
    made.act("surveillance.physical", "was followed")
    made.account("@dala_news", is_hostile=False)

    assert drafts(made).accounts == []


def test_nothing_found_makes_no_drafts():
    empty = drafts(Made("The river froze early this year."))

    assert (empty.incidents, empty.accounts, empty.responses) == ([], [], [])
    assert empty.suggestions_by_key() == {}


def test_keys_of_suggestions_hold_no_words_of_the_article():
    for key in drafts(pressure()).suggestions_by_key():
        assert "Asem" not in key
        assert len(key) <= 60


@pytest.mark.parametrize(
    ("language", "office", "body"),
    [
        (Language.EN, "Deputy akim of the region", "Akimat of the region"),
        (Language.EN, "vice-minister of Culture", "Ministry of Culture"),
        (Language.RU, "Пресс-секретарь акима области", "Акимат области"),
        (Language.RU, "заместитель министра культуры", "Министерство культуры"),
        (Language.KK, "Ақтөбе облысы әкімінің орынбасары", "Ақтөбе облысы әкімдігі"),
    ],
)
def test_a_deputy_speaks_for_the_body_of_the_office(language: Language, office: str, body: str):
    assert represented_institution(language, "", office) == body


def test_who_rings_or_writes_poses_as_nobody():
    made = Made(
        "Profiles under the name of Asem Tulegenova appeared. A message came from +7 700 123 45 67 "
        "and a page stood at @asem_real."
    )
    made.person("Asem Tulegenova")
    made.act("impersonation.journalist", "Profiles under the name")
    made.account("@asem_real")
    made.account("+7 700 123 45 67", kind="phone_number")

    poses = {one.account.value: bool(one.impersonates) for one in drafts(made).accounts}
    assert poses == {"@asem_real": True, "+7 700 123 45 67": False}


def test_an_article_tells_of_the_country_of_its_place_or_of_the_bodies_that_answer():
    made = Made("In Bishkek the Ministry of Kazakhstan and the Ministry of Norway spoke.")
    assert reported_country(made.found) == ""
    made.response("Ministry of Kazakhstan", "", (ActType.STATEMENT, "spoke"))
    made.responses[0].country = "KZ"
    assert reported_country(made.found) == "KZ"
    made.response("Ministry of Norway", "", (ActType.STATEMENT, "spoke"))
    made.responses[1].country = "NO"
    assert reported_country(made.found) == ""
    made.place("Bishkek", country="KG")
    assert reported_country(made.found) == "KG"
