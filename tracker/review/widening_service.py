"""Opening a record to everybody who signs in, together with the people and sources it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect
from sqlalchemy.orm import MANYTOONE

from tracker.audit.service import audited
from tracker.errors import InvalidInput, Refused
from tracker.i18n import _
from tracker.people.mention_queries import closed_journalists, names_of, texts_of
from tracker.people.mention_queries import shown_by as journalists_shown_by
from tracker.people.mention_rules import mentions
from tracker.permissions import Visibility, may_edit
from tracker.review.models import Reviewable
from tracker.scoping import Scoped, narrower

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tracker.permissions import Actor


def shown_by(record: Any) -> list[Any]:  # noqa: ANN401 (a reviewed record of any feature)
    """Return the people and sources that a record shows, and those that these show in turn.

    Records that are reviewed stand by themselves: a link to one that the viewer may not see is
    empty and tells nothing, whereas a quote or a name would.
    """
    found: dict[str, Any] = {}
    waiting = [record]
    while waiting:
        for one in _pointed_to(waiting.pop()):
            if one is not None and one.ref not in found:
                found[one.ref] = one
                waiting.append(one)
    return list(found.values())


def refuse_showing(
    visibility: Visibility, shown: Iterable[Scoped | None], *, field: str = "visibility"
) -> None:
    """Raise InvalidInput where a record would show others to more people than may see them."""
    hidden: list[Any] = narrower(visibility, shown)
    if hidden:
        names = ", ".join(f"{one.heading()} ({one.ref})" for one in hidden)
        raise InvalidInput(
            **{
                field: _(
                    "Only its team may see %(names)s: open that to everybody first, or keep "
                    "this to the team.",
                    names=names,
                )
            }
        )


def refuse_hidden(visibility: Visibility, record: Any) -> None:  # noqa: ANN401 (as above)
    """Raise InvalidInput where opening a record would open what its editor may not see."""
    widens = visibility is Visibility.INTERNAL and record.visibility is not visibility
    if widens and _hides(record):
        raise InvalidInput(
            visibility=_("It shows somebody, or a source, that is not shown to you: keep it so.")
        )


def to_open(record: Any) -> list[Any]:  # noqa: ANN401 (as above)
    """Return what has to be opened with the record: the restricted people and sources it shows."""
    return narrower(Visibility.INTERNAL, shown_by(record))


def widen(record: Any, *, named: Iterable[str], by: Actor) -> None:  # noqa: ANN401 (as above)
    """Let everybody who signs in see a record and the people and sources that it shows."""
    open_together(record, to_open(record), named=named, by=by)


def open_together(
    record: Any,  # noqa: ANN401 (as above)
    shown: Iterable[Any],
    *,
    named: Iterable[str],
    by: Actor,
) -> None:
    """Let everybody who signs in see a record and all that has to be opened with it.

    `named`: the refs that the actor was told would be opened; one more than these is refused. Who
    sees a record is no part of its text: an approved one stays approved.
    """
    opened = [*shown, record]
    told = {record.ref, *named}
    for one in opened:
        # What is not reviewed shows nothing by itself, or is asked for by what shows it.
        if isinstance(one, Reviewable):
            refuse_hidden(Visibility.INTERNAL, one)
    if any(one.ref not in told for one in opened):
        raise InvalidInput(opening=_("It shows more than was listed. Read the list again."))
    _refuse_closed_names(opened)
    for one in opened:
        if not may_edit(by, one):
            raise Refused(_("Only staff of the team that keeps a record may open it to others."))
        with audited(one, f"{one.ENDPOINT.removesuffix('s')}:widen", by=by):
            one.visibility = Visibility.INTERNAL


def _refuse_closed_names(opened: Iterable[Any]) -> None:
    """Raise InvalidInput where opening would name somebody who is not to be named outside the
    team.
    """
    closed = [(one, names_of(one)) for one in closed_journalists()]
    named: dict[str, list[str]] = {}
    for one in opened:
        about, texts = set(journalists_shown_by(one)), list(texts_of(one))
        for journalist, names in closed:
            if any(mentions(text, names, alone=journalist.id in about) for text in texts):
                named.setdefault(journalist.name, []).append(one.ref)
    if named:
        raise InvalidInput(
            opening=_(
                "Somebody is named here who is not to be named outside the team: %(names)s. Change "
                "or mask these words first.",
                names="; ".join(f"{name} ({', '.join(refs)})" for name, refs in named.items()),
            )
        )


def _hides(record: Any) -> bool:  # noqa: ANN401 (as above)
    return any(one is None for shown in (record, *shown_by(record)) for one in _pointed_to(shown))


def _pointed_to(row: Any) -> Iterator[Any]:  # noqa: ANN401 (a record, or a row that hangs on one)
    """Yield the people and sources on which a record or its children stand, None where hidden."""
    for relation in inspect(type(row)).relationships:
        kind = relation.mapper.class_
        if relation.info.get("trail"):
            for child in getattr(row, relation.key):
                yield from _pointed_to(child)
        elif (
            relation.direction is MANYTOONE
            and issubclass(kind, Scoped)
            and not issubclass(kind, Reviewable)
        ):
            one = getattr(row, relation.key)
            key = next(iter(relation.local_columns))
            if one is not None or getattr(row, key.key) is not None:
                yield one
