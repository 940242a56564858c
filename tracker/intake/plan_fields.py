"""What was typed into the confirm page, read against the article as a plan of records."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from tracker.articles.queries import known_by
from tracker.articles.rules import runs_typed
from tracker.articles.service import joined, make_citation, make_citations
from tracker.errors import InvalidInput, gathered
from tracker.fake_accounts.models import AccountCitation
from tracker.i18n import _
from tracker.incidents.models import IncidentCitation
from tracker.incidents.service import validate_new_incident
from tracker.intake.confirm_queries import records_chosen
from tracker.intake.confirm_service import (
    IN_NEW_CASE,
    AccountPlan,
    IncidentPlan,
    Plan,
    ResponsePlan,
    one_by_one,
    under,
)
from tracker.intake.row_fields import cited
from tracker.intake.row_said import account_said, incident_said, response_said
from tracker.permissions import may_edit
from tracker.responses.codes import AnswerScope
from tracker.responses.models import ResponseCitation
from tracker.responses.service import ResponseFacts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from tracker.articles.models import Article
    from tracker.intake.drafts import Suggested
    from tracker.intake.meant_fields import People
    from tracker.permissions import Actor
    from tracker.responses.fields import Bodies

KINDS = ("incidents", "accounts", "responses")
# What cites the article for a whole row; the acts of a response do so each for itself.
CITED: dict[str, Any] = {"incidents": IncidentCitation, "accounts": AccountCitation}


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
        rows = [(kind, row) for kind in KINDS for row in self.rows[kind]]
        self.read: dict[str, dict[str, Any]] = {}
        self.known = records_chosen(
            [row.form.same_as.data for _kind, row in rows if row.form.is_on_record()]
        )
        gathered(
            *(partial(self._read, row, by_then, second[kind](row)) for kind, row in rows),
            *(partial(self._check, kind, row) for kind, row in rows),
            *(partial(self._check_visibility, row) for _kind, row in rows),
            *(entry.form.refuse_dropped for kind in KINDS for entry in form[kind].entries),
            *(partial(self._check_answers, row) for row in self.rows["responses"]),
            self._check_case,
        )

    def _read(self, row: Any, known_by: date, second: Any) -> None:  # noqa: ANN401 (a row; what it reads with)
        self.read[row.name] = row.form.read(known_by, second)

    def _check(self, kind: str, row: Any) -> None:  # noqa: ANN401 (a row)
        """Refuse what is seen without anybody new being made, though a service would say it too."""
        model = CITED.get(kind)
        if model is None:
            return
        passages = cited(row.form.quote) or [""]
        checks = [partial(make_citation, model, self.article, one) for one in passages]
        if kind == "incidents" and not row.form.is_on_record():
            checks.append(partial(self._check_incident, row.form, passages[0]))
        gathered(*(partial(under, f"{row.name}-", one) for one in checks))

    def _check_visibility(self, row: Any) -> None:  # noqa: ANN401 (a row)
        """Refuse to cite the article at a record that more people see, unless it is shared."""
        if self.form.share.data or not row.form.is_more_open_than(self.article):
            return
        closed = _(
            "All users see this record, and only your team sees this article. Tick “Share this "
            "article with all users” below, or choose another record."
        )
        raise InvalidInput(**{row.form.same_as.name: closed})

    def _check_incident(self, row: Any, quote: str) -> None:  # noqa: ANN401 (an IncidentRow)
        validate_new_incident(
            types=row.types.data or [],
            country=row.country.data or "",
            region=row.region.term(),
            article=self.article,
            quote=quote,
            actor=row.actor(),
        )

    def _check_answers(self, row: Any) -> None:  # noqa: ANN401 (a row of responses)
        """Refuse a new response to incidents of which none is recorded: it would count as one to
        the whole case, and stop the silence clock of others.
        """
        scope, answers = row.form.answers_scope, set((row.form.answers.data or "").split())
        if row.form.is_on_record() or scope.code() is not AnswerScope.INCIDENTS:
            return
        recorded = [set(one.form.came.data.split()) for one in self.rows["incidents"]]
        if not any(not answers or answers & came for came in recorded):
            none = _(
                "None of the incidents that it answers is recorded here. Tick one of them above, "
                "or choose here what else it answers."
            )
            raise InvalidInput(**{scope.name: none})

    def _check_case(self) -> None:
        """Refuse new records for which no case was chosen, or one without title or country."""
        new = [row for rows in self.rows.values() for row in rows if not row.form.is_on_record()]
        if not new:
            return
        form = self.form
        if not form.case.data:
            raise InvalidInput(case=_("Choose a case, a new one, or none yet."))
        if form.case.data != IN_NEW_CASE:
            return
        wrong = {}
        if not form.title.data:
            wrong["title"] = _("Give the case a title.")
        if not (form.country.data or self.country()):
            wrong["country"] = _("Choose a country.")
        if wrong:
            raise InvalidInput(**wrong)

    def country(self) -> str | None:
        """Return of which country the article tells: its incidents', else its publisher's."""
        countries = [row.form.country.data for row in self.rows["incidents"]]
        publisher = self.article.publisher
        return next(filter(None, [*countries, publisher and publisher.country]), None)

    def plan(self, people: People, bodies: Bodies, suggested: Mapping[str, Suggested]) -> Plan:
        """Return what is to be recorded, whoever is new in it made now."""
        by = people.by
        incidents = [
            partial(self._incident, row, people, suggested) for row in self.rows["incidents"]
        ]
        accounts = [partial(self._account, row, people, suggested) for row in self.rows["accounts"]]
        responses = [
            partial(self._response, row, bodies, suggested, by) for row in self.rows["responses"]
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

    def _same(self, row: Any, by: Actor) -> Any:  # noqa: ANN401 (a RecordRow; a record)
        """Return the record on record that a row is, None for a new one."""
        ref = self.read[row.name].get("same_as")
        if ref is None:
            return None
        found = self.known.get(ref)
        if found is None or not may_edit(by, found):
            gone = _("There is no such record, or your team may not change it.")
            raise InvalidInput(**{row.form.same_as.name: gone})
        return found

    def _incident(
        self,
        row: Any,  # noqa: ANN401 (a row of incidents)
        people: People,
        suggested: Mapping[str, Suggested],
    ) -> IncidentPlan:
        same, read = self._same(row, people.by), dict(self.read[row.name])
        passages = read.pop("passages")
        if same is None:
            targets = one_by_one(*(partial(people.target, one) for one in read["targets"]))
            read |= {"targets": targets}
        return IncidentPlan(
            at=f"{row.name}-",
            facts={} if same else read,
            passages=passages,
            said=incident_said(row.form, suggested),
            same_as=same,
            with_accounts=bool(row.form.with_accounts.data),
            keys=frozenset(row.form.came.data.split()),
        )

    def _account(
        self,
        row: Any,  # noqa: ANN401 (a row of accounts)
        people: People,
        suggested: Mapping[str, Suggested],
    ) -> AccountPlan:
        same, read = self._same(row, people.by), self.read[row.name]
        return AccountPlan(
            at=f"{row.name}-",
            facts=read.get("facts"),
            impersonates=[] if same else people.posed(read["meant"]),
            first_seen=read.get("first_seen"),
            event=read["event"],
            passages=read["passages"],
            said=account_said(row.form, suggested),
            same_as=same,
        )

    def _response(
        self,
        row: Any,  # noqa: ANN401 (a row of responses)
        bodies: Bodies,
        suggested: Mapping[str, Suggested],
        by: Actor,
    ) -> ResponsePlan:
        same, quoted = self._same(row, by), self.quoted[row.name]
        citations = quoted.once_each()
        if not citations:
            quote = row.form.kept()[0].form.quote.name
            raise InvalidInput(**{quote: _("Quote the article at one of the acts at least.")})
        plan = ResponsePlan(
            at=f"{row.name}-",
            facts=None,
            acts=[],
            citations=citations,
            passages=quoted.typed,
            said=response_said(row.form, suggested),
            same_as=same,
            answers=frozenset(row.form.answers.data.split()),
        )
        if same is None:
            rest = dict(self.read[row.name])
            institution, acts = bodies.of(rest.pop("body")), rest.pop("acts")
            country = institution.country or self.country()
            plan.facts = ResponseFacts(institution=institution, **rest)
            plan.acts = [bodies.act(one, country) for one in acts]
        return plan


class _Quoted:
    """Finds the words of the acts of one response in the article, and keeps where they stand."""

    def __init__(self, article: Article) -> None:
        self.article = article
        self.made: list[ResponseCitation] = []
        self.typed: list[str] = []

    def __call__(self, words: str, field: str) -> str:
        """Return the words of an act; raise InvalidInput at the field for what is no quote."""
        if not words:
            return words
        self.typed += runs_typed(words)
        found = make_citations(ResponseCitation, self.article, words, error_field=field)
        self.made += found
        return joined(found)

    def once_each(self) -> list[ResponseCitation]:
        """Return each passage once."""
        return list({(one.start, one.quote): one for one in self.made}.values())
