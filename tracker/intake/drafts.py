"""Drafts that the confirm page proposes: incidents, accounts and responses, with reasons."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from tracker.fake_accounts.codes import AccountEvent, AccountKind
from tracker.i18n import _, add_quotation_marks, current_language, ngettext
from tracker.incidents.codes import Extent, PurportedAs
from tracker.intake.codes import SuggestionKind
from tracker.people.codes import InstitutionKind
from tracker.reader.found import FoundPerson, FoundPlace, FoundResponseAct
from tracker.reader.text import Passage
from tracker.responses.codes import ActType, Stance, Standing
from tracker.vocabulary.codes import Answer
from tracker.vocabulary.labels import get_label

# The longest quote of the article in the reason that is shown for a suggestion.
MAX_REASON_QUOTE_LENGTH = 90  # characters


class StrengthThreshold(NamedTuple):
    """The least values of a strong suggestion, which is preselected. `score`: of the suggestion;
    `sentence_count`: the number of sentences that support it; `article_score`: how certain it is
    that the article reports an incident.
    """

    score: float = 0.0
    sentence_count: int = 1
    article_score: float = 0.0


# Groups of similar incident types, from which people choose different types for the same act. The
# number says how many sentences must report types of the group before a suggestion of one of these
# types is strong.
MIN_SENTENCES_BY_SIMILAR_TYPES = {
    ("legal.criminal", "legal.administrative", "legal.civil", "legal.slapp", "legal.economic",
     "legal.warning", "legal.designation", "legal.border", "legal.source_disclosure"): 2,
    ("legal.detention", "legal.summons"): 2,
    ("legal.search", "property.seizure"): 2,
    ("physical.killing", "physical.attempt"): 2,
    ("harassment.flooding", "harassment.swatting", "harassment.mob", "harassment.sexual",
     "harassment.mass_reporting"): 2,
    ("impersonation.journalist", "impersonation.outlet", "impersonation.deepfake"): 2,
    ("digital.account_attack", "digital.phishing"): 2,
    ("digital.ddos",): 1,
    ("disinformation.death_hoax",): 2,
    ("employment.dismissal",): 2,
}  # fmt: skip


# The values from which a suggestion is preselected, by its kind and its code ("" for none). With
# each of these, nine in ten preselected suggestions are right on the test articles that the writers
# of the reader's rules did not see (`tests/reader/test_scores.py`). Suggestions of kinds and codes
# that are not here (dates, places, institutions, other types and acts) a person accepts one by one.
STRENGTH_THRESHOLDS: dict[tuple[SuggestionKind, str], StrengthThreshold] = {
    **{
        (SuggestionKind.TYPE, code): StrengthThreshold(sentence_count=sentences)
        for codes, sentences in MIN_SENTENCES_BY_SIMILAR_TYPES.items()
        for code in codes
    },
    (SuggestionKind.JOURNALIST, ""): StrengthThreshold(sentence_count=2, article_score=0.95),
    (SuggestionKind.OUTLET, ""): StrengthThreshold(score=0.9, article_score=0.9),
    (SuggestionKind.ACCOUNT, AccountKind.PROFILE): StrengthThreshold(score=0.5),
    (SuggestionKind.ACCOUNT, AccountKind.EMAIL): StrengthThreshold(score=0.5),
    (SuggestionKind.ACCOUNT, AccountKind.PHONE_NUMBER): StrengthThreshold(score=0.5),
    (SuggestionKind.ACT, ActType.INVESTIGATION_OPENED): StrengthThreshold(score=0.8),
    (SuggestionKind.ACT, ActType.COMPLAINT_REGISTERED): StrengthThreshold(score=0.8),
    (SuggestionKind.ACT, ActType.BLOCKED): StrengthThreshold(score=0.8),
}


def similar_types(code: str) -> frozenset[str]:
    """Return the codes of the group of similar incident types in `MIN_SENTENCES_BY_SIMILAR_TYPES`
    that has this type; only its own code if no group has it.
    """
    return next(
        (frozenset(codes) for codes in MIN_SENTENCES_BY_SIMILAR_TYPES if code in codes),
        frozenset({code}),
    )


def is_strong_suggestion(
    kind: SuggestionKind,
    code: str,
    *,
    score: float,
    sentence_count: int = 1,
    article_score: float = 1.0,
) -> bool:
    """Return whether a suggestion is strong, and so preselected. `sentence_count`: the number of
    sentences that support it; `article_score`: how certain it is that the article reports an
    incident. Both scores are from 0 to 1.
    """
    needs = STRENGTH_THRESHOLDS.get((kind, code))
    return needs is not None and (
        score >= needs.score
        and sentence_count >= needs.sentence_count
        and article_score >= needs.article_score
    )


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A value suggested for a record. `key`: its id in the form, such as "j120" (a journalist at
    offset 120 of the article); `code`: the incident type or act, else ""; `value`: the text that
    the form gets; `passage`, `other_passages`: the passages that support it; `score`: its
    certainty, from 0 to 1; `is_strong`: whether it is preselected, not only offered.
    """

    key: str
    kind: SuggestionKind
    code: str
    value: str
    passage: Passage
    score: float
    reason: str
    other_passages: tuple[Passage, ...] = ()
    is_strong: bool = False

    @property
    def percent(self) -> int:
        """The score in percent, as stored with the outcome of the suggestion."""
        return round(100 * min(1.0, max(0.0, self.score)))

    @property
    def passages(self) -> tuple[Passage, ...]:
        """Every passage that supports the suggestion."""
        return (self.passage, *self.other_passages)


