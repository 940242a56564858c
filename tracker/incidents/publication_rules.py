"""Decide what of an incident may be published: names, actors, text, and what blocks it; pure.

`Any` stands for rows of the models, which this module must not import. The text is in English,
except the summaries: the public file has one column for each language.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from hashlib import sha256
from typing import Any, NamedTuple

from tracker import clock
from tracker.articles.codes import Bearing, SourceKind
from tracker.i18n import _, ngettext, use_language
from tracker.incidents import codes as incident_codes
from tracker.incidents.rules import ABUSIVE_LAWSUIT_TYPE, LAWSUIT_TYPES, title_date_parts
from tracker.people.rules import find_mentions
from tracker.permissions import Visibility
from tracker.review.codes import EditorialState
from tracker.when import Precision, format_edtf

# Decisions that forbid naming a target outside the team that owns the record of the person.
REDACTING_DECISIONS = frozenset(
    {incident_codes.NamingDecision.REFUSED, incident_codes.NamingDecision.WITHDRAWN}
)
# The values of `NameReach` with which a name is shared outside the organisation.
EXTERNAL_REACHES = frozenset(
    {
        incident_codes.NameReach.PARTNER,
        incident_codes.NameReach.INTERGOVERNMENTAL,
        incident_codes.NameReach.PUBLIC,
    }
)
# The values of `NameReach` with which a partner may read a name.
PARTNER_REACHES = (incident_codes.NameReach.PARTNER, incident_codes.NameReach.PUBLIC)
# The value of `NameReach` with which a name may be published.
PUBLIC_REACHES = (incident_codes.NameReach.PUBLIC,)
# The roles of targets that were attacked or impersonated; all other roles are collateral.
DIRECT_TARGET_ROLES = frozenset(
    {incident_codes.TargetRole.DIRECT, incident_codes.TargetRole.IMPERSONATED}
)
# Types of actors who act as officials. Such an actor may be named outside the organisation if
# certainly responsible, even without a judgment.
OFFICIAL_ACTOR_TYPES = frozenset(
    {
        incident_codes.ActorType.POLICE,
        incident_codes.ActorType.SECURITY_SERVICE,
        incident_codes.ActorType.PROSECUTOR,
        incident_codes.ActorType.COURT,
        incident_codes.ActorType.MINISTRY,
        incident_codes.ActorType.LOCAL_EXECUTIVE,
        incident_codes.ActorType.REGULATOR,
        incident_codes.ActorType.MILITARY,
    }
)
# The fields of `PublicText` that hold the public summary, one for each language.
SUMMARY_FIELDS = ("summary_en", "summary_ru", "summary_kk")


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicText:
    """The public text of a publication. A field with several values, such as `targets`, has these
    joined by ` | `.
    """

    title: str
    summary_en: str
    summary_ru: str
    summary_kk: str
    sources: str
    targets: str
    n_journalists: int
    primary_type: str
    types: str
    occurred_edtf: str
    reported_month: str
    country: str
    region: str
    verification: incident_codes.Verification


def public_text(
    incident: Any,  # noqa: ANN401 (an Incident with everything)
    withheld_in_sources: WithheldTargetsAndActors,
    source_ids_with_public_url: Collection[int],
) -> PublicText:
    """Return the public text of an incident, with only those names that may be published.
    `withheld_in_sources`: the targets and actors in incidents with the same sources whose names may
    not be published; `source_ids_with_public_url`: the ids of the sources whose address may be
    published.
    """
    types = [row.term for row in incident.types]
    with use_language("en"):
        return PublicText(
            title=incident.title or _build_title(incident),
            summary_en=incident.public_summary_en,
            summary_ru=incident.public_summary_ru,
            summary_kk=incident.public_summary_kk,
            sources=_join_list(
                _source_attributions(incident, withheld_in_sources, source_ids_with_public_url)
            ),
            targets=_join_list(public_target_name(target) for target in incident.targets),
            n_journalists=count_attacked_journalists(incident),
            primary_type=types[0].code if types else "",
            types=_join_list(term.code for term in types),
            occurred_edtf=format_edtf(
                incident.when, extent=incident.extent.value, ongoing=incident.is_ongoing == "yes"
            ),
            reported_month=reported_month(incident),
            country=incident.country,
            region=incident.region.code if incident.region else "",
            verification=incident.verification,
        )


def public_text_digest(text: Any) -> str:  # noqa: ANN401 (a PublicText, or a row that holds one)
    """Return the SHA-256 of a public text, as hexadecimal digits.

    The digest proves what was published even after the text had to be deleted.
    """
    said = "\0".join(str(getattr(text, one.name)) for one in fields(PublicText))
    return sha256(said.encode()).hexdigest()


def public_target_name(target: Any) -> str:  # noqa: ANN401 (an IncidentTarget)
    """Return a target's name if it may be published, else the text to show instead of it
    (`named_as`), else the number of people or the kind of target.
    """
    owners = {
        incident_codes.TargetKind.JOURNALIST: target.journalist,
        incident_codes.TargetKind.OUTLET: target.outlet,
    }
    # The outlet of somebody unnamed is where they work.
    owner = owners.get(target.kind)
    if _may_be_named_publicly(target) and (owner is not None or target.words):
        return str(owner.name if owner is not None else target.words)
    if target.named_as:
        return str(target.named_as)
    if target.kind is incident_codes.TargetKind.UNNAMED_GROUP and target.number_at_least:
        number = target.number_at_least
        return str(ngettext("at least %(num)d person", "at least %(num)d people", number))
    words = {
        incident_codes.TargetKind.JOURNALIST: _("a journalist"),
        incident_codes.TargetKind.OUTLET: _("an outlet"),
        incident_codes.TargetKind.UNNAMED_PERSON: _("a person"),
        incident_codes.TargetKind.UNNAMED_GROUP: _("a group of people"),
    }
    return str(words[target.kind])


@dataclass(frozen=True, slots=True)
class PublicationObstacle:
    """A reason that blocks the publication of an incident, or with `is_blocking` False only a note.
    `remedy`: the code of what would remove the obstacle, such as `summary`; see
    `incidents/publication_check.html`.
    """

    message: str
    remedy: str = ""
    is_blocking: bool = True


def publication_obstacles(
    incident: Any,  # noqa: ANN401 (an Incident with everything)
    text: PublicText,
    redacted_names: Iterable[list[str]],
    *,
    as_if_approved: bool = False,
) -> list[PublicationObstacle]:
    """Return every reason that blocks the publication of an incident. `text`: the public text;
    `redacted_names`: for each person whose name must not be published, all spellings of the name;
    `as_if_approved`: ignore that the incident is not approved yet.
    """
    said = {
        ("", _("It is not approved: a second person approves it first.")):
            incident.state is not EditorialState.APPROVED and not as_if_approved,
        ("share", _("Only its team may see it: staff of the team share it with all users first.")):
            incident.visibility is not Visibility.INTERNAL,
        ("summary",
         _("The public summary is missing: write it in at least one language.")):
            not any(getattr(text, name).strip() for name in SUMMARY_FIELDS),
        ("", _("A source or a person in it is not shown to you: only somebody who sees "
               "all of it can publish it.")):
            _has_hidden_source_or_target(incident),
        ("source", _("Only its team may see a source of it: staff of the team open that first.")):
            any(_is_restricted_source(one.article) for one in incident.citations),
    }  # fmt: skip
    found = [
        PublicationObstacle(str(words), remedy) for (remedy, words), holds in said.items() if holds
    ]
    named = dict.fromkeys(
        [*withheld_names_in(incident, text), *redacted_names_in(text, redacted_names)]
    )
    for words in named:
        reason = _(
            "The text names somebody whose name may not be published: “%(words)s”.", words=words
        )
        found.append(PublicationObstacle(str(reason), "names"))
    return found


def publication_notes(incident: Any) -> list[PublicationObstacle]:  # noqa: ANN401 (as above)
    """Return the notes that do not block publication but should be read before approval."""
    unnamed = [
        one
        for one in incident.targets
        if (one.journalist_id is not None or one.outlet_id is not None)
        and not _may_be_named_publicly(one)
    ]
    notes: list[PublicationObstacle] = []
    if unnamed:
        words = ngettext(
            "%(num)d target is published without a name: no naming consent.",
            "%(num)d targets are published without a name: no naming consent.",
            len(unnamed),
        )
        notes.append(PublicationObstacle(str(words), "naming", is_blocking=False))
    if incident.verification is incident_codes.Verification.UNKNOWN:
        words = _("How well it is supported is not assessed.")
        notes.append(PublicationObstacle(str(words), "verification", is_blocking=False))
    types = {row.term.code for row in incident.types}
    if types & LAWSUIT_TYPES and ABUSIVE_LAWSUIT_TYPE not in types:
        words = _("A monitor assesses whether the lawsuit is abusive (SLAPP).")
        notes.append(PublicationObstacle(str(words), "lawsuit", is_blocking=False))
    return notes


def redacted_names_in(text: PublicText, redacted_names: Iterable[list[str]]) -> list[str]:
    """Return the words of a public text that name a person whose name must not be published.
    `redacted_names`: for each such person, all spellings of the name.
    """
    texts = [words for words in asdict(text).values() if isinstance(words, str)]
    return list(
        dict.fromkeys(
            words[start:end]
            for names in redacted_names
            for words in texts
            for start, end in find_mentions(words, names)
        )
    )


def withheld_names_in(incident: Any, text: Any) -> list[str]:  # noqa: ANN401 (as above; a PublicText or what was published)
    """Return the words of a public text that name a target or an actor of the incident whose name
    may not be published.

    In the title, the list of targets or a summary. Whole words, in any script and case.
    """
    texts = [text.title, text.targets, *(getattr(text, name) for name in SUMMARY_FIELDS)]
    found: dict[str, None] = {}
    for names, alone in _withheld_names(incident.targets, incident.actors):
        for words in texts:
            spans = find_mentions(words, names, allow_single_words=alone)
            found |= dict.fromkeys(words[start:end] for start, end in spans)
    return list(found)


def count_attacked_journalists(incident: Any) -> int:  # noqa: ANN401 (as above)
    """Return how many named journalists an incident was aimed at, without collateral targets."""
    ids = {one.journalist_id for one in incident.targets if not is_collateral(one.role)}
    return len(ids - {None})


def reported_month(incident: Any) -> str:  # noqa: ANN401 (as above)
    """Return the month, YYYY-MM, of an incident's earliest article; if no article has a date, the
    month in which the incident was recorded.

    The incident counts in this month.
    """
    sources = [one.article for one in incident.citations]
    published = [one.latest for one in sources if one and one.precision is not Precision.UNKNOWN]
    day: date = min(published) if published else clock.local_date(incident.recorded_at)
    return day.isoformat()[: len("2025-06")]


def _build_title(incident: Any) -> str:  # noqa: ANN401 (as above)
    """Return a title made of the primary type, the public names of the targets that were attacked
    or impersonated, and the date.
    """
    first = incident.types[0].term.label_in("en") if incident.types else str(_("Incident"))
    attacked = [public_target_name(one) for one in incident.targets if not is_collateral(one.role)]
    parts = [*dict.fromkeys(attacked), *title_date_parts(incident)]
    return first + (": " + ", ".join(parts) if parts else "")


def _source_attributions(
    incident: Any,  # noqa: ANN401 (as above)
    withheld_in_sources: WithheldTargetsAndActors,
    source_ids_with_public_url: Collection[int],
) -> Iterable[str]:
    """Yield "according to …" with the publisher and address for each supporting source. A publisher
    that contains a withheld name is left out, and an address without a publisher.
    """
    targets = [*incident.targets, *withheld_in_sources.targets]
    kept_back = list(_withheld_names(targets, [*incident.actors, *withheld_in_sources.actors]))
    for one in incident.citations:
        source = one.article
        if source is None or one.bearing is not Bearing.SUPPORTS:
            continue
        publisher = source.publisher_name() if source.kind is SourceKind.ARTICLE else ""
        if any(
            find_mentions(publisher, names, allow_single_words=alone) for names, alone in kept_back
        ):
            publisher = ""
        address = source.url if publisher and source.id in source_ids_with_public_url else ""
        whom = ", ".join(part for part in (publisher, address) if part)
        yield str(_("according to %(whom)s", whom=whom or _("a source known to us")))


def _withheld_names(
    targets: Iterable[Any], actors: Iterable[Any]
) -> Iterable[tuple[list[str], bool]]:
    """Yield, for each target or actor whose name may not be published, all spellings of the name,
    and whether a single word of the name already identifies them.

    A person's surname does; a word such as "News" of an outlet's name does not.
    """
    for target in targets:
        owner = (
            target.journalist
            if target.kind is incident_codes.TargetKind.JOURNALIST
            else target.outlet
        )
        if not _may_be_named_publicly(target) and owner is not None:
            names = [owner.name, *(row.name for row in owner.names)]
            yield names, target.kind is incident_codes.TargetKind.JOURNALIST
    for actor in unnameable_actors(actors):
        yield [actor.name], is_identified_by_one_word(actor)


def _may_be_named_publicly(target: Any) -> bool:  # noqa: ANN401 (an IncidentTarget)
    """Return whether a target's name may be published."""
    return target.name_reach is incident_codes.NameReach.PUBLIC and not is_name_redacted(target)


