"""The institutions that ship: bodies of Kazakhstan, large platforms, OSCE and UN bodies."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from tracker.people.codes import InstitutionKind, InstitutionLevel

DATA = Path(__file__).parent / "data" / "institutions.toml"


@dataclass(frozen=True, slots=True)
class Body:
    """One institution as its file gives it; `official` are its names in its own languages, `also`
    those by which sources call it.
    """

    name: str
    kind: InstitutionKind
    level: InstitutionLevel
    country: str | None
    official: tuple[str, ...]
    also: tuple[str, ...]


def bodies() -> list[Body]:
    """Return the institutions that ship, in the order of the file."""
    return [
        Body(
            name=entry["name"],
            kind=InstitutionKind(entry["kind"]),
            level=InstitutionLevel(entry["level"]),
            country=entry.get("country"),
            official=tuple(entry.get("official", ())),
            also=tuple(entry.get("also", ())),
        )
        for entry in tomllib.loads(DATA.read_text(encoding="utf-8"))["institution"]
    ]


def unspecified_law_enforcement(country: str) -> Body:
    """Return the body that stands for police or another service which a source does not name."""
    return Body(
        name="Law enforcement, unspecified",
        kind=InstitutionKind.POLICE,
        level=InstitutionLevel.NATIONAL,
        country=country,
        official=(
            "Правоохранительные органы, без уточнения",
            "Құқық қорғау органдары, нақтыланбаған",
        ),
        also=(),
    )
