"""Record and edit journalists, outlets and institutions; erase confidential data.

Also their names, affiliations and external identifiers.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

from sqlalchemy import delete, select

from tracker import clock
from tracker.audit import service as audit_service
from tracker.audit.models import CommittedValue
from tracker.db import db
from tracker.errors import Forbidden, InvalidInput
from tracker.i18n import _
from tracker.kit.fields import set_fields
from tracker.people import models, queries
from tracker.people.codes import InstitutionKind, InstitutionLevel, NameKind
from tracker.people.matching import detect_script, name_keys, name_sort_key, normalize_name
from tracker.people.rules import (
    MAX_DOMAIN_OR_CHANNEL_LENGTH,
    MAX_NAME_LENGTH,
    is_web_address,
    parse_domain,
    unique_lines,
)
from tracker.permissions import Actor, Visibility
from tracker.records import set_record_author
from tracker.scoping import more_restricted_records
from tracker.when import When

# A record with names.
NamedModel = models.Journalist | models.Outlet | models.Institution
# The institutions that every new tracker has.
INSTITUTIONS_FILE = Path(__file__).parent / "data" / "institutions.toml"
# A record with names, whose type a function returns again.
NamedRecordType = TypeVar("NamedRecordType", models.Journalist, models.Outlet, models.Institution)


def default_team_id(actor: Actor) -> int:
    """Return the id of the team that owns what a user records, which is the user's first team;
    raise Forbidden for a user in no team.
    """
    if not actor.team_ids:
        raise Forbidden(_("You are in no team, so you cannot save this record."))
    return actor.team_ids[0]


def add_journalist(
    name: str,
    *,
    team_id: int,
    visibility: Visibility,
    country: str | None = None,
    notes: str = "",
    by: Actor,
    **details: Any,  # noqa: ANN401 (declared fields)
) -> models.Journalist:
    """Record a journalist; the caller has offered likely matches. `details`: by name, values of the
    model's declared fields of the section `details` (see `kit/fields.py`).
    """
    journalist = models.Journalist(
        country=country, notes=notes, team_id=team_id, visibility=visibility
    )
    set_fields(journalist, details, section="details")
    return _create_named_record(journalist, name, by=by)


def edit_journalist(
    journalist: models.Journalist,
    *,
    name: str,
    is_correction: bool,
    country: str | None,
    notes: str,
    visibility: Visibility,
    by: Actor,
    **details: Any,  # noqa: ANN401 (declared fields)
) -> None:
    """Edit a journalist. `is_correction`: the former name is not kept; `details`: by name, values
    of the model's declared fields of the section `details` (see `kit/fields.py`).

    Raises InvalidInput if this would share a withheld name, or a restricted outlet of theirs.
    """
    if journalist.is_withheld and visibility is not Visibility.RESTRICTED:
        raise InvalidInput(
            visibility=_(
                "This person must not be named outside the team: keep the record restricted."
            )
        )
    hidden = more_restricted_records(visibility, [one.outlet for one in journalist.affiliations])
    if hidden:
        names = ", ".join(outlet.heading for outlet in hidden)  # type: ignore[attr-defined]  # outlets
        raise InvalidInput(
            visibility=_("This would show restricted outlets to everybody: %(names)s.", names=names)
        )
    with audit_service.audited_change(journalist, audit_action(journalist), by=by):
        change_main_name(journalist, name, is_correction=is_correction)
        set_fields(journalist, details, section="details")
        journalist.country, journalist.notes = country, notes
        journalist.visibility = visibility
        journalist.mark_revised(by=by)


def add_outlet(
    name: str,
    *,
    team_id: int,
    visibility: Visibility,
    country: str | None = None,
    domains: str = "",
    channels: str = "",
    notes: str = "",
    by: Actor,
    **details: Any,  # noqa: ANN401 (declared fields)
) -> models.Outlet:
    """Record an outlet; the caller has offered likely matches. `domains`, `channels`: one per line;
    `details`: by name, values of the model's declared fields of the section `details` (see
    `kit/fields.py`).
    """
    outlet = models.Outlet(
        country=country,
        domains=_parse_domains(domains),
        channels=_parse_channels(channels),
        notes=notes,
        team_id=team_id,
        visibility=visibility,
    )
    set_fields(outlet, details, section="details")
    return _create_named_record(outlet, name, by=by)


def edit_outlet(
    outlet: models.Outlet,
    *,
    name: str,
    is_correction: bool,
    country: str | None,
    domains: str,
    channels: str,
    notes: str,
    visibility: Visibility,
    by: Actor,
    **details: Any,  # noqa: ANN401 (declared fields)
) -> None:
    """Edit an outlet. `is_correction`: the former name is not kept; `domains`, `channels`: one per
    line; `details`: by name, values of the model's declared fields of the section `details` (see
    `kit/fields.py`).
    """
    domains, channels = _parse_domains(domains), _parse_channels(channels)
    with audit_service.audited_change(outlet, audit_action(outlet), by=by):
        change_main_name(outlet, name, is_correction=is_correction)
        outlet.country = country
        set_fields(outlet, details, section="details")
        outlet.domains, outlet.channels = domains, channels
        outlet.notes = notes
        outlet.visibility = visibility
        outlet.mark_revised(by=by)


def add_institution(
    name: str,
    *,
    country: str | None = None,
    by: Actor,
    **details: Any,  # noqa: ANN401 (declared fields)
) -> models.Institution:
    """Record an institution; the caller has offered likely matches. `details`: by name, values of
    the model's declared fields of the section `details` (see `kit/fields.py`).
    """
    institution = models.Institution(country=country)
    set_fields(institution, details, section="details")
    return _create_named_record(institution, name, by=by)


def edit_institution(
    institution: models.Institution,
    *,
    name: str,
    is_correction: bool,
    country: str | None,
    by: Actor,
    **details: Any,  # noqa: ANN401 (declared fields)
) -> None:
    """Edit an institution. `is_correction`: the former name is not kept; `details`: by name, values
    of the model's declared fields of the section `details` (see `kit/fields.py`).
    """
    with audit_service.audited_change(institution, audit_action(institution), by=by):
        change_main_name(institution, name, is_correction=is_correction)
        set_fields(institution, details, section="details")
        institution.country = country
        institution.mark_revised(by=by)


def add_shipped_institutions(by: Actor) -> int:
    """Record the institutions of the shipped list that are missing; return how many.

    Existing ones are unchanged: users may have edited them.
    """
    missing = [
        one
        for one in shipped_institutions()
        if queries.institution_by_name(one.name, one.country) is None
    ]
    for shipped in missing:
        _create_shipped_institution(shipped, by=by)
    return len(missing)


def delete_shipped_institutions() -> list[str]:
    """Delete the shipped institutions and return their refs; raise InvalidInput if somebody changed
    one or added another. Called before all records of another tracker are loaded into an empty one.
    """
    shipped = {(one.name, one.country) for one in shipped_institutions()}
    found = list(db.session.scalars(select(models.Institution).order_by(models.Institution.id)))
    for one in found:
        if one.version > 1 or (one.name, one.country) not in shipped:
            words = _("This built-in institution was changed: %(name)s.", name=one.name)
            raise InvalidInput(institutions=words)
        db.session.delete(one)
    db.session.flush()
    return [one.ref for one in found]


def get_or_create_law_enforcement(country: str, by: Actor) -> models.Institution:
    """Return the institution "law enforcement, unspecified" of a country (two-letter code), created
    on first use.

    One per country, so that nobody invents several for sources that name no service.
    """
    shipped = unspecified_law_enforcement(country)
    return queries.institution_by_name(shipped.name, country) or _create_shipped_institution(
        shipped, by=by
    )


def _create_shipped_institution(shipped: ShippedInstitution, *, by: Actor) -> models.Institution:
    """Record an institution with all the names that it has in the shipped file."""
    institution = models.Institution(
        kind=shipped.kind, level=shipped.level, country=shipped.country
    )
    _set_main_name(institution, shipped.name)
    for name in shipped.official_names:
        attach_name(institution, name, NameKind.LEGAL)
    for name in shipped.other_names:
        attach_name(institution, name, NameKind.OTHER)
    return _create_named_record(institution, shipped.name, by=by)


def _create_named_record(record: NamedRecordType, name: str, *, by: Actor) -> NamedRecordType:
    """Store a new record with its main name, log it, and return it."""
    _set_main_name(record, name)
    set_record_author(record, by=by)
    with audit_service.audited_change(record, audit_action(record, "create"), by=by):
        pass
    return record


def _parse_domains(text: str) -> str:
    """Return a text with the host name of each line of a text, without duplicates, in lower case
    and without `www.`. Raise InvalidInput for a line that has no host name.
    """
    found = []
    for line in unique_lines(text):
        domain = parse_domain(line)
        if domain is None:
            raise InvalidInput(
                domains=_("“%(line)s” is not a domain; write one per line: orda.kz", line=line[:60])
            )
        found.append(domain)
    return "\n".join(dict.fromkeys(found))


def _parse_channels(text: str) -> str:
    """Return a text without empty and repeated lines; raise InvalidInput if a line is too long."""
    lines = unique_lines(text)
    if any(len(line) > MAX_DOMAIN_OR_CHANNEL_LENGTH for line in lines):
        raise InvalidInput(
            channels=_(
                "One channel per line, at most %(n)d characters.", n=MAX_DOMAIN_OR_CHANNEL_LENGTH
            )
        )
    return "\n".join(lines)


def validated_name(text: str) -> str:
    """Return a normalised name; raise InvalidInput for one that could not be found by search."""
    try:
        name = normalize_name(text)
    except ValueError:
        raise InvalidInput(
            name=_("A name cannot hold invisible characters; type it instead of pasting it.")
        ) from None
    if not name:
        raise InvalidInput(name=_("Give a name."))
    if len(name) > MAX_NAME_LENGTH:
        raise InvalidInput(name=_("At most %(n)d characters.", n=MAX_NAME_LENGTH))
    if not name_keys(name)[0]:
        raise InvalidInput(name=_("A name has at least one letter or digit."))
    return name


def _set_main_name(record: NamedModel, name: str) -> None:
    """Set the main name of a record, which is shown and by which lists are sorted. Add it to the
    rows of the record's names, unless it is one of them.
    """
    record.name = validated_name(name)
    record.sort_key = name_sort_key(record.name)
    if not any(row.name == record.name for row in record.names):
        attach_name(record, record.name, NameKind.OTHER)


def change_main_name(record: NamedModel, name: str, *, is_correction: bool) -> None:
    """Change the main name of a record inside the caller's `audited_change` block. The previous
    name stays as a former name, since sources use it. `is_correction`: it was a typing error, and
    is removed.
    """
    name, before = validated_name(name), record.name
    if name == before:
        return
    _validate_name_not_shared(record, name)
    for row in [*_name_rows(record)]:
        if row.name == before and is_correction:
            _name_rows(record).remove(row)
        elif row.name == before:
            row.kind = NameKind.FORMER
        elif row.name == name and row.kind is NameKind.FORMER:
            row.kind = NameKind.OTHER
    _set_main_name(record, name)


def add_name(record: NamedModel, name: str, *, kind: NameKind, by: Actor) -> None:
    """Add another name of a record, as sources use it; raise InvalidInput if it is there already,
    or is no valid name.
    """
    name = validated_name(name)
    if any(row.name == name for row in record.names):
        raise InvalidInput(name=_("This name is already here."))
    _validate_name_not_shared(record, name)
    with audit_service.audited_change(record, audit_action(record), by=by):
        attach_name(record, name, kind)
        record.mark_revised(by=by)


def remove_name(record: NamedModel, name_id: int, *, by: Actor) -> None:
    """Remove a name entered by mistake; raise InvalidInput for the main name. `name_id`: the id of
    the row of the name.
    """
    row = next((one for one in _name_rows(record) if one.id == name_id), None)
    if row is None:
        raise InvalidInput(name=_("This name is no longer here."))
    if row.name == record.name:
        raise InvalidInput(name=_("This is the main name: change it with “Edit”."))
    with audit_service.audited_change(record, audit_action(record), by=by):
        _name_rows(record).remove(row)
        record.mark_revised(by=by)


def audit_action(record: NamedModel, verb: str = "edit") -> str:
    """Return the audit action for a change of a named record, such as `journalist:edit`."""
    return f"{type(record).__name__.lower()}:{verb}"


def attach_name(record: NamedModel, name: str, kind: NameKind) -> None:
    """Add a validated name to the names of a record, with its keys and script. `add_name` also
    validates the name, and logs the change.
    """
    plain, loose = name_keys(name)
    row = queries.NAME_MODELS[type(record)]
    _name_rows(record).append(
        row(name=name, kind=kind, script=detect_script(name), matching_key=plain, loose_key=loose)
    )


def _validate_name_not_shared(record: NamedModel, name: str) -> None:
    """Raise InvalidInput if a journalist's name is redacted, and their further name `name` is in a
    text that other teams can read.
    """
    if isinstance(record, models.Journalist) and record.is_withheld:
        naming = queries.shared_records_naming([name], record.team_id)
        if naming:
            refs = ", ".join(one.ref for one in naming)
            raise InvalidInput(
                name=_(
                    "Others can read this name, and this person must not be named outside the "
                    "team. First mask it, change it or restrict these to the team: %(refs)s",
                    refs=refs,
                )
            )


def _name_rows(record: NamedModel) -> list[Any]:
    """Return the rows of all names of a record, as a list whose changes are stored."""
    return cast("list[Any]", record.names)


def add_affiliation(
    journalist: models.Journalist,
    outlet: models.Outlet,
    *,
    when: When,
    position: str = "",
    by: Actor,
) -> None:
    """Record that a journalist works or worked for an outlet, in a period and with a position.
    Raise InvalidInput if the outlet is restricted and the journalist is not.
    """
    if more_restricted_records(journalist.visibility, [outlet]):
        raise InvalidInput(
            **{"outlet-name": _("Everybody sees this journalist; this outlet is restricted.")}
        )
    with audit_service.audited_change(journalist, audit_action(journalist), by=by):
        journalist.affiliations.append(
            models.Affiliation(outlet=outlet, when=when, position=position)
        )
        journalist.mark_revised(by=by)


def remove_affiliation(journalist: models.Journalist, affiliation_id: int, *, by: Actor) -> None:
    """Remove an affiliation entered by mistake, or to be entered again with other dates; raise
    InvalidInput if there is none with this id.
    """
    found = next((one for one in journalist.affiliations if one.id == affiliation_id), None)
    if found is None:
        raise InvalidInput(position=_("This affiliation is no longer here."))
    with audit_service.audited_change(journalist, audit_action(journalist), by=by):
        journalist.affiliations.remove(found)
        journalist.mark_revised(by=by)


def add_reference(
    record: models.Journalist | models.Outlet,
    *,
    scheme: str,
    identifier: str,
    url: str = "",
    by: Actor,
) -> None:
    """Add the identifier of a journalist or outlet in an external list (`scheme`), such as CPJ.
    Raise InvalidInput if it is there already, or `url` is no web address.
    """
    if url and not is_web_address(url):
        raise InvalidInput(url=_("This is not the address of a web page (https://…)."))
    if any((one.scheme, one.identifier) == (scheme, identifier) for one in record.references):
        raise InvalidInput(identifier=_("This reference is already here."))
    with audit_service.audited_change(record, audit_action(record), by=by):
        if isinstance(record, models.Journalist):
            record.references.append(
                models.JournalistReference(scheme=scheme, identifier=identifier, url=url)
            )
        else:
            record.references.append(
                models.OutletReference(scheme=scheme, identifier=identifier, url=url)
            )
        record.mark_revised(by=by)


def remove_reference(
    record: models.Journalist | models.Outlet, reference_id: int, *, by: Actor
) -> None:
    """Remove an external identifier of a journalist or outlet, entered by mistake; raise
    InvalidInput if there is none with this id.
    """
    rows: list[models.JournalistReference | models.OutletReference] = [*record.references]
    found = next((one for one in rows if one.id == reference_id), None)
    if found is None:
        raise InvalidInput(identifier=_("This reference is no longer here."))
    with audit_service.audited_change(record, audit_action(record), by=by):
        record.references.remove(found)  # type: ignore[arg-type]  # it came out of this very list
        record.mark_revised(by=by)


@dataclass(frozen=True, slots=True)
class ShippedInstitution:
    """An institution in the shipped file. `official_names`: its names in the languages of its
    country; `other_names`: further names that sources use.
    """

    name: str
    kind: InstitutionKind
    level: InstitutionLevel
    country: str | None
    official_names: tuple[str, ...]
    other_names: tuple[str, ...]


def shipped_institutions() -> list[ShippedInstitution]:
    """Return the institutions of the shipped file, in its order."""
    return [
        ShippedInstitution(
            name=entry["name"],
            kind=InstitutionKind(entry["kind"]),
            level=InstitutionLevel(entry["level"]),
            country=entry.get("country"),
            official_names=tuple(entry.get("official", ())),
            other_names=tuple(entry.get("also", ())),
        )
        for entry in tomllib.loads(INSTITUTIONS_FILE.read_text(encoding="utf-8"))["institution"]
    ]


def unspecified_law_enforcement(country: str) -> ShippedInstitution:
    """Return a country's institution for a police force or service that a source leaves unnamed."""
    return ShippedInstitution(
        name="Law enforcement, unspecified",
        kind=InstitutionKind.POLICE,
        level=InstitutionLevel.NATIONAL,
        country=country,
        official_names=(
            "Правоохранительные органы, без уточнения",
            "Құқық қорғау органдары, нақтыланбаған",
        ),
        other_names=(),
    )


