"""Who was aimed at, and whether anybody was."""

from __future__ import annotations

import pytest

from tracker.articles.codes import Language
from tracker.reader.found import FoundAct, FoundOutlet, FoundPerson, Mention, PersonRole, Reality
from tracker.reader.lines import blank_boilerplate
from tracker.reader.targets.finding import TargetingResult, find_targets
from tracker.reader.text import ArticleText, Passage

EN, RU, KK = Language.EN, Language.RU, Language.KK
JOURNALIST, OFFICIAL, LAWYER = PersonRole.JOURNALIST, PersonRole.OFFICIAL, PersonRole.LAWYER


class Told:
    """An article with those who occur in it and what is done, put together by hand."""

    def __init__(self, language: Language, text: str) -> None:
        self.reading = ArticleText(text=text, language=language, title=text.split("\n", 1)[0])
        self.people: list[FoundPerson] = []
        self.newsrooms: list[FoundOutlet] = []
        self.acts: list[FoundAct] = []

    def person(self, name: str, part: PersonRole | None, *forms: str) -> Told:
        """Add somebody under all forms of the name; forms in lower case are "she", "the editor"."""
        mentions = [
            Mention(place, is_name=form[:1].isupper())
            for form in (name, *forms)
            for place in self._places(form)
        ]
        parts = {part: mentions[0].passage} if part else {}
        self.people.append(FoundPerson(name, mentions, parts))
        return self

    def newsroom(self, name: str) -> Told:
        """Add an outlet."""
        self.newsrooms.append(FoundOutlet(name, self._places(name)))
        return self

    def act(
        self, words: str, code: str, toward: str = "", reality: Reality = Reality.HAPPENED
    ) -> Told:
        """Add what is done by its words."""
        place = self._places(words)[0]
        self.acts.append(FoundAct(code, place, reality, 0.75, toward))
        return self

    def aimed(self) -> TargetingResult:
        """Return who was aimed at."""
        return find_targets(self.reading, self.people, self.newsrooms, self.acts)

    def names(self) -> list[str]:
        """Return the names of those aimed at."""
        return [one.name for one in self.aimed().people]

    def _places(self, words: str) -> list[Passage]:
        text, found, start = self.reading.text, [], 0
        while (start := text.find(words, start)) >= 0:
            found.append(self.reading.get_passage(start, start + len(words)))
            start += len(words)
        assert found, words
        return found


def test_the_journalist_is_aimed_at_and_those_around_are_not() -> None:
    told = Told(
        EN,
        "Reporter followed home in Oral\n"
        "Two men followed Asya Turlanova, a reporter, from the newsroom to her door on Monday.\n"
        "Her lawyer, Oleg Brin, said a complaint had been filed. Police spokesman Marat Eskin said"
        " the complaint was registered.",
    )
    told.person("Asya Turlanova", JOURNALIST).person("Oleg Brin", LAWYER)
    told.person("Marat Eskin", OFFICIAL).act("followed Asya", "surveillance.physical", "after")
    assert told.aimed().is_incident
    assert told.names() == ["Asya Turlanova"]


def test_each_paragraph_of_a_report_has_its_own_target() -> None:
    told = Told(
        EN,
        "Press freedom in September\n"
        "In Osh, police detained blogger Ilim Sadyrov for five hours.\n"
        "In Naryn, a court fined editor Vera Tolkunova for an article on coal.\n"
        "In Talas, activist Bakyt Momunov was arrested at a rally.",
    )
    told.person("Ilim Sadyrov", JOURNALIST).person("Vera Tolkunova", JOURNALIST)
    told.person("Bakyt Momunov", PersonRole.OTHER)
    told.act("detained", "legal.detention", "after").act("fined", "legal.administrative", "after")
    told.act("was arrested", "legal.detention", "before")
    assert told.names() == ["Ilim Sadyrov", "Vera Tolkunova"]
    assert len(told.aimed().acts) == 2


@pytest.mark.parametrize(
    ("language", "sentence", "names", "words", "toward"),
    [
        (EN, "Journalists Ilya Sorin and Dana Abay were detained.", ["Ilya Sorin", "Dana Abay"],
         "were detained", "before"),
        (RU, "Журналисты Илья Сорин и Дана Абай были задержаны.", ["Илья Сорин", "Дана Абай"],
         "были задержаны", "before"),
        (KK, "Журналистер Илья Сорин мен Дана Абай ұсталды.", ["Илья Сорин", "Дана Абай"],
         "ұсталды", "before"),
    ],
)  # fmt: skip
def test_all_of_a_list_are_aimed_at(
    language: Language, sentence: str, names: list[str], words: str, toward: str
) -> None:
    told = Told(language, sentence)
    for name in names:
        told.person(name, JOURNALIST)
    assert told.act(words, "legal.detention", toward).names() == names


