"""Accounts that did something, and those that are only named."""

import pytest

from tracker.articles.codes import Language
from tracker.reader.accounts import find_accounts
from tracker.reader.text import ArticleText

EN, RU, KK = Language.EN, Language.RU, Language.KK


def hostile(text: str, language: Language, publisher: str = "") -> list[str]:
    reading = ArticleText(text=text, language=language, publisher=publisher)
    return [one.handle for one in find_accounts(reading) if one.is_hostile]


@pytest.mark.parametrize(
    ("language", "text", "handle", "kind", "platform"),
    [
        (EN, "A fake Instagram account, @aida_real_news, asked her readers for money.",
         "@aida_real_news", "profile", "instagram"),
        (EN, "The threats came from +7 701 555 01 02.", "+7 701 555 01 02", "phone_number",
         "mobile_number"),
        (EN, "The phishing letter was sent from security@goog1e-help.com.",
         "security@goog1e-help.com", "email", "email"),
        (EN, "A clone of the site opened at steppe-voice.info, with the same logo.",
         "steppe-voice.info", "website", "website"),
        (EN, "The Telegram channel t.me/dirt_about_press published her home address.",
         "t.me/dirt_about_press", "channel", "telegram"),
        (RU, "Фейковый аккаунт @dina.press.kz от имени журналистки рассылал рекламу.",
         "@dina.press.kz", "profile", "other"),
        (RU, "Угрозы приходили с номера +7 (777) 123-45-67.", "+7 (777) 123-45-67", "phone_number",
         "mobile_number"),
        (RU, "Телеграм-канал @slivki_aktobe выложил её адрес и фото детей.", "@slivki_aktobe",
         "channel", "telegram"),
        (RU, "В Instagram появилась поддельная страница marat.live.official с его портретом.",
         "marat.live.official", "profile", "instagram"),
        (RU, "Анонимный телеграм-канал «Чёрный список» опубликовал её паспорт.", "Чёрный список",
         "channel", "telegram"),
        (KK, "Facebook-те @aigul.tilshi деген жалған парақша ашылды.", "@aigul.tilshi", "profile",
         "facebook"),
        (KK, "Қорқытқан хабарлама +7 705 111 22 33 нөмірінен келді.", "+7 705 111 22 33",
         "phone_number", "mobile_number"),
        (KK, "Telegram-дағы @shyndyq_kz арнасы оның мекенжайын жариялады.", "@shyndyq_kz",
         "channel", "telegram"),
    ],
)  # fmt: skip
def test_an_account_that_did_something_is_hostile(
    language: Language, text: str, handle: str, kind: str, platform: str
) -> None:
    [account] = [one for one in find_accounts(ArticleText(text=text, language=language))
                 if one.is_hostile]  # fmt: skip
    assert (account.handle, account.kind, account.platform) == (handle, kind, platform)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (EN, "Subscribe to our Telegram channel: t.me/steppe_voice"),
        (EN, "If you saw the crash, write to us at +7 700 000 00 00."),
        (
            EN,
            "She wrote on her Facebook page facebook.com/aida.writes that she had been threatened.",
        ),
        (EN, "The portal Steppe.kz reports that threats were made."),
        (EN, "Her own account, @aida_writes, was hacked."),
        (EN, "The host of the YouTube channel “Without Filters” was threatened."),
        (EN, "The session is on 12.06.2025 at 10:00 and costs 12 000 000 tenge."),
        (RU, "Подписывайтесь на наш канал @stepnye_vesti."),
        (RU, "Об угрозах он написал на своей странице facebook.com/marat.news."),
        (RU, "Автор телеграм-канала «Без цензуры» получил угрозы."),
        (RU, "Как пишет сайт Stepnoi.kz, ей угрожали."),
        (RU, "Пишите нам: news@stepnoi.kz"),
        (KK, "Бізді Telegram-да оқыңыз: t.me/dala_kz"),
        (KK, "Оқырман хаты: бізге жазыңыз, tilshi@dala.kz."),
        (KK, "«Дала үні» арнасының жүргізушісін қорқытты."),
    ],
)
def test_own_and_cited_accounts_are_not_hostile(language: Language, text: str) -> None:
    assert hostile(text, language) == []


