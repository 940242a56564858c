"""Walking through the application as one person: every address, link, filter and form, and all that
comes back, whatever way it comes.
"""

from __future__ import annotations

import codecs
import io
import logging
import re
import zipfile
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from flask.testing import FlaskClient
from lxml import html as lxml_html
from werkzeug.datastructures import MultiDict

from tests.nightly import IS_NIGHT

# What differs between two answers that say the same.
TOKEN = re.compile(r'(name="(?:csrf_token|submission)"[^>]*? value=")[^"]*')
# The reference of a mishap, and the ref of a file that left.
REFERENCE = re.compile(r"(?<=Reference: )[0-9a-f]{8}|EXP-[0-9A-Z]{10}")
ZIP = b"PK\x03\x04"
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
BETWEEN_RUNS = re.compile(
    r"</(\w+:)?t></(\w+:)?r>\s*<(\w+:)?r[ >].*?<(\w+:)?t(?: [^>]*)?>", re.DOTALL
)
# Not followed: the other languages show the same rows, and signing out ends the walk.
OF_A_LIST = re.compile(r"[?&](sort|counts)=")
# Parameters that narrow no list: another page of it, and whom a file is for.
NO_FILTERS = {"after", "before", "profile", "shared"}
LEFT_OUT = re.compile(r"/(language|static)/|/sign-out")
# Staff see 4,710 pages of the planted records at night.
MOST_STEPS = 6000
# Of a longer list of choices, as that of all countries, each so many are asked for at night.
LONG, OF_A_LONG = 40, 10
# What an address names: a record, a number, and the values of its parameters, but for whom a file
# is and what everybody may see.
NAMED = re.compile(r"#.*|[A-Z]{3}-[0-9A-Z]{10}|\d+|(?<==)(?<!profile=)(?<!shared=)[^&#]*")


@dataclass(frozen=True, slots=True)
class Form:
    """A form of a page: where it goes, how, its values, and other values of its choices."""

    action: str
    method: str
    values: tuple[tuple[str, str], ...]
    choices: tuple[tuple[str, tuple[str, ...]], ...]
    texts: tuple[str, ...]


@dataclass(slots=True)
class Answer:
    """What came back for a request: the status, and each way in which words may leave."""

    method: str
    address: str
    status: int
    surfaces: dict[str, str]
    sent: str = ""
    links: list[str] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)


