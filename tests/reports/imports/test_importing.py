"""What a file becomes: a draft a row or none at all, found, proved and undone like any other."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import partial

import pytest
from sqlalchemy import func, select

from tests.cases.records_made import make_case
from tests.factories import as_user, make_incident, make_journalist, make_outlet, make_user
from tests.reports.imports.conftest import LIST, kept, plan_of, taken
from tracker import clock
from tracker.articles.models import Article
from tracker.audit.service import audited_change
from tracker.cases.service import file_records
from tracker.db import db
from tracker.errors import InvalidInput
from tracker.incidents.codes import IncidentLinkKind, TargetKind
from tracker.incidents.models import Incident, IncidentLink, IncidentReference
from tracker.incidents.service import TargetFacts, write_public_summary
from tracker.intake.duplicates_service import merge_duplicates
from tracker.people.models import Journalist, Outlet
from tracker.permissions import Role, Visibility
from tracker.reports.imports import run_service, service
from tracker.reports.imports import service as import_service
from tracker.reports.imports.codes import ImportState, ProblemKind, RowFate, SkipReason
from tracker.reports.imports.mapping import ImportPlan
from tracker.reports.imports.models import ImportBatch, ImportRow
from tracker.reports.imports.queries import (
    count_rows_by_fate,
    load_word_codes,
    row_batches,
    unchanged_incident_ids,
)
from tracker.reports.imports.rows import ColumnReader, RowChecker, RowDraft
from tracker.review.codes import EditorialState
from tracker.review.service import add_comment
from tracker.scoping import Viewer, set_viewer
from tracker.search.index import ids_matching_words
from tracker.users.models import User
from tracker.when import OPEN_START, Precision

pytestmark = pytest.mark.usefixtures("words")


def incidents() -> list[Incident]:
    return list(db.session.scalars(select(Incident).order_by(Incident.id)))


def test_every_row_becomes_a_draft_of_the_team_with_its_people_places_and_dates(app, runner):
    with as_user(app) as staff:
        batch = taken(staff)
        db.session.commit()
        first, second, third, fourth = incidents()

        assert [row.term.code for row in first.types] == ["physical.assault", "harassment.doxxing"]
        assert [one.journalist.name for one in first.targets if one.journalist] == [
            "Ann Lee",
            "Bob Ray",
        ]
        assert {one.outlet.name for one in first.targets if one.outlet} == {"Morning Paper"}
        assert (first.earliest, first.precision) == (date(2018, 4, 30), Precision.DAY)
        assert (first.as_stated, first.narrative) == ("April 30, 2018", "Beaten")
        assert (first.country, first.place) == ("KZ", "Almaty")
        assert [(one.scheme, one.identifier, one.url) for one in first.references] == [
            ("THEIRS", "1", "https://list.example/1")
        ]
        assert second.targets[0].kind is TargetKind.OUTLET
        assert (second.earliest, second.place) == (date(2019, 5, 3), "Astana, centre")
        assert third.targets[0].journalist is first.targets[0].journalist
        assert third.precision is Precision.YEAR
        assert (fourth.targets[0].words, fourth.earliest) == ("a journalist", OPEN_START)
        assert {(one.state, one.visibility) for one in incidents()} == {
            (EditorialState.DRAFT, Visibility.RESTRICTED)
        }
        assert first.citations[0].article is batch.article
        assert "id: 1 · date: April 30, 2018" in first.citations[0].quote
        found = db.session.scalars(ids_matching_words(Incident, "ann pushed")).all()
        assert found == [third.id]
        assert (batch.state, count_rows_by_fate(batch.id)) == (ImportState.TAKEN, {RowFate.MADE: 4})
    with as_user(app, "other", team="Others"):
        assert incidents() == []

    assert runner.invoke(args=["audit", "verify"]).output.startswith("ok ")


def test_the_index_holds_what_a_rebuild_would_put_there(app, runner):
    with as_user(app) as staff:
        taken(staff)
        db.session.commit()
        third = incidents()[2].id
    assert runner.invoke(args=["search", "rebuild"]).exit_code == 0

    with as_user(app):
        assert db.session.scalars(ids_matching_words(Incident, "ann pushed theirs")).all() == [
            third
        ]
        assert len(db.session.scalars(ids_matching_words(Journalist, "lee")).all()) == 1


def test_one_wrong_row_keeps_all_of_them_out_and_each_problem_is_told(app):
    wrong = LIST + "5,soon,Nowhere,,\u200b*,,Mugging,,not an address,\n6,2999-01-01,KZ,,,,,,,\n"
    with as_user(app) as staff:
        batch = kept(staff, wrong)
        plan = plan_of(batch)
        checked = import_service.check_file(batch, plan)
        import_service.save_check(batch, plan, checked, by=staff)
        db.session.commit()
        with pytest.raises(InvalidInput, match="Some rows are wrong"):
            run_service.prepare_import(batch, by=staff)

        assert [(one.row, one.column, one.kind) for one in checked.problems] == [
            (6, "date", ProblemKind.NOT_A_DATE),
            (6, "type", ProblemKind.UNKNOWN_TYPE),
            (6, "country", ProblemKind.UNKNOWN_COUNTRY),
            (6, "journalist", ProblemKind.BAD_NAME),
            (6, "link", ProblemKind.BAD_ADDRESS),
            (7, "date", ProblemKind.IN_THE_FUTURE),
            (7, "type", ProblemKind.NO_TYPE),
        ]
        assert checked.problems[4].value == "not an address"
        assert batch.found["unknown"] == {
            "types": ["Mugging"],
            "country": ["Nowhere"],
            "actor": [],
        }
        assert incidents() == []


def test_words_that_come_again_are_counted_in_every_row(app):
    rows = "".join(
        f"{row},2019-05-04,KZ,,,,{word},,,\n"
        for row, word in enumerate(("Abc", "Hassle") * 2 + ("Hassle",))
    )
    with as_user(app) as staff:
        batch = kept(staff, LIST.partition("\n")[0] + "\n" + rows)
        checked = import_service.check_file(batch, plan_of(batch))

        assert checked.unknown_word_counts["types"] == {"Abc": 2, "Hassle": 3}
        assert checked.to_json()["unknown"]["types"] == ["Hassle", "Abc"]


@pytest.mark.parametrize(
    "changed",
    ["date", "date to", "type", "country", "region", "city", "journalist", "outlet", "actor"],
)
def test_a_row_that_differs_in_one_cell_is_read_anew(app, changed):
    cells = {
        "date": "2019-05-04", "date to": "2019-05-05", "type": "Assault", "country": "KZ",
        "region": "Somewhere", "city": "Almaty", "journalist": "Ann Lee", "outlet": "Morning Paper",
        "actor": "Police",
    }  # fmt: skip
    other = {
        "date": "2019-05-03", "date to": "2019-05-09", "type": "Doxxing", "country": "KG",
        "region": "Elsewhere", "city": "Astana", "journalist": "Bob Ray", "outlet": "Evening Paper",
        "actor": "Military",
    }  # fmt: skip
    first, second = list(cells.values()), list((cells | {changed: other[changed]}).values())
    with as_user(app) as staff:
        batch = kept(staff, ",".join(cells) + "\n" + ",".join(first) + "\n")
        columns = ColumnReader(list(cells), plan_of(batch), load_word_codes())
        checker = RowChecker(columns)

        said, then = checker.check(2, first), checker.check(3, second)

        assert isinstance(then, RowDraft)
        assert then == RowChecker(columns).check(3, second)
        assert replace(then, row=2) != said


def test_the_quote_of_a_row_leaves_out_what_is_empty(app):
    with as_user(app) as staff:
        batch = taken(staff, "id,date,country,type,city,note\n1,2019-05-04,KZ,Assault,, \n")
        (one,) = incidents()

        assert batch.article is one.citations[0].article
        assert one.citations[0].quote == "id: 1 · date: 2019-05-04 · country: KZ · type: Assault"


def test_a_row_that_says_the_same_as_one_above_is_pointed_out(app):
    head, row = "id,date,country,type,note\n", ",2019-05-04,KZ,Assault,{}\n"
    with as_user(app) as staff:
        batch = kept(staff, head + row.format("a") + row.format("b") + row.format("a"))
        checked = import_service.check_file(batch, plan_of(batch))

        assert len(checked.drafts) == 3
        assert checked.to_json()["repeated"] == [(4, 2)]


def test_what_says_that_nothing_is_known_names_nobody_and_no_day(app):
    told = "date,date to,country,name,outlet,type\nunknown,,KZ,N/A,Неизвестно,Assault\n"
    with as_user(app) as staff:
        taken(staff, told + ",30.04.2018,KZ,Ann Lee,-,Assault\n")
        db.session.commit()
        first, second = incidents()

        assert (first.precision, first.as_stated) == (Precision.UNKNOWN, "unknown")
        assert [one.words for one in first.targets] == ["a journalist"]
        assert (second.precision, second.latest) == (Precision.BEFORE, date(2018, 4, 30))
        assert db.session.scalars(select(Outlet)).all() == []


ODD_CELLS = (
    "", " ", "N/A", "n/a", "-", "–", "unknown", "None", "?", "...", "***", "()", "\u200b",
    "\u200b-\u200b", "\ufeff", "&nbsp;", "<p></p>", "Неизвестно", "\u00a0", ",", ";", "Ann\u00adLee",
    "a" * 400, "https://list.example/" + "a" * 1900, "https://list.example/" + "a" * 3000,
)  # fmt: skip


@pytest.mark.parametrize("unnamed", ["", "\u200b", "a journalist"])
def test_a_row_that_passes_the_check_is_imported_whatever_stands_in_its_cells(app, unnamed):
    names = ["date", "country", "city", "region", "name", "outlet", "actor", "type", "title",
             "description", "link", "id"]  # fmt: skip
    full = dict.fromkeys(names, "") | {"date": "2019-05-04", "country": "KZ", "type": "Assault"}
    rows = [full | {name: cell} for name in names for cell in ODD_CELLS]
    rows += [full | {"name": cell, "outlet": cell} for cell in ODD_CELLS]
    rows += [full | {"name": "Ann Lee", name: cell} for name in names for cell in ODD_CELLS]
    text = "\n".join(["\t".join(names), *("\t".join(row.values()) for row in rows)])
    with as_user(app) as staff:
        batch = kept(staff, text + "\n", "list.tsv")
        plan = plan_of(batch, unnamed=unnamed, attributed_by="media")
        plan, checked = import_service.check_file_without_skipped_rows(
            batch, plan, {SkipReason.WRONG}
        )
        import_service.save_check(batch, plan, checked, by=staff)
        run_service.prepare_import(batch, checked=checked, by=staff).store(batch, by=staff)
        db.session.commit()
        meant = [one for incident in incidents() for one in incident.targets]

    assert len(meant) == len(checked.drafts) >= len(names) * len(ODD_CELLS) // 2
    assert {one.words for one in meant if one.kind is TargetKind.UNNAMED_PERSON} <= {"a journalist"}


def test_a_row_that_names_nobody_is_told_where_nothing_is_written_instead(app):
    rows = "date,country,name,outlet,type\n" + "".join(
        f"2019-05-04,KZ,{name},{outlet},Assault\n"
        for name, outlet in [
            ("N/A", "-"),
            ("", ""),
            ("\u200b", "unknown"),
            ("N/A", "Morning Paper"),
        ]
    )
    with as_user(app) as staff:
        batch = kept(staff, rows)
        checked = import_service.check_file(batch, plan_of(batch, unnamed=""))
        written = import_service.check_file(batch, plan_of(batch))

    assert [(one.row, one.column, one.kind) for one in checked.problems] == [
        (row, "name", ProblemKind.NO_NAME) for row in (2, 3, 4)
    ]
    assert [one.outlets for one in checked.drafts] == [("Morning Paper",)]
    assert not written.problem_count


def test_an_empty_word_for_country_type_or_address_is_as_an_empty_cell(app):
    rows = "date,country,name,type,link\n" + "".join(
        f"2019-05-0{day},{cell},Ann Lee,{cell},{cell}\n"
        for day, cell in enumerate(("N/A", "-", "\u200b", "unknown", ""), 1)
    )
    with as_user(app) as staff:
        batch = kept(staff, rows)
        plan = plan_of(batch, country="KZ", type="property.damage")
        checked = import_service.check_file(batch, plan)
        without = import_service.check_file(batch, plan_of(batch))

    assert checked.problems == []
    assert {(one.country, one.types, one.url) for one in checked.drafts} == {
        ("KZ", ("property.damage",), "")
    }
    assert {one.kind for one in without.problems} == {ProblemKind.NO_COUNTRY, ProblemKind.NO_TYPE}


def test_a_type_of_which_no_word_is_left_is_none(app):
    rows = "date,country,name,type\n" + "".join(
        f"2020-05-0{day},KZ,Ann Lee,{cell}\n"
        for day, cell in enumerate(('","', "&nbsp;", "<p></p>", "Doxxing"), 1)
    )
    with as_user(app) as staff:
        batch = kept(staff, rows)
        checked = import_service.check_file(batch, plan_of(batch))
        for_all = import_service.check_file(batch, plan_of(batch, type="property.damage"))

    assert [(one.row, one.kind) for one in checked.problems] == [
        (row, ProblemKind.NO_TYPE) for row in (2, 3, 4)
    ]
    assert [one.types for one in checked.drafts] == [("harassment.doxxing",)]
    assert [one.types for one in for_all.drafts][:3] == [("property.damage",)] * 3


def test_no_number_and_an_address_are_no_key_of_two_rows(app):
    page = "https://list.example/" + "a" * 190
    rows = "id,date,country,name,type,link\n" + "".join(
        f"{key},2020-05-0{day},KZ,Ann Lee,Assault,{address}\n"
        for day, (key, address) in enumerate(
            [("-", ""), ("n/a", ""), ("-", ""), ("", page + "1"), ("N/A", page + "2"), ("7", "")], 1
        )
    )
    with as_user(app) as staff:
        taken(staff, rows)
        db.session.commit()
        keys = [[one.identifier for one in incident.references] for incident in incidents()]
        again = kept(staff, rows + "8,2020-06-01,KZ,,Assault,\n", "more.csv")
        found = import_service.check_file(again, plan_of(again))

    assert (keys[:3], keys[5]) == ([[], [], []], ["7"])
    assert sorted(found.existing_by_row) == [7]


def test_a_country_whose_words_an_underscore_joins_is_known(app):
    with as_user(app) as staff:
        rows = "date,country,name,type\n2019-05-04,united_states,Ann Lee,Assault\n"
        batch = kept(staff, rows)
        checked = import_service.check_file(batch, plan_of(batch))

    assert [one.country for one in checked.drafts] == ["US"]


def test_countries_are_known_by_the_names_that_people_use(app):
    with as_user(app):
        meant = load_word_codes().countries

    names = ("кыргызстан", "киргизия", "белоруссия", "беларусь", "туркмения", "рф", "қырғызстан")
    assert [meant[name] for name in names] == ["KG", "KG", "BY", "BY", "TM", "RU", "KG"]


def test_an_error_in_the_middle_of_writing_leaves_nothing(app, monkeypatch):
    def fail(*_args: object, **_kw: object) -> None:
        raise ZeroDivisionError

    with as_user(app) as staff:
        batch = kept(staff)
        plan = plan_of(batch)
        import_service.save_check(batch, plan, import_service.check_file(batch, plan), by=staff)
        db.session.commit()
        prepared = run_service.prepare_import(batch, by=staff)
        monkeypatch.setattr("tracker.reports.imports.run_service.record_prepared_entries", fail)
        with pytest.raises(ZeroDivisionError):
            prepared.store(batch, by=staff)
        db.session.rollback()

        for model in (Incident, Journalist, Outlet, Article):
            assert db.session.scalar(select(func.count()).select_from(model)) == 0
        assert count_rows_by_fate(batch.id) == {RowFate.WAITING: 4}


def test_the_same_file_adds_nothing_and_the_same_key_leads_to_what_is_there(app):
    with as_user(app) as staff:
        first = taken(staff)
        db.session.commit()
        assert kept(staff) is first
        more = LIST + "9,2021-01-01,KZ,,Cay Dow,,Assault,,https://list.example/9,\n"
        batch = taken(staff, more + more.splitlines()[-1] + "\n", "newer.csv")
        db.session.commit()

        assert len(incidents()) == 5
        assert count_rows_by_fate(batch.id) == {RowFate.KNOWN: 5, RowFate.MADE: 1}
        rows = select(ImportRow).where(ImportRow.batch_id == batch.id).order_by(ImportRow.number)
        made = db.session.scalars(rows).all()
        assert made[0].incident is incidents()[0]
        assert made[4].incident is made[5].incident
        with pytest.raises(InvalidInput, match="cannot be imported again"):
            run_service.prepare_import(batch, by=staff)


def test_rows_that_share_an_article_are_incidents_of_their_own(app):
    told = (
        "date,country,journalist,type,source\n2020-01-01,KZ,Ann Lee,Assault,https://n.example/1\n"
    )
    with as_user(app) as staff:
        taken(staff, told + "2021-02-02,KZ,Bob Ray,Doxxing,https://n.example/1\n")
        db.session.commit()

        who = [one.targets[0].journalist for one in incidents()]
        assert [one.name for one in who if one] == ["Ann Lee", "Bob Ray"]
        assert {one.references[0].url for one in incidents()} == {"https://n.example/1"}


def test_what_is_like_a_record_is_shown_and_people_on_record_are_used(app):
    with as_user(app) as staff:
        known = make_journalist("Ann Lee", by=staff)
        taken(staff)
        db.session.commit()
        text = LIST.replace("list.example", "other.example")
        batch = kept(staff, text, "other.csv")
        checked = import_service.check_file(batch, plan_of(batch, scheme="OTHERS"))

        assert incidents()[0].targets[0].journalist is known
        assert sorted(checked.similar_ref_by_row) == [2, 3, 4, 5]
        assert checked.journalists["Ann Lee"].ref == known.ref


def test_a_check_finds_what_the_team_of_the_file_sees_whoever_checks(app):
    with as_user(app, "elsewhere", team="Elsewhere") as other:
        make_journalist("Ann Lee", visibility=Visibility.RESTRICTED, by=other)
        taken(other)
        db.session.commit()
        elsewhere = other.team_ids[0]
    with as_user(app) as staff:
        set_viewer(Viewer((*staff.team_ids, elsewhere)))
        assert db.session.scalars(select(Journalist)).all()
        batch = kept(staff)
        plan = plan_of(batch)

        found = import_service.check_file(batch, plan)
        import_service.save_check(batch, plan, found, by=staff)
        run_service.prepare_import(batch, by=staff).store(batch, by=staff)
        db.session.commit()

        # Each of Desk reads this, and made is what Desk had not.
        assert (
            found.existing_by_row,
            found.similar_ref_by_row,
            found.journalists,
            found.outlets,
        ) == ({}, {}, {}, {})
        set_viewer(Viewer(tuple(staff.team_ids)))
        assert len(incidents()) == 4
        names = db.session.scalars(select(Journalist.name))
        assert "Ann Lee" in set(names)


def test_a_file_of_another_shape_is_refused_with_the_columns_it_lacks(app):
    with as_user(app) as staff, pytest.raises(InvalidInput, match="fullName, organizations"):
        kept(staff, mapping="Committee to Protect Journalists")


def checked(staff: User, text: str, name: str) -> ImportBatch:
    batch = kept(staff, text, name)
    plan = plan_of(batch)
    import_service.save_check(batch, plan, import_service.check_file(batch, plan), by=staff)
    db.session.commit()
    return batch


def test_two_files_of_one_list_that_are_taken_at_once_make_nothing_twice(app):
    with as_user(app) as staff:
        first = checked(staff, LIST, "a.csv")
        second = checked(staff, LIST + "9,2020,KZ,,Ann Lee,,Assault,,,\n", "b.csv")
        one, other = (run_service.prepare_import(batch, by=staff) for batch in (first, second))
        one.store(first, by=staff)
        db.session.commit()

        with pytest.raises(InvalidInput, match="try again"):
            other.store(second, by=staff)
        db.session.rollback()
        assert len(incidents()) == 4
        run_service.prepare_import(second, by=staff).store(second, by=staff)
        db.session.commit()
        assert len(incidents()) == 5
        assert len(set(db.session.scalars(select(Journalist.name)))) == 2


def test_who_was_merged_or_closed_since_the_check_is_in_no_new_incident(app):
    with as_user(app) as staff:
        ann, bob = make_journalist("Ann Lee", by=staff), make_journalist("Bob Ray", by=staff)
        also_ann = make_journalist("Ann B. Lee", by=staff)
        batch = checked(staff, LIST, "a.csv")
        prepared = run_service.prepare_import(batch, by=staff)
        bob.visibility, bob.name_closed_on = Visibility.RESTRICTED, clock.current_date()
        db.session.commit()
        with pytest.raises(InvalidInput, match="try again"):
            prepared.store(batch, by=staff)
        db.session.rollback()
        prepared = run_service.prepare_import(batch, by=staff)
        merge_duplicates(ann, also_ann, by=make_user("admin", Role.ADMIN))
        db.session.commit()

        with pytest.raises(InvalidInput, match="try again"):
            prepared.store(batch, by=staff)
        db.session.rollback()
        assert incidents() == []


def test_an_outlet_of_the_same_name_that_was_recorded_since_the_check_is_not_made_twice(app):
    with as_user(app) as staff:
        batch = checked(staff, LIST, "a.csv")
        prepared = run_service.prepare_import(batch, by=staff)
        known = make_outlet("Morning Paper", by=staff)
        db.session.commit()
        with pytest.raises(InvalidInput, match="try again"):
            prepared.store(batch, by=staff)
        db.session.rollback()
        assert incidents() == []

        run_service.prepare_import(batch, by=staff).store(batch, by=staff)
        db.session.commit()
        assert list(db.session.scalars(select(Outlet))) == [known]


def test_undoing_leaves_what_somebody_commented_on_filed_or_linked(app):
    with as_user(app) as staff:
        batch = taken(staff)
        db.session.commit()
        filed, commented, linked, left = incidents()
        case = make_case(by=staff, visibility=Visibility.RESTRICTED)
        file_records(case, [filed], by=staff)
        add_comment(commented, "Call her lawyer", by=staff)
        left.links = [IncidentLink(other=linked, kind=IncidentLinkKind.PART_OF)]
        db.session.commit()

        assert unchanged_incident_ids(batch.id, after=0) == [left.id]


def undo(batch: ImportBatch, staff: User) -> run_service.CreatedPeople:
    brought = run_service.find_created_people(batch)
    ids = unchanged_incident_ids(batch.id, after=0)
    run_service.retract_incidents(ids, brought, by=staff)
    for kind, some in run_service.removal_batches(brought):
        run_service.remove_people(kind, some, by=staff)
    run_service.mark_undone(batch, by=staff)
    db.session.commit()
    return brought


def test_undoing_removes_whom_it_brought_unless_something_leads_there_or_was_done(app, runner):
    more = LIST + '5,2020,KZ,,"Cay Dow, Dee Fox",,Assault,Hit,https://list.example/5,\n'
    with as_user(app) as staff:
        make_journalist("Ann Lee", by=staff)
        batch = taken(staff, more)
        db.session.commit()
        cay, dee = incidents()[4].targets
        make_incident(
            targets=[TargetFacts(kind=TargetKind.JOURNALIST, journalist=cay.journalist)],
            visibility=Visibility.RESTRICTED, by=staff,
        )  # fmt: skip
        touched = dee.journalist
        assert touched is not None
        with audited_change(touched, "journalist:edit", by=staff):
            touched.notes = "Called."
        db.session.commit()

        brought = undo(batch, staff)

        assert brought.edited_count == 1
        left = set(db.session.scalars(select(Journalist.name)))
        assert left == {"Ann Lee", "Cay Dow", "Dee Fox"}
        assert db.session.scalars(select(Outlet)).all() == []
        first, second, *_others = incidents()
        assert [(one.words, one.kind) for one in first.targets] == [
            ("", TargetKind.JOURNALIST),
            ("Bob Ray", TargetKind.UNNAMED_PERSON),
        ]
        assert second.targets[0].words == "Morning Paper"
        assert db.session.scalars(ids_matching_words(Journalist, "bob")).all() == []
    assert runner.invoke(args=["audit", "verify"]).output.startswith("ok ")


def test_a_file_that_was_not_imported_is_read_by_another_mapping_or_removed(app, runner):
    with as_user(app) as staff:
        batch = checked(staff, LIST.replace("Assault", "Mugging"), "a.csv")
        import_service.choose_mapping(batch, "", by=staff)
        db.session.commit()
        assert (batch.state, batch.found) == (ImportState.RECEIVED, {})
        with pytest.raises(InvalidInput, match="fullName, organizations"):
            import_service.choose_mapping(batch, "Committee to Protect Journalists", by=staff)
        service.remove_file(batch, by=staff)
        db.session.commit()

        assert db.session.scalar(select(func.count()).select_from(ImportRow)) == 0
        imported = taken(staff)
        for act in (service.remove_file, partial(import_service.choose_mapping, name="")):
            with pytest.raises(InvalidInput, match="imported already"):
                act(imported, by=staff)
        db.session.commit()
    assert runner.invoke(args=["audit", "verify"]).output.startswith("ok ")


def test_undoing_retracts_what_nobody_has_touched(app, runner):
    with as_user(app) as staff:
        batch = taken(staff)
        db.session.commit()
        touched = incidents()[1]
        write_public_summary(touched, {"public_summary_en": "Seen to."}, by=staff)
        db.session.commit()
        undo(batch, staff)

        assert [one.state for one in incidents()] == [
            EditorialState.RETRACTED,
            EditorialState.DRAFT,
            EditorialState.RETRACTED,
            EditorialState.RETRACTED,
        ]
        assert [row for some in row_batches(batch.id) for row in some][3][1][-1] == "@x"
        again = kept(staff)
        assert again is not batch
        checked = import_service.check_file(again, plan_of(again))
        assert list(checked.existing_by_row) == [3]
    assert runner.invoke(args=["audit", "verify"]).output.startswith("ok ")


def test_a_mapping_is_kept_under_a_name_for_the_team(app):
    with as_user(app) as staff:
        batch = kept(staff)
        plan = plan_of(batch)
        checked = import_service.check_file(batch, plan)
        import_service.save_check(batch, replace(plan, kept_as="Theirs"), checked, by=staff)
        db.session.commit()
        other = kept(staff, LIST.replace("Ann", "Eve"), "b.csv", mapping="Theirs")

        assert other.mapping == plan.to_json() | {"kept_as": "Theirs"}
        # What is said of its words later is kept under the name too.
        import_service.save_check(
            other,
            replace(ImportPlan.from_json(other.mapping), values={"types": {"Hit": "other"}}),
            checked,
            by=staff,
        )
        third = kept(staff, LIST.replace("Ann", "Ida"), "c.csv", mapping="Theirs")
        assert third.mapping["values"] == {"types": {"Hit": "other"}}
        desk = staff.team_ids[0]
    refused = pytest.raises(InvalidInput, match="no mapping of this name")
    with as_user(app, "other", team="Others") as other_staff, refused:
        # Nor is it read by whoever is in that team too: this file is the other team's.
        set_viewer(Viewer((*other_staff.team_ids, desk)))
        kept(other_staff, mapping="Theirs")


def test_references_are_of_the_list_that_was_named(app):
    with as_user(app) as staff:
        taken(staff, scheme="L1")
        db.session.commit()

        assert set(db.session.scalars(select(IncidentReference.scheme))) == {"L1"}
