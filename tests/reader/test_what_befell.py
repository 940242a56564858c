"""What is told of journalists and is no incident, and acts that no phrase tells by itself."""

from __future__ import annotations

from datetime import date

import pytest

from tests.reader.test_trades import aimed
from tracker.articles.codes import Language
from tracker.reader.acts.finding import find_acts
from tracker.reader.acts.objects import is_half_quoted
from tracker.reader.found import Reality
from tracker.reader.suggest import suggest
from tracker.reader.text import ArticleText

DIED = """Obituary: Helen Marsh, the voice of the harbour news
Helen Marsh, who presented the news on Harbour Radio, died at home on Saturday. She was 77.
Helen Marsh wrote about fishing for forty years. She leaves a husband and two sons."""

SKIDDED = """Van of a television crew slides into a ditch
The van skidded and overturned on Sunday. Reporter Dana Kosova has bruises.
"The road was like glass," said the police. Dana Kosova was filming a fair."""

RAMMED = SKIDDED.replace('"The road', "A stranger rammed it twice and beat her. " + '"The road')

BURIED = """Flowers for Zoran Malic
Editor Zoran Malic was shot dead on 21 June 2000 in front of his newspaper.
The mayor laid a wreath and said that the street will bear his name. Zoran Malic was threatened."""

CORRECTED = """In an article of Thursday
Councillor Finch had threatened the reporter Leah Samuels.
We wrote that a councillor had threatened the reporter Leah Samuels. That was wrong."""

SPEEDING = """Presenter loses his licence
Presenter Askar Bell has been fined 78,000 tenge, the administrative court said on Tuesday.
Askar Bell was caught near a school in June and said that he would take the bus."""

HAD_TO_PAY_TAX = SPEEDING.replace(
    "fined 78,000 tenge, the administrative court said", "fined by the tax office"
)

KILLED_ON_ICE = """Presenter dies on the pass
Presenter Askar Bell was killed on Monday when the car left the road and rolled over in a snowstorm.
The traffic service said that it was icy, and that he lost control."""

HUNTED = KILLED_ON_ICE.replace("The traffic", "A man had rammed it and threw a stone. The traffic")

IN_A_NOVEL = """A reporter is kidnapped
Reporter Askar Bell was kidnapped on Monday and beaten in a cellar.
{} He was found by the police."""

FOR_A_STORY = SPEEDING.replace("fined 78,000 tenge", "fined for her article about the mayor")


def reading_of(text: str, language: Language = Language.EN) -> ArticleText:
    title = text.split("\n", 1)[0]
    return ArticleText(text=text, language=language, title=title, published=date(2025, 7, 1))


def told(sentence: str, language: Language = Language.EN) -> set[str]:
    """Return the types that a sentence tells as having happened."""
    acts = find_acts(reading_of(sentence, language))
    return {act.code for act in acts if act.reality is Reality.HAPPENED}


@pytest.mark.parametrize(
    "text",
    [DIED, SKIDDED, BURIED, SPEEDING, HAD_TO_PAY_TAX, KILLED_ON_ICE],
)
def test_a_death_an_accident_a_memory_and_a_private_fine_are_no_incidents(text: str) -> None:
    assert not suggest(reading_of(text)).is_incident


@pytest.mark.parametrize("text", [RAMMED, FOR_A_STORY, HUNTED])
def test_a_blow_and_a_fine_for_the_work_are(text: str) -> None:
    assert suggest(reading_of(text)).is_incident


def test_what_the_next_sentence_takes_back_is_denied() -> None:
    realities = [
        act.reality for act in find_acts(reading_of(CORRECTED)) if act.passage.sentence_number == 3
    ]

    assert realities
    assert set(realities) == {Reality.DENIED}


def test_a_year_that_opens_a_sentence_holds_for_the_next() -> None:
    text = "In 1983 she read the news{}. Men beat the reporter in the yard."

    (old,) = find_acts(ArticleText(text.format(""), Language.EN, published=None))
    assert old.reality is Reality.HAPPENED
    dated = ArticleText(f"{text.format('')}\nIt was told in 2025.", Language.EN)
    assert {act.reality for act in find_acts(dated)} == {Reality.BACKGROUND}
    inside = dated.text.replace("In 1983 she", "She").replace("news.", "news of 1983.")
    assert {act.reality for act in find_acts(ArticleText(inside, Language.EN))} == {
        Reality.HAPPENED
    }


def test_a_threat_that_was_not_made_is_none_in_kazakh() -> None:
    made = "Тілші Әнел Қасымбек директордан қоқан-лоққы көргенін айтты."

    assert told(made, Language.KK)
    assert not told(made.replace("көргенін", "көрмегенін"), Language.KK)


@pytest.mark.parametrize(
    ("sentence", "code"),
    [
        ("Somebody poured cement into the letterbox of the editor.", "property.damage"),
        ("Strangers poured paint over the door of the reporter.", "property.damage"),
        ("The reporter was sentenced to eight years in prison.", "legal.criminal"),
        ("The reporter was arrested a year before in Taraz.", "legal.detention"),
        ("They drilled the fence of her garden.", "property.damage"),
        ("She drilled the fence of her garden.", ""),
        ("On Monday the blogger received a message: “Count your steps.”", "threat.other"),
        ("On Monday the blogger received a message about the weather.", ""),
    ],
)
def test_verb_and_object_make_the_type(sentence: str, code: str) -> None:
    assert told(sentence) == ({code} if code else set())


