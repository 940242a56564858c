"""The monthly report as the sheets of one workbook, and the notes on its figures; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tracker.dates import Months
from tracker.fake_accounts.codes import AccountFate
from tracker.fake_accounts.rules import Figures
from tracker.i18n import _, format_datetime, language, ngettext
from tracker.incidents.words import CROSSWALKS
from tracker.reports.flat_rows import Value
from tracker.reports.formats import Sheet as Written
from tracker.reports.monthly.sheet import ACCOUNTS, RESPONSES, Sheet
from tracker.reports.tables import Column, Kind
from tracker.timelines.codes import ClockKind
from tracker.vocabulary.labels import label

# For each kind of clock: the incidents whose clock still runs, and those whose has stopped.
Clocks = Sequence[tuple[ClockKind, Sequence[Any], Sequence[Any]]]


PERIOD = (
    Column(name="first_month", says="The first day of the first month.", kind=Kind.DAY),
    Column(name="last_month", says="The first day of the last month.", kind=Kind.DAY),
    Column(name="before_first_month", says="The same of the period before.", kind=Kind.DAY),
    Column(name="before_last_month", says="The same of the period before.", kind=Kind.DAY),
    Column(name="country", says="The country; empty for all."),
    Column(name="shared", says="“yes”: over what everybody in the house may see."),
    Column(name="taken_at", says="When the figures were read, in UTC.", kind=Kind.MOMENT),
    Column(name="published_at", says="When the month was frozen, in UTC.", kind=Kind.MOMENT),
)


def _text(name: str, says: str) -> Column:
    return Column(name=name, says=says, kind=Kind.TEXT)


def _number(name: str, says: str) -> Column:
    return Column(name=name, says=says, kind=Kind.NUMBER)


CODE, LABEL = _text("code", "The code of the row."), _text("label", "What the row is called.")
FIGURES = (
    CODE,
    LABEL,
    _number("number", "How many there are in the period."),
    _number("period_before", "How many there were in as many months, those before."),
    _number("published", "How many there were when the month was published and frozen."),
    _text("address", "The list of what the number counts."),
)
CLOCKS = (
    _text("waits_for", "What is waited for."),
    LABEL,
    _number("still_waiting", "How many incidents still wait."),
    _number("answered", "How many do not."),
    _number("longest_days", "For how many days at least the first of those still waiting waits."),
)
TAKEDOWNS = (
    CODE,
    LABEL,
    _number("number", "How many accounts, or at least how many days."),
    _number("at_most", "The upper bound, where there is one."),
)
NOTES = (_text("about", "The sheet or column."), _text("says", "What it holds."))


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkbookContent:
    """The content of a workbook: the report, current clocks and accounts, and when it was made.

    `described`: what is counted, as text; `most_clocks`: for more incidents no clocks are read;
    `address`: returns that of the list behind a number.
    """

    months: Months
    country: str
    shared: bool
    described: str
    sheet: Sheet
    clocks: Clocks
    most_clocks: int
    accounts: Figures
    taken_at: datetime
    published_at: datetime | None
    address: Callable[[str, Mapping[str, Any]], str]


def sheets_of(content: WorkbookContent) -> list[Written]:
    """Return every sheet: the period, the tables as on the page, further ones, and the notes."""
    return [
        ("period", PERIOD, [[_period(content)]]),
        *((name, FIGURES, [list(_figures(content, name))]) for name in content.sheet.tables),
        ("clocks", CLOCKS, [list(_clocks(content.clocks))]),
        ("takedowns", TAKEDOWNS, [list(_takedowns(content.accounts))]),
        ("notes", NOTES, [list(_notes(content))]),
    ]


def _period(content: WorkbookContent) -> list[Value]:
    months, before = content.months, content.months.before()
    return [
        months.first, months.last, before.first, before.last, content.country,
        "yes" if content.shared else "", content.taken_at, content.published_at,
    ]  # fmt: skip


def _figures(content: WorkbookContent, name: str) -> Iterator[list[Value]]:
    table = content.sheet.table(name)
    for one in table.lines:
        address = content.address(table.endpoint, one.asked)
        yield [one.code, one.words, one.number, one.before, one.was, address]


def _clocks(clocks: Clocks) -> Iterator[list[Value]]:
    for kind, running, stopped in clocks:
        days = running[0][1].days if running else None
        longest = days.at_least if days and days.is_told else None
        yield [kind.value, label(kind, language()), len(running), len(stopped), longest]


def _takedowns(found: Figures) -> Iterator[list[Value]]:
    for fate in AccountFate:
        yield [fate.value, label(fate, language()), found.fates[fate], None]
    back = found.reappeared, found.reappeared + found.possibly
    yield ["reappeared", str(_("Came back as another one")), *back]
    days = (found.median.at_least, found.median.at_most) if found.median else (None, None)
    yield ["median_days", str(_("Median time to takedown")), *days]


def _notes(content: WorkbookContent) -> Iterator[list[Value]]:
    said = table_notes()
    yield ["period", content.described]
    moment = format_datetime(content.taken_at, "medium")
    yield ["period", scope_label(moment, shared=content.shared)]
    for name in content.sheet.tables:
        table = content.sheet.table(name)
        note = table.note if name not in {RESPONSES, ACCOUNTS} else said[name]
        yield [name, f"{table.title}: {note}" if note else table.title]
        if name in CROSSWALKS:
            yield [name, said["ours"]]
    yield ["clocks", f"{said['clocks']} {said['unapproved']}"]
    if not content.clocks and content.sheet.total:
        yield ["clocks", too_many_message(content.most_clocks)]
    yield [
        "takedowns",
        str(_("What became of these accounts, as of today; not frozen when a month is published.")),
    ]
    of = {"period.": PERIOD, "": FIGURES, "clocks.": CLOCKS, "takedowns.": TAKEDOWNS}
    for sheet, columns in of.items():
        for one in columns:
            yield [sheet + one.name, one.says]


def table_notes() -> dict[str, str]:
    """Return the notes on tables, by subject; `ours`: on external lists."""
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


def too_many_message(most: int) -> str:
    """Return the message that there are too many incidents to read clocks."""
    said = ngettext(
        "Clocks are read for at most %(num)d incident: choose a shorter period or one country.",
        "Clocks are read for at most %(num)d incidents: choose a shorter period or one country.",
        most,
    )
    return str(said)


def scope_label(moment: str, *, shared: bool) -> str:
    """Return whose records the figures count, and when they were read."""
    said = (
        _("As of %(moment)s, over the records that everybody in the house may see.", moment=moment)
        if shared
        else _("As of %(moment)s, over the records that you may see.", moment=moment)
    )
    return str(said)
