"""Journalists, outlets, institutions; the sources, and what cites them; external lists."""

from __future__ import annotations

from tracker.articles.codes import Bearing, CheckResult, Independence, Language, SourceKind
from tracker.people.codes import (
    NameKind,
    Script,
)
from tracker.people.models import Institution, Journalist, Outlet
from tracker.reports.tables.shape import (
    OUTSIDE,
    Column,
    Kind,
    Table,
    code_column,
    date_column,
    date_columns,
    declared,
    handle_column,
    number_column,
    ordinal_column,
    ownership_columns,
    ref_column,
    reference_column,
    revision_columns,
    text_column,
    timestamp_column,
)

COUNTRY = Column(name="country", says="ISO 3166-1 alpha-2.", profiles=OUTSIDE)

JOURNALISTS = Table(
    name="journalists",
    says="Those who may be named in this file; nobody else has a row.",
    key=("ref",),
    columns=(
        ref_column("The journalist, for ever."),
        *revision_columns(),
        *ownership_columns(),
        text_column("name", "The main name.", outside=True),
        *declared(Journalist, "details"),
        COUNTRY,
        text_column("notes", "Notes of the house."),
    ),
)
OUTLETS = Table(
    name="outlets",
    says="Newsrooms, channels and blogs; also those that published a source.",
    key=("ref",),
    columns=(
        ref_column("The outlet, for ever."),
        *revision_columns(),
        *ownership_columns(),
        text_column("name", "The main name.", outside=True),
        COUNTRY,
        handle_column("domains", "Host names, one a line.", outside=True),
        handle_column("channels", "Addresses of channels, one a line.", outside=True),
        *declared(Outlet, "details"),
        text_column("notes", "Notes of the house."),
    ),
)
INSTITUTIONS = Table(
    name="institutions",
    says="Public bodies and platforms that answer, or should: all that are on record.",
    key=("ref",),
    columns=(
        ref_column("The institution, for ever."),
        *revision_columns(),
        text_column("name", "The main name.", outside=True),
        *declared(Institution, "details"),
        COUNTRY,
    ),
)
ARTICLES = Table(
    name="articles",
    says="The sources. `withheld`: the words may hold a name that does not leave.",
    key=("ref",),
    columns=(
        ref_column("The source, for ever."),
        *revision_columns(),
        *ownership_columns(),
        code_column("kind", SourceKind, "An article, or what else it is."),
        text_column("title", "The title."),
        text_column("authors", "The authors, as the source names them."),
        reference_column("publisher", "outlets", "The outlet that published it."),
        text_column("publisher_words", "The publisher, where it is no outlet on record."),
        *date_columns(),
        code_column("language", Language, "ISO 639-1."),
        handle_column("url", "The address.", outside=True),
        handle_column("archive_url", "The address of a copy.", outside=True),
        date_column("captured_on", "When that copy was made."),
        date_column("checked_on", "When the address was last tried."),
        code_column("check_result", CheckResult, "What was found."),
        code_column("independence", Independence, "Whose voice it is.", outside=False),
        reference_column("repeats", "articles", "The source that it repeats.", outside=False),
        timestamp_column("retrieved_at", "When it came in, in UTC."),
        Column(
            name="text", says="Its text, masked where it is; what came in stays.", kind=Kind.WHOLE
        ),
    ),
)
MASKS = Table(
    name="article_masks",
    says="Which passages of a source are masked. What lies under them is in no file.",
    owner="article",
    columns=(
        reference_column("article", "articles", "The source.", outside=False),
        number_column("start", "Where a passage begins in its text.", outside=False),
        number_column("end", "Where it ends.", outside=False),
        text_column("reason", "Why it is masked."),
        timestamp_column("masked_at", "When it was masked, in UTC."),
    ),
)
NAMES = Table(
    name="names",
    says="Every name by which sources call somebody, the main one among them.",
    owner="record",
    columns=(
        Column(name="record", says="The journalist, outlet or institution."),
        text_column("name", "The name."),
        code_column("kind", NameKind, "What kind of name it is.", outside=False),
        code_column("script", Script, "In which script it is.", outside=False),
    ),
)
AFFILIATIONS = Table(
    name="affiliations",
    says="Who worked for which outlet, from when to when.",
    owner="journalist",
    needs=("outlet",),
    columns=(
        reference_column("journalist", "journalists", "The journalist.", outside=False),
        reference_column("outlet", "outlets", "The outlet.", outside=False),
        text_column("position", "As what."),
        *date_columns(outside=False),
    ),
)
CITATIONS = Table(
    name="citations",
    says="Which source says what of which record.",
    owner="record",
    columns=(
        Column(name="record", says="The record of any table.", of="record_id", profiles=OUTSIDE),
        reference_column("article", "articles", "The source; empty where it is withheld."),
        text_column("quote", "Its words; what is masked is masked."),
        number_column("start", "Where they begin in its text.", outside=False),
        number_column("end", "Where they end.", outside=False),
        Column(name="field", says="Which field they speak of; empty: of the whole record."),
        ordinal_column(
            "part",
            "The number of the event or step that they speak of alone, if any.",
            of="part_id",
        ),
        code_column("bearing", Bearing, "Whether they support it.", outside=False),
        timestamp_column("cited_at", "When it was cited, in UTC."),
    ),
)
EXTERNAL = Table(
    name="external_refs",
    says="Records in other people's lists.",
    owner="record",
    columns=(
        Column(name="record", says="The record of any table.", of="record_id"),
        Column(name="scheme", says="Whose list."),
        text_column("identifier", "Its number or name there."),
        handle_column("url", "Its address there."),
    ),
)
