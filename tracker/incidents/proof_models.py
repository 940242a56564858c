"""What the world reads, held against what was published."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from tracker.audit.models import Proved, is_signed
from tracker.incidents.guarded_models import Publication
from tracker.incidents.models import Incident
from tracker.incidents.publication_rules import PublicText, digest_of
from tracker.users.models import User

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Row, Select


class Published(Proved):
    """What is told of an incident: as it was copied last, and nothing once it was taken back."""

    CALLED = "publication of"
    ACTS = ("publication:copy", "incident:withdraw", "review:retracted", "package:load")

    @classmethod
    def to_prove(cls) -> Select[*tuple[Any, ...]]:
        """Select each publication, and whether its incident was merged into another one."""
        told = Publication
        columns = (
            Incident.ref, Incident.merged_into_id, told.revision, told.version, told.withdrawn_at,
            told.published_at, User.name.label("publisher"),
        )  # fmt: skip
        text = [getattr(told, one.name) for one in fields(PublicText)]
        joined = select(*columns, *text).join(Incident, Incident.id == told.incident_id)
        return joined.outerjoin(User, User.id == told.published_by_id).order_by(Incident.id)

    @classmethod
    def is_as_told(cls, rows: Sequence[Row[Any]], told: Mapping[str, Any]) -> bool:
        """Say whether it is the newest copy, or withdrawn since."""
        copied = told.get("publication:copy", 0)
        if not copied and "package:load" in told:
            # It came in a package, if there is one: no entry holds what it said.
            return True
        if not rows or not copied:
            return not rows and not copied
        [row] = rows
        if row.version != told.get("version", row.version):
            return False
        if not is_signed(told, "publication:copy", by=row.publisher, at=row.published_at):
            return False
        last = max(told.get(act, 0) for act in cls.ACTS)
        taken_back = last > copied or row.merged_into_id is not None
        is_withdrawn = row.withdrawn_at is not None
        if is_withdrawn or taken_back:
            return is_withdrawn and taken_back
        return (told["revision"], told["sha256"]) == (row.revision, digest_of(row))