class WeakSuggestion(NamedTuple):
    """A suggestion for an empty field, filled in only if a user ticks it. `name`: the value of its
    checkbox: "when", "place", "posed" (whom the perpetrators posed as) or "event" (what happened to
    an account); `value`: the text or code for the field.
    """

    name: str
    value: str
    suggestion: Suggestion | None = None
    # Whom the actors impersonated, or what happened to an account.
    code: PurportedAs | AccountEvent | None = None


@dataclass(slots=True)
class IncidentDraft:
    """A draft of an incident. `quote`: the numbers of the sentences to quote; `date_as_stated`: the
    date in the words of the article; `found_place`: the place with its country and region;
    `uses_accounts`: whether the fake accounts of the article were used in the incident.
    """

    types: list[Suggestion]
    targets: list[Suggestion]
    quote: str
    when: Suggestion | None = None
    date_as_stated: str = ""
    place: Suggestion | None = None
    found_place: FoundPlace | None = None
    purported_as: PurportedAs | None = None
    extent: Extent = Extent.ONCE
    uses_accounts: bool = False

    @property
    def suggested_date(self) -> str:
        """The text for the date field, "" for none."""
        return self.when.value if self.when else ""

    def weak_suggestions(self) -> Iterator[WeakSuggestion]:
        """Yield the suggestions that are filled in only once a person ticks them."""
        if self.when and not self.when.is_strong:
            yield WeakSuggestion("when", self.when.value, self.when)
        if self.place:
            yield WeakSuggestion("place", self.place.value, self.place)
        if self.purported_as:
            yield WeakSuggestion("posed", self.purported_as.value, code=self.purported_as)

    def all_suggestions(self) -> Iterator[Suggestion]:
        """Yield every suggestion in the draft."""
        yield from self.types
        yield from self.targets
        yield from (one for one in (self.when, self.place) if one)


@dataclass(slots=True)
class AccountDraft:
    """A draft of one fake account, or of all accounts together that the article does not identify.
    `quote`: the numbers of the sentences to quote; `accounts_at_least`: the least number of
    accounts.
    """

    account: Suggestion
    kind: str
    platform: str
    quote: str
    identified: Answer = Answer.YES
    accounts_at_least: int | None = None
    impersonates: list[Suggestion] = field(default_factory=list)
    # The event (the account was blocked or removed), the suggested act of a response that reports
    # the event, its date, and the date in the words of the article.
    event: AccountEvent | None = None
    event_suggestion: Suggestion | None = None
    when: Suggestion | None = None
    date_as_stated: str = ""

    def weak_suggestions(self) -> Iterator[WeakSuggestion]:
        """Yield the suggested event, which is filled in once a person accepts it."""
        if self.event:
            yield WeakSuggestion("event", self.event.value, self.event_suggestion, code=self.event)

    def all_suggestions(self) -> Iterator[Suggestion]:
        """Yield the suggestion of the account. The other suggestions of this draft are left out,
        since drafts of incidents (the impersonated parties) and of responses (the event and its
        date) yield them.
        """
        yield self.account


@dataclass(slots=True)
class ActDraft:
    """A draft of an act of a response. `is_direct_quote`: the article quotes it in the speaker's
    own words; `is_by_law_enforcement`: an unnamed law enforcement service did it; `is_redundant`:
    it is not ticked, because other acts of the response say more.
    """

    act: Suggestion
    kind: ActType
    is_direct_quote: bool
    is_by_law_enforcement: bool
    # Another act of this type is likelier, or this is a plain statement beside another type.
    is_redundant: bool = False


