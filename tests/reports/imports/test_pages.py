"""The way through the pages: bring, say what columns mean, check, import, undo; and who may."""

from __future__ import annotations

import io
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests.factories import as_user, hidden_in, post, sign_in_directly
from tests.reports.imports.conftest import LIST, kept, plan_of, taken
from tracker.db import db
from tracker.errors import InvalidInput
from tracker.incidents.models import Incident
from tracker.permissions import Role
from tracker.reports.imports import service
from tracker.reports.imports.codes import SkipReason
from tracker.reports.imports.run_service import prepare_import
from tracker.review.codes import EditorialState, RetractReason
from tracker.review.service import add_comment
from tracker.vocabulary.codes import TermSet
from tracker.vocabulary.queries import list_active_terms
from tracker.when import Precision

pytestmark = pytest.mark.usefixtures("words")
NEW = "/reports/imports/new"


def bring(client: FlaskClient, content: bytes, name: str, **said: str) -> TestResponse:
    page = client.get(NEW).text
    key = re.search(r'name="submission"[^>]*value="([^"]+)"', page)
    data = {**hidden_in(page), "submission": key.group(1) if key else "", **said}
    return client.post(
        NEW, data={**data, "file": (io.BytesIO(content), name)}, content_type="multipart/form-data"
    )


def form_of(page: str) -> dict[str, str]:
    """Return what the form of a page would send as it stands."""
    page = re.sub(r'<input(?![^>]* checked)[^>]*type="checkbox"[^>]*>', "", page)
    found = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page))
    for name, options in re.findall(
        r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL
    ):
        chosen = re.search(r'<option selected value="([^"]*)"', options)
        found[name] = chosen.group(1) if chosen else ""
    return found


def test_from_a_file_to_incidents_and_back(app, client):
    sign_in_directly(client, "staff")
    text = LIST.replace(",Doxxing,", ",Exposed,").replace("Казахстан", "Kasachstan")
    address = bring(client, text.encode("utf-16"), "their list.csv").headers["Location"]

    shown = client.get(address).text
    assert "their list.csv" in shown
    assert "Almaty" in shown
    sent = form_of(shown) | {"unnamed": "a journalist", "scheme": "THEIRS", "name": "Theirs"}
    assert sent["columns-4-field"] == "journalists"
    assert client.post(address + "check", data=sent).status_code == 303

    problems = client.get(address).text
    assert "No country is called so" in problems
    assert "Import them" not in problems
    sent = form_of(problems) | {
        "type_words-0-code": "harassment.doxxing",
        "country_words-0-code": "KZ",
    }
    assert client.post(address + "check", data=sent).status_code == 303

    checked = client.get(address).text
    assert "4 rows become incidents." in checked
    assert "all of them count in the month of this import" in checked
    lines = client.post(address + "run", data=form_of(checked)).text
    assert "4 incidents are written." in lines
    assert "Done." in lines
    with as_user(app) as staff:
        first, *_others = db.session.scalars(select(Incident).order_by(Incident.id)).all()
        add_comment(first, "Call her lawyer", by=staff)
        db.session.commit()
        ref = first.ref
    page = client.get(f"/incidents/{ref}/").text
    assert "Original cells" in page
    assert "=1,5" in page

    again = bring(client, text.encode("utf-16"), "renamed.csv")
    assert again.headers["Location"] == address
    lines = client.post(address + "undo", data=form_of(client.get(address).text)).text
    assert "3 incidents are retracted." in lines
    assert "0 journalists and outlets that it added are removed." in lines
    assert "People to whom another record refers stay" in lines
    assert "Undone" in client.get("/reports/imports/").text
    undone = client.get(address).text
    assert "3 incidents are retracted. 1 incident stays as it is." in undone
    assert f"/incidents/{ref}/" in undone
    with as_user(app):
        states = db.session.scalars(select(Incident.state).order_by(Incident.id)).all()
    assert states == [EditorialState.DRAFT, *[EditorialState.RETRACTED] * 3]


def test_an_undo_that_broke_off_is_seen_on_the_page_of_the_file(app, client):
    with as_user(app) as staff:
        batch = taken(staff)
        first, *_others = db.session.scalars(select(Incident).order_by(Incident.id)).all()
        first.state, first.retract_reason = EditorialState.RETRACTED, RetractReason.CODING_ERROR
        db.session.commit()
        address = f"/reports/imports/{batch.ref}/"
    sign_in_directly(client, "staff")

    shown = client.get(address).text

    assert "1 of its incidents is retracted" in shown
    assert "Undo import" in shown


def checked_page(client: FlaskClient, text: str, file: str = "a.csv", **said: str) -> str:
    """Bring a file and have it checked; return its address."""
    address = bring(client, text.encode(), file).headers["Location"]
    sent = form_of(client.get(address).text) | {"unnamed": "a journalist", "scheme": "X"} | said
    assert client.post(address + "check", data=sent).status_code == 303
    return address


