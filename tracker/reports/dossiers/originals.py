"""What may be read in the bytes of an original, before it leaves; pure."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterator

# In which the newsrooms of the region wrote before UTF-8. No word of Cyrillic letters in them is
# UTF-8 as well.
EIGHT_BIT = ("cp1251", "koi8-r", "cp866")
UTF_16 = ("utf-16-le", "utf-16-be")


def readings(content: bytes) -> Iterator[str]:
    """Yield what a file of letters says, in every way in which somebody's program may show it: as
    it stands, with its references and escapes read, and with the tags in the middle of words gone.
    """
    for text in _decoded(content):
        plain = html.unescape(text)
        yield from {text, plain, unquote(plain), _without_tags(plain)}


def _without_tags(text: str) -> str:
    kept, at = [], 0
    # A pattern would look for the end of each tag that has none.
    while (start := text.find("<", at)) >= 0 and (end := text.find(">", start)) >= 0:
        kept.append(text[at:start])
        at = end + 1
    return "".join(kept) + text[at:]


def _decoded(content: bytes) -> list[str]:
    if b"\0" in content:
        return [content.decode(encoding, "replace") for encoding in UTF_16]
    try:
        return [content.decode("utf-8")]
    except UnicodeDecodeError:
        return [content.decode(encoding, "replace") for encoding in EIGHT_BIT]
