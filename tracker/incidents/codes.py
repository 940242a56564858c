"""Closed sets of incidents, their targets and their actors."""

from enum import StrEnum

# A type that describes a means; never the primary type beside what the same actors did with it.
OFFICIAL_IMPERSONATION_TYPE = "impersonation.official"


class Verification(StrEnum):
    """How well sources support an incident."""

    CONFIRMED = "confirmed"
    LIKELY = "likely"
    POSSIBLE = "possible"
    UNLIKELY = "unlikely"
    UNKNOWN = "unknown"


class WorkLink(StrEnum):
    """Whether the incident is connected with the journalist's work."""

    CONFIRMED = "confirmed"
    LIKELY = "likely"
    UNCLEAR = "unclear"
    UNLIKELY = "unlikely"
    NONE = "none"


class Extent(StrEnum):
    """Whether it happened once, repeatedly, or over a period."""

    ONCE = "once"
    REPEATED = "repeated"
    LASTING = "lasting"


class ActorType(StrEnum):
    """What kind of actor did it, as far as a source shows."""

    POLICE = "police"
    SECURITY_SERVICE = "security_service"
    PROSECUTOR = "prosecutor"
    COURT = "court"
    MINISTRY = "ministry"
    LOCAL_EXECUTIVE = "local_executive"
    REGULATOR = "regulator"
    MILITARY = "military"
    STATE_LINKED = "state_linked"
    POLITICAL = "political"
    BUSINESS = "business"
    ORGANISED_CRIME = "organised_crime"
    PRIVATE_PERSON = "private_person"
    ONLINE_MOB = "online_mob"
    PLATFORM = "platform"
    MEDIA = "media"
    UNKNOWN = "unknown"


class PurportedAs(StrEnum):
    """Who the actors claimed to be: the types of actors, and three more."""

    POLICE = "police"
    SECURITY_SERVICE = "security_service"
    PROSECUTOR = "prosecutor"
    COURT = "court"
    MINISTRY = "ministry"
    LOCAL_EXECUTIVE = "local_executive"
    REGULATOR = "regulator"
    MILITARY = "military"
    STATE_LINKED = "state_linked"
    POLITICAL = "political"
    BUSINESS = "business"
    ORGANISED_CRIME = "organised_crime"
    PRIVATE_PERSON = "private_person"
    ONLINE_MOB = "online_mob"
    PLATFORM = "platform"
    MEDIA = "media"
    UNKNOWN = "unknown"
    BANK = "bank"
    COURIER = "courier"
    PLATFORM_SUPPORT = "platform_support"


class Certainty(StrEnum):
    """How certain it is that this actor did it."""

    KNOWN = "known"
    ALLEGED = "alleged"
    SUSPECTED = "suspected"
    UNKNOWN = "unknown"


class AttributedBy(StrEnum):
    """Who says that this actor did it."""

    JUDGMENT = "judgment"
    CHARGE = "charge"
    AUTHORITY = "authority"
    TARGET = "target"
    OUTLET = "outlet"
    DOCUMENT = "document"
    OWN_ASSESSMENT = "own_assessment"


class Degree(StrEnum):
    """How an actor was involved in an incident; chosen by monitors."""

    CARRIED_OUT = "carried_out"
    ORDERED = "ordered"
    AMPLIFIED = "amplified"
    ENABLED = "enabled"
    FAILED_TO_PROTECT = "failed_to_protect"


class TargetKind(StrEnum):
    """What a target is: a journalist, an outlet, or somebody unnamed."""

    JOURNALIST = "journalist"
    OUTLET = "outlet"
    UNNAMED_PERSON = "unnamed_person"
    UNNAMED_GROUP = "unnamed_group"


class TargetRole(StrEnum):
    """Whether the target was attacked, was impersonated, or is close to the one attacked."""

    DIRECT = "direct"
    IMPERSONATED = "impersonated"
    COLLATERAL_RELATIVE = "collateral_relative"
    COLLATERAL_NEIGHBOUR = "collateral_neighbour"
    COLLATERAL_COLLEAGUE = "collateral_colleague"
    COLLATERAL_SOURCE = "collateral_source"
    COLLATERAL_LAWYER = "collateral_lawyer"


