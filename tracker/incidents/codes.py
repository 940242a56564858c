"""Code sets of incidents, their targets and their actors."""

from enum import StrEnum

# The type for posing as officials. An incident that also has other types never has this one as its
# primary type: it only says how the other acts were done.
OFFICIAL_IMPERSONATION_TYPE = "impersonation.official"


class Verification(StrEnum):
    """How well sources support an incident."""

    CONFIRMED = "confirmed"
    LIKELY = "likely"
    POSSIBLE = "possible"
    UNLIKELY = "unlikely"
    UNKNOWN = "unknown"


class WorkLink(StrEnum):
    """How certain it is that an incident is connected with the journalist's work."""

    CONFIRMED = "confirmed"
    LIKELY = "likely"
    UNCLEAR = "unclear"
    UNLIKELY = "unlikely"
    NONE = "none"


class Extent(StrEnum):
    """The frequency of an incident: once, repeatedly, or over a period."""

    ONCE = "once"
    REPEATED = "repeated"
    LASTING = "lasting"


class ActorType(StrEnum):
    """The kind of actor behind an incident, as far as a source shows."""

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
    """Whom the actors of an incident claimed to be: one of the kinds in `ActorType`, or a bank, a
    courier or the support of a platform.
    """

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
    """How certain it is that an actor is responsible for an incident."""

    KNOWN = "known"
    ALLEGED = "alleged"
    SUSPECTED = "suspected"
    UNKNOWN = "unknown"


class AttributedBy(StrEnum):
    """Who says that an actor is responsible for an incident."""

    JUDGMENT = "judgment"
    CHARGE = "charge"
    AUTHORITY = "authority"
    TARGET = "target"
    OUTLET = "outlet"
    DOCUMENT = "document"
    OWN_ASSESSMENT = "own_assessment"


class Degree(StrEnum):
    """An actor's part in an incident, set by monitors: carrying it out, ordering, amplifying or
    enabling it, or failing to protect the target.
    """

    CARRIED_OUT = "carried_out"
    ORDERED = "ordered"
    AMPLIFIED = "amplified"
    ENABLED = "enabled"
    FAILED_TO_PROTECT = "failed_to_protect"


class TargetKind(StrEnum):
    """The kind of a target: a journalist, an outlet, or an unnamed person or group."""

    JOURNALIST = "journalist"
    OUTLET = "outlet"
    UNNAMED_PERSON = "unnamed_person"
    UNNAMED_GROUP = "unnamed_group"


class TargetRole(StrEnum):
    """The role of a target: attacked directly, impersonated, or close to a journalist."""

    DIRECT = "direct"
    IMPERSONATED = "impersonated"
    COLLATERAL_RELATIVE = "collateral_relative"
    COLLATERAL_NEIGHBOUR = "collateral_neighbour"
    COLLATERAL_COLLEAGUE = "collateral_colleague"
    COLLATERAL_SOURCE = "collateral_source"
    COLLATERAL_LAWYER = "collateral_lawyer"


class TargetBasis(StrEnum):
    """Whether a target is named by a source or inferred by the monitor."""

    NAMED = "named"
    INFERRED = "inferred"


class StatusOfTarget(StrEnum):
    """A consequence for a target, such as detention or injury, recorded with dates."""

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
    """Whether an incident happened online, offline or both."""

    ONLINE = "online"
    OFFLINE = "offline"
    BOTH = "both"
    UNKNOWN = "unknown"


class DetentionForm(StrEnum):
    """The form of detention in an incident, if there was one."""

    QUESTIONING = "questioning"
    POLICE_CUSTODY = "police_custody"
    ADMINISTRATIVE_ARREST = "administrative_arrest"
    REMAND = "remand"
    HOUSE_ARREST = "house_arrest"
    IMPRISONMENT = "imprisonment"
    PSYCHIATRIC = "psychiatric"
    NOT_APPLICABLE = "not_applicable"


class IncidentLinkKind(StrEnum):
    """What one incident is to another one, such as a part of it. The page of the other incident
    shows the inverse: that it has this one as a part.
    """

    FOLLOWS = "follows"
    PART_OF = "part_of"
    PARALLEL = "parallel"
    RETALIATION_FOR = "retaliation_for"
    SAME_PERPETRATOR = "same_perpetrator"
    DUPLICATE_OF = "duplicate_of"


class FigureTable(StrEnum):
    """The tables of numbers of incidents in reports and exports. The name says what the rows are:
    types, regions, actors and so on. SDG, JFJ and ADS have the categories of other organisations:
    the UN (Sustainable Development Goals), Justice for Journalists and Adil Soz.
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
    """The kinds of attack that the UN counts for indicator 16.10.1 of its Sustainable Development
    Goals (SDG). Each incident type belongs to one of these or to none.
    """

    KILLING = "killing"
    KIDNAPPING = "kidnapping"
    ENFORCED_DISAPPEARANCE = "enforced disappearance"
    TORTURE = "torture"
    ARBITRARY_DETENTION = "arbitrary detention only if assessed"
    OTHER_HARMFUL_ACT = "OHA"


class JfjHeading(StrEnum):
    """The kinds of attack by which the organisation Justice for Journalists counts. Each incident
    type belongs to one of these or to none.
    """

    PHYSICAL = "P"
    NON_PHYSICAL = "N"
    JUDICIAL = "J"


class AdsHeading(StrEnum):
    """The kinds of attack in the monthly statistics of the organisation Adil Soz. Each incident
    type belongs to one of these or to none.
    """

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
    """The four groups in which targets are counted: journalists, unnamed people, outlets, and
    people close to a journalist. The four counts are never added up.
    """

    NAMED = "named"
    UNNAMED = "unnamed"
    OUTLETS = "outlets"
    COLLATERAL = "collateral"


class NamingDecision(StrEnum):
    """Whether a target may be named: the target was not asked, agreed, refused or took the consent
    back, or the name is on the public record.
    """

    NOT_ASKED = "not_asked"
    PUBLIC_RECORD = "public_record"
    CONSENTED = "consented"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class NamingScope(StrEnum):
    """The audience to which a target agreed to be named."""

    PARTNER = "partner"
    PUBLIC = "public"
    INTERGOVERNMENTAL = "intergovernmental"


class NameReach(StrEnum):
    """The widest audience that may read a target's name: the owning team, all users (HOUSE), or
    readers outside the organisation.

    It follows from the naming decision, see `publication_rules`.
    """

    TEAM = "team"
    HOUSE = "house"
    PARTNER = "partner"
    INTERGOVERNMENTAL = "intergovernmental"
    PUBLIC = "public"
