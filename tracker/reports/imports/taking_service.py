"""Taking a file: every row becomes an incident, or none does; and taking that back."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from tracker import clock
from tracker.articles.codes import Bearing, SourceKind
from tracker.articles.service import add_article
from tracker.audit.service import audited
from tracker.db import db
from tracker.errors import InvalidInput
from tracker.i18n import _
from tracker.incidents.models import Incident
from tracker.incidents.queries import with_everything
from tracker.people.models import Journalist, Outlet
from tracker.permissions import Visibility
from tracker.reports.imports.codes import ImportState, RowFate
from tracker.reports.imports.mapping import ImportPlan
from tracker.reports.imports.models import ImportBatch, ImportRow
from tracker.reports.imports.queries import batches_of_file, incidents_by_key, people_called
from tracker.reports.imports.rows_service import store_bearers, store_incidents
from tracker.reports.imports.service import check_file
from tracker.reports.imports.values import Bearer, Made, Owner, bearers_of, made_of
from tracker.review.codes import EditorialState, RetractReason
from tracker.review.service import move
from tracker.scoping import seeing_all
from tracker.vocabulary.codes import TermSet
from tracker.vocabulary.queries import terms_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tracker.permissions import Actor
    from tracker.reports.imports.service import Checked

AT_ONCE = 5000
# What became of each row, and the number of its incident.
Fates = dict[int, tuple[RowFate, int]]


class Prepared:
    """All that a file becomes, made while nobody waits; `store` alone needs the write lock."""

    def __init__(self, batch: ImportBatch, checked: Checked, *, by: Actor) -> None:
        """Make the values of every row of a file that was found right."""
        plan = ImportPlan.from_json(batch.mapping)
        now = clock.now()
        signed = {
            "recorded_at": now, "updated_at": now, "recorded_by_id": by.id, "revised_by_id": by.id
        }  # fmt: skip
        owner = Owner(batch.team_id, Visibility.RESTRICTED, signed)
        drafts = checked.drafts
        self.people = bearers_of(
            _names(one.journalists for one in drafts), checked.journalists, "journalists", owner
        )
        self.outlets = bearers_of(
            _names(one.outlets for one in drafts), checked.outlets, "outlets", owner
        )
        terms, regions = _plain(TermSet.INCIDENT_TYPE), _plain(TermSet.REGION)
        self.made: list[Made] = []
        for draft in drafts:
            one = made_of(
                draft, terms=terms, regions=regions, people=self.people, outlets=self.outlets,
                unnamed=plan.unnamed, scheme=plan.scheme, owner=owner,
            )  # fmt: skip
            one.citation |= {"bearing": Bearing.SUPPORTS, "field": "", "cited_at": now}
            self.made.append(one)
        self.checked, self.known = checked, checked.known
        self.version, self.scheme = batch.version, plan.scheme

    def store(self, batch: ImportBatch, *, by: Actor) -> None:
        """Make every incident of the file in the transaction that is open, or none."""
        _refuse_taken(batch)
        if batch.version != self.version:
            raise InvalidInput(version=_("Somebody checked this file anew meanwhile: try again."))
        article = add_article(
            batch.file_name, kind=SourceKind.DOCUMENT, publisher_words=self.scheme,
            team_id=batch.team_id, visibility=Visibility.RESTRICTED, by=by,
        )  # fmt: skip
        db.session.flush()
        # By now nobody else writes, on PostgreSQL as well: the trail is locked.
        self._refuse_changed()
        with _uncollected():
            fates = self._store_all(article.id, by=by)
        for row, found in self.known.items():
            fates[row] = (RowFate.KNOWN, self._leads_to(found, fates))
        db.session.execute(
            update(ImportRow),
            [
                {"batch_id": batch.id, "number": row, "fate": fate, "incident_id": number}
                for row, (fate, number) in fates.items()
            ],
        )
        with audited(batch, "import:take", by=by):
            batch.article, batch.state = article, ImportState.TAKEN
            batch.revised(by=by)

    def _refuse_changed(self) -> None:
        """Raise InvalidInput where what is on record is not what it was when this was made."""
        was = self.checked
        if (
            incidents_by_key(self.scheme, was.keys) != was.by_key
            or people_called(Journalist, self.people) != was.journalists
            or people_called(Outlet, self.outlets) != was.outlets
        ):
            raise InvalidInput(
                version=_("What is on record changed meanwhile: try again. Nothing was imported.")
            )

    def _store_all(self, article_id: int, *, by: Actor) -> Fates:
        fates: Fates = {}
        with seeing_all("import: numbers of new rows are those after the last, of whichever team"):
            store_bearers(Journalist, _new(self.people), by=by)
            store_bearers(Outlet, _new(self.outlets), by=by)
            for at in range(0, len(self.made), AT_ONCE):
                some = self.made[at : at + AT_ONCE]
                numbers = store_incidents(some, article_id, by=by)
                fates |= {
                    one.row: (RowFate.MADE, number)
                    for one, number in zip(some, numbers, strict=True)
                }
        return fates

    def _leads_to(self, found: tuple[int, str] | int, fates: Fates) -> int:
        """Return the incident of a row: one on record, or what a row above it led to."""
        if isinstance(found, tuple):
            return found[0]
        above = self.known.get(found)
        return above[0] if isinstance(above, tuple) else fates[found][1]


def prepare(batch: ImportBatch, *, by: Actor) -> Prepared:
    """Check a file once more and make what is stored; raise InvalidInput where a row is wrong.

    It reads for as long as it takes and writes nothing.
    """
    _refuse_taken(batch)
    with _uncollected():
        checked = check_file(batch, ImportPlan.from_json(batch.mapping))
    if checked.problem_count:
        raise InvalidInput(
            version=_("Some rows are wrong: check the file again. Nothing was imported.")
        )
    if not checked.drafts:
        raise InvalidInput(version=_("Every row is on record already: there is nothing to import."))
    with _uncollected():
        return Prepared(batch, checked, by=by)


def _refuse_taken(batch: ImportBatch) -> None:
    if batch.state is not ImportState.CHECKED:
        raise InvalidInput(
            version=_("Check this file first; one that was taken is not taken again.")
        )
    same = batches_of_file(batch.sha256, batch.team_id)
    if same and same[0].state is ImportState.TAKEN:
        raise InvalidInput(
            version=_("The same file was imported already: %(ref)s", ref=same[0].ref)
        )


def retract_some(ids: Sequence[int], *, by: Actor) -> None:
    """Retract some drafts of an import; whoever brought the file may, nobody has touched them."""
    rows = select(Incident).where(Incident.id.in_(ids)).options(*with_everything())
    for incident in db.session.scalars(rows).unique():
        with audited(incident, "import:undo", by=by):
            move(incident, EditorialState.RETRACTED, by=by)
            incident.retract_reason = RetractReason.CODING_ERROR


def refuse_undoing(batch: ImportBatch) -> None:
    """Raise InvalidInput for a file that was not imported, or whose import was undone."""
    if batch.state is not ImportState.TAKEN:
        raise InvalidInput(version=_("Only what was imported can be undone."))


def end_undoing(batch: ImportBatch, *, by: Actor) -> None:
    """Say of a file that its import was undone."""
    refuse_undoing(batch)
    with audited(batch, "import:undo", by=by):
        batch.state = ImportState.UNDONE
        batch.revised(by=by)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Search no memory for cycles meanwhile: millions of small values that have none are made, and
    looking through them again and again takes most of the time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _names(lists: Iterable[Sequence[str]]) -> list[str]:
    return list(dict.fromkeys(name for names in lists for name in names))


def _new(bearers: dict[str, Bearer]) -> list[Bearer]:
    return [one for one in bearers.values() if one.is_new]


def _plain(terms: TermSet) -> dict[str, Any]:
    """Return the terms of a set by code, as what no session expires."""
    kept = ("id", "code", "rank", "label_en", "label_ru", "label_kk")
    return {
        one.code: SimpleNamespace(**{name: getattr(one, name) for name in kept})
        for one in terms_of(terms)
    }