def words_of(page: str) -> str:
    """Return the words of a page as one reads them."""
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


def test_a_row_of_a_number_that_is_taken_is_told_with_what_it_says_otherwise(client):
    sign_in_directly(client, "staff")
    first = "id,date,country,journalist,type\n1,2020-01-01,KZ,Ann Lee,Assault\n"
    address = checked_page(client, first)
    assert "Done." in client.post(address + "run", data=form_of(client.get(address).text)).text
    more = "1,2021-01-01,KZ,Ann Lee,Assault\n2,2022-01-01,KZ,Bob Ray,Assault\n"
    address = checked_page(client, first[:32] + more + "2,2022-01-01,KZ,Cay Dow,Assault\n", "b.csv")

    page = words_of(client.get(address).text)
    assert "2 rows have the numbers of other rows or of existing incidents" in page
    assert "Row 4: the same as row 3 – differs in: Journalists" in page
    assert re.search("Row 2: INC-[0-9A-Z]+ – differs in: When it happened", page)
    assert "Done." in client.post(address + "run", data=form_of(client.get(address).text)).text
    page = words_of(client.get(address).text)
    assert "On record already, or twice in this file (2)" in page
    assert re.search("Row 2: Assault.*Row 4: the same as row 3", page)


def test_the_check_shows_who_is_new_and_which_names_may_mean_others(client):
    sign_in_directly(client, "staff")
    text = (
        "date,country,city,journalist,outlet,type\n"
        "2012-03-01,IN,Rewa,Rajesh Mishra,Media Raj,Assault\n"
        "2017-10-21,IN,,Rajesh Mishra,Dainik Jagran,Assault\n"
        "2020-01-01,KZ,,Иванов Пётр; Сидорова Анна,Утро,Assault\n"
        "2020-01-02,KZ,,не называть,Утро,Assault\n"
        "2020-01-03,KZ,,не хочет огласки,Утро,Assault\n"
    )
    page = client.get(checked_page(client, text)).text

    shown = words_of(page)
    assert re.search(
        "Row 2: 1 March 2012 · Assault · Rewa, India · Rajesh Mishra · Media Raj", shown
    )
    assert "3 journalists are new. Rajesh Mishra Иванов Пётр; Сидорова Анна" in shown
    assert "3 outlets are new. Media Raj Dainik Jagran Утро" in shown
    assert "Rajesh Mishra · Row 2: Media Raj · Row 3: Dainik Jagran" in shown
    assert "2 names look like several names, or like none" in shown
    assert "Row 4: Иванов Пётр; Сидорова Анна Row 6: не хочет огласки" in shown


def test_wrong_rows_are_left_out_where_somebody_says_so_and_are_told(app, client, monkeypatch):
    sign_in_directly(client, "staff")
    text = (
        "date,country,journalist,type\n"
        "весна 2022,KZ,Ann Lee,Assault\nsoon,KZ,Bob Ray,Assault\n2020,KZ,Cay Dow,Mugging\n"
    )
    address = checked_page(client, text)
    page = client.get(address).text
    assert "2 cells are invalid" in page
    assert "Import them" not in page
    sent = form_of(page) | {"left_out": "wrong", "name": "Theirs"}
    with monkeypatch.context() as only:
        only.setattr(service, "MAX_SKIPPED_ROWS", 1)
        refused = client.post(address + "check", data=sent)
    assert (refused.status_code, "More than 1 rows are wrong" in refused.text) == (422, True)
    assert client.post(address + "check", data=sent).status_code == 303

    page = client.get(address).text
    shown = words_of(page)
    assert "2 rows are left out: they stay in the file and are not imported." in shown
    assert "Row 3: date “soon” – This is no date that can be read." in shown
    client.get("/language/ru")
    assert "«soon»" in client.get(address).text
    client.get("/language/en")
    assert "1 row becomes an incident." in shown
    assert "1 incident is written." in client.post(address + "run", data=form_of(page)).text
    shown = words_of(client.get(address).text)
    assert "Not imported (2) Row 3: soon · KZ · Bob Ray · Assault Row 4:" in shown
    other = bring(client, (text + "2021,KZ,,Assault\n").encode(), "b.csv", mapping="Theirs")
    assert 'value="wrong"' not in client.get(other.headers["Location"]).text
    with as_user(app):
        one = db.session.scalars(select(Incident)).one()
        assert (one.precision, one.as_stated) == (Precision.SEASON, "весна 2022")