@pytest.mark.parametrize(
    ("language", "text", "journalist", "other", "words"),
    [
        (EN, "Reporter Ilya Sorin filmed the rally. Activist Dana Abay was detained there.",
         "Ilya Sorin", "Dana Abay", "was detained"),
        (RU, "Репортёр Илья Сорин снимал митинг. Активистка Дана Абай была задержана там.",
         "Илья Сорин", "Дана Абай", "была задержана"),
        (KK, "Тілші Илья Сорин митингіні түсірді. Белсенді Дана Абай сонда ұсталды.",
         "Илья Сорин", "Дана Абай", "ұсталды"),
    ],
)  # fmt: skip
def test_what_is_done_to_others_is_no_incident(
    language: Language, text: str, journalist: str, other: str, words: str
) -> None:
    told = Told(language, text).person(journalist, JOURNALIST).person(other, PersonRole.OTHER)
    aimed = told.act(words, "legal.detention", "before").aimed()
    assert not aimed.is_incident
    assert aimed.people == []


def test_what_is_done_to_a_son_falls_on_the_journalist() -> None:
    told = Told(
        RU,
        "Главного редактора Айну Есимову запугивают\n"
        "Айна Есимова руководит газетой семь лет. В четверг её сына Тимура подкараулили у школы.",
    )
    told.person("Айна Есимова", JOURNALIST, "Айну Есимову", "её").person(
        "Тимура", PersonRole.RELATIVE
    )
    assert told.act("подкараулили", "intimidation.contacts", "before").names() == ["Айна Есимова"]


def test_an_outlet_alone_may_be_aimed_at() -> None:
    told = Told(
        KK,
        "«Көкжал» сайты үш күн ашылмады\n"
        "Сенбіде «Көкжал» сайты бұғатталды. Редактор Ерлан Сатаев себебін білмейтінін айтты.",
    )
    told.newsroom("Көкжал").person("Ерлан Сатаев", None)
    aimed = told.act("бұғатталды", "censorship.blocking", "before").aimed()
    assert [one.name for one in aimed.newsrooms] == ["Көкжал"]
    assert aimed.people == []


@pytest.mark.parametrize(
    ("language", "text", "name", "words"),
    [
        (EN, ("Editor Ilya Sorin has not been detained\nIlya Sorin was not detained, police said."
         " “Nobody took me anywhere, my phone died,” he wrote."), "Ilya Sorin", "detained, police"),
        (RU, ("Редактор Илья Сорин не задержан\nИлья Сорин не задержан, сообщила полиция. «Никто меня"
         " не трогал, телефон сел», — написал он."), "Илья Сорин", "задержан, сообщила"),
        (KK, ("Редактор Илья Сорин ұсталған жоқ\nИлья Сорин ұсталған жоқ, деді полиция. «Ешкім мені"
         " ұстаған жоқ, телефоным өшіп қалды», деп жазды ол."), "Илья Сорин", "ұсталған жоқ, деді"),
    ],
)  # fmt: skip
def test_what_did_not_happen_is_no_incident(
    language: Language, text: str, name: str, words: str
) -> None:
    told = Told(language, text).person(name, JOURNALIST)
    assert not told.act(words, "legal.detention", "", Reality.NEGATED).aimed().is_incident


@pytest.mark.parametrize(
    ("language", "text", "name", "words"),
    [
        (EN, ("New film opens the festival\nThe thriller by director Ilya Sorin tells of an editor"
         " who is followed. The actress learned the role from the novel. The premiere gathered an"
         " audience of 900."), "Ilya Sorin", "is followed"),
        (RU, ("Новый фильм открыл фестиваль\nТриллер режиссёра Ильи Сорина рассказывает о редакторе,"
         " за которым следят. Актриса готовила роль по роману. Премьеру смотрели 900 зрителей."),
         "Ильи Сорина", "следят"),
        (KK, ("Жаңа фильм фестивальді ашты\nРежиссер Илья Сориннің триллерінде редакторды аңдиды."
         " Актриса рөлге роман оқып дайындалды. Премьераны 900 көрермен көрді."),
         "Илья Сорин", "аңдиды"),
    ],
)  # fmt: skip
def test_a_film_is_no_incident(language: Language, text: str, name: str, words: str) -> None:
    told = Told(language, text).person(name, PersonRole.OTHER)
    told.acts = [FoundAct("surveillance.physical", told._places(words)[0], Reality.HAPPENED, 0.5)]
    assert not told.aimed().is_incident


