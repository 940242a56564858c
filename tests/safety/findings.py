"""What is wrong with an answer: words in it that its reader may not have, or that stand where no
words of a record belong.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from tests.safety.addresses import address, routes_of
from tests.safety.canaries import Canary, Viewer, found_in, may_read, meant
from tests.safety.copies import nothing_lasts
from tests.safety.crawling import LEFT_OUT, Answer, ask, attempts, pages
from tests.safety.planted import Aviary, viewer_named
from tests.safety.world import Place

# Where no word of a record belongs, not even for those who may read it. A ref names nobody.
WORDLESS = frozenset({"headers", "cookies", "log"})


def findings(aviary: Aviary, viewer: Viewer, answer: Answer, *, asked: str = "") -> Iterator[str]:
    """Yield a line for each canary that the answer should not carry; `asked`: what this browser
    asked for before, which its cookie may remember.
    """
    typed = answer.sent.lower() + answer.address.lower()
    for surface, text in answer.surfaces.items():
        for found in sorted(found_in(text, aviary.planted)):
            canaries = meant(found, aviary.planted)
            is_ref = found in aviary.planted.refs
            known = asked + typed if surface == "cookies" else typed
            if found in known and _may_be_repeated(answer, surface, is_ref=is_ref):
                continue
            if any(_may_stand(one, viewer, answer, surface, is_ref=is_ref) for one in canaries):
                continue
            who = viewer.name or "nobody"
            yield f"{who}: {answer.method} {answer.address} {answer.status} {surface}: {found}"


def _may_be_repeated(answer: Answer, surface: str, *, is_ref: bool) -> bool:
    """Say whether what somebody asked for may come back: in the filter or form in which it was
    typed, and in the cookie and the log as the record to which they wanted to go. A page that is
    not there repeats nothing.
    """
    if surface == "body":
        return answer.status not in {404, 500}
    return is_ref and surface in {"cookies", "log"}


def _may_stand(
    canary: Canary, viewer: Viewer, answer: Answer, surface: str, *, is_ref: bool
) -> bool:
    if surface in WORDLESS and not is_ref:
        return False
    if is_ref and "admin" in viewer.roles and answer.address.startswith("/audit-log/"):
        # Who did what to which record: never what was written.
        return True
    return may_read(canary, viewer, answer.address)


def walk(aviary: Aviary, name: str, seeds: Iterable[str], *, every: bool = False) -> list[Answer]:
    """GET everything as a person, then send every form they were shown, and follow where it leads.

    One form of each kind is sent by day, each one `every` night.
    """
    browser = aviary.browser(name)
    with nothing_lasts():
        answers = list(pages(browser, seeds, every=every))
        shapes = set()
        for form in [form for answer in answers for form in answer.forms]:
            if form.method != "POST" or LEFT_OUT.search(form.action):
                continue
            fields = tuple(name for name, _value in form.values)
            shape = (form.action if every else endpoint_of(aviary, form.action), fields)
            if shape in shapes:
                continue
            shapes.add(shape)
            for data in attempts(form, every=every):
                sent = ask(browser, form.action, data=data)
                answers.append(sent)
                if sent.status in {302, 303}:
                    # What was flashed stands on the page after.
                    answers += [ask(browser, link) for link in sent.links[-1:]]
    return answers


def everything_wrong(aviary: Aviary, name: str, answers: Iterable[Answer]) -> list[str]:
    viewer, asked = viewer_named(name), ""
    wrong: list[str] = []
    for answer in answers:
        wrong += findings(aviary, viewer, answer, asked=asked)
        asked += answer.address.lower()
    return wrong


def get_addresses(aviary: Aviary, places: Iterable[Place] = tuple(Place)) -> list[str]:
    """Return an address of every GET rule for what stands in some places, and of what stands there
    besides, each once.
    """
    app, world, places = aviary.app, aviary.world, list(places)
    asked = [route for route in routes_of(app) if "GET" in route.methods]
    found = [address(app, world, route, place) for route in asked for place in places]
    return list(dict.fromkeys([*found, *(at for place in places for at in world.more[place])]))


def endpoint_of(aviary: Aviary, action: str) -> str:
    adapter = aviary.app.url_map.bind("localhost")
    return str(adapter.match(urlsplit(action).path, method="POST")[0])
