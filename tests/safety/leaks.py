"""Some eighty leaks, each a switch: what people have done wrong elsewhere, and could do here.

Each says where it would show; the proofs of what nobody may see must find it there.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle
from typing import Any

from flask import flash, request, session
from sqlalchemy import select, text
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from tests.safety import leaking
from tests.safety.leaking import (
    Switch,
    answers,
    figures_kept_for_all,
    patched,
    requests,
    template,
    unscoped,
    with_all_teams,
)
from tracker.audit.models import AuditEvent
from tracker.cases.models import Case
from tracker.db import current_engines
from tracker.errors import Forbidden, InvalidInput
from tracker.incidents.models import Incident
from tracker.people.models import Journalist
from tracker.records import record_models
from tracker.users.models import User, UserSession

MONITOR, STAFF, ADMIN, NOBODY = "other-monitor", "other-staff", "other-admin", ""


@dataclass(frozen=True, slots=True)
class Ask:
    """A request that would show a leak. `{hidden_cases}` and `{shown_cases}` are refs in it,
    `{word}` a hidden text; with `field`, a form of the page is sent with the word typed there.
    """

    who: str
    address: str
    field: str = ""
    typed: str = ""
    method: str = "GET"

    @property
    def only_reads(self) -> bool:
        return self.method == "GET" and not self.field


@dataclass(frozen=True, slots=True)
class Leak:
    name: str
    switch: Switch
    asks: tuple[Ask, ...]


def leak(name: str, switch: Switch, *addresses: str | Ask, who: str = MONITOR) -> Leak:
    return Leak(
        name,
        switch,
        tuple(one if isinstance(one, Ask) else Ask(who, one) for one in addresses),
    )


def hidden_name() -> str:
    """Return the name of somebody hidden, if there is any; as if a programmer had forgotten."""
    with Session(current_engines().reading, info={"system": "leak"}) as past:
        rows = select(Journalist.name).where(Journalist.visibility == "restricted")
        return past.scalars(rows.order_by(Journalist.id)).first() or "none"


def closed_name(target: Any) -> str:
    """Return the name of a target, whoever closed it."""
    with Session(current_engines().reading, info={"system": "leak"}) as past:
        rows = select(Journalist.name).where(Journalist.id == target.journalist_id)
        return past.scalars(rows).first() or ""


def exists(ref: str) -> bool:
    model = record_models().get(ref[:3])
    if model is None:
        return False
    with Session(current_engines().reading, info={"system": "leak"}) as past:
        return past.scalars(select(model.id).where(model.ref == ref)).first() is not None


def _header(name: str, value: Callable[[], object]) -> Switch:
    return answers(lambda response: response.headers.set(name, str(value())))


def _into_body(old: bytes, value: Callable[[], object]) -> Switch:
    def change(response: Response) -> None:
        response.set_data(response.get_data().replace(old, str(value()).encode() + old, 1))

    return answers(change)


def _refuse_hidden() -> None:
    ref = (request.view_args or {}).get("ref", "")
    if ref and exists(ref) and not _shown(ref):
        raise Forbidden("This is not for you.")


def _shown(ref: str) -> bool:
    with Session(current_engines().reading, info={"system": "leak"}) as past:
        record: Any = past.scalars(
            select(record_models()[ref[:3]]).where(record_models()[ref[:3]].ref == ref)
        ).one()
        return getattr(record, "visibility", "internal") == "internal"


def _explain(response: Response) -> None:
    ref = (request.view_args or {}).get("ref", "")
    if response.status_code == 404 and exists(ref):
        response.set_data(response.get_data() + b"<!-- restricted -->")


def _echo(response: Response) -> None:
    if response.status_code == 404:
        response.set_data(response.get_data() + request.path.encode())


def _log(words: Callable[[], str]) -> Switch:
    return requests(lambda: logging.getLogger("tracker.leak").info("asked: %s", words()))


def _write() -> None:
    with Session(current_engines().writing) as writing:
        writing.execute(text("UPDATE users SET version = version + 1"))
        writing.commit()


def _refuse_known(target: str, column: Any) -> Switch:
    """Refuse a value that any team has already."""

    def make(service: Any) -> Any:
        def refusing(*args: Any, **kw: Any) -> Any:
            wanted = {*kw.values(), *args}
            with Session(current_engines().reading, info={"system": "leak"}) as past:
                known = set(past.scalars(select(column)))
            if wanted & known:
                raise InvalidInput(identifier="This is known already.", title="Known already.")
            return service(*args, **kw)

        return refusing

    return patched(target, make)


def _in_other_order(page_of: Any) -> Any:
    """Sort a page by how often each person was attacked, whoever may know of it."""

    def sorted_page(*args: Any, **kw: Any) -> Any:
        page = page_of(*args, **kw)
        with Session(current_engines().reading, info={"system": "leak"}) as past:
            rows = past.scalars(select(Incident)).all()
            counts = [target.journalist_id for one in rows for target in one.targets]
        page.items.sort(key=lambda one: counts.count(one.id))
        return page

    return sorted_page


def _all_changes() -> str:
    with Session(current_engines().reading) as past:
        return str(list(past.scalars(select(AuditEvent.changes))))


def _secrets() -> str:
    with Session(current_engines().full_reading) as past:
        return " ".join(past.scalars(select(User.password_hash)))


def _devices() -> str:
    with Session(current_engines().full_reading) as past:
        return " ".join(past.scalars(select(UserSession.device)))


def _shout(value: Callable[[], object]) -> Switch:
    def fail(_render: Any) -> Any:
        def raising(*_args: Any, **_kw: Any) -> Any:
            logging.getLogger("tracker.leak").error("failed for %s", value())
            raise ValueError(value())

        return raising

    return patched("tracker.incidents.views.render_template", fail)


def _also_hidden_records(has_words: Any) -> Any:
    """Let a case be found by the words of what is filed in it, seen or not."""

    def found(model: Any, q: str) -> Any:
        with Session(current_engines().reading, info={"system": "leak"}) as past:
            cases = past.scalars(select(Case)).all()
            ids = [
                case.id
                for case in cases
                if any(row.incident and q in row.incident.place for row in case.incidents)
            ]
        return has_words(model, q) | model.id.in_(ids)

    return found


def _column(value: Callable[[Any], str]) -> Switch:
    return patched(
        "tracker.reports.flat_rows.VALUE_GETTER_OF_COLUMN", lambda now: {**now, "title": value}
    )


def _in_workbook(place: str, address: str, *, shared: bool = False) -> Leak:
    name = f"{place} in {address.partition('?')[0].rpartition('/')[2]}"
    switch = leaking.in_workbook(place, hidden_name, shared=shared)
    return leak(f"shared {name}" if shared else name, switch, address)


MAIN = "{% block main %}"
HEAD = "</title>"
CSV = "/reports/incidents.csv"
WORKBOOKS = ("/reports/incidents.xlsx", "/reports/package.xlsx", "/reports/monthly.xlsx?shared=yes")
LEAKS = [
    leak("load past the viewer", unscoped("load"), "/incidents/{hidden_incidents}/"),
    leak("history past the viewer", unscoped("history"), "/journalists/{hidden_journalists}/history"),
    leak("original past the viewer", unscoped("original"), "/articles/{hidden_articles}/original"),
    leak("list of all", unscoped("paginate"), "/incidents/"),
    leak("list of all accounts", unscoped("paginate"), "/fake-accounts/"),
    leak("count over all", unscoped("count_incidents"), "/incidents/"),
    leak("count over all in reports", unscoped("count_rows_in_scope"), "/reports/"),
    leak("start page of all", unscoped("overview"), "/"),
    leak("counts in cases over all", unscoped("record_counts_of_cases"), "/cases/"),
    leak("journalists in cases over all", unscoped("journalist_names_of_cases"), "/cases/"),
    leak("facets over all", unscoped("count_facets"), "/incidents/?counts=yes"),
    leak("figures of all cases", unscoped("open_case_summaries"), "/cases-by-status"),
    leak("figures kept for the wrong readers", figures_kept_for_all, "/", "/cases-by-status?step=trial"),
    leak("countries of all cases", unscoped("countries_of_cases"), "/cases/"),
    leak("cases of a record", unscoped("placements_by_record"), "/incidents/{shown_incidents}/"),
    leak("links from hidden cases", unscoped("links_of"), "/cases/{shown_cases}/records/"),
    leak("records of a case", unscoped("records_of"), "/cases/{shown_cases}/records/"),
    leak("timeline data past the viewer", unscoped("facts_of_case"), "/cases/{shown_cases}/timeline.json"),
    leak("timeline picture past the viewer", unscoped("facts_of_case"), "/cases/{shown_cases}/timeline.svg"),
    leak("timeline of a person past the viewer", unscoped("facts_of_journalist"), "/journalists/{shown_journalists}/timeline"),
    leak("accounts of an incident", unscoped("accounts_used_in"), "/incidents/{shown_incidents}/"),
    leak("responses to an incident", unscoped("responses_answering"), "/incidents/{shown_incidents}/"),
    leak("predecessors of an account", unscoped("successions_to"), "/fake-accounts/{shown_fake_accounts}/"),
    leak("names in a history", unscoped("_load_headings"), "/cases/{shown_cases}/history"),
    leak("history of the time before", patched("tracker.audit.queries.changes_since_shared", lambda _f: lambda entries: [one[1] for one in entries]), "/incidents/{shown_incidents}/history"),
    leak("export of all", unscoped("incident_batches"), CSV),
    leak("export for another viewer", with_all_teams("tracker.reports.views.Viewer"), CSV),
    leak("hidden cases in an export", unscoped("_find_case_refs"), CSV),
    leak("confidential column in an export", _column(lambda _row: leaking.confidential_words()), CSV),
    leak("count of all in an export", _column(lambda _row: str(leaking.count_of_all())), CSV),
    leak("everybody sees all teams", with_all_teams("tracker.users.gate.Viewer"), "/journalists/"),
    leak("hidden place in a list", unscoped("_sort_key_of_ref"), "/incidents/?after={hidden_incidents}"),
    leak("hidden filter", unscoped("journalist_by_ref"), "/cases/?journalist={hidden_journalists}"),
    leak("words of hidden records find a shown one", patched("tracker.cases.queries.matches_words_condition", _also_hidden_records), "/cases/?q={word}"),
    leak("hidden journalists offered", unscoped("_likely_matches"), Ask(STAFF, "/journalists/new", "name", "{known_as}")),
    leak("hidden outlets offered", unscoped("_likely_matches"), Ask(STAFF, "/outlets/new", "name", "{outlet}")),
    leak("unique over all teams", _refuse_known("tracker.people.service.add_journalist", Journalist.name), Ask(STAFF, "/journalists/new", "name", "{name}")),
    leak("title unique over all teams", _refuse_known("tracker.cases.service.open_case", Case.title), Ask(STAFF, "/cases/new", "title", "{case}")),
    leak("hidden record reviewed", unscoped("load"), Ask(STAFF, "/review/{hidden_incidents}/submit", method="POST")),
    leak("name closed by another team", patched("tracker.incidents.rules._hidden_journalist_label", lambda _f: closed_name), "/incidents/{shown_incidents}/"),
    leak("order by a hidden count", patched("tracker.kit.lists.paginate", _in_other_order), "/journalists/"),
    leak("403 for 404", requests(_refuse_hidden), "/incidents/{hidden_incidents}/"),
    leak("another 404", answers(_explain), "/cases/{hidden_cases}/"),
    leak("404 with the address", answers(_echo), "/cases/{hidden_cases}/"),
    leak("error page with words", _into_body(b"</main>", lambda: hidden_name() if request.path == "/nowhere" else ""), "/nowhere"),
    leak("words of an error in the log", _shout(hidden_name), "/incidents/"),
    leak("name in the log", _log(hidden_name), "/incidents/"),
    leak("address in the log", _log(lambda: request.full_path), "/incidents/?q={word}"),
    leak("name in the title", template("layout/page.html", HEAD, "{{ leak() }}</title>"), "/cases/"),
    leak("name in a comment", template("layout/page.html", "<body>", "<body><!-- {{ leak() }} -->"), "/outlets/"),
    leak("name in an attribute", template("cases/index.html", MAIN, MAIN + '<p data-next="{{ leak() }}"></p>'), "/cases/"),
    leak("confidential words on a page", template("journalists/show.html", MAIN, MAIN + "{{ leak_confidential() }}"), "/journalists/{shown_journalists}/"),
    *(_in_workbook("cell", address, shared=shared) for address in WORKBOOKS for shared in (False, True)),
    *(_in_workbook(place, address) for place, address in zip(leaking.IN_A_WORKBOOK, cycle(WORKBOOKS), strict=False) if place != "cell"),
    leak("name in a file of a package", patched("tracker.reports.packages.service.build_readme", lambda build: lambda **kw: build(**kw) + hidden_name()), "/reports/package.zip"),
    leak("count of all for nobody", template("users/sign_in.html", MAIN, MAIN + "{{ leak_count() }}"), "/sign-in", who=NOBODY),
    leak("values in the trail", template("audit/index.html", MAIN, MAIN + "{{ leak_changes() }}"), "/audit-log/", who=ADMIN),
    leak("password hashes", template("users/index.html", MAIN, MAIN + "{{ leak_secrets() }}"), "/users/", who=ADMIN),
    leak("browsers of others", template("users/account.html", MAIN, MAIN + "{{ leak_devices() }}"), "/account/"),
    leak("name in a picture", _into_body(b"</svg>", lambda: f"<title>{hidden_name()}</title>"), "/cases/{shown_cases}/timeline.svg"),
    leak("more in the data", _into_body(b"}", lambda: f', "more": "{hidden_name()}"'), "/cases/{shown_cases}/timeline.json"),
    leak("ref in a header", _header("X-Record", hidden_name), "/"),
    leak("count of all in a header", _header("X-Total", leaking.count_of_all), "/"),
    leak("state of all in a tag", _header("ETag", leaking.count_of_all), "/institutions/"),
    leak("name of a file", _header("Content-Disposition", lambda: f'attachment; filename="{hidden_name()}.csv"'), CSV),
    leak("name in a cookie", answers(lambda response: response.set_cookie("last", hidden_name())), "/"),
    leak("name kept in the session", requests(lambda: session.update(last=hidden_name())), "/outlets/"),
    leak("name flashed", requests(lambda: flash(hidden_name())), "/institutions/"),
    leak("name in a redirect", answers(lambda response: response.headers.set("Location", f"/?{hidden_name()}")), "/incidents/", who=NOBODY),
    leak("kept in caches", answers(lambda response: response.headers.remove("Cache-Control")), "/incidents/"),
    leak("no policy for scripts", answers(lambda response: response.headers.remove("Content-Security-Policy")), "/incidents/"),
    leak("GET that writes", requests(_write), "/incidents/"),
    leak("page open to nobody", patched("tracker.users.gate.PUBLIC_ENDPOINTS", lambda now: now | {"institutions.index"}), "/institutions/", who=NOBODY),
]  # fmt: skip
# What templates above may call.
GLOBALS: dict[str, Callable[[], object]] = {
    "leak": hidden_name,
    "leak_count": leaking.count_of_all,
    "leak_changes": _all_changes,
    "leak_secrets": _secrets,
    "leak_devices": _devices,
    "leak_confidential": leaking.confidential_words,
}
