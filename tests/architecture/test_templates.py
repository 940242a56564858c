"""Templates: every word goes through gettext, nothing is declared safe, one script of ours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import pytest
from jinja2 import Environment, nodes

from tests.architecture.source import PACKAGE, TEMPLATES, Module, calls, module, modules

STATIC = PACKAGE / "static"
TRANSLATES = {"_", "gettext", "ngettext", "pgettext", "npgettext", "lazy"}
# Names and forms of data that are the same in every language.
SAME_EVERYWHERE = {"CSV", "JSON", "SVG", "URL", "SHA", "UTF"}
SHOWN = re.compile(r"\b(?:alt|title|placeholder|aria-label|label)=\"([^\"]*)\"")
SENTENCE = re.compile(r"[A-Z][a-z]+(?:[ .,:;!?…]|$)")
environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)


@cache
def templates() -> dict[str, str]:
    return {
        str(path.relative_to(TEMPLATES)): path.read_text(encoding="utf-8")
        for path in sorted(TEMPLATES.rglob("*"))
        if path.is_file()
    }


def shown_by(node: nodes.Node) -> Iterator[tuple[str, int]]:
    """Return the text of a template outside gettext: raw HTML, and strings in expressions."""
    if isinstance(node, nodes.Call) and getattr(node.node, "name", None) in TRANSLATES:
        return
    if isinstance(node, nodes.TemplateData):
        yield node.data, node.lineno
    elif isinstance(node, nodes.Const) and isinstance(node.value, str):
        if SENTENCE.match(node.value):
            yield f">{node.value}<", node.lineno
    else:
        for child in node.iter_child_nodes():
            yield from shown_by(child)


def bare_words(text: str) -> list[str]:
    """Return the words that would be shown in English whatever the language."""
    # What Jinja leaves out between pieces of HTML is marked, so that tags stay whole.
    html = "\0".join(piece for piece, _ in shown_by(environment.parse(text)))
    attributes = SHOWN.findall(html)
    html = re.sub(r"<!--.*?-->|<style.*?</style>", " ", html, flags=re.DOTALL)
    html = re.sub(r"<[^<>]*>", " ", html)
    html = re.sub(r"&#?\w+;", " ", html)
    # An id is made of an expression and a suffix: `{{ field.id }}-hint`.
    html = re.sub(r"\0[-_]\w+", " ", html)
    words = re.findall(r"[^\W\d_]{2,}", " ".join([html, *attributes]))
    return [word for word in words if word not in SAME_EVERYWHERE]


def unsafe(text: str) -> list[str]:
    """Return what would let a stranger's text act as HTML."""
    tree = environment.parse(text)
    wrong = [
        f"|{one.name}" for one in tree.find_all(nodes.Filter) if one.name in {"safe", "xmlattr"}
    ]
    return wrong + ["autoescape" for _ in tree.find_all(nodes.ScopedEvalContextModifier)]


def needs_more(text: str) -> list[str]:
    """Return what the content policy forbids, or what would be fetched from elsewhere."""
    return re.findall(
        r"<script|<style|\sstyle=|\son[a-z]+=|javascript:|(?:src|href)=\"(?:https?:)?//", text
    )


def names_in_title(text: str) -> list[str]:
    """Return what a page's title would tell a browser's history, or whoever looks at the tabs."""
    title = re.search(r"{% block title %}(.*?){% endblock %}", text, re.DOTALL)
    return re.findall(r"\w+\.(?:heading|name|title)", title[1]) if title else []


def named(of: Module) -> Iterator[str]:
    """Return the templates that a module names."""
    for name, call in calls(of):
        if name in {"render_template", "get_template", "render_form"} and call.args:
            first = getattr(call.args[0], "value", None)
            if isinstance(first, str) and first.endswith((".html", ".svg", ".txt")):
                yield first


# What opens anywhere, from a file, has its style in itself; no page of ours that it could be. The
# one script stands in the layout, see `test_the_script_sends_nothing_and_makes_no_code`.
ALLOWED = {
    needs_more: {"reports/dossier_file.html": ["<style"], "layout/page.html": ["<script"]},
}
SCRIPT = STATIC / "tracker.js"
LONGEST_SCRIPT = 300
# What would send something, run what is written, or make an element of a text.
NOT_IN_A_SCRIPT = re.compile(
    r"\b(?:fetch|XMLHttpRequest|WebSocket|EventSource|sendBeacon|eval|Function|import|innerHTML|"
    r"outerHTML|insertAdjacentHTML|document\.write|cookie|postMessage|onmessage)\b|https?:"
)
RULES = [bare_words, unsafe, needs_more, names_in_title]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_templates_keep_the_rules(rule):
    found = {name: wrong for name, text in templates().items() if (wrong := rule(text))}
    assert found == ALLOWED.get(rule, {})


def test_the_script_sends_nothing_and_makes_no_code():
    assert [one.name for one in STATIC.rglob("*.js")] == [SCRIPT.name]
    text = SCRIPT.read_text(encoding="utf-8")
    assert NOT_IN_A_SCRIPT.findall(text) == []
    assert len(text.splitlines()) <= LONGEST_SCRIPT


@pytest.mark.parametrize("code", ["fetch('/x')", "a.innerHTML = b", "new Function(a)", "eval(a)"])
def test_what_a_script_may_not_do_is_found(code):
    assert NOT_IN_A_SCRIPT.search(code)


def test_every_template_that_code_names_is_there():
    missing = {name for one in modules() for name in named(one)} - templates().keys()

    assert missing == set()


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (bare_words, "<h1>Cases</h1>"),
        (bare_words, "<p>{{ _('Cases') }} of {{ name }}</p>"),
        (bare_words, '<img alt="A timeline">'),
        (bare_words, "{{ button('Save') }}"),
        (bare_words, "{{ 'Yes' if answer else _('No') }}"),
        (bare_words, "{% if x %}<b>Bold words</b>{% endif %}"),
        (unsafe, "{{ text|safe }}"),
        (unsafe, "{% autoescape false %}{{ text }}{% endautoescape %}"),
        (needs_more, "<script>1</script>"),
        (needs_more, '<a onclick="x()">'),
        (needs_more, '<p style="color: red">'),
        (needs_more, '<img src="https://example.org/x.png">'),
        (names_in_title, "{% block title %}{{ _('Edit') }}: {{ case.title }}{% endblock %}"),
        (names_in_title, "{% block title %}{{ incident.heading }}{% endblock %}"),
    ],
)
def test_the_rule_bites(rule, text):
    assert rule(text) != []


def test_the_rules_let_good_templates_pass():
    good = """
    {% extends "layout/page.html" %}
    {% block body %}
    <h1 class="main heading">{{ _("Cases") }}</h1>
    {# A comment for whoever reads the template #}
    <a href="{{ url_for('cases.show', ref=case.ref) }}" title="{{ _('Open') }}">CSV</a>
    <p>{% trans name=case.title %}Case {{ name }}{% endtrans %} · {{ case.when }}</p>
    {% endblock %}
    """

    assert [wrong for rule in RULES for wrong in rule(good)] == []


def test_a_template_that_is_not_there_is_found():
    view = module("tracker.cases.views", "render_template('cases/gone.html', x=1)")

    assert list(named(view)) == ["cases/gone.html"]
