"""The tables of journalists, outlets, institutions, sources, citations and external IDs."""

from __future__ import annotations

from tracker.articles.codes import Bearing, CheckResult, Independence, Language, SourceKind
from tracker.people.codes import NameKind, Script
from tracker.people.models import Institution, Journalist, Outlet
from tracker.reports.tables import shape

COUNTRY_COLUMN = shape.Column(
    name="country", description="ISO 3166-1 alpha-2.", profiles=shape.INTERNAL_AND_PARTNER
)

JOURNALISTS = shape.Table(
    name="journalists",
    description="Those who may be named in this file; nobody else has a row.",
    key=("ref",),
    columns=(
        shape.ref_column("The journalist (permanent ref)."),
        *shape.revision_columns(),
        *shape.ownership_columns(),
        shape.text_column("name", "The main name.", for_partners=True),
        *shape.form_field_columns(Journalist, "details"),
        COUNTRY_COLUMN,
        shape.text_column("notes", "Internal notes."),
    ),
)
OUTLETS = shape.Table(
    name="outlets",
    description="Newsrooms, channels and blogs; also those that published a source.",
    key=("ref",),
    columns=(
        shape.ref_column("The outlet (permanent ref)."),
        *shape.revision_columns(),
        *shape.ownership_columns(),
        shape.text_column("name", "The main name.", for_partners=True),
        COUNTRY_COLUMN,
        shape.handle_column("domains", "Host names, one per line.", for_partners=True),
        shape.handle_column("channels", "Addresses of channels, one per line.", for_partners=True),
        *shape.form_field_columns(Outlet, "details"),
        shape.text_column("notes", "Internal notes."),
    ),
)
INSTITUTIONS = shape.Table(
    name="institutions",
    description="Public bodies and platforms that answer, or should: all that are on record.",
    key=("ref",),
    columns=(
        shape.ref_column("The institution (permanent ref)."),
        *shape.revision_columns(),
        shape.text_column("name", "The main name.", for_partners=True),
        *shape.form_field_columns(Institution, "details"),
        COUNTRY_COLUMN,
    ),
)
ARTICLES = shape.Table(
    name="articles",
    description="The sources. `withheld`: the text may contain a name that must not be shared.",
    key=("ref",),
    columns=(
        shape.ref_column("The source (permanent ref)."),
        *shape.revision_columns(),
        *shape.ownership_columns(),
        shape.code_column("kind", SourceKind, "The kind of source."),
        shape.text_column("title", "The title."),
        shape.text_column("authors", "The authors, as the source names them."),
        shape.reference_column("publisher", "outlets", "The outlet that published it."),
        shape.text_column(
            "publisher_words", "The publisher as text, if it is not a recorded outlet."
        ),
        *shape.date_columns(),
        shape.code_column("language", Language, "ISO 639-1."),
        shape.handle_column("url", "The address.", for_partners=True),
        shape.handle_column("archive_url", "The address of an archived copy.", for_partners=True),
        shape.date_column("captured_on", "When that copy was made."),
        shape.date_column("checked_on", "When the address was last checked."),
        shape.code_column("check_result", CheckResult, "The result of the check."),
        shape.code_column(
            "independence", Independence, "How independent the source is.", for_partners=False
        ),
        shape.reference_column(
            "repeats", "articles", "The source that it repeats.", for_partners=False
        ),
        shape.timestamp_column("retrieved_at", "When it was imported, in UTC."),
        shape.Column(
            name="text",
            description="Its text, with masked passages; the original is unchanged.",
            kind=shape.ColumnKind.ARTICLE_TEXT,
        ),
    ),
)
ARTICLE_MASKS = shape.Table(
    name="article_masks",
    description="Which passages of a source are masked. The masked text is in no file.",
    owner="article",
    columns=(
        shape.reference_column("article", "articles", "The source.", for_partners=False),
        shape.number_column("start", "Where a passage begins in its text.", for_partners=False),
        shape.number_column("end", "Where it ends.", for_partners=False),
        shape.text_column("reason", "Why it is masked."),
        shape.timestamp_column("masked_at", "When it was masked, in UTC."),
    ),
)
NAMES = shape.Table(
    name="names",
    description="Every name used in sources, including the main one.",
    owner="record",
    columns=(
        shape.Column(name="record", description="The journalist, outlet or institution."),
        shape.text_column("name", "The name."),
        shape.code_column("kind", NameKind, "The kind of name.", for_partners=False),
        shape.code_column("script", Script, "The script of the name.", for_partners=False),
    ),
)
AFFILIATIONS = shape.Table(
    name="affiliations",
    description="Who worked for which outlet, from when to when.",
    owner="journalist",
    required_columns=("outlet",),
    columns=(
        shape.reference_column("journalist", "journalists", "The journalist.", for_partners=False),
        shape.reference_column("outlet", "outlets", "The outlet.", for_partners=False),
        shape.text_column("position", "The position held."),
        *shape.date_columns(for_partners=False),
    ),
)
CITATIONS = shape.Table(
    name="citations",
    description="Which source says what of which record.",
    owner="record",
    columns=(
        shape.Column(
            name="record",
            description="The record of any table.",
            model_attribute="record_id",
            profiles=shape.INTERNAL_AND_PARTNER,
        ),
        shape.reference_column("article", "articles", "The source; empty where it is withheld."),
        shape.text_column("quote", "The quote, with masked passages."),
        shape.number_column("start", "Where the quote begins in the text.", for_partners=False),
        shape.number_column("end", "Where they end.", for_partners=False),
        shape.Column(
            name="field", description="The field that it supports; empty: the whole record."
        ),
        shape.ordinal_column(
            "part",
            "The number of the event or step that it supports, if only one.",
            model_attribute="part_id",
        ),
        shape.code_column(
            "bearing", Bearing, "Whether the source supports the record.", for_partners=False
        ),
        shape.timestamp_column("cited_at", "When it was cited, in UTC."),
    ),
)
EXTERNAL_REFS = shape.Table(
    name="external_refs",
    description="IDs of records in external lists.",
    owner="record",
    columns=(
        shape.Column(
            name="record", description="The record of any table.", model_attribute="record_id"
        ),
        shape.Column(name="scheme", description="The external list."),
        shape.text_column("identifier", "The ID in that list."),
        shape.handle_column("url", "The address in that list."),
    ),
)
