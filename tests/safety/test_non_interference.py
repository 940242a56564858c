"""Whoever may not see a record cannot tell whether it is there, by anything they are answered."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from urllib.parse import urlencode

import pytest

from tests.nightly import IS_NIGHT, KINDS_BY_DAY, size
from tests.safety.comparing import differences, send, told_apart, typings
from tests.safety.copies import nothing_lasts
from tests.safety.crawling import LEFT_OUT, Answer, ask, pages
from tests.safety.findings import endpoint_of, get_addresses
from tests.safety.planted import Aviary
from tests.safety.variants import (
    Worlds,
    add_hidden,
    change_hidden,
    point_at_more,
    remove_hidden,
    worlds,
)
from tests.safety.world import Place, World
from tracker import clock

STRANGERS = ["other-monitor", "other-staff"]
AT_NIGHT = [*STRANGERS, "other-exporter", "teamless"]
FORBIDDEN = 403
FILTERS = {"journalist", "outlet", "article", "case", "incident", "institution"}
LISTS = ["/cases/", "/incidents/", "/fake-accounts/", "/fake-accounts/register", "/responses/",
         "/appeals/", "/proceedings/", "/articles/", "/journalists/", "/outlets/", "/institutions/",
         "/reports/"]  # fmt: skip

# Where something is logged: before anything else, so that the forms of pages come after.
NEW = ["/journalists/new", "/outlets/new", "/articles/new", "/fake-accounts/new", "/cases/new",
       "/appeals/new", "/proceedings/new"]  # fmt: skip


def more_and_other(world: World) -> None:
    """Change all that is hidden and add as much again, which shown records point to as well."""
    change_hidden(world)
    add_hidden(world)
    point_at_more(world)


@contextmanager
def at_rest(kind: str) -> Iterator[Worlds]:
    """Lend the worlds in a moment that does not pass, signed in before nothing lasts any more."""
    with pytest.MonkeyPatch.context() as patch:
        moment = clock.utc_now()
        patch.setattr(clock, "utc_now", lambda: moment)
        with worlds(kind, bare=remove_hidden, more=more_and_other) as made:
            for birds in (made.whole, *made.others.values()):
                for name in AT_NIGHT:
                    birds.browser(name)
            with nothing_lasts():
                yield made


@pytest.fixture(scope="module", params=KINDS_BY_DAY)
def made(request: pytest.FixtureRequest) -> Iterator[Worlds]:
    with at_rest(request.param) as lent:
        yield lent


def seen_by(birds: Aviary, name: str) -> Iterator[Answer]:
    """Yield what somebody is answered at every address, but those that their role does not include.

    By day the walk starts at fewer records, and staff, who are shown what monitors are, go only
    where nobody else does.
    """
    browser = birds.browser(name)
    answers: Iterator[Answer]
    seeds = get_addresses(birds, list(Place) if IS_NIGHT else [Place.INTERNAL, Place.OWN])
    if not IS_NIGHT and "staff" in name:
        seeds = [address for address in seeds if address.endswith(("new", "edit"))]
        answers = (ask(browser, address) for address in seeds)
    else:
        answers = pages(browser, seeds)
    return (answer for answer in answers if answer.status != FORBIDDEN)


@pytest.mark.parametrize("name", AT_NIGHT if IS_NIGHT else STRANGERS)
def test_no_page_tells_what_is_hidden(made: Worlds, name: str) -> None:
    """By day a world in which nothing is hidden is compared with one in which all is changed and
    doubled; at night each with the one that lies between.
    """
    walked = made.whole if IS_NIGHT else made.others["bare"]
    for answer in seen_by(walked, name):
        for other in made.others.values():
            if other is not walked:
                assert differences(answer, ask(other.browser(name), answer.address)) == []


def test_hidden_words_find_nothing_in_any_list(made: Worlds) -> None:
    """Each hidden text is asked for where its table is listed, and in the list of incidents."""
    words = [
        (one.table, one.text)
        for one in made.whole.planted.canaries.values()
        if (one.place.team, one.place.visibility) == ("Desk", "restricted")
    ]
    assert len(words) > len(LISTS)
    asked = {
        f"{address}?{urlencode({'q': word})}"
        for number, (table, word) in enumerate(words)
        for address in {f"/{table.replace('_', '-')}/", LISTS[number % len(LISTS)]}
        if address in LISTS
    }
    assert told_apart(made.whole, made.others["bare"], "other-monitor", sorted(asked)) == []


def test_a_hidden_ref_is_no_filter_and_no_place_in_a_list(made: Worlds) -> None:
    world = made.whole.world
    refs = {kind: world.ref(kind, Place.OWN) for kind in world.kinds}
    asked = [
        f"{address}?{name}={ref}"
        for address in [*LISTS, "/reports/incidents.csv"]
        for kind, ref in refs.items()
        for name in ("after", "before", kind.removesuffix("s"))
        if name in FILTERS or kind == address.strip("/").replace("-", "_")
    ]
    assert told_apart(made.whole, made.others["bare"], "other-monitor", asked) == []


def test_a_form_does_not_know_what_is_hidden(made: Worlds) -> None:
    """Names, addresses and refs typed into each kind of form: offered, refused or taken alike."""
    whole, bare, name = made.whole, made.others["bare"], "other-staff"
    shapes = set()
    asked = 0
    for page in [*NEW, *get_addresses(whole, [Place.OTHER])]:
        for number, form in enumerate(ask(whole.browser(name), page).forms):
            if form.method != "POST" or LEFT_OUT.search(form.action):
                continue
            shape = endpoint_of(whole, form.action), form.texts
            if shape in shapes:
                continue
            shapes.add(shape)
            for typed in islice(typings(whole, form), 0, None, size(day=5, night=1)):
                asked += 1
                sent = (send(birds.browser(name), page, number, typed) for birds in (whole, bare))
                assert differences(*sent) == []
    assert asked > len(NEW)
