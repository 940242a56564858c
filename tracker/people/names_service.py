"""Every name of somebody as a row with its keys; renaming keeps the name before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from tracker.audit.service import audited
from tracker.errors import InvalidInput
from tracker.i18n import _
from tracker.people.codes import NameKind
from tracker.people.matching import clean_name, keys, script_of, sort_key
from tracker.people.mention_queries import open_records_naming
from tracker.people.models import Institution, Journalist, Outlet
from tracker.people.queries import NAME_ROWS
from tracker.people.rules import LONGEST_NAME

if TYPE_CHECKING:
    from tracker.permissions import Actor

Bearing = Journalist | Outlet | Institution


def checked_name(text: str) -> str:
    """Return a name as it is stored; raise InvalidInput for one that could not be found again."""
    try:
        name = clean_name(text)
    except ValueError:
        raise InvalidInput(
            name=_("A name cannot hold invisible characters; type it instead of pasting it.")
        ) from None
    if not name:
        raise InvalidInput(name=_("Give a name."))
    if len(name) > LONGEST_NAME:
        raise InvalidInput(name=_("At most %(n)d characters.", n=LONGEST_NAME))
    if not keys(name)[0]:
        raise InvalidInput(name=_("A name has at least one letter or digit."))
    return name


def call(bearer: Bearing, name: str) -> None:
    """Give a record its main name: the one shown, sorted by, and a row among its names."""
    bearer.name = checked_name(name)
    bearer.sort_key = sort_key(bearer.name)
    if not any(row.name == bearer.name for row in bearer.names):
        put_name(bearer, bearer.name, NameKind.OTHER)


def rename(bearer: Bearing, name: str, *, is_correction: bool) -> None:
    """Change the main name inside the caller's `audited` block.

    The name before stays among the names as a former one, by which sources go on calling the
    bearer, unless it was only a slip of ours.
    """
    name, before = checked_name(name), bearer.name
    if name == before:
        return
    _refuse_told(bearer, name)
    for row in [*_rows(bearer)]:
        if row.name == before and is_correction:
            _rows(bearer).remove(row)
        elif row.name == before:
            row.kind = NameKind.FORMER
        elif row.name == name and row.kind is NameKind.FORMER:
            row.kind = NameKind.OTHER
    call(bearer, name)


def add_name(bearer: Bearing, name: str, *, kind: NameKind, by: Actor) -> None:
    """Add one more name by which sources call the bearer."""
    name = checked_name(name)
    if any(row.name == name for row in bearer.names):
        raise InvalidInput(name=_("This name is already here."))
    _refuse_told(bearer, name)
    with audited(bearer, act(bearer), by=by):
        put_name(bearer, name, kind)
        bearer.revised(by=by)


def remove_name(bearer: Bearing, number: int, *, by: Actor) -> None:
    """Remove a name that was entered by mistake; the main one is changed by renaming."""
    row = next((one for one in _rows(bearer) if one.id == number), None)
    if row is None:
        raise InvalidInput(name=_("This name is no longer here."))
    if row.name == bearer.name:
        raise InvalidInput(name=_("This is the main name: change it with “Edit”."))
    with audited(bearer, act(bearer), by=by):
        _rows(bearer).remove(row)
        bearer.revised(by=by)


def act(bearer: Bearing, what: str = "edit") -> str:
    """Return how the trail calls something done to a bearer."""
    return f"{type(bearer).__name__.lower()}:{what}"


def put_name(bearer: Bearing, name: str, kind: NameKind) -> None:
    """Put a checked name among the names of a bearer, with its keys and script."""
    plain, loose = keys(name)
    row = NAME_ROWS[type(bearer)]
    _rows(bearer).append(
        row(name=name, kind=kind, script=script_of(name), matching_key=plain, loose_key=loose)
    )


def _refuse_told(bearer: Bearing, name: str) -> None:
    """Refuse one more name of somebody who is not to be named, where others read it already."""
    if isinstance(bearer, Journalist) and bearer.is_withheld:
        told = open_records_naming([name], bearer.team_id)
        if told:
            refs = ", ".join(one.ref for one in told)
            raise InvalidInput(
                name=_(
                    "Others read this name, and she is not to be named outside the team. Mask it, "
                    "change it or keep these to the team first: %(refs)s",
                    refs=refs,
                )
            )


def _rows(bearer: Bearing) -> list[Any]:
    """Return the names as rows of whichever table is the bearer's own."""
    return cast("list[Any]", bearer.names)
