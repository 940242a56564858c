"""What a hostile or broken browser sends: values, forms and bodies that no keyboard makes."""

from __future__ import annotations

from urllib.parse import quote_plus

from hypothesis import strategies as st

from tests.safety.forms_found import Form

Pairs = list[tuple[str, str]]
LONG = "A long word. " * 77_000
VALUES = (
    "", " ", "\x00", "a\x00b", "\ud800", "\udfff\ud800", "\u202egpj.exe", "\u2066x\u2069", "\ufeff",
    "\u200b", "\x1b[2J", "\r\n\r\n", "\t", "é", "e\u0301", "\U0010ffff", "\u0130", "ﷺ" * 40, "ß" * 201,
    "0", "-1", "1", "2147483647", "2147483648", "9223372036854775807", "9223372036854775808",
    str(2**80), str(-(2**80)), "1e400", "NaN", "0x10", "1_000", "٣", "²", "½", "+5", " 7 ", "0" * 5000,
    "0001-01-01", "0001", "9999-12-31", "9999", "10000-01-01", "0000-00-00", "2025-02-30",
    "2025-13", "0001/9999", "9999/0001", "before 0001-01-01", "before 9999", "2025-05~", "-0044-03-15",
    "2024-02-29/2023-02-29", "99999999999999999999", "2025-06-03T25:61:61Z",
    "ART-0000000000", "INC-0000000000", "INC-'--", "' OR 1=1 --", "%", "_", "\\", "*", '"', "a" * 81,
    "{{ 7 * 7 }}", "%(name)s", "{0.__class__}", "${7*7}", "../../etc/passwd", "%00", "%s%s%n",
    "https://" + "a" * 2000 + ".example/", "http://[::1", "https://a\x00.example/", "https://user@/",
    "javascript:alert(1)", "on", "yes", "nonsense", "None", "null", "true", "[]", "2", "1-99999999999",
    "9-1", "0-0", "x" * 301, "y" * 2001, "z" * 10_001,
)  # fmt: skip
KINDS = ("urlencoded",) * 12 + (
    "multipart",
    "text/plain",
    "application/json",
    "no-boundary",
    "none",
)
text = st.one_of(
    st.sampled_from(VALUES),
    st.sampled_from(VALUES),
    st.text(st.characters(codec=None), max_size=30),  # lone surrogates too
    st.integers(-(2**80), 2**80).map(str),
    st.dates().map(str),
)
# What is done to one field: another value, two at once, none at all, a row that is not there.
changes = st.one_of(
    text.map(lambda value: ("other", value)),
    text.map(lambda value: ("other", value)),
    text.map(lambda value: ("twice", value)),
    st.just(("none", "")),
    text.map(lambda value: ("other row", value)),
    st.just(("option", "")),
)


def bodies(form: Form) -> st.SearchStrategy[tuple[Pairs, str, bool]]:
    """Return what may be sent for a form: fields, the kind of body, and whether it is very long."""
    names = [field.name for field in form.fields] or ["nothing"]
    few = st.lists(st.tuples(st.sampled_from(names), changes), max_size=5)
    every = st.lists(changes, min_size=len(names), max_size=len(names)).map(
        lambda made: list(zip(names, made, strict=True))
    )
    return st.tuples(
        st.one_of(few, few, every).map(lambda made: _changed(form, made)),
        st.sampled_from(KINDS),
        st.integers(0, 39).map(lambda one: one == 0),
    )


def encoded(pairs: Pairs, kind: str) -> tuple[bytes, str | None]:
    """Return the bytes and the content type of a body; surrogates go as the bytes they are."""
    if kind == "multipart":
        parts = [
            f'--B\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in pairs
        ]
        body = "".join([*parts, "--B--\r\n"]).encode(errors="surrogatepass")
        return body, "multipart/form-data; boundary=B"
    quoted = "&".join(
        f"{quote_plus(name)}={quote_plus(value, errors='surrogatepass')}" for name, value in pairs
    )
    types = {"no-boundary": "multipart/form-data", "none": None}
    return quoted.encode(), types.get(kind, kind if "/" in kind else _FORM)


_FORM = "application/x-www-form-urlencoded"


def lengthened(pairs: Pairs) -> Pairs:
    """Return the fields with a million characters in the last one that was typed."""
    *others, (name, _value) = pairs or [("nothing", "")]
    return [*others, (name, LONG)]


def _changed(form: Form, made: list[tuple[str, tuple[str, str]]]) -> Pairs:
    options = {field.name: field.options for field in form.fields}
    pairs = list(form.held)
    for name, (what, value) in made:
        if what == "other row":
            pairs.append((name.replace("-0-", "-99-"), value))
            continue
        if what == "option":
            value = next(iter(options.get(name, ())[-1:]), "1")  # noqa: PLW2901 (the last one offered)
        if what != "twice":
            pairs = [pair for pair in pairs if pair[0] != name]
        if what != "none":
            pairs.append((name, value))
    return pairs
