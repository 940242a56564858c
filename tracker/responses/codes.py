"""The closed sets of codes of official responses, appeals and proceedings."""

from enum import StrEnum


class ActType(StrEnum):
    """The type of an act: one thing that an institution said or did in a response. Acts of some
    types, listed below, are substantive: they change something, as words alone do not.
    """

    STATEMENT = "statement"
    CONDEMNATION = "condemnation"
    ACKNOWLEDGEMENT = "acknowledgement"
    APOLOGY = "apology"
    DENIAL = "denial"
    NO_COMMENT = "no_comment"
    NO_REPLY = "no_reply"
    PLEDGE = "pledge"
    COMPLAINT_REGISTERED = "complaint_registered"
    REFERRAL = "referral"
    INVESTIGATION_ANNOUNCED = "investigation_announced"
    INFORMATION_REQUEST = "information_request"
    COUNTERMEASURE = "countermeasure"
    INVESTIGATION_OPENED = "investigation_opened"
    INVESTIGATION_REFUSED = "investigation_refused"
    INVESTIGATION_SUSPENDED = "investigation_suspended"
    INVESTIGATION_CLOSED = "investigation_closed"
    SUSPECT = "suspect"
    ARREST = "arrest"
    CHARGE = "charge"
    TRIAL = "trial"
    VERDICT = "verdict"
    DISCIPLINARY = "disciplinary"
    PROTECTION_OFFERED = "protection_offered"
    PROTECTION_GIVEN = "protection_given"
    MEASURE_REVERSED = "measure_reversed"
    BLOCKING_ORDERED = "blocking_ordered"
    BLOCKED = "blocked"
    TAKEDOWN = "takedown"
    FORMAL_REPLY = "formal_reply"


# Each type of act is in one of these three sets. Acts that are never substantive: words,
# announcements, registrations and the like.
NEVER_SUBSTANTIVE_ACTS = frozenset(
    {
        ActType.STATEMENT,
        ActType.CONDEMNATION,
        ActType.ACKNOWLEDGEMENT,
        ActType.APOLOGY,
        ActType.DENIAL,
        ActType.NO_COMMENT,
        ActType.NO_REPLY,
        ActType.PLEDGE,
        ActType.COMPLAINT_REGISTERED,
        ActType.REFERRAL,
        ActType.INVESTIGATION_ANNOUNCED,
        ActType.INFORMATION_REQUEST,
        ActType.COUNTERMEASURE,
    }
)
# Acts that are always substantive, as they change something.
SUBSTANTIVE_ACTS = frozenset(
    {
        ActType.INVESTIGATION_OPENED,
        ActType.INVESTIGATION_REFUSED,
        ActType.INVESTIGATION_SUSPENDED,
        ActType.INVESTIGATION_CLOSED,
        ActType.SUSPECT,
        ActType.ARREST,
        ActType.CHARGE,
        ActType.TRIAL,
        ActType.VERDICT,
        ActType.DISCIPLINARY,
        ActType.PROTECTION_OFFERED,
        ActType.PROTECTION_GIVEN,
        ActType.MEASURE_REVERSED,
    }
)
# Types of acts that are substantive if the user says so: to block a named site is substantive, to
# say "we block fakes" is not.
CONDITIONALLY_SUBSTANTIVE_ACTS = frozenset(
    {ActType.BLOCKING_ORDERED, ActType.BLOCKED, ActType.TAKEDOWN, ActType.FORMAL_REPLY}
)


class Standing(StrEnum):
    """The capacity in which an institution responds to an incident. RESPONSIBLE_STATE: it belongs
    to the state in which the incident happened; only such responses count as answers.
    """

    RESPONSIBLE_STATE = "responsible_state"
    OTHER_STATE = "other_state"
    INTERGOVERNMENTAL = "intergovernmental"
    PLATFORM = "platform"
    OTHER = "other"


class Stance(StrEnum):
    """The position of a response on what was done, such as condemning or denying it.

    A response has one primary stance, and may have others.
    """

    CONDEMNS = "condemns"
    ACKNOWLEDGES = "acknowledges"
    ACKNOWLEDGES_DENIES_RESPONSIBILITY = "acknowledges_denies_responsibility"
    ALTERNATIVE_EXPLANATION = "alternative_explanation"
    PROCEDURAL = "procedural"
    DENIES = "denies"
    DEFLECTS = "deflects"
    BLAMES_TARGET = "blames_target"
    THREATENS = "threatens"
    MIXED = "mixed"
    UNCLEAR = "unclear"


class QuoteIs(StrEnum):
    """What the quote of an act is: the speaker's own words, reported speech, or a translation."""

    DIRECT = "direct"
    REPORTED = "reported"
    TRANSLATED = "translated"


class AnswerScope(StrEnum):
    """What a response answers: incidents, a case, or the situation of journalists in general."""

    INCIDENTS = "incidents"
    CASE = "case"
    SITUATION = "situation"


class AppealSender(StrEnum):
    """The kind of sender of an appeal; `WE` is the organisation that runs the tracker."""

    TARGET = "target"
    OUTLET = "outlet"
    LAWYER = "lawyer"
    WE = "we"
    OTHER_NGO = "other_ngo"
    INTERGOVERNMENTAL = "intergovernmental"


class AppealKind(StrEnum):
    """The form of an appeal, such as a letter, or the body that received it, such as a court."""

    POLICE_REPORT = "police_report"
    LETTER = "letter"
    INFORMATION_REQUEST = "information_request"
    PUBLIC_STATEMENT = "public_statement"
    UN = "un"
    OSCE = "osce"
    COE = "coe"
    COURT = "court"


class AppealOutcome(StrEnum):
    """The outcome of an appeal; an appeal still pending after its due date is overdue."""

    PENDING = "pending"
    ANSWERED = "answered"
    REFERRED = "referred"
    NO_REPLY = "no_reply"


# Outcomes of an appeal to which a response can be linked.
OUTCOMES_WITH_RESPONSE = frozenset({AppealOutcome.ANSWERED, AppealOutcome.REFERRED})


class ProceedingDirection(StrEnum):
    """The direction of a proceeding: against perpetrators, against the target, or by the target."""

    AGAINST_PERPETRATORS = "against_perpetrators"
    AGAINST_TARGET = "against_target"
    BY_TARGET = "by_target"


class ProceedingKind(StrEnum):
    """The branch of law of a proceeding."""

    CRIMINAL = "criminal"
    ADMINISTRATIVE = "administrative"
    CIVIL = "civil"
    JUDICIAL_REVIEW = "judicial_review"
    OTHER = "other"


class StepOfProceeding(StrEnum):
    """The type of a step of a proceeding, such as a charge; `rules.py` has their usual order."""

    FILED = "filed"
    REGISTERED = "registered"
    REFUSED = "refused"
    OPENED = "opened"
    SEARCHED = "searched"
    RESTRAINT_IMPOSED = "restraint_imposed"
    RESTRAINT_CHANGED = "restraint_changed"
    RESTRAINT_LIFTED = "restraint_lifted"
    SUSPENDED = "suspended"
    CLOSED = "closed"
    SUSPECT_IDENTIFIED = "suspect_identified"
    ARRESTED = "arrested"
    CHARGED = "charged"
    TRIAL = "trial"
    VERDICT = "verdict"
    SENTENCE = "sentence"
    APPEAL = "appeal"
    QUASHED = "quashed"
    COMPULSORY_TREATMENT = "compulsory_treatment"
