"""Handles, addresses of profiles, sites, e-mail addresses and telephone numbers in a sentence."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from tracker.fake_accounts.addresses import profile_of
from tracker.fake_accounts.codes import AccountKind

if TYPE_CHECKING:
    from collections.abc import Iterable

EMAIL = r"(?<![\w.+-])[\w.+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+"
ENDS = (
    "kz|kg|uz|tj|tm|ru|su|ua|by|org|com|net|info|media|news|press|online|site|website|space|top|xyz|"
    "club|live|pro|biz|link|click|shop|store|tv|fm|io|me|co|cc|ws|eu|uk|de|fr|us|ca|tk|ml|ga|cf|gq|"
    "lv|lt|ee|pl|ge|am|az|cn|tr|app|dev|digital|today|world|asia|help|support|agency|report|рф|қаз|"
    "icu|vip|win|cyou|cfd|sbs|bond|lol|buzz|fun|host|pw|rest|quest|page|blog|mobi|cloud|email|chat|"
    "cz|sk|hu|ro|md|bg|rs|mk|gr|il|ir|ae|mn|pk|ng|ke|za|ph|br|mx|ie|nl|ch|se|fi|dk|jp|kr|au|nz|"
    "example"
)
# Who writes of a harmful site takes its link apart: hxxps://site[.]top.
APART = re.compile(r"\[\.\]|\(\.\)|\[dot\]", re.IGNORECASE)
DOT = rf"(?:\.|{APART.pattern})"
SITE = (
    rf"(?:h(?:tt|xx)ps?://)?(?:[a-zа-я0-9][\w-]{{0,62}}{DOT}){{1,8}}(?:{ENDS})(?![\w-]|\.\w)"
    r"(?:/[^\s,;«»“”\"')]*)?"
)
HANDLE = r"(?<![\w.@/])@[a-z0-9_](?:[\w.]*\w)"
# An international number, or one of Kazakhstan and Russia that begins with 8.
PHONE = r"(?<![\w+])(?:\+\d|8[ (-]{0,2}7)[\d ()\u00a0-]{7,18}\d(?!\d)"
FOUND = re.compile(
    rf"(?P<email>{EMAIL})|(?P<handle>{HANDLE})|(?P<site>{SITE})|(?P<phone>{PHONE})", re.IGNORECASE
)
DIGITS = (10, 13)
SHORTEST_HANDLE = 4
# A name of an account without @: Latin letters with a dot, an underscore or a figure in it;
# capitals only with an underscore, since titles have dots and figures too.
PLAIN = re.compile(
    r"(?<![\w@./-])(?:(?>[a-z][a-z0-9]*(?:[._][a-z0-9]+)+)|(?>[a-z]+[0-9]+[a-z0-9]*)"
    r"|(?>[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+))(?![\w@/.-]*\w)"
)


class Spot(NamedTuple):
    """An account or address in the text, from `start` to `end`."""

    handle: str
    kind: AccountKind
    platform: str
    start: int
    end: int


def spots_in(text: str, offset: int) -> list[Spot]:
    """Return what stands in a sentence that begins at `offset` of the article."""
    return [spot for found in FOUND.finditer(text) for spot in _spot(found, offset)]


def is_apart(address: str) -> bool:
    """Say whether an address was taken apart, so that nobody follows it by mistake."""
    return whole(address) != address


def whole(address: str) -> str:
    """Return an address that was taken apart as it was: hxxps://site[.]top is https://site.top."""
    return re.sub(r"^hxxp", "http", APART.sub(".", address), flags=re.IGNORECASE)


def plain_names_in(text: str, offset: int) -> list[Spot]:
    """Return words that could be names of accounts; only a noun beside them makes them so."""
    return [
        Spot(found[0], AccountKind.PROFILE, "", offset + found.start(), offset + found.end())
        for found in PLAIN.finditer(text)
        if len(found[0]) >= SHORTEST_HANDLE
    ]


def _spot(found: re.Match[str], offset: int) -> Iterable[Spot]:
    words = found[0].rstrip(".-:")
    start, end = offset + found.start(), offset + found.start() + len(words)
    words = whole(words)
    if found["email"]:
        yield Spot(words, AccountKind.EMAIL, "email", start, end)
    elif found["handle"]:
        if len(words) >= SHORTEST_HANDLE:
            yield Spot(words, AccountKind.PROFILE, "", start, end)
    elif found["phone"]:
        if DIGITS[0] <= sum(sign.isdigit() for sign in words) <= DIGITS[1]:
            yield Spot(words, AccountKind.PHONE_NUMBER, "mobile_number", start, end)
    else:
        profile = profile_of(words)
        if profile is None:
            yield Spot(words, AccountKind.WEBSITE, "website", start, end)
        elif profile.handle:
            yield Spot(words, AccountKind.PROFILE, profile.platform, start, end)
