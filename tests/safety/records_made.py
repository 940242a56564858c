"""A record of every kind with all its parts, and links between two sets of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from tests.factories import make_article, make_incident, make_institution, make_type
from tests.safety.files_made import appeal_about, proceeding_about
from tests.safety.names_made import close_names, refusing
from tracker.articles.codes import Independence
from tracker.articles.incoming import read_pasted_text
from tracker.articles.masking_service import mask_passages, resolve_passages
from tracker.articles.models import Article
from tracker.articles.queries import list_masks
from tracker.articles.service import build_citation
from tracker.audit.service import audited_change
from tracker.cases import service as cases
from tracker.cases.codes import CaseLinkKind
from tracker.cases.models import Case
from tracker.clock import current_date
from tracker.db import db
from tracker.fake_accounts import service
from tracker.fake_accounts.codes import (
    AccountEvent,
    AccountKind,
    SuccessionBasis,
    SuccessionCertainty,
)
from tracker.fake_accounts.models import AccountCitation, FakeAccount
from tracker.fake_accounts.service import AccountFacts, record_account
from tracker.incidents import section_service
from tracker.incidents.codes import (
    ActorType,
    AttributedBy,
    IncidentLinkKind,
    StatusOfTarget,
    TargetKind,
)
from tracker.incidents.models import Incident, IncidentCitation, IncidentTarget
from tracker.incidents.publication_service import publish
from tracker.incidents.service import ActorFacts, TargetFacts, record_incident, write_public_summary
from tracker.intake.codes import UnreadReason
from tracker.intake.inbox_service import receive_article, store_unreadable_file
from tracker.intake.models import IntakeItem
from tracker.people.codes import NameKind
from tracker.people.models import Institution, Journalist, Outlet
from tracker.people.service import (
    add_affiliation,
    add_journalist,
    add_name,
    add_outlet,
    add_reference,
)
from tracker.permissions import Visibility
from tracker.records import Record, record_models
from tracker.reports.imports.models import ImportBatch
from tracker.reports.imports.service import file_digest, receive_file
from tracker.reports.imports.tables import read_table
from tracker.responses import appeal_service, proceeding_service
from tracker.responses.codes import ActType, AnswerScope
from tracker.responses.models import OfficialResponse, Proceeding, ProceedingParty, ResponseCitation
from tracker.responses.service import ActFacts, ResponseFacts, record_response
from tracker.review.codes import RetractReason
from tracker.review.models import Reviewable
from tracker.review.service import add_comment, approve_record, retract_record, submit_record
from tracker.users.models import User
from tracker.vocabulary.codes import TermSet
from tracker.vocabulary.queries import find_term, list_active_terms
from tracker.when import parse_when

CITED = "2"


@dataclass
class Made:
    """One record by its ref and id, and the ids of its parts, by kind."""

    ref: str
    id: int
    parts: dict[str, int] = field(default_factory=dict)


@dataclass
class _Set:
    """The records of one place while they are created; every name in them starts with `word`."""

    word: str
    by: User
    whose: dict[str, Any]


def plant(word: str, *, by: User, visibility: Visibility) -> dict[str, Made]:
    """Create one record of every kind, linked to each other; a name of each starts with the
    word.
    """
    one = _Set(word.capitalize(), by, {"team_id": by.team_ids[0], "visibility": visibility})
    outlet, journalist = _people(one)
    institution = make_institution(f"{one.word} Council", by=by)
    add_name(institution, f"{one.word} Council Also", kind=NameKind.OTHER, by=by)
    article = _article(one, outlet)
    mask_passages(
        article, resolve_passages(article, "4", all_occurrences=False), reason="Her street.", by=by
    )
    incident = _incident(one, article, journalist)
    close_names(incident, one.word, **one.whose, by=by)
    account = _account(one, article, incident, journalist)
    response = _response(one, article, incident, institution)
    about = (one.word, article, incident, institution)
    appeal = appeal_about(*about, **one.whose, by=by)
    proceeding = proceeding_about(*about, concerns=journalist, **one.whose, by=by)
    case = _case(one, [incident, account, response, appeal, proceeding])
    db.session.flush()
    return {
        "outlets": _noted(outlet, name=outlet.names[-1], reference=outlet.references[0]),
        "journalists": _noted(
            journalist, name=journalist.names[-1], reference=journalist.references[0],
            affiliation=journalist.affiliations[0],
        ),
        "institutions": _noted(institution, name=institution.names[-1]),
        "articles": _noted(article, mask=list_masks(article)[0]),
        "incidents": _noted(
            incident, target=incident.targets[0], status=incident.targets[0].statuses[0],
            actor=incident.actors[0], citation=incident.citations[0],
            reference=incident.references[0], comment=incident.comments[0],
        ),
        "fake_accounts": _noted(
            account, event=account.events[0], use=account.incidents[0],
            citation=account.citations[0],
        ),
        "responses": _noted(response, answer=response.answers[0], citation=response.citations[0]),
        "appeals": _noted(appeal, incident=appeal.incidents[0], citation=appeal.citations[0]),
        "proceedings": _noted(
            proceeding, incident=proceeding.incidents[0], step=proceeding.steps[0],
            citation=proceeding.citations[0],
        ),
        "cases": _noted(case, reference=case.references[0]),
        "intake": _noted(_came_in(one)),
        "imports": _noted(_file_of_others(one)),
    }  # fmt: skip


def tie(ours: dict[str, Made], theirs: dict[str, Made], *, by: User) -> None:
    """Link records of one place to records of another in every way."""
    incident, account = _get(ours["incidents"]), _get(ours["fake_accounts"])
    ours["incidents"].parts |= _link_incidents(incident, _get(theirs["incidents"]), by)
    ours["fake_accounts"].parts |= _tie_accounts(account, _get(theirs["fake_accounts"]), by)
    service.add_incident(account, _get(theirs["incidents"]), by=by)
    appeal_service.add_incident(_get(ours["appeals"]), _get(theirs["incidents"]), by=by)
    proceeding_service.add_incident(_get(ours["proceedings"]), _get(theirs["incidents"]), by=by)
    case, other = _get(ours["cases"]), _get(theirs["cases"])
    cases.link_cases(case, other, CaseLinkKind.PARALLEL, by=by)
    db.session.flush()
    ours["cases"].parts["link"] = case.links[0].id
    kinds = ("incidents", "fake_accounts", "responses", "appeals", "proceedings")
    filed = [_get(theirs[kind]) for kind in kinds]
    cases.file_records(case, filed, by=by)
    facts = TargetFacts(kind=TargetKind.JOURNALIST, journalist=_get(theirs["journalists"]))
    section_service.add_target(incident, facts, by=by)
    db.session.flush()


def hide_behind(ours: dict[str, Made], hidden: dict[str, Made], *, by: User) -> None:
    """Link a record to what most of its readers may not see: their pages must cope."""
    incident: Incident = _get(ours["incidents"])
    incident.targets.append(
        IncidentTarget(kind=TargetKind.JOURNALIST, journalist=_get(hidden["journalists"]))
    )
    proceeding: Proceeding = _get(ours["proceedings"])
    with audited_change(proceeding, "proceeding:edit", by=by):
        proceeding.parties.append(ProceedingParty(journalist=_get(hidden["journalists"])))
    ours["incidents"].parts |= _link_incidents(incident, _get(hidden["incidents"]), by)
    ours["fake_accounts"].parts |= _tie_accounts(
        _get(ours["fake_accounts"]), _get(hidden["fake_accounts"]), by
    )
    case = _get(ours["cases"])
    cases.file_records(case, [_get(hidden["incidents"])], by=by)
    cases.link_cases(case, _get(hidden["cases"]), CaseLinkKind.PARALLEL, by=by)
    db.session.flush()
    ours["cases"].parts["link"] = case.links[0].id


def approve(made: dict[str, Made], *, staff: User, monitor: User) -> None:
    """Approve all records that can be, by two people, and publish the incident."""
    incident: Incident = _get(made["incidents"])
    # Without the word of its place, which is also in the journalist's name: no public text may have
    # it.
    incident.title = "Letters at the door"
    write_public_summary(
        incident, {"public_summary_en": "Letters came, as an outlet reports."}, by=staff
    )
    for one in made.values():
        record = _get(one)
        if isinstance(record, Reviewable):
            submit_record(record, by=staff)
            approve_record(record, note="", by=monitor)
    publish(incident, by=monitor)


def retracted(*, staff: User, monitor: User) -> str:
    """Return the ref of another incident, which a monitor retracted."""
    incident = make_incident(by=staff, who="a retracted editor")
    retract_record(
        incident, reason=RetractReason.DID_NOT_HAPPEN, note="It was a rumour.", by=monitor
    )
    return incident.ref


def _noted(record: Record, **parts: Any) -> Made:
    return Made(record.ref, record.id, {name: part.id for name, part in parts.items()})


def _get(made: Made) -> Any:
    model = record_models()[made.ref[:3]]
    return db.session.scalars(select(model).where(model.ref == made.ref)).one()


def _came_in(one: _Set) -> IntakeItem:
    """Return an open inbox item, which only its team sees whatever its article's visibility.

    Beside it is an unreadable file.
    """
    text = f"{one.word} readers wrote to their paper about what nobody has looked at yet."
    why, team_id = UnreadReason.BINARY, one.whose["team_id"]
    store_unreadable_file(one.word.encode(), f"{one.word}.html", why, team_id=team_id, by=one.by)
    return receive_article(
        read_pasted_text(text), file_name=f"{one.word} page.txt", **one.whose, by=one.by
    )


def _file_of_others(one: _Set) -> ImportBatch:
    """Return an uploaded file without a mapping yet, which only its team sees."""
    content = f"what,when\n{one.word} letters,2025-03-04\n".encode()
    return receive_file(
        read_table(content, f"{one.word}.csv"), sha256=file_digest(content),
        file_name=f"{one.word}.csv", team_id=one.whose["team_id"], by=one.by,
    )  # fmt: skip


def _people(one: _Set) -> tuple[Outlet, Journalist]:
    outlet = add_outlet(
        f"{one.word} News", country="KZ", notes=f"{one.word} paper", **one.whose, by=one.by
    )
    journalist = add_journalist(
        f"{one.word} Writer", country="KZ", notes=f"{one.word} remark", **one.whose, by=one.by
    )
    for bearer in (outlet, journalist):
        add_name(bearer, f"{bearer.name} Also", kind=NameKind.OTHER, by=one.by)
        add_reference(
            bearer, scheme="CPJ", identifier=f"{one.word}-1", url="https://cpj.example/1", by=one.by
        )
    when = parse_when("2020/2024", latest_possible_date=current_date())
    add_affiliation(journalist, outlet, when=when, position=f"{one.word} desk", by=one.by)
    return outlet, journalist


def _article(one: _Set, outlet: Outlet) -> Article:
    return make_article(
        f"{one.word} report",
        text=f"{one.word} words came first. Then {one.word} Writer was threatened. It ended there. "
        f"She lives in {one.word} lane. {refusing(one.word)} did not answer.",
        url=f"https://{one.word.lower()}.example/a",
        authors=f"{one.word} Author",
        publisher=outlet,
        published=parse_when("2025-06-20", latest_possible_date=current_date()),
        independence=Independence.TARGET_ITSELF,
        **one.whose,
        by=one.by,
    )


def _incident(one: _Set, article: Article, journalist: Journalist) -> Incident:
    incident = record_incident(
        types=[make_type("threat.death")],
        occurred=parse_when("2025-06-03", latest_possible_date=current_date()),
        country="KZ",
        region=list_active_terms(TermSet.REGION)[0],
        place=f"{one.word} street",
        targets=[TargetFacts(journalist=journalist, harm=f"{one.word} harm")],
        actor=ActorFacts(
            actor_type=ActorType.UNKNOWN, name=f"{one.word} Caller",
            attributed_by=AttributedBy.TARGET,
        ),
        article=article,
        quote=CITED,
        title=f"{one.word} threat",
        narrative=f"{one.word} story",
        **one.whose,
        by=one.by,
    )  # fmt: skip
    db.session.flush()
    section_service.add_status(
        incident, incident.targets[0].id, status=StatusOfTarget.LEFT_COUNTRY,
        when=parse_when("2025-06-10", latest_possible_date=current_date()), by=one.by,
    )  # fmt: skip
    incident.citations.append(build_citation(IncidentCitation, article, "1"))
    section_service.add_reference(incident, scheme="MFRR", identifier=f"{one.word}-2", by=one.by)
    write_public_summary(incident, {"public_summary_en": f"{one.word} in short"}, by=one.by)
    add_comment(incident, f"{one.word} talk", assigned_to=one.by.name, by=one.by)
    return incident


def _account(
    one: _Set, article: Article, incident: Incident, journalist: Journalist
) -> FakeAccount:
    account = record_account(
        AccountFacts(
            kind=AccountKind.PROFILE,
            platform=find_term(TermSet.PLATFORM, "telegram"),
            handle=f"{one.word.lower()}_true",
            url=f"https://t.me/{one.word.lower()}_true",
            displayed_name=f"{one.word} True",
            spreads=f"{one.word} rumour",
        ),
        impersonates=[journalist],
        incidents=[incident],
        citations=[build_citation(AccountCitation, article, CITED)],
        team_id=one.whose["team_id"],
        visibility=one.whose["visibility"],
        by=one.by,
    )
    when = parse_when("2025-06-11", latest_possible_date=current_date())
    service.add_event(
        account,
        AccountEvent.BLOCKED,
        when=when,
        article=article,
        quotes=[build_citation(AccountCitation, article, "1")],
        note=f"{one.word} note",
        by=one.by,
    )
    return account


def _response(
    one: _Set, article: Article, incident: Incident, institution: Institution
) -> OfficialResponse:
    return record_response(
        ResponseFacts(
            institution=institution,
            official=f"{one.word} Official",
            office=f"{one.word} Office",
            made=parse_when("2025-06-17", latest_possible_date=current_date()),
            answers_scope=AnswerScope.INCIDENTS,
            summary=f"{one.word} answer",
        ),
        acts=[ActFacts(act=ActType.STATEMENT, quote=CITED)],
        incidents=(incident,),
        citations=[build_citation(ResponseCitation, article, CITED)],
        team_id=one.whose["team_id"],
        visibility=one.whose["visibility"],
        by=one.by,
    )


def _case(one: _Set, records: list[Record]) -> Case:
    case = cases.open_case(
        f"{one.word} affair",
        country="KZ",
        summary=f"{one.word} gist",
        lead=one.by,
        **one.whose,
        by=one.by,
    )
    cases.file_records(case, records, by=one.by)
    cases.add_reference(case, scheme="UN", identifier=f"{one.word}-3", url="", by=one.by)
    return case


def _link_incidents(ours: Incident, theirs: Incident, by: User) -> dict[str, int]:
    section_service.add_link(ours, theirs, kind=IncidentLinkKind.FOLLOWS, by=by)
    db.session.flush()
    return {"link": ours.links[0].id}


def _tie_accounts(ours: FakeAccount, theirs: FakeAccount, by: User) -> dict[str, int]:
    service.add_succession(
        ours, theirs, certainty=SuccessionCertainty.LIKELY, basis=SuccessionBasis.SAME_NAME, by=by
    )
    db.session.flush()
    return {"succession": ours.successors[0].id}
