"""Words for timelines: plain text with footnotes, JSON values, explanations of steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from tracker import i18n
from tracker.articles.rules import shorten_masks
from tracker.cases.codes import Accountability
from tracker.i18n import _, ngettext
from tracker.review.codes import EditorialState
from tracker.timelines.build import Effects, Entry, Fact, Quote, Source
from tracker.timelines.codes import EntryKind, Lane
from tracker.vocabulary.labels import get_label
from tracker.when import When


def timeline_text(
    heading: Sequence[str],
    entries: Iterable[Entry],
    address: Callable[[Fact], str],
    *,
    descriptions: Mapping[int, str] = MappingProxyType({}),
) -> str:
    """Return a timeline as plain text: the lines of the heading, the entries, the sources.
    `address`: returns the URL of the page of the record of a fact; `descriptions`: what happened,
    by the number of the entry.
    """
    notes: dict[str, tuple[int, Source]] = {}
    shown = [
        _entry_text(entry, notes, address, descriptions.get(entry.number, ""))
        for entry in entries
        if not entry.fact.is_outline
    ]
    pieces = ["\n".join(filter(None, heading)), *shown]
    if notes:
        lines = [f"[{number}] {_source_text(source)}" for number, source in notes.values()]
        pieces.append("\n".join([str(_("Sources")), *lines]))
    return shorten_masks("\n\n".join(pieces)) + "\n"


def date_label(fact: Fact) -> str:
    """Return the date of a fact as text, with the words of the source if there are any."""
    stated = f" ({i18n.add_quotation_marks(fact.when.as_stated)})" if fact.when.as_stated else ""
    if not fact.is_dated:
        known_by = i18n.localized_day(fact.when.latest)
        return str(_("date unknown, known by %(day)s", day=known_by)) + stated
    going_on = f", {i18n.pgettext('incident', 'ongoing')}" if fact.is_ongoing else ""
    return i18n.localized_date(fact.when) + stated + going_on


def row_label(fact: Fact) -> str:
    """Return a fact as one line: title, date, and whether it is retracted."""
    when = i18n.localized_date(fact.when)
    line = f"{_title_without_date(fact)}, {when}"
    line += f" ({state_label(fact)})" if fact.state is EditorialState.RETRACTED else ""
    return shorten_masks(line)


def types_label(fact: Fact) -> str:
    """Return the types and the note of a fact; the types are left out if the title begins with
    them.
    """
    types = " · ".join(tag.label for tag in fact.types)
    shown = "" if fact.title.startswith(types) else types
    return " · ".join(filter(None, [shown, fact.note]))


def state_label(fact: Fact) -> str:
    """Return the label of the editorial state of a fact, "" for a fact without record."""
    return get_label(fact.state, i18n.current_language()) if fact.state else ""


def other_bodies_note(entries: Iterable[Entry]) -> str:
    """Return the note that the authorities' lane also shows acts of platforms, other states and
    international bodies, "" if it has none.
    """
    shown = list(entries)
    # The countries of the responsible states, as far as these entries show.
    here = {one.fact.country for one in shown if one.fact.kind is EntryKind.INCIDENT}
    kinds = {EntryKind.RESPONSE, EntryKind.ACCOUNT_EVENT}
    acts = [one.fact for one in shown if one.lane is Lane.AUTHORITIES and one.fact.kind in kinds]
    if not any(_is_act_of_other_body(fact, here) for fact in acts):
        return ""
    return str(
        _(
            "The lane of the authorities also shows what platforms, other states and "
            "international bodies said or did, such as takedowns: this is not counted as an "
            "answer of the authorities."
        )
    )


def _is_act_of_other_body(fact: Fact, incident_countries: set[str]) -> bool:
    """Return whether an act may be one of a platform, another state or an international body. For
    an answer: its country is known and not among `incident_countries`, which are not empty. For any
    other act: it has no country, or a country that is not among these.
    """
    if Effects.RESPONDED in fact.effects:
        return bool(incident_countries) and fact.country not in {"", *incident_countries}
    return not fact.country or fact.country not in incident_countries


def left_out_label(left_out: Mapping[Lane, int]) -> str:
    """Return the note with the number of hidden entries of each lane, "" for none."""
    each = "; ".join(
        f"{get_label(lane, i18n.current_language())}: {left_out[lane]}" for lane in left_out
    )
    return str(_("Left out by the filter: %(lanes)s.", lanes=each)) if each else ""


def outline_note(entries: Iterable[Entry]) -> str:
    """Return the note with the number of entries without texts, which are counted and not listed,
    "" for none.
    """
    left = sum(entry.fact.is_outline for entry in entries)
    words = ngettext(
        "%(num)d older entry is only counted here, without the silence after it: filter by its "
        "dates to see it.",
        "%(num)d older entries are only counted here, without the silences after them: filter "
        "by their dates to see them.",
        left,
    )
    return str(words) if left else ""


def _title_without_date(fact: Fact) -> str:
    """Return the title of a fact, without its date at the end."""
    return fact.title.removesuffix(f", {i18n.localized_date(fact.when)}")


def _entry_text(
    entry: Entry,
    notes: dict[str, tuple[int, Source]],
    address: Callable[[Fact], str],
    description: str,
) -> str:
    """Return an entry as lines of text, among them its description, if it has one. `notes`: the
    footnotes, each with its number and source by the ref of the source; the sources of the entry
    are added. `address`: returns the URL of the page of the record of a fact.
    """
    fact = entry.fact
    # A content warning cannot hide plain text.
    closed = _("(closed quote: it is on the record’s page, %(address)s)", address=address(fact))
    called = get_label(fact.kind, i18n.current_language())
    # Readers who copy the text must see which entries are not approved yet.
    marks = [called, state_label(fact) if fact.is_unapproved else ""]
    marks += [_("changed since")] if fact.is_changed_later else []
    lines = [
        f"{entry.number}. {date_label(fact)}. {_title_without_date(fact)}",
        "; ".join(str(mark) for mark in marks if mark),
        types_label(fact),
        f"{_('About')}: {', '.join(fact.targets)}" if fact.targets else "",
        f"{_('By')}: {'; '.join(fact.actors)}" if fact.actors else "",
        f"{_('Reported to')}: {fact.reported_to}" if fact.reported_to else "",
        description,
        *(_quote_text(quote, notes, str(closed)) for quote in fact.quotes),
    ]
    first, *rest = (" ".join(line.split()) for line in lines if line)
    return "\n".join([first, *(f"   {line}" for line in rest)])


def _quote_text(quote: Quote, notes: dict[str, tuple[int, Source]], closed: str) -> str:
    """Return a quote with the number of its footnote. `notes`: the footnotes, to which the source
    is added; `closed`: the text shown instead of the words of a quote that has a content warning.
    """
    words = (
        i18n.add_quotation_marks(quote.words) if quote.words and quote.is_direct else quote.words
    )
    before = [str(_("Disputed by a source:"))] if quote.contradicts else []
    before += [f"{quote.quoted_act.label}:"] if quote.quoted_act else []
    said = [
        closed if words and quote.content_warning else words,
        _footnote_mark(quote.source, notes),
    ]
    return " ".join([*before, *filter(None, said)])


def _footnote_mark(source: Source | None, notes: dict[str, tuple[int, Source]]) -> str:
    """Return the footnote number of a source in brackets; `notes`: the numbered sources by ref, to
    which a new one is added.
    """
    if source is None:
        return f"[{_('a source that is not shown to you')}]"
    number, _same = notes.setdefault(source.ref, (len(notes) + 1, source))
    return f"[{number}]"


def _source_text(source: Source) -> str:
    """Return the text of a footnote: title, publisher, date and addresses."""
    named = [source.title, source.publisher, i18n.localized_date(source.published)]
    line = ", ".join(" ".join(word.split()) for word in named if word)
    links = [source.url]
    links += (
        [str(_("Archived: %(address)s", address=source.archive_url))] if source.archive_url else []
    )
    return ". ".join([line, *filter(None, links)])


def entry_to_json(entry: Entry, address: Callable[[Fact], str]) -> dict[str, Any]:
    """Return an entry as JSON values; `address`: returns the URL of the page of the record of a
    fact.
    """
    fact = entry.fact
    return {
        "number": entry.number,
        "lane": entry.lane.value,
        "tone": entry.tone.value,
        "kind": fact.kind.value,
        "ref": fact.ref,
        "address": address(fact),
        "title": shorten_masks(fact.title),
        **_when_to_json(fact.when, has_open_start=fact.has_open_start),
        "extent": fact.extent.value,
        "is_ongoing": fact.is_ongoing,
        "types": [{"code": tag.code, "label": tag.label} for tag in fact.types],
        "direction": fact.direction,
        "targets": list(fact.targets),
        "actors": list(fact.actors),
        "to": fact.reported_to,
        "note": fact.note,
        "state": fact.state,
        "verification": fact.verification,
        "is_changed_later": fact.is_changed_later,
        "is_outline": fact.is_outline,
        "quotes": [_quote_to_json(quote) for quote in fact.quotes],
    }


def _when_to_json(when: When, *, has_open_start: bool) -> dict[str, str | None]:
    """Return a date as JSON values by key: `earliest`, null for an open start, `latest`,
    `precision`, and `as_stated`, the words of the source.
    """
    return {
        "earliest": None if has_open_start else when.earliest.isoformat(),
        "latest": when.latest.isoformat(),
        "precision": when.precision.value,
        "as_stated": shorten_masks(when.as_stated),
    }


def _quote_to_json(quote: Quote) -> dict[str, Any]:
    """Return a quote as JSON values by key: `quote` (its words, null if there are none),
    `is_direct`, `closed`, `bearing`, `about` (a code) and `source`.
    """
    return {
        "quote": quote.words or None,
        "is_direct": quote.is_direct,
        "closed": quote.content_warning,
        "bearing": quote.bearing.value,
        "about": quote.quoted_act.code if quote.quoted_act else None,
        "source": _source_to_json(quote.source) if quote.source else None,
    }


def _source_to_json(source: Source) -> dict[str, str]:
    """Return a source as values by key: its fields by name, except `is_public`. The date
    `published` is reduced to its last possible day.
    """
    return {
        "ref": source.ref,
        "title": source.title,
        "publisher": source.publisher,
        "published": source.published.latest.isoformat(),
        "url": source.url,
        "archive_url": source.archive_url,
    }


def step_explanations() -> list[tuple[Accountability, str]]:
    """Return pairs of an accountability step and the explanation of how a case reaches it."""
    words = {
        Accountability.NO_RESPONSE: _("Nothing is on record that counts as an answer."),
        Accountability.STATEMENTS_ONLY: _(
            "Any answer that reaches no other step: statements, a promise, a registered "
            "complaint, a block, a measure withdrawn."
        ),
        Accountability.INVESTIGATION_ANNOUNCED: _("An authority announces it."),
        Accountability.INVESTIGATION_REGISTERED: _(
            "An investigation is opened, somebody is searched, or it is suspended."
        ),
        Accountability.SUSPECTS_OR_CHARGES: _("A suspect, an arrest, a restraint or a charge."),
        Accountability.TRIAL: _("A trial, or a verdict without a sentence on record."),
        Accountability.PARTIAL_JUSTICE: _("A sentence, or treatment ordered by a court."),
        Accountability.FULL_JUSTICE: _("Only set by hand: all perpetrators were convicted."),
        Accountability.COMPLETE_IMPUNITY: _("Only set by hand: nobody will be convicted."),
        Accountability.CLOSED_WITHOUT_RESULT: _(
            "Every proceeding was refused or closed, and nothing was registered since."
        ),
        Accountability.JUSTICE_DISPUTED: _("A judgment was quashed."),
    }
    return [(step, str(words[step])) for step in Accountability]
