"""Official responses in an article: whose, of which type, in which words, and what is none."""

import pytest

from tracker.articles.codes import Language
from tracker.incidents.codes import PurportedAs
from tracker.reader.answers.finding import find_responses
from tracker.reader.answers.stances import STANCE_ORDER
from tracker.reader.found import FoundAct, FoundPerson, FoundResponse, Mention, Reality
from tracker.reader.suggest import suggest
from tracker.reader.targets.finding import TargetingResult
from tracker.reader.text import ArticleText
from tracker.responses.codes import Stance, Standing

EN, RU, KK = Language.EN, Language.RU, Language.KK
HAPPENED = {
    EN: "Two men beat reporter Alma Dauren of the site Zhol outside her home in Kokshetau.\n\n",
    RU: "Двое мужчин избили у дома в Кокшетау корреспондента сайта «Жол» Алму Даурен.\n\n",
    KK: "Көкшетауда «Жол» сайтының тілшісі Алма Дәуренді екі ер адам ұрып кетті.\n\n",
}
SURNAME = {EN: "Dauren", RU: "Даурен", KK: "Дәурен"}


def journalist(reading: ArticleText, language: Language) -> FoundPerson:
    start = reading.text.index(SURNAME[language])
    passage = reading.get_passage(start, start + len(SURNAME[language]))
    return FoundPerson(passage.text, [Mention(passage)])


def responses(language: Language, text: str, *acts: str) -> list[FoundResponse]:
    reading = ArticleText(text=HAPPENED[language] + text, language=language)
    target = journalist(reading, language)
    done = [
        FoundAct(
            code,
            reading.get_passage(0, 20),
            Reality.HAPPENED,
            0.9,
            purported_as=PurportedAs.UNKNOWN,
        )
        for code in acts
    ]
    return find_responses(
        reading, [target], TargetingResult(is_incident=True, people=[target], acts=done)
    )


