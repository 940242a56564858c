"""Differences between the stored and the submitted form, and who changed each field."""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Iterator, Mapping
from enum import StrEnum
from hashlib import sha256
from typing import Any, NamedTuple

from wtforms import BooleanField, SelectField, SelectMultipleField

# Hexadecimal digits of the digest of a field: enough to distinguish two texts of the same field.
DIGEST_LENGTH = 12


class ChangedBy(StrEnum):
    """Who changed a field since the form was shown: the viewer, another user, or both."""

    MINE = "mine"
    THEIRS = "theirs"
    BOTH = "both"


# Keys: whether the viewer changed the field, and whether the other user did.
CHANGED_BY_FOR_FLAGS = {
    (True, False): ChangedBy.MINE,
    (False, True): ChangedBy.THEIRS,
    (True, True): ChangedBy.BOTH,
}


class EditConflict(NamedTuple):
    """A field whose stored and submitted values differ; `changed_by` is None if unknown."""

    label: str
    stored_text: str
    submitted_text: str
    changed_by: ChangedBy | None


def find_edit_conflicts(
    stored: Any,  # noqa: ANN401 (a form)
    submitted: Any,  # noqa: ANN401 (a form)
    *,
    excluded_fields: Container[str],
    changed_fields: Mapping[str, ChangedBy],
) -> list[EditConflict]:
    """Return each field that differs between two forms: `stored`, with the stored values, and
    `submitted`. `excluded_fields`: names of fields left out; `changed_fields`: by field name, who
    changed the field since the form was shown.
    """
    now, mine = dict(_flatten_fields(stored)), dict(_flatten_fields(submitted))
    found = []
    # In the order of the form; rows that only the stored record has come last.
    for name in dict.fromkeys([*mine, *now]):
        if name in excluded_fields:
            continue
        before, after = now.get(name), mine.get(name)
        if before and after and getattr(after[1], "choices", None):
            # Choices are set only on the submitted form.
            before[1].choices = after[1].choices
        was, is_now = ("" if one is None else _displayed_text(one[1]) for one in (before, after))
        if was != is_now and not _is_untouched(before, after):
            label = (after or before or ("",))[0]
            found.append(
                EditConflict(label, was, is_now, changed_fields.get(outer_field_name(name)))
            )
    return found


def find_changed_fields(
    stored: Any,  # noqa: ANN401 (a form)
    submitted: Any,  # noqa: ANN401 (a form)
    *,
    shown_digest: str,
    excluded_fields: Container[str],
    linked_groups: Iterable[Iterable[str]] = (),
) -> dict[str, ChangedBy]:
    """Return, by field name, who changed the field since the form was shown. `stored`: the form
    with the stored values; `shown_digest`: the `field_digests` of the form as it was shown;
    `excluded_fields`: names of fields left out; `linked_groups`: groups of names of fields; if both
    users changed fields of one group, all changed fields of the group count as changed by both.

    A list of rows, or a date with its two inputs, counts as one field.
    """
    before = dict(one.partition("=")[::2] for one in shown_digest.split())
    found: dict[str, ChangedBy] = {}
    for field in submitted:
        if field.name not in before or field.name in excluded_fields:
            continue
        by_me = _field_digest(field) != before[field.name]
        by_them = _field_digest(stored[field.name]) != before[field.name]
        if changed_by := CHANGED_BY_FOR_FLAGS.get((by_me, by_them)):
            found[field.name] = changed_by
    for names in linked_groups:
        changed = [name for name in names if name in found]
        if len({found[name] for name in changed}) > 1:
            found |= dict.fromkeys(changed, ChangedBy.BOTH)
    return found


def field_digests(form: Any, *, excluded_fields: Container[str]) -> str:  # noqa: ANN401 (a form)
    """Return `name=digest` of each field as the form shows it, separated by spaces, except of those
    with names in `excluded_fields`.
    """
    return " ".join(
        f"{one.name}={_field_digest(one)}" for one in form if one.name not in excluded_fields
    )


def browser_form_pairs(field: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 (a field)
    """Yield name and value of each input that a browser sends for a field. If the field is a list
    of rows, empty rows are left out.
    """
    if hasattr(field, "entries"):
        for row in field.entries:
            if not all(_is_default(one) for _name, (_label, one) in _flatten_fields([row])):
                yield from browser_form_pairs(row)
    elif hasattr(field, "form"):
        for one in field.form:
            yield from browser_form_pairs(one)
    elif isinstance(field, BooleanField):
        # A browser does not send an unticked checkbox.
        if field.data:
            yield field.name, "y"
    elif isinstance(field, SelectMultipleField):
        yield from ((field.name, str(one)) for one in field.data or ())
    else:
        yield field.name, "" if field.data is None else str(field.data)


def outer_field_name(name: str) -> str:
    """Return the form field to which an input belongs: "occurred" for "occurred-when"."""
    return name.partition("-")[0]


def _field_digest(field: Any) -> str:  # noqa: ANN401 (a field)
    """Return a digest of all that a browser sends for a field."""
    # A browser sends ticked choices in the order of the page.
    held = json.dumps(sorted((name, text.strip()) for name, text in browser_form_pairs(field)))
    return sha256(held.encode()).hexdigest()[:DIGEST_LENGTH]


def _flatten_fields(form: Any, parent_label: str = "") -> Iterator[tuple[str, tuple[str, Any]]]:  # noqa: ANN401 (a form)
    """Yield the name of each innermost field, with its full label and the field itself.
    `parent_label`: the label of the field that contains the form.
    """
    for field in form:
        own = str(field.label.text)
        label = f"{parent_label}: {own}" if parent_label and parent_label != own else own
        if hasattr(field, "entries"):
            for number, row in enumerate(field.entries, start=1):
                yield from _flatten_fields(getattr(row, "form", [row]), f"{label} {number}")
        elif hasattr(field, "form"):
            yield from _flatten_fields(field.form, label)
        else:
            yield field.name, (label, field)


def _is_untouched(before: tuple[str, Any] | None, after: tuple[str, Any] | None) -> bool:
    """Return whether a field is in only one of two forms, and has its default value there.
    `before`, `after`: the label and the field in each form, None if the form lacks the field.
    """
    one = before or after
    return (before is None or after is None) and one is not None and _is_default(one[1])


def _is_default(field: Any) -> bool:  # noqa: ANN401 (a field)
    """Return whether a field is empty or has its default value."""
    default = field.default() if callable(field.default) else field.default
    return not field.data or field.data == default


def _displayed_text(field: Any) -> str:  # noqa: ANN401 (a field)
    """Return a field's value as the page shows it, with labels instead of codes."""
    if isinstance(field, SelectField | SelectMultipleField) and field.choices:
        return ", ".join(str(one[1]) for one in field.iter_choices() if one[2])
    data = field.data
    return ", ".join(map(str, data)) if isinstance(data, list) else str(data or "")
