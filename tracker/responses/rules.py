"""Which acts of a response are substantive, and which never stop a clock."""

from tracker.responses.codes import ActType
from tracker.vocabulary.codes import Answer

NEVER_SUBSTANTIVE = frozenset(
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
SUBSTANTIVE = frozenset(
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
# A named resource is an act; "we block round the clock" is only a claim, so a person says which.
ASKED = frozenset(
    {ActType.BLOCKING_ORDERED, ActType.BLOCKED, ActType.TAKEDOWN, ActType.FORMAL_REPLY}
)
NEVER_STOPS_A_CLOCK = frozenset({ActType.NO_COMMENT, ActType.NO_REPLY, ActType.COUNTERMEASURE})


def default_substantive(act: ActType) -> bool:
    """Say whether an act counts as substantive until a person says otherwise."""
    return act in SUBSTANTIVE


def may_choose(act: ActType) -> bool:
    """Say whether the form lets a person decide for this act."""
    return act in ASKED


def substantive(act: ActType, said: Answer | None) -> Answer:
    """Return whether an act is substantive: by its type, or on a person's word where that asks."""
    if may_choose(act):
        return said if said in {Answer.YES, Answer.NO} else Answer.NO
    return Answer.YES if default_substantive(act) else Answer.NO


def contradicts(act: ActType, said: Answer | None) -> bool:
    """Say whether a person's word goes against what the type of an act decides by itself."""
    return said in {Answer.YES, Answer.NO} and substantive(act, said) is not said
