"""The inbox: import texts and files, assign and close items, compute suggestions."""

from __future__ import annotations

import hashlib
import json
import math
import threading
import time
import unicodedata
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tracker import clock
from tracker.articles import extraction
from tracker.articles import service as article_service
from tracker.articles.citation_service import ReprintResult, mark_as_reprint
from tracker.articles.incoming import IncomingArticle, media_type_by_file_name, read_file
from tracker.articles.models import Article
from tracker.articles.queries import cited_article_ids
from tracker.audit.service import audited_change
from tracker.db import db
from tracker.errors import InvalidInput
from tracker.i18n import _, remove_invisible_characters
from tracker.intake.codes import InboxState, UnreadReason
from tracker.intake.models import IntakeItem
from tracker.intake.queries import article_by_digest, item_of_article, unreadable_item_by_digest
from tracker.parsing import MEGABYTE, Job, ParsingError, ParsingReason, parse
from tracker.permissions import Actor, Visibility, can_edit
from tracker.reader.suggest import Suggestions, SuggestionsError, from_json
from tracker.reader.text import ArticleText
from tracker.records import set_record_author
from tracker.users.models import User
from tracker.when import When

# Total size of the cached suggestions of this process, as JSON.
MAX_CACHE_BYTES = 16 * MEGABYTE
# Seconds until an unreadable text is tried again: the machine may have been busy.
FAILURE_CACHE_SECONDS = 60.0
MAX_FILE_NAME_LENGTH = 200  # characters
# The longest title that is made from the first line of a text.
MAX_FALLBACK_TITLE_LENGTH = 120  # characters
# Unicode categories of invisible characters, of characters that make one file name look like
# another, and of lone surrogates.
INVISIBLE_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
# The media type of a file whose name has no supported extension.
UNKNOWN_MEDIA_TYPE = "application/octet-stream"


def read_upload(content: bytes, file_name: str) -> IncomingArticle | UnreadReason:
    """Return the article in an uploaded file, or the reason why it cannot be read.

    Slow, and without the database. Raises InvalidInput at `files` if the server is too busy.
    """
    if media_type_by_file_name(file_name) is None:
        return UnreadReason.KIND
    if len(content) > extraction.MAX_FILE_BYTES:
        return UnreadReason.TOO_LARGE
    try:
        came = read_file(content, file_name)
    except InvalidInput as error:
        cause = error.__cause__
        if isinstance(cause, extraction.ExtractionError):
            if cause.reason is extraction.ExtractionReason.BUSY:
                raise InvalidInput(files=str(error)) from error
            return UnreadReason(cause.reason.value)
        return UnreadReason.TOO_LONG
    return came if came.text else UnreadReason.EMPTY


def receive_article(
    incoming: IncomingArticle,
    *,
    file_name: str = "",
    url: str = "",
    published: When | None = None,
    allow_duplicate: bool = False,
    team_id: int,
    visibility: Visibility = Visibility.RESTRICTED,
    by: Actor,
) -> IntakeItem:
    """Store an imported article in the inbox of its team; raise DuplicateArticle if its address,
    bytes or text are on record, unless `allow_duplicate`. `url`, `published`: those of the user.
    """
    field = "files" if file_name else "text"
    incoming = article_service.recognize_publisher_line(incoming)
    url = article_service.choose_url(
        incoming, url=url, allow_duplicate=allow_duplicate, field=field
    )
    article_service.validate_not_duplicate(
        incoming,
        url=url,
        team_id=team_id,
        allow_duplicate=allow_duplicate,
        field=field,
        by_similarity=False,
    )
    name = stored_file_name(file_name)
    article = article_service.add_article(
        incoming.title or fallback_title(incoming.text, name),
        incoming=incoming,
        url=url,
        published=published,
        team_id=team_id,
        visibility=visibility,
        by=by,
    )
    item = IntakeItem(article=article, file_name=name, state=InboxState.RECEIVED)
    item.media_type, item.sha256 = incoming.media_type, incoming.sha256
    return _store_item(item, team_id=team_id, by=by)


