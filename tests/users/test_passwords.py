"""Passwords that are guessed first are refused; a good one is taken as it is typed or pasted."""

from __future__ import annotations

from time import process_time

import pytest

from tests.factories import PASSWORD, as_user, post, sign_in
from tracker.users.passwords import PasswordWeakness, find_password_weakness


@pytest.mark.parametrize(
    "password",
    [
        "password1234", "Password123!", "passwordpassword", "P@ssw0rd2026!", "my password 1",
        "qwertyuiop12", "QWERTYUIOP!!", "1q2w3e4r5t6y", "1qaz2wsx3edc4rfv", "asdfghjkl123",
        "123456789012", "111111111111", "121212121212", "aaaaaaaaaaaa", "abcabcabcabc",
        "xkq7xkq7xkq7", "!!!!!!!!!!!!", "            ", "letmeinplease", "iloveyouforever",
        "trackertracker", "Journalist2026", "kazakhstan2026", "парольпароль", "йцукенгшщзхъ",
        "123456123456", "098765432109", "!@#$%^&*()_+", "112233445566", "Казахстан2026", "correct horse battery staple", "abcdefghijkl", "changeme-changeme",
    ],
)  # fmt: skip
def test_what_everybody_tries_first_is_refused(password):
    assert find_password_weakness(password, "madina") is PasswordWeakness.COMMON


@pytest.mark.parametrize(
    "password",
    [
        "123qweasdzxc", "1qaz2wsx3edc", "q1w2e3r4t5y6", "1q2w3e4r5t6y", "mailcreated5240",
        "qazwsxedcrfv", "123456qwerty", "qwerty123456", "polniypizdec0211", "sojdlg123aljg",
        "leavemealone", "123456654321",
    ],
)  # fmt: skip
def test_of_the_three_thousand_used_most_none_that_is_long_enough_is_taken(password):
    # Twelve of those that stand most often in passwords that were published have twelve letters.
    assert find_password_weakness(password, "madina") is PasswordWeakness.COMMON


@pytest.mark.parametrize(
    "password",
    [
        # brands, sites and names with digits, years and marks
        "google123456", "Google!2026!!", "G00gle123456", "2026google2026", "gooooogle2026",
        "facebook2026", "Instagram#123", "vkontakte123", "telegram2026!", "YouTube12345", "iphone123456",
        "samsung12345", "Yandex-2026-Yandex", "kaspi1234567", "michael123456", "aigerim2026!",
        "Нурсултан2026", "сергей123456", "sergey123456", "Madina_123456", "Алматы123456", "shymkent2026", "шымкент12345",
        # "password" and "love" in Russian and Kazakh, in Latin letters as well
        "parol1234567", "Parol!123456", "пароль123456", "ПАРОЛЬ!!2026", "privet123456", "lyubov123456",
        "құпиясөз2026", "құпиясөз1234", "kupiyasoz123", "qupiyasoz2026", "solnyshko2026",
        # months and days
        "январь202611", "yanvar202611", "december2025", "желтоқсан2026", "қыркүйек2026", "Monday202611",
        # keyboards, with the other layout too: password, құпиясөз
        "qwerty202611", "йцукен123456", "qazwsx202611", "зфыыцщкв1234", "09gbzc-p1234",
        # backwards, and what people put in the place of letters
        "drowssap1234", "elgoog123456", "pa55w0rd!2026", "m1cr0s0ft2026", "1nst@gr@m123", "tracker!2026",
        # a letter before or behind a row
        "a12345678901", "123456789012q", "q1111111111q",
    ],
)  # fmt: skip
def test_a_common_word_with_digits_and_marks_is_refused(password):
    assert find_password_weakness(password, "zhanar") is PasswordWeakness.COMMON


@pytest.mark.parametrize("password", ["gfhjkmgfhjkm", "ghbdtnrfrltkf", "Dkflbvbhjdyf85"])
def test_a_russian_word_on_an_english_keyboard_is_one_of_those(password):
    assert find_password_weakness(password, "madina") is PasswordWeakness.COMMON


@pytest.mark.parametrize(
    "password",
    [
        PASSWORD, "kX9#mm2pLq8z", "four grey herons waiting", "велосипед на потолке",
        "a-first-long-password", "жылқы мен қоңыр үй", "passwords are for the birds",
        "google was my first job", "сергей купил велосипед", "march winds and april showers fall",
        "желтоқсан айында қар жауды", "k9#2847361!x4", "739402855161", "telegraph poles hum at night", "ghbdtn xfqrf vjht", "x" * 3 + PASSWORD,
    ],
)  # fmt: skip
def test_what_is_hard_to_guess_is_taken(password):
    assert find_password_weakness(password, "madina") is None


def test_short_ones_and_those_with_the_name_are_refused_for_that():
    assert find_password_weakness("kX9#mm2pLq8", "madina") is PasswordWeakness.SHORT
    assert find_password_weakness("is-it-Madina-01", "madina") is PasswordWeakness.NAME
    assert find_password_weakness("is-it-M4d1n@-01", "madina") is PasswordWeakness.NAME


def test_a_long_password_is_judged_at_once():
    began = process_time()
    for text in ("abcd" * 124 + "xy7z", "qwertyasdf" * 50, "1q2w3e" * 83, "и" * 499 + "ы"):
        find_password_weakness(text, "madina")
    assert process_time() - began < 1


def test_the_page_says_why(app, client):
    with as_user(app):
        pass
    sign_in(client, "staff")

    answer = post(client, "/account/", current=PASSWORD, password="Password123!")

    assert answer.status_code == 422
    assert "easy to guess" in answer.text
    assert "Password123!" not in answer.text


def test_the_hint_says_every_rule_before_anything_is_sent(app, client):
    with as_user(app):
        pass
    sign_in(client, "staff")
    page = client.get("/account/").text
    assert "At least 12 characters, without the user name, and nothing easy to guess." in page


def test_browsers_and_password_keepers_are_told_what_each_field_is(app, client):
    with as_user(app):
        pass
    sign_in_page = client.get("/sign-in").text
    assert 'autocomplete="username"' in sign_in_page
    assert 'autocomplete="current-password"' in sign_in_page
    sign_in(client, "staff")
    account = client.get("/account/").text
    assert 'autocomplete="new-password"' in account
    assert 'autocomplete="current-password"' in account
    assert "onpaste" not in account


def test_a_password_of_many_letters_is_taken_whole(app, client):
    with as_user(app):
        pass
    long = "".join(chr(0x430 + number % 30) for number in range(250)) + "Ω" * 3 + "x" * 247
    sign_in(client, "staff")
    assert post(client, "/account/", current=PASSWORD, password=long).status_code == 303

    other = app.test_client()
    assert sign_in(other, "staff", long[:-1]).status_code == 422
    assert sign_in(other, "staff", long).status_code == 303
