"""Every table is held against the trail, or stands with a reason on the list of those that are not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.sql.util import find_tables

from tracker import models
from tracker.audit.commitment_queries import confidential_of_records
from tracker.audit.proof_models import Proved
from tracker.audit.unproved import UNPROVED
from tracker.db import Base
from tracker.records import kinds_of_record

if TYPE_CHECKING:
    from collections.abc import Iterator

PROVED_BY_THE_CHAIN = {models.AuditEvent, models.CommittedValue}


def with_children(model: type[Any]) -> Iterator[str]:
    """Return the tables of which the entries of a kind of record hold the digest."""
    mapper = sa.inspect(model)
    yield mapper.local_table.name
    for relation in mapper.relationships:
        if relation.info.get("trail"):
            yield from with_children(relation.mapper.class_)


def proved() -> set[str]:
    by_entries = {one for kind in kinds_of_record().values() for one in with_children(kind)}
    beside = {
        table.name
        for kind in Proved.__subclasses__()
        for table in find_tables(kind.to_prove(), include_joins=True)
    }
    confidential = {model for _kind, model in confidential_of_records()} | PROVED_BY_THE_CHAIN
    return by_entries | beside | {model.__tablename__ for model in confidential}


def test_no_table_is_in_neither() -> None:
    listed = [name for names in UNPROVED.values() for name in names]

    assert len(listed) == len(set(listed))
    assert set(Base.metadata.tables) - proved() == set(listed)
