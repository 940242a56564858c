"""Logging an official response, from an article or without one, and changing what is recorded."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flask import request, url_for

from tracker import clock
from tracker.articles.logging_rules import whose
from tracker.articles.models import Article
from tracker.articles.queries import known_by, to_log_from
from tracker.articles.rules import PART
from tracker.articles.service import make_citation
from tracker.errors import InvalidInput, gathered
from tracker.i18n import _
from tracker.incidents.queries import incidents_citing
from tracker.permissions import Permission, Visibility
from tracker.responses import service
from tracker.responses.codes import AnswerScope, Stance
from tracker.responses.fields import Bodies, BodyMeant, read_acts, read_again, read_body
from tracker.responses.forms import EditResponseForm, NewResponseForm, ResponseFields
from tracker.responses.models import OfficialResponse, ResponseCitation
from tracker.responses.queries import with_everything
from tracker.responses.views import bp
from tracker.web.filters import refuse_unknown
from tracker.web.forms import page
from tracker.web.guards import current_actor, requires
from tracker.web.records import after_logging, asked_for, load, load_to_edit
from tracker.web.saving import saved

if TYPE_CHECKING:
    from collections.abc import Sequence

    from werkzeug.wrappers import Response

    from tracker.incidents.models import Incident
    from tracker.people.models import Institution
    from tracker.responses.fields import ActMeant
    from tracker.responses.service import ActFacts, ResponseFacts
    from tracker.when import When


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.LOG)
def new() -> Response | tuple[str, int]:
    """Record a response; from an article, its words are the source."""
    refuse_unknown(request.args, {"article", "like"})
    article = asked_for(Article, "article", *to_log_from())
    incidents = incidents_citing(article) if article else []
    form = NewResponseForm()
    form.offer(article, incidents)
    answer = None
    if "another" in request.form:
        form.one_more()
    elif request.method == "GET" and article and request.args.get("like"):
        form.carry(load(OfficialResponse, request.args["like"], *with_everything()))
    else:
        answer = saved(
            form,
            lambda: _record(form, article, incidents),
            to=lambda response: after_logging(response, article),
            said=lambda response: _("Saved: %(name)s", name=response.heading()),
        )
    lines = article.sentences[:PART] if article else []
    return answer or page("responses/new.html", form=form, article=article, lines=lines)


@bp.route("/<ref>/edit", methods=["GET", "POST"])
@requires(Permission.LOG)
def edit(ref: str) -> Response | tuple[str, int]:
    """Change what is recorded about a response, its acts included."""
    response = load_to_edit(OfficialResponse, ref, *with_everything())
    form = EditResponseForm()
    answer = None
    if "another" in request.form:
        form.one_more()
    else:
        to = url_for(".show", ref=ref)
        answer = saved(form, lambda: _save(form, response), to=to, record=response)
    return answer or page("responses/edit.html", form=form, response=response)


def _record(
    form: NewResponseForm, article: Article | None, incidents: Sequence[Incident]
) -> OfficialResponse:
    by = current_actor()
    wanted = form.visibility.code() if article is None else Visibility.RESTRICTED
    team_id, visibility = whose(article, by=by, wanted=wanted)
    made: list[ResponseCitation] = []

    def quoting(words: str, field: str) -> str:
        """Return the words of an act, and keep where they stand."""
        if article is None or not words:
            return words
        made.append(make_citation(ResponseCitation, article, words, error_field=field))
        return made[-1].quote

    body, when, acts, cited, answered = gathered(
        lambda: _body(form),
        lambda: form.made.read_when(known_by(article) if article else clock.today()),
        lambda: read_acts(form.lines(), quoting),
        lambda: _cited(form, article),
        lambda: _answered(form, incidents),
    )
    # Without a quote of its own a response stands on those of its acts, each of them once.
    citations = cited or list({(one.start, one.quote): one for one in made}.values())
    if article is not None and not citations:
        raise InvalidInput(quote=_("Quote the article here, or at one of the acts."))
    country = _country(article, incidents)
    bodies = Bodies(country, by=by)
    institution = bodies.of(body)
    facts = _facts(form, institution, when)
    return service.record_response(
        facts,
        acts=_acts(bodies, acts, institution.country or country),
        incidents=answered,
        citations=citations,
        team_id=team_id,
        visibility=visibility,
        by=by,
    )


def _save(form: EditResponseForm, response: OfficialResponse) -> None:
    by = current_actor()
    sources = [one.article for one in response.citations if one.article]
    kept = {act.quote for act in response.acts}
    body, when, acts = gathered(
        lambda: _body(form),
        lambda: read_again(
            form.made,
            response.when,
            max((known_by(one) for one in sources), default=clock.today()),
        ),
        lambda: read_acts(
            form.lines(),
            lambda words, field: service.words_quoted(words, sources, kept=kept, field=field),
        ),
    )
    bodies = Bodies(response.institution.country, by=by)
    institution = bodies.of(body)
    country = institution.country or next(
        (one.incident.country for one in response.answers if one.incident), None
    )
    service.edit_response(
        response,
        replace(_facts(form, institution, when), summary=form.summary.data or ""),
        acts=_acts(bodies, acts, country),
        visibility=form.visibility.code(),
        by=by,
    )


def _facts(form: ResponseFields, institution: Institution, made: When) -> ResponseFacts:
    return service.ResponseFacts(
        institution=institution,
        official=form.official.data or "",
        office=form.office.data or "",
        made=made,
        standing=form.standing.code(),
        stance=form.stance.code(),
        other_stances=[Stance(code) for code in form.other_stances.data or []],
        answers_scope=form.answers_scope.code(),
    )


def _body(form: ResponseFields) -> BodyMeant:
    meant = read_body(form.institution, form.institution_kind)
    if meant is None:
        name = form.institution.form.name.name
        raise InvalidInput(**{name: _("Name the body that spoke or acted.")})
    return meant


def _cited(form: NewResponseForm, article: Article | None) -> list[ResponseCitation]:
    words = form.quote.data or "" if article else ""
    return [make_citation(ResponseCitation, article, words)] if article and words else []


def _answered(form: NewResponseForm, offered: Sequence[Incident]) -> list[Incident]:
    chosen = form.chosen()
    if offered and not chosen and form.answers_scope.code() is AnswerScope.INCIDENTS:
        raise InvalidInput(
            incidents=_("Tick what it answers, or say that it answers a case or the situation.")
        )
    return chosen


def _acts(bodies: Bodies, meant: list[ActMeant], country: str | None) -> list[ActFacts]:
    return [bodies.act(one, country) for one in meant]


def _country(article: Article | None, incidents: Sequence[Incident]) -> str | None:
    """Return of which country an article tells: that of its incidents, else of its publisher."""
    if incidents:
        return incidents[0].country
    return article.publisher.country if article and article.publisher else None
