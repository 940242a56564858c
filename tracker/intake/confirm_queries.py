"""What the confirm page looks up: who is on record, and which case an article carries on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select

from tracker.articles.known_queries import here_as_well, recorded_from
from tracker.articles.queries import citation_models
from tracker.audit.chain import digest
from tracker.cases.models import Case, CaseAccount, CaseIncident
from tracker.cases.queries import MOST_OFFERED, cases_to_file_in, filings_of, shelf_of
from tracker.cases.rules import TAKES_RECORDS
from tracker.db import db
from tracker.fake_accounts.models import AccountImpersonation, FakeAccount
from tracker.i18n import _
from tracker.incidents.models import Incident, IncidentTarget
from tracker.incidents.queries import for_a_line, latest_first
from tracker.intake.outcome_models import SuggestionOutcome
from tracker.intake.reading.text import Reading
from tracker.people.matching import keys
from tracker.people.models import Institution, Journalist, Outlet
from tracker.people.queries import (
    NAME_ROWS,
    likely_institutions,
    likely_journalists,
    likely_outlets,
)
from tracker.review.queries import counts
from tracker.web.filters import REF
from tracker.when import Precision

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from sqlalchemy import Select

    from tracker.articles.models import Article
    from tracker.permissions import Actor
    from tracker.when import When

# Names that are looked up at once; an article that names more people has a form of its own size.
MOST_NAMES = 20
# About four thousand words: what is longer is a report, and would take longer than anybody waits.
LONGEST_READ = 25_000
BEARERS: dict[str, tuple[type[Any], Callable[[str], list[Any]]]] = {
    "journalist": (Journalist, likely_journalists),
    "outlet": (Outlet, likely_outlets),
    "institution": (Institution, likely_institutions),
}


def reading_of_article(article: Article, published: When) -> Reading:
    """Return an article on record as the rules read it: the beginning of a very long one."""
    text = article.text
    if len(text) > LONGEST_READ:
        # Up to the end of a sentence; what is beyond is confirmed by its numbers.
        ends = [one.end for one in article.sentences if one.end <= LONGEST_READ]
        text = text[: ends[-1]] if ends else text[:LONGEST_READ]
    is_dated = published.precision is not Precision.UNKNOWN
    return Reading(
        text=text,
        language=article.language,
        title=article.title,
        authors=tuple(one.strip() for one in article.authors.split(",") if one.strip()),
        publisher=article.publisher_name(),
        published=published.latest if is_dated else None,
    )


def citing(article: Article) -> str:
    """Return a short digest of what cites an article, as far as the viewer sees; "" for nothing."""
    found = [
        f"{model.__name__} {number}"
        for model in citation_models()
        for number in db.session.scalars(
            select(model.id).where(model.article_id == article.id).order_by(model.id)
        )
    ]
    return digest(found)[:16] if found else ""


def has_outcomes(article: Article) -> bool:
    """Say whether it was kept before what became of the suggestions of an article."""
    rows = select(SuggestionOutcome.id).where(SuggestionOutcome.article_id == article.id)
    return db.session.scalar(rows.limit(1)) is not None


@dataclass(frozen=True, slots=True)
class OnRecord:
    """Those on record whom a name may mean; `exact` are the refs of those with an equal key."""

    offers: list[Any]
    exact: frozenset[str]


def on_record(names: Iterable[tuple[str, str]]) -> dict[tuple[str, str], OnRecord]:
    """Return who may be meant by each kind and name, the likeliest first; nobody is taken for
    anybody by it.
    """
    found: dict[tuple[str, str], OnRecord] = {}
    wanted = [one for one in dict.fromkeys(names) if one[0] in BEARERS and one[1]]
    for kind, name in wanted[:MOST_NAMES]:
        bearer, likely = BEARERS[kind]
        offers = likely(name)
        found[kind, name] = OnRecord(offers, _exact(bearer, name, offers))
    return found


def _exact(bearer: type[Any], name: str, offers: Collection[Any]) -> frozenset[str]:
    """Return the refs of those offered who bear a name with the same key."""
    if not offers:
        return frozenset()
    plain, loose = keys(name)
    row: Any = NAME_ROWS[bearer]
    bears = select(row.bearer_id).where(
        row.bearer_id.in_([one.id for one in offers]),
        or_(row.matching_key == plain, row.loose_key == loose),
    )
    ids = set(db.session.scalars(bears))
    return frozenset(one.ref for one in offers if one.id in ids)


def cases_offered(
    article: Article, people: Iterable[Any], *, by: Actor
) -> tuple[list[tuple[Case, str]], Case | None]:
    """Return the cases to file in, each with why it is proposed, "" for no reason; and the one that
    the article seems to carry on.
    """
    reasons: dict[int, str] = {}
    cases: dict[int, Case] = {}
    for case in _about(people, by=by):
        cases[case.id], reasons[case.id] = case, _("about the same people")
    for case, ref in _of_the_same_story(article, by=by):
        cases.setdefault(case.id, case)
        reasons[case.id] = _("holds what %(ref)s reports, which is the same story", ref=ref)
    proposed = next(iter(cases.values()), None)
    for case in cases_to_file_in([], by=by):
        cases.setdefault(case.id, case)
    return [(case, reasons.get(number, "")) for number, case in cases.items()], proposed


def incidents_in(case_ref: str, refs: Collection[str] = ()) -> list[Incident]:
    """Return the incidents that a case holds, and those of these refs, the latest first."""
    known = [ref for ref in refs if REF.fullmatch(ref)]
    filed = select(CaseIncident.incident_id).join(CaseIncident.case).where(Case.ref == case_ref)
    meant = [Incident.id.in_(filed)] if REF.fullmatch(case_ref) else []
    meant += [Incident.ref.in_(known)] if known else []
    if not meant:
        return []
    rows = latest_first(select(Incident).where(or_(*meant), counts(Incident)))
    return list(db.session.scalars(rows.options(*for_a_line()).limit(MOST_OFFERED)))


def _about(people: Iterable[Any], *, by: Actor) -> list[Case]:
    """Return the open cases of one's own teams that are about any of these people or outlets."""
    journalists = [one.id for one in people if isinstance(one, Journalist)]
    outlets = [one.id for one in people if isinstance(one, Outlet)]
    if not journalists and not outlets:
        return []
    by_incident = (
        select(CaseIncident.case_id)
        .join(CaseIncident.incident)
        .join(Incident.targets)
        .where(_is_one_of(IncidentTarget, journalists, outlets))
    )
    by_account = (
        select(CaseAccount.case_id)
        .join(CaseAccount.account)
        .join(FakeAccount.impersonates)
        .where(_is_one_of(AccountImpersonation, journalists, outlets))
    )
    rows = _open_cases(by).where(or_(Case.id.in_(by_incident), Case.id.in_(by_account)))
    return list(db.session.scalars(rows.limit(MOST_OFFERED)))


