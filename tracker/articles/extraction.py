"""Extraction as the tracker calls it: in a child process, which can be stopped and cannot leak."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

from tracker.articles.codes import Language

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 10.0
MEGABYTE = 1024 * 1024
# What an article may have come in as; a saved page is measured again without its pictures.
LARGEST_FILE = 10 * MEGABYTE
# Extraction alone, without the web server that the package brings along: a tenth of the time.
CHILD = """
import runpy, sys, types
bare = sys.modules["tracker"] = types.ModuleType("tracker")
bare.__path__ = ["tracker"]
runpy.run_module("tracker.articles.extract", run_name="__main__")
"""
# How the limit on its processor time ends the child.
OUT_OF_TIME = (-signal.SIGXCPU, -signal.SIGKILL)


class ExtractionReason(StrEnum):
    """Why no article came out of what went in."""

    TOO_LARGE = "too_large"
    TIMEOUT = "timeout"
    BINARY = "binary"
    UNREADABLE = "unreadable"
    EMPTY = "empty"
    ENCRYPTED = "encrypted"


MESSAGES = {
    ExtractionReason.TOO_LARGE: "This is too large to be an article.",
    ExtractionReason.TIMEOUT: "Reading this took too long; paste the text instead.",
    ExtractionReason.BINARY: "This is not a text, a saved page or a PDF, whatever its name says.",
    ExtractionReason.UNREADABLE: "This cannot be read, it may be damaged: paste the text instead.",
    ExtractionReason.EMPTY: "There is no article text in this; it may hold only pictures of it.",
    ExtractionReason.ENCRYPTED: "This PDF is locked with a password: paste the text instead.",
}


class ExtractionError(Exception):
    """No article came out; `args[0]` says why in English."""

    def __init__(self, reason: ExtractionReason) -> None:
        super().__init__(MESSAGES[reason])
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Extracted:
    """What a file says about itself; whatever it does not say is empty."""

    title: str
    authors: tuple[str, ...]
    publisher: str
    published: date | None
    address: str
    language: Language
    text: str


def extract_in_child(content: bytes, media_type: str, *, timeout: float = SECONDS) -> Extracted:
    """Return the article in a `text/html`, `text/plain` or `application/pdf` file.

    Raises `ExtractionError`. A thread could not be stopped, and a parser that hostile input makes
    run wild or crash takes only the child with it; the child sees none of our environment.
    """
    if len(content) > LARGEST_FILE:
        raise ExtractionError(ExtractionReason.TOO_LARGE)
    command = [sys.executable, "-c", CHILD, media_type]
    try:
        child = subprocess.run(  # noqa: S603 (our own interpreter and module; nothing typed but the bytes)
            command,
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=timeout,
            cwd=ROOT,
            env={"PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ExtractionError(ExtractionReason.TIMEOUT) from None
    if child.returncode in OUT_OF_TIME:
        raise ExtractionError(ExtractionReason.TIMEOUT)
    try:
        answer: dict[str, Any] = json.loads(child.stdout)
    except ValueError:
        raise ExtractionError(ExtractionReason.UNREADABLE) from None
    if "error" in answer:
        raise ExtractionError(ExtractionReason(answer["error"]))
    return Extracted(
        title=answer["title"],
        authors=tuple(answer["authors"]),
        publisher=answer["publisher"],
        published=date.fromisoformat(answer["published"]) if answer["published"] else None,
        address=answer["address"],
        language=Language(answer["language"]),
        text=answer["text"],
    )
