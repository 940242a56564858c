"""Names meet across scripts, spellings and cases, and near-misses stay apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.people.codes import Script
from tracker.people.matching import (
    detect_script,
    is_same_name,
    key_similarity,
    name_keys,
    name_similarity,
    normalize_name,
    search_keys,
)

SAME = [
    ("Гульнара Бажкенова", "Gulnara Bazhkenova"),
    ("Бажкенова Гульнара", "Gulnara Bazhkenova"),
    ("Гүлнара Бажкенова", "Gulnara Bazhkenova"),
    ("Асхат Ниязов", "Askhat Niyazov"),
    ("Асхат Ниязов", "ASKHAT NIYAZOV"),
    ("Әсхат Ниязов", "Askhat Niiazov"),
    ("Өтепова", "Utepova"),
    ("Утепова", "Otepova"),
    ("Қонаев Дінмұхамед", "Dinmukhamed Kunayev"),
    ("Ержан Тоқаев", "Yerzhan Tokayev"),
    ("Ержан Токаев", "Erzhan Tokaev"),
    ("Жанболат Мамай", "Janbolat Mamay"),
    ("Джамиля Маричева", "Dzhamilya Maricheva"),
    ("Джамиля Маричева", "Jamilia Maricheva"),
    ("Юлия Щербакова", "Yuliya Shcherbakova"),
    ("Юлия Щербакова", "Iulia Shcherbakova"),
    ("Дмитрий Цой", "Dmitry Tsoy"),
    ("Дмитрий Цой", "Dmitriy Tsoi"),
    ("Наталья Соколова", "Natal’ya Sokolova"),
    ("Машхур Ахметов", "Mashkhur Akhmetov"),
    ("Ғалым Шәріп", "Galym Sharip"),
    ("Лұқпан Ахмедьяров", "Lukpan Akhmedyarov"),
    ("Алексей Королёв", "Aleksey Korolev"),
    ("Владимир Кара-Мурза", "Vladimir Kara-Murza"),
    ("Ксения Лобода", "Xenia Loboda"),
    ("Müşfig Cəfərov", "Musfig Cafarov"),
]

DIFFERENT = [
    ("Гульнара Бажкенова", "Gulnara Bazhenova"),
    ("Асхат Ниязов", "Asat Niyazov"),
    ("Асхат Ниязов", "Askar Niyazov"),
    ("Асхат Ниязов", "Askhat Niyazova"),
    ("Айгуль Ибраева", "Aigerim Ibraeva"),
    ("Марат Асипов", "Murat Asipov"),
    ("Дарья Ким", "Darya Kin"),
    ("Серик Ахметов", "Serik Akhmedov"),
    ("", ""),
    ("...", "?"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_spellings_of_one_name_share_a_key(one: str, other: str) -> None:
    assert is_same_name(one, other)
    assert search_keys(one) & search_keys(other)
    assert name_similarity(one, other) == 100


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_a_near_miss_shares_no_key(one: str, other: str) -> None:
    assert not is_same_name(one, other)
    assert name_keys(one) != name_keys(other) or not name_keys(one)[0]


@pytest.mark.parametrize(
    "inflected",
    [
        "Гульнары Бажкеновой",
        "Гульнаре Бажкеновой",
        "Гульнару Бажкенову",
        "Гульнарой Бажкеновой",
        "Бажкенову",
        "Г. Бажкеновой",
    ],
)
def test_an_inflected_mention_is_like_the_record(inflected: str) -> None:
    assert name_similarity(inflected, "Gulnara Bazhkenova") >= 80
    assert name_similarity(inflected, "Askhat Niyazov") < 60


@pytest.mark.parametrize(
    ("mention", "record"),
    [
        ("Асхатом Ниязовым", "Askhat Niyazov"),
        ("Асхату Ниязову", "Niyazov Askhat"),
        ("Сании Тойкен", "Saniya Toiken"),
        ("Лукпану Ахмедьярову", "Lukpan Akhmedyarov"),
        ("Михаилом Козачковым", "Mikhail Kozachkov"),
        ("Александру Белогорскому", "Aleksandr Belogorsky"),
        ("Бажкенованың", "Bazhkenova"),
    ],
)
def test_cases_of_other_names_are_like_their_records(mention: str, record: str) -> None:
    assert name_similarity(mention, record) >= 75


def test_a_shared_first_name_alone_is_no_likeness() -> None:
    assert name_similarity("Асхат Ниязов", "Askhat Bazhenov") < 75


def test_a_patronymic_costs_little() -> None:
    assert 90 <= name_similarity("Ниязов Асхат Маратович", "Askhat Niyazov") < 100


def test_an_initial_fits_the_name_that_begins_with_it_and_no_other() -> None:
    assert name_similarity("Ж. Токаев", "Zhanar Tokaev") == 90
    assert name_similarity("Б. Токаев", "Zhanar Tokaev") < 50


def test_nothing_is_like_a_name_without_letters() -> None:
    assert name_similarity("", "Askhat") == 0
    assert key_similarity("", "") == 0


def test_stored_keys_give_the_same_likeness() -> None:
    one, other = name_keys("Гульнара Бажкенова")[0], name_keys("Gulnara Bazhkenova")[0]
    assert key_similarity(one, other) == 100


@given(st.text(max_size=40), st.text(max_size=40))
def test_likeness_is_symmetric_and_bounded(one: str, other: str) -> None:
    assert 0 <= name_similarity(one, other) <= 100
    assert name_similarity(one, other) == name_similarity(other, one)


@given(st.text(max_size=60))
def test_keys_stay_short_and_mean_the_same_name_again(name: str) -> None:
    for key in name_keys(name):
        assert len(key) <= 2 * len(name)
    assert is_same_name(name, name) == bool(name_keys(name)[0])


def test_the_script_of_a_name_is_that_of_most_letters() -> None:
    assert detect_script("Гульнара Бажкенова") == Script.CYRILLIC
    assert detect_script("Өтепова") == "cyrillic"
    assert detect_script("Gulnara Bazhkenova") == "latin"
    assert detect_script("Orda.kz 24") == "latin"
    assert detect_script("") == "latin"


def test_a_name_is_composed_and_its_spaces_collapsed() -> None:
    assert normalize_name(" Алексе\u0438\u0306 \t\n Королёв ") == "Алексей Королёв"
    assert normalize_name("  ") == ""


@pytest.mark.parametrize(
    "hidden", ["\u202e", "\u2066", "\u200b", "\u200d", "\ufeff", "\u00ad", "\x00", "\ud800"]
)
def test_a_name_with_an_invisible_character_is_refused(hidden: str) -> None:
    with pytest.raises(ValueError, match="invisible"):
        normalize_name(f"Askhat{hidden} Niyazov")