@dataclass(slots=True)
class ResponseDraft:
    """A draft of an official response: the acts of one institution or speaker. `official`: the name
    of the speaker; `office`: the job title; `date_as_stated`: the date in the words of the article.
    """

    response: Suggestion
    official: str
    office: str
    institution: str
    institution_kind: InstitutionKind | None
    standing: Standing
    stance: Stance
    acts: list[ActDraft]
    # The country named beside the institution, which has priority over that of the article.
    country: str = ""
    when: Suggestion | None = None
    date_as_stated: str = ""
    # The text for the date field, such as "before 17 May 2025", from the publication date of the
    # article; "" if that is unknown.
    date_from_publication: str = ""
    # The incidents that it answers, given by the keys of the suggestions of their types.
    answered_type_keys: tuple[str, ...] = ()

    @property
    def suggested_date(self) -> str:
        """The text for the date field: the date in the article, else `date_from_publication`."""
        return self.when.value if self.when else self.date_from_publication

    def weak_suggestions(self) -> Iterator[WeakSuggestion]:
        """Yield the suggestions that are filled in only once a person ticks them."""
        if self.when and not self.when.is_strong:
            yield WeakSuggestion("when", self.when.value, self.when)

    def all_suggestions(self) -> Iterator[Suggestion]:
        """Yield every suggestion in the draft."""
        yield self.response
        yield from (one for one in (self.when,) if one)
        yield from (one.act for one in self.acts)


@dataclass(slots=True)
class Drafts:
    """The drafts of all records that an article suggests."""

    incidents: list[IncidentDraft] = field(default_factory=list)
    accounts: list[AccountDraft] = field(default_factory=list)
    responses: list[ResponseDraft] = field(default_factory=list)

    def suggestions_by_key(self) -> dict[str, Suggestion]:
        """Return every suggestion in the drafts by its key, in the order of the page."""
        return {
            part.key: part
            for drafts in (self.incidents, self.accounts, self.responses)
            for draft in drafts
            for part in draft.all_suggestions()
        }


def type_reason(passage: Passage, impersonated: PurportedAs | None) -> str:
    """Return the reason shown for a suggested incident type: the words that report it, and whom the
    perpetrators posed as (`impersonated`).
    """
    said = str(
        _("%(words)s, sentence %(n)d", words=_quoted_words(passage), n=passage.sentence_number)
    )
    return f"{said}; {get_label(impersonated, current_language())}" if impersonated else said


def person_reason(person: FoundPerson, sentence_numbers: Collection[int]) -> str:
    """Return the reason shown for a suggested person: the job title, and how many sentences report
    what was done to this person. `sentence_numbers`: the numbers of these sentences.
    """
    done = ngettext(
        "what was done is told in %(num)d sentence about this person",
        "what was done is told in %(num)d sentences about this person",
        len(sentence_numbers),
    )
    if not person.office:
        return str(done)
    return f"{_('called %(office)s', office=add_quotation_marks(person.office))}; {done}"


def outlet_reason(passage: Passage) -> str:
    """Return the reason shown for a suggested outlet: the sentence that names it as a target."""
    return str(_("named in sentence %(n)d as the outlet concerned", n=passage.sentence_number))


def text_reason(passage: Passage) -> str:
    """Return the reason shown for a suggested date, place or account: words and sentence number."""
    return str(
        _("%(words)s, sentence %(n)d", words=_quoted_words(passage), n=passage.sentence_number)
    )


def unidentified_accounts_reason(passage: Passage) -> str:
    """Return the reason shown for accounts without a handle: the sentence that mentions them."""
    return str(_("told of in sentence %(n)d, and not named there", n=passage.sentence_number))


def response_reason(speaker: str, passage_count: int) -> str:
    """Return the reason shown for a response: the speaker and the number of quoted passages."""
    who = speaker or str(_("a body"))
    return str(
        ngettext(
            "%(who)s is quoted in %(num)d passage",
            "%(who)s is quoted in %(num)d passages",
            passage_count,
            who=who,
        )
    )


def act_reason(act: FoundResponseAct) -> str:
    """Return the reason shown for an act: whether the speaker is quoted directly, and where."""
    number = act.quote.sentence_number
    if act.is_direct:
        return str(_("in their own words, sentence %(n)d", n=number))
    return str(_("as the article reports it, sentence %(n)d", n=number))


def _quoted_words(passage: Passage) -> str:
    """Return the words of a passage in quotation marks, cut if they are long."""
    words = " ".join(passage.text.split())
    return add_quotation_marks(
        words
        if len(words) <= MAX_REASON_QUOTE_LENGTH
        else words[: MAX_REASON_QUOTE_LENGTH - 1] + "…"
    )
