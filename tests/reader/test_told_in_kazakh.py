"""What Kazakh newsrooms tell without the usual words, and what only sounds like an incident."""

import pytest

from tracker.articles.codes import Language
from tracker.reader.acts.finding import find_acts
from tracker.reader.found import Reality
from tracker.reader.lexicon import Phrases
from tracker.reader.suggest import Suggestions, suggest
from tracker.reader.text import ArticleText, split_words


def told(text: str) -> Suggestions:
    paragraphs = "\n\n".join(text.strip().splitlines())
    return suggest(ArticleText(text=paragraphs, language=Language.KK))


def happened(text: str) -> set[str]:
    acts = find_acts(ArticleText(text=text, language=Language.KK))
    return {act.code for act in acts if act.reality is Reality.HAPPENED}


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("threat.death", "«Сенің орның – жердің асты», – деп жазыпты біреу."),
        ("threat.physical", "Балкон астынан біреу: «Сүйегіңді сындырамын», – деп айқайлаған."),
        ("threat.legal", "«Қамаудан шыға алмайсың, бабын табамыз», – деді тергеуші."),
        ("threat.other", "«Қызың №12 мектепте оқиды ғой», – деді де, тұтқаны қойды."),
        ("impersonation.journalist", "Аталған бет оның бес суретін қойып алған."),
        ("impersonation.outlet", "Апталықтың мұндай арнасы болған емес."),
        ("disinformation.death_hoax", "Ағайындары жылап келгенде, тілшінің өзі шай ішіп отырған."),
        ("harassment.swatting", "Біреу 112-ге хабарласып, «әйелімді пышақтап тастадым» деген."),
        ("harassment.doxxing", "Төлқұжатының көшірмесі желіге шығып кетті."),
        ("digital.spyware", "Телефонынан хабарлама оқитын бағдарлама табылды."),
        ("surveillance.physical", "Тоқтасам, тоқтайды. Бұрылсам, бұрылады."),
        ("intimidation.contacts", "Мектеп директоры баласын басқа мектепке ауыстыруды ұсынды."),
        ("physical.killing", "Ол ауруханаға жете алмай көз жұмды."),
        ("physical.assault", "Шенеунік тілшінің қолын қағып жіберді."),
        ("physical.torture", "Камерада оны суыққа шығарып, ұйықтатпаған."),
        ("legal.detention", "Оны аудандық полиция бөліміне апарып, кешке дейін отырғызған."),
        ("legal.source_disclosure", "Тергеуші одан құжатты кім әкелгенін айтуды сұраған."),
        ("legal.economic", "Салықшылар газет бухгалтериясын үш ай ақтарды."),
        ("property.break_in", "Түнде кеңсеге кірген біреу файлдарды көшіріп алыпты."),
        ("censorship.pressure", "Әкімдіктен хабарласып, «бұл сюжетті көрсетпеңдер» деген."),
        ("employment.dismissal", "Редактордың орынтағында қазір басқа адам отыр."),
    ],
)
def test_acts_are_told_as_scenes(code: str, sentence: str) -> None:
    assert code in happened(sentence)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("access.denied", "Стрингердің бейджін тартып алып, брифинг залына жолатпады."),
        ("access.information", "Портал сауалына министрлік бос парақ жіберді."),
        ("access.obstruction", "Әнді қатты қосып, тілшінің сұрағы естілмей қалды."),
        ("censorship.blocking", "Порталды провайдерлер ескертусіз ашпай қойды."),
        ("censorship.closure", "Комендант апталықтың шығуын үш айға тоқтатты."),
        ("censorship.pressure", "Кеңсе редакторға сюжеттен әкімнің атын алып таста деп тапсырды."),
        ("censorship.removal", "Министр талабынан кейін фильмді арнадан жойды."),
        ("digital.account_attack", "Колонкашының поштасына бөтен адам кіріп алған."),
        ("digital.ddos", "Жасанды сұраныс жүз еседен асып, басылым сервері сөнді."),
        ("digital.phishing", "Фрилансерге келген хаттағы файл троян болып шықты."),
        ("digital.spyware", "Шолушының кеңсесінде гүл түбінен жасырын микрофон табылды."),
        ("disinformation.fabricated", "Тілші пара алды деген хабар тарады, ал іс мүлде болмаған."),
        ("disinformation.false_wanted", "Чатта редактор туралы қолдан жасалған қаулы тарады."),
        ("employment.dismissal", "Шолушының заттарын қорапқа салып, бейджі өшірілді."),
        ("harassment.flooding", "Шолушының телефонын біреу микроқаржы ұйымдарына қалдырған."),
        ("harassment.mass_reporting", "Жүздеген бот арнаның видеосына жалған шағым түсірді."),
        ("harassment.mob", "Жазылушылар колонкашыны күн сайын мазақ етіп жатты."),
        (
            "harassment.swatting",
            "Біреудің жалған хабарымен жасақ фотографтың үйін бомба іздеп қоршады.",
        ),
        ("impersonation.deepfake", "Нейрожелі жасаған видеода диктор казино жарнамалап отыр."),
        ("impersonation.outlet", "Радио логотипі тұрған парақшаның редакцияға қатысы жоқ."),
        ("intimidation.visit", "Бейтаныс жігіттер редакцияға келіп, түсініктеме талап етті."),
        ("legal.border", "Фрилансердің визасын ұзартпады, оны елден шығарып жіберді."),
        ("legal.designation", "Подкастшының аты шетел агенттері тізіліміне енгізілді."),
        ("legal.source_disclosure", "Судья сайтты хат жіберген адамның атын атауға міндеттеді."),
        ("legal.warning", "Инспектор колонкашыны шақырып, қолхатқа қол қойғызды."),
        ("physical.attempt", "Стрингердің көлігінің тежегішін кесіп қойған, ол аман қалды."),
        (
            "physical.disappearance",
            "Әскерилер ұстаған фрилансердің өлі-тірісі екі айдан бері белгісіз.",
        ),
        ("physical.kidnapping", "Қарулы топ фотографты жертөледе байлап ұстады."),
        ("physical.torture", "Тергеуші тілшіні орындыққа таңып, электр тогымен қинады."),
        ("property.break_in", "Түнде біреу студия терезесін бұзып кіріп, дискілерді әкетті."),
        ("smear.coordinated", "Боттар бір күнде бірдей мәтінмен порталды қаралады."),
        ("smear.official", "Вице-министр шолушыны «жалдамалы қалам» деп атады."),
        ("surveillance.stalking", "Бейтаныс еркек айдан бері күн сайын диктордың алдынан шығады."),
        ("threat.legal", "Кәсіпкер колонкашыны сотқа сүйрейтінін ескертті."),
        ("threat.sexual", "Блогерге «топ болып шешіндіреміз» деген хабарлама келді."),
    ],
)
def test_what_is_done_and_what_comes_of_it_tell_an_act_together(code: str, sentence: str) -> None:
    assert code in happened(sentence)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (
            "legal.detention",
            "«Жайық үні» тілшісін алаңда ұстап, полиция бөлімінде тоғыз сағат отырғызды.",
        ),
        (
            "legal.search",
            "Сәуірде редактор Гүлнәр Әбенованың пәтерінде тінту жүргізіліп, екі ноутбугі алынды.",
        ),
        (
            "access.denied",
            "«Дала» порталының журналистеріне парламент отырысына аккредитация берілмеді.",
        ),
        (
            "access.information",
            "Редакцияның жол шығындары туралы сауалына министрлік мерзімінде жауап бермеді.",
        ),
        (
            "censorship.blocking",
            "Реттеуші органның талабымен провайдерлер «Алқап» басылымының сайтын бұғаттады.",
        ),
        ("censorship.closure", "Сот шешімімен «Өлке» газетінің шығуы тоқтатылды."),
        ("digital.ddos", "Сайлау түні апталықтың сайты DDoS-шабуылдан алты сағат істен шықты."),
        (
            "physical.assault",
            "Белгісіз адам «Толқын» телеарнасының операторын бетінен ұрып, ернін жарды.",
        ),
        (
            "property.damage",
            "Бас редактор Дәурен Ахметовтің көлігін үйінің ауласында өртеп жіберді.",
        ),
        ("threat.death", "Блогер Сәуле Иманова өлтіреміз деген анонимді хаттар алғанын хабарлады."),
    ],
)
def test_reports_tell_acts_in_their_own_prose(code: str, sentence: str) -> None:
    assert code in happened(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Кинода тілшіні түрмеге жабады.",
        "Редакцияға тінту жүргізілді ме деген сұраққа басшы жоқ деді.",
        "Журналистерге қысым жасалуы ықтимал.",
        "Тілшілер залға кіргізілмейді деген қате хабарландыру алынды.",
    ],
)
def test_films_guesses_and_mistakes_are_no_acts(sentence: str) -> None:
    assert not happened(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Тілшілер жаңа әуежайды аралап көрді.",
        "Бас редактор Нұрболат Қайырғалиев жаңа айдар ашты.",
        "Ұлы мектепке биыл барады, деді жүргізуші.",
        "Қоймадағы өрттен жиһаз дүкенінің мұрағаты жанып кетті.",
        "Ол редакцияға келіп, газеттің елу жылдығымен құттықтады.",
        "«Сізді құттықтаймын», – деді министр тілшіге.",
        "Телеарна жиырма жылдығын тойлады.",
        "Тілші бір апта мұзда балықшылармен жүрді.",
        "Енді жалғыз жүрмейтін болдық, дейді әріптестері.",
        "Ауладағы камералардың жазбасы алынған.",
    ],
)
def test_everyday_sentences_tell_no_act(sentence: str) -> None:
    assert happened(sentence) == set()


