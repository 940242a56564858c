"""Shared by the tests of the inbox: inbox items, and files to upload."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from flask import Flask
from sqlalchemy import select

from tests.factories import as_user
from tracker.articles.incoming import read_pasted_text
from tracker.db import db
from tracker.intake import inbox_service
from tracker.intake.codes import UnreadReason
from tracker.intake.models import IntakeItem
from tracker.users.models import User

REPORT = (
    "Letters to an editor\n"
    "An editor in Almaty has received eleven letters that threaten her family, her paper said on "
    "Tuesday. Two men who said they were police asked her neighbours which windows were hers and "
    "at what hour she comes home. The city police replied that no officer had been sent to the "
    "house on that or any other day. Her paper had written about the sale of land at the lake."
)
ADDED = "\nThe paper asks everybody who saw the two men to call the newsroom, by day or by night."
ANOTHER = (
    "Camera broken\n"
    "A guard at the town hall of Balkhash took a cameraman's camera and threw it down the stairs, "
    "the channel reported. Nobody was hurt. The mayor's office said that filming had been agreed "
    "for another day, and that the guard had been told to be polite to journalists in future."
)


def make_item(text: str = REPORT, *, by: User, **given: Any) -> IntakeItem:
    """Return an inbox item with a pasted text, of the user's first team."""
    values: dict[str, Any] = {"team_id": by.team_ids[0]}
    return inbox_service.receive_article(read_pasted_text(text), **(values | given), by=by)


def make_unread(
    name: str = "scan.html", content: bytes = b"\x00\x01", *, by: User, **given: Any
) -> IntakeItem:
    """Return an unreadable file of the user's first team."""
    why, values = UnreadReason.BINARY, {"team_id": by.team_ids[0]} | given
    return inbox_service.store_unreadable_file(content, name, why, **values, by=by)


def put(app: Flask, name: str = "staff", text: str = REPORT, **given: Any) -> tuple[str, str]:
    """Import a text as staff of the Desk, or of another team; return both refs."""
    with as_user(app, name, team="Desk" if name == "staff" else name.title()) as user:
        item = make_item(text, by=user, **given)
        db.session.commit()
        assert item.article is not None
        return item.ref, item.article.ref


def put_unread(app: Flask, **given: Any) -> str:
    """Store an unreadable file, and return its ref."""
    with as_user(app) as user:
        item = make_unread(by=user, **given)
        db.session.commit()
        return item.ref


def stored(app: Flask) -> list[IntakeItem]:
    """Return the inbox items of the Desk, in the order in which they were imported."""
    with as_user(app):
        rows = select(IntakeItem).order_by(IntakeItem.id)
        found = list(db.session.scalars(rows))
        for item in found:
            assert item.heading
            assert item.article is None or item.article.text
            assert item.taken_by is None or item.taken_by.name
        return found


def file(text: str | bytes, name: str) -> tuple[BytesIO, str]:
    """Return a file as a browser uploads it."""
    return BytesIO(text.encode() if isinstance(text, str) else text), name
