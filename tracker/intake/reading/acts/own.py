"""An outlet's own channel, and a journalist's own page, which are no fakes of theirs."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from tracker.intake.reading.lexicon import Phrases, lexicon

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.intake.reading.acts.book import Hit
    from tracker.intake.reading.text import Word

# Posing as a newsroom or as somebody in it; as officials nobody has a channel of her own.
FAKED = frozenset({"impersonation.outlet", "impersonation.journalist"})
# So near to the words of an act stands whose channel it is.
BESIDE = 4


def is_own(language: str, words: Sequence[Word], hit: Hit) -> bool:
    """Say whether what looks like a fake is said to be their own, and nothing in the sentence says
    that anything is false: "it reported so on its Telegram channel, under the newspaper's logo".
    """
    if hit.rule.code not in FAKED:
        return False
    own, false = _phrases(language)
    near = words[max(0, hit.first - BESIDE) : hit.end + BESIDE]
    return bool(own.find(near)) and not false.find(words)


@cache
def _phrases(language: str) -> tuple[Phrases, Phrases]:
    """Return what says that something is one's own, and what says that something is false."""
    data = lexicon(language, "reality").get("own", {})
    own, false = (
        Phrases((phrase, None) for phrase in data.get(name, ())) for name in ("phrases", "but")
    )
    return own, false
