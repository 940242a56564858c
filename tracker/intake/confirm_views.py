"""The page that confirms suggestions: the article with marked passages, beside one form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import flash, render_template, request, session, url_for
from flask_babel import refresh
from werkzeug.wrappers import Response

from tracker.articles.citation_service import back_to_draft_message
from tracker.articles.codes import Independence
from tracker.articles.models import Article
from tracker.articles.queries import cited_article_ids, latest_possible_event_date
from tracker.articles.rules import SENTENCES_PER_PART, CitedPassage, split_by_citations
from tracker.articles.sentences import Sentence
from tracker.articles.service import (
    default_team_and_visibility,
    set_publication_date,
    share_article,
    validate_sharing,
)
from tracker.cases.models import Case
from tracker.config import LANGUAGES
from tracker.db import db, set_read_only
from tracker.errors import InvalidInput, NotFound, collect_errors
from tracker.i18n import _, current_language, ngettext
from tracker.intake import confirm_queries, inbox_service, proposal_views
from tracker.intake import confirm_service as service
from tracker.intake.codes import InboxState, SuggestionKind
from tracker.intake.confirm_forms import ConfirmForm
from tracker.intake.confirm_service import ConfirmResult
from tracker.intake.drafts import Suggestion
from tracker.intake.forms import CloseItemForm
from tracker.intake.plan_fields import NewParties, PlanReader
from tracker.intake.queries import item_of_article
from tracker.intake.views import bp, flash_next_item
from tracker.kit.fields import code_label
from tracker.people.models import Institution
from tracker.permissions import Permission, Visibility, can_edit
from tracker.responses.codes import ActType
from tracker.responses.fields import InstitutionResolver
from tracker.review.rules import publication_needs
from tracker.review.service import submit_record
from tracker.vocabulary.labels import get_label
from tracker.web.filters import reject_unknown_parameters
from tracker.web.forms import NEW_CHOICE, PartForm, render_form
from tracker.web.guards import current_actor, require_editor, require_permission
from tracker.web.layout import register_panel
from tracker.web.saving import handle_form, load, record_url, redirect_saved
from tracker.when import format_when

# The number of targets that are named in the title proposed for a new case.
MAX_NAMES_IN_CASE_TITLE = 3
# The value of the button that closes the inbox item without saving the form.
CLOSE_BUTTON = "close"
# Values of all buttons that change the inbox item without saving the form.
INBOX_BUTTONS = ("assign", CLOSE_BUTTON)
# The value of the button that also submits the new records for review.
REVIEW_BUTTON = "review"


@bp.route("/<ref>/", methods=["GET", "POST"])
@require_permission(Permission.LOG)
def confirm(ref: str) -> Response | tuple[str, int]:
    """Show the suggestions for an article, and save what a person confirms."""
    reject_unknown_parameters(request.args, ())
    close_form = CloseItemForm()
    result = _handle_page_button(ref, close_form)
    if isinstance(result, Response):
        return result
    proposal = proposal_views.load_proposal(ref)
    form = proposal_views.build_proposal_form(proposal)
    if result:
        form.form_errors.append(result)
    form.copy_choices_to_same_names()
    article, parties = proposal.article, []
    if not (proposal_views.is_save_request() and form.has_too_many_names()):
        parties = _set_name_choices(
            form, {one.country for one in proposal.suggestions.places} - {""}
        )
    coverage = confirm_queries.related_coverage(article)
    cases, continued_cases = confirm_queries.proposed_cases(coverage, parties, by=current_actor())
    form.set_choices(cases)
    answer = None
    if request.method == "GET":
        _preselect_case(form, proposal, continued_cases)
        form.set_standing_of_other_states()
    _set_matching_records(form, coverage, parties)
    if proposal_views.is_save_request() and not proposal.is_busy:
        form.fill_missing_countries(case for case, _why in cases)
        answer = handle_form(
            form,
            lambda: _save_accepted_rows(form, proposal),
            check=lambda: None if form.has_too_many_names() else _read_page(form, article),
            to=lambda result: _url_after_saving(article, result),
            message=lambda result: _saved_message(result, form, article),
        )
    return answer or _render_confirm_page(form, proposal, parties, close_form)


@register_panel("article")
def suggestions_panel(article: Article) -> str:
    """Render the link to the suggestions on an article's page."""
    return render_template("intake/suggestions_panel.html", article=article)


