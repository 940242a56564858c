"""Load the suggestions of an article, and fill the confirm form with them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from flask import request
from sqlalchemy.orm import joinedload
from werkzeug.datastructures import MultiDict

from tracker import clock
from tracker.articles.codes import Independence, Language
from tracker.articles.models import Article
from tracker.articles.queries import article_text_load_options, cited_article_ids
from tracker.articles.rules import shorten_masks
from tracker.articles.service import default_team_and_visibility, has_stated_independence
from tracker.errors import redacted_traceback
from tracker.i18n import _
from tracker.incidents.codes import TargetKind
from tracker.incidents.rules import ABUSIVE_LAWSUIT_TYPE
from tracker.intake import drafts as intake_drafts
from tracker.intake import filling, sheet
from tracker.intake.codes import SuggestionKind
from tracker.intake.confirm_forms import ConfirmForm
from tracker.intake.confirm_queries import article_text_for_reader, citing_records_digest
from tracker.intake.drafting import build_drafts, draft_of_sentences, reported_country
from tracker.intake.inbox_service import compute_suggestions
from tracker.intake.quoting import truncate_passages
from tracker.parsing import ParsingError
from tracker.permissions import can_edit
from tracker.reader.suggest import Suggestions, SuggestionsError
from tracker.reader.text import ArticleText
from tracker.responses.codes import AnswerScope, QuoteIs
from tracker.web.guards import current_actor
from tracker.web.saving import load, without_write_lock
from tracker.when import When, WhenError, format_when, parse_when

# Values of a form or one of its rows, by name of the field; nested for sub-forms and lists.
RowData = dict[str, Any]
# The type of a draft, or of a suggestion in a draft.
AnyDraft = TypeVar("AnyDraft")
# The code of the kind of target in the form, by kind of suggestion.
TARGET_KIND_BY_SUGGESTION_KIND = {
    SuggestionKind.JOURNALIST: TargetKind.JOURNALIST.value,
    SuggestionKind.OUTLET: TargetKind.OUTLET.value,
}
# The data of the one target of an incident for which the article names no target.
UNNAMED_TARGET_ROW = {"use": True, "kind": TargetKind.UNNAMED_PERSON.value}
log = logging.getLogger(__name__)
# The languages in which suggestions are found. In texts of other languages a user adds each record
# by giving the numbers of its sentences.
SUGGESTION_LANGUAGES = frozenset({Language.EN, Language.RU, Language.KK})
# The suggestions found in an article, and the drafts of records made of them.
SuggestionsAndDrafts = tuple[Suggestions, intake_drafts.Drafts]


@dataclass(frozen=True, slots=True)
class Proposal:
    """An article with the suggestions for it. `article_text`: the text that was read;
    `suggestions`: everything found in it; `drafts`: the drafts of records made from this;
    `drafted_suggestions`: the suggestions in the drafts, by key.
    """

    article: Article
    article_text: ArticleText
    suggestions: Suggestions
    drafts: intake_drafts.Drafts
    drafted_suggestions: dict[str, intake_drafts.Suggestion]
    # Whether more was found than one form has room for, and whether the rules failed on the text.
    has_omitted_drafts: bool
    has_failed: bool
    # Whether the server was too busy to read it.
    is_busy: bool = False


def is_save_request() -> bool:
    """Return whether the request saves the form; its other buttons only change the page."""
    return request.method == "POST" and "do" not in request.form


def load_proposal(ref: str) -> Proposal:
    """Return an article with its suggestions, computed without holding the write lock."""
    article = _load_article(ref)
    # Raises an error for a user without a team, who could save nothing.
    default_team_and_visibility(article, by=current_actor())
    article_text, is_busy = article_text_for_reader(article, _publication_date(article)), False
    if article_text.language not in SUGGESTION_LANGUAGES:
        found: SuggestionsAndDrafts | None = Suggestions(), intake_drafts.Drafts()
    else:
        try:
            found = (
                without_write_lock(lambda: _suggestions_and_drafts(article_text))
                if is_save_request()
                else _suggestions_and_drafts(article_text)
            )
        except ParsingError:
            found, is_busy = (Suggestions(), intake_drafts.Drafts()), True
        if is_save_request():
            article = _load_article(ref)
    suggestions, drafts = found or (Suggestions(), intake_drafts.Drafts())
    shown = limit_to_form_size(drafts)
    return Proposal(
        article, article_text, suggestions, shown, shown.suggestions_by_key(),
        has_omitted_drafts=shown != drafts, has_failed=found is None, is_busy=is_busy,
    )  # fmt: skip


def build_proposal_form(proposal: Proposal) -> ConfirmForm:
    """Return the confirm form: prefilled, or as submitted with the pressed button applied.

    Dates are recomputed if the article's was changed, and rows are split, joined or added.
    """
    if request.method == "GET":
        return _prefilled_form(proposal)
    if proposal.is_busy:
        form = ConfirmForm()
        form.form_errors.append(
            _("The server is busy reading other texts. Press the button again.")
        )
        return form
    submitted = sheet.SubmittedRows(request.form.items(multi=True))
    submitted.clear_unchanged_digests()
    has_updated_dates = filling.update_dates(submitted, proposal.drafts)
    filling.fill_ticked_weak_suggestions(submitted, proposal.drafts)
    filling.apply_common_facts(
        submitted, clock.current_date(), with_country=request.form.get("do") == "all"
    )
    if is_save_request():
        form = ConfirmForm(formdata=MultiDict(submitted.form_pairs()))
        form.has_updated_dates = has_updated_dates
        return form
    return _form_after_button(proposal, submitted, request.form["do"].split(" "))


def _form_after_button(
    proposal: Proposal, submitted: sheet.SubmittedRows, button: Sequence[str]
) -> ConfirmForm:
    """Return the submitted form with a button applied, or with the error why it cannot be applied.
    `button`: the words in the value of the pressed button, such as ["join", "incidents", "1"].
    """
    if button == ["more"]:
        refused = sheet.add_missing_row(
            submitted,
            len(proposal.article.sentences),
            lambda numbers: _pairs_of_missing_incident(proposal, submitted, numbers),
        )
    else:
        refused = sheet.apply_button(submitted, button, proposal.drafted_suggestions)
    form = ConfirmForm(formdata=MultiDict(submitted.form_pairs()))
    for one in (form.published, form.shared.form.when):
        if unread := one.date_error():
            one.errors = [unread]
    form.edited = "" if refused else _row_id_of_button(button, form)
    if button[0] == "open":
        form.opened = form.edited
    if refused and button == ["more"]:
        form.more_quote.errors = [refused]
    elif refused:
        form.form_errors.append(refused)
    return form


def _pairs_of_missing_incident(
    proposal: Proposal, submitted: sheet.SubmittedRows, sentence_numbers: set[int]
) -> Iterator[tuple[str, str]]:
    """Yield the names and values of the fields of an incident that a user adds, as found in the
    sentences with these numbers. A country that they do not give is taken from the last incident;
    so is the place if they give neither place nor date.
    """
    draft = draft_of_sentences(proposal.article_text, proposal.suggestions, sentence_numbers)
    rows = submitted.rows["incidents"]
    last = rows[max(rows)] if rows else sheet.SubmittedRow()
    country = last.get_value("country") or country_of_proposal(proposal)
    data = _incident_row(draft, country, is_uncited=False)
    if draft.place is None and draft.when is None:
        data |= {name: last.get_value(name) for name in ("region", "place")}
    if not draft.targets:
        del data["targets"]
    # The user gave the sentences; suggestions of other incidents do not belong to this one.
    for name in ("use", "quote", "came", "dated", "suggested_extent"):
        del data[name]
    data["key"] = submitted.next_incident_key()
    return _form_pairs(data | {"targets": [one | {"came": ""} for one in data.get("targets", ())]})


def _form_pairs(data: RowData, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield the values of a row as a browser sends them. `prefix`: the beginning of their names."""
    for name, value in data.items():
        for place, one in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(one, dict):
                inner = f"{name}-{place}" if isinstance(value, list) else name
                yield from _form_pairs(one, f"{prefix}{inner}-")
            elif one:
                yield prefix + name, sheet.TICKED_VALUE if one is True else str(one)


