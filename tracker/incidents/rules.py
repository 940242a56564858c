"""Rules of incidents: valid values, the primary type, and titles and labels; pure.

`Any` stands for rows of the models, which use these functions and so cannot be imported here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tracker import i18n
from tracker.articles.codes import Bearing, Independence, SourceKind
from tracker.i18n import _, localized_date, ngettext, use_language
from tracker.incidents import codes as incident_codes
from tracker.people.codes import Gender
from tracker.permissions import Actor, Permission
from tracker.review.codes import APPROVED_STATES, EditorialState
from tracker.vocabulary.labels import get_label
from tracker.when import format_when

# The type of an abusive lawsuit: set by a monitor who assessed the criteria, never by the user who
# recorded the incident.
ABUSIVE_LAWSUIT_TYPE = "legal.slapp"
# The types of lawsuits that a monitor can assess as abusive, and the type that this assessment
# adds.
LAWSUIT_TYPES = frozenset(
    {"legal.civil", "legal.criminal", "legal.administrative", ABUSIVE_LAWSUIT_TYPE}
)
# The type with which a form of detention is recorded.
DETENTION_TYPE = "legal.detention"
# Types that are meaningless without a narrative.
TYPES_NEEDING_NARRATIVE = frozenset({"other", "intimidation.other"})
# Types of sexual acts: their quotes are hidden behind a warning, and their targets named only with
# written consent.
SEXUAL_TYPES = frozenset({"threat.sexual", "harassment.sexual", "physical.sexual_violence"})
# The rank of the type for impersonating officials in an incident with other types. It is above all
# ranks in the vocabulary (the highest is 999, of `other`), so another type is the primary one.
OFFICIAL_IMPERSONATION_RANK = 1000
# Identities whose use is the impersonation of officials.
OFFICIAL_IDENTITIES = frozenset(
    {
        incident_codes.PurportedAs.POLICE,
        incident_codes.PurportedAs.SECURITY_SERVICE,
        incident_codes.PurportedAs.PROSECUTOR,
        incident_codes.PurportedAs.COURT,
        incident_codes.PurportedAs.MINISTRY,
        incident_codes.PurportedAs.LOCAL_EXECUTIVE,
        incident_codes.PurportedAs.REGULATOR,
        incident_codes.PurportedAs.MILITARY,
    }
)
MIN_REPEATED_OCCURRENCES = 2
MIN_SOURCES_TO_CONFIRM = 2
MAX_NAMES_IN_TITLE = 3  # the most targets that a proposed title names
# The codes of two rows of tables of figures: what nobody recorded, what the viewer may not see.
NOT_RECORDED_CODE, WITHHELD_CODE = "none", "withheld"
# For some tables of numbers, the enumeration whose values are the codes of the rows.
CODE_ENUM_BY_TABLE: dict[incident_codes.FigureTable, type[StrEnum]] = {
    incident_codes.FigureTable.VERIFICATION: incident_codes.Verification,
    incident_codes.FigureTable.ACTOR: incident_codes.ActorType,
    incident_codes.FigureTable.PURPORTED: incident_codes.PurportedAs,
    incident_codes.FigureTable.PEOPLE: incident_codes.PeopleCounted,
    incident_codes.FigureTable.GENDER: Gender,
}
# Tables that have one number and no codes.
TABLES_OF_ONE_NUMBER = (incident_codes.FigureTable.ALL, incident_codes.FigureTable.OCCURRENCES)
# The codes of the rows of each table of numbers. Tables by incident type, by region or by the
# categories of another organisation are left out, since editors of the vocabulary may add rows to
# these.
ROW_CODES_BY_TABLE: dict[incident_codes.FigureTable, frozenset[str]] = {
    **{
        table: frozenset({*codes, NOT_RECORDED_CODE, WITHHELD_CODE})
        for table, codes in CODE_ENUM_BY_TABLE.items()
    },
    **{table: frozenset({"all"}) for table in TABLES_OF_ONE_NUMBER},
}
# The tables whose rows are the categories of another organisation, each with the categories that
# the code knows. Editors of the vocabulary may add others: `Term.crosswalk` has, for each incident
# type, the category in each of these tables.
HEADINGS_BY_CROSSWALK_TABLE: dict[incident_codes.FigureTable, type[StrEnum]] = {
    incident_codes.FigureTable.SDG: incident_codes.SdgHeading,
    incident_codes.FigureTable.JFJ: incident_codes.JfjHeading,
    incident_codes.FigureTable.ADS: incident_codes.AdsHeading,
}


@dataclass(frozen=True, slots=True)
class CitedSource:
    """A cited source, as the check of a verification counts it. `source_key`: the same for articles
    that count as one source together; `independence`: None if it is not known.
    """

    source_key: str
    kind: SourceKind
    independence: Independence | None
    bearing: Bearing


def rank_by_type_code(vocabulary_ranks: Mapping[str, int]) -> dict[str, int]:
    """Return the rank of each type of one incident, by code: the rank in the vocabulary, but for
    impersonating officials the last one. `vocabulary_ranks`: the rank in the vocabulary of each
    type, by code.
    """
    if len(vocabulary_ranks) == 1:
        return dict(vocabulary_ranks)
    return {
        code: OFFICIAL_IMPERSONATION_RANK
        if code == incident_codes.OFFICIAL_IMPERSONATION_TYPE
        else rank
        for code, rank in vocabulary_ranks.items()
    }


def is_official_impersonation(purported_as: incident_codes.PurportedAs | None) -> bool:
    """Return whether actors who posed as `purported_as` impersonated officials."""
    return purported_as in OFFICIAL_IDENTITIES


def may_write_summary(actor: Actor, state: EditorialState) -> bool:
    """Return whether the actor may write the public summary of an incident as a monitor: the
    incident must be in review, approved or published.

    In review, the summary is saved only together with the approval. Staff of the team may write it
    in any state.
    """
    return actor.has_permission(Permission.REVIEW) and state in APPROVED_STATES | {
        EditorialState.IN_REVIEW
    }


def may_assess_lawsuit(actor: Actor, recorded_by_id: int | None) -> bool:
    """Return whether the actor may assess a lawsuit: a monitor who did not record the incident."""
    return actor.has_permission(Permission.REVIEW) and recorded_by_id not in {None, actor.id}


def is_valid_occurrence_count(
    extent: incident_codes.Extent, occurrences_at_least: int | None
) -> bool:
    """Return whether an incident of this extent may have this number of occurrences: only a
    repeated one has a number, at least 2.
    """
    if occurrences_at_least is None:
        return True
    return (
        extent is incident_codes.Extent.REPEATED
        and occurrences_at_least >= MIN_REPEATED_OCCURRENCES
    )


def is_valid_detention_form(
    type_codes: Collection[str], form: incident_codes.DetentionForm
) -> bool:
    """Return whether a form of detention is valid for an incident with these type codes: only one
    with `DETENTION_TYPE` has a form.
    """
    return form is incident_codes.DetentionForm.NOT_APPLICABLE or DETENTION_TYPE in type_codes


def lacks_required_narrative(type_codes: Collection[str], narrative: str) -> bool:
    """Return whether one of these type codes needs a narrative and the narrative is empty."""
    return not TYPES_NEEDING_NARRATIVE.isdisjoint(type_codes) and not narrative.strip()


def has_sexual_type(type_codes: Collection[str]) -> bool:
    """Return whether one of these type codes is a sexual act."""
    return not SEXUAL_TYPES.isdisjoint(type_codes)


def is_attribution_required(actor_type: incident_codes.ActorType, name: str) -> bool:
    """Return whether an actor needs an attribution: one with a name, or of another type than
    unknown.
    """
    return actor_type is not incident_codes.ActorType.UNKNOWN or bool(name)


def is_valid_target_number(kind: incident_codes.TargetKind, number_at_least: int | None) -> bool:
    """Return whether a target of this kind may have this number: only a group has one."""
    return number_at_least is None or kind is incident_codes.TargetKind.UNNAMED_GROUP


def duplicate_target_positions(target_keys: Sequence[tuple[str, object]]) -> list[int]:
    """Return the positions in a list at which a target is the same as an earlier one.
    `target_keys`: for each target the `TargetKey` that identifies it.
    """
    return [place for place, key in enumerate(target_keys) if key in target_keys[:place]]


def is_verification_supported(
    verification: incident_codes.Verification, sources: Iterable[CitedSource]
) -> bool:
    """Return whether the sources support a verification: *confirmed* needs two independent sources,
    or one and a document or the authority's own words; *likely* needs one independent source; any
    other needs none.
    """
    supporting = [one for one in sources if one.bearing is Bearing.SUPPORTS]
    independent = {
        one.source_key for one in supporting if one.independence is Independence.INDEPENDENT
    }
    if verification is incident_codes.Verification.LIKELY:
        return bool(independent)
    if verification is not incident_codes.Verification.CONFIRMED:
        return True
    # A party that is not the target is the authority, in its own words.
    firm = {
        one.source_key
        for one in supporting
        if one.kind is SourceKind.DOCUMENT or one.independence is Independence.PARTY
    }
    return bool(independent) and len(independent | firm) >= MIN_SOURCES_TO_CONFIRM


def is_conflicting_link(
    kind: incident_codes.IncidentLinkKind,
    *,
    existing_kinds: Iterable[incident_codes.IncidentLinkKind],
    reverse_kinds: Iterable[incident_codes.IncidentLinkKind],
) -> bool:
    """Return whether a new link of this kind repeats or contradicts one between the same two
    incidents. `existing_kinds`: the kinds of the links in the same direction; `reverse_kinds`: in
    the other direction.
    """
    return kind in {*existing_kinds, *reverse_kinds}


def incident_title(incident: Any, language: str) -> str:  # noqa: ANN401 (an Incident)
    """Return an incident's own title, else one made of its primary type, direct targets and date.

    The label comes first, so that a truncated title in a list still begins with "False".
    """
    if incident.title:
        return str(incident.title)
    with use_language(language):
        return proposed_title(incident, language)


def proposed_title(incident: Any, language: str) -> str:  # noqa: ANN401 (an Incident)
    """Return the title proposed for an incident in the current language: its primary type, targets
    and date. `language`: the language of the label of the type.
    """
    types = incident.types
    first = types[0].term.label_in(language) if types else str(_("Incident"))
    whom = _target_names_for_title(incident.targets)
    parts = [*([whom] if whom else []), *title_date_parts(incident)]
    return first + (": " + ", ".join(parts) if parts else "")


def figure_label(
    table: incident_codes.FigureTable, code: str, term_labels: Mapping[str, str]
) -> str:
    """Return the label of a number in a table, such as "Primary type – Death threat". `code`: the
    row of the table; `term_labels`: the labels of types and regions, by code.
    """
    name = get_label(table, i18n.current_language())
    return (
        name
        if table in TABLES_OF_ONE_NUMBER
        else f"{name} – {figure_row_label(table, code, term_labels)}"
    )


def figure_row_label(
    table: incident_codes.FigureTable, code: str, term_labels: Mapping[str, str]
) -> str:
    """Return the label of a row in a table of numbers. `code`: the row of the table; `term_labels`:
    the labels of types and regions, by code.
    """
    if code == NOT_RECORDED_CODE:
        return str(
            _("no such heading") if table in HEADINGS_BY_CROSSWALK_TABLE else _("not recorded")
        )
    if code == WITHHELD_CODE:
        return str(_("not shown to you"))
    if table in TABLES_OF_ONE_NUMBER:
        return get_label(table, i18n.current_language())
    codes = CODE_ENUM_BY_TABLE.get(table) or HEADINGS_BY_CROSSWALK_TABLE.get(table)
    if codes and code in list(codes):
        return get_label(codes(code), i18n.current_language())
    return term_labels.get(code, code)


def target_name(target: Any) -> str:  # noqa: ANN401 (an IncidentTarget)
    """Return the name of a target, or the label for somebody unnamed or hidden from the viewer."""
    if target.kind is incident_codes.TargetKind.OUTLET:
        return str(target.outlet.name if target.outlet else _("an outlet not shown to you"))
    if target.kind is incident_codes.TargetKind.JOURNALIST:
        return str(
            target.journalist.name if target.journalist else _hidden_journalist_label(target)
        )
    return str(target.words)


def _hidden_journalist_label(target: Any) -> str:  # noqa: ANN401 (an IncidentTarget)
    """Return the label for a journalist hidden from the viewer: `named_as`, or a general one."""
    if target.named_as:
        return str(target.named_as)
    if target.name_reach is incident_codes.NameReach.TEAM:
        return str(_("a journalist (name withheld)"))
    return str(_("a person not shown to you"))


def describe_target(target: Any) -> str:  # noqa: ANN401 (an IncidentTarget)
    """Return the name of a target with their outlet, or with the number of an unnamed group."""
    name = target_name(target)
    if target.number_at_least:
        number = target.number_at_least
        return f"{name} ({ngettext('at least %(num)d', 'at least %(num)d', number)})"
    if target.kind is not incident_codes.TargetKind.OUTLET and target.outlet is not None:
        return f"{name} ({target.outlet.name})"
    return name


def describe_actor(actor: Any, language: str | None = None) -> str:  # noqa: ANN401 (an IncidentActor)
    """Return an actor with the attribution in a language, by default the viewer's: "people who said
    they were police, according to …".

    Those who only said that they were police are never called police.
    """
    code = language or i18n.current_language()
    with use_language(code):
        said = get_label(actor.purported_as, code) if actor.purported_as else ""
        kind = get_label(actor.actor_type, code)
        if actor.name:
            who = (
                f"{actor.name} ({kind})"
                if actor.actor_type is not incident_codes.ActorType.UNKNOWN
                else actor.name
            )
        elif actor.actor_type is incident_codes.ActorType.UNKNOWN and said:
            who, said = str(_("people who %(said)s", said=said)), ""
        else:
            who = kind
        parts = [who, said]
        # Of an unknown actor the certainty is left out: it would mean nothing.
        is_known = who != kind or actor.actor_type is not incident_codes.ActorType.UNKNOWN
        if is_known and actor.certainty is not incident_codes.Certainty.UNKNOWN:
            parts.append(get_label(actor.certainty, code))
        if actor.attributed_by:
            whom = get_label(actor.attributed_by, code)
            parts.append(str(_("according to %(whom)s", whom=whom)))
        return ", ".join(part for part in parts if part)


def incident_search_text(incident: Any) -> str:  # noqa: ANN401 (an Incident)
    """Return the text to index of an incident: own texts, quotes and all names, in every script."""
    terms = [row.term for row in incident.types] + ([incident.region] if incident.region else [])
    words = [
        incident.title, incident.narrative, incident.place,
        incident.public_summary_en, incident.public_summary_ru, incident.public_summary_kk,
        incident.as_stated, incident.work_link_said_by,
        *(word for term in terms for word in (term.label_en, term.label_ru, term.label_kk)),
        *(word for target in incident.targets for word in _target_search_texts(target)),
        *(actor.name for actor in incident.actors),
        *(citation.quote for citation in incident.citations),
        *(f"{row.scheme} {row.identifier}" for row in incident.references),
    ]  # fmt: skip
    return "\n".join(word for word in words if word)


def incident_content_warning(incident: Any) -> str:  # noqa: ANN401 (an Incident)
    """Return the content warning for the quotes of an incident, by its types; "" for none."""
    codes = {row.term.code for row in incident.types}
    if "threat.death" in codes:
        return str(_("A quote of a death threat; open it to read"))
    if "threat.sexual" in codes:
        return str(_("A quote of a threat of sexual violence; open it to read"))
    return str(_("A quote about a sexual act; open it to read")) if has_sexual_type(codes) else ""


def inverse_link_label(kind: incident_codes.IncidentLinkKind) -> str:
    """Return the label of the inverse of a link, for the page of the linked incident."""
    inverses = {
        incident_codes.IncidentLinkKind.FOLLOWS: _("is followed by"),
        incident_codes.IncidentLinkKind.PART_OF: _("has as a part"),
        incident_codes.IncidentLinkKind.RETALIATION_FOR: _("was answered by the retaliation in"),
        incident_codes.IncidentLinkKind.DUPLICATE_OF: _("is repeated by"),
    }
    return str(inverses.get(kind) or get_label(kind, i18n.current_language()))


def type_group_label(group: str) -> str:
    """Return the label of a group of types; the group of `threat.death` is `threat`."""
    words = {
        "threat": _("Threats"),
        "impersonation": _("Posing as somebody"),
        "disinformation": _("False reports"),
        "smear": _("Smears"),
        "harassment": _("Harassment"),
        "digital": _("Digital attacks"),
        "surveillance": _("Surveillance"),
        "intimidation": _("Intimidation"),
        "physical": _("Physical attacks"),
        "legal": _("Legal measures"),
        "property": _("Property"),
        "access": _("Access to information"),
        "censorship": _("Censorship"),
        "employment": _("Employment"),
    }
    return str(words.get(group) or _("Other"))


def type_group(code: str) -> str:
    """Return the group of a type code, such as "threat" for `threat.death`; "" for the code
    `other`, which has no group.
    """
    return code.partition(".")[0] if "." in code else ""


def type_groups(types: Iterable[tuple[str, str]]) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Return the groups of incident types for a form: code and label of the group, such as
    `threat.`, and the code and label of each type in the group. `types`: the code and label of each
    type; a group that shall be there without any type is given by its own code.
    """
    classes: dict[str, list[tuple[str, str]]] = {}
    for code, words in types:
        members = classes.setdefault(type_group(code), [])
        if not code.endswith("."):
            members.append((code, words))
    return [
        (f"{name}." if name else "", type_group_label(name), of) for name, of in classes.items()
    ]


