"""Where people of a made-up town live and work, on the streets of a real one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from routing.errors import RoadError
from routing.geo.graph import DriveGraph
from routing.geo.kerbs import locate, may_halt
from routing.geo.profile import ROAD_CLASSES
from routing.geo.sphere import LocalPlane
from routing.geo.walking import WalkNetwork

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]
Bools: TypeAlias = npt.NDArray[np.bool_]

COMMUTE_M = 12_000.0
"""Every so many metres from the work parks, communities thin out to a third."""

COMMUNITY_M = (80.0, 220.0)
"""Least and largest radius of a community."""

PARK_GAP_M = 300.0
"""Work parks lie at least this far apart."""

ON_FOOT_M = 20.0
"""People walk along or close beside every street that is used here [m]."""

_HOME_CLASSES = ("residential", "unclassified", "living_street", "tertiary")
_SITE_CLASSES = ("tertiary", "secondary", "primary", "unclassified")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A point of the town [degrees, WGS-84], and the street it lies at (may be empty)."""

    lon: float
    lat: float
    street: str


class Town:
    """Streets to live and work at.

    Parameters
    ----------
    graph : DriveGraph
        Strongly connected, so that every point beside it can be served.
    walk : WalkNetwork
        Of the same extract.
    rng : Generator

    Raises
    ------
    RoadError
        ``roads_no_halt`` when a bus may halt nowhere.
    """

    def __init__(self, graph: DriveGraph, walk: WalkNetwork, rng: np.random.Generator) -> None:
        self.graph, self.walk, self.rng = graph, walk, rng
        self._plane = LocalPlane(lon=float(np.mean(graph.node_lon)), lat=float(np.mean(graph.node_lat)))
        halt = np.flatnonzero(may_halt(graph))
        lon, lat, _ = locate(graph, halt, graph.length_m[halt] / 2.0)
        on_foot = walk.distance_to_way(lon, lat) <= ON_FOOT_M
        self._halt, self._halt_lon, self._halt_lat = halt[on_foot], lon[on_foot], lat[on_foot]
        if not len(self._halt):
            raise RoadError(
                "roads_no_halt",
                "The road extract holds no street where a bus may halt.",
                "Give an extract with residential streets or larger ones, at least 42 m from junction to junction.",
            )
        self._halt_xy = np.column_stack(self._plane.to_xy(self._halt_lon, self._halt_lat))

    def _of_class(self, names: Sequence[str]) -> Ints:
        """Return positions in the list of halting edges of the given classes; all of them where there are none."""
        wanted = np.array([name in names for name in ROAD_CLASSES])
        found = np.flatnonzero(wanted[self.graph.road_class[self._halt]])
        return found if len(found) else np.arange(len(self._halt))

    def _site(self, choice: int) -> Spot:
        """Return a point some steps away from the middle of a halting edge."""
        east, north = self.rng.normal(0.0, 12.0, 2)
        x, y = self._halt_xy[choice]
        lon, lat = self._plane.to_lonlat(x + east, y + north)
        street = str(self.graph.way_name[self.graph.way[self._halt[choice]]])
        return Spot(lon=round(float(lon), 6), lat=round(float(lat), 6), street=street)

    def parks(self, most: int) -> list[Spot]:
        """Place up to `most` work parks in one zone away from the middle of the town, beside larger roads."""
        sites = self._of_class(_SITE_CLASSES)
        xy = self._halt_xy[sites]
        from_middle = np.hypot(*(xy - np.median(self._halt_xy, axis=0)).T)
        inner, outer = np.quantile(from_middle, [0.45, 0.7])
        ring = np.flatnonzero((from_middle >= inner) & (from_middle <= outer))
        zone = xy[ring[self.rng.integers(len(ring))]]
        reach = min(3_000.0, max(2.0 * PARK_GAP_M, 0.25 * float(np.quantile(from_middle, 0.9))))
        order = np.argsort(np.hypot(*(xy - zone).T) + self.rng.uniform(0.0, reach, len(xy)), kind="stable")
        chosen: list[int] = []
        for place in order.tolist():
            gaps = np.hypot(*(xy[chosen] - xy[place]).T) if chosen else np.array([PARK_GAP_M])
            if gaps.min() >= PARK_GAP_M:
                chosen.append(place)
            if len(chosen) == most:
                break
        return [self._site(int(sites[place])) for place in chosen]

    def depots(self, count: int) -> list[Spot]:
        """Place depots in different corners of the town."""
        sites = self._of_class(_SITE_CLASSES)
        xy = self._halt_xy[sites]
        middle = np.median(self._halt_xy, axis=0)
        radius = float(np.quantile(np.hypot(*(xy - middle).T), 0.6))
        turn = self.rng.uniform(0.0, 2.0 * np.pi)
        tree = cKDTree(xy)
        angles = turn + 2.0 * np.pi * np.arange(count) / count
        corners = middle + radius * np.column_stack((np.cos(angles), np.sin(angles)))
        return [self._site(int(sites[place])) for place in np.atleast_1d(tree.query(corners)[1]).tolist()]

    def communities(self, count: int, parks: Sequence[Spot]) -> Ints:
        """Choose streets around which people live; positions in the list of halting edges (count,)."""
        streets = self._of_class(_HOME_CLASSES)
        zone = np.mean(np.column_stack(self._plane.to_xy([p.lon for p in parks], [p.lat for p in parks])), axis=0)
        away = np.hypot(*(self._halt_xy[streets] - zone).T)
        weight = np.exp(-away / COMMUTE_M) * np.minimum(away, 2_000.0)  # few live beside their desks
        weight = weight / weight.sum() if weight.sum() > 0.0 else np.full(len(streets), 1.0 / len(streets))
        enough = int(np.count_nonzero(weight)) >= count
        return streets[np.sort(self.rng.choice(len(streets), count, replace=not enough, p=weight))]

    def homes(self, centre: Ints, community: Ints, scattered: Bools, limit_m: int) -> tuple[Floats, Floats]:
        """Place homes near the centres of their communities, each within `limit_m` of a street with a bus's kerb.

        Parameters
        ----------
        centre : int array (c,)
            As `communities` gives them.
        community : int array (n,)
            The community of each home.
        scattered : bool array (n,)
            Homes that lie farther out.

        Returns
        -------
        lon, lat : float64 arrays (n,) [degrees], rounded to 0.1 m
        """
        radius = self.rng.uniform(*COMMUNITY_M, len(centre))[community] * np.where(scattered, 5.0, 1.0)
        x, y = self._halt_xy[centre[community]].T
        aim = np.column_stack((x, y)) + self.rng.normal(0.0, 0.6, (len(community), 2)) * radius[:, None]
        streets = self._of_class(_HOME_CLASSES)
        nearest = streets[cKDTree(self._halt_xy[streets]).query(aim)[1]]
        edge = self._halt[nearest]
        share = self.rng.uniform(0.0, 1.0, len(edge))
        lon, lat, heading = locate(self.graph, edge, share * self.graph.length_m[edge])
        off = self.rng.uniform(8.0, 45.0, len(edge)) * self.rng.choice((-1.0, 1.0), len(edge))
        east, north = self._plane.to_xy(lon, lat)
        lon, lat = self._plane.to_lonlat(east - off * np.sin(heading), north + off * np.cos(heading))
        lon, lat = np.round(lon, 6), np.round(lat, 6)
        lost = ~self.near_a_kerb(lon, lat, limit_m)
        lon[lost] = np.round(self._halt_lon[centre[community[lost]]], 6)
        lat[lost] = np.round(self._halt_lat[centre[community[lost]]], 6)
        return lon, lat

    def near_a_kerb(self, lon: Floats, lat: Floats, limit_m: int) -> Bools:
        """Tell which homes can walk to the middle of a street where a bus may halt."""
        tree = cKDTree(np.column_stack(self._plane.to_xy(lon, lat)))
        close = np.isfinite(tree.query(self._halt_xy, distance_upper_bound=float(limit_m))[0])
        first = close & ((self.graph.reverse[self._halt] < 0) | (self._halt < self.graph.reverse[self._halt]))
        table = self.walk.reach(lon, lat, self._halt_lon[first], self._halt_lat[first], limit_m)
        return np.diff(table.start) > 0
