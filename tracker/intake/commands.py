"""The commands `flask intake add` and `suggest`.

`add` puts files into the inbox; `suggest` prints the suggestions of an article as one JSON object,
for scoring.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from sqlalchemy import func, select

from tracker.articles.extraction import MAX_FILE_BYTES, MESSAGES, ExtractionError, ExtractionReason
from tracker.console import CommandGroup, fail
from tracker.db import db
from tracker.intake.inbox_service import compute_suggestions, extract_article, import_file
from tracker.parsing import ParsingError
from tracker.permissions import Actor, Permission, Visibility
from tracker.reader.suggest import SuggestionsError, suggestions_summary
from tracker.scoping import Viewer, set_viewer
from tracker.users.models import Team, User
from tracker.users.service import find_command_actor

group = CommandGroup("intake", help="Articles that come in.")


@group.command("suggest")
@click.option("--json", "as_json_lines", is_flag=True, required=True, help="One object a line.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE…")
def suggest_command(as_json_lines: bool, files: tuple[Path, ...]) -> None:  # noqa: ARG001, FBT001 (click passes it)
    """Print the suggestions of each file; needs no database and stores nothing."""
    for file in files:
        click.echo(json.dumps(_suggestions_of_file(file), ensure_ascii=False))


def _suggestions_of_file(file: Path) -> dict[str, Any]:
    """Return a JSON object with the suggestions for the article in a file. After an error, return
    the file name under "file" and the error message under "error".
    """
    try:
        with file.open("rb") as opened:
            article_text = extract_article(opened.read(MAX_FILE_BYTES + 1), file.name)
        return suggestions_summary(str(file), article_text, compute_suggestions(article_text))
    except (ExtractionError, SuggestionsError) as error:
        why = str(error)
    except ParsingError:
        why = MESSAGES[ExtractionReason.BUSY]
    except OSError as error:
        why = error.strerror or str(error)
    return {"file": str(file), "error": why}


@group.command("add")
@click.option("--by", metavar="NAME", help="In whose name; the console's where nobody is named.")
@click.option(
    "--team", metavar="TEAM", help="Whose inbox; needed unless NAME is in one team alone."
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE…")
def add(by: str | None, team: str | None, files: tuple[Path, ...]) -> None:
    """Put files into the inbox of a team one by one, printing a line for each."""
    actor = find_command_actor(by)
    if by is not None and not actor.has_permission(Permission.LOG):
        fail(f"{by} may not log.")
    team_id = _find_team(team, actor, must_be_member=by is not None).id
    # The console's account is created on first use; from here on each file is stored separately.
    db.session.commit()
    set_viewer(Viewer((team_id,)))
    unopened = [file for file in files if not _import_and_print(file, team_id, actor)]
    if unopened:
        fail(f"not opened: {', '.join(map(str, unopened))}")


def _import_and_print(file: Path, team_id: int, by: Actor) -> bool:
    """Import one file and print the result; return False if it cannot be opened."""
    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_FILE_BYTES + 1)
    except OSError:
        return False
    taken = import_file(
        content, file.name, team_id=team_id, visibility=Visibility.RESTRICTED, by=by
    )
    if taken.item is None:
        here = ", ".join(article.ref for article in taken.existing_articles)
        said = f"known {here}" if here else f"refused {taken.error_message}"
        db.session.rollback()
    else:
        item = taken.item
        said = f"read {item.article.ref}" if item.article else f"unread {item.unread_reason}"
        said = f"{said} {item.ref}"
        db.session.commit()
    click.echo(f"{said}: {taken.file_name}")
    return True


def _find_team(name: str | None, actor: User, *, must_be_member: bool) -> Team:
    """Return the team with this name, or the actor's only team if `name` is None. Print an error
    and exit if no team is found, or if `must_be_member` is true and the actor is not in the team.
    """
    if name is None:
        if len(actor.teams) != 1:
            fail("say whose inbox: --team TEAM")
        return actor.teams[0]
    same = func.lower(Team.name) == name.strip().lower()
    found = db.session.scalars(select(Team).where(same)).first()
    if found is None or (must_be_member and found not in actor.teams):
        fail(f"there is no such team for {actor.name}: {name}")
    return found