def _has_hidden_source_or_target(incident: Any) -> bool:  # noqa: ANN401 (as above)
    """Return whether a source, journalist or outlet of an incident is hidden from the viewer."""
    return any(one.article is None for one in incident.citations) or any(
        (target.journalist_id is not None and target.journalist is None)
        or (target.outlet_id is not None and target.outlet is None)
        for target in incident.targets
    )


def _is_restricted_source(source: Any) -> bool:  # noqa: ANN401 (an Article or None)
    """Return whether only its team may see a source; False for None."""
    return source is not None and source.visibility is Visibility.RESTRICTED


def _join_list(parts: Iterable[str]) -> str:
    """Join texts by ` | `, each once."""
    return " | ".join(dict.fromkeys(part.replace("|", "/") for part in parts))


class WithheldTargetsAndActors(NamedTuple):
    """The targets and actors whose names must not be in a text that quotes some sources."""

    targets: Sequence[Any]
    actors: Sequence[Any]


def name_reach_of_decision(
    decision: incident_codes.NamingDecision,
    scope: incident_codes.NamingScope | None,
    *,
    is_collateral: bool = False,
    is_minor: bool = False,
    is_sexual: bool = False,
    is_written: bool = False,
) -> incident_codes.NameReach:
    """Return how far a target's name may be shared. `decision`, `scope`: what was decided, and the
    audience to which the target agreed; `is_collateral`: the target is close to a journalist;
    `is_minor`: the target is under 18; `is_sexual`: the incident has a type of sexual acts;
    `is_written`: the consent was given in writing.

    Collateral targets, minors and targets of sexual acts are named outside only with their written
    consent.
    """
    if decision in REDACTING_DECISIONS:
        return incident_codes.NameReach.TEAM
    reach = {
        incident_codes.NamingDecision.PUBLIC_RECORD: incident_codes.NameReach.PUBLIC,
        incident_codes.NamingDecision.CONSENTED: incident_codes.NameReach(scope.value)
        if scope
        else incident_codes.NameReach.HOUSE,
    }.get(decision, incident_codes.NameReach.HOUSE)
    agreed_in_writing = decision is incident_codes.NamingDecision.CONSENTED and is_written
    if (is_collateral or is_minor or is_sexual) and not agreed_in_writing:
        return incident_codes.NameReach.HOUSE
    return reach