def _handle_page_button(ref: str, close_form: CloseItemForm) -> str | Response:
    """Change the language, or assign or close the inbox item, if its button was pressed. Return
    what `_assign_or_close_item` returns, "" for other buttons.
    """
    match request.form.get("do", "").split():
        case ["language", code] if code in LANGUAGES:
            session["language"] = code
            refresh()
    result: str | Response = ""
    if "do" in request.form:
        if request.form["do"] in INBOX_BUTTONS:
            result = _assign_or_close_item(ref, close_form)
        # The other buttons save nothing: release the write lock.
        db.session.rollback()
        set_read_only()
    return result


def _assign_or_close_item(ref: str, close_form: CloseItemForm) -> str | Response:
    """Assign or close the inbox item of an article, by the pressed button, and commit; return the
    error message, "" for none, or a redirect to the item that was closed.

    Errors of the closing reason are shown at its field in `close_form`.
    """
    article, by = load(Article, ref), current_actor()
    item = item_of_article(article)
    if item is None:
        raise NotFound
    require_editor(item)
    is_end = request.form["do"] == CLOSE_BUTTON
    form: PartForm = close_form if is_end else PartForm()
    if not form.validate():
        late = str(_("The page had been open for too long; press the button again."))
        return "" if close_form.reason.errors else late
    if form.version.data != str(item.version):
        return str(
            _(
                "Somebody changed this inbox item in the meantime. Check it, and press the "
                "button again."
            )
        )
    try:
        if is_end:
            reason = close_form.reason.data or ""
            inbox_service.close_item(item, InboxState.OUT_OF_SCOPE, reason=reason, by=by)
        else:
            inbox_service.assign_item(item, by=by)
    except InvalidInput as error:
        close_form.reject(error)
        return str(error.fields.get("version", ""))
    if is_end:
        flash_next_item(excluding=article)
        return redirect_saved(record_url(item), _("Closed as out of scope."))
    db.session.commit()
    flash(_("Assigned to you."))
    return ""


def _set_name_choices(form: ConfirmForm, countries: set[str]) -> list[Any]:
    """Offer existing parties at each name field, institutions of other countries last. Return the
    parties that are chosen, and those that have exactly an entered name. `countries`: the countries
    of the places in the article.

    When the page is first shown, the party is preselected if only one has exactly this name; the
    user who saves the form confirms it. An institution is not preselected if it is of another
    country than the one entered beside the name or, without such an entry, of none of `countries`:
    most countries have a Supreme Court. A new institution is preselected if only institutions of
    other countries, with similar names, are offered. In all other cases nothing is preselected.
    """
    known = confirm_queries.party_matches_by_name(
        (one.kind, one.name) for one in form.name_fields_by_party()
    )
    parties: dict[str, Any] = {}
    for party, (first, *others) in form.name_fields_by_party().items():
        found = known.get((party.kind, party.name))
        if found is None:
            continue
        expected = {party.country} if party.country else countries
        elsewhere = {
            one.ref for one in found.possible_parties if _is_institution_elsewhere(one, expected)
        }
        sure = found.exact_refs - elsewhere
        first.offers = sorted(found.possible_parties, key=lambda one: one.ref in elsewhere)
        first.exact = found.exact_refs
        if request.method == "GET" and len(sure) == 1:
            first.form.chosen.data = next(iter(sure))
        elif (
            request.method == "GET"
            and not found.exact_refs
            and len(elsewhere) == len(found.possible_parties)
        ):
            first.form.chosen.data = NEW_CHOICE if found.possible_parties else ""
        for one in others:
            one.exact, one.is_asked_above = found.exact_refs, bool(found.possible_parties)
        likely = found.exact_refs | {first.form.chosen.data}
        parties |= {one.ref: one for one in found.possible_parties if one.ref in likely}
    return list(parties.values())


def _is_institution_elsewhere(party: Any, countries: set[str]) -> bool:  # noqa: ANN401 (a record with a name)
    """Return whether a party is an institution of a country that is not among `countries`. Return
    False if `countries` is empty.
    """
    is_body = isinstance(party, Institution) and party.country is not None
    return is_body and bool(countries) and party.country not in countries


def _set_matching_records(
    form: ConfirmForm, coverage: confirm_queries.RelatedCoverage, parties: list[Any]
) -> None:
    """Offer in each row the existing records that match it. `parties`: the existing parties that
    the form names.

    On a fresh page the only certain match is preselected.
    """
    chosen, case = form.chosen_record_refs(), form.case.data or ""
    form.set_matches(
        coverage.articles[0],
        confirm_queries.candidate_records(
            coverage, parties, case_ref=case, chosen_refs=chosen, handles=form.account_handles()
        ),
    )
    if request.method == "GET":
        form.preselect_certain_matches(current_actor())


