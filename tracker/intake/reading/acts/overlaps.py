"""Which of the acts that the same words name are meant: the fuller phrase, the narrower type."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.intake.reading.acts.book import Hit

# A phrase that is longer by more words holds another act, not a part of itself.
FULLER = 4
NEAR = 6
# Words that score less say too little to push another type aside.
PLAIN = 0.5
# Where the same words name both, the first is said of the second: a false report "of a murder" that
# brings the police is no hoax about a death. The second may be a family, ending in a dot.
YIELDS = {
    "threat.other": ("threat.death", "threat.sexual", "threat.physical", "threat.legal"),
    "threat.legal": ("legal.warning",),
    "harassment.mob": ("threat.",),
    "harassment.doxxing": ("harassment.flooding",),
    "disinformation.death_hoax": ("harassment.swatting", "threat.death"),
    "disinformation.fabricated": (
        "legal.",
        "impersonation.",
        "harassment.swatting",
        "disinformation.death_hoax",
    ),
    "intimidation.other": ("threat.", "harassment.", "censorship.", "legal.", "surveillance."),
    "intimidation.visit": ("legal.search", "property.", "intimidation.contacts", "harassment."),
    "intimidation.contacts": ("threat.death",),
    "employment.dismissal": ("intimidation.contacts",),
    "digital.account_attack": ("property.break_in",),
    "digital.phishing": ("digital.spyware",),
    "digital.spyware": ("harassment.doxxing",),
    "harassment.mass_reporting": ("impersonation.",),
    "impersonation.outlet": ("property.break_in",),
    "physical.assault": ("physical.killing",),
    "property.seizure": ("property.break_in",),
    "access.denied": ("legal.border",),
    "legal.criminal": ("threat.legal",),
    "legal.civil": ("threat.legal",),
    "legal.economic": ("censorship.blocking",),
    "censorship.closure": ("censorship.blocking",),
}

# These yield wherever the other stands in the sentence: a site that does not open under a flood of
# requests is not blocked, and goods ordered in her name are no account of hers.
YIELDS_ANYWHERE = {
    "censorship.blocking": "digital.ddos",
    "impersonation.journalist": "harassment.flooding",
}


def told(hits: Sequence[Hit]) -> list[Hit]:
    """Return the hits of a sentence without those that others of the same words say already."""
    kept: list[Hit] = []
    for hit in sorted(hits, key=_place):
        is_again = any(other.rule.code == hit.rule.code and _overlap(other, hit) for other in kept)
        if not is_again and not any(_says_it_already(other, hit) for other in hits):
            kept.append(hit)
    return kept


def _place(hit: Hit) -> tuple[float, bool, int]:
    """Return which of several of one type goes first: as whom people posed is worth more words."""
    return -hit.rule.score, hit.rule.purported_as is None, hit.first - hit.end


def _says_it_already(other: Hit, hit: Hit) -> bool:
    if YIELDS_ANYWHERE.get(hit.rule.code) == other.rule.code:
        return True
    if other.rule.code == hit.rule.code or not _overlap(other, hit):
        return False
    return _yields(hit, other) or _is_part_of(other, hit)


def _yields(hit: Hit, other: Hit) -> bool:
    code = other.rule.code
    # Two words far apart say nothing of what stands between them.
    is_near = other.is_whole or other.end - other.first <= NEAR
    return (
        is_near
        and other.rule.score >= PLAIN
        and any(
            code.startswith(one) if one.endswith(".") else code == one
            for one in YIELDS.get(hit.rule.code, ())
        )
    )


def _is_part_of(outer: Hit, inner: Hit) -> bool:
    """Say whether a fuller phrase holds this one: "arrest" in "threatened with arrest"."""
    longer = (outer.end - outer.first) - (inner.end - inner.first)
    return (
        outer.is_whole
        and outer.first <= inner.first
        and inner.end <= outer.end
        and 0 < longer <= FULLER
        and outer.rule.score >= inner.rule.score
    )


def _overlap(one: Hit, other: Hit) -> bool:
    return one.first < other.end and other.first < one.end
