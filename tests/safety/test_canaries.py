"""Nobody finds a word of what they may not see, whatever they open, follow, filter, send or take."""

from __future__ import annotations

import base64
import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import select, true
from xlsxwriter import Workbook

from tests.safety.canaries import (
    AS_THEY_ARE,
    LEFT_ALONE,
    TABLES,
    Canary,
    Place,
    Planted,
    columns_to_plant,
    found_in,
    meant,
    text_columns,
)
from tests.safety.crawling import ask, words_in
from tests.safety.filling import ONLY_KEPT, ONLY_SHOWN
from tests.safety.findings import everything_wrong, get_addresses, walk
from tests.safety.leaking import IN_A_WORKBOOK
from tests.safety.planted import Aviary, aviary
from tests.safety.world import Place as Shown
from tracker.incidents.codes import NameReach
from tracker.incidents.models import IncidentTarget
from tracker.incidents.publication_rules import PARTNER_REACHES
from tracker.people.models import Journalist, JournalistName
from tracker.reports.formats import FILE_SUFFIXES
from tracker.scoping import system_session

# Staff of another team than the one that keeps the restricted records are shown what its monitors
# are, whose every page is compared in `test_non_interference`; and nobody.
WALKERS = ["", "other-staff"]
# Tables whose texts stand on no page of those who keep them, and why.
UNSEEN = {
    "publications": "for the public file alone",
    "article_masks": "the mask is seen, its reason is in the trail",
    "article_masks_confidential": "the words under a mask are shown on asking",
    "articles_confidential": "on a page of its own, asked for with the password",
    "erasures": "the record says that it was erased",
    "incidents_confidential": "on a page of its own, asked for with the password",
    "journalists_confidential": "on a page of its own, asked for with the password",
    "suggestion_outcomes": "codes and offsets, for judging the rules by",
    "target_namings_confidential": "on a page of its own, asked for with the password",
}
AT_NIGHT = ["other-monitor", "other-exporter", "staff", "monitor", "exporter", "admin", "other-admin",
            "teamless"]  # fmt: skip


@pytest.fixture
def birds() -> Iterator[Aviary]:
    with aviary("sqlite") as lent:
        yield lent


@pytest.mark.parametrize("name", WALKERS, ids=lambda name: name or "nobody")
def test_nobody_finds_a_word_that_they_may_not_read(birds: Aviary, name: str) -> None:
    answers = walk(birds, name, get_addresses(birds))
    assert everything_wrong(birds, name, answers) == []
    assert not [one.address for one in answers if one.status >= 500]


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("kind", "name"),
    [("sqlite", name) for name in WALKERS + AT_NIGHT]
    # The pages are the same: both connections of them, and whoever has none.
    + [("postgresql", name) for name in [*WALKERS, "staff"]],
    ids=lambda name: name or "nobody",
)
def test_nobody_finds_a_word_with_any_filter_or_form(kind: str, name: str) -> None:
    with aviary(kind) as birds:
        answers = walk(birds, name, get_addresses(birds), every=True)
        assert everything_wrong(birds, name, answers) == []


def test_staff_find_what_they_may_read_and_nothing_else(birds: Aviary) -> None:
    """Who may read it finds a canary of every table: the walk goes everywhere, and it can see."""
    answers = walk(birds, "staff", get_addresses(birds))
    assert everything_wrong(birds, "staff", answers) == []
    assert not [one.address for one in answers if one.status >= 500]
    seen = {
        canary
        for answer in answers
        for surface in ("body", "title")
        for found in found_in(answer.surfaces.get(surface, ""), birds.planted)
        for canary in meant(found, birds.planted)
    }
    own = {one for one in birds.planted.canaries.values() if one.place.team == "Desk"}
    unseen = {one.table for one in own} - {one.table for one in seen} - UNSEEN.keys()
    assert unseen == set(), "texts that stand on no page: should they be stored at all?"


@pytest.mark.parametrize("name", ["other-staff", "monitor", "exporter", "admin", "teamless"])
def test_a_search_everywhere_finds_no_word_that_its_reader_may_not_read(
    birds: Aviary, name: str
) -> None:
    """Whatever kind of text it stands in, also by its beginning, which the page does not repeat."""
    secret = {
        (one.table, one.column, one.place): one.text
        for one in birds.planted.canaries.values()
        if one.level == "confidential" or one.place.visibility == "restricted"
    }
    browser = birds.browser(name)
    addresses = [f"/search?q={quote(text)}" for text in ("cnry", *secret.values())]
    answers = [ask(browser, address) for address in addresses]
    assert len(answers) > len(TABLES.tables)
    assert everything_wrong(birds, name, answers) == []
    assert not [one.address for one in answers if one.status >= 500]


