"""Differences between the stored and the submitted form, and who changed each field."""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Iterator, Mapping
from enum import StrEnum
from hashlib import sha256
from typing import Any, NamedTuple

from wtforms import BooleanField, SelectField, SelectMultipleField

# Length of a digest: long enough to distinguish two texts of one field.
DIGEST_LENGTH = 12


class ChangedBy(StrEnum):
    """The person who changed a field since the form was shown."""

    MINE = "mine"
    THEIRS = "theirs"
    BOTH = "both"


# By whether the viewer changed it, and whether the other person did.
CHANGED_BY_LABELS = {
    (True, False): ChangedBy.MINE,
    (False, True): ChangedBy.THEIRS,
    (True, True): ChangedBy.BOTH,
}


class EditConflict(NamedTuple):
    """One field: its label, the stored and the submitted value; `whose` is None if not known."""

    label: str
    stored: str
    typed: str
    whose: ChangedBy | None


def edit_conflicts(
    stored: Any,  # noqa: ANN401 (a form)
    submitted: Any,  # noqa: ANN401 (a form)
    *,
    excluding: Container[str],
    whose: Mapping[str, ChangedBy],
) -> list[EditConflict]:
    """Return each field that differs; `whose`: the result of `changed_by`."""
    now, mine = dict(_flatten(stored)), dict(_flatten(submitted))
    found = []
    # In the order of the page; rows that only the stored record has come last.
    for name in dict.fromkeys([*mine, *now]):
        if name in excluding:
            continue
        before, after = now.get(name), mine.get(name)
        if before and after and getattr(after[1], "choices", None):
            # They are set only on the form of this request.
            before[1].choices = after[1].choices
        was, is_now = ("" if one is None else _displayed_text(one[1]) for one in (before, after))
        if was != is_now and not _is_untouched(before, after):
            label = (after or before or ("",))[0]
            found.append(EditConflict(label, was, is_now, whose.get(outer_field_name(name))))
    return found


def changed_by(
    stored: Any,  # noqa: ANN401 (a form)
    submitted: Any,  # noqa: ANN401 (a form)
    *,
    shown_digest: str,
    excluding: Container[str],
    together: Iterable[Iterable[str]] = (),
) -> dict[str, ChangedBy]:
    """Return who changed each field since the form was shown, by its digests from then.

    A list of rows, or a date with its two inputs, counts as one field. So does each group of fields
    in `together`: if both people changed one field of it, both changed all.
    """
    before = dict(one.partition("=")[::2] for one in shown_digest.split())
    found: dict[str, ChangedBy] = {}
    for field in submitted:
        if field.name not in before or field.name in excluding:
            continue
        by_me = _digest(field) != before[field.name]
        by_them = _digest(stored[field.name]) != before[field.name]
        if whose := CHANGED_BY_LABELS.get((by_me, by_them)):
            found[field.name] = whose
    for names in together:
        changed = [name for name in names if name in found]
        if len({found[name] for name in changed}) > 1:
            found |= dict.fromkeys(changed, ChangedBy.BOTH)
    return found


def field_digests(form: Any, *, excluding: Container[str]) -> str:  # noqa: ANN401 (a form)
    """Return `name=digest` of each field as the form shows it, separated by spaces."""
    return " ".join(f"{one.name}={_digest(one)}" for one in form if one.name not in excluding)


def browser_pairs(field: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 (a field)
    """Yield the name and value of each input of a field, without empty rows."""
    if hasattr(field, "entries"):
        for row in field.entries:
            if not all(_is_default(one) for _name, (_label, one) in _flatten([row])):
                yield from browser_pairs(row)
    elif hasattr(field, "form"):
        for one in field.form:
            yield from browser_pairs(one)
    elif isinstance(field, BooleanField):
        # A browser does not send an unticked checkbox.
        if field.data:
            yield field.name, "y"
    elif isinstance(field, SelectMultipleField):
        yield from ((field.name, str(one)) for one in field.data or ())
    else:
        yield field.name, "" if field.data is None else str(field.data)


def outer_field_name(name: str) -> str:
    """Return the field of the form that an input belongs to: `occurred` for `occurred-when`."""
    return name.partition("-")[0]


def _digest(field: Any) -> str:  # noqa: ANN401 (a field)
    # A browser sends ticked choices in the order of the page.
    held = json.dumps(sorted((name, text.strip()) for name, text in browser_pairs(field)))
    return sha256(held.encode()).hexdigest()[:DIGEST_LENGTH]


def _flatten(form: Any, above: str = "") -> Iterator[tuple[str, tuple[str, Any]]]:  # noqa: ANN401 (a form)
    """Yield each field with a value by its name, with its label and the labels above it."""
    for field in form:
        own = str(field.label.text)
        label = f"{above}: {own}" if above and above != own else own
        if hasattr(field, "entries"):
            for number, row in enumerate(field.entries, start=1):
                yield from _flatten(getattr(row, "form", [row]), f"{label} {number}")
        elif hasattr(field, "form"):
            yield from _flatten(field.form, label)
        else:
            yield field.name, (label, field)


def _is_untouched(before: tuple[str, Any] | None, after: tuple[str, Any] | None) -> bool:
    """Return whether a field of a row that exists on one side only is still as in an empty row."""
    one = before or after
    return (before is None or after is None) and one is not None and _is_default(one[1])


def _is_default(field: Any) -> bool:  # noqa: ANN401 (a field)
    default = field.default() if callable(field.default) else field.default
    return not field.data or field.data == default


def _displayed_text(field: Any) -> str:  # noqa: ANN401 (a field)
    """Return a field's value as the page shows it, with labels instead of codes."""
    if isinstance(field, SelectField | SelectMultipleField) and field.choices:
        return ", ".join(str(one[1]) for one in field.iter_choices() if one[2])
    data = field.data
    return ", ".join(map(str, data)) if isinstance(data, list) else str(data or "")