def _row_id_of_button(button: Sequence[str], form: ConfirmForm) -> str:
    """Return the HTML id of the row that a button belongs to, "" for none. `button`: the words in
    the value of the pressed button, such as ["join", "incidents", "1"].
    """
    match button:
        case ["split-type", number, _code]:
            return f"incidents-{number}"
        case ["join", kind, number]:
            return f"{kind}-{sheet.parse_row_number(number) - 1}"
        case ["open" | "part" | "split-part" | "update", kind, number, *_place]:
            return f"{kind}-{number}"
        case ["more"] if form.more.data in sheet.SUBROW_FIELD_BY_ROW_KIND:
            return f"{form.more.data}-{len(form[form.more.data].entries) - 1}"
    return ""


def _prefilled_form(proposal: Proposal) -> ConfirmForm:
    """Return the form with the drafts of the proposal filled in."""
    article = proposal.article
    is_uncited = not cited_article_ids([article])
    data = confirm_form_data(
        proposal.drafts, country=country_of_proposal(proposal), is_uncited=is_uncited
    )
    data["cited"] = citing_records_digest(article)
    data["published"] = data["published_was"] = format_when(article.when)
    data["independence"] = data["independence_was"] = _stated_independence(article)
    return ConfirmForm(formdata=None, data=data)


