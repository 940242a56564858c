"""A name is found in a text in whichever script, case and order it stands, and nobody else's is."""

from __future__ import annotations

import pytest

from tracker.people.rules import find_mentions, may_mention, replace_names

GULNARA = ["Gulnara Bazhkenova", "Гульнара Бажкенова"]


def found(text: str, names: list[str] = GULNARA, **how: bool) -> list[str]:
    return [text[start:end] for start, end in find_mentions(text, names, **how)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("They wrote to Gulnara Bazhkenova again.", ["Gulnara Bazhkenova"]),
        ("Угрозы Гульнаре Бажкеновой продолжались.", ["Гульнаре Бажкеновой"]),
        ("BAZHKENOVA, Gulnara (editor)", ["BAZHKENOVA, Gulnara"]),
        ("about g. bazhkenova, they said", ["g. bazhkenova"]),
        ("/news/gulnara-bazhkenova-threatened", ["gulnara-bazhkenova"]),
        ("Gulnara Bazhkenova came. Bazhkenova’s home", ["Gulnara Bazhkenova", "Bazhkenova"]),
    ],
)
def test_a_name_is_found_in_every_form(text, said):
    assert found(text) == said


@pytest.mark.parametrize(
    "text",
    [
        "Gulnara Bazhenova wrote",
        "Gulnara wrote to the ministry. Nobody answered.",
        "Somebody else was there",
        "",
        "g. b.",
    ],
)
def test_somebody_else_is_not_found(text):
    assert found(text) == []


def test_one_word_of_her_name_is_hers_where_the_text_is_about_her():
    assert found("Bazhkenova said so", allow_single_words=True) == ["Bazhkenova"]
    assert found("the bazhkenova street", allow_single_words=True) == []
    assert (
        found("see @bazhkenova and bazhkenova_real", allow_single_words=True) == ["bazhkenova"] * 2
    )


@pytest.mark.parametrize("handle", ["gulnarabazhkenova", "BazhkenovaGulnara2", "гульнарабажкенова"])
def test_a_handle_that_writes_her_name_as_one_word_is_found(handle):
    assert found(f"Follow @{handle}!") == [handle]
    assert may_mention(handle, GULNARA)


def test_kazakh_endings_are_glued_to_a_name():
    assert found("Әсем Доеваның үйіне келді", ["Асем Доева"]) == ["Әсем Доеваның"]


def test_a_pen_name_of_one_word_is_found():
    assert found("a post by Qarlygash, again", ["Qarlygash"]) == ["Qarlygash"]


def test_other_words_stand_where_the_name_stood():
    text = "Gulnara Bazhkenova: Bazhkenova is free"
    assert replace_names(text, GULNARA, replacement="she") == "she: she is free"
