"""Codes of journalists, outlets and institutions."""

from enum import StrEnum


class JournalistKind(StrEnum):
    """How a journalist is employed."""

    STAFF = "staff"
    FREELANCE = "freelance"
    BLOGGER = "blogger"
    EDITOR = "editor"
    MEDIA_WORKER = "media_worker"
    FORMER = "former"
    UNKNOWN = "unknown"


class Gender(StrEnum):
    """The gender of a journalist, as given by a source or by the journalist; always optional."""

    WOMAN = "woman"
    MAN = "man"
    OTHER = "other"
    UNKNOWN = "unknown"


class NameKind(StrEnum):
    """The kind of a name: official, pen name, former and so on."""

    LEGAL = "legal"
    PEN_NAME = "pen_name"
    TRANSLITERATION = "transliteration"
    FORMER = "former"
    OTHER = "other"


class Script(StrEnum):
    """The script in which a name is written."""

    LATIN = "latin"
    CYRILLIC = "cyrillic"


class InstitutionKind(StrEnum):
    """The kind of an institution: a ministry, the police, a court and so on."""

    MINISTRY = "ministry"
    POLICE = "police"
    SECURITY_SERVICE = "security_service"
    PROSECUTOR = "prosecutor"
    COURT = "court"
    REGULATOR = "regulator"
    LOCAL_EXECUTIVE = "local_executive"
    PARLIAMENT = "parliament"
    PRESIDENCY = "presidency"
    MILITARY = "military"
    INTERGOVERNMENTAL = "intergovernmental"
    PLATFORM = "platform"
    OTHER = "other"


class InstitutionLevel(StrEnum):
    """The level at which an institution works, such as national or local."""

    NATIONAL = "national"
    REGIONAL = "regional"
    LOCAL = "local"
    INTERNATIONAL = "international"
    UNKNOWN = "unknown"


class Reliability(StrEnum):
    """How reliable a publisher is, from best to worst; `not_sure` is the default."""

    VERY_CREDIBLE = "very_credible"
    QUITE_CREDIBLE = "quite_credible"
    CREDIBLE = "credible"
    NOT_SURE = "not_sure"
    NOT_CREDIBLE = "not_credible"
