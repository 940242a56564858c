"""What was done to somebody is found in the words in which newsrooms tell it, and how real it is."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tracker.articles.codes import Language
from tracker.incidents.codes import PurportedAs
from tracker.reader.acts.finding import find_acts
from tracker.reader.acts.phrases import expand_lists, load_act_phrases
from tracker.reader.answers.finding import find_responses
from tracker.reader.found import FoundPerson, Mention, Reality
from tracker.reader.lexicon import (
    LANGUAGES_FOLDER,
    PhraseError,
    Phrases,
    load_lexicon,
    parse_phrase,
)
from tracker.reader.targets.finding import TargetingResult
from tracker.reader.text import ArticleText, split_words
from tracker.responses.codes import ActType
from tracker.vocabulary.codes import TermSet
from tracker.vocabulary.labels import load_shipped_terms

EN, RU, KK = Language.EN, Language.RU, Language.KK
WHO = {
    EN: ("reporter", "journalist", "editor"),
    RU: ("журналист", "корреспонд"),
    KK: ("тілші", "Журналист", "Тілші"),
}
TOLD = [
    ("en", "threat.death", "A wreath with the editor's name was left at the newsroom door."),
    ("en", "threat.legal", "The akim's lawyers threatened the newspaper with a lawsuit."),
    ("en", "impersonation.outlet", "A clone of the site copied its logo and its articles."),
    ("en", "harassment.doxxing", "A channel published her home address and phone number."),
    ("en", "digital.ddos", "The site went down under millions of requests a minute."),
    ("en", "surveillance.physical", "The same grey car stood opposite her house for three days."),
    ("en", "intimidation.visit", "Two men waited by the lift and knew her daughter's school."),
    ("en", "intimidation.contacts", "Officers questioned her neighbours about her."),
    ("en", "physical.assault", "Guards beat the cameraman and pushed him to the ground."),
    ("en", "property.damage", "In the morning there was sand in the engine of the car."),
    ("en", "access.denied", "The accreditation desk could not find her name again."),
    ("en", "access.obstruction", "A guard told the reporter to delete the footage."),
    ("en", "censorship.blocking", "The site would not open without a VPN."),
    ("en", "employment.dismissal", "The presenter's contract was not renewed."),
    ("ru", "threat.death", "К двери редакции принесли похоронный венок с её фамилией."),
    (
        "ru",
        "impersonation.journalist",
        "Фейковый аккаунт с именем и фото журналистки просит денег.",
    ),
    ("ru", "disinformation.death_hoax", "Канал сообщил о смерти редактора, но он жив и здоров."),
    ("ru", "harassment.flooding", "За ночь ей пришли сотни звонков и СМС с кодами."),
    ("ru", "intimidation.contacts", "Участковый расспрашивал её соседей и мать."),
    ("ru", "physical.assault", "На корреспондента напали у подъезда и сломали ему нос."),
    ("ru", "legal.detention", "Журналиста задержали на площади и увезли в полицию."),
    ("ru", "legal.search", "У редактора прошёл обыск."),
    ("ru", "legal.designation", "Минюст внёс журналистку в реестр иностранных агентов."),
    ("ru", "property.damage", "Утром на машине оператора оказались проколоты все шины."),
    ("ru", "access.denied", "Корреспондента не пустили на заседание маслихата."),
    ("ru", "censorship.removal", "После звонка из акимата статью сняли с сайта."),
    ("kk", "threat.other", "Тілшіге белгісіз нөмірден қорқытқан хабарламалар келді."),
    ("kk", "impersonation.journalist", "Журналистің атымен жалған парақша ашылды."),
    ("kk", "harassment.doxxing", "Арна блогердің мекенжайын жариялады."),
    ("kk", "surveillance.physical", "Белгісіз көлік оның соңынан қалмай жүрді."),
    ("kk", "physical.assault", "Күзетшілер операторды ұрып, жерге жықты."),
    ("kk", "legal.detention", "Полиция журналисті алаңда ұстап әкетті."),
    ("kk", "property.damage", "Редактордың көлігінің дөңгелегін тіліп кеткен."),
    ("kk", "access.denied", "Тілшіні мәслихат отырысына кіргізбеді."),
    ("kk", "censorship.blocking", "Басылымның сайты бұғатталды."),
    ("kk", "employment.dismissal", "Жүргізушімен келісімшарт ұзартылмады."),
    ("kk", "surveillance.physical", "Ақ «Нива» редакторды үйіне дейін шығарып салып жүр."),
    ("kk", "legal.border", "Журналист ұшаққа отырғызылмады."),
    ("kk", "intimidation.visit", "Редакция есігінің құлпына желім құйылған."),
    ("kk", "physical.kidnapping", "Репортерді екі көлік алып кетті."),
    ("kk", "digital.account_attack", "Блогер арнасына кіре алмай отыр."),
]

NOT_TOLD = [
    ("en", "The site of the ministry was unavailable because of maintenance."),
    ("en", "The striker was beaten to the ball by the goalkeeper."),
    ("en", "Passengers were not allowed to board because of fog."),
    ("en", "The press secretary invited reporters to a briefing on the flood."),
    ("en", "Police detained two men suspected of robbing a pharmacy."),
    ("en", "The court dismissed the claim of the mining company."),
    ("ru", "Журналист спросил акима о дороге и получил ответ."),
    ("ru", "Полиция задержала двоих подозреваемых в ограблении аптеки."),
    ("ru", "Корреспондент получила премию за материал о домашнем насилии."),
    ("ru", "Соседи жалуются на шум стройки."),
    ("ru", "Редактор ушла с должности, чтобы возглавить факультет журналистики."),
    ("ru", "Пассажиров не пустили на борт из-за тумана."),
    ("kk", "Журналист әкімнен жол туралы сұрап, жауап алды."),
    ("kk", "Баспасөз хатшысы журналистерді брифингке шақырды."),
    ("kk", "Қоймадағы өрттен жиһаз дүкенінің мұрағаты жанып кетті."),
    ("kk", "Редактор факультетті басқару үшін қызметінен кетті."),
    ("kk", "Көршілері құрылыстың шуына шағымданды."),
    ("kk", "Ұйым билікті оқиғаны тексеруге шақырды."),
    ("kk", "Жұбайы қала полициясына арыз апарды."),
    ("kk", "Бұл шешім сөз бостандығына соққы болды."),
    ("kk", "Курстасы кейін жазбасын өшірген."),
    ("kk", "Телеарна ұрланған көлік туралы сюжет көрсетті."),
]

NOT_REAL = [
    ("en", Reality.NEGATED, "The reporter was not detained."),
    ("en", Reality.NEGATED, "No journalists were beaten at the rally."),
    ("en", Reality.DENIED, "Police denied that officers had beaten the reporter."),
    ("en", Reality.HYPOTHETICAL, "If a journalist is attacked, call the lawyer."),
    ("ru", Reality.NEGATED, "Журналиста не задержали."),
    ("ru", Reality.DENIED, "В полиции опровергли, что корреспондента избили."),
    ("ru", Reality.HYPOTHETICAL, "Блогера могут оштрафовать."),
    ("kk", Reality.NEGATED, "Тілшіні ешкім ұстаған жоқ."),
    ("kk", Reality.NEGATED, "Журналисті ешкім қорқытпады."),
    ("kk", Reality.HYPOTHETICAL, "Тілшіні ұстауы мүмкін."),
]


def strong(language: str, text: str) -> set[str]:
    """Return the types that a text names as having happened and that its words say plainly."""
    reading = ArticleText(text=text, language=Language(language))
    return {
        act.code
        for act in find_acts(reading)
        if act.reality is Reality.HAPPENED and act.score >= 0.5
    }


@pytest.mark.parametrize(("language", "code", "text"), TOLD)
def test_an_act_is_found_however_it_is_told(language: str, code: str, text: str) -> None:
    assert code in strong(language, text)


@pytest.mark.parametrize(("language", "text"), NOT_TOLD)
def test_everyday_news_is_no_act(language: str, text: str) -> None:
    assert strong(language, text) == set()


@pytest.mark.parametrize(("language", "reality", "text"), NOT_REAL)
def test_what_did_not_happen_is_not_said_to_have(
    language: str, reality: Reality, text: str
) -> None:
    found = find_acts(ArticleText(text=text, language=Language(language)))
    assert [act.reality for act in found] == [reality] * len(found)
    assert found


def test_an_act_of_years_ago_is_background() -> None:
    text = "In 2011 the reporter was beaten. On 3 March 2026 the editor was fined."
    acts = find_acts(ArticleText(text=text, language=Language.EN))
    assert [(act.code, act.reality) for act in acts] == [
        ("physical.assault", Reality.BACKGROUND),
        ("legal.administrative", Reality.HAPPENED),
    ]


def test_nothing_of_an_article_about_a_film_happened() -> None:
    text = (
        "The film opened the festival. Its heroine, an editor, is beaten in the first scene. "
        "The director thanked the cast. The audience applauded."
    )
    acts = find_acts(ArticleText(text=text, language=Language.EN))
    assert {act.reality for act in acts} == {Reality.HYPOTHETICAL}


def test_a_threat_may_say_would_and_if() -> None:
    assert "threat.physical" in strong("en", "He said he would break her legs if she came back.")


def test_a_lie_that_is_denied_was_told_all_the_same() -> None:
    text = "Редакция опровергла сообщение о смерти журналиста: он жив и здоров."
    assert "disinformation.death_hoax" in strong("ru", text)


@pytest.mark.parametrize(
    ("language", "impersonated", "text"),
    [
        ("en", PurportedAs.POLICE, "Two men claiming to be police officers came to her flat."),
        ("ru", PurportedAs.SECURITY_SERVICE, "Они представились сотрудниками КНБ."),
        ("kk", PurportedAs.POLICE, "Олар өздерін полиция қызметкеріміз деп таныстырды."),
    ],
)
def test_men_who_say_they_are_police_only_say_so(
    language: str, impersonated: PurportedAs, text: str
) -> None:
    acts = find_acts(ArticleText(text=text, language=Language(language)))
    assert impersonated in {
        act.purported_as for act in acts if act.code == "impersonation.official"
    }


def test_the_words_of_an_act_are_those_of_the_text() -> None:
    text = "Ничего.\nНа корреспондента напали у подъезда."
    (act,) = find_acts(ArticleText(text=text, language=Language.RU))
    assert text[act.passage.start : act.passage.end] == act.passage.text
    assert act.passage.sentence_number == 2


def test_a_fuller_phrase_takes_the_place_of_its_part() -> None:
    assert strong("en", "The official threatened the reporter with arrest.") == {"threat.legal"}


@pytest.mark.parametrize("language", ["en", "ru", "kk"])
def test_every_phrase_can_be_read_and_every_code_exists(language: str) -> None:
    codes = {term.code for term in load_shipped_terms(TermSet.INCIDENT_TYPE)}
    for path in Path(LANGUAGES_FOLDER, language, "acts").glob("*.toml"):
        for heading in load_lexicon(language, f"acts/{path.stem}"):
            assert f"{path.stem}.{heading}" in codes
    assert load_act_phrases(language).find(()) == []


def repeated(words: Any) -> list[str]:
    """Return the phrases that stand twice in a list, and the choices that stand twice in one."""
    if isinstance(words, dict):
        return [one for of in words.values() for one in repeated(of)]
    if isinstance(words, str):
        choices = [inside.split("|") for inside in re.findall(r"\(([^()]*)\)", words)]
        return [words for some in choices if len(set(some)) < len(some)]
    if not isinstance(words, list):
        return []
    twice = [one for one, times in Counter(map(str, words)).items() if times > 1]
    return [*twice, *(one for of in words for one in repeated(of))]


@pytest.mark.parametrize("language", ["en", "ru", "kk"])
def test_no_list_says_anything_twice(language: str) -> None:
    folder = Path(LANGUAGES_FOLDER, language)
    names = [str(path.relative_to(folder).with_suffix("")) for path in folder.rglob("*.toml")]

    assert len(names) > 20
    assert [(name, one) for name in names for one in repeated(load_lexicon(language, name))] == []


def test_a_list_is_written_out_with_the_words_around_it() -> None:
    lists = {"car": "car|van", "thing": "<car>|house"}
    assert expand_lists("sand & <car>", lists) == "sand & (car|van)"
    assert expand_lists("(by|the <thing>)", lists) == "(by|the car|the van|the house)"
    with pytest.raises(PhraseError):
        expand_lists("<nothing>", lists)


@pytest.mark.parametrize(
    "phrase",
    ["un*able", "(a|(b|c)) d", "(a [*] b|c) d", "news [-] room", "film & watched", "case №"],
)
def test_a_phrase_that_could_never_be_met_is_refused(phrase: str) -> None:
    with pytest.raises(PhraseError):
        parse_phrase(phrase)


def test_marks_make_no_difference_in_a_phrase() -> None:
    found = Phrases([("the editors' «house», burnt", "x")])
    assert found.find(split_words("The editors house burnt down."))


def test_as_whom_they_posed_is_kept_where_more_words_say_that_they_did() -> None:
    text = "Men claiming to be police officers have visited the homes of staff members at night."
    acts = find_acts(ArticleText(text=text, language=Language.EN))

    assert {one.code: one.purported_as for one in acts} == {
        "impersonation.official": PurportedAs.POLICE,
        "intimidation.visit": None,
    }


OVER_HARM = [
    (EN, "Police opened a criminal case over death threats against reporter Alma Dauren."),
    (EN, "A criminal case over death threats against the journalist was opened by police."),
    (EN, "A criminal case was initiated on the fact of threats against the editor."),
    (EN, "Prosecutors opened criminal proceedings over the beating of the journalist."),
    (RU, "Полиция возбудила уголовное дело об угрозах убийством в адрес журналистки."),
    (RU, "По факту угроз убийством журналистке возбуждено уголовное дело."),
    (RU, "Уголовное дело об угрозе убийством в отношении журналистки возбуждено полицией."),
    (RU, "Уголовное дело было возбуждено из-за угроз корреспонденту газеты «Жол»."),
    (KK, "Полиция тілші Алма Дәуренді өлтіремін деп қорқытқаны үшін қылмыстық іс қозғады."),
    (KK, "Журналистке айтылған қоқан-лоққы фактісі бойынша қылмыстық іс қозғалды."),
    (KK, "Тілшіге жасалған қорқыту бойынша қылмыстық іс тіркелді."),
]
AGAINST_HER = [
    (EN, "Police opened a criminal case against reporter Alma Dauren over false information."),
    (EN, "A criminal case was opened against the journalist for threatening an official."),
    (
        RU,
        "Полиция возбудила уголовное дело против журналистки о распространении ложной информации.",
    ),
    (RU, "В отношении журналистки возбуждено уголовное дело об угрозе чиновнику."),
    (KK, "Полиция журналист Алма Дәуренге қарсы жалған ақпарат бойынша қылмыстық іс қозғады."),
]


@pytest.mark.parametrize(("language", "text"), OVER_HARM)
def test_a_case_over_threats_to_somebody_is_none_against_them(language: Language, text: str):
    found = {act.code for act in find_acts(ArticleText(text=text, language=language))}
    assert not found & {"legal.criminal", "threat.legal"}
    reading = ArticleText(text=text, language=language)
    start = min(text.index(word) for word in WHO[language] if word in text)
    target = FoundPerson("A.", [Mention(reading.get_passage(start, start + 5))])
    aimed = TargetingResult(is_incident=True, people=[target], acts=find_acts(reading))
    said = [act.kind for one in find_responses(reading, [target], aimed) for act in one.acts]
    assert ActType.INVESTIGATION_OPENED in said


@pytest.mark.parametrize(("language", "text"), AGAINST_HER)
def test_a_case_against_somebody_stays_one(language: Language, text: str):
    assert "legal.criminal" in {
        act.code for act in find_acts(ArticleText(text=text, language=language))
    }


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (EN, "Telegram blocked the fake channel in the name of reporter Alma Dauren."),
        (EN, "The bogus page of the newspaper was removed by Facebook."),
        (EN, "A channel posing as the newspaper was blocked."),
        (RU, "Telegram заблокировал фейковый канал от имени журналистки Алмы Даурен."),
        (RU, "Поддельная страница газеты «Жол» была заблокирована."),
        (KK, "Telegram журналист Алма Дәуреннің атынан ашылған жалған арнаны бұғаттады."),
        (KK, "«Жол» газетінің жалған парақшасы бұғатталды."),
    ],
)
def test_a_fake_that_is_blocked_is_no_blocking_of_the_press(language: Language, text: str):
    codes = {act.code for act in find_acts(ArticleText(text=text, language=language))}
    assert not {code for code in codes if code.startswith("censorship.")}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (EN, "Telegram blocked the channel of the newspaper Zhol."),
        (RU, "Telegram заблокировал канал газеты «Жол»."),
        (KK, "Telegram «Жол» газетінің арнасын бұғаттады."),
    ],
)
def test_a_newsroom_that_is_blocked_is_censored(language: Language, text: str):
    codes = {act.code for act in find_acts(ArticleText(text=text, language=language))}
    assert {code for code in codes if code.startswith("censorship.")}