def test_no_file_for_others_has_a_word_that_is_not_public(birds: Aviary) -> None:
    """Whoever may read it takes them: what an exporter sees in the house is not what leaves it, but
    for names that were let go that far.
    """
    wrong, partners = [], names(birds, IncidentTarget.name_reach.in_(PARTNER_REACHES))
    for address in files_of(birds, "partner", "public"):
        told = told_in(birds, address)
        assert told, address
        wrong += [
            f"{address}: {one.text}"
            for one in told
            if (one.level, one.place.visibility) != ("public", "internal")
            and not (one.text in partners and "partner" in address)
        ]
        if "package" in address and "drafts=yes" in address:
            assert partners <= {one.text for one in told}, address
    assert wrong == []


def test_no_file_has_a_name_that_is_closed(birds: Aviary) -> None:
    """Whoever takes it, for whomever it is: the team that keeps the name, for itself."""
    closed = names(birds, Journalist.name_closed_on.is_not(None), of=JournalistName)
    closed |= names(birds, Journalist.name_closed_on.is_not(None))
    assert closed
    for address in files_of(birds, "partner", "public", "internal"):
        told = {one.text for one in told_in(birds, address)}
        assert sorted(told & closed) == [], address


# What keeps a name in the house, and in the team: each place by what a mistake would make of it.
IN_THE_HOUSE = {
    "tracker.reports.scope_queries.PARTNER_REACHES": tuple(NameReach),
    "tracker.incidents.naming_queries.withholds_name.__defaults__": (tuple(NameReach),),
}
IN_THE_TEAM = {
    "tracker.reports.scope_queries.ExportScope._is_nameable_journalist": lambda _extent: true(),
    "tracker.reports.scope_queries.ExportScope._is_nameable_target": lambda _extent: true(),
    "tracker.reports.scope_queries.redacted_names": lambda _session: [],
    "tracker.reports.flat_queries.redacted_targets": lambda *_asked: {},
}


@pytest.mark.parametrize(
    ("undone", "check"),
    [
        (IN_THE_HOUSE, test_no_file_for_others_has_a_word_that_is_not_public),
        (IN_THE_TEAM, test_no_file_has_a_name_that_is_closed),
    ],
    ids=["undecided", "refused"],
)
def test_a_name_in_a_file_that_may_not_be_there_is_found(
    birds: Aviary, monkeypatch: pytest.MonkeyPatch, undone: dict[str, Any], check: Any
) -> None:
    for place, instead in undone.items():
        monkeypatch.setattr(place, instead)
    with pytest.raises(AssertionError, match="CNRY"):
        check(birds)


def names(birds: Aviary, *conditions: Any, of: Any = Journalist) -> set[str]:
    """Return the names of journalists at whom something was aimed that not only a team sees."""
    rows = select(of.name).where(*conditions, IncidentTarget.visibility == "internal")
    if of is JournalistName:
        rows = rows.join(Journalist, Journalist.id == JournalistName.bearer_id)
    rows = rows.join(IncidentTarget, IncidentTarget.journalist_id == Journalist.id)
    with birds.app.app_context(), system_session("names", reading=True) as session:
        return set(session.scalars(rows))


def files_of(birds: Aviary, *profiles: str) -> list[str]:
    """Return where the files for some readers are."""
    case = birds.world.ref("cases", Shown.INTERNAL)
    if "partner" in profiles:
        profiles = (*profiles, "partner&drafts=yes")
    files = [
        *(f"/reports/incidents.{of}?profile={{}}" for of in FILE_SUFFIXES),
        *(f"/reports/package.{of}?profile={{}}" for of in ("zip", "xlsx")),
    ]
    of_each = [file.format(profile) for file in files for profile in profiles]
    # What is for the house has no recipient.
    given = [
        f"{one}&recipient=A" if "package" in one and "internal" not in one else one
        for one in of_each
    ]
    return given + [
        f"/reports/dossier/{case}{of}?profile={profile}"
        for of in ("/print", ".zip")
        for profile in profiles
        if profile != "public"
    ]


def told_in(birds: Aviary, address: str) -> set[Canary]:
    """Return whatever an exporter is told in a file."""
    answer = ask(birds.browser("exporter"), address)
    assert answer.status == 200, address
    return {
        canary
        for text in answer.surfaces.values()
        for found in found_in(text, birds.planted)
        for canary in meant(found, birds.planted)
    }