class _Lines(logging.Handler):
    """Every line of every log, with its trace."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.setFormatter(logging.Formatter("%(name)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@contextmanager
def listening() -> Iterator[_Lines]:
    """Hear everything that is logged from INFO upwards."""
    root, lines = logging.getLogger(), _Lines()
    level = root.level
    root.addHandler(lines)
    root.setLevel(logging.INFO)
    try:
        yield lines
    finally:
        root.removeHandler(lines)
        root.setLevel(level)


def ask(
    browser: FlaskClient, address: str, *, data: list[tuple[str, str]] | None = None, **more: Any
) -> Answer:
    """Send a request as a browser does (a POST where there is data) and read all of the answer."""
    method = "GET" if data is None else "POST"
    sent = None if data is None else MultiDict(data)
    with listening() as heard, browser.open(address, method=method, data=sent, **more) as answer:
        body = answer.get_data()
        headers = "\n".join(
            f"{name}: {value}" for name, value in answer.headers if name != "Set-Cookie"
        )
    cookies = "\n".join(str(cookie) for cookie in answer.headers.getlist("Set-Cookie"))
    text = words_in(body)
    found = Answer(
        method,
        address,
        answer.status_code,
        {"body": text, "headers": headers, "cookies": cookies, "log": "\n".join(heard.lines)},
        sent=urlencode(data or []),
    )
    if (answer.content_type or "").startswith("text/html") and text:
        _read(found, text)
    if "Location" in answer.headers:
        found.links.append(urljoin(address, answer.headers["Location"]))
    return found


def words_in(body: bytes) -> str:
    """Return the words of a file; of an archive (a workbook is one) those of every file in it, with
    names and remarks. A text that is bold in the middle is one.
    """
    if body.startswith(ZIP):
        return "\n".join(_unpacked(body))
    text = body.decode("utf-16" if body.startswith(UTF_16) else "utf-8", "replace")
    return BETWEEN_RUNS.sub("", text) if text.startswith("<?xml") else text


def _unpacked(body: bytes) -> Iterator[str]:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        yield archive.comment.decode("utf-8", "replace")
        for one in archive.infolist():
            yield from (one.filename, (one.comment + one.extra).decode("utf-8", "replace"))
            yield words_in(archive.read(one))


def plainly(answer: Answer) -> tuple[int, str, str]:
    """Return an answer without what differs from one to the next: tokens, and the cookie of the
    session, which holds them.
    """
    kept = [
        line
        for line in answer.surfaces["headers"].splitlines()
        if not line.startswith(("Date", "Content-Length"))
    ]
    return (
        answer.status,
        "\n".join(kept),
        REFERENCE.sub("", TOKEN.sub(r"\1", answer.surfaces["body"])),
    )


def _read(answer: Answer, text: str) -> None:
    tree = lxml_html.document_fromstring(text)
    answer.surfaces["title"] = " ".join(tree.xpath("//head/title/text()"))
    for link in tree.xpath("//@href | //@src"):
        answer.links.append(urljoin(answer.address, link))
    for form in tree.forms:
        answer.forms.append(_form(answer.address, form))


def _form(address: str, form: Any) -> Form:
    choices = []
    texts = []
    for control in form.inputs:
        if control.tag == "select":
            choices.append((control.name, tuple(one for one in control.value_options if one)))
        elif control.tag == "textarea" or control.get("type", "text") in {"text", "search"}:
            texts.append(control.name)
    values = [(name, value or "") for name, value in form.form_values()]
    return Form(
        urljoin(address, form.get("action") or ""),
        (form.method or "GET").upper(),
        tuple(values),
        tuple(choices),
        tuple(name for name in texts if name),
    )


def pages(browser: FlaskClient, seeds: Iterable[str], *, every: bool = False) -> Iterator[Answer]:
    """GET the seeds, whatever they link to, and each list with each of its filters.

    A filter is asked with one of its values, with `every` one at night, each tenth where there are
    many. By day a link is followed where none before it led to the like.
    """
    waiting, seen, kinds = deque(seeds), set[str](), set[str]()
    while waiting:
        address = waiting.popleft().partition("#")[0]
        parts = urlsplit(address)
        address = parts.path + (f"?{parts.query}" if parts.query else "")
        if parts.netloc not in {"", "localhost"} or address in seen or LEFT_OUT.search(address):
            continue
        seen.add(address)
        assert len(seen) < MOST_STEPS, "the walk does not end"
        answer = ask(browser, address)
        yield answer
        # A filtered list offers the same again: one filter, order or facet at a time is enough.
        links = [link for link in answer.links if not (parts.query and repeats(parts.query, link))]
        new = {kind_of(link): link for link in links if kind_of(link) not in kinds}
        kinds.update(new)
        waiting.extend(links if IS_NIGHT else new.values())
        if not parts.query:
            for form in answer.forms:
                waiting.extend(_filtered(form, every=every))


def repeats(query: str, link: str) -> bool:
    """Whether a link of a filtered list only orders it, counts it, or narrows it by one more filter."""
    narrower = _filters(urlsplit(link).query) > max(1, _filters(query))
    return narrower or bool(OF_A_LIST.search(link))


def _filters(query: str) -> int:
    return len({name for name, _value in parse_qsl(query)} - NO_FILTERS)


def kind_of(link: str) -> str:
    """Return a link without what it names: refs, numbers and the values of its parameters."""
    return NAMED.sub("", link)


def _filtered(form: Form, *, every: bool) -> Iterator[str]:
    if form.method != "GET":
        return
    for name, options in form.choices:
        step = OF_A_LONG if len(options) > LONG else 1
        for option in options[::step] if every else options[:1]:
            yield f"{form.action}?{urlencode({name: option})}"
    yield f"{form.action}?{urlencode(form.values)}"


def attempts(form: Form, *, every: bool) -> Iterator[list[tuple[str, str]]]:
    """Yield what a POST form is sent with: its own values and nonsense, with `every` also nothing,
    and no token.
    """
    kept = {"csrf_token", "version", "submission"}
    yield list(form.values)
    chosen = {name for name, _options in form.choices}
    yield [
        (name, "nonsense" if name in chosen else value * (1 if name in kept else 40))
        for name, value in form.values
    ]
    if every:
        yield [(name, value if name in kept else "") for name, value in form.values]
        yield [(name, value) for name, value in form.values if name != "csrf_token"]