def is_collateral(role: incident_codes.TargetRole) -> bool:
    """Return whether a target with this role was affected because of somebody else."""
    return role not in DIRECT_TARGET_ROLES


def is_name_redacted(target: Any) -> bool:  # noqa: ANN401 (an IncidentTarget)
    """Return whether a target's name is withheld from all exported files, because of the naming
    decision for this target, or because the journalist's name is redacted.
    """
    withheld = target.journalist is not None and target.journalist.is_withheld
    return target.name_reach is incident_codes.NameReach.TEAM or withheld


def reach_after_edit(
    reach: incident_codes.NameReach, *, consent_was_needed: bool, consent_is_needed: bool
) -> incident_codes.NameReach:
    """Return how far a name may be shared after an edit of the incident's types or the target's
    role; the naming decision itself is not read. `consent_was_needed`, `consent_is_needed`:
    whether naming the target required written consent before the edit, and requires it after the
    edit.

    If consent was not required before and is required now, the name stays inside the organisation
    until somebody reviews the decision.
    """
    return (
        incident_codes.NameReach.HOUSE
        if consent_is_needed and not consent_was_needed and reach in EXTERNAL_REACHES
        else reach
    )


def may_name_actor_outside(actor: Any) -> bool:  # noqa: ANN401 (an IncidentActor)
    """Return whether an actor may be named outside the organisation: the actor must be certainly
    responsible, and in addition either a judgment says so or the type is one of
    `OFFICIAL_ACTOR_TYPES`.
    """
    if actor.certainty is not incident_codes.Certainty.KNOWN:
        return False
    return (
        actor.attributed_by is incident_codes.AttributedBy.JUDGMENT
        or actor.actor_type in OFFICIAL_ACTOR_TYPES
    )


def unnameable_actors(actors: Iterable[Any]) -> list[Any]:
    """Return the actors with a name that may not be shared outside the organisation."""
    return [one for one in actors if one.name and not may_name_actor_outside(one)]


def is_identified_by_one_word(actor: Any) -> bool:  # noqa: ANN401 (as above)
    """Return whether one word of the name identifies the actor: a surname does, "News" does not."""
    return actor.actor_type is incident_codes.ActorType.PRIVATE_PERSON
