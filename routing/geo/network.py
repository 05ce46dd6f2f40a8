"""The drive network: matrices, paths and snapping for buses on real roads."""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from threading import RLock

import numpy as np
import numpy.typing as npt

from routing.errors import RoadError
from routing.geo.contraction import INFINITY
from routing.geo.graph import DriveGraph
from routing.geo.hierarchy import Hierarchy, build_hierarchy
from routing.geo.metric import Metric
from routing.geo.osm import OnProgress, OsmExtract, file_digest, read_osm
from routing.geo.points import RoadPath, RoadPoint
from routing.geo.profile import PERIODS, VehicleProfile, period_of
from routing.geo.roadcache import RoadCache
from routing.geo.snapping import Snapper, halting_edges, part_of_edge, point_on_edge
from routing.geo.streets import cut_streets
from routing.geo.turns import TurnGraph, connect_turns
from routing.geo.weights import LENGTH_BITS, edge_weights, split, turn_weights

__all__ = [
    "PERIODS",
    "RoadNetwork",
    "RoadPath",
    "RoadPoint",
    "VehicleProfile",
    "build_network",
    "load_network",
    "period_of",
]

Matrix = npt.NDArray[np.int32]
Speeds = npt.NDArray[np.float64]

_SOURCES_PER_THREAD = 128


