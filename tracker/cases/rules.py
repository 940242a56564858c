"""How links between cases read from the other side, and which cases still take records."""

from __future__ import annotations

from tracker.cases.codes import CaseLinkKind, Lifecycle
from tracker.i18n import _, language
from tracker.vocabulary.labels import label

# A closed case is opened again before anything is filed in it.
TAKES_RECORDS = frozenset({Lifecycle.OPEN, Lifecycle.DORMANT, Lifecycle.REOPENED})


def link_words(kind: CaseLinkKind) -> str:
    """Return how the case that holds the link stands to the other one."""
    return label(kind, language())


def inverse_words(kind: CaseLinkKind) -> str:
    """Return how the other case stands to the one that holds the link."""
    inverses = {
        CaseLinkKind.FOLLOWS: _("is followed by"),
        CaseLinkKind.RETALIATION_FOR: _("was answered by the retaliation in"),
    }
    return inverses.get(kind) or link_words(kind)
