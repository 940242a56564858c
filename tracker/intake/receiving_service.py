"""Taking in one file after another: what became of each, whatever became of the others."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tracker.articles.service import AlreadyHere
from tracker.errors import InvalidInput
from tracker.intake.codes import UnreadReason
from tracker.intake.inbox_rules import kept_name
from tracker.intake.inbox_service import keep_unread, read, receive

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.articles.models import Article
    from tracker.intake.models import IntakeItem
    from tracker.permissions import Actor, Visibility


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of one file: `item` where it was stored, `found` where it is here already, else
    `words` say why not.
    """

    name: str
    item: IntakeItem | None = None
    found: Sequence[Article] = field(default_factory=list)
    words: str = ""


def take_in(
    content: bytes,
    file_name: str,
    *,
    keep: bool = False,
    team_id: int,
    visibility: Visibility,
    by: Actor,
) -> Taken:
    """Read a file and store what came out of it, or it itself. It reads before it asks the database
    anything, so that nobody waits; the caller commits where there is an item, and else rolls back.
    """
    name = kept_name(file_name)
    try:
        came = read(content, file_name)
        if isinstance(came, UnreadReason):
            item = keep_unread(content, file_name, came, keep=keep, team_id=team_id, by=by)
        else:
            item = receive(
                came,
                file_name=file_name,
                keep=keep,
                team_id=team_id,
                visibility=visibility,
                by=by,
            )
    except AlreadyHere as error:
        return Taken(name=name, found=error.found)
    except InvalidInput as error:
        return Taken(name=name, words=str(error))
    return Taken(name=name, item=item)