def store_unreadable_file(
    content: bytes,
    file_name: str,
    reason: UnreadReason,
    *,
    allow_duplicate: bool = False,
    team_id: int,
    by: Actor,
) -> IntakeItem:
    """Store an unreadable file with the reason. If the team has an unreadable file with the same
    bytes, return its item instead. `allow_duplicate`: store the file even if its text is an article
    of the team already.

    Raises InvalidInput at `files` for a file that is too large to store, and DuplicateArticle if
    its text is entered already, unless `allow_duplicate`.
    """
    if len(content) > extraction.MAX_FILE_BYTES:
        raise InvalidInput(files=_("At most 10 MB. It was not stored."))
    sha256 = hashlib.sha256(content).hexdigest()
    made = None if allow_duplicate else article_by_digest(sha256, team_id)
    if made is not None:
        raise article_service.DuplicateArticle("files", [made], may_keep=True)
    found = unreadable_item_by_digest(sha256, team_id)
    if found is not None:
        return found
    item = IntakeItem(content=content, unread_reason=reason, state=InboxState.UNREADABLE)
    item.file_name, item.sha256 = stored_file_name(file_name), sha256
    item.media_type = media_type_by_file_name(file_name) or UNKNOWN_MEDIA_TYPE
    return _store_item(item, team_id=team_id, by=by)


def set_item_text(
    item: IntakeItem,
    pasted: IncomingArticle,
    *,
    url: str = "",
    allow_duplicate: bool = False,
    by: Actor,
) -> Article:
    """Create the article of an unreadable file from text that a user pasted. `allow_duplicate`:
    create it even if the tracker has the article already. Raise InvalidInput if the item has an
    article, nothing was pasted, or it is a duplicate.
    """
    if item.content is None:
        raise InvalidInput(version=_("Its text is here already."))
    if not pasted.text:
        raise InvalidInput(text=_("Paste the text of the article."))
    came = article_service.recognize_publisher_line(pasted)
    came = replace(came, content=item.content, media_type=item.media_type)
    article_service.validate_not_duplicate(
        came, url=url, team_id=item.team_id, allow_duplicate=allow_duplicate, by_similarity=False
    )
    with audited_change(item, "intake:read", by=by):
        item.article = article_service.add_article(
            came.title or fallback_title(came.text, item.file_name),
            incoming=came,
            url=url,
            team_id=item.team_id,
            visibility=item.visibility,
            by=by,
        )
        item.content, item.unread_reason = None, None
        if item.state is InboxState.UNREADABLE:
            item.state = InboxState.RECEIVED
        item.mark_revised(by=by)
    return item.article


def assign_item(item: IntakeItem, *, by: Actor) -> None:
    """Assign an item to the actor; raise InvalidInput if it is closed."""
    _require_open_item(item)
    with audited_change(item, "intake:take", by=by):
        person = db.session.get(User, by.id)
        item.state, item.taken_by = InboxState.TAKEN, person
        item.mark_revised(by=by)


def unassign_item(item: IntakeItem, *, by: Actor) -> None:
    """Remove the assignment of an item; raise InvalidInput if it is closed."""
    _require_open_item(item)
    with audited_change(item, "intake:release", by=by):
        _reset_to_unassigned(item)
        item.mark_revised(by=by)


def reopen_item(item: IntakeItem, *, by: Actor) -> None:
    """Reopen a closed item; records made from it stay. Raise InvalidInput if it is open."""
    if not item.is_closed:
        raise InvalidInput(version=_("It is open."))
    with audited_change(item, "intake:reopen", by=by):
        _reset_to_unassigned(item)
        item.ended_at, item.ended_by, item.reason = None, None, ""
        item.mark_revised(by=by)


def close_item(
    item: IntakeItem,
    state: InboxState,
    *,
    reason: str = "",
    earlier: Article | None = None,
    by: Actor,
) -> ReprintResult | None:
    """Close an item in a state of `CLOSED_STATES`: `LOGGED` if records cite its article,
    `ADDS_SOURCE` if its article repeats the article `earlier`, `OUT_OF_SCOPE` for the given
    `reason`. Return the result of adding the article to the records that cite `earlier`, None in
    other states. Raise InvalidInput if what the state needs is missing, or the item is closed.
    """
    _require_open_item(item)
    article, attached = item.article, None
    if state is InboxState.OUT_OF_SCOPE:
        if not reason.strip():
            raise InvalidInput(reason=_("Say why."))
    elif article is None:
        raise InvalidInput(ending=_("It has no text yet: paste that first."))
    elif state is InboxState.LOGGED and not cited_article_ids([article]):
        raise InvalidInput(ending=_("No record cites it yet: log what it reports first."))
    elif state is InboxState.ADDS_SOURCE:
        if earlier is None:
            raise InvalidInput(earlier=_("Name the earlier article."))
        attached = mark_as_reprint(article, earlier, by=by)
    _close_item(item, state, reason, by)
    return attached


