"""Validate and canonicalize URLs, so that an article that is added again is recognised."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, quote, unquote, urlsplit

MAX_URL_LENGTH = 2000  # characters
# The schemes that a URL may have, with their default ports.
DEFAULT_PORTS = {"http": 80, "https": 443}
# A host in lower case: a domain, or an IPv6 address in brackets.
HOST_PATTERN = re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\]")
# Most URLs: a host in ASCII letters, then only characters that need no normalising.
ORDINARY_URL_PATTERN = re.compile(
    r"https?://(?:[a-z0-9](?:[a-z0-9-]{0,60}[a-z0-9])?\.)+[a-z]{2,20}(?:/[!#-;=?-\[\]^-~]*)?"
)
# A character in a URL as its code, such as `%D0`.
PERCENT_ESCAPE_PATTERN = re.compile(r"%[0-9A-Fa-f]{2}")
# Characters that need no escape in any part of a URL (RFC 3986).
UNRESERVED_CHARACTERS = frozenset(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
)
# Characters that stay in a URL as they are written; others are escaped.
PRINTABLE_ASCII = "".join(map(chr, range(0x21, 0x7F)))

# Query parameters that track visitors and never identify the page; any other may identify the
# article.
TRACKING_PARAMETERS_TEXT = """
    fbclid gclid gclsrc gbraid wbraid dclid yclid ysclid ymclid msclkid twclid ttclid igshid igsh
    _openstat openstat _ga _gl mkt_tok vero_id rb_clickid oly_enc_id oly_anon_id ref_src ref_url
"""
TRACKING_PARAMETERS = frozenset(TRACKING_PARAMETERS_TEXT.split())
# Beginnings of the names of further tracking parameters.
TRACKING_PREFIXES = ("utm_", "mc_")


class AddressError(ValueError):
    """The error that a text is not the URL of a web page."""

    def __init__(self) -> None:
        super().__init__("This is not the address of a web page (https://…).")


def canonicalize_url(url: str) -> str:
    """Return a URL in canonical form: https, punycode host, no `www.`, no tracking parameters;
    raise `AddressError` if it is invalid.

    Other subdomains such as m. and amp. stay: they may be other pages.
    """
    address = _canonicalize(url.strip())
    if address is None or len(address) > MAX_URL_LENGTH:
        raise AddressError
    return address


def is_web_address(url: str) -> bool:
    """Return whether a text is a valid http or https URL, which may be stored and linked."""
    # A quick check, since most values in a list are plain numbers.
    if "://" not in url:
        return False
    if len(url) < MAX_URL_LENGTH and ORDINARY_URL_PATTERN.fullmatch(url):
        return True
    try:
        canonicalize_url(url)
    except AddressError:
        return False
    return True


def url_host(url: str) -> str:
    """Return the host of a URL in lower-case punycode without `www.`, "" for an invalid URL."""
    parts = _split_url(url.strip())
    return (_canonical_host(parts) or "") if parts else ""


def _split_url(url: str) -> SplitResult | None:
    """Return the parts of a URL, None if it is invalid or made to look like another URL."""
    # `urlsplit` drops tabs and line ends silently, and browsers read a backslash as a slash.
    if len(url) > MAX_URL_LENGTH or not url.isprintable() or any(sign in url for sign in ' \\<>"'):
        return None
    try:
        parts = urlsplit(url)
        has_port = parts.port != 0
    except ValueError:
        return None
    # "https://orda.kz@example.org/" leads to example.org.
    if parts.scheme not in DEFAULT_PORTS or "@" in parts.netloc or not has_port:
        return None
    return parts


def _canonical_host(parts: SplitResult) -> str | None:
    """Return the host of a URL in lower-case punycode without `www.`, None if it is invalid."""
    name = (parts.hostname or "").rstrip(".")
    try:
        name = f"[{name}]" if ":" in name else name.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None
    if name.startswith("www.") and "." in name.removeprefix("www."):
        name = name.removeprefix("www.")
    return name if HOST_PATTERN.fullmatch(name) else None


def _canonicalize(url: str) -> str | None:
    """Return a URL in canonical form, None if it is invalid."""
    parts = _split_url(url)
    name = _canonical_host(parts) if parts else None
    if parts is None or name is None:
        return None
    # The scheme becomes https, so its default port is dropped too.
    plain = parts.port in {None, DEFAULT_PORTS["https"], DEFAULT_PORTS[parts.scheme]}
    port = "" if plain else f":{parts.port}"
    path = _resolve_dots(_normalize_escapes(parts.path)).rstrip("/") or "/"
    kept = [
        piece for piece in parts.query.split("&") if piece and not _is_tracking_parameter(piece)
    ]
    query = "?" + _normalize_escapes("&".join(kept)) if kept else ""
    return f"https://{name}{port}{path}{query}"


def _is_tracking_parameter(parameter: str) -> bool:
    """Return whether a part of a query, such as "utm_source=mail", tracks visitors."""
    name = unquote(parameter.partition("=")[0]).casefold()
    return name in TRACKING_PARAMETERS or name.startswith(TRACKING_PREFIXES)


def _normalize_escapes(text: str) -> str:
    """Return a part of a URL with its percent escapes written in one way. Characters outside ASCII
    become escapes; escapes of UNRESERVED_CHARACTERS become these characters; all other escapes get
    capital letters (`%d0` becomes `%D0`).
    """

    def one(match: re.Match[str]) -> str:
        letter = chr(int(match[0][1:], 16))
        return letter if letter in UNRESERVED_CHARACTERS else match[0].upper()

    return PERCENT_ESCAPE_PATTERN.sub(one, quote(text, safe=PRINTABLE_ASCII))


def _resolve_dots(path: str) -> str:
    """Return a path with `.` and `..` resolved as in RFC 3986."""
    kept: list[str] = []
    pieces = path.split("/")[1:]
    for piece in pieces:
        if piece == "..":
            kept = kept[:-1]
        elif piece != ".":
            kept.append(piece)
    return "/" + "/".join(kept)
