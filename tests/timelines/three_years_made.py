"""The case of three years (`three_years.toml`) as records of the database."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from tests.cases.records_made import make_account, make_case, make_incident, make_response
from tests.factories import (
    make_article,
    make_institution,
    make_journalist,
    make_outlet,
    make_type,
)
from tests.responses.appeals_made import make_appeal
from tests.responses.proceedings_made import make_proceeding
from tracker.articles.codes import Bearing, Language, SourceKind
from tracker.articles.models import Article
from tracker.articles.service import build_citation
from tracker.cases.models import Case
from tracker.cases.service import file_records
from tracker.fake_accounts.codes import (
    AccountEvent,
    AccountKind,
    SuccessionBasis,
    SuccessionCertainty,
)
from tracker.fake_accounts.models import (
    AccountCitation,
    AccountImpersonation,
    AccountSuccession,
    FakeAccountEvent,
    IncidentAccount,
)
from tracker.incidents.codes import (
    ActorType,
    Extent,
    IncidentLinkKind,
    PurportedAs,
    StatusOfTarget,
    TargetKind,
)
from tracker.incidents.models import (
    IncidentActor,
    IncidentCitation,
    IncidentLink,
    IncidentTarget,
    TargetStatus,
)
from tracker.people.codes import InstitutionKind
from tracker.people.models import Institution, Journalist, Outlet
from tracker.responses.codes import (
    ActType,
    AnswerScope,
    AppealKind,
    AppealOutcome,
    ProceedingKind,
    QuoteIs,
    Stance,
    Standing,
)
from tracker.responses.models import (
    AppealCitation,
    ProceedingCitation,
    ResponseAct,
    ResponseAnswer,
    ResponseCitation,
)
from tracker.responses.rules import resolve_substantive
from tracker.review.codes import EditorialState, RetractReason
from tracker.timelines.build import Fact
from tracker.timelines.codes import EntryKind
from tracker.users.models import User
from tracker.vocabulary.codes import Answer
from tracker.when import When, parse_when

DATA = tomllib.loads((Path(__file__).parent / "three_years.toml").read_text(encoding="utf-8"))
TODAY: date = DATA["today"]
# The kinds of records in the file, in the order in which they are created.
CITED: dict[str, Any] = {
    "incidents": IncidentCitation, "accounts": AccountCitation, "responses": ResponseCitation,
    "appeals": AppealCitation, "proceedings": ProceedingCitation,
}  # fmt: skip
# A record with one entry has no name for the entry.
WHOLE = {EntryKind.INCIDENT, EntryKind.ACCOUNT, EntryKind.RESPONSE, EntryKind.APPEAL}


@dataclass
class Affair:
    """The case, and its records by their names in the file."""

    case: Case
    dana: Journalist
    tobyl: Outlet
    sources: dict[str, Article] = field(default_factory=dict)
    bodies: dict[str, Institution] = field(default_factory=dict)
    records: dict[str, Any] = field(default_factory=dict)
    refs: dict[str, str] = field(default_factory=dict)

    def name_of(self, fact: Fact) -> str:
        """Return the file's name of an entry."""
        name = next(one for one, ref in self.refs.items() if ref == fact.ref)
        if fact.kind in WHOLE:
            return name
        if fact.kind is EntryKind.SILENCE:
            return f"silence {name}"
        part = "countermeasure" if fact.kind is EntryKind.COUNTERMEASURE else fact.types[0].code
        return f"{name} {part}"


def rows_of(name: str) -> list[tuple[str, str]]:
    """Return the dated parts of a record: their codes ("" for the record itself) and dates."""
    rows = [(row[0].partition(" "), row[1]) for row in DATA["story"]]
    return [(part, when) for (of, _space, part), when in rows if of == name]


def at(typed: str, name: str) -> When:
    """Return a date of a record; nothing in it is after its first source, or else after today."""
    one = next(DATA[kind][name] for kind in CITED if name in DATA[kind])
    is_open = typed.startswith("after") or not typed
    days = [published(source).latest for source in one.get("cites", ()) if is_open]
    return parse_when(typed, latest_possible_date=min(days, default=TODAY))


def published(source: str) -> When:
    return parse_when(DATA["sources"][source]["published"], latest_possible_date=TODAY)


def make_affair(*, by: User) -> Affair:
    """Create the case, each record on the day that follows from the file."""
    made = Affair(
        make_case("Dana Serik and the channels", by=by),
        make_journalist("Dana Serik", by=by),
        make_outlet("Tobyl Times", by=by),
    )
    for name, one in DATA["sources"].items():
        made.sources[name] = make_article(
            one["title"], text=one["text"], language=Language(one["language"]),
            kind=SourceKind(one.get("kind", "article")), published=published(name), by=by,
            publisher_words="Tobyl Times", url=f"https://tobyl.example/{name}",
        )  # fmt: skip
    for name, one in DATA["bodies"].items():
        made.bodies[name] = make_institution(
            one["name"], kind=InstitutionKind(one["kind"]), country=one.get("country"), by=by
        )
    for kind, make in MAKERS.items():
        for name, one in DATA[kind].items():
            made.records[name] = make(made, name, one, by)
            _cite(made, CITED[kind], made.records[name], one.get("cites", {}))
            _log(made.records[name], name, one)
    file_records(made.case, list(made.records.values()), by=by)
    made.refs = {name: one.ref for name, one in (("case", made.case), *made.records.items())}
    return made