def close_item_of_article(
    article: Article, state: InboxState, *, reason: str = "", by: Actor
) -> None:
    """Close the inbox item of an article, in a state of `CLOSED_STATES`. Do nothing if there is no
    item, the actor may not close it, or it is already in this state.
    """
    item = item_of_article(article)
    if item is not None and item.state is not state and can_edit(by, item):
        _close_item(item, state, reason, by)


def _store_item(item: IntakeItem, *, team_id: int, by: Actor) -> IntakeItem:
    """Store a new item of a team with its log entry, and return it."""
    item.team_id, item.visibility = team_id, Visibility.RESTRICTED
    set_record_author(item, by=by)
    with audited_change(item, "intake:receive", by=by):
        pass
    return item


def _close_item(item: IntakeItem, state: InboxState, reason: str, by: Actor) -> None:
    """Close an item without checking that its article fits the state."""
    with audited_change(item, f"intake:{state}", by=by):
        # Queried before the changes, which a query would flush when incomplete.
        person = db.session.get(User, by.id)
        item.state, item.reason = state, reason.strip()
        item.ended_at, item.ended_by = clock.utc_now(), person
        item.mark_revised(by=by)


def _reset_to_unassigned(item: IntakeItem) -> None:
    """Remove the assignee of an item, and set its state to received, or unreadable if it has no
    article.
    """
    has_text = item.article_id is not None
    item.state = InboxState.RECEIVED if has_text else InboxState.UNREADABLE
    item.taken_by = None


def _require_open_item(item: IntakeItem) -> None:
    """Raise InvalidInput if an item is closed."""
    if item.is_closed:
        raise InvalidInput(version=_("It is closed: reopen it first."))


@dataclass(frozen=True, slots=True, kw_only=True)
class FileImportResult:
    """The result of importing the file `file_name`. `item`: the inbox item if the file was stored;
    `existing_articles`: the articles if the tracker has the article already; `error_message`: the
    error if the file was rejected.
    """

    file_name: str
    item: IntakeItem | None = None
    existing_articles: Sequence[Article] = field(default_factory=list)
    error_message: str = ""


def import_file(
    content: bytes,
    file_name: str,
    *,
    allow_duplicate: bool = False,
    team_id: int,
    visibility: Visibility,
    by: Actor,
) -> FileImportResult:
    """Read a file and store its article, or the file itself if it is unreadable. `allow_duplicate`:
    store it even if the tracker has the article already.

    The file is read before the first query, so that no lock is held; the caller commits if there is
    an item, and else rolls back.
    """
    name = stored_file_name(file_name)
    try:
        came = read_upload(content, file_name)
        if isinstance(came, UnreadReason):
            item = store_unreadable_file(
                content, file_name, came, allow_duplicate=allow_duplicate, team_id=team_id, by=by
            )
        else:
            item = receive_article(
                came,
                file_name=file_name,
                allow_duplicate=allow_duplicate,
                team_id=team_id,
                visibility=visibility,
                by=by,
            )
    except article_service.DuplicateArticle as error:
        return FileImportResult(file_name=name, existing_articles=error.found)
    except InvalidInput as error:
        return FileImportResult(file_name=name, error_message=str(error))
    return FileImportResult(file_name=name, item=item)


def stored_file_name(file_name: str) -> str:
    """Return a file's name without its folder and invisible characters; the extension is kept."""
    # A path may reveal personal data.
    name = unicodedata.normalize("NFC", file_name.replace("\\", "/").rpartition("/")[2])
    seen = "".join(
        " " if unicodedata.category(one) in INVISIBLE_CATEGORIES else one for one in name
    )
    return " ".join(seen.split())[-MAX_FILE_NAME_LENGTH:]


