"""The options of a dossier: its audience and language."""

from __future__ import annotations

from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from tracker.config import LANGUAGES
from tracker.errors import BadQuery
from tracker.i18n import _, language
from tracker.reports.codes import Profile
from tracker.reports.filters import FIELD_LABELS, drafts_from_query
from tracker.reports.models import LONGEST_RECIPIENT
from tracker.vocabulary.labels import label
from tracker.web import filters

# A dossier has more than is published, so there is none for the public.
DOSSIER_PROFILES = (Profile.INTERNAL, Profile.PARTNER)
OWN_PARAMETERS = frozenset({"profile", "drafts", "language", "recipient"})


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierFilter:
    """The options of a dossier: audience, language of labels, and drafts for partners.

    `drafts`: whether one for partners includes records that are not approved. `recipient`: the name
    under which a partner gets the same pseudonyms of users each time.
    """

    profile: Profile
    language: str
    drafts: bool = False
    recipient: str = ""

    @classmethod
    def from_args(cls, args: MultiDict[str, str]) -> DossierFilter:
        """Read the query parameters; raise BadQuery for invalid ones."""
        filters.validate_known_parameters(
            (name for name in args if name not in filters.PAGING_PARAMETERS), OWN_PARAMETERS
        )
        for name in filters.PAGING_PARAMETERS & set(args):
            raise filters.invalid_value_error(name, args[name])
        profile = (
            filters.code_in(args, "profile", Profile, label=FIELD_LABELS["profile"])
            or Profile.INTERNAL
        )
        if profile not in DOSSIER_PROFILES:
            raise filters.invalid_value_error(
                "profile", profile.value, label=FIELD_LABELS["profile"], choices=DOSSIER_PROFILES
            )
        code = filters.text_in(args, "language", label=FIELD_LABELS["language"]) or language()
        if code not in LANGUAGES:
            raise filters.invalid_value_error("language", code, label=FIELD_LABELS["language"])
        recipient = filters.text_in(
            args, "recipient", most=LONGEST_RECIPIENT, label=FIELD_LABELS["recipient"]
        )
        if recipient and profile is Profile.INTERNAL:
            words = _("An internal dossier has no recipient.")
            raise BadQuery("recipient", words, label=FIELD_LABELS["recipient"])
        drafts = drafts_from_query(args, profile)
        return cls(profile=profile, language=code, drafts=drafts, recipient=recipient)

    @property
    def is_outside(self) -> bool:
        """Return whether it is made for somebody outside the organisation."""
        return self.profile is not Profile.INTERNAL

    @property
    def for_whom(self) -> str:
        """Return the audience shown on the first page of a dossier."""
        if self.is_outside:
            of = _("drafts included") if self.drafts else _("without drafts")
            return f"{_('For whom')}: {label(self.profile, self.language)}, {of}"
        return str(_("Internal: do not share outside."))

    def to_args(self) -> dict[str, str]:
        """Return the query parameters."""
        drafts = {"drafts": "yes"} if self.drafts else {}
        recipient = {"recipient": self.recipient} if self.recipient else {}
        return {"profile": self.profile.value, "language": self.language} | drafts | recipient
