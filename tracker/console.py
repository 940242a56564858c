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


class CommandGroup(AppGroup):
    """A group of commands of one feature. A command exits with one line on stderr, and without a
    traceback, after a TrackerError or an error of the database, file system or command line.
    """

    def invoke(self, ctx: Context) -> Any:  # noqa: ANN401 (click's own signature)
        """Run a command, whose errors `_handle_errors` prints."""
        with _handle_errors():
            return super().invoke(ctx)


class Command(click.Command):
    """A command without a group. It exits with one line on stderr, and without a traceback, after a
    TrackerError or an error of the database, file system or command line.
    """

    def make_context(self, *args: Any, **kwargs: Any) -> Context:  # noqa: ANN401 (click's own signature)
        """Return the context of a command line; exit with one line on stderr if it is invalid."""
        with _handle_errors():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: Context) -> Any:  # noqa: ANN401 (click's own signature)
        """Run the command, whose errors `_handle_errors` prints."""
        with _handle_errors():
            return super().invoke(ctx)


@contextmanager
def _handle_errors() -> Iterator[None]:
    """Exit with one line on stderr if the `with` block raises TrackerError or an error of the
    database, the file system or the command line.
    """
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
            # The reader of the output closed it: click handles that.
            raise
        fail(": ".join(str(one) for one in (error.filename, error.strerror) if one))
    except click.UsageError as error:
        # Click would print the usage too and exit with 2.
        fail(error.format_message())


def fail(message: str) -> NoReturn:
    """Print a message as one line on stderr, and exit with 1."""
    click.echo(" ".join(message.split()), err=True)
    sys.exit(1)