def test_a_word_is_asked_about_once_and_offered_what_begins_with_it(app, client):
    sign_in_directly(client, "staff")
    text = (
        "date,country,journalist,type\n2020-01-01,KZ,Ann Lee,Shoved\n2020-01-02,KZ,Bob Ray,SHOVED\n"
        "2020-01-03,KZ,Cay Dow,assa\n2020-01-04,KZ,Dee Fox,ass\n"
    )
    address = checked_page(client, text, name="Theirs")
    sent = form_of(client.get(address).text)
    asked = [sent[name] for name in sorted(sent) if re.fullmatch(r"type_words-\d+-code", name)]
    assert sorted(asked) == ["", "", "physical.assault"]
    assert sent["name"] == "Theirs"
    for name in sent:
        if re.fullmatch(r"type_words-\d+-code", name):
            sent[name] = "physical.assault"
    client.post(address + "check", data=sent)

    assert "4 rows become incidents." in words_of(client.get(address).text)
    again = bring(client, text.replace("Ann", "Eve").encode(), "b.csv", mapping="Theirs")
    form = form_of(client.get(again.headers["Location"]).text)
    assert sum(form[one] == "physical.assault" for one in form) == 3


def test_what_goes_wrong_later_is_not_left_out_by_itself(app):
    with as_user(app) as staff:
        batch = kept(staff, LIST + "9,soon,KZ,,,,Assault,,,\n")
        plan, found = service.check_file_without_skipped_rows(
            batch, plan_of(batch), {SkipReason.WRONG}
        )
        service.save_check(batch, plan, found, by=staff)
        for one in list_active_terms(TermSet.INCIDENT_TYPE):
            one.code += ".old"
        db.session.commit()

        with pytest.raises(InvalidInput, match="Some rows are wrong"):
            prepare_import(batch, by=staff)


def test_the_same_file_under_another_name_says_so_and_is_read_by_the_mapping_chosen(client):
    sign_in_directly(client, "staff")
    address = checked_page(client, LIST, "first.csv", name="Theirs")

    again = bring(client, LIST.encode(), "second.csv")
    assert again.headers["Location"] == address
    shown = words_of(client.get(address).text)
    assert "The same file is here already, under this name. Nothing was stored." in shown
    assert "first.csv" in shown
    assert "Check results" in shown
    sent = form_of(client.get(address).text) | {"columns-4-field": "", "name": ""}
    client.post(address + "check", data=sent)
    assert form_of(client.get(address).text)["columns-4-field"] == ""
    again = bring(client, LIST.encode(), "second.csv", mapping="Theirs")
    page = client.get(again.headers["Location"]).text
    assert "Its columns are read anew, by the mapping that you chose." in page
    assert form_of(page)["columns-4-field"] == "journalists"


def test_a_column_that_says_who_did_it_becomes_actors_on_somebodys_word(client):
    sign_in_directly(client, "staff")
    text = "id,date,country,name,type,Кто\n1,2020,KZ,Ann Lee,Assault,полиция\n"
    text += "2,2020,KZ,Bob Ray,Assault,менты\n3,2020,KZ,Cay Dow,Assault,толпа\n"
    address = bring(client, text.encode(), "a.csv").headers["Location"]
    sent = form_of(client.get(address).text) | {"unnamed": "a journalist", "scheme": "X"}
    answer = client.post(address + "check", data=sent)
    assert (answer.status_code, "Choose who attributes it" in answer.text) == (422, True)
    client.post(address + "check", data=sent | {"attributed_by": "outlet"})
    page = client.get(address).text
    assert "“менты” – This word is no kind of perpetrator here" in words_of(page)
    meant = {"actor_words-0-code": "police", "actor_words-1-code": "unknown"}
    client.post(address + "check", data=form_of(page) | meant)
    page = client.get(address).text
    assert "3 incidents are written." in client.post(address + "run", data=form_of(page)).text

    refs = re.findall(r'href="(/incidents/INC-[^"]+/)"', client.get(address).text)
    told = [words_of(client.get(ref).text) for ref in refs]
    assert ["Police, according to a media outlet" in one for one in told] == [True, True, False]
    assert "No perpetrator recorded yet." in told[2]


def test_a_file_that_is_no_table_is_refused_at_its_field(client):
    sign_in_directly(client, "staff")

    answer = bring(client, b"just words\n", "a.csv")

    assert answer.status_code == 422
    assert "There is only one column" in answer.text
    answer = bring(client, b"a,b\n1,2\n", "a.csv", mapping="U.S. Press Freedom Tracker")
    assert answer.status_code == 422
    assert "date, city, state, categories" in answer.text