def test_who_shows_things_on_a_page_of_her_own_is_of_the_press() -> None:
    found = told(
        """
«Сатқынның қызы» деген бес мың пікір
Жаркенттік Патигүл Рози TikTok-тағы парақшасында шекара маңындағы ауылдар тұрмысын көрсетеді. Бір бейнесінен кейін пікірлер бөліміне бес мыңға жуық балағат түскен.
«Ата-анамның қай көшеде тұратынын да біледі екен», – дейді Рози.
"""
    )
    assert [one.name for one in found.targeting.people] == ["Патигүл Рози"]


def test_june_is_no_season_and_roman_no_novel() -> None:
    found = told(
        """
Маусым айындағы құқық бұзушылықтар
Ақтөбе. 3 маусымда «Жем» газетінің тілшісі Ұлжан Қойшыбаева қалалық мәслихат сессиясына жіберілмеді, күзет есікті жапқан.
Семей. 9 маусымда оператор Роман Гринь полигон маңында әскери полицияға ұсталып, флешкалары алынды.
"""
    )
    assert [one.name for one in found.targeting.people] == ["Ұлжан Қойшыбаева", "Роман Гринь"]


def test_what_was_not_borne_out_is_no_incident() -> None:
    found = told(
        """
Ақтөбелік журналистің ұсталғаны расталмады
Бүгін желіде «Ақтөбе кеші» газетінің тілшісі Марат Досжан ұсталды деген ақпарат тарады. Журналистің өзі туысының тойында жүргенін, телефонының қуаты біткенін айтты.
Полиция департаменті де мұндай оқиға болмағанын мәлімдеді.
"""
    )
    assert not found.is_incident


def test_a_daughter_told_of_beside_a_paper_is_no_paper() -> None:
    found = told(
        """
Әкім қызы газеттен 15 миллион теңге сұрайды
Павлодарда «Ертіс айнасы» газетіне қарсы сот басталды.
"""
    )
    assert [one.name for one in found.newsrooms] == ["Ертіс айнасы"]


def test_a_phrase_may_say_how_a_word_ends() -> None:
    phrases = Phrases([("(*ыңды|өзіңді) [*] *мыз", "threat")])
    found = phrases.find(split_words("Басыңды бүгін аламыз, өзіңді табамыз, заңды оқимыз."))
    assert [(one.first, one.end) for one in found] == [(0, 3), (3, 5)]
    assert Phrases([("(көк *ңды|таңды) бар", "x")]).find(split_words("Көк аңды бар.")) != []
