"""Messages for files that are no table, and example rows as text."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from tracker.dates import when_words
from tracker.i18n import _
from tracker.when import Precision, When

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracker.reports.imports.tables import TableError


def table_error_message(error: TableError) -> str:
    """Return the message for a file that could not be read as a table."""
    words = {
        "empty": _("The file is empty."),
        "kind": _("Only .csv, .tsv, .txt, .xlsx, .json and .jsonl files are read."),
        "encoding": _("It is not in the encoding %(name)s: choose another one.", name=error.detail),
        "separator": _("The line sep= names a separator that is none: remove that line."),
        "half_character": _(
            "Row %(n)d holds half of a character (such as \\ud800), which cannot be stored.",
            n=error.row,
        ),
        "broken": _(
            "Up to line %(n)d it is no table that can be read: a quotation mark is not closed, or "
            "something stands behind one.",
            n=error.row,
        ),
        "json": _("A JSON file must be one list of objects, or an object a line."),
        "xlsx": _("It is no Excel file that can be read; save it as .xlsx without a password."),
        "sheets": _(
            "It has several sheets: %(names)s. Save the sheet that you want as a file of its own.",
            names=error.detail,
        ),
        "unfolds": _("It unfolds into more than 500 MB: save the sheet as .csv."),
        "one_column": _(
            "There is only one column: the separator is another one, or the first line is no "
            "header."
        ),
        "title": _(
            "The first line has only one cell: if that is a title, remove the line, so that the "
            "names of the columns stand first."
        ),
        "too_many_columns": _("It has more than 200 columns."),
        "too_many": _("It has more than 100,000 rows: cut it into several files."),
        "header": _("The first line is no header: a name is too long or holds control characters."),
        "too_wide": _("Row %(n)d has more cells than the header.", n=error.row),
        "long_cell": _("Row %(n)d has a cell of more than 100,000 characters.", n=error.row),
        "no_rows": _("There is no row under the header."),
    }
    return str((words | _limit_message(error))[error.reason])


def _limit_message(error: TableError) -> dict[str, str]:
    return {
        "far_cell": _(
            "The cell %(name)s stands far from the others: delete the rows and columns beyond the "
            "table, or save the sheet as .csv.",
            name=error.detail,
        ),
        "too_large": _("Reading it takes too much memory: cut it into several files."),
        "timeout": _("Reading it takes too long: cut it into several files, or save it as .csv."),
        "unreadable": _("It cannot be read; it may be damaged or too large."),
        "busy": _("The server is busy reading other files. Try again in a minute."),
    }


def example_label(
    kept: Mapping[str, Any], *, types: Mapping[str, str], countries: Mapping[str, str]
) -> str:
    """Return an example row as text, from the stored check result."""
    first, last, precision = kept["when"]
    when = When(date.fromisoformat(first), date.fromisoformat(last), Precision(precision))
    return " · ".join(
        part
        for part in (
            when_words(when),
            ", ".join(types.get(code, code) for code in kept["types"]),
            ", ".join(filter(None, (kept["place"], countries.get(kept["country"], "")))),
            "; ".join(kept["journalists"]),
            "; ".join(kept["outlets"]),
            kept["title"],
        )
        if part
    )
