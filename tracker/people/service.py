"""Recording journalists, outlets and institutions, and changing what is recorded about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import select

from tracker.audit.service import audited
from tracker.db import db
from tracker.errors import InvalidInput
from tracker.i18n import _
from tracker.people.bodies import bodies, unspecified_law_enforcement
from tracker.people.codes import (
    Gender,
    InstitutionKind,
    InstitutionLevel,
    JournalistKind,
    NameKind,
    Reliability,
)
from tracker.people.models import Institution, Journalist, Outlet
from tracker.people.names_service import act, call, put_name, rename
from tracker.people.queries import institution_named
from tracker.people.rules import LONGEST_LINE, domain_of, lines_of
from tracker.permissions import Visibility
from tracker.records import begin
from tracker.scoping import narrower

if TYPE_CHECKING:
    from tracker.people.bodies import Body
    from tracker.permissions import Actor

B = TypeVar("B", Journalist, Outlet, Institution)


def add_journalist(
    name: str,
    *,
    team_id: int,
    visibility: Visibility,
    country: str | None = None,
    kind: JournalistKind = JournalistKind.UNKNOWN,
    gender: Gender = Gender.UNKNOWN,
    notes: str = "",
    by: Actor,
) -> Journalist:
    """Record a journalist; whether she is on record under another spelling is asked before."""
    journalist = Journalist(
        kind=kind,
        gender=gender,
        country=country,
        notes=notes,
        team_id=team_id,
        visibility=visibility,
    )
    return _begun(journalist, name, by=by)


def edit_journalist(
    journalist: Journalist,
    *,
    name: str,
    is_correction: bool,
    kind: JournalistKind,
    gender: Gender,
    country: str | None,
    notes: str,
    visibility: Visibility,
    by: Actor,
) -> None:
    """Change what is recorded about a journalist."""
    if journalist.is_withheld and visibility is not Visibility.RESTRICTED:
        raise InvalidInput(visibility=_("She is not to be named outside the team: keep it so."))
    hidden = narrower(visibility, [one.outlet for one in journalist.affiliations])
    if hidden:
        names = ", ".join(outlet.heading() for outlet in hidden)  # type: ignore[attr-defined]  # outlets
        raise InvalidInput(
            visibility=_("This would show restricted outlets to everybody: %(names)s.", names=names)
        )
    with audited(journalist, act(journalist), by=by):
        rename(journalist, name, is_correction=is_correction)
        journalist.kind, journalist.gender = kind, gender
        journalist.country, journalist.notes = country, notes
        journalist.visibility = visibility
        journalist.revised(by=by)


def add_outlet(
    name: str,
    *,
    team_id: int,
    visibility: Visibility,
    country: str | None = None,
    domains: str = "",
    channels: str = "",
    reliability: Reliability = Reliability.NOT_SURE,
    notes: str = "",
    by: Actor,
) -> Outlet:
    """Record an outlet; whether it is on record under another spelling is asked before."""
    outlet = Outlet(
        country=country,
        domains=_domains(domains),
        channels=_channels(channels),
        reliability=reliability,
        notes=notes,
        team_id=team_id,
        visibility=visibility,
    )
    return _begun(outlet, name, by=by)


def edit_outlet(
    outlet: Outlet,
    *,
    name: str,
    is_correction: bool,
    country: str | None,
    domains: str,
    channels: str,
    reliability: Reliability,
    notes: str,
    visibility: Visibility,
    by: Actor,
) -> None:
    """Change what is recorded about an outlet."""
    domains, channels = _domains(domains), _channels(channels)
    with audited(outlet, act(outlet), by=by):
        rename(outlet, name, is_correction=is_correction)
        outlet.country, outlet.reliability = country, reliability
        outlet.domains, outlet.channels = domains, channels
        outlet.notes = notes
        outlet.visibility = visibility
        outlet.revised(by=by)


def add_institution(
    name: str,
    *,
    kind: InstitutionKind,
    level: InstitutionLevel = InstitutionLevel.UNKNOWN,
    country: str | None = None,
    by: Actor,
) -> Institution:
    """Record a body; whether it is on record under another name is asked before."""
    return _begun(Institution(kind=kind, level=level, country=country), name, by=by)


def edit_institution(
    institution: Institution,
    *,
    name: str,
    is_correction: bool,
    kind: InstitutionKind,
    level: InstitutionLevel,
    country: str | None,
    by: Actor,
) -> None:
    """Change what is recorded about a body."""
    with audited(institution, act(institution), by=by):
        rename(institution, name, is_correction=is_correction)
        institution.kind, institution.level = kind, level
        institution.country = country
        institution.revised(by=by)


def load_institutions(by: Actor) -> int:
    """Record the bodies that ship and are not here yet; return how many.

    Those that are here stay as they are: people may have renamed or completed them.
    """
    missing = [one for one in bodies() if institution_named(one.name, one.country) is None]
    for body in missing:
        _add_body(body, by=by)
    return len(missing)


def drop_unused_institutions() -> list[str]:
    """Delete the bodies that came with an empty tracker, which gets others; return their refs.

    For a tracker that has no other record. Raises InvalidInput where somebody changed or added one.
    """
    shipped = {(one.name, one.country) for one in bodies()}
    found = list(db.session.scalars(select(Institution).order_by(Institution.id)))
    for one in found:
        if one.version > 1 or (one.name, one.country) not in shipped:
            words = _("This institution is not as it came: %(name)s.", name=one.name)
            raise InvalidInput(institutions=words)
        db.session.delete(one)
    db.session.flush()
    return [one.ref for one in found]


def law_enforcement_of(country: str, by: Actor) -> Institution:
    """Return "law enforcement, unspecified" of a country, made when it is first asked for.

    One for each country, so that nobody invents three for sources which name no service.
    """
    body = unspecified_law_enforcement(country)
    return institution_named(body.name, country) or _add_body(body, by=by)


def _add_body(body: Body, *, by: Actor) -> Institution:
    institution = Institution(kind=body.kind, level=body.level, country=body.country)
    call(institution, body.name)
    for name in body.official:
        put_name(institution, name, NameKind.LEGAL)
    for name in body.also:
        put_name(institution, name, NameKind.OTHER)
    return _begun(institution, body.name, by=by)


def _begun(bearer: B, name: str, *, by: Actor) -> B:
    call(bearer, name)
    begin(bearer, by=by)
    with audited(bearer, act(bearer, "create"), by=by):
        pass
    return bearer


def _domains(text: str) -> str:
    """Return the host names of an outlet, one a line, as the hosts of addresses are compared."""
    found = []
    for line in lines_of(text):
        domain = domain_of(line)
        if domain is None:
            raise InvalidInput(
                domains=_("“%(line)s” is no domain; write one a line: orda.kz", line=line[:60])
            )
        found.append(domain)
    return "\n".join(dict.fromkeys(found))


def _channels(text: str) -> str:
    lines = lines_of(text)
    if any(len(line) > LONGEST_LINE for line in lines):
        raise InvalidInput(
            channels=_("One channel a line, at most %(n)d characters.", n=LONGEST_LINE)
        )
    return "\n".join(lines)