def kinds(language: Language, text: str, *acts: str) -> set[str]:
    return {said.kind.value for one in responses(language, text, *acts) for said in one.acts}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Culture Minister Aidar Tokan called the beating “a disgrace”.", "condemnation"),
        ("The French embassy in Astana said it was appalled by the attack.", "condemnation"),
        ("“Violence against the press cannot be tolerated,” the governor said.", "condemnation"),
        ("Mayor Bolat Ersin apologised to the reporter.", "apology"),
        ("“Nobody followed her,” said KNB spokesman Nurlan Ospan.", "denial"),
        ("The akimat denied that its guards were involved.", "denial"),
        ("Police declined to comment, citing the secrecy of the investigation.", "no_comment"),
        ("The interior ministry did not respond to a request for comment.", "no_reply"),
        ("Calls to the mayor's office went unanswered.", "no_reply"),
        ("“Those responsible will be found and punished,” the police chief said.", "pledge"),
        ("Police took her statement and gave her a registration number.", "complaint_registered"),
        ("The prosecutor's office forwarded her complaint to the police.", "referral"),
        ("The ombudsman requested information from the regional police.", "information_request"),
        ("Police are looking for two men in dark jackets.", "investigation_announced"),
        ("A criminal case was opened into the attack on the reporter.", "investigation_opened"),
        ("Police refused to open a case, seeing no signs of a crime.", "investigation_refused"),
        ("The case was suspended because the men were not identified.", "investigation_suspended"),
        ("Investigators have named a suspect, a former guard.", "suspect"),
        ("Police detained a 30-year-old man on suspicion of the beating.", "arrest"),
        ("Prosecutors charged both attackers with causing bodily harm.", "charge"),
        ("The trial of the two attackers begins in May.", "trial"),
        ("A court sentenced the attacker to two years in prison.", "verdict"),
        ("Two officers who had turned her away were reprimanded.", "disciplinary"),
        ("Dauren has been placed under police protection.", "protection_given"),
        ("Meta removed the fake profiles for breaking its rules.", "takedown"),
        ("The appeals court overturned the fine.", "measure_reversed"),
        ("The police confirmed that the incident had taken place.", "acknowledgement"),
        ("According to the police, the attackers wore masks.", "statement"),
    ],
)
def test_an_english_answer_has_its_type(text: str, kind: str) -> None:
    assert kind in kinds(EN, text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Министр культуры Айдар Токан назвал избиение «позором».", "condemnation"),
        ("Представитель ОБСЕ по свободе СМИ осудила нападение.", "condemnation"),
        ("Аким района извинился перед журналисткой.", "apology"),
        ("— Никто за ней не следил, — сказал представитель КНБ Нурлан Оспан.", "denial"),
        ("В акимате отрицают причастность своей охраны.", "denial"),
        ("От комментариев в полиции отказались.", "no_comment"),
        ("На запрос редакции в МВД не ответили.", "no_reply"),
        ("Прошло три недели, ответа из прокуратуры так и нет.", "no_reply"),
        ("«Виновные будут найдены и понесут наказание», — заверил начальник полиции.", "pledge"),
        ("Заявление зарегистрировано в КУИ, журналистке выдали талон.", "complaint_registered"),
        ("Прокуратура переслала её обращение в департамент полиции.", "referral"),
        ("Омбудсмен запросила у полиции сведения о ходе дела.", "information_request"),
        ("В полиции сообщили, что проводится проверка.", "investigation_announced"),
        ("По факту избиения возбуждено уголовное дело.", "investigation_opened"),
        ("В возбуждении дела отказали: состава преступления не нашли.", "investigation_refused"),
        ("Сроки расследования прервали.", "investigation_suspended"),
        ("Подозреваемым оказался бывший охранник.", "suspect"),
        ("По подозрению в нападении задержан житель города.", "arrest"),
        ("Суд приговорил нападавшего к двум годам лишения свободы.", "verdict"),
        ("В отношении дежурного начата служебная проверка.", "disciplinary"),
        ("Telegram удалил канал, опубликовавший её адрес.", "takedown"),
        ("Апелляция отменила штраф, назначенный газете.", "measure_reversed"),
        ("По данным полиции, нападавшие были в масках.", "statement"),
    ],
)
def test_a_russian_answer_has_its_type(text: str, kind: str) -> None:
    assert kind in kinds(RU, text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Мәдениет министрі Айдар Тоқан ұрып-соғуды айыптады.", "condemnation"),
        ("Аудан әкімі журналистен кешірім сұрады.", "apology"),
        ("— Ешкім оны аңдыған жоқ, — деді ҰҚК өкілі Нұрлан Оспан.", "denial"),
        ("Полиция түсініктеме беруден бас тартты.", "no_comment"),
        ("Ішкі істер министрлігі редакция сауалына жауап бермеді.", "no_reply"),
        ("«Кінәлілер жазасын алады», — деп сендірді полиция бастығы.", "pledge"),
        ("Полиция тілшінің арызы тіркелгенін хабарлады.", "complaint_registered"),
        ("Прокуратура оның өтінішін полиция департаментіне жолдады.", "referral"),
        ("Полиция екі ер адамды іздеп жүр.", "investigation_announced"),
        ("Бұзақылық бабы бойынша сотқа дейінгі тергеу басталды.", "investigation_opened"),
        ("Полиция қылмыс құрамы жоқ деп, іс қозғаудан бас тартты.", "investigation_refused"),
        ("Шабуыл жасады деген күдікпен қала тұрғыны ұсталды.", "arrest"),
        ("Сот шабуылдаушыны екі жылға бас бостандығынан айырды.", "verdict"),
        ("Кезекшіге қатысты қызметтік тексеру басталды.", "disciplinary"),
        ("Telegram оның мекенжайын жариялаған арнаны өшірді.", "takedown"),
        ("Апелляциялық сот газетке салынған айыппұлдың күшін жойды.", "measure_reversed"),
        ("Полиция мәліметінше, шабуылдаушылар бетперде киген.", "statement"),
    ],
)
def test_a_kazakh_answer_has_its_type(text: str, kind: str) -> None:
    assert kind in kinds(KK, text)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (EN, "“They wanted to scare me,” Dauren said."),
        (EN, "The Union of Journalists demanded that the police find the attackers."),
        (EN, "Her lawyer said a complaint had been filed with the prosecutor's office."),
        (EN, "The bank's press office did not respond to questions."),
        (EN, "Reporters Without Borders said it was appalled."),
        (EN, "Officers searched her flat and seized two laptops."),
        (EN, "Police opened a criminal case against Dauren for insulting the mayor."),
        (EN, "The court fined her for petty hooliganism."),
        (EN, "An officer told her to delete the video."),
        (EN, "Neighbours called the police, who came forty minutes later."),
        (EN, "The newsroom wants the police to open a case into the attack."),
        (RU, "«Меня хотели напугать», — говорит Даурен."),
        (RU, "Союз журналистов потребовал от полиции найти нападавших."),
        (RU, "Адвокат сообщила, что жалоба подана в прокуратуру."),
        (RU, "Пресс-служба банка на вопросы не ответила."),
        (RU, "На Даурен завели уголовное дело об оскорблении акима."),
        (RU, "Полицейские обыскали её квартиру и изъяли два ноутбука."),
        (RU, "Журналистка обратилась в полицию."),
        (RU, "Редактор рассказал полиции, что угрозы приходили и раньше."),
        (KK, "«Мені қорқытқысы келді», — дейді Дәурен."),
        (KK, "Журналистер одағы полициядан шабуылдаушыларды табуды талап етті."),
        (KK, "Адвокат прокуратураға шағым түсіргенін айтты."),
        (KK, "Сот оған ұсақ бұзақылық үшін айыппұл салды."),
        (KK, "Полицейлер пәтерін тінтіп, екі ноутбугін алып кетті."),
        (KK, "Редактор полицияға қорқытудың бұрын да болғанын айтты."),
    ],
)
def test_the_words_of_others_and_what_is_done_to_her_are_no_answer(
    language: Language, text: str
) -> None:
    assert kinds(language, text) == set()