def test_every_text_has_its_canary_in_two_shown_records_and_a_hidden_one(birds: Aviary) -> None:
    missing = []
    for table, column in columns_to_plant():
        planted = [
            one
            for one in [*birds.planted.canaries.values(), *birds.planted.secrets.values()]
            if (one.table, one.column) == (table.name, column.name)
        ]
        shown = [one for one in planted if one.place.visibility == "internal"]
        hidden = [one for one in planted if one.place.visibility == "restricted"]
        enough = (len(shown) >= 2 or table.name in ONLY_KEPT) and (
            hidden or table.name in ONLY_SHOWN
        )
        if "visibility" not in table.columns:
            enough = bool(planted)
        if not enough:
            missing.append(f"{table.name}.{column.name}: {len(shown)} shown, {len(hidden)} hidden")
    assert missing == []


def test_what_is_left_alone_is_there() -> None:
    columns = {
        (table.name, column.name)
        for table in TABLES.tables.values()
        for column in text_columns(table)
    }
    tables, names = {one[0] for one in columns}, {one[1] for one in columns}
    for entry in LEFT_ALONE:
        table, _, column = entry.partition(".")
        assert table in tables | {"*"}, entry
        assert column in names | {"*"}, entry
    assert {tuple(one.split(".")) for one in AS_THEY_ARE} <= columns


@pytest.mark.parametrize(
    "text",
    [
        "a CNRY-incidents-place-deskr001 b",
        "cnry-incidents-place-deskr001.example",
        "CNRY&#45;incidents-place-deskr001",
        "q=CNRY%2Dincidents%2Dplace%2Ddeskr001",
        r'"CNRY\u002dincidents-place-deskr001"',
        "eyJuYW1lIjoiQ05SWS1pbmNpZGVudHMtcGxhY2UtZGVza3IwMDEifQ",
        "434e52592d696e636964656e74732d706c6163652d6465736b72303031",
        base64.urlsafe_b64encode(zlib.compress(b"CNRY-incidents-place-deskr001")).decode(),
    ],
    ids=["plain", "address", "html", "quoted", "json", "base64", "hex", "packed"],
)
def test_a_canary_is_found_in_any_spelling(text: str) -> None:
    canary = Canary("x", "incidents", "place", "internal", Place("Desk", "restricted"))
    planted = Planted({"cnry-incidents-place-deskr001": canary})
    assert "cnry-incidents-place-deskr001" in found_in(text, planted)


@pytest.mark.parametrize("packed", [False, True], ids=["alone", "in-a-zip"])
@pytest.mark.parametrize("place", [*IN_A_WORKBOOK, "shared cell", "utf-16"])
def test_a_canary_is_found_wherever_it_lies_in_a_workbook(place: str, packed: bool) -> None:
    text = "CNRY-incidents-place-deskr001"
    canary = Canary("x", "incidents", "place", "internal", Place("Desk", "restricted"))
    planted = Planted({text.lower(): canary})
    body = _book(place, text)
    assert text.encode() not in body
    assert found_in(words_in(_book(place, "nothing")), planted) == set()
    if packed:
        body = _zip("originals/a.xlsx", body)
    assert found_in(words_in(body), planted) == {text.lower()}


def _book(place: str, text: str) -> bytes:
    if place == "utf-16":
        return _zip(
            "xl/worksheets/sheet1.xml", f"<?xml version='1.0'?><t>{text}</t>".encode("utf-16")
        )
    file = io.BytesIO()
    book = Workbook(file, {"constant_memory": place != "shared cell"})
    sheet = book.add_worksheet()
    sheet.write_string(0, 0, "ref")
    IN_A_WORKBOOK[place.removeprefix("shared ")](book, sheet, text)
    book.close()
    return file.getvalue()


def _zip(name: str, content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return file.getvalue()


def test_what_is_left_of_a_canary_is_found_too() -> None:
    canary = Canary("x", "incidents", "place", "internal", Place("Desk", "restricted"))
    planted = Planted({"cnry-incidents-place-deskr001": canary})
    (left,) = found_in("CNRY-incidents-pla…", planted)
    assert meant(left, planted) == [canary]
    for more in ("", "_x", "-de"):
        text = f"cnry-incidents-place-deskr001{more}"
        assert found_in(text, planted) == {text}
    assert found_in("files/cnry-incidents-2026.csv", planted) == {"cnry-incidents-2026"}


def test_a_token_that_spells_the_beginning_of_a_canary_is_none() -> None:
    canary = Canary("x", "incidents", "place", "internal", Place("Desk", "restricted"))
    planted = Planted({"cnry-incidents-place-deskr001": canary})
    for token in ("eyJjcnry.aSkYMQ.x", "xxcNRY-.y", "aacnryb7", "bCnRy_incidents", "cnry-ibQx"):
        assert found_in(token, planted) == set(), token