def fallback_title(text: str, file_name: str) -> str:
    """Return a title for an article without one: the first line of the text, or the file name."""
    first = remove_invisible_characters(text.strip().partition("\n")[0])
    if len(first) > MAX_FALLBACK_TITLE_LENGTH:
        first = first[:MAX_FALLBACK_TITLE_LENGTH].rsplit(" ", maxsplit=1)[0] + "…"
    return first or file_name


def extract_article(content: bytes, name: str) -> ArticleText:
    """Return the article in a file, whose type its name gives; may raise `ExtractionError`."""
    media_type = media_type_by_file_name(name)
    if media_type is None:
        raise extraction.ExtractionError(extraction.ExtractionReason.UNREADABLE)
    return build_article_text(extraction.extract_in_child(content, media_type))


def build_article_text(found: extraction.ExtractedArticle) -> ArticleText:
    """Return an extracted article as input of `tracker.reader`."""
    return ArticleText(
        text=found.text,
        language=found.language,
        title=found.title,
        authors=found.authors,
        publisher=found.publisher,
        published=found.resolve_publication_day(clock.current_date())[0],
    )


def compute_suggestions(article_text: ArticleText) -> Suggestions:
    """Return the suggestions for an article, computed in a child process and cached in this one.

    Raises `ParsingError` if the server is too busy to read it now, `SuggestionsError` if the rules
    fail on it or would take too long.
    """
    language = article_text.language.value
    options = {
        "of": language, "title": article_text.title, "authors": article_text.authors,
        "publisher": article_text.publisher,
        "published": article_text.published.isoformat() if article_text.published else None,
    }  # fmt: skip
    content = article_text.text.encode("utf-8", "surrogatepass")
    digest = hashlib.sha256(json.dumps(options).encode() + b"\n" + content).digest()
    found = _suggestion_cache.get(digest)
    if found is None:
        answer = _run_suggestion_job(content, language, options)
        found = json.dumps(answer or {"broke": "could not be read in time"})
        _suggestion_cache.store(digest, found, math.inf if answer else FAILURE_CACHE_SECONDS)
    answer = json.loads(found)
    if "broke" in answer:
        raise SuggestionsError(answer["broke"])
    suggestions = from_json(answer["found"])
    if not isinstance(suggestions, Suggestions):
        raise TypeError
    return suggestions


def _run_suggestion_job(content: bytes, language: str, options: dict[str, Any]) -> Any:  # noqa: ANN401 (JSON)
    """Compute suggestions in a child process, and return them as a JSON object. Return None if the
    process was stopped before it finished; raise ParsingError if all child processes are busy.
    `content`: the text in UTF-8; `options`: language, title, authors, publisher and date.
    """
    try:
        [answer] = parse(Job.SUGGESTIONS, content, language=language, **options)
    except ParsingError as error:
        if error.reason is ParsingReason.BUSY:
            raise
        return None
    return answer


class _SuggestionCache:
    """A cache of the latest suggestions by digest, in the memory of this process.

    The rules are code and word lists, which a process loads once, so all its suggestions are of one
    version. On disk it would be one more copy of restricted articles to erase.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        # The suggestions as JSON with their time of expiry, by digest.
        self.kept: OrderedDict[bytes, tuple[str, float]] = OrderedDict()
        self.size = 0

    def get(self, digest: bytes) -> str | None:
        """Return the cached suggestions as JSON, and mark them as recently used. Return None if
        there are none, or they have expired.
        """
        with self.lock:
            found, until = self.kept.get(digest, (None, 0.0))
            if found is None or time.monotonic() > until:
                return None
            self.kept.move_to_end(digest)
            return found

    def store(self, digest: bytes, found: str, seconds: float) -> None:
        """Cache suggestions (`found`, as JSON) for some seconds. Drop the oldest if the cache is
        larger than `MAX_CACHE_BYTES`.
        """
        with self.lock:
            before, _until = self.kept.pop(digest, ("", 0.0))
            self.size += len(found) - len(before)
            self.kept[digest] = found, time.monotonic() + seconds
            while self.size > MAX_CACHE_BYTES:
                _oldest, (forgotten, _until) = self.kept.popitem(last=False)
                self.size -= len(forgotten)


# The cache of this process.
_suggestion_cache = _SuggestionCache()
