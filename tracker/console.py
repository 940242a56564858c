"""Error handling for commands: exit code 0, or 1 with one line on stderr."""

from __future__ import annotations

import errno
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import click
from click import Context
from flask.cli import AppGroup
from sqlalchemy.exc import DBAPIError

from tracker.db import failure_reason
from tracker.errors import BadQuery, TrackerError


class Commands(AppGroup):
    """A group of commands of one feature; expected errors are printed as one line."""

    def invoke(self, ctx: Context) -> Any:  # noqa: ANN401 (click's own signature)
        """Run a command, and end it as every command ends."""
        with _handle_errors():
            return super().invoke(ctx)


class Command(click.Command):
    """A command that belongs to no group; it ends as the others do."""

    def make_context(self, *args: Any, **kwargs: Any) -> Context:  # noqa: ANN401 (click's own signature)
        """Read what it was given."""
        with _handle_errors():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: Context) -> Any:  # noqa: ANN401 (click's own signature)
        """Run it."""
        with _handle_errors():
            return super().invoke(ctx)


@contextmanager
def _handle_errors() -> Iterator[None]:
    try:
        yield
    except BadQuery as error:
        fail(f"{error.field}: {error}")
    except TrackerError as error:
        fail(str(error))
    except (DBAPIError, sqlite3.Error) as error:
        fail(failure_reason(error))
    except OSError as error:
        if error.errno == errno.EPIPE:
            # Anyone who reads the output has enough of it: click knows.
            raise
        fail(": ".join(str(one) for one in (error.filename, error.strerror) if one))
    except click.UsageError as error:
        # Click would print the usage too and end with 2.
        fail(error.format_message())


def fail(words: str) -> NoReturn:
    """End with 1 and one line on stderr."""
    click.echo(" ".join(words.split()), err=True)
    sys.exit(1)
