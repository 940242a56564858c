"""Rows of the confirm page for incidents and whom they were aimed at."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from wtforms import BooleanField, FormField, HiddenField

from tracker.errors import InvalidInput, gathered
from tracker.i18n import _, lazy
from tracker.incidents.actors_service import ActorFacts
from tracker.incidents.codes import ActorType, AttributedBy, Certainty, Extent, PurportedAs
from tracker.incidents.fields import (
    CountryField,
    RegionField,
    TypesField,
    WhoFields,
    is_blank,
    read_who,
)
from tracker.intake.codes import SuggestionKind
from tracker.intake.row_fields import cited, quote_field, use_field, words
from tracker.intake.sheet import MOST_PARTS
from tracker.web.forms import CodeField, SubForm, TextField, WhenField
from tracker.web.rows import RowsField

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from tracker.incidents.models import Incident
    from tracker.incidents.targets_service import TargetFacts
    from tracker.intake.drafts import Suggested


class TargetRow(WhoFields):
    """Somebody at whom it was aimed; `came` is the key of the suggestion it came from."""

    use = use_field()
    came = HiddenField(default="")


class IncidentRow(SubForm):
    """One incident; `came` are the keys of the suggestions it came from."""

    # Incidents on record that look the same, set for the page.
    on_record: Sequence[Incident] = ()

    use = use_field()
    came = HiddenField(default="")
    # The date that was suggested: where it still stands, nobody typed another one.
    dated = HiddenField(default="")
    # The incident on record that this is, "" for a new one.
    same_as = HiddenField(lazy("On record already?"), default="")
    types = TypesField(lazy("What was done"))
    quote = quote_field()
    occurred = WhenField(lazy("When"))
    extent = CodeField(lazy("Once or repeatedly"), Extent, words=words, default=Extent.ONCE.value)
    country = CountryField(lazy("Country"))
    region = RegionField(lazy("Region"), default="")
    place = TextField(lazy("Place"), most=200)
    targets = RowsField(FormField(TargetRow), min_entries=1, max_entries=MOST_PARTS)
    actor_type = CodeField(lazy("Who did it"), ActorType, words=words, blank=lazy("not said"))
    purported_as = CodeField(
        lazy("Whom they posed as"), PurportedAs, words=words, blank=lazy("nobody")
    )
    attributed_by = CodeField(lazy("On whose word"), AttributedBy, words=words, blank=lazy("—"))
    with_accounts = BooleanField(lazy("The accounts below were used in it"))

    def called(self, number: int) -> str:
        """Return what the page calls the row of this number."""
        return str(_("Incident %(n)d", n=number))

    def read(self, known_by: date, at: str) -> dict[str, Any]:
        """Return what was typed, as `report_incident` takes it; raise InvalidInput at all that
        cannot be read. Of one that is on record already the passages alone are read.
        """
        if self.same_as.data:
            return {"passages": cited(self.quote), "same_as": self.same_as.data}
        types, occurred, region, targets, passages = gathered(
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
            "actor": self._actor(),
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

    def meant(self) -> set[str]:
        """Return the refs of whoever on record is a target, or bears the very name of one."""
        found: set[str] = set()
        for one in self.targets.entries:
            who = one.form.who
            chosen = who.form.chosen.data or ""
            found |= {chosen} if chosen else set(getattr(who, "exact", ()))
        return found

    def named(self) -> list[Any]:
        """Return the rows of those targets that are to be recorded."""
        return [one for one in self.targets.entries if one.form.use.data and not is_blank(one.form)]

    def _targets(self, at: str) -> list[TargetFacts]:
        if not self.named():
            first = self.targets.entries[0].name if self.targets.entries else f"{at}targets-0"
            raise InvalidInput(**{f"{first}-who-name": _("Say at least who was meant.")})
        return gathered(*(partial(read_who, one.form, at=f"{one.name}-") for one in self.named()))

    def _actor(self) -> ActorFacts | None:
        facts = ActorFacts(
            actor_type=self.actor_type.code() or ActorType.UNKNOWN,
            purported_as=self.purported_as.code(),
            attributed_by=self.attributed_by.code(),
            certainty=Certainty.UNKNOWN,
        )
        return None if facts == ActorFacts() and not self.actor_type.data else facts
