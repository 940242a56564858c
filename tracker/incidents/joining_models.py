"""What a row has by which a record of a higher feature is about an incident."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tracker.scoping import Follows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

    from sqlalchemy.orm import Mapped

    from tracker.incidents.models import Incident


class JoinsIncident(Follows):
    """A case, account or response has an incident by such a row. A mixin; `OWNER` names the record
    that has it, of which no two rows are about one incident.
    """

    OWNER: ClassVar[str]

    if TYPE_CHECKING:
        incident_id: Mapped[int]
        incident: Mapped[Incident | None]

    def settle(self, beside: Sequence[Self], twin: Self | None) -> None:
        """Fit in where it is about to be of another incident, which has the rows `beside` already.

        `twin`: the one among those that has the same owner, and stays in place of this one.
        """
