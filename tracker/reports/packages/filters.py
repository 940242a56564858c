"""The options of a package: a filter of incidents, audience, and recipient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from tracker.errors import BadQuery
from tracker.i18n import _
from tracker.incidents.filters import IncidentFilter
from tracker.reports.codes import Profile
from tracker.reports.filters import (
    FIELD_LABELS,
    drafts_from_query,
    drafts_logged,
    validate_external_filter,
)
from tracker.reports.models import LONGEST_RECIPIENT
from tracker.web.filters import PAGING_PARAMETERS, code_in, collect_query_errors, text_in

OWN_PARAMETERS = frozenset({"profile", "drafts", "recipient"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageFilter:
    """The options of a package; without a filter of incidents it has everything.

    `drafts`: whether one for partners includes records that are not approved.
    """

    incidents: IncidentFilter
    profile: Profile = Profile.INTERNAL
    drafts: bool = False
    recipient: str = ""

    @classmethod
    @collect_query_errors
    def from_args(cls, args: MultiDict[str, str]) -> PackageFilter:
        """Read query parameters or the options of a command; raise BadQuery for invalid ones."""
        for name in PAGING_PARAMETERS & set(args):
            raise BadQuery(name, _("There is no such filter here."))
        others = [
            (name, value) for name, value in args.items(multi=True) if name not in OWN_PARAMETERS
        ]
        profile = (
            code_in(args, "profile", Profile, label=FIELD_LABELS["profile"]) or Profile.INTERNAL
        )
        asked = cls(
            incidents=IncidentFilter.from_args(MultiDict(others)),
            profile=profile,
            drafts=drafts_from_query(args, profile),
            recipient=text_in(
                args, "recipient", most=LONGEST_RECIPIENT, label=FIELD_LABELS["recipient"]
            ),
        )
        validate_external_filter(asked.profile, asked.incidents)
        if asked.profile is Profile.INTERNAL and asked.recipient:
            words = _("An internal package has no recipient.")
            raise BadQuery("recipient", words, label=FIELD_LABELS["recipient"])
        return asked

    @property
    def is_whole(self) -> bool:
        """Return whether it has no filter."""
        return not self.incidents.to_args()

    def to_args(self) -> dict[str, str | list[str]]:
        """Return the query parameters that are set."""
        own = {"recipient": self.recipient, "drafts": "yes" if self.drafts else ""}
        given = {name: value for name, value in own.items() if value}
        return {**self.incidents.to_args(), "profile": self.profile.value, **given}

    def logged(self) -> dict[str, str | list[str]]:
        """Return the options to store in the export log, beside profile and recipient."""
        return self.incidents.to_args() | drafts_logged(self.profile, drafts=self.drafts)

    def described(self, names: Mapping[str, str]) -> str:
        """Return the filter as text in the viewer's language."""
        if not self.is_whole:
            return self.incidents.describe(names)
        is_internal = self.profile is Profile.INTERNAL
        return str(_("everything") if is_internal else _("everything that may be shared"))
