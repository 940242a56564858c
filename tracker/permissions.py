"""Who may do what: roles give permissions, teams give scope. Pure, and read by every feature."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol


class Role(StrEnum):
    """What a person does here; one person may have several."""

    STAFF = "staff"
    MONITOR = "monitor"
    EXPORTER = "exporter"
    ADMIN = "admin"


class Permission(StrEnum):
    """What a view asks for with `@requires`."""

    READ = "read"
    LOG = "log"
    REVIEW = "review"
    EXPORT = "export"
    SHARE = "share"
    ADMINISTER = "administer"


class Visibility(StrEnum):
    """Who sees a record: everybody who signs in, or its team."""

    INTERNAL = "internal"
    RESTRICTED = "restricted"


GRANTS: dict[Role, frozenset[Permission]] = {
    Role.STAFF: frozenset({Permission.READ, Permission.LOG, Permission.EXPORT}),
    Role.MONITOR: frozenset({Permission.READ, Permission.REVIEW, Permission.EXPORT}),
    Role.EXPORTER: frozenset({Permission.READ, Permission.EXPORT, Permission.SHARE}),
    Role.ADMIN: frozenset({Permission.READ, Permission.ADMINISTER}),
}


class Actor(Protocol):
    """The person or console that performs an action."""

    @property
    def id(self) -> int:
        """Return the id stored in rows."""

    @property
    def name(self) -> str:
        """Return the name stored in the audit log."""

    @property
    def team_ids(self) -> list[int]:
        """Return the teams whose restricted records the actor sees."""

    def may(self, permission: Permission) -> bool:
        """Return whether one of the actor's roles grants the permission."""


# In whose name commands act where nobody is named; no row is signed so before its account is made.
CONSOLE = "console"


class Console:
    """The console as an actor, which has only a name."""

    id, name = 0, CONSOLE

    @property
    def team_ids(self) -> list[int]:
        """Return no teams."""
        return []

    def may(self, permission: Permission) -> bool:
        """Return False: it signs in nowhere."""
        del permission
        return False


class Owned(Protocol):
    """Anything that belongs to a team."""

    @property
    def team_id(self) -> int:
        """Return the team that owns the record."""


def may_edit(actor: Actor, record: Owned) -> bool:
    """Return whether the actor may change the record: staff, in their own teams only."""
    return actor.may(Permission.LOG) and record.team_id in actor.team_ids
