"""What a page, a text or a document says about itself, before anybody has looked at it."""

from __future__ import annotations

from typing import TypedDict


class Page(TypedDict):
    """The article with its description; its language is told from the text, or else as declared."""

    title: str
    authors: list[str]
    publisher: str
    # A day, or "--05-16" where its year is missing.
    published: str | None
    # Its address, as a saved page says it; "" for what has none.
    address: str
    declared_language: str
    text: str