def request_erasure(journalist: models.Journalist, *, reason: str, by: Actor) -> models.Erasure:
    """Request an erasure of a journalist's data, which a second person has to approve. Raise
    InvalidInput without a reason, or if one is requested already.
    """
    if not reason.strip():
        raise InvalidInput(reason=_("Say why."))
    if queries.pending_erasure(journalist) is not None:
        raise InvalidInput(reason=_("Erasure is already requested."))
    audit_service.record_event("journalist:ask-erasure", journalist.ref, by=by)
    asked = models.Erasure(journalist=journalist, reason=reason.strip(), asked_by_id=by.id)
    db.session.add(asked)
    db.session.flush()
    return asked


def cancel_erasure(journalist: models.Journalist, *, by: Actor) -> None:
    """Cancel the open request for an erasure; nothing is erased. Raise InvalidInput if there
    is none.
    """
    asked = queries.pending_erasure(journalist)
    if asked is None:
        raise InvalidInput(end=_("There is no open request for erasure."))
    audit_service.record_event("journalist:end-erasure", journalist.ref, by=by)
    db.session.delete(asked)


def approve_erasure(journalist: models.Journalist, *, by: Actor) -> list[str]:
    """Erase a journalist's confidential data as the second person, and return the names of the
    tables to purge after the commit.

    Erased are the confidential row, the free text of the naming decisions and the values behind the
    audit log's commitments to both. The naming decisions themselves stay in force. Raises
    InvalidInput if there is no open request, or the actor made it.
    """
    forgot = {
        part: list(model.ERASED_COLUMNS)
        for model in models.ConfidentialJournalistRowMixin.__subclasses__()
        for part in model.audit_part_names(journalist.id)
    }
    audit_service.record_event(
        "journalist:erase", journalist.ref, by=by, changes={"forgot": forgot}
    )
    asked = queries.pending_erasure(journalist)
    if asked is None:
        raise InvalidInput(agree=_("There is no open request for erasure."))
    if asked.asked_by_id == by.id:
        raise InvalidInput(agree=_("A second person approves, not the one who requested it."))
    asked.agreed_by_id, asked.agreed_at = by.id, clock.utc_now()
    is_own = models.JournalistConfidential.journalist_id == journalist.id
    db.session.execute(delete(models.JournalistConfidential).where(is_own))
    audit_service.delete_committed_values(journalist.ref)
    tables = [models.JournalistConfidential.__tablename__, CommittedValue.__tablename__]
    for model in models.ConfidentialJournalistRowMixin.__subclasses__():
        for row in db.session.scalars(
            select(model).where(model.is_about_journalist(journalist.id))
        ):
            for name in model.ERASED_COLUMNS:
                setattr(row, name, "")
        subjects = db.session.scalars(model.audit_subject_refs(journalist.id)).all()
        audit_service.delete_committed_fields(
            subjects, model.AUDIT_ACTION, model.ERASED_COLUMNS, parts=forgot
        )
        tables.append(str(model.__tablename__))  # type: ignore[attr-defined]  # each is a table
    db.session.flush()
    return tables
