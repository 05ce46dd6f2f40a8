"""Homes that were probably written in another datum than the one stated: refused, with what the roads say about it."""

import csv
import io
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast, get_args

import numpy as np
import numpy.typing as npt

from api.errors import ApiError, FieldFault
from routing.geo.datum import ASTRAY_M, DATUMS, Datum, datum_evidence, to_wgs84

LOST_M = 3 * ASTRAY_M
"""Farther than this from any way, a single home is looked at: [m]."""
FOUND_M = ASTRAY_M / 2
"""… and suspected where another datum puts it nearer to a way than this [m]."""
MOST_JUDGED = 2_000
"""Points of a large table that are enough to tell."""
HOME = "/home"
FEW = 5
"""With fewer points, each is looked at by itself."""

Floats = npt.NDArray[np.float64]


class Ways(Protocol):
    """Knows how far points are from the nearest way; the walker of an index of offers does."""

    def distance_to_way(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> Floats:
        """Return the straight distance [m] of points (n,) in WGS-84 to the nearest walkable way."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspicion:
    """Why a datum is doubted; it tells distances, never places.

    Attributes
    ----------
    place : int
        The first point that it is about.
    points : int
        How many points were judged together.
    median_m : mapping
        Datum → median distance to the nearest way [m], when the points are read so.
    beyond : mapping
        Datum → points farther than `ASTRAY_M` from any way: in the sea, on a hill.
    """

    place: int
    declared: Datum
    suspected: Datum
    points: int
    median_m: Mapping[Datum, int]
    beyond: Mapping[Datum, int]

    @property
    def detail(self) -> str:
        """A sentence for people."""
        many = self.points > 1
        told = [
            f"read as {datum}, {self.median_m[datum]} m from the nearest way"
            + (f" in the median, {self.beyond[datum]} of {self.points} beyond {ASTRAY_M:.0f} m" if many else "")
            for datum in (self.declared, self.suspected)
        ]
        return "; ".join(told)

    def as_dict(self, pointer: str) -> dict[str, Any]:
        """Return the evidence as a member of a problem."""
        return {
            "pointer": pointer,
            "declared": self.declared,
            "suspected": self.suspected,
            "points": self.points,
            "median_m": dict(self.median_m),
            f"beyond_{ASTRAY_M:.0f}_m": dict(self.beyond),
        }


def suspect(ways: Ways, lon: npt.ArrayLike, lat: npt.ArrayLike, declared: str) -> list[Suspicion]:
    """Return what is suspicious about points that somebody says are in a datum.

    Many points are judged together: beside roads is where people live, so that most of them lie nearer to a way in
    the datum they were written in. A point by itself is suspected only where it lies far from every way, and another
    datum puts it beside one.
    """
    x, y = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
    crs = cast("Datum", declared)
    if len(x) >= FEW:
        chosen = np.linspace(0, len(x) - 1, min(len(x), MOST_JUDGED)).astype(np.int64)
        found = datum_evidence(x[chosen], y[chosen], crs, ways.distance_to_way)
        if found.verdict == "wrong":
            medians = {datum: round(found.median_of(datum)) for datum in DATUMS}
            beyond = {datum: found.astray_of(datum) for datum in DATUMS}
            return [
                Suspicion(
                    place=0, declared=crs, suspected=found.best, points=found.points, median_m=medians, beyond=beyond
                )
            ]
    lost = np.flatnonzero(ways.distance_to_way(*to_wgs84(x, y, crs)) > LOST_M)
    return [made for place in lost.tolist() if (made := _one(ways, x[place], y[place], crs, place)) is not None]


def _one(ways: Ways, lon: float, lat: float, declared: Datum, place: int) -> Suspicion | None:
    away = {datum: float(ways.distance_to_way(*to_wgs84([lon], [lat], datum))[0]) for datum in DATUMS}
    best = min(DATUMS, key=lambda datum: away[datum])
    if away[best] > FOUND_M:
        return None
    return Suspicion(
        place=place,
        declared=declared,
        suspected=best,
        points=1,
        median_m={datum: round(metres) for datum, metres in away.items()},
        beyond={datum: int(metres > ASTRAY_M) for datum, metres in away.items()},
    )


def refusal(found: Sequence[tuple[str, Suspicion]]) -> ApiError:
    """Return the refusal of what is suspicious, each with the pointer to the datum stated."""
    faults = [FieldFault(pointer=pointer, code="suspected_datum", detail=made.detail) for pointer, made in found]
    return ApiError(
        "invalid_request",
        "The coordinates seem to be in another datum than the one stated.",
        "State the datum that errors[] suspects, or say that it is certain where the call lets you.",
        faults=faults,
        more={"evidence": [made.as_dict(pointer) for pointer, made in found]},
    )


def check_home(ways: Ways, lon: float, lat: float, crs: str) -> None:
    """Refuse one home in the wrong datum.

    Raises
    ------
    ApiError
        ``invalid_request`` with ``suspected_datum``.
    """
    found = suspect(ways, [lon], [lat], crs)
    if found:
        raise refusal([(f"{HOME}/crs", found[0])])


def check_scenario(ways: Ways, files: Mapping[str, bytes]) -> None:
    """Refuse a scenario whose table of riders is in the wrong datum; a table that cannot be read is a job's to tell.

    Raises
    ------
    ApiError
        ``invalid_request`` with ``suspected_datum``.
    """
    try:
        crs = tomllib.loads(files["scenario.toml"].decode("utf-8-sig"))["scenario"]["crs"]
        table = csv.DictReader(io.StringIO(files["riders.csv"].decode("utf-8-sig"), newline=""), skipinitialspace=True)
        homes = np.array([(float(row["home_lon"]), float(row["home_lat"])) for row in table]).reshape(-1, 2)
    except (KeyError, ValueError, TypeError, csv.Error):
        return
    if crs not in get_args(Datum) or not np.isfinite(homes).all() or (np.abs(homes) > (180, 90)).any():
        return
    found = [made for made in suspect(ways, homes[:, 0], homes[:, 1], crs) if made.points > 1]
    if found:
        raise refusal([("scenario.toml#scenario.crs", found[0])])
