"""Reading what came in, so that suggestions can be made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.articles.extraction import ExtractionError, ExtractionReason, extract_in_child
from tracker.articles.incoming import media_type_of
from tracker.intake.reading.text import Reading

if TYPE_CHECKING:
    from tracker.articles.extraction import Extracted


def read_article(content: bytes, name: str) -> Reading:
    """Return the article in a file, read by the ending of its name; raises `ExtractionError`."""
    media_type = media_type_of(name)
    if media_type is None:
        raise ExtractionError(ExtractionReason.UNREADABLE)
    return reading_of(extract_in_child(content, media_type))


def reading_of(found: Extracted) -> Reading:
    """Return what was extracted, as the rules read it."""
    return Reading(
        text=found.text,
        language=found.language,
        title=found.title,
        authors=found.authors,
        publisher=found.publisher,
        published=found.published,
    )
