"""Confirming what an article suggests: its text with the passages marked, beside one form."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import render_template, request, url_for
from sqlalchemy.orm import joinedload
from werkzeug.datastructures import MultiDict

from tracker.articles.codes import Language
from tracker.articles.logging_rules import whose
from tracker.articles.models import Article
from tracker.articles.queries import cited_among, to_log_from
from tracker.articles.rules import PART
from tracker.db import db, read_only
from tracker.i18n import _, ngettext
from tracker.intake import confirm_service as service
from tracker.intake.confirm_forms import ConfirmForm
from tracker.intake.confirm_queries import cases_offered, citing, on_record, reading_of_article
from tracker.intake.drafting import drafts_of
from tracker.intake.drafts import Drafts
from tracker.intake.marks import marked, marks_of
from tracker.intake.meant_fields import People
from tracker.intake.plan_fields import Reader
from tracker.intake.prefill import filled, fitted
from tracker.intake.queries import item_of
from tracker.intake.rearranging import add, rearrange
from tracker.intake.sheet import Sheet
from tracker.intake.suggest import Suggestions, suggest
from tracker.intake.views import bp
from tracker.people.models import Institution
from tracker.permissions import Permission, Visibility, may_edit
from tracker.responses.fields import Bodies
from tracker.traces import trace_of
from tracker.web.filters import refuse_unknown
from tracker.web.forms import page
from tracker.web.guards import current_actor, requires
from tracker.web.panels import panel
from tracker.web.records import load, record_url
from tracker.web.saving import meanwhile, saved

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from tracker.cases.models import Case
    from tracker.intake.confirm_service import Confirmed
    from tracker.intake.drafts import Suggested
    from tracker.intake.reading.text import Reading

log = logging.getLogger(__name__)

# In these the rules read; of other texts everything is added by its sentence numbers.
READ = frozenset({Language.EN, Language.RU, Language.KK})
MOST_IN_A_TITLE = 3
Read = tuple[Suggestions, Drafts]


@dataclass(frozen=True, slots=True)
class Proposal:
    """An article with what it suggests, and the same put together."""

    article: Article
    found: Suggestions
    drafts: Drafts
    suggested: dict[str, Suggested]
    # Whether more was found than one form has room for, and whether the rules broke on the text.
    has_more: bool
    has_failed: bool


@bp.route("/<ref>/", methods=["GET", "POST"])
@requires(Permission.LOG)
def confirm(ref: str) -> Response | tuple[str, int]:
    """Show what an article suggests to record, and record what a person confirms, all at once."""
    refuse_unknown(request.args, ())
    if "do" in request.form:
        # The buttons within the form save nothing: nobody waits for our write lock meanwhile.
        db.session.rollback()
        read_only()
    proposal = _proposal(ref)
    form = _form(proposal)
    form.choose_alike()
    people = []
    if not (_saves() and form.has_too_many_names()):
        people = _offer_names(form, {one.country for one in proposal.found.places} - {""})
    cases, carried_on = cases_offered(proposal.article, people, by=current_actor())
    form.offer(cases)
    answer = None
    if request.method == "GET":
        _propose_case(form, proposal, carried_on)
    elif "do" not in request.form:
        form.carry_country(case for case, _why in cases)
        answer = saved(
            form, lambda: _confirm(form, proposal), to=_leads_to(proposal.article), said=_said
        )
    return answer or _page(form, proposal)


@panel("article")
def suggestions(article: Article) -> str:
    """Offer the suggestions on an article's page."""
    return render_template("intake/suggestions_panel.html", article=article)


def _proposal(ref: str) -> Proposal:
    """Load an article and read it; a request that writes lets go of the database meanwhile."""
    article = _load(ref)
    # Who is in no team could save nothing: that is said before anything is typed.
    whose(article, by=current_actor())
    reading = reading_of_article(article)
    if reading.language not in READ:
        found: Read | None = Suggestions(), Drafts()
    elif _saves():
        found = meanwhile(lambda: _read(reading))
        article = _load(ref)
    else:
        found = _read(reading)
    suggestions, drafts = found or (Suggestions(), Drafts())
    shown = fitted(drafts)
    return Proposal(
        article, suggestions, shown, shown.suggested(),
        has_more=shown != drafts, has_failed=found is None,
    )  # fmt: skip


def _read(reading: Reading) -> Read | None:
    """Return what the rules find and the drafts of it, None where they break on the text."""
    try:
        found = suggest(reading)
        return found, drafts_of(reading, found)
    except Exception as error:  # noqa: BLE001 (no text may shut the page: all can be added by hand)
        _broke(error)
        return None


def _broke(error: Exception) -> None:
    # Where it broke, and none of the words on which it did.
    log.error("the rules broke on a text\n%s", trace_of(error))


def _saves() -> bool:
    return request.method == "POST" and "do" not in request.form


def _load(ref: str) -> Article:
    return load(Article, ref, *to_log_from(), joinedload(Article.repeats))


