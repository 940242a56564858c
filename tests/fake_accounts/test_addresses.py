"""A pasted address gives the platform and the handle."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.fake_accounts.addresses import normalize_handle, parse_profile_url


@pytest.mark.parametrize(
    ("typed", "platform", "handle"),
    [
        ("https://t.me/anna_true", "telegram", "anna_true"),
        ("t.me/anna_true/17", "telegram", "anna_true"),
        ("https://t.me/s/anna_true", "telegram", "anna_true"),
        ("https://t.me/+AbCd", "telegram", ""),
        ("https://t.me/c/1234/5", "telegram", ""),
        ("https://www.facebook.com/anna.true?fref=ts", "facebook", "anna.true"),
        ("https://m.facebook.com/profile.php?id=1000123", "facebook", "1000123"),
        ("https://kk-kz.facebook.com/people/Anna-True/1000123/", "facebook", "1000123"),
        ("https://facebook.com/groups/truth.kz", "facebook", "truth.kz"),
        ("https://www.facebook.com/profile.php", "facebook", ""),
        ("https://www.facebook.com/watch/?v=1", "facebook", ""),
        ("https://instagram.com/anna.true/", "instagram", "anna.true"),
        ("https://www.instagram.com/p/Cxyz/", "instagram", ""),
        ("https://www.tiktok.com/@anna_true/video/7", "tiktok", "anna_true"),
        ("https://vm.tiktok.com/ZM123/", "tiktok", ""),
        ("https://www.youtube.com/@annatrue", "youtube", "annatrue"),
        ("https://youtube.com/channel/UCabc", "youtube", "UCabc"),
        ("https://youtube.com/channel", "youtube", ""),
        ("https://www.youtube.com/watch?v=1", "youtube", ""),
        ("https://x.com/annatrue/status/1", "x", "annatrue"),
        ("https://twitter.com/annatrue", "x", "annatrue"),
        ("https://x.com/i/status/1", "x", ""),
        ("https://vk.com/id123", "vk", "id123"),
        ("https://vk.com/wall-12_3", "vk", ""),
        ("https://ok.ru/profile/5551", "odnoklassniki", "5551"),
        ("https://wa.me/77001234567", "whatsapp", "77001234567"),
        ("https://api.whatsapp.com/send?phone=77001234567", "whatsapp", "77001234567"),
        ("https://www.threads.net/@annatrue", "threads", "annatrue"),
        ("HTTPS://T.ME/anna", "telegram", "anna"),
        ("https://t.me/", "telegram", ""),
        ("https://t.me/%D0%B0%D0%BD%D0%BD%D0%B0", "telegram", "анна"),
    ],
)
def test_an_address_of_a_platform_names_its_account(typed, platform, handle):
    found = parse_profile_url(typed)

    assert found is not None
    assert (found.platform, found.handle) == (platform, handle)
    assert found.url.lower().startswith("https://")


@pytest.mark.parametrize(
    "typed",
    ["anna_true", "@anna_true", "orda-kz.example/news", "https://t.me.evil.example/anna",
     "https://t.me@evil.example/anna", "https://[t.me/anna", "a b/c", "", "/", "//"],
)  # fmt: skip
def test_anything_else_is_no_address_of_a_platform(typed):
    assert parse_profile_url(typed) is None


def test_a_handle_is_kept_without_its_at():
    assert normalize_handle(" @@anna ") == "anna"
    assert normalize_handle("a@b.example") == "a@b.example"


@given(st.text(max_size=80))
def test_whatever_is_typed_is_no_crash(typed):
    for text in (typed, f"https://t.me/{typed}", f"https://facebook.com/profile.php?{typed}"):
        found = parse_profile_url(text)
        assert found is None or not found.handle.startswith("@")
