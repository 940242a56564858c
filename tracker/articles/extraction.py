"""Extract an article from bytes in a child process with limits of time and memory."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import TypedDict

from tracker.articles.codes import Language
from tracker.articles.written_dates import resolve_publication_day
from tracker.parsing import LIMITS_OF_JOB, MEGABYTE, Job, ParsingError, ParsingReason, parse

# The most bytes of a file with an article; a saved page is measured again without its images.
MAX_FILE_BYTES = 10 * MEGABYTE
# The most characters of the title of an article.
MAX_TITLE_LENGTH = 300
# Pasted text in UTF-8, which need not be checked for being text.
PASTED_MEDIA_TYPE = "text/plain; pasted"


class ExtractionReason(StrEnum):
    """The reasons why no article could be extracted from a file or pasted text."""

    TOO_LARGE = "too_large"
    TIMEOUT = "timeout"
    BINARY = "binary"
    UNREADABLE = "unreadable"
    EMPTY = "empty"
    ENCRYPTED = "encrypted"
    BUSY = "busy"


# The words of an `ExtractionError`, in English.
MESSAGES = {
    ExtractionReason.TOO_LARGE: "This is too large to be an article.",
    ExtractionReason.TIMEOUT: "Reading this took too long; paste the text instead.",
    ExtractionReason.BINARY: "This is not a text, a saved page or a PDF, whatever its name says.",
    ExtractionReason.UNREADABLE: "This cannot be read, it may be damaged: paste the text instead.",
    ExtractionReason.EMPTY: "This contains no text; it may be only images.",
    ExtractionReason.ENCRYPTED: "This PDF is locked with a password: paste the text instead.",
    ExtractionReason.BUSY: "The server is busy reading other files: try again in a minute.",
}


# The reason of the `ExtractionError`, by the reason why the child process gave no answer.
EXTRACTION_REASON_BY_PARSING_REASON = {
    ParsingReason.BUSY: ExtractionReason.BUSY,
    ParsingReason.TIMEOUT: ExtractionReason.TIMEOUT,
    ParsingReason.TOO_LARGE: ExtractionReason.TOO_LARGE,
    ParsingReason.CRASHED: ExtractionReason.UNREADABLE,
}


class ExtractionError(Exception):
    """The error of a failed extraction; `args[0]` is the reason in English."""

    def __init__(self, reason: ExtractionReason) -> None:
        super().__init__(MESSAGES[reason])
        self.reason = reason


@dataclass(frozen=True, slots=True)
class ExtractedArticle:
    """An extracted article with its metadata; unknown values are empty."""

    title: str
    authors: tuple[str, ...]
    publisher: str
    # A date, or "--05-16" without a year (see `written_dates.resolve_publication_day`).
    published: str | None
    address: str
    language: Language
    text: str

    def resolve_publication_day(self, today: date) -> tuple[date | None, bool]:
        """Return the day of publication, None if unknown, and whether its year is only assumed. If
        neither date nor text gives the year, it is the latest one in which the day is not after
        `today`.
        """
        return resolve_publication_day(self.published, self.text, today=today)


def extract_in_child(
    content: bytes,
    media_type: str,
    *,
    timeout: float = LIMITS_OF_JOB[Job.ARTICLE].processor_seconds,
) -> ExtractedArticle:
    """Return the article in an HTML, plain text or PDF file, or in pasted text; raise
    `ExtractionError` if it cannot be read. The child process is stopped after `timeout` seconds.
    """
    if len(content) > MAX_FILE_BYTES:
        raise ExtractionError(ExtractionReason.TOO_LARGE)
    limits = replace(LIMITS_OF_JOB[Job.ARTICLE], processor_seconds=timeout)
    try:
        [answer] = parse(Job.ARTICLE, content, limits=limits, media_type=media_type)
    except ParsingError as error:
        raise ExtractionError(EXTRACTION_REASON_BY_PARSING_REASON[error.reason]) from None
    if "error" in answer:
        raise ExtractionError(ExtractionReason(answer["error"]))
    return ExtractedArticle(
        title=answer["title"],
        authors=tuple(answer["authors"]),
        publisher=answer["publisher"],
        published=answer["published"],
        address=answer["address"],
        language=Language(answer["language"]),
        text=answer["text"],
    )


class ParsedArticle(TypedDict):
    """An article as parsed from a file, before its language is detected."""

    title: str
    authors: list[str]
    publisher: str
    # A date, or "--05-16" without a year.
    published: str | None
    # Its address as declared by a saved page; "" if unknown.
    address: str
    declared_language: str
    text: str