def _preselect_case(
    form: ConfirmForm, proposal: proposal_views.Proposal, continued_cases: list[Case]
) -> None:
    """Preselect the case that the article continues, if there is exactly one, else a new case.

    A new case gets the names of the targets as its title. No case is preselected if accounts are
    ticked that could be saved at once, but a new case would lack a country.
    """
    countries = [entry.form.country.data for entry in form.incidents.entries]
    form.country.data = next(filter(None, countries), "") or proposal_views.country_of_proposal(
        proposal
    )
    names = [one.value for draft in proposal.drafts.incidents for one in draft.targets]
    title = ", ".join(list(dict.fromkeys(names))[:MAX_NAMES_IN_CASE_TITLE])
    form.title.data = title or proposal.article.title
    if not continued_cases:
        is_ready = not form.country.data and form.accepted_rows("accounts")
        form.case.data = service.IN_NO_CASE if is_ready else service.IN_NEW_CASE
    elif len(continued_cases) == 1:
        form.case.data, form.title.data = continued_cases[0].ref, ""
        form.fill_missing_countries(continued_cases)


def _save_accepted_rows(form: ConfirmForm, proposal: proposal_views.Proposal) -> ConfirmResult:
    """Save the accepted rows, and return the result."""
    by, article = current_actor(), proposal.article
    independence, reader = _read_page(form, article)
    if _has_new_publication_date(form, article):
        set_publication_date(article, form.published.read_date(), by=by)
    is_newly_shared = _shares_article(form, article)
    if is_newly_shared:
        share_article(article, by=by)
    country = reader.article_country()
    new_parties = NewParties(**reader.owner.as_arguments(), country=country)
    plan = reader.build_plan(
        new_parties, InstitutionResolver(country, by=by), proposal.drafted_suggestions
    )
    plan.independence = independence
    result = service.save_confirmed_records(
        article, plan, proposal.drafted_suggestions, owner=reader.owner
    )
    if request.form.get("then") == REVIEW_BUTTON:
        for record in result.new_records:
            submit_record(record, by=by)
    result.is_article_newly_shared = is_newly_shared
    return result


def _read_page(form: ConfirmForm, article: Article) -> tuple[Independence | None, PlanReader]:
    """Return the independence chosen for the source (None for none) and the reader of the accepted
    rows; raise InvalidInput with all errors of the page. Stores nothing.
    """
    _recorded, _dated, _shared, independence, reader = collect_errors(
        lambda: form.validate_no_concurrent_records(confirm_queries.citing_records_digest(article)),
        lambda: _validate_publication_date(form, article),
        lambda: validate_sharing(article) if _shares_article(form, article) else None,
        lambda: _chosen_independence(form, article),
        lambda: PlanReader(
            form,
            article,
            owner=_owner_of_records(form, article),
            latest_date=_latest_event_date(form, article),
        ),
    )
    return independence, reader


def _latest_event_date(form: ConfirmForm, article: Article) -> date:
    """Return the last day on which the events that the article reports can have happened, given by
    the entered publication date if that is new and valid.
    """
    if _has_new_publication_date(form, article) and not form.published.date_error():
        return form.published.read_date().latest
    return latest_possible_event_date(article)


def _shares_article(form: ConfirmForm, article: Article) -> bool:
    """Return whether the article is to be shared with all users."""
    return form.share.data and can_edit(current_actor(), article) and form.needs_sharing()


def _owner_of_records(form: ConfirmForm, article: Article) -> service.RecordOwner:
    """Return the owner of new records: the team and visibility that `default_team_and_visibility`
    gives. But the records are visible to all users if the article is shared now, and restricted to
    the team if the pressed button says so.
    """
    by = current_actor()
    team_id, visibility = default_team_and_visibility(article, by=by)
    if _shares_article(form, article):
        visibility = Visibility.INTERNAL
    if request.form.get("visibility") == Visibility.RESTRICTED:
        visibility = Visibility.RESTRICTED
    return service.RecordOwner(team_id, visibility, by)


def _validate_publication_date(form: ConfirmForm, article: Article) -> None:
    """Raise InvalidInput, once, if a user enters a publication date and others changed it
    meanwhile.
    """
    was, current = form.published_was.data, format_when(article.when)
    is_changed = current not in {was, form.published.data}
    if is_changed and _has_new_publication_date(form, article):
        form.published_was.data = current
        raise InvalidInput(published=_changed_meanwhile_message(current))


