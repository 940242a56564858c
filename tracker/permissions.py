"""Who may do what: roles grant permissions, teams limit them to records; pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol


class Role(StrEnum):
    """The role of a user; a user may have several."""

    STAFF = "staff"
    MONITOR = "monitor"
    EXPORTER = "exporter"
    ADMIN = "admin"


class Permission(StrEnum):
    """A permission that a view requires by `@require_permission`."""

    READ = "read"
    # To add and edit records.
    LOG = "log"
    REVIEW = "review"
    EXPORT = "export"
    # To export files for partners and the public.
    SHARE = "share"
    ADMINISTER = "administer"


class Visibility(StrEnum):
    """Who sees a record: all users, or its team."""

    INTERNAL = "internal"
    RESTRICTED = "restricted"


PERMISSIONS_OF_ROLE: dict[Role, frozenset[Permission]] = {
    Role.STAFF: frozenset({Permission.READ, Permission.LOG, Permission.EXPORT}),
    Role.MONITOR: frozenset({Permission.READ, Permission.REVIEW, Permission.EXPORT}),
    Role.EXPORTER: frozenset({Permission.READ, Permission.EXPORT, Permission.SHARE}),
    Role.ADMIN: frozenset({Permission.READ, Permission.ADMINISTER}),
}


class Actor(Protocol):
    """The person or console that performs an action."""

    @property
    def id(self) -> int:
        """The id stored in rows."""

    @property
    def name(self) -> str:
        """The name stored in the audit log."""

    @property
    def team_ids(self) -> list[int]:
        """The ids of the teams whose restricted records the actor sees."""

    def has_permission(self, permission: Permission) -> bool:
        """Return whether one of the actor's roles grants the permission."""


# The name of the actor of commands that name no user, and of its account, which is created when the
# first row must refer to it.
CONSOLE_NAME = "console"


class ConsoleActor:
    """The command line as an actor, for commands that name no user."""

    id, name = 0, CONSOLE_NAME

    @property
    def team_ids(self) -> list[int]:
        """No teams."""
        return []

    def has_permission(self, permission: Permission) -> bool:
        """Return False: the console never signs in."""
        del permission
        return False


class OwnedRecord(Protocol):
    """A record that belongs to a team."""

    @property
    def team_id(self) -> int:
        """The id of the team that owns the record."""


def can_edit(actor: Actor, record: OwnedRecord) -> bool:
    """Return whether an actor may edit a record: staff may edit the records of their own teams."""
    return actor.has_permission(Permission.LOG) and record.team_id in actor.team_ids