def country_of_proposal(proposal: Proposal) -> str:
    """Return the code of the country that the article reports, or else of the country of its
    publisher. Return "" if both are unknown.
    """
    publisher = proposal.article.publisher
    return reported_country(proposal.suggestions) or (publisher and publisher.country) or ""


def _stated_independence(article: Article) -> str:
    """Return the independence that a person set for the source, "" if none."""
    is_repeat = article.independence is Independence.REPEATS_ANOTHER
    if is_repeat or not can_edit(current_actor(), article):
        return ""
    return article.independence.value if has_stated_independence(article) else ""


def _publication_date(article: Article) -> When:
    """Return the publication date in the submitted form, if it is valid and the user may edit the
    article. Else return the stored publication date.
    """
    if "published" in request.form and can_edit(current_actor(), article):
        try:
            return parse_when(request.form["published"], latest_possible_date=clock.current_date())
        except WhenError:
            # The form shows the error at its field.
            pass
    return article.when


def _suggestions_and_drafts(article_text: ArticleText) -> SuggestionsAndDrafts | None:
    """Return the suggestions for an article and the drafts made from them. Return None if the code
    that finds them fails on this article; the failure is logged.

    Raises `ParsingError` if the server is too busy.
    """
    try:
        found = compute_suggestions(article_text)
        return found, build_drafts(article_text, found)
    except ParsingError:
        raise
    except SuggestionsError as error:
        log.error("the rules broke on a text\n%s", error)  # noqa: TRY400 (its trace is the child's)
        return None
    except Exception as error:  # noqa: BLE001 (no text may shut the page: all can be added by hand)
        _log_reader_failure(error)
        return None


def _log_reader_failure(error: Exception) -> None:
    """Log an error of the code that finds suggestions."""
    # The traceback without any words of the article.
    log.error("the rules broke on a text\n%s", redacted_traceback(error))


def _load_article(ref: str) -> Article:
    """Return the article with a ref and its related data; raise NotFound if there is none."""
    return load(Article, ref, *article_text_load_options(), joinedload(Article.repeats))


