"""Entries as plain values for JSON: what the page shows, without its looks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracker.articles.masking_rules import of_one_width

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.timelines.build import Entry, Fact, Quote, Source
    from tracker.when import When


def plain_entry(entry: Entry, address: Callable[[Fact], str]) -> dict[str, Any]:
    """Return an entry; `address`: of the page of the record it is taken from."""
    fact = entry.fact
    return {
        "number": entry.number,
        "lane": entry.lane.value,
        "tone": entry.tone.value,
        "kind": fact.kind.value,
        "ref": fact.ref,
        "address": address(fact),
        "title": of_one_width(fact.title),
        **_when(fact.when, has_open_start=fact.has_open_start),
        "extent": fact.extent.value,
        "is_ongoing": fact.is_ongoing,
        "types": [{"code": tag.code, "label": tag.words} for tag in fact.types],
        "direction": fact.direction,
        "targets": list(fact.targets),
        "actors": list(fact.actors),
        "to": fact.to,
        "note": fact.note,
        "state": fact.state,
        "verification": fact.verification,
        "is_changed_later": fact.is_changed_later,
        "is_outline": fact.is_outline,
        "quotes": [_quote(quote) for quote in fact.quotes],
    }


def _when(when: When, *, has_open_start: bool) -> dict[str, str | None]:
    return {
        "earliest": None if has_open_start else when.earliest.isoformat(),
        "latest": when.latest.isoformat(),
        "precision": when.precision.value,
        "as_stated": of_one_width(when.as_stated),
    }


def _quote(quote: Quote) -> dict[str, Any]:
    return {
        "quote": quote.words or None,
        "is_direct": quote.is_direct,
        "closed": quote.closed,
        "bearing": quote.bearing.value,
        "about": quote.about.code if quote.about else None,
        "source": _source(quote.source) if quote.source else None,
    }


def _source(source: Source) -> dict[str, str]:
    return {
        "ref": source.ref,
        "title": source.title,
        "publisher": source.publisher,
        "published": source.published.latest.isoformat(),
        "url": source.url,
        "archive_url": source.archive_url,
    }
