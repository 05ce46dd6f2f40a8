"""The drive network: matrices, paths and snapping for buses on real roads."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from routing.geo.graph import DriveGraph
from routing.geo.osm import OnProgress, OsmExtract
from routing.geo.points import RoadPath, RoadPoint
from routing.geo.profile import PERIODS, VehicleProfile

__all__ = ["PERIODS", "RoadNetwork", "RoadPath", "RoadPoint", "VehicleProfile", "build_network", "load_network"]

Matrix = npt.NDArray[np.int32]


class RoadNetwork:
    """Roads that a bus may use, with fastest times per period of the day.

    Attributes
    ----------
    graph : DriveGraph
        Everything about the directed edges.
    warnings : tuple of str
        What the extract says and the network does not apply: conditional tags, unusable restrictions.
    drive_on : str
        `right` or `left`.
    """

    graph: DriveGraph
    warnings: tuple[str, ...]
    drive_on: str

    def snap_kerb(self, lon: float, lat: float, *, radius_m: float = 50.0, limit: int = 8) -> tuple[RoadPoint, ...]:
        """Return where a bus may halt near a point, nearest first; empty when nothing is in reach.

        Only edges where a bus may halt (no motorway, trunk, bridge, tunnel, ramp, roundabout or ferry) whose kerb
        on the driving side faces the point; on small two-way streets and one-way streets either kerb will do.
        """
        raise NotImplementedError

    def snap_site(self, lon: float, lat: float, *, radius_m: float = 500.0) -> RoadPoint:
        """Return a worksite's or depot's point, on both directions of the street it lies at.

        Raises
        ------
        RoadError
            `roads_out_of_reach`, naming the point, when no usable road lies within the radius.
        """
        raise NotImplementedError

    def kerb_on_edge(self, edge: int, offset_m: float) -> RoadPoint:
        """Return the kerb stop at `offset_m` metres from the start of a directed edge."""
        raise NotImplementedError

    def matrix(self, sources: Sequence[RoadPoint], targets: Sequence[RoadPoint], period: int) -> tuple[Matrix, Matrix]:
        """Return the seconds and the metres of the fastest way for every pair, both int32 (s, t).

        The metres are those of the fastest way; among equally fast ones the shortest. Turns, signals and
        restrictions count. Every pair has an answer, since the network is strongly connected.

        Parameters
        ----------
        sources, targets : sequence of RoadPoint
        period : int
            Index into `PERIODS`.
        """
        raise NotImplementedError

    def path(self, source: RoadPoint, target: RoadPoint, period: int) -> RoadPath:
        """Return the fastest way from one point to another, as a line on the map."""
        raise NotImplementedError

    def edge_name(self, edge: int) -> str:
        """Return the name or number of an edge's street; empty where untagged."""
        raise NotImplementedError


def load_network(
    path: Path,
    *,
    drive_on: str = "right",
    speed_factor: float = 1.0,
    vehicle: VehicleProfile | None = None,
    cache_dir: Path | None = None,
    on_progress: OnProgress | None = None,
) -> RoadNetwork:
    """Read an extract and build its network, or load it from the cache.

    Raises
    ------
    RoadError
        `roads_unreadable`, `roads_empty`, or `roads_disconnected` when no two streets connect.
    """
    raise NotImplementedError


def build_network(
    extract: OsmExtract,
    *,
    drive_on: str = "right",
    speed_factor: float = 1.0,
    vehicle: VehicleProfile | None = None,
    on_progress: OnProgress | None = None,
) -> RoadNetwork:
    """Build the network of an extract that was read; no cache."""
    raise NotImplementedError