def _form(proposal: Proposal) -> ConfirmForm:
    """Return the form: fresh, as it was sent, or with its rows split, joined or added to."""
    article = proposal.article
    if request.method == "GET":
        publisher = article.publisher.country if article.publisher else None
        is_new = not cited_among([article])
        told = next((one.country for one in proposal.found.places if one.country), "")
        data = filled(proposal.drafts, country=told or publisher or "", is_new=is_new)
        data["cited"] = citing(article)
        return ConfirmForm(formdata=None, data=data)
    if "do" not in request.form:
        return ConfirmForm()
    sheet, do = Sheet(request.form.items(multi=True)), request.form["do"].split(" ")
    if do == ["more"]:
        refused = add(sheet, len(article.sentences), proposal.found.acts)
    else:
        refused = rearrange(sheet, do)
    form = ConfirmForm(formdata=MultiDict(sheet.typed()))
    if refused and do == ["more"]:
        form.more_quote.errors = [refused]
    elif refused:
        form.form_errors.append(refused)
    return form


def _offer_names(form: ConfirmForm, countries: set[str]) -> list[Any]:
    """Offer at each name those on record; return those who are chosen, or bear the very name.

    On a fresh page the only one with an equal key is chosen beforehand, for everybody to see: who
    saves the form says that it is the same person. A body of none of the `countries` that the
    article tells of is not: most states have a Supreme Court.
    """
    alike = form.alike()
    people: dict[str, Any] = {}
    for key, found in on_record(alike).items():
        first, *others = alike[key]
        first.offers, first.exact = found.offers, found.exact
        sure = found.exact - {one.ref for one in found.offers if _is_elsewhere(one, countries)}
        if request.method == "GET" and len(sure) == 1:
            first.form.chosen.data = next(iter(sure))
        for one in others:
            one.exact, one.is_asked_above = found.exact, bool(found.offers)
        likely = found.exact | {first.form.chosen.data}
        people |= {one.ref: one for one in found.offers if one.ref in likely}
    return list(people.values())


def _is_elsewhere(bearer: Any, countries: set[str]) -> bool:  # noqa: ANN401 (whoever bears a name)
    is_body = isinstance(bearer, Institution) and bearer.country is not None
    return is_body and bool(countries) and bearer.country not in countries


def _propose_case(form: ConfirmForm, proposal: Proposal, carried_on: Case | None) -> None:
    """Choose the case that the article carries on, else title a new one after its targets."""
    form.country.data = next(
        (entry.form.country.data for entry in form.incidents.entries if entry.form.country.data), ""
    )
    if carried_on is not None:
        form.case.data = carried_on.ref
        form.carry_country([carried_on])
        return
    names = [one.value for draft in proposal.drafts.incidents for one in draft.targets]
    form.title.data = ", ".join(list(dict.fromkeys(names))[:MOST_IN_A_TITLE])


def _confirm(form: ConfirmForm, proposal: Proposal) -> Confirmed:
    """Record what is ticked, as open as `whose` says, unless the button kept it to the team."""
    by, article = current_actor(), proposal.article
    form.refuse_meanwhile(citing(article, alone=True))
    team_id, visibility = whose(article, by=by)
    if request.form.get("visibility") == Visibility.RESTRICTED:
        visibility = Visibility.RESTRICTED
    reader = Reader(form, article)
    country = reader.country()
    people = People(team_id=team_id, visibility=visibility, country=country, by=by)
    plan = reader.plan(people, Bodies(country, by=by), proposal.suggested)
    owner = service.Owner(team_id, visibility, by)
    return service.confirm(article, plan, proposal.suggested, owner=owner)


def _leads_to(article: Article) -> Any:  # noqa: ANN401 (what `saved` asks for)
    def to(done: Confirmed) -> str:
        item = None if done.records else item_of(article)
        if item is not None and not item.has_ended and may_edit(current_actor(), item):
            # There it can be ended as out of scope.
            return record_url(item) + "#ending-heading"
        return url_for("cases.show", ref=done.case.ref) if done.case else record_url(article)

    return to


def _said(done: Confirmed) -> str:
    if not done.records and not done.is_kept:
        return str(_("Nothing was recorded."))
    if not done.records:
        return str(_("Nothing was recorded; that it was left out is kept."))
    count = len(done.records)
    return str(ngettext("Saved: %(num)d record.", "Saved: %(num)d records.", count))


def _page(form: ConfirmForm, proposal: Proposal) -> tuple[str, int]:
    article = proposal.article
    anchors: dict[str, str] = {}
    for anchor, row in form.rows():
        for key in (row.came.data or "").split():
            anchors.setdefault(key, anchor)
    rows = form.incidents.entries
    named = dict(rows[0].form.types.offered) if rows else {}
    marks = marks_of(proposal.suggested.values(), anchors, named)
    return page(
        "intake/confirm.html",
        form=form,
        article=article,
        lines=marked(article.sentences[:PART], marks),
        suggested=proposal.suggested,
        is_recorded=bool(cited_among([article])),
        is_read=article.language in READ,
        has_more=proposal.has_more,
        has_failed=proposal.has_failed,
    )
