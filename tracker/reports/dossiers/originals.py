"""What may be read in the bytes of an original, before it leaves; pure."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterator

TAG = re.compile(r"<[^>]*>")
# In which the newsrooms of the region write and wrote.
ENCODINGS = ("utf-8", "cp1251", "koi8-r", "cp866", "utf-16-le", "utf-16-be")


def readings(content: bytes) -> Iterator[str]:
    """Yield what a file of letters says, in every way in which somebody's program may show it: as
    it stands, with its references and escapes read, and with the tags in the middle of words gone.
    """
    for encoding in ENCODINGS:
        text = content.decode(encoding, "replace")
        plain = html.unescape(text)
        yield from (text, plain, unquote(plain), TAG.sub("", plain))
