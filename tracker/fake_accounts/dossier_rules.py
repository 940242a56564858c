"""The dossier for having a fake account taken down, and what blocks it; pure.

Names are limited as in a partner's file. `Any` stands for rows of the models.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from tracker.articles.codes import SourceKind
from tracker.articles.rules import SHAREABLE_KINDS, collapse_mask_width
from tracker.i18n import _
from tracker.incidents import publication_rules
from tracker.people.rules import find_mentions
from tracker.permissions import Visibility
from tracker.vocabulary.codes import Answer
from tracker.when import When


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierContext:
    """The context of an account's dossier.

    `digests`: of originals, by article; `closed`: the people whom the user's teams name to nobody
    outside; `in_sources`: withheld names of incidents that share a source with the account;
    `unasked`: journalists in other records that share a source, whose name no decision releases.
    """

    digests: Mapping[int, str]
    closed: Sequence[str]
    in_sources: publication_rules.WithheldNames
    unasked: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Evidence:
    """A source in the dossier, with its quote."""

    kind: SourceKind
    title: str
    publisher: str
    published: When
    url: str
    archive_url: str
    sha256: str
    quotes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dossier:
    """The content sent to a platform or authority; `is_truncated`: names were removed."""

    handle: str
    displayed_name: str
    url: str
    poses_as: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    others: int
    is_truncated: bool


def blocking_reasons(account: Any) -> list[str]:  # noqa: ANN401 (a FakeAccount)
    """Return every reason why an account cannot be shared outside as it is."""
    said = {
        _("It is retracted."): account.is_retracted,
        _("The source does not identify it: there is nothing to take down."):
            account.identified is not Answer.YES,
        _("Only its team may see it: staff of the team share it with all users first."):
            account.visibility is not Visibility.INTERNAL,
        _("Somebody or something in it is not shown to you: only somebody who "
        "sees all of it can export the dossier."):
            any(one.is_hidden() for one in account.impersonates),
    }  # fmt: skip
    return [str(reason) for reason, holds in said.items() if holds]


def build_dossier(account: Any, context: DossierContext) -> Dossier:  # noqa: ANN401 (as above)
    """Return the dossier with everything that may be shared."""
    names = _NamingCheck(account, context.in_sources, context.unasked)
    clean = _NameRemover([*names.withheld_names(), *names.perpetrators()], context.closed)
    cited: dict[Any, list[str]] = {}
    for one in account.citations:
        if one.article is not None:
            cited.setdefault(one.article, []).append(clean.text(collapse_mask_width(one.quote)))
    shared = [source for source in cited if _may_be_shared(source)]
    evidence = tuple(
        _evidence(source, cited[source], context.digests.get(source.id, ""), clean)
        for source in shared
    )
    return Dossier(
        handle=clean.handle(account.handle),
        displayed_name=clean.handle(account.displayed_name),
        url=clean.address(account.url),
        poses_as=tuple(map(names.posed_as, account.impersonates)),
        evidence=evidence,
        others=len({one.article_id for one in account.citations}) - len(shared),
        is_truncated=clean.has_cut or not all(map(names.names, account.impersonates)),
    )


def withheld_targets(account: Any, context: DossierContext) -> list[tuple[Any, Any]]:  # noqa: ANN401 (as above)
    """Return each target whose naming decision withholds the name, with its incident."""
    kept_back = [one for one in _used_targets(account) if not _may_be_named_outside(one)]
    found = dict.fromkeys([*kept_back, *context.in_sources.targets])
    return [(one.incident, one) for one in found if one.journalist or one.outlet]


class _NameRemover:
    """Removes names from texts, and records whether there were any."""

    def __init__(self, kept_back: list[tuple[list[str], str, bool]], closed: Sequence[str]) -> None:
        self.withheld_names = kept_back
        self.closed = closed
        self.has_cut = False

    def text(self, words: str) -> str:
        """Return a text without withheld names."""
        return self._cut(words, within=False)

    def handle(self, words: str) -> str:
        """Return a handle or display name without withheld names, even within longer words."""
        return self._cut(words, within=True)

    def address(self, url: str) -> str:
        """Return an address without withheld names, including those written as %D0…."""
        plain = unquote(url)
        found = self.handle(plain)
        return url if found == plain else found

    def _cut(self, words: str, *, within: bool) -> str:
        """Replace all withheld names by their placeholders at once."""
        hidden = [*self.withheld_names, (list(self.closed), str(_("withheld")), False)]
        spans = sorted(
            (start, end, instead)
            for names, instead, alone in hidden
            for start, end in find_mentions(words, names, alone=alone, within=within)
        )
        pieces, place = [], 0
        for start, end, instead in spans:
            if start >= place:
                pieces += [words[place:start], f"[{instead}]"]
            place = max(place, end)
        self.has_cut = self.has_cut or bool(spans)
        return "".join([*pieces, words[place:]])


def _evidence(source: Any, quotes: list[str], sha256: str, clean: _NameRemover) -> Evidence:  # noqa: ANN401 (an Article)
    return Evidence(
        kind=source.kind,
        title=clean.text(source.title),
        publisher=clean.text(source.publisher_name()),
        published=source.when,
        url=clean.address(source.url),
        archive_url=clean.address(source.archive_url),
        sha256=sha256,
        quotes=tuple(quotes),
    )


def _may_be_shared(source: Any) -> bool:  # noqa: ANN401 (an Article)
    return source.kind in SHAREABLE_KINDS and source.visibility is Visibility.INTERNAL


@dataclass(frozen=True, slots=True)
class _NamingCheck:
    """Who may be named, by the decisions in the incidents in which the account was used.

    And who else is named in its sources (see `DossierContext`).
    """

    account: Any
    in_sources: publication_rules.WithheldNames
    unasked: Sequence[Any]

    def posed_as(self, one: Any) -> str:  # noqa: ANN401 (an AccountImpersonation)
        """Return the name if it may be shared, else its placeholder.

        Institutions and officials are named.
        """
        owner = one.journalist or one.outlet
        if owner is None:
            return str(one.institution.heading if one.institution else one.official)
        return str(owner.name) if self._may_be_named(owner) else self._placeholder(owner)

    def names(self, one: Any) -> bool:  # noqa: ANN401 (as above)
        """Return whether the impersonated party may be named."""
        owner = one.journalist or one.outlet
        return owner is None or self._may_be_named(owner)

    def withheld_names(self) -> Iterator[tuple[list[str], str, bool]]:
        """Yield all names of each withheld party, their placeholder, and if one word identifies
        them.

        A surname does, a word such as "News" of an outlet's name does not.
        """
        rows = [*self.account.impersonates, *_used_targets(self.account), *self.in_sources.targets]
        owners = [*(one.journalist or one.outlet for one in rows), *self.unasked]
        for owner in dict.fromkeys(one for one in owners if one is not None):
            if not self._may_be_named(owner):
                names = [owner.name, *(row.name for row in owner.names)]
                yield names, self._placeholder(owner), owner.PREFIX == "JRN"

    def perpetrators(self) -> Iterator[tuple[list[str], str, bool]]:
        """Yield the same for the accused.

        Only officials in office and the convicted are named outside.
        """
        used = [
            one for use in self.account.incidents if use.incident for one in use.incident.actors
        ]
        for actor in publication_rules.unnameable_actors([*used, *self.in_sources.actors]):
            yield (
                [actor.name],
                str(_("withheld")),
                publication_rules.is_identified_by_one_word(actor),
            )

    def _may_be_named(self, owner: Any) -> bool:  # noqa: ANN401 (a Journalist or an Outlet)
        """Return whether every decision about somebody releases the name.

        If the account was used in incidents there must be at least one decision.
        """
        targets = _targets_of(owner, _used_targets(self.account))
        return (
            bool(targets)
            and all(map(_may_be_named_outside, targets))
            and not _targets_of(owner, self.in_sources.targets)
        )

    def _placeholder(self, owner: Any) -> str:  # noqa: ANN401 (as above)
        """Return the placeholder for a name."""
        targets = _targets_of(owner, [*_used_targets(self.account), *self.in_sources.targets])
        chosen = next((one.named_as for one in targets if one.named_as), "")
        return chosen or str(_("a journalist") if owner.PREFIX == "JRN" else _("an outlet"))


def _may_be_named_outside(target: Any) -> bool:  # noqa: ANN401 (an IncidentTarget)
    return (
        target.name_reach in publication_rules.PARTNER_REACHES
        and not publication_rules.is_name_redacted(target)
    )


def _used_targets(account: Any) -> list[Any]:  # noqa: ANN401 (a FakeAccount)
    return [target for use in account.incidents if use.incident for target in use.incident.targets]


def _targets_of(owner: Any, targets: Iterable[Any]) -> list[Any]:  # noqa: ANN401 (a Journalist or an Outlet)
    return [one for one in targets if owner in {one.journalist, one.outlet}]
