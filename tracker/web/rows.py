"""Several rows of one small form, whatever numbers somebody gives them in the request."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wtforms import FieldList

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# What `isdigit` lets through is more than `int` reads.
NUMBER = re.compile(r"[0-9]{1,4}")


class RowsField(FieldList):  # type: ignore[type-arg]  # generic in its stubs alone
    """Rows of one small form; numbers of rows that no form gave are left alone."""

    def _extract_indices(self, prefix: str, formdata: Iterable[str]) -> Iterator[int]:
        start = len(prefix) + 1
        for name in formdata:
            if name.startswith(prefix + "-"):
                number = name[start:].partition("-")[0]
                if NUMBER.fullmatch(number):
                    yield int(number)
