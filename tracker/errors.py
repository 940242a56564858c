"""Exceptions with messages for users; each has an error page."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any


class TrackerError(Exception):
    """The base class of all expected errors."""


class BadSettings(TrackerError):
    """The environment has an unsafe or unknown setting; reported at start-up."""


class AuditKeyMissing(TrackerError):
    """The key of the newest log entry is missing, so nothing that is logged can be saved."""

    def __init__(self, key_id: str) -> None:
        super().__init__(
            f"Nothing is saved: the key {key_id} of the audit log is not here. Put it back "
            "(TRACKER_AUDIT_KEY or instance/audit_key); if it is lost for good: flask audit "
            "rotate-key --old-key-lost."
        )


class InvalidInput(TrackerError):
    """Submitted values that a domain rule rejects: field name → message, already translated."""

    def __init__(self, **fields: str) -> None:
        super().__init__("; ".join(fields.values()))
        self.fields = fields


class BadQuery(TrackerError):
    """A filter or page value in the address that does not exist: 400, with the field named.
    `field`: the query parameter; `label`: its name, shown before the message, "" for none; `value`:
    which of several values is wrong; `choices`: the valid values of a closed set; `others`: further
    errors in the same address.
    """

    def __init__(
        self,
        field: str,
        message: str,
        *,
        label: object = "",
        value: str = "",
        choices: Sequence[StrEnum] = (),
    ) -> None:
        super().__init__(message)
        self.field = field
        self.label = label
        self.value = value
        self.choices = choices
        self.others: Sequence[BadQuery] = ()

    def matches_parameter(self, name: str, text: str) -> bool:
        """Return whether a query parameter with this name and value is the invalid one."""
        return name == self.field and self.value in {"", text.strip()}


class Forbidden(TrackerError):
    """The actor may not do this to this record: 403."""


class NotFound(TrackerError):
    """No such record for this viewer: 404, the same for a hidden, missing or malformed ref."""


class StaleRecord(TrackerError):
    """Another user saved the record after this form was opened: HTTP status 409.
    `differences`: the `EditConflict` of each field; `may_insist`: the user may overwrite what is
    stored; `instead`: by field, the stored inputs (name, value) to send for the fields that only
    the other user changed, and new digests (`shown`); `in_history`: old values are in the history.
    """

    def __init__(
        self,
        differences: Sequence[Any],
        *,
        record: Any,  # noqa: ANN401 (whatever has a version; nothing of the tracker is known here)
        instead: Mapping[str, Sequence[tuple[str, str]]] | None = None,
        may_insist: bool = True,
        in_history: bool = True,
    ) -> None:
        super().__init__("stale")
        self.differences = differences
        self.record = record
        self.instead = instead or {}
        self.may_insist = may_insist
        self.in_history = in_history


def collect_errors(
    *reads: Callable[[], Any], can_continue: Callable[[], bool] = lambda: True
) -> list[Any]:
    """Return the results of several functions; raise one InvalidInput with all their errors.
    `can_continue`: returns whether the next function can be called after an error.

    So a form shows all its errors at once.
    """
    found: list[Any] = []
    refused: dict[str, str] = {}
    for read in reads:
        try:
            found.append(read())
        except InvalidInput as error:
            refused |= error.fields
            if not can_continue():
                break
    if refused:
        raise InvalidInput(**refused)
    return found


def redacted_traceback(error: BaseException) -> str:
    """Return the traceback of an error without its message, which may contain personal data.

    A message may quote what the database or a parser was given: names, addresses, whole texts.
    """
    lines = []
    behind: BaseException | None = error
    seen: set[int] = set()
    while behind is not None and id(behind) not in seen:
        seen.add(id(behind))
        frames = traceback.extract_tb(behind.__traceback__)
        lines += [f"{type(behind).__module__}.{type(behind).__qualname__}"]
        lines += [f"  {one.filename}:{one.lineno} {one.name}" for one in frames]
        context = None if behind.__suppress_context__ else behind.__context__
        behind = behind.__cause__ or context
    return "\n".join(lines)