def test_a_site_that_nearly_has_the_name_of_the_outlet_is_told_from_it() -> None:
    text = (
        "Сайт «Степного вестника» stepnoi-vestnik.kz не открывался два дня. "
        "В сети появился адрес stepnoi-vesnik.com с тем же оформлением."
    )
    assert hostile(text, RU) == ["stepnoi-vesnik.com"]


def test_an_account_named_twice_is_one() -> None:
    text = "A fake account, @aida_fake, appeared. By noon @aida_fake had asked for money."
    assert hostile(text, EN) == ["@aida_fake"]


def test_a_text_in_another_language_has_no_hostile_accounts() -> None:
    assert hostile("@abc_def abc.", Language.OTHER) == []


def test_a_name_with_dots_behind_a_platform_is_a_profile() -> None:
    text = "Instagram-дағы ayim.news.media парақшасы оның атынан ақша сұрады."
    found = find_accounts(ArticleText(text=text, language=Language.KK))
    assert [(one.handle, one.kind, one.platform) for one in found] == [
        ("ayim.news.media", "profile", "instagram")
    ]


def test_a_handle_written_out_is_hostile_unless_something_says_whose_it_is() -> None:
    assert hostile("A second one, @steppe_live, carried the same clip.", EN) == ["@steppe_live"]
    assert hostile("Приглашение пришло с forum@media-forum.info.", RU) == ["forum@media-forum.info"]
    assert hostile("Хабарландыруды Gulya_mal_080 деген сатушы салған.", KK) == ["Gulya_mal_080"]
    assert hostile("Write to us: newsroom@steppe.kz.", EN) == []
    assert hostile("Біздің ресми арнамыз – @dala_uni.", KK) == []


def test_of_two_sites_nearly_the_same_the_later_one_is_the_copy() -> None:
    text = "Газеттің өз сайты dalatynysy.kz болса, бұл беттікі – dalatynysy-kz.com."
    assert hostile(text, KK) == ["dalatynysy-kz.com"]
    assert hostile("Газеттің сайты dalatynysy.kz, порталдікі jeruiyq.kz.", KK) == []


def test_an_address_taken_apart_is_made_whole_and_is_hostile() -> None:
    assert hostile("The form stood at hxxps://steppe-prize[.]top.", EN) == [
        "https://steppe-prize.top"
    ]
    assert hostile("Форма открывалась на steppe-prize(.)com.", RU) == ["steppe-prize.com"]
    assert hostile("It stood at steppe-prize[dot]com.", EN) == ["steppe-prize.com"]
    assert hostile("It stood at hxxp://steppe-prize.com.", EN) == ["http://steppe-prize.com"]
    assert hostile("The programme stands at steppe-prize.com.", EN) == []


def test_a_lost_space_makes_no_address() -> None:
    assert (
        find_accounts(ArticleText(text="She came home.In the evening they rang.", language=EN))
        == []
    )


def test_a_number_written_out_is_hostile_unless_it_is_somebodys_own() -> None:
    assert hostile("Her mother had it on a calendar: +7 709 554 18 03.", EN) == ["+7 709 554 18 03"]
    assert hostile("Contact the newsroom: +7 709 554 18 03.", EN) == []


def test_a_word_with_a_figure_is_an_account_where_something_is_called_so() -> None:
    assert hostile("Under the name dana.news24 somebody wrote to her mother.", EN) == [
        "dana.news24"
    ]
    assert hostile("Somebody wrote of version dana.news24 to her mother.", EN) == []


@pytest.mark.parametrize(
    ("language", "hostile_one", "own_one"),
    [
        (EN, "The Facebook page “Steppe Truth” posted her picture at night.",
         "The editor of the Facebook page “Steppe Truth” posted her picture at night."),
        (RU, "Страница «Правда степи» выложила её снимок ночью.",
         "Редактор страницы «Правда степи» выложила снимок ночью."),
        (KK, "Facebook-тегі «Дала шындығы» парақшасы суретін түнде жариялаған.",
         "Редактордың «Дала шындығы» парақшасы суретті түнде жариялаған."),
    ],
)  # fmt: skip
def test_a_title_that_puts_something_out_is_an_account_unless_somebody_works_for_it(
    language: Language, hostile_one: str, own_one: str
) -> None:
    assert len(hostile(hostile_one, language)) == 1
    assert hostile(own_one, language) == []
