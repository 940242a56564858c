"""Saved pages and text files give their article, and nothing else gives anything but words."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.articles.codes import Language
from tracker.articles.extract import decode_text, extract_as_json, is_binary
from tracker.articles.extraction import (
    MAX_FILE_BYTES,
    ExtractedArticle,
    ExtractionError,
    ExtractionReason,
    extract_in_child,
)

ENGLISH_BODY = [
    "An editor in Almaty has received eleven letters that threaten her family, her newspaper said.",
    "Two men who said they were police asked her neighbours which windows were hers, and left.",
    "The city police replied that no officer had been sent to the house on that or any other day.",
]
RUSSIAN_BODY = [
    "Редактор городской газеты получила одиннадцать писем с угрозами, сообщили её коллеги утром.",
    "Двое мужчин, назвавшихся полицейскими, расспрашивали соседей о том, где её окна и когда она дома.",
    "В полиции города ответили, что ни в тот день, ни в другой никого в этот дом не отправляли.",
]
KAZAKH_BODY = [
    "Қала газетінің редакторына он бір рет қорқытқан хат келген, бұл туралы әріптестері таңертең айтты.",
    "Өздерін полиция қызметкеріміз деген екі ер адам көршілерінен оның терезесі қайсы екенін сұраған.",
    "Қалалық полиция ол үйге бұл күні де, басқа күні де ешкім жіберілмегенін хабарлады, деп жазды газет.",
]
MENU = "".join(
    f'<li><a href="/{word}">{word}</a></li>' for word in ("Politics", "Economy", "Sport")
)


def page(
    body: list[str], *, head: str = "", before: str = "", after: str = "", lang: str = ""
) -> str:
    """Return a plain news page around these paragraphs."""
    paragraphs = "".join(f"<p>{paragraph}</p>" for paragraph in body)
    return (
        f'<!doctype html><html lang="{lang}"><head>{head}</head><body><nav><ul>{MENU}</ul></nav>'
        f"<article>{before}{paragraphs}</article>{after}<footer>© Gazeta</footer></body></html>"
    )


def read(markup: str | bytes, media_type: str = "text/html") -> dict[str, object]:
    """Extract in this process, as the child does."""
    content = markup.encode() if isinstance(markup, str) else markup
    return extract_as_json(content, media_type)


def lines(found: dict[str, object]) -> list[str]:
    return str(found["text"]).splitlines()


def test_an_english_page_gives_its_article_without_menus_and_latest_news() -> None:
    found = read(
        page(
            ENGLISH_BODY,
            lang="en",
            head="<title>Editor threatened in eleven letters | Gazeta</title>"
            '<meta property="og:title" content="Editor threatened in eleven letters | Gazeta">'
            '<meta property="og:site_name" content="Gazeta">'
            '<script type="application/ld+json">{"@context": "https://schema.org", "@type": "NewsArticle", "datePublished": '
            '"2025-03-04T23:30:00+05:00", "author": {"@type": "Person", "name": "Dana Orlova"}}'
            "</script>",
            before="<h1>Editor threatened in eleven letters</h1>",
            after='<aside><h2>Latest news</h2><ul><li><a href="/1">Minister opens a bridge over the '
            'river</a></li><li><a href="/2">Rain expected at the weekend</a></li></ul></aside>',
        )
    )
    assert [line for line in lines(found) if line in ENGLISH_BODY] == ENGLISH_BODY
    assert "bridge" not in str(found["text"])
    assert "Economy" not in str(found["text"])
    assert found["title"] == "Editor threatened in eleven letters"
    assert found["authors"] == ["Dana Orlova"]
    assert found["publisher"] == "Gazeta"
    assert found["published"] == "2025-03-04"
    assert found["language"] == "en"


def test_a_russian_page_gives_its_author_without_the_word_for_it() -> None:
    found = read(
        page(
            RUSSIAN_BODY,
            lang="ru",
            head='<meta property="og:title" content="Редактору угрожают в письмах">'
            '<meta name="author" content="Автор: Мадина Серикова">',
            before='<h1>Редактору угрожают в письмах</h1><span class="date">4 марта 2025</span>',
            after='<div class="read-also"><p>Читайте также: мост через реку открыл министр.</p></div>',
        )
    )
    assert [line for line in lines(found) if line in RUSSIAN_BODY] == RUSSIAN_BODY
    assert "Читайте также" not in str(found["text"])
    assert found["authors"] == ["Мадина Серикова"]
    assert found["published"] == "2025-03-04"
    assert found["language"] == "ru"


@pytest.mark.parametrize(
    "stated",
    ["2025 жылғы 4 маусым, 18:20", "4 маусым 2025 жыл", "2025 ж. 4 Маусым", "4-маусым, 2025"],
)
def test_a_kazakh_date_is_not_taken_for_the_first_of_january(stated: str) -> None:
    found = read(page(KAZAKH_BODY, before=f"<h1>Редакторды қорқытты</h1><div>{stated}</div>"))
    assert [line for line in lines(found) if line in KAZAKH_BODY] == KAZAKH_BODY
    assert found["published"] == "2025-06-04"
    assert found["language"] == "kk"


@pytest.mark.parametrize(
    "head",
    [
        '<meta property="article:published_time" content="2025-01-01">',
        '<meta property="article:published_time" content="2025-01-01T00:00:00+05:00">',
        '<meta property="article:published_time" content="2025-13-41T10:00">',
        "",
    ],
)
def test_a_page_that_tells_only_the_year_has_no_date(head: str) -> None:
    body = [*KAZAKH_BODY, "Бұл 2025 жылғы оқиға."]
    assert read(page(body, head=head))["published"] is None


def test_a_page_published_at_an_hour_of_the_first_of_january_has_that_date() -> None:
    head = '<meta property="article:published_time" content="2025-01-01T09:15:00+05:00">'
    assert read(page(ENGLISH_BODY, head=head))["published"] == "2025-01-01"


def test_an_old_page_in_windows_1251_loses_its_site_suffix_and_its_list_of_links() -> None:
    news = "".join(
        f'<a href="{n}.html">{title}</a><br>'
        for n, title in enumerate(["Министр открыл мост", "На выходных дождь", "Курс тенге вырос"])
    )
    body = "".join(f"<p>{paragraph}</p>" for paragraph in RUSSIAN_BODY)
    markup = (
        "<html><head><title>Редактору угрожают в письмах - Старая газета</title></head><body><table>"
        f"<tr><td>{news}</td><td><b>Редактору угрожают в письмах</b>{body}</td></tr></table></body>"
    )
    found = read(markup.encode("cp1251"))
    assert [line for line in lines(found) if line in RUSSIAN_BODY] == RUSSIAN_BODY
    assert "мост" not in str(found["text"])
    assert found["title"] == "Редактору угрожают в письмах"


@pytest.mark.parametrize(
    ("head", "heading", "title"),
    [
        (
            "Almaty - Department",
            "2024 report on the press: Almaty",
            "2024 report on the press: Almaty",
        ),
        ("Department — Letters threaten an editor", "", "Letters threaten an editor"),
        ("Editor - and mother - threatened", "", "Editor - and mother - threatened"),
        ("Letters threaten an editor", "Department", "Letters threaten an editor"),
    ],
)
def test_the_title_is_that_of_the_article(head: str, heading: str, title: str) -> None:
    found = read(
        page(
            ENGLISH_BODY,
            head=f'<meta property="og:title" content="{head}">'
            '<meta property="og:site_name" content="Department">',
            before=f"<h1>{heading}</h1>",
        )
    )
    assert found["title"] == title


def test_authors_are_people() -> None:
    found = read(
        page(
            ENGLISH_BODY,
            head='<meta property="og:site_name" content="Gazeta.kz">'
            '<meta name="author" content="By Dana Orlova; Gazeta kz; Профессор факультета журналистики городского университета; '
            'Dana Orlova">',
        )
    )
    assert found["authors"] == ["Dana Orlova"]


def test_a_page_full_of_embedded_pictures_is_measured_without_them() -> None:
    picture = f'<img src="data:image/png;base64,{"A" * 3_000_000}">'
    assert lines(read(page(ENGLISH_BODY, after=picture)))[-3:] == ENGLISH_BODY
    assert read(page(["word " * 500_000])) == {"error": "too_large"}


def test_a_text_file_keeps_every_line_and_is_titled_by_the_first() -> None:
    found = read(
        "\ufeffAn editor threatened\r\n\r\nShe told the police.  \r\nNobody came.", "text/plain"
    )
    assert found["text"] == "An editor threatened\n\nShe told the police.\nNobody came."
    assert found["title"] == "An editor threatened"
    assert found["published"] is None
    assert read("One line alone.", "text/plain")["title"] == ""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
def test_russian_text_is_read_in_every_encoding_it_is_saved_in(encoding: str) -> None:
    text = "\n".join(RUSSIAN_BODY)
    assert read(text.encode(encoding), "text/plain")["text"] == text
    markup = page(RUSSIAN_BODY).encode(encoding)
    assert [line for line in lines(read(markup)) if line in RUSSIAN_BODY] == RUSSIAN_BODY


def test_western_text_does_not_become_cyrillic() -> None:
    assert decode_text("Le café — “fermé”".encode("cp1252")) == "Le café — “fermé”"
    assert decode_text(b"caf\x98") == "caf˜"


def test_bytes_that_are_no_encoding_are_unreadable() -> None:
    with pytest.raises(ExtractionError) as refused:
        decode_text(b"caf\x98\x81")
    assert refused.value.reason == ExtractionReason.UNREADABLE


def test_an_unknown_declared_encoding_is_no_obstacle() -> None:
    markup = page(RUSSIAN_BODY, head='<meta charset="no-such">').encode("cp1251")
    assert RUSSIAN_BODY[0] in lines(read(markup))
    declared = page(RUSSIAN_BODY, head='<meta charset="windows-1251">').encode("cp1251")
    assert RUSSIAN_BODY[0] in lines(read(declared))


def test_a_part_of_a_page_is_a_page() -> None:
    assert read(f"<p>{ENGLISH_BODY[0]}")["text"] == ENGLISH_BODY[0]


def test_a_title_without_end_is_cut() -> None:
    found = read(page(ENGLISH_BODY, head="<title>" + "a - " * 5000 + "</title>"))
    assert len(str(found["title"])) <= 300


def test_an_xml_declaration_is_no_obstacle() -> None:
    markup = '<?xml version="1.0" encoding="windows-1251"?>' + page(ENGLISH_BODY)
    assert ENGLISH_BODY[0] in lines(read(markup))


@pytest.mark.parametrize("media_type", ["text/html", "text/plain"])
@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.7 text",
        b"PK\x03\x04word/document.xml",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0JFIF",
        b"\xd0\xcf\x11\xe0\xa1\xb1",
        b"{\\rtf1 text}",
        b"text\0text",
        b"text" * 100 + b"\x01\x02\x03",
        bytes(range(256)) * 10,
    ],
)
def test_a_binary_file_is_refused_whatever_it_is_called(content: bytes, media_type: str) -> None:
    assert read(content, media_type) == {"error": "binary"}


@pytest.mark.parametrize("media_type", ["text/html", "text/plain"])
def test_a_file_without_text_is_empty(media_type: str) -> None:
    assert read(b"", media_type) == read(b" \n\t ", media_type) == {"error": "empty"}


@pytest.mark.parametrize("markup", ["no markup", "<html></html>", "<p></p>", "<" * 1000])
def test_a_page_without_an_article_is_empty(markup: str) -> None:
    assert read(markup) == {"error": "empty"}


def test_a_text_beyond_three_megabytes_is_too_large() -> None:
    assert read(b"word " * 700_000, "text/plain") == {"error": "too_large"}


def test_control_characters_do_not_reach_the_record() -> None:
    found = read(
        "Заго\x1bловок\nТекс\u0438\u0306т\x7f с сигналом.\u0085Конец " + "x" * 1000, "text/plain"
    )
    assert found["title"] == "Заголовок"
    assert "\nТексйт с сигналом.\nКонец" in str(found["text"])


@given(st.binary(max_size=300), st.sampled_from(["text/html", "text/plain"]))
@settings(deadline=None, max_examples=60)
def test_any_bytes_give_an_article_or_the_code_of_an_error(content: bytes, media_type: str) -> None:
    found = read(content, media_type)
    if "error" in found:
        assert found["error"] in set(ExtractionReason)
    else:
        assert str(found["text"]).strip()
        assert not is_binary(content)


def test_the_child_process_returns_what_extraction_finds() -> None:
    head = '<meta property="article:published_time" content="2025-03-04T10:00:00Z">'
    head += '<link rel="canonical" href="https://steppe.example/news/7?utm_source=a">'
    markup = page(RUSSIAN_BODY, head=head + "<title>Угрозы</title>").encode()
    found = extract_in_child(markup, "text/html")
    assert found == ExtractedArticle(
        title="Угрозы",
        authors=(),
        publisher=found.publisher,
        published="2025-03-04",
        address="https://steppe.example/news/7?utm_source=a",
        language=Language.RU,
        text="\n".join(RUSSIAN_BODY),
    )
    assert extract_in_child(b"A headline\nShe left.", "text/plain").published is None


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("https://steppe.example/", ""),
        ("/news/7", ""),
        ("javascript:alert(1)//a/b", ""),
        ("https://steppe.example/news/7", "https://steppe.example/news/7"),
    ],
)
def test_the_address_of_a_whole_site_or_of_no_page_is_none(said: str, address: str) -> None:
    head = f'<link rel="canonical" href="{said}"><title>Угрозы</title>'
    assert read(page(RUSSIAN_BODY, head=head).encode(), "text/html")["address"] == address


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", ExtractionReason.EMPTY),
        (b"%PDF-1.7", ExtractionReason.BINARY),
        (b"x" * (MAX_FILE_BYTES + 1), ExtractionReason.TOO_LARGE),
        (b"<div>" * 20_000 + b"word", None),
    ],
)
def test_the_child_process_says_why_there_is_no_article(
    content: bytes, reason: ExtractionReason | None
) -> None:
    with pytest.raises(ExtractionError) as refused:
        extract_in_child(content, "text/html")
    assert reason in {refused.value.reason, None}
    assert refused.value.args[0].endswith(".")


def test_a_page_that_takes_too_long_is_stopped() -> None:
    began = time.monotonic()
    with pytest.raises(ExtractionError) as refused:
        extract_in_child(b"<p>a word</p>" * 150_000, "text/html", timeout=0.5)
    assert refused.value.reason == ExtractionReason.TIMEOUT
    assert time.monotonic() - began < 5


def test_only_pages_and_texts_are_read() -> None:
    assert read(b"word", "application/msword") == {"error": "unreadable"}


def test_a_text_of_controls_alone_is_empty() -> None:
    assert extract_as_json(b"\x1a", "text/plain") == {"error": "empty"}
