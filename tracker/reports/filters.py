"""The options of exports, data packages, dossiers and monthly reports, and their rules.

The rules say who may make files for others, and with which filters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from werkzeug.datastructures import MultiDict

from tracker import clock
from tracker.config import LANGUAGES
from tracker.errors import BadQuery, Forbidden
from tracker.fake_accounts.filters import AccountFilter
from tracker.i18n import MonthRange, _, current_language, lazy, months_up_to, use_language
from tracker.incidents.codes import FigureTable
from tracker.incidents.filters import IncidentFilter
from tracker.kit.filters import (
    REQUIRED_DEFAULT,
    ListFilter,
    country_filter,
    declare_field,
    flag_filter,
)
from tracker.permissions import Actor, Permission
from tracker.reports.codes import ExportKind, Profile
from tracker.reports.formats import FileFormat
from tracker.reports.models import MAX_RECIPIENT_NAME_LENGTH
from tracker.reports.tables import (
    FLAT_INCIDENTS,
    PUBLISHED_INCIDENTS,
    Column,
    Table,
    columns_named_by_heading,
)
from tracker.responses.filters import ResponseFilter
from tracker.vocabulary.labels import LABEL_LANGUAGES, get_label
from tracker.web.filters import (
    PAGING_PARAMETERS,
    collect_query_errors,
    invalid_value_error,
    parse_code,
    parse_months,
    parse_text,
    reject_unknown_parameters,
)

# The labels of the fields in the forms of exports, packages and dossiers, by field.
FIELD_LABELS = {
    "columns": lazy("Columns"),
    "drafts": lazy("Include drafts"),
    "format": lazy("Format"),
    "labels": lazy("Language of titles and labels"),
    "language": lazy("Language"),
    "profile": lazy("For whom"),
    "recipient": lazy("Who receives it"),
}
# The query parameters of a package besides those of the filter of incidents.
PACKAGE_PARAMETERS = frozenset({"profile", "drafts", "recipient"})
# No dossier is public: it has more than is published.
DOSSIER_PROFILES = (Profile.INTERNAL, Profile.PARTNER)
# All query parameters of a dossier.
DOSSIER_PARAMETERS = frozenset({"profile", "drafts", "language", "recipient"})
# Filter fields that name somebody: a file so filtered would name them too.
IDENTIFYING_FIELDS = ("journalist", "outlet", "logged_by", "q")
# The query parameters of an export besides those of the filter of incidents.
FILE_PARAMETERS = frozenset({"columns", "profile", "drafts", "labels", "format"})
# The fields of the export form for each column: the name of all checkboxes, and the beginning of
# the name of the field with a column's position.
COLUMN_FIELD, POSITION_FIELD_PREFIX = "column", "number."
# The hidden form field with the profile for which the form was rendered. Its columns are the ones
# with checkboxes, even if the user chooses another profile in the form.
RENDERED_PROFILE_FIELD = "offered"
# The name of the button that downloads the file without a preview.
DOWNLOAD_BUTTON = "download"
# The name of the button that unticks all columns.
UNTICK_BUTTON = "untick"
# The form field with the name under which the options are saved.
SAVED_NAME_FIELD = "name"
# The fields of the export form that are no options of the file.
FORM_FIELDS = frozenset(
    {COLUMN_FIELD, RENDERED_PROFILE_FIELD, DOWNLOAD_BUTTON, UNTICK_BUTTON, SAVED_NAME_FIELD}
)
# The position of a column as it is entered: "3", "3." or "3)".
COLUMN_POSITION_PATTERN = re.compile(r"([0-9]{1,3})[.)]?")
# All columns that an export can have, for any profile.
EXPORTABLE_COLUMN_NAMES = frozenset({*FLAT_INCIDENTS.header, *PUBLISHED_INCIDENTS.header})


def validate_external_filter(profile: Profile, incidents: IncidentFilter) -> None:
    """Raise BadQuery for a filter of incidents that a file for others cannot have: any filter of a
    public file, and for partners one that names somebody, has search words, or is by gender.
    """
    if profile is Profile.PUBLIC and incidents.to_args():
        words = _("The public file is always complete: remove the filter.")
        raise BadQuery("profile", words, label=FIELD_LABELS["profile"])
    if profile is not Profile.INTERNAL:
        for name in IDENTIFYING_FIELDS:
            if getattr(incidents, name):
                words = _("A file for others cannot be filtered by names or words.")
                raise BadQuery(name, words, label=incidents.get_field(name).label)
        if incidents.figure and incidents.figure.table is FigureTable.GENDER:
            words = _("A file for others does not contain gender and cannot be filtered by it.")
            raise BadQuery("figure", words, label=incidents.get_field("figure").label)


def drafts_from_query(args: Mapping[str, str], profile: Profile) -> bool:
    """Return whether a file for partners is requested with drafts: records that are not approved.

    False for other profiles. Raises BadQuery if `drafts` is neither yes nor no.
    """
    text = args.get("drafts", "").strip()
    if text not in {"", "yes", "no"}:
        raise invalid_value_error("drafts", text, label=FIELD_LABELS["drafts"])
    return profile is Profile.PARTNER and text == "yes"


def drafts_log_entry(profile: Profile, *, drafts: bool) -> dict[str, str]:
    """Return {"drafts": "yes" or "no"} for the export log, {} unless the file is for partners."""
    return {"drafts": "yes" if drafts else "no"} if profile is Profile.PARTNER else {}


def require_share_permission(profile: Profile, actor: Actor) -> None:
    """Raise Forbidden if a profile is for others, and a user may not make files for others."""
    if profile is not Profile.INTERNAL and not actor.has_permission(Permission.SHARE):
        raise Forbidden(_("Only exporters can make files for others."))


@dataclass(frozen=True, slots=True, kw_only=True)
class FileOptions:
    """The options of an export of incidents as one table.

    `columns`: the names of columns in order, empty for all columns of the profile; `labels`: the
    language of titles and labels, "" for the user's; `drafts`: whether a file for partners includes
    records that are not approved.
    """

    incidents: IncidentFilter
    columns: tuple[str, ...] = ()
    profile: Profile = Profile.INTERNAL
    drafts: bool = False
    labels: str = ""
    format: FileFormat = FileFormat.CSV

    @classmethod
    @collect_query_errors
    def from_args(cls, args: MultiDict[str, str]) -> FileOptions:
        """Read query parameters or the options of a command; raise BadQuery for invalid ones."""
        others = [
            (name, value)
            for name, value in args.items(multi=True)
            if name not in FILE_PARAMETERS and not _is_form_parameter(name)
        ]
        profile = (
            parse_code(args, "profile", Profile, label=FIELD_LABELS["profile"]) or Profile.INTERNAL
        )
        asked = cls(
            incidents=IncidentFilter.from_args(MultiDict(others)),
            columns=_parse_columns(args),
            profile=profile,
            drafts=drafts_from_query(args, profile),
            labels=_parse_label_language(args),
            format=parse_code(args, "format", FileFormat, label=FIELD_LABELS["format"])
            or FileFormat.CSV,
        )
        validate_external_filter(asked.profile, asked.incidents)
        if asked.profile is Profile.PUBLIC and PAGING_PARAMETERS & set(args):
            words = _("The public file is always complete: remove the filter.")
            raise BadQuery("profile", words, label=FIELD_LABELS["profile"])
        if not asked.exported_columns:
            words = _("None of these columns is in a file of this profile.")
            raise BadQuery("columns", words, label=FIELD_LABELS["columns"])
        return asked

    @property
    def table(self) -> Table:
        """The table whose columns can be chosen: that of incidents, or of published incidents."""
        return _table_for_profile(self.profile)

    @property
    def kind(self) -> ExportKind:
        """The kind of file in the export log."""
        is_public = self.profile is Profile.PUBLIC
        return ExportKind.PUBLISHED if is_public else ExportKind.INCIDENTS

    @property
    def exported_columns(self) -> list[Column]:
        """The columns of the file, in order."""
        of_profile = {one.name: one for one in self.table.columns_for(self.profile)}
        return [of_profile[one] for one in self.columns or of_profile if one in of_profile]

    @property
    def has_labels(self) -> bool:
        """Whether the file has headings and labels instead of names of columns and codes."""
        return self.format is FileFormat.XLSX

    @property
    def columns_with_headings(self) -> list[Column]:
        """The columns of the file, in order, each with its heading as its name."""
        if not self.has_labels:
            return self.exported_columns
        with use_language(self.language):
            return columns_named_by_heading(self.exported_columns)

    @property
    def column_choices(self) -> list[tuple[Column, int | None]]:
        """Every column of the profile, with its position in the file from 1. The position is None
        for a column that is not in the file. If no columns were chosen, it is 0 for all columns.
        """
        places = {name: place for place, name in enumerate(self.columns, 1)}
        return [
            (one, places.get(one.name) if self.columns else 0)
            for one in self.table.columns_for(self.profile)
        ]

    @property
    def chosen_table(self) -> Table:
        """The table, with only the chosen columns."""
        return replace(self.table, columns=tuple(self.exported_columns))

    @property
    def withheld_columns(self) -> list[str]:
        """The names of chosen columns that the profile withholds."""
        carried = {one.name for one in self.table.columns_for(self.profile)}
        return [one for one in self.columns or self.table.header if one not in carried]

    @property
    def language(self) -> str:
        """The language of titles and labels."""
        return self.labels or current_language()

    def to_args(self) -> dict[str, str | list[str]]:
        """Return the query parameters that differ from the defaults."""
        own = {
            "columns": ",".join(self.columns),
            "profile": "" if self.profile is Profile.INTERNAL else self.profile.value,
            "drafts": "yes" if self.drafts else "",
            "labels": self.labels,
            "format": "" if self.format is FileFormat.CSV else self.format.value,
        }
        return self.incidents.to_args() | {name: value for name, value in own.items() if value}

    def to_log(self) -> dict[str, str | list[str]]:
        """Return the query parameters that the export log stores."""
        return self.to_args() | drafts_log_entry(self.profile, drafts=self.drafts)


def without_incident_filter(args: MultiDict[str, str]) -> MultiDict[str, str]:
    """Return query parameters without those of the filter of incidents and of a page of a list."""
    filtering = PAGING_PARAMETERS | {one.name for one in IncidentFilter.declared_fields()}
    return MultiDict(one for one in args.items(multi=True) if one[0] not in filtering)


def is_form_submission(args: Iterable[str]) -> bool:
    """Return whether query parameters were sent by the form, not by a link."""
    return any(_is_form_parameter(name) for name in args if name != SAVED_NAME_FIELD)


def _is_form_parameter(name: str) -> bool:
    """Return whether a query parameter is not an option, but belongs to the form of the options."""
    return name in FORM_FIELDS or name.startswith(POSITION_FIELD_PREFIX)


def _parse_columns(args: MultiDict[str, str]) -> tuple[str, ...]:
    """Return the names of the chosen columns in order; empty for all in the default order."""
    if UNTICK_BUTTON in args:
        return ()
    if RENDERED_PROFILE_FIELD in args and COLUMN_FIELD not in args:
        words = _("Tick at least one column.")
        raise BadQuery(RENDERED_PROFILE_FIELD, words, label=FIELD_LABELS["columns"])
    names = args.get("columns", "").split(",") + _ticked_columns(args)
    chosen = tuple(dict.fromkeys(name.strip() for name in names if name.strip()))
    for name in chosen:
        if name not in EXPORTABLE_COLUMN_NAMES:
            raise invalid_value_error("columns", name, label=FIELD_LABELS["columns"])
    given = parse_code(args, RENDERED_PROFILE_FIELD, Profile) or parse_code(
        args, "profile", Profile
    )
    profile = given or Profile.INTERNAL
    offered = _table_for_profile(profile).columns_for(profile)
    return () if chosen == tuple(one.name for one in offered) else chosen


def _table_for_profile(profile: Profile) -> Table:
    """Return the table of published incidents for the public, else that of incidents."""
    return PUBLISHED_INCIDENTS if profile is Profile.PUBLIC else FLAT_INCIDENTS


def _ticked_columns(args: MultiDict[str, str]) -> list[str]:
    """Return the names of ticked columns, those with a position first, sorted by position."""
    ticked, places = args.getlist(COLUMN_FIELD), dict[str, int]()
    for name in (one for one in dict.fromkeys(ticked) if one in EXPORTABLE_COLUMN_NAMES):
        text = args.get(POSITION_FIELD_PREFIX + name, "").strip()
        if not text:
            continue
        label = _("Place of %(column)s", column=name)
        read = COLUMN_POSITION_PATTERN.fullmatch(text)
        if read is None:
            words = _("Number the columns 1, 2, 3 …")
            raise BadQuery(POSITION_FIELD_PREFIX + name, words, label=label, value=text)
        if int(read[1]) in places.values():
            words = _("Another column has this number.")
            raise BadQuery(POSITION_FIELD_PREFIX + name, words, label=label, value=text)
        places[name] = int(read[1])
    return sorted(ticked, key=lambda name: (name not in places, places.get(name, 0)))


def _parse_label_language(args: Mapping[str, str]) -> str:
    """Return the language of titles and labels in the query parameters, "" if not given."""
    text = args.get("labels", "").strip()
    if text and text not in LABEL_LANGUAGES:
        raise invalid_value_error("labels", text, label=FIELD_LABELS["labels"])
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageOptions:
    """The options of a data package, which has all records if `incidents` has no filter.

    `drafts`: whether a package for partners includes records that are not approved. `recipient`:
    the name of who receives it, "" if not given.
    """

    incidents: IncidentFilter
    profile: Profile = Profile.INTERNAL
    drafts: bool = False
    recipient: str = ""

    @classmethod
    @collect_query_errors
    def from_args(cls, args: MultiDict[str, str]) -> PackageOptions:
        """Read query parameters or the options of a command; raise BadQuery for invalid ones."""
        for name in PAGING_PARAMETERS & set(args):
            raise BadQuery(name, _("There is no such filter here."))
        others = [
            (name, value)
            for name, value in args.items(multi=True)
            if name not in PACKAGE_PARAMETERS
        ]
        profile = (
            parse_code(args, "profile", Profile, label=FIELD_LABELS["profile"]) or Profile.INTERNAL
        )
        asked = cls(
            incidents=IncidentFilter.from_args(MultiDict(others)),
            profile=profile,
            drafts=drafts_from_query(args, profile),
            recipient=parse_text(
                args,
                "recipient",
                max_length=MAX_RECIPIENT_NAME_LENGTH,
                label=FIELD_LABELS["recipient"],
            ),
        )
        validate_external_filter(asked.profile, asked.incidents)
        if asked.profile is Profile.INTERNAL and asked.recipient:
            words = _("An internal package has no recipient.")
            raise BadQuery("recipient", words, label=FIELD_LABELS["recipient"])
        return asked

    @property
    def is_unfiltered(self) -> bool:
        """Whether the package has no filter of incidents."""
        return not self.incidents.to_args()

    def to_args(self) -> dict[str, str | list[str]]:
        """Return the query parameters that are set."""
        own = {"recipient": self.recipient, "drafts": "yes" if self.drafts else ""}
        given = {name: value for name, value in own.items() if value}
        return {**self.incidents.to_args(), "profile": self.profile.value, **given}

    def to_log(self) -> dict[str, str | list[str]]:
        """Return the options that the export log stores, besides profile and recipient."""
        return self.incidents.to_args() | drafts_log_entry(self.profile, drafts=self.drafts)

    def describe(self, names: Mapping[str, str]) -> str:
        """Return the filter as text in the viewer's language; `names`: labels by code or ref."""
        if not self.is_unfiltered:
            return self.incidents.describe(names)
        is_internal = self.profile is Profile.INTERNAL
        return str(_("everything") if is_internal else _("everything that may be shared"))


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDossierOptions:
    """The options of a case dossier: audience, language of labels, drafts and recipient.

    `drafts`: whether a dossier for partners includes records that are not approved. `recipient`:
    the name under which a partner gets the same pseudonyms of users each time.
    """

    profile: Profile
    language: str
    drafts: bool = False
    recipient: str = ""

    @classmethod
    def from_args(cls, args: MultiDict[str, str]) -> CaseDossierOptions:
        """Read the query parameters; raise BadQuery for invalid ones."""
        reject_unknown_parameters(
            (name for name in args if name not in PAGING_PARAMETERS), DOSSIER_PARAMETERS
        )
        for name in PAGING_PARAMETERS & set(args):
            raise invalid_value_error(name, args[name])
        if args.get("profile") == "":
            # The form preselects nobody, so that no file is made for those it is not meant for.
            words = _("Choose for whom the file is.")
            raise BadQuery("profile", words, label=FIELD_LABELS["profile"])
        profile = (
            parse_code(args, "profile", Profile, label=FIELD_LABELS["profile"]) or Profile.INTERNAL
        )
        if profile not in DOSSIER_PROFILES:
            raise invalid_value_error(
                "profile", profile.value, label=FIELD_LABELS["profile"], choices=DOSSIER_PROFILES
            )
        code = parse_text(args, "language", label=FIELD_LABELS["language"]) or current_language()
        if code not in LANGUAGES:
            raise invalid_value_error("language", code, label=FIELD_LABELS["language"])
        recipient = parse_text(
            args, "recipient", max_length=MAX_RECIPIENT_NAME_LENGTH, label=FIELD_LABELS["recipient"]
        )
        if recipient and profile is Profile.INTERNAL:
            words = _("An internal dossier has no recipient.")
            raise BadQuery("recipient", words, label=FIELD_LABELS["recipient"])
        drafts = drafts_from_query(args, profile)
        return cls(profile=profile, language=code, drafts=drafts, recipient=recipient)

    @property
    def is_outside(self) -> bool:
        """Whether the dossier is for somebody outside the organisation."""
        return self.profile is not Profile.INTERNAL

    @property
    def audience(self) -> str:
        """The text about the audience on the first page of a dossier."""
        if self.is_outside:
            of = _("drafts included") if self.drafts else _("without drafts")
            return f"{_('For whom')}: {get_label(self.profile, self.language)}, {of}"
        return str(_("Internal: do not share outside."))

    def to_args(self) -> dict[str, str]:
        """Return the query parameters."""
        drafts = {"drafts": "yes"} if self.drafts else {}
        recipient = {"recipient": self.recipient} if self.recipient else {}
        return {"profile": self.profile.value, "language": self.language} | drafts | recipient