def test_a_site_that_a_flood_of_requests_closed_is_not_blocked() -> None:
    sentence = "The site of the outlet did not open: two million requests a minute came in."

    assert told(sentence) == {"digital.ddos"}


def test_goods_ordered_in_her_name_are_no_account_of_hers() -> None:
    codes = told("At two a hearse drew up at the house of the editor, ordered in her name.")

    assert "harassment.flooding" in codes
    assert "impersonation.journalist" not in codes


def test_who_covers_something_for_a_newsroom_is_a_journalist() -> None:
    text = """A hearse at the door
On Monday a hearse drew up at the house of Ieva Stanke. Nobody had ordered it.
Ieva Stanke covers the border and its forests for the portal “Rytai News”.
Her number and address had been published in a channel. She went to the police."""

    assert aimed(text) == ["Ieva Stanke"]
    assert aimed(text.replace("covers", "likes")) == []


def test_a_word_inside_the_name_of_a_newsroom_does_nothing() -> None:
    text = """Sand in the engine
Aliya Sarova, who writes for the newspaper “Leinster Leader”, was walking her dog.
Somebody put sand into the engine of Aliya Sarova on Monday. She went to the police."""

    assert {act.code for act in suggest(reading_of(text)).targeting.acts} == {"property.damage"}


def test_journalists_at_large_are_a_statistic() -> None:
    text = """What is counted
The authors count: journalists were beaten, journalists were arrested, reporters were fined.
Figures are rounded."""

    assert not suggest(reading_of(text)).is_incident


def test_words_of_other_kinds_of_text_add_up() -> None:
    told = (
        "The thriller won the first prize. Its author remembers a museum, a match and a training."
    )

    assert suggest(reading_of(IN_A_NOVEL.format("It was at six."))).is_incident
    assert not suggest(reading_of(IN_A_NOVEL.format(told))).is_incident


@pytest.mark.parametrize(
    ("language", "title", "other", "text"),
    [
        (Language.EN, "Press Safety Digest, June", "A summer on the coast, June",
         "Whoever filmed was sent away. A guard sprayed Nino Arveli in the face with gas."),
        (Language.RU, "Мониторинг: июнь", "Лето на побережье: июнь",
         "Снимавших прогоняли. Охранник брызнул Нино Арвели в лицо газом."),
        (Language.KK, "Сөз бостандығы мониторингі: маусым", "Жағалаудағы жаз: маусым",
         "Түсіргендерді қуып жіберді. Күзетші Нино Арвелидің бетіне газ шашты."),
    ],
)  # fmt: skip
def test_a_report_on_the_press_tells_incidents(
    language: Language, title: str, other: str, text: str
) -> None:
    def score(heading: str) -> float:
        return suggest(reading_of(f"{heading}\n{text}", language)).targeting.score

    assert score(title) > 2 * score(other)


def test_half_of_an_act_in_what_somebody_says_is_none() -> None:
    apart = "На запрос редакции сообщили: «По двум указанным страницам внесены предписания»."
    together = "«Редакции внесено предписание», — сообщили в прокуратуре."

    assert "legal.warning" not in told(apart, Language.RU)
    assert "legal.warning" in told(together, Language.RU)


def test_who_was_shot_on_an_icy_road_was_killed() -> None:
    text = """Presenter shot dead at a lake
Presenter Askar Bell was shot dead on Monday. Nobody saw it. The road was icy. Nobody came by.
The emergencies ministry brought him home. The police are looking for whoever it was."""

    assert suggest(reading_of(text)).is_incident


def test_a_ranking_of_press_freedom_records_no_attack() -> None:
    text = "Whoever filmed was sent away. A guard sprayed Nino Arveli in the face with gas."
    scores = [
        suggest(reading_of(f"{title}\n{text}")).targeting.score
        for title in (
            "Press freedom monitor: what befell us",
            "Press freedom monitor: out of 180, the country falls 12 places",
        )
    ]

    assert scores[0] > 2 * scores[1]


@pytest.mark.parametrize(
    ("text", "is_half"),
    [
        ("he said «we know you", True),
        ("know you», he said", True),
        ("the paper «Ayna» and its", False),
        ("said “we know", True),
        ("the „Ayna“ of", False),
        ('told the "Ayna" of', False),
        ('said "we know', True),
    ],
)
def test_half_a_quotation_is_told_from_a_name(text: str, is_half: bool) -> None:
    assert is_half_quoted(text) is is_half


def test_a_verb_and_its_thing_stand_on_one_side_of_what_is_said() -> None:
    assert told("Ночью чем-то залили почтовый ящик редакции.", Language.RU) == {"property.damage"}
    assert told("Ночью залили «почтовый ящик редакции стоил дорого».", Language.RU) == set()


def test_what_is_done_by_words_may_be_told_by_who_says_them_and_what() -> None:
    assert "smear.official" in told(
        "Спикер парламента заявил, что газета «живёт на подачки».", Language.RU
    )


def test_what_a_channel_claims_has_not_happened() -> None:
    text = "The channel posted her photograph and claimed that she had been detained for theft."

    assert "legal.detention" not in told(text)
    assert "legal.detention" in told(text.replace("claimed that she had been", "she was"))


def test_a_year_with_its_ending_is_a_year() -> None:
    text = "В 2023-м за похожий эфир блогера Сардора Косимова задержали."

    assert told(text, Language.RU) == set()
    assert "legal.detention" in told(text.replace("В 2023-м за", "За"), Language.RU)