def _chosen_independence(form: ConfirmForm, article: Article) -> Independence | None:
    """Return the independence chosen for the source, None if it was not changed on the page.

    Raises InvalidInput, once, if others changed it meanwhile.
    """
    said: Independence | None = form.independence.chosen_code()
    was, current = form.independence_was.data, article.independence
    is_chosen = form.independence.data != was and can_edit(current_actor(), article)
    if not is_chosen or current is Independence.REPEATS_ANOTHER:
        return None
    if current not in {was or Independence.INDEPENDENT, said}:
        form.independence_was.data = current.value
        raise InvalidInput(independence=_changed_meanwhile_message(code_label(current)))
    return said


def _changed_meanwhile_message(current_value: str) -> str:
    """Return the message that somebody else set a field to `current_value` in the meantime."""
    return str(
        _(
            "Somebody changed this to “%(when)s” in the meantime. Press the button again to "
            "save what you typed.",
            when=current_value,
        )
    )


def _is_published_by_target(form: ConfirmForm, article: Article, parties: list[Any]) -> bool:
    """Return whether a target on the page, or the outlet of a targeted journalist, published the
    article. Return False if the user chose the independence of the source, or may not edit the
    article. `parties`: the existing parties that the form names.
    """
    if form.independence.data or not can_edit(current_actor(), article):
        return False
    refs = form.existing_target_refs()
    _publisher, is_own = confirm_queries.publisher_and_involvement(
        article, [one for one in parties if one.ref in refs]
    )
    return is_own or form.has_target_outlet(article.publisher_name())


def _has_new_publication_date(form: ConfirmForm, article: Article) -> bool:
    """Return whether a permitted user entered another publication date."""
    is_changed = form.published.data != form.published_was.data
    return is_changed and can_edit(current_actor(), article)


def _url_after_saving(article: Article, result: ConfirmResult) -> str:
    """Return the URL to show after saving: the open inbox item if no record was saved, else the
    case of the new records, else the article.
    """
    item = None if result.has_records else item_of_article(article)
    if item is not None and not item.is_closed and can_edit(current_actor(), item):
        # On its page the item can be closed as out of scope.
        return record_url(item)
    return url_for("cases.show", ref=result.case.ref) if result.case else record_url(article)


def _saved_message(result: ConfirmResult, form: ConfirmForm, article: Article) -> str:
    """Return the message that says what was saved."""
    if not result.has_records:
        return _nothing_saved_message(result, form, article)
    new, existing = len(result.new_records), len(result.existing_records)
    said = [ngettext("Saved: %(num)d record.", "Saved: %(num)d records.", new)] if new else []
    if new and request.form.get("then") == REVIEW_BUTTON:
        said += filter(None, [_("Submitted for review."), publication_needs(result.new_records)])
    if existing:
        said.append(
            ngettext(
                "%(num)d record that was there before has this article as a source now.",
                "%(num)d records that were there before have this article as a source now.",
                existing,
            )
        )
    drafts = sum(one.was_returned_to_draft for one in result.existing_records)
    if drafts:
        said.append(back_to_draft_message(drafts))
    if result.is_published_by_target:
        said.append(
            _("It was published by the outlet concerned, so it is not an independent source.")
        )
    if result.is_article_newly_shared:
        said.append(_("This article is now shared with all users."))
    if new and request.form.get("then") != REVIEW_BUTTON:
        said.append(
            ngettext(
                "It is a draft until you submit it for review.",
                "They are drafts until you submit them for review.",
                new,
            )
        )
    flash_next_item(excluding=article)
    return " ".join(said)


def _nothing_saved_message(result: ConfirmResult, form: ConfirmForm, article: Article) -> str:
    """Return the message that no record was saved. It also says what else was saved: details of the
    source, the publication date, or that the suggestions count as skipped.
    """
    said = [_("Nothing was accepted; no record was saved.")]
    if result.is_independence_chosen:
        said.append(_("Details of the source were saved."))
    if _has_new_publication_date(form, article):
        said.append(_("The publication date was saved."))
    if result.has_outcomes:
        said.append(_("The suggestions count as skipped, and can still be accepted."))
    return " ".join(said)