def _target_search_texts(target: Any) -> list[str]:  # noqa: ANN401 (an IncidentTarget)
    """Return the texts of a target to index: the names of the journalist and outlet, the
    description of an unnamed target, the place and the harm.
    """
    owners = [one.search_text() for one in (target.journalist, target.outlet) if one is not None]
    return [*owners, target.words, target.place, target.harm]


def _target_names_for_title(targets: Iterable[Any]) -> str:
    """Return the names of the targets for a title: the first three and the number of further ones,
    or all if they are only four. Targets attacked directly are named; if there are none, those
    impersonated; if there are none of these either, all.
    """
    found = list(targets)
    for role in (incident_codes.TargetRole.DIRECT, incident_codes.TargetRole.IMPERSONATED):
        named = [target_name(one) for one in found if one.role is role]
        if named:
            break
    else:
        named = [target_name(one) for one in found]
    names = list(dict.fromkeys(named))
    more = len(names) - MAX_NAMES_IN_TITLE
    if more > 1:
        names[MAX_NAMES_IN_TITLE:] = [ngettext("%(num)d more", "%(num)d more", more)]
    return ", ".join(names)


def title_date_parts(incident: Any) -> list[str]:  # noqa: ANN401 (an Incident)
    """Return a list with the date as text in the current language; an empty list if the date is
    unknown.
    """
    return [localized_date(incident.when)] if format_when(incident.when) else []
