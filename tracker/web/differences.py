"""What two forms of the same kind hold differently, field by field and row by row, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wtforms import SelectField, SelectMultipleField

if TYPE_CHECKING:
    from collections.abc import Container, Iterator


def differences(
    stored: Any,  # noqa: ANN401 (a form)
    typed: Any,  # noqa: ANN401 (a form)
    *,
    but: Container[str],
) -> list[tuple[str, str, str]]:
    """Return the label of each field that differs, what is stored, and what was typed."""
    now, mine = dict(_flat(stored)), dict(_flat(typed))
    found = []
    # The order of the page, with the rows that only the record has at the end.
    for name in dict.fromkeys([*mine, *now]):
        if name in but:
            continue
        before, after = now.get(name), mine.get(name)
        if before and after and getattr(after[1], "choices", None):
            # They are set for the form of the request alone.
            before[1].choices = after[1].choices
        was, is_now = ("" if one is None else _text_of(one[1]) for one in (before, after))
        if was != is_now and not _is_untouched(before, after):
            found.append(((after or before or ("",))[0], was, is_now))
    return found


def _flat(form: Any, above: str = "") -> Iterator[tuple[str, tuple[str, Any]]]:  # noqa: ANN401 (a form)
    """Yield each field that holds a value by its name, with its label and those above it."""
    for field in form:
        own = str(field.label.text)
        label = f"{above}: {own}" if above and above != own else own
        if hasattr(field, "entries"):
            for number, row in enumerate(field.entries, start=1):
                yield from _flat(getattr(row, "form", [row]), f"{label} {number}")
        elif hasattr(field, "form"):
            yield from _flat(field.form, label)
        else:
            yield field.name, (label, field)


def _is_untouched(before: tuple[str, Any] | None, after: tuple[str, Any] | None) -> bool:
    """Say whether a field of a row that only one side has was left as an empty row has it."""
    one = before or after
    return (before is None or after is None) and one is not None and _is_as_made(one[1])


def _is_as_made(field: Any) -> bool:  # noqa: ANN401 (a field)
    default = field.default() if callable(field.default) else field.default
    return not field.data or field.data == default


def _text_of(field: Any) -> str:  # noqa: ANN401 (a field)
    """Return what a field holds as the page shows it: labels, where it chooses among codes."""
    if isinstance(field, SelectField | SelectMultipleField) and field.choices:
        return ", ".join(str(one[1]) for one in field.iter_choices() if one[2])
    data = field.data
    return ", ".join(map(str, data)) if isinstance(data, list) else str(data or "")
