"""Parse platform and handle from a profile's address; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

# Hosts by the code of the platform's term; subdomains ("m.", "kk-kz.") are ignored.
PLATFORM_OF_HOST: Mapping[str, str] = {
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
# Platforms whose accounts are always at /@name.
PLATFORMS_WITH_AT = frozenset({"tiktok", "youtube", "threads"})
# First words of a path that are followed by the account's name or number, with its position.
PATH_WORDS_BEFORE_ACCOUNT: Mapping[str, Mapping[str, int]] = {
    "telegram": {"s": 1},
    "facebook": {"groups": 1, "people": 2, "pages": 2},
    "instagram": {"stories": 1},
    "youtube": {"channel": 1, "c": 1, "user": 1},
    "odnoklassniki": {"profile": 1, "group": 1},
}
# First words that are pages of the platform, not accounts.
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
# A post, photograph or invitation, by the form of its first word.
POST_PATTERN = re.compile(r"\+.*|(?:wall|photo|video|clip|topic|album)-?[0-9].*")
# Facebook and WhatsApp have the account in the query of these pages.
ACCOUNT_IN_QUERY: Mapping[tuple[str, str], str] = {
    ("facebook", "profile.php"): "id",
    ("whatsapp", "send"): "phone",
}


@dataclass(frozen=True, slots=True)
class Profile:
    """The platform and handle in an address; `handle` is "" if it names no account."""

    platform: str
    handle: str
    url: str


def parse_profile_url(text: str) -> Profile | None:
    """Return the profile of a pasted address, None if it is no address of a platform."""
    typed = text.strip()
    url = typed if re.match(r"https?://", typed, re.IGNORECASE) else f"https://{typed}"
    if re.search(r"\s", typed) or "/" not in typed:
        return None
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return None
    platform = _platform_of(host)
    if platform is None:
        return None
    return Profile(platform, normalize_handle(_handle_in(platform, parts)), url)


def normalize_handle(text: str) -> str:
    """Return a handle without the leading @."""
    return text.strip().lstrip("@").strip()


def url_variants(text: str) -> list[str]:
    """Return the forms in which an address may be stored, lower case; none if it is no address."""
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


def _platform_of(host: str) -> str | None:
    labels = host.split(".")
    for start in range(len(labels) - 1):
        if found := PLATFORM_OF_HOST.get(".".join(labels[start:])):
            return found
    return None


def _handle_in(platform: str, parts: SplitResult) -> str:
    words = [unquote(word) for word in parts.path.split("/") if word]
    if not words:
        return ""
    first = words[0].lower()
    if key := ACCOUNT_IN_QUERY.get((platform, first)):
        return next(iter(parse_qs(parts.query).get(key, [])), "")
    if place := PATH_WORDS_BEFORE_ACCOUNT.get(platform, {}).get(first):
        return words[place] if len(words) > place else ""
    if first in PATH_WORDS_WITHOUT_ACCOUNT.get(platform, ()) or POST_PATTERN.fullmatch(first):
        return ""
    if platform in PLATFORMS_WITH_AT and not first.startswith("@"):
        return ""
    return words[0]