def limit_to_form_size(drafts: intake_drafts.Drafts) -> intake_drafts.Drafts:
    """Return the most certain drafts, as many as a form has room for, in article order."""
    return intake_drafts.Drafts(
        incidents=[
            replace(
                one,
                targets=_most_certain_drafts(one.targets, sheet.MAX_SUBROWS, _suggestion_score),
                quote=truncate_passages(one.quote),
            )
            for one in _most_certain_drafts(
                drafts.incidents,
                sheet.MAX_ROWS_PER_KIND,
                lambda one: max(map(_suggestion_score, one.types), default=0.0),
            )
        ],
        accounts=[
            replace(
                one,
                impersonates=_most_certain_drafts(
                    one.impersonates, sheet.MAX_SUBROWS, _suggestion_score
                ),
                quote=truncate_passages(one.quote),
            )
            for one in _most_certain_drafts(
                drafts.accounts, sheet.MAX_ROWS_PER_KIND, lambda one: one.account.score
            )
        ],
        responses=[
            replace(
                one,
                acts=_most_certain_drafts(one.acts, sheet.MAX_SUBROWS, lambda act: act.act.score),
            )
            for one in _most_certain_drafts(
                drafts.responses, sheet.MAX_ROWS_PER_KIND, lambda one: one.response.score
            )
        ],
    )


def _most_certain_drafts(
    drafts: Sequence[AnyDraft], limit: int, certainty: Callable[[AnyDraft], float]
) -> list[AnyDraft]:
    """Return the drafts with the highest `certainty`, at most `limit`, in their original order."""
    kept = sorted(range(len(drafts)), key=lambda place: -certainty(drafts[place]))[:limit]
    return [drafts[place] for place in sorted(kept)]


def _suggestion_score(suggestion: intake_drafts.Suggestion) -> float:
    """Return the score of a suggestion, as its certainty."""
    return suggestion.score


def confirm_form_data(drafts: intake_drafts.Drafts, *, country: str, is_uncited: bool) -> RowData:
    """Return the data that prefills the rows of the confirm form. `country`: the country of an
    incident whose place has no country; `is_uncited`: whether no record cites the article yet; only
    then are strong suggestions ticked.
    """
    return {
        "incidents": [
            _incident_row(one, country, is_uncited=is_uncited)
            | {"key": str(number), "with_accounts": one.uses_accounts and bool(drafts.accounts)}
            for number, one in enumerate(drafts.incidents, 1)
        ],
        "accounts": [_account_row(one, is_uncited=is_uncited) for one in drafts.accounts],
        "responses": [
            _response_row(one) | {"answers": _answered_keys(one, drafts.incidents)}
            for one in drafts.responses
        ],
    }


def _answered_keys(
    response: intake_drafts.ResponseDraft, incidents: Iterable[intake_drafts.IncidentDraft]
) -> list[str]:
    """Return the keys of the rows of the incidents that a response answers."""
    return [
        str(number)
        for number, one in enumerate(incidents, 1)
        if any(part.key in response.answered_type_keys for part in one.types)
    ]


def _incident_row(draft: intake_drafts.IncidentDraft, country: str, *, is_uncited: bool) -> RowData:
    """Return the data of the row of an incident. `country`: the country of the incident if its
    place has no country; `is_uncited`: whether no record cites the article yet.

    The row is accepted if a type and a target are strong and the country is known: without these it
    could not be saved. An accepted row has only the strong suggestions; any other row has all
    suggestions, for the user to accept or skip. Types that only a monitor sets are never ticked.
    """
    strong = [one.code for one in draft.types if one.is_strong and one.code != ABUSIVE_LAWSUIT_TYPE]
    is_aimed = any(one.is_strong for one in draft.targets)
    country = (draft.found_place.country if draft.found_place else "") or country
    is_accepted = is_uncited and bool(strong) and is_aimed and bool(country)
    data = {
        "use": is_accepted,
        "came": _suggestion_keys(
            [*draft.types, *(one for one in (draft.when, draft.place) if one)]
        ),
        "types": strong,
        "quote": draft.quote,
        "occurred": _date_fields(draft, is_accepted=is_accepted),
        "dated": draft.suggested_date,
        "extent": draft.extent.value,
        "suggested_extent": draft.extent.value,
        "country": country,
        "targets": [_target_row(one, is_accepted=is_accepted) for one in draft.targets]
        or [UNNAMED_TARGET_ROW],
        "with_accounts": draft.uses_accounts,
    }
    if not is_accepted:
        data |= {
            "types": [one.code for one in draft.types if one.code != ABUSIVE_LAWSUIT_TYPE],
            "place": draft.place.value if draft.place else "",
            "region": draft.found_place.region
            if draft.place and draft.found_place and draft.found_place.country == country
            else "",
            "purported_as": draft.purported_as.value if draft.purported_as else "",
        }
    return data


