"""What of an error goes into a log: where it came about, never what it says, which people typed."""

from __future__ import annotations

import logging
import re
import sys
import time
import traceback
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
# Waitress and Flask name the address that they served, and addresses of people hold their names.
ADDRESS = re.compile(r"\b(serving|servicing|Exception on) /\S*")


def trace_of(error: BaseException) -> str:
    """Return the kinds of an error and of those behind it, and the lines of code they came by.

    A message may quote what the database or a parser was given: names, addresses, whole texts.
    """
    told = []
    behind: BaseException | None = error
    seen: set[int] = set()
    while behind is not None and id(behind) not in seen:
        seen.add(id(behind))
        frames = traceback.extract_tb(behind.__traceback__)
        told += [f"{type(behind).__module__}.{type(behind).__qualname__}"]
        told += [f"  {one.filename}:{one.lineno} {one.name}" for one in frames]
        context = None if behind.__suppress_context__ else behind.__context__
        behind = behind.__cause__ or context
    return "\n".join(told)


class Discreet(logging.Formatter):
    """Writes every record of every library without the words of errors, and without addresses."""

    # The trail counts in UTC too: one order for both, whatever the server takes for its time zone.
    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self) -> None:
        super().__init__(FORMAT)

    def format(self, record: logging.LogRecord) -> str:
        """Write one record; what another handler made of its error is not used."""
        record.exc_text = None
        return ADDRESS.sub(r"\1 a request", super().format(record))

    def formatException(  # noqa: N802 (the name that logging gives it)
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        """Write an error without its words."""
        return trace_of(ei[1]) if ei[1] is not None else ""


def log_discreetly() -> None:
    """Send the log of this process to stderr, in that form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Discreet())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
