"""What things that come in are called: the name of a file as it may be kept, a title; pure."""

from __future__ import annotations

import unicodedata

from tracker.characters import without_invisible

LONGEST_NAME = 200
LONGEST_TITLE = 120
# Whatever is not shown, or makes one name look like another, and halves of letters.
UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def kept_name(file_name: str) -> str:
    """Return a file's name without its folder and whatever cannot be seen; the ending stays."""
    # A path says where somebody keeps their files.
    name = unicodedata.normalize("NFC", file_name.replace("\\", "/").rpartition("/")[2])
    seen = "".join(" " if unicodedata.category(one) in UNSEEN else one for one in name)
    return " ".join(seen.split())[-LONGEST_NAME:]


def title_for(text: str, file_name: str) -> str:
    """Return what stands for a title where nothing says one: how the text begins, or the file."""
    first = without_invisible(text.strip().partition("\n")[0])
    if len(first) > LONGEST_TITLE:
        first = first[:LONGEST_TITLE].rsplit(" ", maxsplit=1)[0] + "…"
    return first or file_name