def _parse_months(args: Mapping[str, str], name: str) -> MonthRange:
    """Return the months in a query parameter, by default the last month that is over."""
    last = months_up_to(clock.current_date().replace(day=1) - timedelta(days=1), 1)[0]
    return parse_months(args, name) or MonthRange(last, last)


def _format_months(value: MonthRange, _names: Mapping[str, str]) -> str:
    """Return the months of a filter in words, in the current language."""
    return value.localized_text()


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthlyFilter(ListFilter):
    """The options of a monthly report: its months and `country`, "" for all countries.

    `shared`: whether records that all users see are counted, instead of those the viewer may see.
    """

    months: MonthRange = declare_field(
        REQUIRED_DEFAULT,
        name="month",
        label=lazy("Month or period"),
        read=_parse_months,
        value_text=_format_months,
        control="text",
        hint=lazy("June 2025, or June 2025 – August 2025"),
    )
    country: str = country_filter(unset_heading=lazy("all countries"))
    shared: bool = flag_filter(lazy("only records that all users see"), heading="")

    @property
    def is_complete(self) -> bool:
        """Whether the last month of the period is over."""
        return self.months.day_after <= clock.current_date()

    @property
    def is_one_month(self) -> bool:
        """Whether the period is a single month, which can be published."""
        return self.months.first == self.months.last

    def previous_period(self) -> MonthlyFilter:
        """Return the same options for the period of equal length before."""
        return replace(self, months=self.months.preceding_range())

    def incident_filter(self) -> IncidentFilter:
        """Return the filter of the list of incidents for the months and country of the report."""
        return IncidentFilter(reported=self.months, country=self.country, shared=self.shared)

    def response_filter(self) -> ResponseFilter:
        """Return the filter of the list of responses for the months and country of the report."""
        return ResponseFilter(counted=self.months, country=self.country, shared=self.shared)

    def account_filter(self) -> AccountFilter:
        """Return the filter of the list of fake accounts, by events in the months of the report."""
        return AccountFilter(happened=self.months, country=self.country, shared=self.shared)
