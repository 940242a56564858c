"""The ways in which an application can be made to leak, for tests that must notice."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import jinja2
import pytest
from flask import Flask
from sqlalchemy import event, func, select
from sqlalchemy.orm import ORMExecuteState, Session
from werkzeug.wrappers import Response

from tests.safety.copies import keep_figures
from tracker.db import current_engines
from tracker.incidents.guarded_models import IncidentConfidential
from tracker.incidents.models import Incident
from tracker.people.models import JournalistConfidential
from tracker.scoping import Viewer
from tracker.timelines.figures_service import Audience

Switch = Callable[[Flask], AbstractContextManager[None]]

MOST_FRAMES = 80
# Whoever sees all teams: there are two, and the sample's.
ALL_TEAMS = Viewer(tuple(range(1, 10)))


def unscoped(*names: str) -> Switch:
    """Run whatever these functions ask for past the viewer, as in a system session."""

    @contextmanager
    def switch(_app: Flask) -> Iterator[None]:
        def before(state: ORMExecuteState) -> None:
            if "system" not in state.session.info and _is_running(names):
                state.session.info["system"] = "leak"

        def after(state: ORMExecuteState) -> None:
            if state.session.info.get("system") == "leak":
                del state.session.info["system"]

        event.listen(Session, "do_orm_execute", before, insert=True)
        event.listen(Session, "do_orm_execute", after)
        try:
            yield
        finally:
            event.remove(Session, "do_orm_execute", before)
            event.remove(Session, "do_orm_execute", after)

    return switch


def _is_running(names: tuple[str, ...]) -> bool:
    frame: Any = sys._getframe(2)
    for _ in range(MOST_FRAMES):
        if frame is None:
            return False
        if frame.f_code.co_name in names and frame.f_globals["__name__"].startswith("tracker."):
            return True
        frame = frame.f_back
    return False


def template(name: str, old: str, new: str) -> Switch:
    """Write something into a template; `{{ leak() }}` in it says what a test wants it to."""

    @contextmanager
    def switch(app: Flask) -> Iterator[None]:
        env, loader = app.jinja_env, app.jinja_env.loader
        assert loader is not None
        source = loader.get_source(env, name)[0]
        assert old in source, f"{name} has no {old}"
        changed = jinja2.DictLoader({name: source.replace(old, new, 1)})
        env.loader = jinja2.ChoiceLoader([changed, loader])
        _forget(env)
        try:
            yield
        finally:
            env.loader = loader
            _forget(env)

    return switch


def _forget(env: jinja2.Environment) -> None:
    if env.cache is not None:
        env.cache.clear()


def answers(change: Callable[[Response], object]) -> Switch:
    """Change every answer on its way out, the last of all that do."""

    @contextmanager
    def switch(app: Flask) -> Iterator[None]:
        def changed(response: Response) -> Response:
            # A file of ours goes out as it lies on the disk.
            if not response.direct_passthrough:
                change(response)
            return response

        app.after_request_funcs.setdefault(None, []).insert(0, changed)
        try:
            yield
        finally:
            app.after_request_funcs[None].remove(changed)

    return switch


def requests(act: Callable[[], Any]) -> Switch:
    """Do something before every view."""

    @contextmanager
    def switch(app: Flask) -> Iterator[None]:
        app.before_request_funcs.setdefault(None, []).append(act)
        try:
            yield
        finally:
            app.before_request_funcs[None].remove(act)

    return switch


def patched(target: str, make: Callable[[Any], Any]) -> Switch:
    """Replace something by what is made of it; `target` as in `tracker.cases.views.page_of`."""

    @contextmanager
    def switch(_app: Flask) -> Iterator[None]:
        module, _, name = target.rpartition(".")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys.modules[module], name, make(getattr(sys.modules[module], name)))
            yield

    return switch


def with_all_teams(target: str) -> Switch:
    """Let a module see everything as everybody: the viewer it makes is of all teams."""
    return patched(target, lambda _viewer: lambda _team_ids: ALL_TEAMS)


@contextmanager
def figures_kept_for_all(app: Flask) -> Iterator[None]:
    """Keep for each group of readers the figures of cases that only somebody of every team reads."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Audience, "viewer", ALL_TEAMS)
        keep_figures(app)
    try:
        yield
    finally:
        keep_figures(app)


# Where words lie in a workbook besides the cells that a page would show.
IN_A_WORKBOOK: dict[str, Callable[[Any, Any, str], object]] = {
    "cell": lambda _book, sheet, words: sheet.write_string(sheet.dim_rowmax + 1, 0, words),
    "rich cell": lambda book, sheet, words: sheet.write_rich_string(
        sheet.dim_rowmax + 1, 0, words[:6], book.add_format({"bold": True}), words[6:]
    ),
    "formula": lambda _book, sheet, words: sheet.write_formula(
        sheet.dim_rowmax + 1, 0, f'="{words}"'
    ),
    "comment": lambda _book, sheet, words: sheet.write_comment(sheet.dim_rowmax + 1, 0, words),
    "property": lambda book, _sheet, words: book.set_properties({"keywords": words}),
    "own property": lambda book, _sheet, words: book.set_custom_property("Kept", words),
    "defined name": lambda book, _sheet, words: book.define_name("kept", f'="{words}"'),
    "footer": lambda _book, sheet, words: sheet.set_footer(words),
    "choice": lambda _book, sheet, words: sheet.data_validation(
        0, 0, 0, 0, {"validate": "list", "source": [words]}
    ),
    "hidden sheet": lambda book, _sheet, words: _hide(book, words),
}


def _hide(book: Any, words: str) -> None:
    sheet = book.add_worksheet()
    sheet.write_string(0, 0, words)
    sheet.very_hidden()


def in_workbook(place: str, words: Callable[[], object], *, shared: bool = False) -> Switch:
    """Put words into every workbook; `shared`: where cells share their texts, in a file of its own."""

    def make(workbook: Any) -> Any:
        class Leaking(workbook):  # type: ignore[misc]
            def __init__(self, file: Any, options: dict[str, Any]) -> None:
                super().__init__(file, options | ({"constant_memory": False} if shared else {}))

            def close(self) -> None:
                IN_A_WORKBOOK[place](self, self.worksheets()[-1], str(words()))
                super().close()

        return Leaking

    return patched("tracker.reports.formats.Workbook", make)


def count_of_all() -> int:
    """Return how many incidents there are, whoever asks."""
    with Session(current_engines().reading, info={"system": "leak"}) as session:
        return session.scalar(select(func.count()).select_from(Incident)) or 0


def confidential_words() -> str:
    """Return what is confidential, whoever asks."""
    with Session(current_engines().full_reading, info={"system": "leak"}) as session:
        found = [
            *session.scalars(select(IncidentConfidential.witness_names)),
            *session.scalars(select(JournalistConfidential.home_address)),
        ]
    return " ".join(found)