def _cite(made: Affair, citation: Any, record: Any, cites: dict[str, str]) -> None:
    for source, sentences in cites.items():
        bearing = Bearing.CONTRADICTS if sentences[0] == "!" else Bearing.SUPPORTS
        words = sentences.removeprefix("!")
        record.citations.append(
            build_citation(citation, made.sources[source], words, bearing=bearing)
        )


def _log(record: Any, name: str, one: dict[str, Any]) -> None:
    """Date the creation of a record: the day after its first source, else after its first entry.

    Its last change is on the day after its last entry.
    """
    dated = sorted(at(when, name).latest for _part, when in rows_of(name))
    first = min((published(source).latest for source in one.get("cites", ())), default=dated[0])
    later = one.get("later", {})
    record.recorded_at = _morning_after(first)
    record.updated_at = _morning_after(max(first, dated[-1], *later.values()))
    for source, citation in zip(one.get("cites", ()), record.citations, strict=True):
        citation.cited_at = _morning_after(later.get(source, first))


def _morning_after(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(6), UTC)


def _incident(made: Affair, name: str, one: dict[str, Any], by: User) -> Any:
    given: dict[str, Any] = {"extent": Extent(one.get("extent", "once"))}
    if "retracted" in one:
        given["state"] = EditorialState.RETRACTED
        given["retract_reason"] = RetractReason(one["retracted"])
    code = make_type(one["type"]).code
    incident = make_incident(one["title"], by=by, journalist=made.dana, code=code, **given)
    rows = rows_of(name)
    incident.when = next(at(when, name) for part, when in rows if not part)
    incident.targets[0].statuses = [
        TargetStatus(status=StatusOfTarget(part), when=at(when, name))
        for part, when in rows
        if part
    ]
    if name in {"search", "site_blocked"}:
        incident.targets.append(IncidentTarget(kind=TargetKind.OUTLET, outlet=made.tobyl))
    if one.get("posed"):
        incident.actors = [
            IncidentActor(actor_type=ActorType.UNKNOWN, purported_as=PurportedAs.POLICE)
        ]
    if "part_of" in one:
        incident.links = [
            IncidentLink(other=made.records[one["part_of"]], kind=IncidentLinkKind.PART_OF)
        ]
    return incident


def _account(made: Affair, name: str, one: dict[str, Any], by: User) -> Any:
    rows = [(part, when) for part, when in rows_of(name) if part]
    by_whom = made.bodies[one["blocked_by"]] if "blocked_by" in one else None
    events = tuple(
        FakeAccountEvent(
            event=AccountEvent(part), when=at(when, name),
            institution=by_whom if part in {"block_ordered", "blocked"} else None,
        )
        for part, when in rows
    )  # fmt: skip
    known: dict[str, Any] = {} if rows else {"identified": Answer.NO, "accounts_at_least": 2}
    called = f"Dana Serik, the {name}" if rows else ""
    account = make_account(called, by=by, events=events, kind=AccountKind.CHANNEL, **known)
    account.impersonates = [AccountImpersonation(journalist=made.dana)]
    account.incidents = [
        IncidentAccount(incident=made.records[incident])
        for incident, uses in DATA["incidents"].items()
        if name in uses.get("uses", ())
    ]
    if "after" in one:
        made.records[one["after"]].successors = [
            AccountSuccession(
                successor=account, certainty=SuccessionCertainty.LIKELY,
                basis=SuccessionBasis.SAME_PHOTOGRAPH,
            )
        ]  # fmt: skip
    return account


def _response(made: Affair, name: str, one: dict[str, Any], by: User) -> Any:
    acts = [
        ResponseAct(
            act=ActType(act), quote=said[0] if said else "", is_substantive=resolve_substantive(ActType(act), None),
            quote_is=QuoteIs(said[1]) if said else QuoteIs.REPORTED,
        )
        for act, *said in one["acts"]
    ]  # fmt: skip
    response = make_response(*acts, by=by, institution=made.bodies[one["by"]])
    response.when = at(rows_of(name)[-1][1], name)
    response.standing = Standing(one.get("standing", "responsible_state"))
    response.stance = Stance(one["stance"])
    response.answers_scope = AnswerScope(one.get("scope", "incidents"))
    response.answers = [
        ResponseAnswer(incident=made.records[incident]) for incident in one.get("to", ())
    ]
    return response


def _appeal(made: Affair, name: str, one: dict[str, Any], by: User) -> Any:
    appeal = make_appeal(
        *(made.records[incident] for incident in one["about"]), by=by, when=rows_of(name)[0][1],
        institution=made.bodies[one["to"]], kind=AppealKind(one["kind"]), due_on=one.get("due"),
        outcome=AppealOutcome(one.get("outcome", "pending")),
    )  # fmt: skip
    if "answer" in one:
        appeal.outcome = AppealOutcome.ANSWERED
        appeal.response = made.records[one["answer"]]
    return appeal


def _proceeding(made: Affair, name: str, one: dict[str, Any], by: User) -> Any:
    return make_proceeding(
        one["direction"], *rows_of(name), by=by, kind=ProceedingKind(one["kind"]),
        incidents=tuple(made.records[incident] for incident in one["about"]),
    )  # fmt: skip


MAKERS: dict[str, Callable[[Affair, str, dict[str, Any], User], Any]] = {
    "incidents": _incident, "accounts": _account, "responses": _response,
    "appeals": _appeal, "proceedings": _proceeding,
}  # fmt: skip
