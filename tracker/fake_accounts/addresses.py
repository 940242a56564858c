"""Parse platform and handle from the web address of a profile; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

# By host, the code of the platform, which is a vocabulary term. Subdomains ("m.", "kk-kz.") are
# ignored.
PLATFORM_BY_HOST: Mapping[str, str] = {
    "t.me": "telegram",
    "telegram.me": "telegram",
    "facebook.com": "facebook",
    "fb.com": "facebook",
    "instagram.com": "instagram",
    "tiktok.com": "tiktok",
    "youtube.com": "youtube",
    "x.com": "x",
    "twitter.com": "x",
    "vk.com": "vk",
    "vk.ru": "vk",
    "ok.ru": "odnoklassniki",
    "wa.me": "whatsapp",
    "whatsapp.com": "whatsapp",
    "threads.net": "threads",
    "threads.com": "threads",
    "chats.viber.com": "viber",
}
# Platforms where the path of every account begins with /@.
PLATFORMS_WITH_AT = frozenset({"tiktok", "youtube", "threads"})
# By platform: first words of a path that names the account later on, each with the position of the
# account's name or number in the path, from 0.
PATH_WORDS_BEFORE_ACCOUNT: Mapping[str, Mapping[str, int]] = {
    "telegram": {"s": 1},
    "facebook": {"groups": 1, "people": 2, "pages": 2},
    "instagram": {"stories": 1},
    "youtube": {"channel": 1, "c": 1, "user": 1},
    "odnoklassniki": {"profile": 1, "group": 1},
}
# By platform: words that are the first word of the path of a page which is not an account.
PATH_WORDS_WITHOUT_ACCOUNT: Mapping[str, frozenset[str]] = {
    "telegram": frozenset({"joinchat", "c", "share", "addstickers", "proxy", "iv"}),
    "facebook": frozenset(
        {"watch", "share", "sharer", "story.php", "photo.php", "photo", "permalink.php", "events",
         "marketplace", "hashtag", "login", "reel", "profile.php"}
    ),
    "instagram": frozenset({"p", "reel", "reels", "tv", "explore", "accounts"}),
    "x": frozenset({"i", "home", "search", "hashtag", "intent", "share", "login"}),
    "vk": frozenset({"feed", "away.php", "im", "search"}),
    "odnoklassniki": frozenset({"video", "dk", "live", "search"}),
    "whatsapp": frozenset({"channel", "send", "qr"}),
}  # fmt: skip
# The first word of the path of a post, photograph or invitation.
POST_PATTERN = re.compile(r"\+.*|(?:wall|photo|video|clip|topic|album)-?[0-9].*")
# By platform and first word of the path: the query parameter with the account.
ACCOUNT_QUERY_PARAMETERS: Mapping[tuple[str, str], str] = {
    ("facebook", "profile.php"): "id",
    ("whatsapp", "send"): "phone",
}


@dataclass(frozen=True, slots=True)
class ProfileAddress:
    """The address of a profile; `handle` is "" if the address names no account."""

    platform: str
    handle: str
    url: str


def parse_profile_url(text: str) -> ProfileAddress | None:
    """Return the platform and handle in a text, None if it is no address on a known platform."""
    typed = text.strip()
    url = typed if re.match(r"https?://", typed, re.IGNORECASE) else f"https://{typed}"
    if re.search(r"\s", typed) or "/" not in typed:
        return None
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return None
    platform = _find_platform(host)
    if platform is None:
        return None
    return ProfileAddress(platform, normalize_handle(_extract_handle(platform, parts)), url)


def normalize_handle(text: str) -> str:
    """Return a handle without the leading @."""
    return text.strip().lstrip("@").strip()


def url_variants(text: str) -> list[str]:
    """Return the forms in which a web address may be stored, in lower case; an empty list for a
    text that is no web address.
    """
    bare = text.strip().lower().removeprefix("https://").removeprefix("http://")
    bare = bare.removeprefix("www.").rstrip("/")
    if "." not in bare or "@" in bare or re.search(r"\s", bare):
        return []
    return [
        f"{scheme}{www}{bare}{slash}"
        for scheme in ("https://", "http://", "")
        for www in ("", "www.")
        for slash in ("", "/")
    ]


def _find_platform(host: str) -> str | None:
    """Return the code of the platform of a host or subdomain, None if it is unknown."""
    labels = host.split(".")
    for start in range(len(labels) - 1):
        if found := PLATFORM_BY_HOST.get(".".join(labels[start:])):
            return found
    return None


def _extract_handle(platform: str, parts: SplitResult) -> str:
    """Return the name or number of the account in an address, "" if it names none."""
    words = [unquote(word) for word in parts.path.split("/") if word]
    if not words:
        return ""
    first = words[0].lower()
    if key := ACCOUNT_QUERY_PARAMETERS.get((platform, first)):
        return next(iter(parse_qs(parts.query).get(key, [])), "")
    if place := PATH_WORDS_BEFORE_ACCOUNT.get(platform, {}).get(first):
        return words[place] if len(words) > place else ""
    if first in PATH_WORDS_WITHOUT_ACCOUNT.get(platform, ()) or POST_PATTERN.fullmatch(first):
        return ""
    if platform in PLATFORMS_WITH_AT and not first.startswith("@"):
        return ""
    return words[0]