def test_nothing_is_answered_where_nothing_was_done() -> None:
    reading = ArticleText(text="The police said the roads were icy.", language=EN)
    assert find_responses(reading, [], TargetingResult()) == []


def test_a_speaker_is_carried_over_she_added_and_makes_one_occasion() -> None:
    (one,) = responses(
        EN,
        "The Minister of Culture and Information, Aida Serik, condemned the attack on the reporter."
        " “We will look into it,” she added.\n\n"
        "The minister said that law enforcement agencies were already investigating the case.",
    )
    assert (one.speaker, one.office) == ("Aida Serik", "Minister of Culture and Information")
    assert one.institution == "Ministry of Culture and Information"
    assert [said.kind.value for said in one.acts] == [
        "condemnation",
        "pledge",
        "investigation_announced",
    ]
    assert one.stance is Stance.CONDEMNS


def test_they_said_at_city_hall_is_what_city_hall_said() -> None:
    (one,) = responses(RU, "В мэрии нам ответили, что охрана действовала в рамках закона.")
    assert one.acts[0].kind.value == "denial"
    assert one.institution == "мэрия"


def test_a_paragraph_before_said_the_minister_is_quoted() -> None:
    (one,) = responses(
        EN,
        "This was done to intimidate the press, and it is unacceptable,\n"
        "said Justice Minister Olzhas Aman.",
    )
    assert one.speaker == "Olzhas Aman"
    assert one.acts[0].is_direct
    assert one.acts[0].quote.text.startswith("This was done")


def test_words_are_verbatim_and_as_short_as_they_can_be() -> None:
    text = "«Нападение на журналиста недопустимо», — сказал аким Болат Ерсин. Больше он не говорил."
    (one,) = responses(RU, text)
    quote = one.acts[0].quote
    assert quote.text == "Нападение на журналиста недопустимо"
    assert (HAPPENED[RU] + text)[quote.start : quote.end] == quote.text


def test_two_acts_of_a_sentence_are_two() -> None:
    text = "Police registered her statement, and officers are checking footage from the cameras."
    (one,) = responses(EN, text)
    assert {said.kind.value for said in one.acts} >= {"complaint_registered"}
    assert all(said.quote.text in text for said in one.acts)


@pytest.mark.parametrize(
    ("language", "text", "standing"),
    [
        (EN, "The US embassy in Astana condemned the attack.", Standing.OTHER_STATE),
        (RU, "В ОБСЕ осудили нападение на журналистку.", Standing.INTERGOVERNMENTAL),
        (EN, "Meta took down the fake profiles.", Standing.PLATFORM),
        (KK, "ІІМ шабуылды айыптады.", Standing.RESPONSIBLE_STATE),
    ],
)
def test_it_is_told_whose_answer_it_is(language: Language, text: str, standing: Standing) -> None:
    assert [one.standing for one in responses(language, text)] == [standing]


def test_closing_the_case_against_the_journalist_takes_a_measure_back() -> None:
    text = "In May the prosecutor's office closed the case against Dauren."
    assert kinds(EN, text, "legal.criminal") == {"measure_reversed"}


def test_men_who_say_they_are_police_answer_nothing() -> None:
    assert kinds(EN, "Men claiming to be police questioned neighbours about the reporter.") == set()


