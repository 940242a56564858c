"""Suggestions as one JSON object, which anybody can score: the shape of `flask intake suggest`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tracker.intake.reading.found import Response
    from tracker.intake.reading.text import Reading
    from tracker.intake.suggest import Suggestions


def as_json(file: str, reading: Reading, found: Suggestions) -> dict[str, Any]:
    """Return what is printed of a file that could be read."""
    return {
        "file": file,
        "language": reading.language.value,
        "title": reading.title,
        "authors": list(reading.authors),
        "publisher": reading.publisher,
        "published": reading.published.isoformat() if reading.published else None,
        "is_incident": found.is_incident,
        "journalists": [one.name for one in found.aimed.people],
        "outlets": [one.name for one in found.aimed.newsrooms],
        "incident_types": list(dict.fromkeys(act.code for act in found.aimed.acts)),
        "responses": [_response(one) for one in found.responses],
        "accounts": [one.handle for one in found.accounts if one.is_hostile],
        "dates": [
            {
                "earliest": one.when.earliest.isoformat(),
                "latest": one.when.latest.isoformat(),
                "precision": one.when.precision.value,
                "as_stated": one.when.as_stated,
            }
            for one in found.dates
        ],
        "places": [one.name for one in found.places],
    }


def _response(one: Response) -> dict[str, Any]:
    return {
        "speaker": one.speaker or one.office,
        "institution": one.institution,
        "standing": one.standing.value,
        "stance": one.stance.value,
        "acts": [{"type": act.kind.value, "quote": act.quote.words} for act in one.acts],
    }
