"""What a monthly report says of its figures, on the page and in a workbook; pure."""

from __future__ import annotations

from tracker.i18n import _, ngettext


def notes() -> dict[str, str]:
    """Return what is said of some tables, by what it is about; `ours`: of the lists of others."""
    said = {
        "responses": _(
            "By occasions that are approved or published, in the month of the last day on which "
            "they may have been; the country is that of the institution."
        ),
        "clocks": _(
            "Days since it was public, as of today; what is not public has no clock. These are "
            "read anew each time and are not frozen when a month is published."
        ),
        "unapproved": _(
            "Responses that are not approved yet stop a clock too, and are not counted among the "
            "official responses above."
        ),
        "accounts": _(
            "Accounts that are approved or published, by events whose last possible day lies in "
            "the period; an account may stand in several rows. The country is where they were "
            "used."
        ),
        "ours": _(
            "These assignments are ours, by primary type. The organisations named have not made "
            "or checked them, and their own figures follow rules of their own."
        ),
    }
    return {name: str(words) for name, words in said.items()}


def too_many_words(most: int) -> str:
    """Return why no clock is read."""
    said = ngettext(
        "Clocks are read for at most %(num)d incident: choose a shorter period or one country.",
        "Clocks are read for at most %(num)d incidents: choose a shorter period or one country.",
        most,
    )
    return str(said)


def whose_words(moment: str, *, shared: bool) -> str:
    """Return over whose records the figures are, and when they were read."""
    said = (
        _("As of %(moment)s, over the records that everybody in the house may see.", moment=moment)
        if shared
        else _("As of %(moment)s, over the records that you may see.", moment=moment)
    )
    return str(said)
