"""Whether a record on file may be the one that an article tells of, and whether surely; pure."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from tracker import clock
from tracker.fake_accounts.addresses import plain_handle, profile_of
from tracker.vocabulary.codes import Answer
from tracker.when import Precision, WhenError, parse_when

if TYPE_CHECKING:
    from collections.abc import Collection

    from tracker.fake_accounts.models import FakeAccount
    from tracker.incidents.models import Incident
    from tracker.responses.models import OfficialResponse
    from tracker.when import When


class Match(StrEnum):
    """How surely two are one: what is `same` is chosen beforehand where only one is."""

    NONE = ""
    ALIKE = "alike"
    SAME = "same"


def match_incident(
    incident: Incident,
    refs: Collection[str],
    types: Collection[str],
    *,
    typed: str,
    suggested: str = "",
    is_cited: bool = False,
) -> Match:
    """Compare an incident with one done to the people and outlets of these refs, of these types.

    `typed` is its date, `suggested` one that nobody took yet, and `is_cited`: the incident was
    recorded from the same article, or from another that says the same.
    """
    bearers = [bearer for one in incident.targets for bearer in (one.journalist, one.outlet)]
    if not any(bearer.ref in refs for bearer in bearers if bearer is not None):
        return Match.NONE
    has_type = any(row.term.code in types for row in incident.types)
    told = typed or suggested
    is_apart = _are_known(incident.when, told) and not _overlap(incident.when, told)
    if has_type and not is_apart and (is_cited or _overlap(incident.when, typed)):
        return Match.SAME
    is_likely = has_type or _overlap(incident.when, told)
    return Match.ALIKE if is_likely else Match.NONE


def match_account(
    account: FakeAccount,
    handle: str,
    platform: str,
    *,
    identified: str,
    refs: Collection[str],
    is_cited: bool = False,
) -> Match:
    """Compare an account with one of this handle or address on this platform; one that no source
    identifies, with those that pose as the people and outlets of these refs.
    """
    if handle:
        if account.url and _bare(handle) == _bare(account.url):
            return Match.SAME
        named = profile_of(handle)
        called = named.handle if named else plain_handle(handle)
        if not account.handle or called.casefold() != account.handle.casefold():
            return Match.NONE
        on = named.platform if named else platform
        where = account.platform.code if account.platform else ""
        return Match.SAME if on == where else Match.ALIKE
    if Answer.NO not in {identified, account.identified} or identified != account.identified:
        return Match.NONE
    posed = [one.meant() for one in account.impersonates]
    if not any(one is not None and one.ref in refs for one in posed):
        return Match.NONE
    return Match.SAME if is_cited else Match.ALIKE


def match_response(
    response: OfficialResponse,
    refs: Collection[str],
    acts: Collection[str],
    *,
    typed: str,
    quotes: Collection[str],
    is_cited: bool = False,
) -> Match:
    """Compare a response with one of the bodies of these refs, with these acts and quotes."""
    if response.institution.ref not in refs:
        return Match.NONE
    own = {act.act.value for act in response.acts}
    is_said = not {_folded(act.quote) for act in response.acts if act.quote}.isdisjoint(
        map(_folded, quotes)
    )
    if is_said or (_shares(own, acts) and (is_cited or _overlap(response.when, typed))):
        return Match.SAME
    is_apart = _are_known(response.when, typed) and not _overlap(response.when, typed)
    return Match.ALIKE if _shares(own, acts) and not is_apart else Match.NONE


def _shares(own: Collection[str], others: Collection[str]) -> bool:
    return not set(own).isdisjoint(others)


def _overlap(when: When, typed: str) -> bool:
    """Say whether two dates are known and share a day."""
    told = _read(typed)
    if told is None or Precision.UNKNOWN in {when.precision, told.precision}:
        return False
    return when.earliest <= told.latest and told.earliest <= when.latest


def _are_known(when: When, typed: str) -> bool:
    told = _read(typed)
    return told is not None and Precision.UNKNOWN not in {when.precision, told.precision}


def _read(typed: str) -> When | None:
    try:
        return parse_when(typed, known_by=clock.today())
    except WhenError:
        return None


def _bare(address: str) -> str:
    bare = address.strip().casefold().removeprefix("https://").removeprefix("http://")
    return bare.removeprefix("www.").rstrip("/")


def _folded(words: Any) -> str:  # noqa: ANN401 (text, or None of an empty field)
    return " ".join((words or "").casefold().split())
