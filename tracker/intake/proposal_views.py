"""What an article suggests to the request that is answered, and the form that proposes it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import request
from sqlalchemy.orm import joinedload
from werkzeug.datastructures import MultiDict

from tracker import clock
from tracker.articles.codes import Independence, Language
from tracker.articles.editing_service import has_stated_independence
from tracker.articles.logging_rules import whose
from tracker.articles.models import Article
from tracker.articles.queries import cited_among, to_log_from
from tracker.errors import trace_of
from tracker.i18n import _
from tracker.intake.confirm_forms import ConfirmForm
from tracker.intake.confirm_queries import citing, reading_of_article
from tracker.intake.drafting import country_told, drafts_of
from tracker.intake.drafts import Drafts
from tracker.intake.prefill import filled, fitted
from tracker.intake.rearranging import add, date_anew, rearrange, take
from tracker.intake.service import suggest_in_child
from tracker.intake.sheet import Sheet
from tracker.intake.suggest import Suggestions, SuggestionsError
from tracker.parsing import ParsingError
from tracker.permissions import may_edit
from tracker.web.guards import current_actor
from tracker.web.records import load
from tracker.web.saving import meanwhile
from tracker.when import WhenError, parse_when, typed

if TYPE_CHECKING:
    from tracker.intake.drafts import Suggested
    from tracker.intake.reading.text import Reading
    from tracker.when import When

log = logging.getLogger(__name__)

# In these the rules read; of other texts everything is added by its sentence numbers.
READ = frozenset({Language.EN, Language.RU, Language.KK})
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
    # Whether the server was too busy to read it.
    is_busy: bool = False


def saves() -> bool:
    """Say whether the request saves; the buttons within the form do not."""
    return request.method == "POST" and "do" not in request.form


def propose(ref: str) -> Proposal:
    """Load an article and read it; a request that writes lets go of the database meanwhile."""
    article = _load(ref)
    # Who is in no team could save nothing: that is said before anything is typed.
    whose(article, by=current_actor())
    reading, is_busy = reading_of_article(article, _published(article)), False
    if reading.language not in READ:
        found: Read | None = Suggestions(), Drafts()
    else:
        try:
            found = meanwhile(lambda: _read(reading)) if saves() else _read(reading)
        except ParsingError:
            found, is_busy = (Suggestions(), Drafts()), True
        if saves():
            article = _load(ref)
    suggestions, drafts = found or (Suggestions(), Drafts())
    shown = fitted(drafts)
    return Proposal(
        article, suggestions, shown, shown.suggested(),
        has_more=shown != drafts, has_failed=found is None, is_busy=is_busy,
    )  # fmt: skip


def form_of(proposal: Proposal) -> ConfirmForm:
    """Return the form: fresh, or as it was sent, its dates counted anew where the article's was
    changed, and its rows split, joined or added to where a button says so.
    """
    if request.method == "GET":
        return _fresh(proposal)
    if proposal.is_busy:
        form = ConfirmForm()
        form.form_errors.append(
            _("The server is busy reading other texts. Press the button again.")
        )
        return form
    sheet = Sheet(request.form.items(multi=True))
    sheet.forget_unchanged()
    is_dated_anew = date_anew(sheet, proposal.drafts)
    take(sheet, proposal.drafts)
    if saves():
        form = ConfirmForm(formdata=MultiDict(sheet.typed()))
        form.is_dated_anew = is_dated_anew
        return form
    do = request.form["do"].split(" ")
    if do == ["more"]:
        refused = add(sheet, len(proposal.article.sentences), proposal.found.acts)
    else:
        refused = rearrange(sheet, do)
    form = ConfirmForm(formdata=MultiDict(sheet.typed()))
    if unread := form.published.why_not():
        form.published.errors = [unread]
    match do:
        case ["open", *row]:
            form.opened = "-".join(row)
    if refused and do == ["more"]:
        form.more_quote.errors = [refused]
    elif refused:
        form.form_errors.append(refused)
    return form


def _fresh(proposal: Proposal) -> ConfirmForm:
    article = proposal.article
    publisher = article.publisher.country if article.publisher else None
    is_new = not cited_among([article])
    country = country_told(proposal.found) or publisher or ""
    data = filled(proposal.drafts, country=country, is_new=is_new)
    data["cited"] = citing(article)
    data["published"] = data["published_was"] = typed(article.when)
    data["independence"] = data["independence_was"] = _stated(article)
    return ConfirmForm(formdata=None, data=data)


def _stated(article: Article) -> str:
    """Return how independent a person said the source is, "" where nobody did."""
    is_repeat = article.independence is Independence.REPEATS_ANOTHER
    if is_repeat or not may_edit(current_actor(), article):
        return ""
    return article.independence.value if has_stated_independence(article) else ""


def _published(article: Article) -> When:
    """Return when the article was published: as it is typed here, where that can be read."""
    if "published" in request.form and may_edit(current_actor(), article):
        try:
            return parse_when(request.form["published"], known_by=clock.today())
        except WhenError:
            # The form says so at its field.
            pass
    return article.when


def _read(reading: Reading) -> Read | None:
    """Return what the rules find and the drafts of it, None where they break on the text; raises
    `ParsingError` where the server is too busy.
    """
    try:
        found = suggest_in_child(reading)
        return found, drafts_of(reading, found)
    except ParsingError:
        raise
    except SuggestionsError as error:
        log.error("the rules broke on a text\n%s", error)  # noqa: TRY400 (its trace is the child's)
        return None
    except Exception as error:  # noqa: BLE001 (no text may shut the page: all can be added by hand)
        _broke(error)
        return None


def _broke(error: Exception) -> None:
    # Where it broke, and none of the words on which it did.
    log.error("the rules broke on a text\n%s", trace_of(error))


def _load(ref: str) -> Article:
    return load(Article, ref, *to_log_from(), joinedload(Article.repeats))
