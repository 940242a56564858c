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
    code,
    dated,
    day,
    declared,
    glued,
    kept,
    moment,
    number,
    ordinal,
    points,
    ref,
    signed,
    words,
)

COUNTRY = Column(name="country", says="ISO 3166-1 alpha-2.", profiles=OUTSIDE)

JOURNALISTS = Table(
    name="journalists",
    says="Those who may be named in this file; nobody else has a row.",
    key=("ref",),
    columns=(
        ref("The journalist, for ever."),
        *signed(),
        *kept(),
        words("name", "The main name.", outside=True),
        *declared(Journalist, "details"),
        COUNTRY,
        words("notes", "Notes of the house."),
    ),
)
OUTLETS = Table(
    name="outlets",
    says="Newsrooms, channels and blogs; also those that published a source.",
    key=("ref",),
    columns=(
        ref("The outlet, for ever."),
        *signed(),
        *kept(),
        words("name", "The main name.", outside=True),
        COUNTRY,
        glued("domains", "Host names, one a line.", outside=True),
        glued("channels", "Addresses of channels, one a line.", outside=True),
        *declared(Outlet, "details"),
        words("notes", "Notes of the house."),
    ),
)
INSTITUTIONS = Table(
    name="institutions",
    says="Public bodies and platforms that answer, or should: all that are on record.",
    key=("ref",),
    columns=(
        ref("The institution, for ever."),
        *signed(),
        words("name", "The main name.", outside=True),
        *declared(Institution, "details"),
        COUNTRY,
    ),
)
ARTICLES = Table(
    name="articles",
    says="The sources. `withheld`: the words may hold a name that does not leave.",
    key=("ref",),
    columns=(
        ref("The source, for ever."),
        *signed(),
        *kept(),
        code("kind", SourceKind, "An article, or what else it is."),
        words("title", "The title."),
        words("authors", "The authors, as the source names them."),
        points("publisher", "outlets", "The outlet that published it."),
        words("publisher_words", "The publisher, where it is no outlet on record."),
        *dated(),
        code("language", Language, "ISO 639-1."),
        glued("url", "The address.", outside=True),
        glued("archive_url", "The address of a copy.", outside=True),
        day("captured_on", "When that copy was made."),
        day("checked_on", "When the address was last tried."),
        code("check_result", CheckResult, "What was found."),
        code("independence", Independence, "Whose voice it is.", outside=False),
        points("repeats", "articles", "The source that it repeats.", outside=False),
        moment("retrieved_at", "When it came in, in UTC."),
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
        points("article", "articles", "The source.", outside=False),
        number("start", "Where a passage begins in its text.", outside=False),
        number("end", "Where it ends.", outside=False),
        words("reason", "Why it is masked."),
        moment("masked_at", "When it was masked, in UTC."),
    ),
)
NAMES = Table(
    name="names",
    says="Every name by which sources call somebody, the main one among them.",
    owner="record",
    columns=(
        Column(name="record", says="The journalist, outlet or institution."),
        words("name", "The name."),
        code("kind", NameKind, "What kind of name it is.", outside=False),
        code("script", Script, "In which script it is.", outside=False),
    ),
)
AFFILIATIONS = Table(
    name="affiliations",
    says="Who worked for which outlet, from when to when.",
    owner="journalist",
    needs=("outlet",),
    columns=(
        points("journalist", "journalists", "The journalist.", outside=False),
        points("outlet", "outlets", "The outlet.", outside=False),
        words("position", "As what."),
        *dated(outside=False),
    ),
)
CITATIONS = Table(
    name="citations",
    says="Which source says what of which record.",
    owner="record",
    columns=(
        Column(name="record", says="The record of any table.", of="record_id", profiles=OUTSIDE),
        points("article", "articles", "The source; empty where it is withheld."),
        words("quote", "Its words; what is masked is masked."),
        number("start", "Where they begin in its text.", outside=False),
        number("end", "Where they end.", outside=False),
        Column(name="field", says="Which field they speak of; empty: of the whole record."),
        ordinal(
            "part",
            "The number of the event or step that they speak of alone, if any.",
            of="part_id",
        ),
        code("bearing", Bearing, "Whether they support it.", outside=False),
        moment("cited_at", "When it was cited, in UTC."),
    ),
)
EXTERNAL = Table(
    name="external_refs",
    says="Records in other people's lists.",
    owner="record",
    columns=(
        Column(name="record", says="The record of any table.", of="record_id"),
        Column(name="scheme", says="Whose list."),
        words("identifier", "Its number or name there."),
        glued("url", "Its address there."),
    ),
)
