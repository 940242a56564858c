"""Make tracker/timelines/world.toml from Natural Earth, as the npm package `world-atlas` has it.

    python deploy/make_world_map.py countries-110m.json codes.json > tracker/timelines/world.toml

`countries-110m.json` is of world-atlas 2 (ISC; the data of Natural Earth are in the public domain),
`codes.json` of i18n-iso-countries (MIT): which ISO 3166-1 number has which two letters.
"""

from __future__ import annotations

import json
import math
import sys
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

WIDTH = 960
# Equal Earth (Šavrič, Patterson and Jenny, 2018), which keeps areas.
TERMS = (1.340264, -0.081106, 0.000893, 0.003796)
HALF = 2.706629
# Areas that Natural Earth draws apart, or by who holds them: they stand with the country of which
# the United Nations take them for a part.
PARTS = {"N. Cyprus": "CY", "Somaliland": "SO", "Kosovo": "XK"}
CRIMEA = (32.2, 44.2, 36.8, 46.4)
LEFT_OUT = {"AQ"}
HALF_ROUND = 180
# Fewer steps make no shape.
FEWEST = 3

Point = tuple[float, float]


def arcs_of(topology: dict[str, Any]) -> list[list[Point]]:
    """Return the arcs in degrees."""
    (across, down), (left, top) = topology["transform"]["scale"], topology["transform"]["translate"]
    found = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((x * across + left, y * down + top))
        found.append(points)
    return found


def ring_of(numbers: list[int], arcs: list[list[Point]]) -> list[Point]:
    """Return the points of a ring, joined from arcs; a negative number is an arc backwards."""
    ring: list[Point] = []
    for number in numbers:
        arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        ring += arc[1:] if ring else arc
    if max(x for x, _y in ring) - min(x for x, _y in ring) > HALF_ROUND:
        # It goes on beyond the line of the date.
        return [(x + 2 * HALF_ROUND if x < 0 else x, y) for x, y in ring]
    return ring


def project(point: Point) -> tuple[int, int]:
    """Return the place of a point on the map."""
    along, up = map(math.radians, point)
    theta = math.asin(math.sqrt(3) / 2 * math.sin(up))
    one, two, three, four = TERMS
    slope = 9 * four * theta**8 + 7 * three * theta**6 + 3 * two * theta**2 + one
    x = 2 * math.sqrt(3) * along * math.cos(theta) / (3 * slope)
    y = four * theta**9 + three * theta**7 + two * theta**3 + one * theta
    scale = WIDTH / (2 * HALF)
    return round((x + HALF) * scale), round((1.3173 - y) * scale)


def path_of(ring: list[Point]) -> str:
    """Return a ring as a path of whole steps; nothing if it is too small to see."""
    places = [project(point) for point in ring]
    steps = [
        (x - before_x, y - before_y)
        for (before_x, before_y), (x, y) in pairwise(places)
        if (x, y) != (before_x, before_y)
    ]
    if len(steps) < FEWEST:
        return ""
    words = " ".join(f"{x} {y}" for x, y in steps[:-1])
    return f"M{places[0][0]} {places[0][1]}l{words}z".replace(" -", "-")


def is_crimea(ring: list[Point]) -> bool:
    """Return whether a ring lies in Crimea."""
    left, bottom, right, top = CRIMEA
    return all(left <= x <= right and bottom <= y <= top for x, y in ring)


def main(shapes: str, codes: str) -> None:
    """Write the paths of each country, by its code."""
    topology = json.loads(Path(shapes).read_text())
    two_letters = {
        number: two for two, _three, number, _subdivisions in json.loads(Path(codes).read_text())
    }
    arcs = arcs_of(topology)
    paths: dict[str, str] = defaultdict(str)
    for one in topology["objects"]["countries"]["geometries"]:
        name = one["properties"]["name"]
        code = PARTS.get(name) or two_letters[one["id"]]
        rings = [one["arcs"]] if one["type"] == "Polygon" else one["arcs"]
        for polygon in rings:
            for numbers in polygon:
                ring = ring_of(numbers, arcs)
                of = "UA" if code == "RU" and is_crimea(ring) else code
                if of not in LEFT_OUT:
                    paths[of] += path_of(ring)
    lines = [
        "# Made by deploy/make_world_map.py from Natural Earth, 1:110m (public domain):",
        f"# the shape of each country as an SVG path, on a map {WIDTH} wide.",
        *(f'{code} = "{paths[code]}"' for code in sorted(paths)),
    ]
    sys.stdout.write("\n".join(lines) + "\n")


main(*sys.argv[1:])
