"""Taking a file: every row becomes an incident, or none does."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NoReturn

from tracker import clock
from tracker.articles.codes import SourceKind
from tracker.articles.models import Article
from tracker.articles.service import add_article
from tracker.audit.service import audited, record_events
from tracker.db import db, roomy
from tracker.errors import InvalidInput
from tracker.i18n import _
from tracker.incidents.models import Incident
from tracker.people.models import Journalist, Outlet
from tracker.permissions import Visibility
from tracker.reports.imports.codes import ImportState, RowFate
from tracker.reports.imports.mapping import ImportPlan
from tracker.reports.imports.memory import uncollected
from tracker.reports.imports.queries import batches_of_file, incidents_by_key, people_called
from tracker.reports.imports.rows_service import (
    Work,
    add_bearers,
    add_incidents,
    are_free,
    dialect_name,
    free_numbers,
    tell_rows,
)
from tracker.reports.imports.service import check_file
from tracker.reports.imports.values import Bearer, Owner, bearers_of, made_of
from tracker.scoping import as_seen_by
from tracker.search.models import SearchEntry
from tracker.vocabulary.codes import TermSet
from tracker.vocabulary.queries import terms_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tracker.permissions import Actor
    from tracker.reports.imports.checked import Checked
    from tracker.reports.imports.models import ImportBatch

AT_ONCE = 5_000


class Prepared:
    """All that a file becomes, made while nobody waits; `store` alone needs the write lock."""

    def __init__(self, batch: ImportBatch, checked: Checked, *, by: Actor) -> None:
        """Make every row of a file that was found right, with its number."""
        self.checked, self.version = checked, batch.version
        self.plan, self.work = ImportPlan.from_json(batch.mapping), Work(dialect_name())
        self.owner, drafts = _owner(batch, by), checked.drafts
        self.people = bearers_of(
            _names(one.journalists for one in drafts), checked.journalists, "journalists",
            self.owner,
        )  # fmt: skip
        self.outlets = bearers_of(
            _names(one.outlets for one in drafts), checked.outlets, "outlets", self.owner
        )
        new = {Journalist: _new(self.people), Outlet: _new(self.outlets)}
        many = {kind: len(ones) for kind, ones in new.items()} | {Incident: len(drafts)}
        self.numbers = free_numbers({Article: 1, SearchEntry: sum(many.values()), **many})
        entries = iter(self.numbers[SearchEntry])
        for kind, ones in new.items():
            for one, number in zip(ones, self.numbers[kind], strict=True):
                one.id = number
            add_bearers(self.work, kind, ones, entries)
        self._add_incidents(entries)

    def _add_incidents(self, entries: Iterator[int]) -> None:
        terms, regions = _plain(TermSet.INCIDENT_TYPE), _plain(TermSet.REGION)
        drafts, numbers = self.checked.drafts, self.numbers[Incident]
        [article_id] = self.numbers[Article]
        for at in range(0, len(drafts), AT_ONCE):
            made = [
                made_of(
                    draft, terms=terms, regions=regions, people=self.people, outlets=self.outlets,
                    unnamed=self.plan.unnamed_words(), scheme=self.plan.scheme,
                    attributed_by=self.plan.attributed_by, owner=self.owner,
                )
                for draft in drafts[at : at + AT_ONCE]
            ]  # fmt: skip
            for one, number in zip(made, numbers[at : at + AT_ONCE], strict=True):
                one.belong(number, article_id)
            add_incidents(self.work, made, entries)
        self.became = {
            draft.row: (RowFate.MADE, number) for draft, number in zip(drafts, numbers, strict=True)
        }
        self.became |= {
            row: (RowFate.KNOWN, self._leads_to(found)) for row, found in self.checked.known.items()
        }

    def store(self, batch: ImportBatch, *, by: Actor) -> None:
        """Make every incident of the file in the transaction that is open, or none."""
        _refuse_taken(batch)
        if batch.version != self.version:
            raise InvalidInput(version=_("Somebody checked this file anew meanwhile: try again."))
        if not are_free(self.numbers):
            self._refuse()
        article = add_article(
            batch.file_name, kind=SourceKind.DOCUMENT, publisher_words=self.plan.scheme,
            number=self.numbers[Article][0],
            team_id=batch.team_id, visibility=Visibility.RESTRICTED, by=by,
        )  # fmt: skip
        db.session.flush()
        # By now nobody else writes, on PostgreSQL as well: the trail is locked.
        with as_seen_by(batch.team_id):
            self._refuse_changed()
        with roomy():
            for one in self.work.staged:
                one.run(db.session())
            tell_rows(batch.id, self.became)
            record_events(self.work.entries, by=by)
        with audited(batch, "import:take", by=by):
            batch.article, batch.state = article, ImportState.TAKEN
            batch.revised(by=by)

    def _refuse_changed(self) -> None:
        """Raise InvalidInput where what is on record is not what it was when this was made."""
        was = self.checked
        if (
            incidents_by_key(self.plan.scheme, was.keys) != was.by_key
            or people_called(Journalist, self.people) != was.journalists
            or people_called(Outlet, self.outlets) != was.outlets
        ):
            self._refuse()

    def _refuse(self) -> NoReturn:
        raise InvalidInput(
            version=_("What is on record changed meanwhile: try again. Nothing was imported.")
        )

    def _leads_to(self, found: tuple[int, str] | int) -> int:
        """Return the incident of a row: one on record, or what a row above it led to."""
        if isinstance(found, tuple):
            return found[0]
        above = self.checked.known.get(found)
        return above[0] if isinstance(above, tuple) else self.became[found][1]


def _owner(batch: ImportBatch, by: Actor) -> Owner:
    now = clock.now()
    signed = {
        "recorded_at": now, "updated_at": now, "recorded_by_id": by.id, "revised_by_id": by.id
    }  # fmt: skip
    return Owner(batch.team_id, Visibility.RESTRICTED, signed)


def prepare(batch: ImportBatch, *, checked: Checked | None = None, by: Actor) -> Prepared:
    """Make what is stored of a file, checked once more where it was not just now (`checked`); raise
    InvalidInput where a row is wrong. It reads for as long as it takes and writes nothing.
    """
    _refuse_taken(batch)
    checked = checked or check_file(batch, ImportPlan.from_json(batch.mapping))
    if checked.problem_count:
        raise InvalidInput(
            version=_("Some rows are wrong: check the file again. Nothing was imported.")
        )
    if not checked.drafts:
        raise InvalidInput(version=_("Every row is on record already: there is nothing to import."))
    with uncollected():
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