@pytest.mark.parametrize(
    ("language", "heading", "headline", "name", "words"),
    [
        (EN, "Latest news", "Reporter Ilya Sorin beaten in Aktau", "Ilya Sorin", "beaten"),
        (RU, "Последние новости", "Журналиста Илью Сорина избили в Актау", "Илью Сорина", "избили"),
        (KK, "Соңғы жаңалықтар", "Журналист Илья Сорин Ақтауда соққыға жығылды", "Илья Сорин",
         "соққыға жығылды"),
    ],
)  # fmt: skip
def test_a_list_of_headlines_is_not_the_article(
    language: Language, heading: str, headline: str, name: str, words: str
) -> None:
    body = "\n".join(["Bridge opened. The mayor came with the builders."] * 4)
    told = Told(language, f"{body}\n{heading}\n{headline}").person(name, JOURNALIST)
    assert told.act(words, "physical.assault").aimed() == TargetingResult(score=told.aimed().score)


def test_a_colleague_who_only_comments_is_not_aimed_at() -> None:
    told = Told(
        KK,
        "Тілші Жания Оразғали ғимаратқа кіре алмады\n"
        "Жания Оразғали отырысқа кіргізілмеді. Оның аты тізімнен табылмаған.\n"
        "Кезекте тұрған тілші Сәбит Нұрлан: «Тізім кейде шатасады», — дейді.",
    )
    told.person("Жания Оразғали", JOURNALIST).person("Сәбит Нұрлан", JOURNALIST)
    assert told.act("кіргізілмеді", "access.denied", "before").names() == ["Жания Оразғали"]


def test_whom_only_the_end_names_is_aimed_at() -> None:
    told = Told(
        RU,
        "Соседям показали фотографию\n"
        "Журналистку ищут третью неделю. В среду двое пришли в её подъезд и расспрашивали соседей.\n"
        "Редакция написала заявление в полицию. Её статья о карьере вышла в июне.\n"
        "Пресс-секретарь полиции Марат Ескин говорит, что никого не посылали.\n"
        "Асель Турланова смеётся, что фотография старая.",
    )
    told.person("Марат Ескин", OFFICIAL).person("Асель Турланова", None)
    assert told.act("расспрашивали соседей", "intimidation.contacts").names() == ["Асель Турланова"]


def test_reporters_who_are_told_something_are_not_harmed() -> None:
    told = Told(
        EN,
        "Prosecutors ask nine years for a mayor\n"
        "Former mayor Adil Satov told reporters that he was persecuted. His house was searched.\n"
        "The verdict is due in June.",
    )
    told.person("Adil Satov", OFFICIAL).act("persecuted", "intimidation.other")
    assert not told.act("was searched", "legal.search", "before").aimed().is_incident


def test_nobody_prosecutes_the_dead() -> None:
    told = Told(
        EN,
        "Editor shot dead in Oral\nEditor Ilya Sorin was killed at his gate on Monday."
        " A court ordered the arrest on Friday in the case of Ilya Sorin.",
    )
    told.person("Ilya Sorin", JOURNALIST).act("was killed", "physical.killing", "before")
    aimed = told.act("arrest", "legal.detention").aimed()
    assert [one.code for one in aimed.acts] == ["physical.killing"]


def test_a_hoax_kills_nobody() -> None:
    told = Told(
        EN,
        "Editor reads of his own death\nA false channel announced that editor Ilya Sorin had been"
        " killed in a crash. He sat at his desk.",
    )
    told.person("Ilya Sorin", JOURNALIST).act("channel announced", "disinformation.death_hoax")
    aimed = told.act("killed", "physical.killing", "before").aimed()
    assert [one.code for one in aimed.acts] == ["disinformation.death_hoax"]


def test_what_is_not_the_article_is_blanked_in_place() -> None:
    text = "Bridge opened.\nRead also: Reporter beaten\nThe mayor came with the builders."
    kept = blank_boilerplate(ArticleText(text=text, language=EN)).text
    assert len(kept) == len(text)
    assert "beaten" not in kept
    assert kept.index("The mayor") == text.index("The mayor")


def test_another_language_says_nothing() -> None:
    reading = ArticleText(text="Jurnalist hibsga olindi.", language=Language.OTHER)
    assert find_targets(reading, [], [], []) == TargetingResult()


def test_an_empty_article_says_nothing() -> None:
    aimed = find_targets(ArticleText(text="", language=EN), [], [], [])
    assert not aimed.is_incident
    assert aimed.people == []


def test_who_stands_by_a_colleague_is_not_aimed_at() -> None:
    told = Told(
        Language.KK,
        "Сайт редакторының көлігі өртенді\nАйдос Серіков таңертең күйген көлікті көрді."
        "\nПолиция іс қозғады.\nЖурналист Дана Қалиева әріптесіне ақша жинап жүр.",
    )
    told.person("Айдос Серіков", None).person("Дана Қалиева", PersonRole.JOURNALIST)
    aimed = told.act("көлігі өртенді", "property.damage").aimed()
    assert [one.name for one in aimed.people] == ["Айдос Серіков"]
