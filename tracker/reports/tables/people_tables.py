"""Journalists, outlets, institutions; sources and their citations; external lists."""

from __future__ import annotations

from tracker.articles.codes import Bearing, CheckResult, Independence, Language, SourceKind
from tracker.people.codes import NameKind, Script
from tracker.people.models import Institution, Journalist, Outlet
from tracker.reports.tables import shape

COUNTRY = shape.Column(name="country", says="ISO 3166-1 alpha-2.", profiles=shape.OUTSIDE)

JOURNALISTS = shape.Table(
    name="journalists",
    says="Those who may be named in this file; nobody else has a row.",
    key=("ref",),
    columns=(
        shape.ref_column("The journalist, for ever."),
        *shape.revision_columns(),
        *shape.ownership_columns(),
        shape.text_column("name", "The main name.", outside=True),
        *shape.declared(Journalist, "details"),
        COUNTRY,
        shape.text_column("notes", "Notes of the house."),
    ),
)
OUTLETS = shape.Table(
    name="outlets",
    says="Newsrooms, channels and blogs; also those that published a source.",
    key=("ref",),
    columns=(
        shape.ref_column("The outlet, for ever."),
        *shape.revision_columns(),
        *shape.ownership_columns(),
        shape.text_column("name", "The main name.", outside=True),
        COUNTRY,
        shape.handle_column("domains", "Host names, one a line.", outside=True),
        shape.handle_column("channels", "Addresses of channels, one a line.", outside=True),
        *shape.declared(Outlet, "details"),
        shape.text_column("notes", "Notes of the house."),
    ),
)
INSTITUTIONS = shape.Table(
    name="institutions",
    says="Public bodies and platforms that answer, or should: all that are on record.",
    key=("ref",),
    columns=(
        shape.ref_column("The institution, for ever."),
        *shape.revision_columns(),
        shape.text_column("name", "The main name.", outside=True),
        *shape.declared(Institution, "details"),
        COUNTRY,
    ),
)
ARTICLES = shape.Table(
    name="articles",
    says="The sources. `withheld`: the words may hold a name that does not leave.",
    key=("ref",),
    columns=(
        shape.ref_column("The source, for ever."),
        *shape.revision_columns(),
        *shape.ownership_columns(),
        shape.code_column("kind", SourceKind, "An article, or what else it is."),
        shape.text_column("title", "The title."),
        shape.text_column("authors", "The authors, as the source names them."),
        shape.reference_column("publisher", "outlets", "The outlet that published it."),
        shape.text_column("publisher_words", "The publisher, where it is no outlet on record."),
        *shape.date_columns(),
        shape.code_column("language", Language, "ISO 639-1."),
        shape.handle_column("url", "The address.", outside=True),
        shape.handle_column("archive_url", "The address of a copy.", outside=True),
        shape.date_column("captured_on", "When that copy was made."),
        shape.date_column("checked_on", "When the address was last tried."),
        shape.code_column("check_result", CheckResult, "What was found."),
        shape.code_column("independence", Independence, "Whose voice it is.", outside=False),
        shape.reference_column("repeats", "articles", "The source that it repeats.", outside=False),
        shape.timestamp_column("retrieved_at", "When it came in, in UTC."),
        shape.Column(
            name="text",
            says="Its text, masked where it is; what came in stays.",
            kind=shape.Kind.WHOLE,
        ),
    ),
)
MASKS = shape.Table(
    name="article_masks",
    says="Which passages of a source are masked. What lies under them is in no file.",
    owner="article",
    columns=(
        shape.reference_column("article", "articles", "The source.", outside=False),
        shape.number_column("start", "Where a passage begins in its text.", outside=False),
        shape.number_column("end", "Where it ends.", outside=False),
        shape.text_column("reason", "Why it is masked."),
        shape.timestamp_column("masked_at", "When it was masked, in UTC."),
    ),
)
NAMES = shape.Table(
    name="names",
    says="Every name by which sources call somebody, the main one among them.",
    owner="record",
    columns=(
        shape.Column(name="record", says="The journalist, outlet or institution."),
        shape.text_column("name", "The name."),
        shape.code_column("kind", NameKind, "What kind of name it is.", outside=False),
        shape.code_column("script", Script, "In which script it is.", outside=False),
    ),
)
AFFILIATIONS = shape.Table(
    name="affiliations",
    says="Who worked for which outlet, from when to when.",
    owner="journalist",
    needs=("outlet",),
    columns=(
        shape.reference_column("journalist", "journalists", "The journalist.", outside=False),
        shape.reference_column("outlet", "outlets", "The outlet.", outside=False),
        shape.text_column("position", "As what."),
        *shape.date_columns(outside=False),
    ),
)
CITATIONS = shape.Table(
    name="citations",
    says="Which source says what of which record.",
    owner="record",
    columns=(
        shape.Column(
            name="record", says="The record of any table.", of="record_id", profiles=shape.OUTSIDE
        ),
        shape.reference_column("article", "articles", "The source; empty where it is withheld."),
        shape.text_column("quote", "Its words; what is masked is masked."),
        shape.number_column("start", "Where they begin in its text.", outside=False),
        shape.number_column("end", "Where they end.", outside=False),
        shape.Column(name="field", says="Which field they speak of; empty: of the whole record."),
        shape.ordinal_column(
            "part",
            "The number of the event or step that they speak of alone, if any.",
            of="part_id",
        ),
        shape.code_column("bearing", Bearing, "Whether they support it.", outside=False),
        shape.timestamp_column("cited_at", "When it was cited, in UTC."),
    ),
)
EXTERNAL = shape.Table(
    name="external_refs",
    says="Records in other people's lists.",
    owner="record",
    columns=(
        shape.Column(name="record", says="The record of any table.", of="record_id"),
        shape.Column(name="scheme", says="Whose list."),
        shape.text_column("identifier", "Its number or name there."),
        shape.handle_column("url", "Its address there."),
    ),
)