def _of_the_same_story(article: Article, *, by: Actor) -> list[tuple[Case, str]]:
    """Return the open cases in which records of this article stand, or of one that says the same,
    each with the ref of that.
    """
    earlier = [article, *here_as_well([article]).get(article.id, [])]
    if article.repeats is not None:
        earlier.append(article.repeats)
    told = recorded_from(earlier)
    refs = {
        record: one.ref
        for one in reversed(earlier)
        for record in told.get(one.id, ())
        if shelf_of(record) is not None
    }
    found: dict[int, tuple[Case, str]] = {}
    for record, rows in filings_of(list(refs)).items():
        for row in rows:
            case = row.case
            if case.team_id in by.team_ids and case.lifecycle in TAKES_RECORDS:
                found.setdefault(case.id, (case, refs[record]))
    return list(found.values())


def _open_cases(by: Actor) -> Select[Case]:
    return (
        select(Case)
        .where(Case.team_id.in_(by.team_ids), Case.lifecycle.in_(TAKES_RECORDS))
        .order_by(Case.updated_at.desc(), Case.ref)
    )


def _is_one_of(row: Any, journalists: list[int], outlets: list[int]) -> Any:  # noqa: ANN401 (a condition)
    return or_(row.journalist_id.in_(journalists), row.outlet_id.in_(outlets))
