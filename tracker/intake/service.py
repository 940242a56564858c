"""Extracting the article from a file, and computing its suggestions."""

from __future__ import annotations

import hashlib
import json
import math
import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from tracker import clock
from tracker.articles.extraction import ExtractionError, ExtractionReason, extract_in_child
from tracker.articles.incoming import media_type_of
from tracker.parsing import MEGABYTE, Job, ParsingError, ParsingReason, parse
from tracker.reader.suggest import Suggestions, SuggestionsError, from_json
from tracker.reader.text import ReaderText

if TYPE_CHECKING:
    from tracker.articles.extraction import ExtractedArticle

# What the kept readings of this process may hold together, as JSON.
MOST_KEPT = 16 * MEGABYTE
# Seconds until a text that could not be read is tried again: the machine may have been busy.
FAILURE_KEPT = 60.0


def extract_article(content: bytes, name: str) -> ReaderText:
    """Return the article in a file, read by the ending of its name; raises `ExtractionError`."""
    media_type = media_type_of(name)
    if media_type is None:
        raise ExtractionError(ExtractionReason.UNREADABLE)
    return text_for_reader(extract_in_child(content, media_type))


def text_for_reader(found: ExtractedArticle) -> ReaderText:
    """Return an extracted article in the form that the reader takes."""
    return ReaderText(
        text=found.text,
        language=found.language,
        title=found.title,
        authors=found.authors,
        publisher=found.publisher,
        published=found.day_published(clock.today())[0],
    )


def suggest_in_child(reading: ReaderText) -> Suggestions:
    """Return the suggestions of an article, cached in this process.

    Raises `ParsingError` where the server is too busy to read it now, `SuggestionsError` where the
    rules break on it or would take too long.
    """
    language = reading.language.value
    options = {
        "of": language, "title": reading.title, "authors": reading.authors,
        "publisher": reading.publisher,
        "published": reading.published.isoformat() if reading.published else None,
    }  # fmt: skip
    content = reading.text.encode("utf-8", "surrogatepass")
    digest = hashlib.sha256(json.dumps(options).encode() + b"\n" + content).digest()
    found = _readings.get(digest)
    if found is None:
        answer = _ask_child(content, language, options)
        found = json.dumps(answer or {"broke": "could not be read in time"})
        _readings.keep(digest, found, math.inf if answer else FAILURE_KEPT)
    told = json.loads(found)
    if "broke" in told:
        raise SuggestionsError(told["broke"])
    suggestions = from_json(told["found"])
    if not isinstance(suggestions, Suggestions):
        raise TypeError
    return suggestions


def _ask_child(content: bytes, language: str, options: dict[str, Any]) -> Any:  # noqa: ANN401 (JSON)
    """Return the answer of the child, None if it was ended before it had one."""
    try:
        [answer] = parse(Job.SUGGESTIONS, content, language=language, **options)
    except ParsingError as error:
        if error.reason is ParsingReason.BUSY:
            raise
        return None
    return answer


class _ReadingCache:
    """A cache of the latest suggestions by digest, in the memory of this process.

    The rules are code and word lists, which a process loads once: its readings are all of one
    version. On disk it would be one more copy of the words of restricted articles to erase.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        # Each with the moment until which it is kept.
        self.kept: OrderedDict[bytes, tuple[str, float]] = OrderedDict()
        self.size = 0

    def get(self, digest: bytes) -> str | None:
        """Return cached suggestions, and mark them as recently used."""
        with self.lock:
            found, until = self.kept.get(digest, (None, 0.0))
            if found is None or time.monotonic() > until:
                return None
            self.kept.move_to_end(digest)
            return found

    def keep(self, digest: bytes, found: str, seconds: float) -> None:
        """Keep a reading for so long, and forget the oldest where there are too many."""
        with self.lock:
            before, _until = self.kept.pop(digest, ("", 0.0))
            self.size += len(found) - len(before)
            self.kept[digest] = found, time.monotonic() + seconds
            while self.size > MOST_KEPT:
                _oldest, (forgotten, _until) = self.kept.popitem(last=False)
                self.size -= len(forgotten)


_readings = _ReadingCache()