class RoadNetwork:
    """Roads that a bus may use, with fastest times per period of the day.

    Times of a period are prepared when it is first asked for; several threads may ask at once.

    Attributes
    ----------
    graph : DriveGraph
        Everything about the directed edges.
    turns : TurnGraph
        Which edge may follow which.
    warnings : tuple of str
        What the extract says and the network does not apply: conditional tags, unusable restrictions.
    drive_on : str
        `right` or `left`.
    speed_factor : float
        Calibration of every speed that was not learned.
    vehicle : VehicleProfile
    """

    def __init__(
        self,
        graph: DriveGraph,
        turns: TurnGraph,
        *,
        warnings: tuple[str, ...],
        drive_on: str,
        speed_factor: float,
        vehicle: VehicleProfile,
        cache: RoadCache | None = None,
        on_progress: OnProgress | None = None,
    ) -> None:
        self.graph = graph
        self.turns = turns
        self.warnings = warnings
        self.drive_on = drive_on
        self.speed_factor = speed_factor
        self.vehicle = vehicle
        self._cache = cache
        self._say: OnProgress = on_progress or (lambda _: None)
        self._learned: dict[int, Speeds] = {}
        self._metrics: dict[int, Metric] = {}
        self._hierarchies: dict[str, Hierarchy] = {}
        self._snapper: Snapper | None = None
        self._lock = RLock()

    def with_speeds(self, period: int, kmh: Speeds) -> "RoadNetwork":
        """Return a network with learned speeds in one period.

        Parameters
        ----------
        period : int
            Index into `PERIODS`.
        kmh : float64 array (m,) [km/h]
            Observed speed of every edge, its delays included; NaN where nothing was observed.
        """
        _require(kmh.shape == self.graph.tail.shape, f"{kmh.shape} speeds do not fit {self.graph.edge_count} edges")
        other = RoadNetwork(
            self.graph,
            self.turns,
            warnings=self.warnings,
            drive_on=self.drive_on,
            speed_factor=self.speed_factor,
            vehicle=self.vehicle,
            cache=self._cache,
            on_progress=self._say,
        )
        other._learned = {**self._learned, period: kmh.copy()}
        other._hierarchies = dict(self._hierarchies)
        return other

    def prepare(self, period: int) -> None:
        """Make a period's times ready, so that the first matrix or path does not wait."""
        self._metric(period)

    def edge_milliseconds(self, period: int) -> npt.NDArray[np.int64]:
        """Return how long each edge takes from end to end in a period [milliseconds], turns apart, int64 (m,)."""
        return np.asarray(self._edges(period) >> LENGTH_BITS, np.int64)

    def snap_kerb(self, lon: float, lat: float, *, radius_m: float = 50.0, limit: int = 8) -> tuple[RoadPoint, ...]:
        """Return where a bus may halt near a point, nearest first; empty when nothing is in reach.

        Only edges where a bus may halt (no motorway, trunk, bridge, tunnel, ramp, roundabout or ferry) whose kerb
        on the driving side faces the point; on small two-way streets and one-way streets either kerb will do.
        Never beyond a larger road that lies nearer.
        """
        return self._snap().kerbs(lon, lat, radius_m=radius_m, limit=limit)

    def snap_site(self, lon: float, lat: float, *, radius_m: float = 500.0) -> RoadPoint:
        """Return a worksite's or depot's point, on both directions of the street it lies at.

        Raises
        ------
        RoadError
            `roads_out_of_reach`, naming the point, when no usable road lies within the radius.
        """
        return self._snap().site(lon, lat, radius_m=radius_m)

    def kerb_on_edge(self, edge: int, offset_m: float) -> RoadPoint:
        """Return the kerb stop at `offset_m` metres from the start of a directed edge."""
        length = float(self.graph.length_m[edge])
        _require(0.0 <= offset_m <= length, f"An offset of {offset_m} m is not on edge {edge} of {length:.1f} m")
        lon, lat = point_on_edge(self.graph, edge, offset_m)
        return RoadPoint(edges=(edge,), offsets=(offset_m,), lon=lon, lat=lat)

    def halting_edges(self) -> npt.NDArray[np.bool_]:
        """Mark the edges where a bus may halt, bool (m,)."""
        return halting_edges(self.graph)

    def matrix(
        self, sources: Sequence[RoadPoint], targets: Sequence[RoadPoint], period: int, *, threads: int | None = None
    ) -> tuple[Matrix, Matrix]:
        """Return the seconds and the metres of the fastest way for every pair, both int32 (s, t).

        The metres are those of the fastest way; among equally fast ones the shortest. Turns, signals and
        restrictions count. Every pair has an answer, since the network is strongly connected. A target ahead on
        the source's edge is reached straight on, one behind by a loop. Both figures are rounded up.

        Parameters
        ----------
        sources, targets : sequence of RoadPoint
        period : int
            Index into `PERIODS`.
        threads : int, optional
            As many as there are cores, where the matrix is large enough to gain from them.

        Raises
        ------
        RoadError
            `roads_no_way` if a pair had no answer after all, naming it.
        """
        metric = self._metric(period)
        helpers = min(os.cpu_count() or 1, 1 + len(sources) // _SOURCES_PER_THREAD)
        best = metric.least(metric.stands(sources), metric.stands(targets), threads=threads or helpers)
        if best.size and best.max() >= INFINITY:
            row, column = np.unravel_index(int(best.argmax()), best.shape)
            a, b = sources[int(row)], targets[int(column)]
            raise RoadError(
                "roads_no_way",
                f"No way leads from {a.lon:.6f}, {a.lat:.6f} to {b.lon:.6f}, {b.lat:.6f}.",
                "Choose another point for one of them, or mend the turn restrictions between them.",
            )
        return split(best)

    def path(self, source: RoadPoint, target: RoadPoint, period: int) -> RoadPath:
        """Return the fastest way from one point to another, as a line on the map."""
        metric = self._metric(period)
        packed, edges, begin, end = metric.fastest(metric.stands([source]), metric.stands([target]))
        seconds, metres = split(np.array([packed]))
        lons, lats = [], []
        for place, edge in enumerate(edges):
            first, last = place == 0, place == len(edges) - 1
            from_m = source.offsets[begin] if first else 0.0
            to_m = target.offsets[end] if last else float(self.graph.length_m[edge])
            lon, lat = part_of_edge(self.graph, edge, from_m, to_m) if first or last else self.graph.shape(edge)
            lons.append(lon if first else lon[1:])
            lats.append(lat if first else lat[1:])
        return RoadPath(
            duration_s=int(seconds[0]),
            distance_m=int(metres[0]),
            lon=np.concatenate(lons),
            lat=np.concatenate(lats),
            edges=edges,
        )

    def edge_name(self, edge: int) -> str:
        """Return the name or number of an edge's street; empty where untagged."""
        return str(self.graph.way_name[self.graph.way[edge]])

    def _snap(self) -> Snapper:
        with self._lock:
            if self._snapper is None:
                self._snapper = Snapper(self.graph, self.drive_on)
            return self._snapper

    def _edges(self, period: int) -> npt.NDArray[np.int64]:
        """Return the packed weight of every edge in a period."""
        _require(0 <= period < len(PERIODS), f"There is no period {period}")
        return edge_weights(self.graph, period, self.speed_factor, self._learned.get(period))

    def _metric(self, period: int) -> Metric:
        """Return a period's metric, prepared on first use; equal metrics share one hierarchy."""
        with self._lock:
            if period not in self._metrics:
                edges = self._edges(period)
                source, arcs = turn_weights(self.turns, edges)
                digest = hashlib.sha256(arcs.tobytes()).hexdigest()
                if digest not in self._hierarchies:
                    self._hierarchies[digest] = self._hierarchy(PERIODS[period], digest, source, arcs)
                self._metrics[period] = Metric(
                    graph=self.graph, turns=self.turns, edges=edges, arcs=arcs, hierarchy=self._hierarchies[digest]
                )
            return self._metrics[period]

    def _hierarchy(self, name: str, digest: str, source: Matrix, arcs: npt.NDArray[np.int64]) -> Hierarchy:
        """Load a hierarchy or contract the graph, in the order of an earlier metric where there is one."""
        kept = self._cache.load_hierarchy(digest) if self._cache else None
        if kept is not None:
            return kept
        self._say(f"Preparing fastest ways for the period {name} (the very first run also compiles)")
        known = next(iter(self._hierarchies.values()), None)
        if known is None and self._cache is not None:
            known = self._cache.any_hierarchy()
        order = known.order if known is not None else None
        built = build_hierarchy(self.turns.state_count, source, self.turns.target, arcs, order)
        if self._cache:
            self._cache.save_hierarchy(digest, built)
        return built


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

    Parameters
    ----------
    path : Path
        `.osm.pbf`, `.osm` or `.osm.bz2`.
    drive_on : str
        `right` or `left`.
    speed_factor : float
        Calibration: 0.9 makes every speed a tenth lower.
    vehicle : VehicleProfile, optional
        A 12 m bus unless given.
    cache_dir : Path, optional
        Where built networks are kept; none are without it. A network is found again by the hash of the extract,
        the vehicle and this program's own sources.
    on_progress : callable, optional
        Called with one sentence per stage.

    Raises
    ------
    RoadError
        `roads_unreadable`, `roads_empty`, or `roads_disconnected` when no two streets connect.
    """
    profile = vehicle or VehicleProfile()
    if cache_dir is None or not path.is_file():
        extract = read_osm(path, on_progress=on_progress)
        return build_network(
            extract, drive_on=drive_on, speed_factor=speed_factor, vehicle=profile, on_progress=on_progress
        )
    cache = RoadCache(cache_dir, file_digest(path), repr(profile), drive_on)
    kept = cache.load_graph()
    if kept is None:
        network = build_network(
            read_osm(path, on_progress=on_progress), drive_on=drive_on, vehicle=profile, on_progress=on_progress
        )
        kept = (network.graph, network.turns, network.warnings)
        cache.save_graph(*kept)
    elif on_progress:
        on_progress(f"Loading {path.name} from the road cache")
    graph, turns, warnings = kept
    return RoadNetwork(
        graph,
        turns,
        warnings=warnings,
        drive_on=drive_on,
        speed_factor=speed_factor,
        vehicle=profile,
        cache=cache,
        on_progress=on_progress,
    )


def build_network(
    extract: OsmExtract,
    *,
    drive_on: str = "right",
    speed_factor: float = 1.0,
    vehicle: VehicleProfile | None = None,
    on_progress: OnProgress | None = None,
) -> RoadNetwork:
    """Build the network of an extract that was read; no cache. Parameters and errors as for `load_network`."""
    _require(drive_on in {"right", "left"}, f"One drives on the right or on the left, not on the {drive_on!r}")
    profile = vehicle or VehicleProfile()
    say: OnProgress = on_progress or (lambda _: None)
    say("Cutting ways into streets")
    streets = cut_streets(extract, profile)
    say("Connecting streets by their turns")
    graph, turns, notes = connect_turns(extract, streets, profile, drive_on=drive_on)
    return RoadNetwork(
        graph,
        turns,
        warnings=streets.warnings + notes,
        drive_on=drive_on,
        speed_factor=speed_factor,
        vehicle=profile,
        on_progress=on_progress,
    )


def _require(holds: bool, cause: str) -> None:
    """Refuse a call that makes no sense."""
    if not holds:
        raise RoadError("roads_bad_request", f"{cause}.", "Correct the call.")