def test_a_form_that_says_too_little_or_the_same_twice_comes_back_as_it_was_sent(app, client):
    with as_user(app) as staff:
        batch = kept(staff)
        db.session.commit()
        address = f"/reports/imports/{batch.ref}/"
    sign_in_directly(client, "staff")
    sent = form_of(client.get(address).text)

    answer = client.post(address + "check", data=sent | {"name": "kept words"})
    assert answer.status_code == 422
    assert "Name the source list" in answer.text
    assert "kept words" in answer.text
    answer = client.post(address + "check", data=sent | {"columns-5-field": "journalists"})
    assert answer.status_code == 422
    assert "Another column is read as this already." in answer.text
    answer = client.post(address + "check", data=sent | {"scheme": "X", "version": "0"})
    assert answer.status_code == 409
    answer = client.post(address + "run", data=sent)
    assert "Check this file first" in answer.text
    sent = form_of(client.get(address).text)
    answer = client.post(address + "mapping", data=sent | {"mapping": "U.S. Press Freedom Tracker"})
    assert answer.status_code == 422
    assert "does not fit this file: it needs the columns state, categories" in answer.text
    answer = client.post(address + "remove", data=sent | {"csrf_token": ""})
    assert answer.status_code == 400
    answer = client.post(address + "remove", data=form_of(client.get(address).text))
    assert "The file and its rows are removed." in client.get(answer.headers["Location"]).text
    assert client.get(address).status_code == 404
    with as_user(app):
        assert db.session.scalar(select(func.count()).select_from(Incident)) == 0


def test_a_file_is_its_teams_alone_and_imported_by_its_staff(app, client):
    with as_user(app) as staff:
        batch = taken(staff)
        db.session.commit()
        address = f"/reports/imports/{batch.ref}/"
    with as_user(app, "elsewhere", team="Others"):
        pass
    with as_user(app, "monitor", Role.MONITOR):
        pass
    sign_in_directly(client, "elsewhere")
    for path in ("", "rows.csv", "history"):
        assert client.get(address + path).status_code == 404
    assert "list.csv" not in client.get("/reports/imports/").text
    client.delete_cookie("tracker")
    sign_in_directly(client, "monitor")

    assert client.get(address).status_code == 200
    assert client.get(NEW).status_code == 403
    for act in ("check", "mapping", "run", "undo", "remove"):
        assert post(client, address + act, page=address).status_code == 403


def test_the_command_checks_and_imports_as_the_pages_do(app, runner, tmp_path):
    with as_user(app):
        pass
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("date,country,type,name\n2020-01-01,KZ,Mugging,Ann Lee\n", encoding="utf-8")

    def call(*args: str) -> tuple[int, str, str]:
        result = runner.invoke(args=["reports", "import", "--by", "staff", *args])
        return result.exit_code, result.stdout, result.stderr

    code, said, error = call("--dry-run", str(wrong))
    assert (code, error.count("\n")) == (1, 1)
    assert "row 2, type: This word is no type here" in said
    code, _said, error = call("--mapping", "nothing", str(wrong))
    assert (code, "no mapping of this name" in error) == (1, True)
    wrong.write_text("date,country,type,name\n2020-01-01,KZ,Assault,Ann Lee\n", encoding="utf-8")
    code, said, _error = call("--dry-run", str(wrong))
    assert (code, "1 to import" in said) == (0, True)
    with as_user(app):
        assert db.session.scalar(select(func.count()).select_from(Incident)) == 0
    code, said, _error = call(str(wrong))
    assert (code, "imported 1 incidents" in said) == (0, True)
    code, _said, error = call(str(wrong))
    assert (code, "imported already" in error) == (1, True)


DEATHS = (
    "fullName,employer,country,typeOfDeath,dateOfDeath,type\n"
    'Zoé Müller,“L’Écho”,KZ,Murder,"April 30, 2018",Journalist\n'
    "Bob Ray,,KZ,Crossfire,2019,Media Worker\n"
)


@pytest.mark.parametrize("said", [{}, {"encoding": "mac-roman"}])
def test_a_list_of_killed_journalists_of_a_mac_shows_its_letters_and_takes_nobody_for_a_type(
    app, client, said
):
    sign_in_directly(client, "staff")
    form = client.get(NEW).text
    for words in ("Mac Roman", "Mac Cyrillic", "Windows-1251", "KOI8-R", "UTF-8", "UTF-16"):
        assert f">{words}</option>" in form
    address = bring(client, DEATHS.encode("mac-roman"), "deaths.csv", **said).headers["Location"]

    page = client.get(address).text
    assert "Mac Roman" in page
    assert "Zoé Müller" in page
    assert "“L’Écho”" in page
    sent = form_of(page)
    fields = [sent[f"columns-{at}-field"] for at in range(6)]
    assert fields == ["journalists", "outlets", "country", "", "occurred", ""]
    again = form_of(page) | {"scheme": "X"}
    assert "Choose a column for the types" in client.post(address + "check", data=again).text
    again["type"] = "physical.assault"
    assert client.post(address + "check", data=again).status_code == 303
    assert "2 rows become incidents." in client.get(address).text
