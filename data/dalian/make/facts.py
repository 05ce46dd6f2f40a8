"""Read the committed facts: places, corridors, coast and hills."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from data.dalian.make.plane import Points, resample, to_plane
from data.dalian.make.streets import Street

INPUTS = Path(__file__).parent / "inputs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Locality:
    """A district, a worksite or a depot of places.csv."""

    name: str
    name_en: str
    at: Points
    kind: str
    weight: float
    radius: float
    texture: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hill:
    """An ellipse of ground too steep to build on."""

    name: str
    at: Points
    radii: tuple[float, float]
    turn_deg: float


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of one committed CSV file."""
    with (INPUTS / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def read_places() -> list[Locality]:
    """Return every place in file order."""
    return [
        Locality(
            name=row["name"],
            name_en=row["name_en"],
            at=to_plane(float(row["lon"]), float(row["lat"])),
            kind=row["kind"],
            weight=float(row["weight"] or 0),
            radius=float(row["radius_m"] or 0),
            texture=row["texture"],
        )
        for row in rows("places.csv")
    ]


def read_hills() -> list[Hill]:
    """Return every hill in file order."""
    return [
        Hill(
            name=row["name"],
            at=to_plane(float(row["lon"]), float(row["lat"])),
            radii=(float(row["rx_m"]), float(row["ry_m"])),
            turn_deg=float(row["turn_deg"]),
        )
        for row in rows("hills.csv")
    ]


def read_coast() -> Points:
    """Return the hand-simplified coast as a closed ring."""
    table = rows("coast.csv")
    return to_plane([float(row["lon"]) for row in table], [float(row["lat"]) for row in table])


def read_corridors(places: list[Locality]) -> list[Street]:
    """Return the main roads as smooth curves through the points they are known to pass."""
    known = {place.name: place.at for place in places}
    streets = []
    for row in rows("roads.csv"):
        via = [known[token] if token in known else _point(token) for token in row["via"].split(">")]
        streets.append(
            Street(
                points=smooth(np.array(via)),
                kind=row["class"],
                name=row["name"],
                name_en=row["name_en"],
                lanes=int(row["lanes"]),
                speed=int(row["speed_kmh"]),
                form=row["form"],
            )
        )
    return streets


def _point(token: str) -> Points:
    lon, lat = token.split()
    return to_plane(float(lon), float(lat))


def smooth(via: Points, step: float = 40.0) -> Points:
    """Return a centripetal Catmull-Rom curve through the points, which it keeps exactly."""
    if len(via) == 2:
        return resample(via, step)
    ends = np.vstack([2 * via[0] - via[1], via, 2 * via[-1] - via[-2]])
    pieces = [_piece(ends[one - 1 : one + 3], step)[:-1] for one in range(1, len(ends) - 2)]
    return np.vstack([*pieces, via[-1:]])


def _piece(four: Points, step: float) -> Points:
    knots = np.concatenate([[0.0], np.cumsum(np.sqrt(np.hypot(*np.diff(four, axis=0).T)))])
    count = max(2, round(float(np.hypot(*(four[2] - four[1]))) / step))
    at = np.linspace(knots[1], knots[2], count + 1)[:, None]
    a = [_blend(four[i], four[i + 1], knots[i], knots[i + 1], at) for i in range(3)]
    b = [_blend(a[i], a[i + 1], knots[i], knots[i + 2], at) for i in range(2)]
    curve = _blend(b[0], b[1], knots[1], knots[2], at)
    curve[0], curve[-1] = four[1], four[2]
    return curve


def _blend(low: Points, high: Points, start: float, end: float, at: Points) -> Points:
    return ((end - at) * low + (at - start) * high) / (end - start)
