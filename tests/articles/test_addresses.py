"""An article's address is the same whoever shares it, and only web addresses are addresses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.articles.addresses import AddressError, canonicalize_url, is_web_address, url_host


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("HTTP://WWW.Orda.KZ:80/News/", "https://orda.kz/News"),
        ("https://orda.kz", "https://orda.kz/"),
        (" https://orda.kz./?#top ", "https://orda.kz/"),
        ("https://orda.kz:443/a", "https://orda.kz/a"),
        ("http://orda.kz:443/a", "https://orda.kz/a"),
        ("https://orda.kz:8080/a", "https://orda.kz:8080/a"),
        ("https://orda.kz:80/a", "https://orda.kz:80/a"),
        ("https://orda.kz/a/./b/../c//", "https://orda.kz/a/c"),
        ("https://orda.kz/../../a", "https://orda.kz/a"),
        ("https://orda.kz/%2e%2e/a%2fb", "https://orda.kz/a%2Fb"),
        ("https://қазақстан.қаз/ru", "https://xn--80aaa0a6awh12ed.xn--80ao21a/ru"),
        ("https://orda.kz/новость", "https://orda.kz/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D1%8C"),
        ("https://orda.kz/%d0%bd", "https://orda.kz/%D0%BD"),
        ("https://orda.kz/a?utm_source=x&id=7&fbclid=y&b=1", "https://orda.kz/a?id=7&b=1"),
        ("https://orda.kz/a?UTM_Medium=x&ysclid=1&_openstat=2&mc_cid=3", "https://orda.kz/a"),
        ("https://orda.kz/a?b=2&a=1&&", "https://orda.kz/a?b=2&a=1"),
        ("https://orda.kz/a?q=ш", "https://orda.kz/a?q=%D1%88"),
        ("https://orda.kz/a?utmost=1&from=2", "https://orda.kz/a?utmost=1&from=2"),
        ("https://m.orda.kz/amp/a", "https://m.orda.kz/amp/a"),
        ("https://www.kz/", "https://www.kz/"),
        ("http://[2001:DB8::1]/a", "https://[2001:db8::1]/a"),
        ("https://t.me/some_channel/12?single", "https://t.me/some_channel/12?single"),
    ],
)
def test_spellings_of_one_address_become_one(url: str, same: str) -> None:
    assert canonicalize_url(url) == same
    assert canonicalize_url(same) == same


@pytest.mark.parametrize(
    "url",
    [
        "",
        "orda.kz",
        "//orda.kz/a",
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://orda.kz/a",
        "mailto:desk@orda.kz",
        "https://",
        "https:///a",
        "https://user:word@orda.kz/",
        "https://orda.kz@example.org/",
        "https://orda.kz\\@example.org/",
        "https://orda.kz:99999/",
        "https://orda.kz:0/",
        "https://orda.kz:port/",
        "https://or da.kz/",
        "https://orda.kz/a b",
        "https://orda.kz/a\nb",
        "java\tscript:alert(1)",
        'https://orda.kz/"onclick="x',
        "https://orda.kz/\x00",
        "https://orda.kz/\u202etxt",
        "https://orda.kz/\ud800",
        "https://" + "a" * 64 + ".kz/",
        "https://-.kz/",
        "https://..kz/",
        "https://[::1/",
        "https://orda.kz/" + "a" * 2000,
        "https://orda.kz/" + "я" * 400,
    ],
)
def test_what_is_no_web_address_is_refused(url: str) -> None:
    assert not is_web_address(url)
    with pytest.raises(AddressError, match="not the address"):
        canonicalize_url(url)


def test_the_host_tells_the_outlet() -> None:
    assert url_host("https://WWW.Orda.kz/a") == "orda.kz"
    assert url_host("https://news.orda.kz:8080/a") == "news.orda.kz"
    assert url_host("nothing") == url_host("") == url_host("https://" + "a" * 64) == ""


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_a_refusal(text: str) -> None:
    assert isinstance(is_web_address(text), bool)
    assert isinstance(url_host(text), str)


@given(
    st.sampled_from(["http", "https", "HTTPS"]),
    st.sampled_from(["orda.kz", "www.Orda.kz:80", "пример.рф:443", "a.b.c:81"]),
    st.text(st.sampled_from("/.%2e%2Fя?&=#aw_utm~+;:@"), max_size=20),
)
def test_a_canonical_address_is_its_own_canonical_form(scheme: str, name: str, rest: str) -> None:
    once = canonicalize_url(f"{scheme}://{name}/{rest}")
    assert canonicalize_url(once) == once
    assert is_web_address(once)