class TargetBasis(StrEnum):
    """Whether a source names the target or the monitor infers it."""

    NAMED = "named"
    INFERRED = "inferred"


class StatusOfTarget(StrEnum):
    """What happened to a target, as a status with dates."""

    QUESTIONED = "questioned"
    DETAINED = "detained"
    RELEASED = "released"
    HOUSE_ARREST = "house_arrest"
    REMAND = "remand"
    IMPRISONED = "imprisoned"
    PSYCHIATRIC = "psychiatric"
    EXIT_BAN = "exit_ban"
    INJURED = "injured"
    HOSPITALISED = "hospitalised"
    LEFT_COUNTRY = "left_country"
    RETURNED = "returned"
    DEAD = "dead"


class Setting(StrEnum):
    """Whether it happened online, offline or both."""

    ONLINE = "online"
    OFFLINE = "offline"
    BOTH = "both"
    UNKNOWN = "unknown"


class DetentionForm(StrEnum):
    """The form of deprivation of liberty, if there was one."""

    QUESTIONING = "questioning"
    POLICE_CUSTODY = "police_custody"
    ADMINISTRATIVE_ARREST = "administrative_arrest"
    REMAND = "remand"
    HOUSE_ARREST = "house_arrest"
    IMPRISONMENT = "imprisonment"
    PSYCHIATRIC = "psychiatric"
    NOT_APPLICABLE = "not_applicable"


class IncidentLinkKind(StrEnum):
    """How one incident relates to another; the inverse is derived."""

    FOLLOWS = "follows"
    PART_OF = "part_of"
    PARALLEL = "parallel"
    RETALIATION_FOR = "retaliation_for"
    SAME_PERPETRATOR = "same_perpetrator"
    DUPLICATE_OF = "duplicate_of"


class FigureTable(StrEnum):
    """The tables of figures about incidents in exports.

    The last three follow the headings of external lists.
    """

    ALL = "all"
    OCCURRENCES = "occurrences"
    TYPE = "type"
    REGION = "region"
    VERIFICATION = "verification"
    ACTOR = "actor"
    PURPORTED = "purported"
    PEOPLE = "people"
    GENDER = "gender"
    SDG = "sdg"
    JFJ = "jfj"
    ADS = "ads"


class SdgHeading(StrEnum):
    """The headings of SDG 16.10.1, as the crosswalks of types name them; so do the sets below."""

    KILLING = "killing"
    KIDNAPPING = "kidnapping"
    ENFORCED_DISAPPEARANCE = "enforced disappearance"
    TORTURE = "torture"
    ARBITRARY_DETENTION = "arbitrary detention only if assessed"
    OTHER_HARMFUL_ACT = "OHA"


class JfjHeading(StrEnum):
    """The kinds of attack of Justice for Journalists."""

    PHYSICAL = "P"
    NON_PHYSICAL = "N"
    JUDICIAL = "J"


class AdsHeading(StrEnum):
    """The headings of the monthly statistics of Adil Soz."""

    ATTACK = "attack"
    THREAT = "threat"
    OBSTRUCTION = "obstruction"
    INTERFERENCE = "interference"
    DIGITAL = "digital"
    MISUSE_OF_IMAGE = "misuse of image"
    BLOCKING = "blocking"
    REFUSALS = "refusals"
    COURT_CLAIMS = "court claims"


class PeopleCounted(StrEnum):
    """The four figures of people, which are never added up."""

    NAMED = "named"
    UNNAMED = "unnamed"
    OUTLETS = "outlets"
    COLLATERAL = "collateral"


class NamingDecision(StrEnum):
    """The decision about naming a target: their own, or by the public record."""

    NOT_ASKED = "not_asked"
    PUBLIC_RECORD = "public_record"
    CONSENTED = "consented"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class NamingScope(StrEnum):
    """To whom a target agreed to be named."""

    PARTNER = "partner"
    PUBLIC = "public"
    INTERGOVERNMENTAL = "intergovernmental"


class NameReach(StrEnum):
    """How far a target's name may be shared, by the decision (`publication_rules.py`)."""

    TEAM = "team"
    HOUSE = "house"
    PARTNER = "partner"
    INTERGOVERNMENTAL = "intergovernmental"
    PUBLIC = "public"
