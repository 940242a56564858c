"""The takedown dossier of a fake account, and what prevents its export; pure.

It names only people who may be named to partners. `Any` stands for rows of the models.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from tracker.articles.codes import SourceKind
from tracker.articles.rules import SHAREABLE_SOURCE_KINDS, shorten_masks
from tracker.i18n import _
from tracker.incidents import publication_rules
from tracker.people.rules import find_mentions
from tracker.permissions import Visibility
from tracker.vocabulary.codes import Answer
from tracker.when import When


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierContext:
    """What a dossier needs besides its account. `sha256_by_article_id`: by article id, the SHA-256
    of the original file; `redacted_names`: no exported file may contain them;
    `withheld_in_sources`: the targets and actors whose names incidents from the same sources
    withhold; `unnameable_journalists`: journalists in other records from these sources, unless a
    naming decision allows their names.
    """

    sha256_by_article_id: Mapping[int, str]
    redacted_names: Sequence[str]
    withheld_in_sources: publication_rules.WithheldTargetsAndActors
    unnameable_journalists: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Evidence:
    """A source in the dossier, with its quotes. `sha256`: the SHA-256 of the source's original
    file, "" if there is none.
    """

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
    """The content of a takedown dossier, for a platform or authority. `poses_as`: the names of the
    impersonated parties; `omitted_source_count`: the number of sources left out;
    `has_removed_names`: whether names were removed.
    """

    handle: str
    displayed_name: str
    url: str
    poses_as: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    omitted_source_count: int
    has_removed_names: bool


def blocking_reasons(account: Any) -> list[str]:  # noqa: ANN401 (a FakeAccount)
    """Return the reasons, localized, why an account cannot be shared outside."""
    reasons = {
        _("It is retracted."): account.is_retracted,
        _("The source does not identify it: there is nothing to take down."):
            account.identified is not Answer.YES,
        _("Only its team may see it: staff of the team share it with all users first."):
            account.visibility is not Visibility.INTERNAL,
        _("Somebody or something in it is not shown to you: only somebody who "
        "sees all of it can export the dossier."):
            any(one.is_hidden() for one in account.impersonates),
    }  # fmt: skip
    return [str(reason) for reason, holds in reasons.items() if holds]


def build_dossier(account: Any, context: DossierContext) -> Dossier:  # noqa: ANN401 (as above)
    """Return the takedown dossier of an account, with only what may be shared outside."""
    names = _NamingCheck(account, context)
    redactor = _NameRedactor(
        [*names.withheld_names(), *names.unnameable_perpetrators()], context.redacted_names
    )
    cited: dict[Any, list[str]] = {}
    for one in account.citations:
        if one.article is not None:
            cited.setdefault(one.article, []).append(redactor.redact_text(shorten_masks(one.quote)))
    shared = [source for source in cited if _may_be_shared(source)]
    evidence = tuple(
        _build_evidence(
            source, cited[source], context.sha256_by_article_id.get(source.id, ""), redactor
        )
        for source in shared
    )
    return Dossier(
        handle=redactor.redact_handle(account.handle),
        displayed_name=redactor.redact_handle(account.displayed_name),
        url=redactor.redact_url(account.url),
        poses_as=tuple(map(names.impersonated_name, account.impersonates)),
        evidence=evidence,
        omitted_source_count=len({one.article_id for one in account.citations}) - len(shared),
        has_removed_names=redactor.has_redacted
        or not all(map(names.may_name_party, account.impersonates)),
    )


def withheld_targets(account: Any, context: DossierContext) -> list[tuple[Any, Any]]:  # noqa: ANN401 (as above)
    """Return (incident, target) pairs of the targets that no naming decision releases to partners,
    in incidents in which the account was used or that share a source with it.
    """
    kept_back = [
        one for one in _linked_incident_targets(account) if not _may_name_target_outside(one)
    ]
    found = dict.fromkeys([*kept_back, *context.withheld_in_sources.targets])
    return [(one.incident, one) for one in found if one.journalist or one.outlet]


class _NameRedactor:
    """A redactor of names in texts. `withheld_names`: tuples of the names of a person or outlet,
    the text put in place of a name, and whether one word of a name is redacted too;
    `redacted_names`: names replaced by "withheld"; `has_redacted`: whether any name was replaced.
    """

    def __init__(
        self, withheld_names: list[tuple[list[str], str, bool]], redacted_names: Sequence[str]
    ) -> None:
        self.withheld_names = withheld_names
        self.redacted_names = redacted_names
        self.has_redacted = False

    def redact_text(self, text: str) -> str:
        """Return a text without withheld names."""
        return self._redact(text, within_words=False)

    def redact_handle(self, handle: str) -> str:
        """Return a handle or display name without withheld names, even within longer words."""
        return self._redact(handle, within_words=True)

    def redact_url(self, url: str) -> str:
        """Return a web address without withheld names, also if they are percent-encoded."""
        plain = unquote(url)
        found = self.redact_handle(plain)
        return url if found == plain else found

    def _redact(self, text: str, *, within_words: bool) -> str:
        """Return a text in which every withheld name is replaced by other words in brackets.
        `within_words`: replace a name also where it is a part of a longer word.
        """
        hidden = [*self.withheld_names, (list(self.redacted_names), str(_("withheld")), False)]
        spans = sorted(
            (start, end, instead)
            for names, instead, alone in hidden
            for start, end in find_mentions(
                text, names, allow_single_words=alone, allow_within_words=within_words
            )
        )
        pieces, place = [], 0
        for start, end, instead in spans:
            if start >= place:
                pieces += [text[place:start], f"[{instead}]"]
            place = max(place, end)
        self.has_redacted = self.has_redacted or bool(spans)
        return "".join([*pieces, text[place:]])


def _build_evidence(
    source: Any,  # noqa: ANN401 (an Article)
    quotes: list[str],
    sha256: str,
    redactor: _NameRedactor,
) -> Evidence:
    """Return a source as evidence, without withheld names. `quotes`: names are already removed from
    them; `sha256`: the SHA-256 of the source's original file, or "".
    """
    return Evidence(
        kind=source.kind,
        title=redactor.redact_text(source.title),
        publisher=redactor.redact_text(source.publisher_name()),
        published=source.when,
        url=redactor.redact_url(source.url),
        archive_url=redactor.redact_url(source.archive_url),
        sha256=sha256,
        quotes=tuple(quotes),
    )


def _may_be_shared(source: Any) -> bool:  # noqa: ANN401 (an Article)
    """Return whether a source may be in a dossier: all users may see the source, and sources of its
    kind may be shared.
    """
    return source.kind in SHAREABLE_SOURCE_KINDS and source.visibility is Visibility.INTERNAL


@dataclass(frozen=True, slots=True)
class _NamingCheck:
    """A check of whom the dossier may name, by naming decisions in incidents in which the account
    was used, and of all teams.
    """

    account: Any
    context: DossierContext

    def impersonated_name(self, impersonation: Any) -> str:  # noqa: ANN401 (an AccountImpersonation)
        """Return the name of an impersonated party or, if the name is withheld, words in its place.

        Institutions and officials are always named.
        """
        party = impersonation.journalist or impersonation.outlet
        if party is None:
            institution = impersonation.institution
            return str(institution.heading if institution else impersonation.official)
        return str(party.name) if self._is_name_released(party) else self._name_placeholder(party)

    def may_name_party(self, impersonation: Any) -> bool:  # noqa: ANN401 (as above)
        """Return whether the impersonated party may be named."""
        party = impersonation.journalist or impersonation.outlet
        return party is None or self._is_name_released(party)

    def withheld_names(self) -> Iterator[tuple[list[str], str, bool]]:
        """Yield, for each journalist or outlet whose name is withheld: all names, the words to put
        in place of a name, and whether one word of a name is redacted too. This is so for a
        journalist: a surname alone identifies a person, "News" alone identifies no outlet.
        """
        rows = [
            *self.account.impersonates,
            *_linked_incident_targets(self.account),
            *self.context.withheld_in_sources.targets,
        ]
        unnameable = self.context.unnameable_journalists
        parties = [*(one.journalist or one.outlet for one in rows), *unnameable]
        for party in dict.fromkeys(one for one in parties if one is not None):
            if not self._is_name_released(party):
                names = [party.name, *(row.name for row in party.names)]
                yield names, self._name_placeholder(party), party.PREFIX == "JRN"

    def unnameable_perpetrators(self) -> Iterator[tuple[list[str], str, bool]]:
        """Yield, for each perpetrator who may not be named outside: a list with the name, the words
        to put in place of it, and whether one word of the name is redacted too. Only public
        officials and convicted persons may be named.
        """
        used = [
            one for use in self.account.incidents if use.incident for one in use.incident.actors
        ]
        for actor in publication_rules.unnameable_actors(
            [*used, *self.context.withheld_in_sources.actors]
        ):
            yield (
                [actor.name],
                str(_("withheld")),
                publication_rules.is_identified_by_one_word(actor),
            )

    def _is_name_released(self, party: Any) -> bool:  # noqa: ANN401 (a Journalist or an Outlet)
        """Return whether a decision releases the name of the party, and none withholds it."""
        targets = _targets_about(party, _linked_incident_targets(self.account))
        return (
            bool(targets)
            and all(map(_may_name_target_outside, targets))
            and not _targets_about(party, self.context.withheld_in_sources.targets)
            and party.name not in self.context.redacted_names
        )

    def _name_placeholder(self, party: Any) -> str:  # noqa: ANN401 (as above)
        """Return the words to put in place of the withheld name of a journalist or outlet."""
        targets = _targets_about(
            party,
            [*_linked_incident_targets(self.account), *self.context.withheld_in_sources.targets],
        )
        chosen = next((one.named_as for one in targets if one.named_as), "")
        return chosen or str(_("a journalist") if party.PREFIX == "JRN" else _("an outlet"))


def _may_name_target_outside(target: Any) -> bool:  # noqa: ANN401 (an IncidentTarget)
    """Return whether partner organisations may be told the name of a target, as decided for it."""
    return (
        target.name_reach in publication_rules.PARTNER_REACHES
        and not publication_rules.is_name_redacted(target)
    )


def _linked_incident_targets(account: Any) -> list[Any]:  # noqa: ANN401 (a FakeAccount)
    """Return the targets of the incidents in which an account was used."""
    return [target for use in account.incidents if use.incident for target in use.incident.targets]


def _targets_about(party: Any, targets: Iterable[Any]) -> list[Any]:  # noqa: ANN401 (a Journalist or an Outlet)
    """Return the targets that are this journalist or outlet."""
    return [one for one in targets if party in {one.journalist, one.outlet}]
