"""What is said of incidents by those who work on them."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, relationship

from tracker.db import Base
from tracker.incidents.models import Incident
from tracker.review.models import Comment, said
from tracker.scoping import follows


class IncidentComment(Comment, Base):
    """What was said of an incident, or is to be done about it."""

    __tablename__ = "incident_comments"
    __table_args__ = (follows("incidents", "record_id"), *said())

    record: Mapped[Incident] = relationship(back_populates="comments")
