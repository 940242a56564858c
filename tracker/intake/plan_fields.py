"""What was typed into the confirm page, read against the article as a plan of records."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from tracker.articles.queries import known_by
from tracker.articles.service import make_citation
from tracker.errors import InvalidInput, gathered
from tracker.i18n import _
from tracker.intake.confirm_queries import incidents_in
from tracker.intake.confirm_service import (
    AccountPlan,
    IncidentPlan,
    Plan,
    ResponsePlan,
    one_by_one,
)
from tracker.intake.row_said import account_said, incident_said, response_said
from tracker.permissions import may_edit
from tracker.responses.models import ResponseCitation
from tracker.responses.service import ResponseFacts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tracker.articles.models import Article
    from tracker.incidents.models import Incident
    from tracker.intake.drafts import Suggested
    from tracker.intake.meant_fields import People
    from tracker.permissions import Actor
    from tracker.responses.fields import Bodies

KINDS = ("incidents", "accounts", "responses")


class Reader:
    """The rows of the form that are to be recorded, each with what was read from it.

    Raises InvalidInput with all that cannot be read, likely matches of names offered.
    """

    def __init__(self, form: Any, article: Article) -> None:  # noqa: ANN401 (a ConfirmForm)
        self.form, self.article = form, article
        self.rows: dict[str, list[Any]] = {kind: form.used(kind) for kind in KINDS}
        self.quoted = {row.name: _Quoted(article) for row in self.rows["responses"]}
        by_then = known_by(article)
        second: dict[str, Callable[[Any], Any]] = {
            "incidents": lambda row: f"{row.name}-",
            "accounts": lambda row: f"{row.name}-",
            "responses": lambda row: self.quoted[row.name],
        }
        read = gathered(
            *(
                partial(row.form.read, by_then, second[kind](row))
                for kind in KINDS
                for row in self.rows[kind]
            )
        )
        self.read: dict[str, dict[str, Any]] = dict(
            zip((row.name for kind in KINDS for row in self.rows[kind]), read, strict=True)
        )

    def country(self) -> str | None:
        """Return of which country the article tells: its incidents', else its publisher's."""
        countries = [self.read[row.name].get("country") for row in self.rows["incidents"]]
        publisher = self.article.publisher
        return next(filter(None, [*countries, publisher and publisher.country]), None)

    def plan(self, people: People, bodies: Bodies, suggested: Mapping[str, Suggested]) -> Plan:
        """Return what is to be recorded, whoever is new in it made now."""
        meant = {read["same_as"] for read in self.read.values() if "same_as" in read}
        known = {one.ref: one for one in incidents_in("", meant)}
        incidents = [
            partial(self._same, row, known, people.by, suggested)
            if "same_as" in self.read[row.name]
            else partial(self._incident, row, people, suggested)
            for row in self.rows["incidents"]
        ]
        accounts = [partial(self._account, row, people, suggested) for row in self.rows["accounts"]]
        responses = [
            partial(self._response, row, bodies, suggested) for row in self.rows["responses"]
        ]
        planned = one_by_one(*incidents, *accounts, *responses)
        first, then = len(incidents), len(incidents) + len(accounts)
        return Plan(
            incidents=planned[:first],
            accounts=planned[first:then],
            responses=planned[then:],
            case=self.form.case.data or "",
            case_title=self.form.title.data or "",
            case_country=self.form.country.data or self.country() or "",
        )

    def _incident(
        self,
        row: Any,  # noqa: ANN401 (a row of incidents)
        people: People,
        suggested: Mapping[str, Suggested],
    ) -> IncidentPlan:
        read = dict(self.read[row.name])
        passages = read.pop("passages")
        targets = one_by_one(*(partial(people.target, one) for one in read["targets"]))
        return IncidentPlan(
            at=f"{row.name}-",
            facts=read | {"targets": targets},
            passages=passages,
            said=incident_said(row.form, suggested),
            with_accounts=bool(row.form.with_accounts.data),
        )

    def _same(
        self,
        row: Any,  # noqa: ANN401 (a row of incidents)
        known: Mapping[str, Incident],
        by: Actor,
        suggested: Mapping[str, Suggested],
    ) -> IncidentPlan:
        read = self.read[row.name]
        found = known.get(read["same_as"])
        if found is None or not may_edit(by, found):
            gone = _("There is no such incident, or your team may not change it.")
            raise InvalidInput(**{row.form.same_as.name: gone})
        return IncidentPlan(
            at=f"{row.name}-",
            facts={},
            passages=read["passages"],
            said=incident_said(row.form, suggested),
            with_accounts=bool(row.form.with_accounts.data),
            same_as=found,
        )

    def _account(
        self,
        row: Any,  # noqa: ANN401 (a row of accounts)
        people: People,
        suggested: Mapping[str, Suggested],
    ) -> AccountPlan:
        read = self.read[row.name]
        return AccountPlan(
            at=f"{row.name}-",
            facts=read["facts"],
            impersonates=people.posed(read["meant"]),
            first_seen=read["first_seen"],
            passages=read["passages"],
            said=account_said(row.form, suggested),
        )

    def _response(
        self,
        row: Any,  # noqa: ANN401 (a row of responses)
        bodies: Bodies,
        suggested: Mapping[str, Suggested],
    ) -> ResponsePlan:
        citations = self.quoted[row.name].once_each()
        if not citations:
            quote = row.form.kept()[0].form.quote.name
            raise InvalidInput(**{quote: _("Quote the article at one of the acts at least.")})
        rest = dict(self.read[row.name])
        institution, acts = bodies.of(rest.pop("body")), rest.pop("acts")
        country = institution.country or self.country()
        return ResponsePlan(
            at=f"{row.name}-",
            facts=ResponseFacts(institution=institution, **rest),
            acts=[bodies.act(one, country) for one in acts],
            citations=citations,
            said=response_said(row.form, suggested),
        )


class _Quoted:
    """Finds the words of the acts of one response in the article, and keeps where they stand."""

    def __init__(self, article: Article) -> None:
        self.article = article
        self.made: list[ResponseCitation] = []

    def __call__(self, words: str, field: str) -> str:
        """Return the words of an act; raise InvalidInput at the field for what is no quote."""
        if not words:
            return words
        self.made.append(make_citation(ResponseCitation, self.article, words, error_field=field))
        return self.made[-1].quote

    def once_each(self) -> list[ResponseCitation]:
        """Return each passage once."""
        return list({(one.start, one.quote): one for one in self.made}.values())
