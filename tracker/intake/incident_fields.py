"""Rows of the confirm page for incidents and whom they were aimed at."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from wtforms import BooleanField, FormField, HiddenField

from tracker.errors import InvalidInput, gathered
from tracker.i18n import _, lazy
from tracker.incidents.codes import ActorType, AttributedBy, Certainty, Extent, PurportedAs
from tracker.incidents.fields import (
    CountryField,
    RegionField,
    TypesField,
    WhoFields,
    is_blank,
    read_who,
)
from tracker.incidents.section_service import ActorFacts
from tracker.intake.codes import SuggestionKind
from tracker.intake.row_fields import RecordRow, cited, quote_field, refs_meant, use_field, words
from tracker.intake.sheet import MOST_PARTS
from tracker.web.forms import CodeField, RowsField, TextField, WhenField

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from tracker.incidents.section_service import TargetFacts
    from tracker.intake.drafts import Suggested


class TargetRow(WhoFields):
    """Somebody at whom it was aimed; `came` is the key of the suggestion it came from."""

    use = use_field()
    came = HiddenField(default="")


class IncidentRow(RecordRow):
    """One incident."""

    # The date that was suggested: where it still stands, nobody typed another one.
    dated = HiddenField(default="")
    types = TypesField(lazy("Incident types"))
    quote = quote_field()
    occurred = WhenField(lazy("When"))
    # How often it happened, as it was suggested: where it still stands, nobody chose another one.
    suggested_extent = HiddenField(default="")
    extent = CodeField(lazy("Frequency"), Extent, words=words, default=Extent.ONCE.value)
    country = CountryField(lazy("Country"))
    region = RegionField(lazy("Region"), default="")
    place = TextField(lazy("Place"), most=200)
    targets = RowsField(FormField(TargetRow), min_entries=1, max_entries=MOST_PARTS)
    actor_type = CodeField(lazy("Perpetrator"), ActorType, words=words, blank=lazy("not said"))
    purported_as = CodeField(
        lazy("Whom they posed as"), PurportedAs, words=words, blank=lazy("nobody")
    )
    attributed_by = CodeField(lazy("Attributed by"), AttributedBy, words=words, blank=lazy("—"))
    with_accounts = BooleanField(lazy("The accounts below were used in it"))

    def called(self, number: int) -> str:
        """Return what the page calls the row of this number."""
        return str(_("Incident %(n)d", n=number))

    def read(self, known_by: date, at: str) -> dict[str, Any]:
        """Return what was typed, as `report_incident` takes it; raise InvalidInput at all that
        cannot be read. Of one that is on record already the passages alone are read.
        """
        if self.is_on_record():
            return {"passages": cited(self.quote), "same_as": self.same_as.data}
        _new, types, occurred, region, targets, passages = gathered(
            self.require_choice,
            self.types.terms,
            lambda: self.occurred.read_when(known_by),
            self.region.term,
            lambda: self._targets(at),
            lambda: cited(self.quote),
        )
        return {
            "passages": passages,
            "types": types,
            "occurred": occurred,
            "extent": self.extent.code(),
            "country": self.country.data or "",
            "region": region,
            "place": self.place.data or "",
            "targets": targets,
            "actor": self.actor(),
        }

    def types_shown(self, suggested: Mapping[str, Suggested]) -> list[tuple[str, str, bool, Any]]:
        """Return the types ticked or suggested: code, label, whether ticked, the suggestion."""
        came = [suggested[key] for key in (self.came.data or "").split() if key in suggested]
        why = {one.code: one for one in came if one.kind is SuggestionKind.TYPE}
        ticked = set(self.types.data or [])
        return [
            (code, text, code in ticked, why.get(code))
            for code, text in self.types.offered
            if code in ticked or code in why
        ]

    def types_meant(self) -> list[str]:
        """Return the types that are ticked or suggested."""
        came = (key.partition("-")[2] for key in (self.came.data or "").split())
        return list(dict.fromkeys([*(self.types.data or []), *filter(None, came)]))

    def meant(self) -> set[str]:
        """Return the refs of whoever on record is a target, or bears the very name of one."""
        return refs_meant(one.form.who for one in self.targets.entries)

    def named(self) -> list[Any]:
        """Return the rows of those targets that are to be recorded."""
        return [one for one in self.targets.entries if one.form.use.data and not is_blank(one.form)]

    def _targets(self, at: str) -> list[TargetFacts]:
        if not self.named():
            first = self.targets.entries[0].name if self.targets.entries else f"{at}targets-0"
            raise InvalidInput(**{f"{first}-who-name": _("Say at least who was meant.")})
        return gathered(*(partial(read_who, one.form, at=f"{one.name}-") for one in self.named()))

    def actor(self) -> ActorFacts | None:
        """Return who did it, None where nothing is said of them."""
        facts = ActorFacts(
            actor_type=self.actor_type.code() or ActorType.UNKNOWN,
            purported_as=self.purported_as.code(),
            attributed_by=self.attributed_by.code(),
            certainty=Certainty.UNKNOWN,
        )
        return None if facts == ActorFacts() and not self.actor_type.data else facts
