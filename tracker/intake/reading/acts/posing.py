"""As whom somebody posed: the body that is named goes before the one that a rule supposes."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from tracker.incidents.codes import PurportedAs
from tracker.intake.reading.lexicon import Phrases, lexicon

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.intake.reading.acts.book import Hit
    from tracker.intake.reading.text import Word

# The body may stand so many words behind "he said he was a major of …".
BEHIND = 5
# Whose people show badges and give ranks as well.
ALSO = (PurportedAs.SECURITY_SERVICE, PurportedAs.PROSECUTOR)


def posed_as(language: str, words: Sequence[Word], hit: Hit) -> PurportedAs | None:
    """Return as whom the people of an act posed, None where they posed as nobody.

    The rules say "police" also of whoever shows a badge or gives a rank. Where another service is
    named, and the police are not, they posed as its people: "a major of the security service".
    """
    supposed = hit.rule.purported_as
    if supposed is not PurportedAs.POLICE:
        return supposed
    near = words[hit.first : hit.end + BEHIND]
    named = [one.label for one in _bodies(language).find(near)]
    return supposed if not named or supposed in named else named[0]


@cache
def _bodies(language: str) -> Phrases:
    """Return the words by which the police and other services are known."""
    kinds = lexicon(language, "together").get("bodies", {})
    known = (PurportedAs.POLICE, *ALSO)
    return Phrases((phrase, kind) for kind in known for phrase in kinds.get(kind.value, ()))
