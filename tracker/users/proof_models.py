"""What somebody may do, held against who gave it: roles, teams, and whether they are let in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from tracker.audit.models import Proved
from tracker.users.models import Team, TeamMember, User, UserRole

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Row, Select

# Of whom no entry says that they were made, as of the console.
NO_RIGHTS: Mapping[str, Any] = {"roles": [[], []], "teams": [[], []]}


class Standing(Proved):
    """The roles and teams of a person, and whether they are disabled."""

    CALLED = "user"
    ACTS = ("user:create", "user:edit", "user:disable", "user:enable")
    SEALED = "users"

    @classmethod
    def to_prove(cls) -> Select[*tuple[Any, ...]]:
        """Select each person once for each role and team."""
        columns = (User.name, User.id, User.disabled_at, UserRole.role, Team.name.label("team"))
        with_roles = select(*columns).outerjoin(UserRole, UserRole.user_id == User.id)
        in_teams = with_roles.outerjoin(TeamMember, TeamMember.user_id == User.id)
        return in_teams.outerjoin(Team, Team.id == TeamMember.team_id).order_by(User.id)

    @classmethod
    def to_seal(cls) -> Select[str, int]:
        """Select the number of each, by which records say whose they are."""
        return select(User.name, User.id)

    @classmethod
    def is_as_told(cls, rows: Sequence[Row[Any]], told: Mapping[str, Any]) -> bool:
        """Say whether they are those of the newest entries. Whoever was made before such entries
        told of roles and teams has some that no entry holds, until somebody changes them.
        """
        if not rows:
            return True
        if told.get("id", rows[0].id) != rows[0].id:
            return False
        known = told if "user:create" in told else NO_RIGHTS
        here = {"roles": {one.role for one in rows}, "teams": {one.team for one in rows}}
        is_given = all(
            held - {None} == set(known[key][1]) for key, held in here.items() if key in known
        )
        let_in = max(told.get(act, 0) for act in ("user:create", "user:enable"))
        is_disabled = told.get("user:disable", 0) > let_in
        return is_given and is_disabled == (rows[0].disabled_at is not None)


class TeamName(Proved):
    """The name of a team: records say by its number who keeps them."""

    CALLED = "team"
    ACTS = ("team:create",)
    SEALED = "teams"

    @classmethod
    def to_prove(cls) -> Select[*tuple[Any, ...]]:
        """Select each team with its number."""
        return select(Team.name, Team.id).order_by(Team.id)

    @classmethod
    def to_seal(cls) -> Select[str, int]:
        """Select the same."""
        return select(Team.name, Team.id)

    @classmethod
    def is_as_told(cls, rows: Sequence[Row[Any]], told: Mapping[str, Any]) -> bool:
        """Say whether the name still belongs to the number with which the team was made."""
        return not rows or told.get("id", rows[0].id) == rows[0].id
