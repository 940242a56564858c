"""Every address of the application with something of the world in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Flask
from werkzeug.routing import Rule

from tests.safety.world import CALENDAR, Place, World

# What stands in an address besides records. The first is there, the second is not.
OTHER_ARGUMENTS = {
    "bulk": {"kind": ("incidents", "nothing")},
    "static": {"filename": ("tracker.css", "nothing.css")},
    "operating.choose_language": {"code": ("en", "xx")},
    "users.sign_in_link": {"token": ("used-up", "nothing")},
    "cases.calendar": {"token": (CALENDAR, "nothing")},
    "users": {"name": ("exporter", "nobody")},
    "charts": {"name": ("types", "nothing")},
    "vocabulary": {"term_set": ("incident_type", "nothing"), "code": ("threat.death", "nothing")},
}
# Whatever takes records of several kinds is asked for with this one.
ANOTHER = "other"
KIND_OF = {
    "ref": {
        "review": "incidents",
        "following": "cases",
        "review.article": "articles",
        "review.decide_article": "articles",
        "timelines.response_record": "institutions",
        "timelines.official_response": "cases",
        "reports.dossier": "cases",
        "reports.dossier_print": "cases",
        "reports.dossier_zip": "cases",
        "intake.confirm": "articles",
        "intake.merge_duplicates": "journalists",
        "intake.undo_merge": "journalists",
        "intake.mark_not_duplicates": "journalists",
        "intake.remove_not_duplicates": "journalists",
    },
    "record_ref": {"articles": "incidents"},
    ANOTHER: {
        "intake.merge_duplicates": "journalists",
        "intake.mark_not_duplicates": "journalists",
        "intake.remove_not_duplicates": "journalists",
    },
}
# Which part of its record a number in an address means.
PARTS = {
    "articles.unmask": {"number": "mask"},
    "articles.uncite": {"citation_id": "citation"},
    "cases.unlink": {"link_id": "link"},
    "cases.remove_reference": {"reference_id": "reference"},
    "incidents.add_status": {"number": "target"},
    "incidents.edit_actor": {"number": "actor"},
    "incidents.edit_target": {"number": "target"},
    "incidents.naming": {"number": "target"},
    "incidents.remove_actor": {"number": "actor"},
    "incidents.remove_link": {"number": "link"},
    "incidents.remove_reference": {"number": "reference"},
    "incidents.remove_status": {"number": "target", "status": "status"},
    "incidents.remove_target": {"number": "target"},
    "incidents.set_degree": {"number": "actor"},
    "review.finish_assignment": {"number": "comment"},
    "review.retract_comment": {"number": "comment"},
}
# A second record of the same kind, which everybody may see.
MISSING, MALFORMED = "0000000000", "'--"
NO_SUCH_PART = 999_999_999
PREFIXES = {
    "appeals": "APP", "articles": "ART", "cases": "CAS", "fake_accounts": "ACC", "incidents": "INC",
    "institutions": "INS", "imports": "IMP", "intake": "INB", "journalists": "JRN", "outlets": "OUT",
    "proceedings": "PRC", "responses": "RSP",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Route:
    """One rule of the map: how its addresses are made for what stands in a place."""

    endpoint: str
    rule: Rule
    methods: frozenset[str]

    @property
    def blueprint(self) -> str:
        return self.endpoint.rpartition(".")[0] or self.endpoint

    @property
    def kinds(self) -> dict[str, str]:
        """Return the arguments that are refs, and the kind of record of each."""
        return {
            name: self._kind_of(KIND_OF.get(name, {}))
            for name in ("ref", "record_ref", ANOTHER)
            if name in self.rule.arguments
        }

    def _kind_of(self, kinds: dict[str, str]) -> str:
        # A page that stands below those of several kinds says in its rule which it means.
        records = (self.rule.defaults or {}).get("records")
        return records or kinds.get(self.endpoint) or kinds.get(self.blueprint, self.blueprint)

    @property
    def takes_a_record(self) -> bool:
        return bool(self.kinds)


def routes_of(app: Flask) -> list[Route]:
    """Return every rule, with the methods that a view of ours answers."""
    answered = {"HEAD", "OPTIONS"}
    return sorted(
        (
            Route(rule.endpoint, rule, frozenset((rule.methods or set()) - answered))
            for rule in app.url_map.iter_rules()
        ),
        key=lambda route: (route.rule.rule, route.endpoint),
    )


def address(app: Flask, world: World, route: Route, place: Place | str) -> str:
    """Return the address for the record of a place; `missing` and `malformed` are nowhere."""
    values: dict[str, object] = dict(route.rule.defaults or {})
    for name, kind in route.kinds.items():
        if isinstance(place, Place):
            values[name] = world.ref(kind, Place.INTERNAL if name == ANOTHER else place)
        else:
            values[name] = f"{PREFIXES[kind]}-{MISSING if place == 'missing' else MALFORMED}"
    others = OTHER_ARGUMENTS.get(route.endpoint) or OTHER_ARGUMENTS.get(route.blueprint, {})
    for name in route.rule.arguments - values.keys():
        if name in others:
            values[name] = others[name][0 if isinstance(place, Place) else 1]
        else:
            values[name] = _part(world, route, name, place)
    return app.url_map.bind("localhost").build(route.endpoint, values)


def all_addresses(app: Flask, world: World) -> Iterator[tuple[Route, str]]:
    """Return an address of every rule for what stands in each place, each once."""
    seen = set()
    for route in routes_of(app):
        for place in [*Place, "missing", "malformed"]:
            found = address(app, world, route, place)
            if found not in seen:
                seen.add(found)
                yield route, found


def _part(world: World, route: Route, name: str, place: Place | str) -> int:
    part = PARTS.get(route.endpoint, {}).get(name)
    assert part, (
        f"{route.rule.rule}: say in tests/safety/addresses.py what <{name}> stands for: in PARTS "
        "where it is a part of its record, in OTHER_ARGUMENTS where it is something else"
    )
    kind = next(iter(route.kinds.values()))
    # A record of another place has no such part, and one that is not there has none at all.
    parts = world.records[place][kind].parts if isinstance(place, Place) else {}
    return parts.get(part, NO_SUCH_PART)
