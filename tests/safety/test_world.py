"""The world that the proofs stand on is what they take it for."""

from __future__ import annotations

from flask import Flask

from tests.safety.copies import copy_of_world
from tests.safety.world import Place, World, enter, enter_disabled

UNDER = {"intake": "intake/items", "imports": "reports/imports"}


def test_a_place_has_a_record_of_every_kind_and_the_hidden_ones_are_hidden(
    database_kind: str,
) -> None:
    with copy_of_world(database_kind) as (app, world):
        look(app, world)


def look(app: Flask, world: World) -> None:
    staff, other = enter(app, "staff"), enter(app, "other-staff")
    for place, made in world.records.items():
        for kind, one in made.items():
            # Institutions belong to no team.
            hidden = place is Place.HIDDEN and kind != "institutions"
            own = place is Place.OWN and kind != "institutions"
            address = f"/{kind.replace('_', '-')}/{one.ref}/"
            if kind in {"intake", "imports"}:
                # An inbox is its team's, whoever sees the article; so is what it imports.
                address = f"/{UNDER[kind]}/{one.ref}/"
                hidden = place in {Place.HIDDEN, Place.OTHER}
                own = not hidden
            assert staff.get(address).status_code == (404 if hidden else 200), address
            assert other.get(address).status_code == (404 if own else 200), address
    assert enter_disabled(app, world).get("/").status_code == 303