def test_an_earlier_story_is_no_answer() -> None:
    text = "Three years ago the police closed the case of another reporter for lack of evidence."
    assert kinds(EN, text) == set()


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (EN, "On 3 May 2026 she came home. Police arrested a man born in 1989 over the beating."),
        (RU, "3 мая 2026 года она вернулась. Полиция задержала мужчину 1989 года рождения за это."),
        (KK, "2026 жылғы 3 мамырда ол қайтты. Полиция 1989 жылы туған азаматты ұстады."),
    ],
)
def test_a_year_of_birth_makes_no_earlier_story(language: Language, text: str) -> None:
    assert kinds(language, text) == {"arrest"}


def test_a_man_who_faces_years_is_arrested_and_is_not_the_target() -> None:
    text = "Задержан один человек, 1998 года рождения, ему грозит до трёх лет."
    assert "arrest" in kinds(RU, text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Іс Қылмыстық кодекстің 158-бабымен тіркелді, деп хабарлады полиция.",
         "investigation_opened"),
        ("Министрлік тілшінің үш хатына жауап алмағанын редакция айтты.", "no_reply"),
        ("Ішкі істер министрі екі күдіктінің қолға түскенін айтты.", "arrest"),
        ("«Ешкім ешкімді қуған жоқ», – деді әкім Ерлан Оспан.", "denial"),
        ("Полиция өкілі тергеу құпиясына байланысты түсініктеме бермейтінін айтты.", "no_comment"),
    ],
)  # fmt: skip
def test_kazakh_endings_carry_the_act(text: str, kind: str) -> None:
    assert kind in kinds(KK, text)


def test_what_a_guard_forbids_on_the_spot_condemns_nothing() -> None:
    text = "Шекарашы төлқұжатына мөр басып, «сізге шығуға болмайды» деген."
    assert "condemnation" not in kinds(KK, text)


def test_whom_only_the_police_can_find_has_not_been_found() -> None:
    text = "“Only law enforcement can identify the culprit,” said Culture Minister Aidar Tokan."
    assert "suspect" not in kinds(EN, text)


def test_whose_a_thing_is_gives_no_protection() -> None:
    text = "She found the tyres of her car slashed outside her house after a story on the akimat."
    assert "protection_given" not in kinds(EN, text)


def test_what_a_lawyer_thinks_is_no_denial_of_the_one_who_spoke_before() -> None:
    text = (
        "Пресс-секретарь акима Болат Сериков назвал это личной историей. "
        "Адвокат Гульнара Исаева считает, что дело следует квалифицировать как воспрепятствование "
        "законной деятельности журналиста."
    )
    assert {one.speaker for one in responses(RU, text)} <= {"Болат Сериков"}
    assert not any("Адвокат" in said.quote.text for one in responses(RU, text) for said in one.acts)


@pytest.mark.parametrize(
    ("language", "text", "country"),
    [
        (EN, "The Foreign Ministry of France called the attack “a disgrace”.", "FR"),
        (EN, "Germany's Foreign Ministry said it was appalled by the attack.", "DE"),
        (EN, "The Swedish Ministry of Foreign Affairs condemned the attack.", "SE"),
        (RU, "Министр иностранных дел Польши осудил нападение.", "PL"),
        (RU, "Французский МИД осудил нападение.", "FR"),
        (RU, "Представитель МИД Германии заявил, что нападение недопустимо.", "DE"),
        (RU, "Правительство Швеции осудило нападение.", "SE"),
        (KK, "Францияның Сыртқы істер министрлігі шабуылды айыптады.", "FR"),
        (KK, "Польша үкіметі шабуылды айыптады.", "PL"),
    ],
)
def test_a_body_of_another_state_than_where_it_happened_is_none_responsible(
    language: Language, text: str, country: str
) -> None:
    [one] = suggest(ArticleText(text=HAPPENED[language] + text, language=language)).responses
    assert (one.country, one.standing) == (country, Standing.OTHER_STATE)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (EN, "The Ministry of Foreign Affairs of Kazakhstan condemned the attack."),
        (EN, "The Foreign Ministry condemned the attack."),
        (RU, "МИД Казахстана осудил нападение."),
        (KK, "Қазақстан Сыртқы істер министрлігі шабуылды айыптады."),
    ],
)
def test_the_foreign_ministry_of_the_state_where_it_happened_is_responsible(
    language: Language, text: str
) -> None:
    [one] = suggest(ArticleText(text=HAPPENED[language] + text, language=language)).responses
    assert one.standing is Standing.RESPONSIBLE_STATE


def test_every_stance_has_a_place_in_the_order_of_those_told_together():
    # Mixed is what several stances make.
    assert set(STANCE_ORDER) == set(Stance) - {Stance.MIXED}