def _render_confirm_page(
    form: ConfirmForm,
    proposal: proposal_views.Proposal,
    parties: list[Any],
    close_form: CloseItemForm,
) -> tuple[str, int]:
    """Return the confirm page and its HTTP status. `parties`: the existing parties that the form
    names; `close_form`: the form that closes the inbox item.
    """
    article = proposal.article
    anchors: dict[str, str] = {}
    for anchor, row in form.rows_with_id():
        for key in (row.came.data or "").split():
            anchors.setdefault(key, anchor)
    form.set_weak_suggestions(proposal.drafts)
    form.store_shown_digests()
    item = item_of_article(article)
    if item is not None:
        close_form.populate(item)
    rows = form.incidents.entries
    type_labels = dict(rows[0].form.types.selectable_types) if rows else {}
    marks = suggestion_marks(proposal.drafted_suggestions.values(), anchors, type_labels)
    text, status = render_form(
        "intake/confirm.html",
        form=form,
        article=article,
        item=item,
        ending=close_form,
        is_own=_is_published_by_target(form, article, parties),
        may_need_sharing=form.may_need_sharing(),
        lines=split_by_marks(article.sentences[:SENTENCES_PER_PART], marks),
        drafted_suggestions=proposal.drafted_suggestions,
        is_recorded=bool(cited_article_ids([article])),
        is_read=article.language in proposal_views.SUGGESTION_LANGUAGES,
        has_omitted_drafts=proposal.has_omitted_drafts,
        has_failed=proposal.has_failed,
        is_busy=proposal.is_busy,
        switches_language=True,
    )
    return text, 422 if close_form.reason.errors else status


@dataclass(frozen=True, slots=True)
class SuggestionMark:
    """A passage that is highlighted in the article because it supports a suggestion. `html_id`: the
    HTML id of the highlighted passage; `label`: its label; `row_html_id`: the HTML id of the row
    made from the suggestion, "" for none.
    """

    html_id: str
    kind: SuggestionKind
    label: str
    row_html_id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class MarkedPiece:
    """A part of a sentence. `marks`: the highlighted passages that cover this part;
    `starting_marks`: the highlighted passages that begin with this part.

    The shortest marks come first.
    """

    text: str
    marks: tuple[SuggestionMark, ...]
    starting_marks: tuple[SuggestionMark, ...]


@dataclass(frozen=True, slots=True)
class MarkedSentence:
    """A sentence, split into parts where a highlighted passage begins or ends. `opens_paragraph`:
    whether the sentence begins a paragraph.
    """

    number: int
    opens_paragraph: bool
    pieces: list[MarkedPiece]


def suggestion_marks(
    drafted_suggestions: Iterable[Suggestion],
    anchors: Mapping[str, str],
    type_labels: Mapping[str, str],
) -> list[SuggestionMark]:
    """Return the passages that support the suggestions, as they are highlighted in the article.
    `anchors`: the HTML ids of form rows, by the key of a suggestion; `type_labels`: labels of
    incident types by code.
    """
    found = []
    for one in drafted_suggestions:
        said = type_labels.get(one.code) if one.kind is SuggestionKind.TYPE else None
        if one.kind is SuggestionKind.ACT:
            said = get_label(ActType(one.code), current_language())
        for place, passage in enumerate(one.passages):
            name = f"m-{one.key}" + (f"-{place}" if place else "")
            anchor = anchors.get(one.key, "")
            words = said or get_label(one.kind, current_language())
            found.append(SuggestionMark(name, one.kind, words, anchor, passage.start, passage.end))
    return found


def split_by_marks(
    sentences: Sequence[Sentence], marks: Sequence[SuggestionMark]
) -> list[MarkedSentence]:
    """Return the sentences, each split into parts where a highlighted passage begins or ends.
    `marks`: the highlighted passages, which may overlap.
    """
    cited = [CitedPassage(mark.start, mark.end, place) for place, mark in enumerate(marks)]
    begun: set[str] = set()
    lines, paragraph = [], 0
    for sentence in sentences:
        found = []
        for piece in split_by_citations(sentence, cited):
            over = tuple(sorted((marks[place] for place in piece.record_indexes), key=_mark_length))
            starting_marks = tuple(mark for mark in over if mark.html_id not in begun)
            begun.update(mark.html_id for mark in starting_marks)
            found.append(MarkedPiece(piece.text, over, starting_marks))
        lines.append(MarkedSentence(sentence.number, sentence.paragraph != paragraph, found))
        paragraph = sentence.paragraph
    return lines


def _mark_length(mark: SuggestionMark) -> int:
    """Return the length of a highlighted passage in characters."""
    return mark.end - mark.start