def _date_fields(draft: intake_drafts.IncidentDraft, *, is_accepted: bool) -> RowData:
    """Return the data of the date field of an incident. It is empty for a draft without a date, and
    for a weakly suggested date in a row that is accepted.
    """
    if draft.when is None or (is_accepted and not draft.when.is_strong):
        return {}
    return {"when": draft.when.value, "as_stated": draft.date_as_stated}


def _target_row(suggestion: intake_drafts.Suggestion, *, is_accepted: bool) -> RowData:
    """Return the data of the sub-row of a target. It is ticked if the suggestion of the target is
    strong, or the row of the incident is not accepted yet.
    """
    return {
        "use": suggestion.is_strong or not is_accepted,
        "came": suggestion.key,
        "kind": TARGET_KIND_BY_SUGGESTION_KIND[suggestion.kind],
        "who": {"name": suggestion.value},
    }


def _account_row(draft: intake_drafts.AccountDraft, *, is_uncited: bool) -> RowData:
    """Return the data of the row of an account. `is_uncited`: whether no record cites the article
    yet; only then is a strong suggestion ticked.

    If it is ticked, only strong suggestions of the impersonated parties are filled in.
    """
    is_accepted = is_uncited and draft.account.is_strong
    event = draft.event if not is_accepted else None
    return {
        "use": is_accepted,
        "came": draft.account.key,
        "kind": draft.kind,
        "identified": draft.identified.value,
        "accounts_at_least": draft.accounts_at_least,
        "platform": draft.platform,
        "handle": draft.account.value,
        "event": event.value if event else "",
        "event_on": {"when": draft.when.value, "as_stated": draft.date_as_stated}
        if event and draft.when
        else {},
        "quote": draft.quote,
        "impersonates": [
            {"kind": TARGET_KIND_BY_SUGGESTION_KIND[one.kind], "who": {"name": one.value}}
            for one in draft.impersonates
            if one.is_strong or not is_accepted
        ],
    }


def _response_row(draft: intake_drafts.ResponseDraft) -> RowData:
    """Return the data of the row of a response."""
    return {
        # The speaker of a response is not read reliably enough: no response is preselected.
        "use": False,
        "came": _suggestion_keys([draft.response, *(one for one in (draft.when,) if one)]),
        "institution": {"name": draft.institution},
        "country": draft.country,
        "made": {"when": draft.suggested_date, "as_stated": draft.date_as_stated},
        "dated": draft.suggested_date,
        "institution_kind": draft.institution_kind.value if draft.institution_kind else "",
        "official": draft.official,
        "office": draft.office,
        "standing": draft.standing.value,
        "stance": draft.stance.value,
        "answers_scope": (
            AnswerScope.INCIDENTS if draft.answered_type_keys else AnswerScope.CASE
        ).value,
        "acts": [_act_row(one) for one in draft.acts],
    }


def _act_row(draft: intake_drafts.ActDraft) -> RowData:
    """Return the data of the sub-row of an act."""
    return {
        "use": not draft.is_redundant,
        "came": draft.act.key,
        "act": draft.kind.value,
        "quote": shorten_masks(draft.act.value),
        "quote_is": (QuoteIs.DIRECT if draft.is_direct_quote else QuoteIs.REPORTED).value,
        "unspecified": draft.is_by_law_enforcement,
    }


def _suggestion_keys(parts: Iterable[intake_drafts.Suggestion]) -> str:
    """Return the keys of suggestions in one text, separated by spaces, as rows store them."""
    return " ".join(one.key for one in parts)
