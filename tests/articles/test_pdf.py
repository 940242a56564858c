"""A PDF gives its paragraphs as somebody wrote them, or words why it does not."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest

from tests.articles.pdf_made import At, column, locked, make_pdf
from tracker.articles.extract import extract_as_json

PDF = "application/pdf"
PARAGRAPHS = {
    "en": [
        ["Three men came to the village on Monday and asked in both shops where the", "woman lives who writes about the water. They did not say who had sent them."],
        ["The police said that no officers were sent to the village on that day, and", "that a complaint had been registered."],
        ["The reporter sleeps at her sister’s house. The fifth article will appear on", "Friday."],
    ],
    "ru": [
        ["В понедельник в село приехали трое мужчин и в обоих магазинах спросили, где", "живёт женщина, которая пишет про воду. Кто их прислал, они не сказали."],
        ["В полиции сообщили, что в тот день сотрудники в село не направлялись, а", "заявление зарегистрировано."],
        ["Журналистка ночует у сестры. Пятый текст, по её словам, выйдет, как и", "собирались."],
    ],
    "kk": [
        ["Дүйсенбі күні ауылға үш ер адам келіп, екі дүкеннен де су туралы жазатын", "әйелдің қайда тұратынын сұраған. Кім жібергенін айтпаған."],
        ["Аудандық полиция бөлімі ол күні ауылға қызметкер жіберілген жоқ деді, арыз", "тіркелген."],
        ["Тілші апасының үйінде түнейді. Бесінші мақала, оның айтуынша, жұма күні", "шығады."],
    ],
}  # fmt: skip
WHOLE = {language: [" ".join(lines) for lines in some] for language, some in PARAGRAPHS.items()}


def read(content: bytes) -> dict[str, object]:
    return extract_as_json(content, PDF)


def lines(found: dict[str, object]) -> list[str]:
    return str(found["text"]).splitlines()


@pytest.mark.parametrize("language", PARAGRAPHS)
@pytest.mark.parametrize("indent", [0.0, 18.0])
def test_printed_lines_become_the_paragraphs_that_they_were(language: str, indent: float) -> None:
    gap = 0.0 if indent else 10.0
    found = read(make_pdf([column(PARAGRAPHS[language], indent=indent, gap=gap)]))
    assert lines(found) == WHOLE[language]
    assert found["language"] == language


def test_a_paragraph_goes_on_in_the_next_column_and_on_the_next_page() -> None:
    first, second, third = PARAGRAPHS["en"]
    left = column([first, second[:1]])
    right = column([second[1:]], left=320)
    assert lines(read(make_pdf([left + right, column([third])]))) == WHOLE["en"]


def test_what_is_printed_on_every_page_is_no_text() -> None:
    def page(number: int, paragraph: list[str]) -> list[At]:
        return [
            At("The Karasu Herald, 4 June 2025", height=820),
            *column([paragraph], top=700),
            At(f"{number}", left=290, height=20),
        ]

    paragraphs = [*PARAGRAPHS["en"][1:], ["Nobody else was asked."], PARAGRAPHS["en"][0]]
    found = read(make_pdf([page(number, one) for number, one in enumerate(paragraphs, 1)]))
    assert lines(found) == [" ".join(one) for one in paragraphs]


@pytest.mark.parametrize(
    "number",
    ["7", "- 7 -", "Page 7 of 12", "стр. 7", "7-бет", "7/12", "https://gazeta.example/a 7/12"],
)
def test_a_page_number_is_no_text(number: str) -> None:
    page = [*column(PARAGRAPHS["ru"]), At(number, left=290, height=20)]
    assert lines(read(make_pdf([page]))) == WHOLE["ru"]


@pytest.mark.parametrize(
    ("upper", "lower", "joined"),
    [
        ("The men asked the neigh-", "bours.", "neighbours."),
        ("The men asked the neigh\u00ad", "bours.", "neighbours."),
        ("В магазине спрашивали жур-", "налистку.", "журналистку."),
        ("Она пишет об этом по-", "прежнему.", "по-прежнему."),
        ("Ауылға ешкім кел-", "ген жоқ.", "келген жоқ."),
        (
            "The chief of staff and editor-in-chief spoke; then the editor-in-",
            "chief left.",
            "editor-in-chief left.",
        ),
        ("The journal named Reuters-", "Gazeta wrote.", "Reuters- Gazeta"),
    ],
)
def test_a_divided_word_is_one_again(upper: str, lower: str, joined: str) -> None:
    found = str(read(make_pdf([column([*PARAGRAPHS["en"], [upper, lower]])]))["text"])
    assert joined in found.splitlines()[-1]


def test_the_title_is_what_is_printed_largest_or_what_file_and_text_agree_on() -> None:
    page = [At("Three men ask a village", height=800, size=22), *column(PARAGRAPHS["en"], top=740)]
    assert read(make_pdf([page]))["title"] == "Three men ask a village"
    assert (
        read(make_pdf([page], Title="Microsoft Word - final2.docx"))["title"]
        == "Three men ask a village"
    )
    assert (
        read(make_pdf([page], Title="Quite another report"))["title"] == "Three men ask a village"
    )
    flat = [At("Three men ask a village", height=800), *column(PARAGRAPHS["en"], top=740)]
    assert (
        read(make_pdf([flat], Title="Three men ask a village"))["title"]
        == "Three men ask a village"
    )


def test_author_and_day_of_the_file_count_only_where_the_text_has_them() -> None:
    told = {"Author": "Dana Orlova", "CreationDate": "D:20250604101500+05'00'"}
    silent = read(make_pdf([column(PARAGRAPHS["en"])], **told))
    assert (silent["authors"], silent["published"]) == ([], None)
    ending = ["On 4 June 2025 Dana Orlova came home and found that the gate of her house was open."]
    found = read(make_pdf([column([*PARAGRAPHS["en"], ending])], **told))
    assert (found["authors"], found["published"]) == (["Dana Orlova"], "2025-06-04")
    signed = [
        ["Three men ask a village"],
        ["By Aida Serikova"],
        ["3 June 2025"],
        *PARAGRAPHS["en"],
        ending,
    ]
    found = read(make_pdf([column(signed)], **told))
    assert (found["authors"], found["published"]) == (["Aida Serikova"], "2025-06-03")
    assert lines(found) == ["Three men ask a village", *WHOLE["en"], *ending]


def test_a_pdf_that_only_forbids_changes_is_read() -> None:
    content = make_pdf([column(PARAGRAPHS["kk"])])
    assert lines(read(locked(content, ""))) == WHOLE["kk"]
    assert read(locked(content, "a secret")) == {"error": "encrypted"}


def zipped() -> bytes:
    held = BytesIO()
    with zipfile.ZipFile(held, "w") as packed:
        packed.writestr("word/document.xml", "<p>A text</p>")
    return held.getvalue()


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (zipped(), "binary"),
        (b"<html><body><p>A page.</p></body></html>", "binary"),
        (b"", "empty"),
        (b"%PDF-1.7", "unreadable"),
        (b"%PDF-1.7\n" + bytes(range(256)) * 200, "unreadable"),
        (make_pdf([column(PARAGRAPHS["en"])])[:900], "unreadable"),
        # A scan: pages without text; or with nothing but signs for glyphs that it does not name.
        (make_pdf([[], []]), "empty"),
        (make_pdf([column([["\u0001\u0002\u0003" * 20, "#$%& 123 {}" * 9]])]), "empty"),
    ],
)
def test_what_gives_no_text_gives_the_reason(content: bytes, error: str) -> None:
    assert read(content) == {"error": error}
