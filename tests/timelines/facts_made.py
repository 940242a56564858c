"""Facts made by hand, for tests that need no database."""

from __future__ import annotations

from datetime import date

from tracker.fake_accounts.codes import AccountEvent
from tracker.responses.codes import ActType, ProceedingDirection, Standing, StepOfProceeding
from tracker.responses.rules import is_substantive_by_default
from tracker.timelines import build
from tracker.timelines.build import Fact, LabelledCode, Quote, Source
from tracker.timelines.codes import EntryKind
from tracker.vocabulary.codes import Answer
from tracker.when import When, parse_when

KNOWN_BY = date(2025, 6, 20)


def at(typed: str) -> When:
    return parse_when(typed, latest_possible_date=KNOWN_BY)


def fact(ref: str, typed: str, kind: EntryKind = EntryKind.INCIDENT, *types: str, **more) -> Fact:
    defaults = {"endpoint": "incidents", "title": f"Record {ref}"}
    tags = tuple(LabelledCode(code, code.replace("_", " ").capitalize()) for code in types)
    return Fact(kind=kind, ref=ref, when=at(typed), types=tags, **(defaults | more))


def article(published: str, *, is_public: bool = True) -> Quote:
    source = Source("ART-1", "An article", "Dala News", "", at(published), is_public=is_public)
    return Quote("Men came to her house.", source)


def incident(ref: str, typed: str, published: str = "", **more) -> Fact:
    """Return an incident in Kazakhstan, public by an article of that date if given."""
    quotes = (article(published),) if published else ()
    return fact(ref, typed, **({"quotes": quotes, "country": "KZ"} | more))


def response(
    ref: str, typed: str, *acts: ActType, to: str = "",
    standing: Standing = Standing.RESPONSIBLE_STATE, **more,
) -> Fact:  # fmt: skip
    """Return a response to the incidents with the refs in `to`."""
    said = [(act, Answer.YES if is_substantive_by_default(act) else Answer.NO) for act in acts]
    return fact(
        ref, typed, EntryKind.RESPONSE, *acts,
        incident_refs=frozenset(to.split()), effects=build.effects_of_response(standing, said), **more,
    )  # fmt: skip


def appeal(ref: str, typed: str, *, to: str = "", country: str = "KZ", **more) -> Fact:
    return fact(
        ref, typed, EntryKind.APPEAL, "letter",
        incident_refs=frozenset(to.split()), country=country, effects=build.Effects.NOTIFIED, **more,
    )  # fmt: skip


def step(
    ref: str, typed: str, code: StepOfProceeding, *, to: str = "", country: str = "KZ",
    direction: ProceedingDirection = ProceedingDirection.AGAINST_PERPETRATORS, **more,
) -> Fact:  # fmt: skip
    given = {"part_key": typed, "incident_refs": frozenset(to.split())} | more
    return fact(
        ref, typed, EntryKind.PROCEEDING_STEP, code, step=code, direction=direction,
        country=country, effects=build.effects_of_step(direction, code), **given,
    )  # fmt: skip


def event(
    ref: str, typed: str, code: AccountEvent, *, to: str = "", by_state: bool = True, **more
) -> Fact:
    weight = build.effects_of_event(code, by_state=by_state, identified=Answer.YES)
    given = {
        "part_key": typed,
        "country": "KZ" if by_state else "",
        "incident_refs": frozenset(to.split()),
    }
    return fact(
        ref, typed, EntryKind.ACCOUNT_EVENT, code, event=code, effects=weight, **(given | more)
    )
