"""Roads that are closed for a day: the same problem on what is left of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from routing.geo.network import RoadNetwork
from routing.model.travel import TravelMatrix
from routing.planner.prepare import Study, drive_times
from routing.scenario import CloseStop, Modification, Redrive

BLOCKED_S = 7_200
"""What driving along one street between two junctions takes where it is closed [s]: longer than any trip may last.

Not endless, because what lies behind it alone must have some time; such a drive breaks every promise, and is seen.
"""

Edges = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Detour:
    """What closed roads come to.

    Attributes
    ----------
    study : Study
        On the network without them; its problem is the one before, which the modifications are for.
    modifications : tuple
        Other driving times, and the stops at which nobody can halt.
    """

    study: Study
    modifications: tuple[Modification, ...]


def find_road(network: RoadNetwork, name: str) -> Edges:
    """Mark the directed edges of a road, bool (m,): by its name or number, or by the id of its way in the extract."""
    graph = network.graph
    wanted = name.strip().casefold()
    ways = np.array([str(known).casefold() == wanted for known in graph.way_name], np.bool_)
    if wanted.isdecimal():
        ways |= graph.way_id == int(wanted)
    return np.asarray(ways[graph.way] & bool(wanted), np.bool_)


def close_roads(study: Study, names: Sequence[str]) -> Detour:
    """Return a study whose vehicles avoid some roads, in both directions.

    A road that leads nowhere else is as good as closed behind it: stops there are closed, and worksites there
    cannot be reached in time.
    """
    network = study.ground.network
    closed = np.logical_or.reduce([find_road(network, name) for name in names])
    kmh = np.where(closed, network.graph.length_m * 3.6 / BLOCKED_S, np.nan)
    for period in {study.road_period(x) for x in range(len(study.problem.periods))}:
        network = network.with_speeds(period, kmh)
    travel = tuple(drive_times(network, study.points, study.road_period(x)) for x in range(len(study.problem.periods)))
    halts = _lost_stops(study, closed, travel)
    return Detour(
        study=replace(study, ground=replace(study.ground, network=network)),
        modifications=(Redrive(travel=travel), *(CloseStop(stop_id=stop_id) for stop_id in halts)),
    )


def _lost_stops(study: Study, closed: Edges, travel: Sequence[TravelMatrix]) -> list[str]:
    """Return the stops on a closed road, and those from or to which every drive leads over one."""
    ends = range(len(study.problem.stops), len(study.points))
    lost = []
    for node, stop in enumerate(study.problem.stops):
        beyond = (
            min(matrix.duration[node, ends].min(), matrix.duration[ends, node].min()) >= BLOCKED_S for matrix in travel
        )
        if closed[list(study.points[node].edges)].any() or any(beyond):
            lost.append(stop.stop_id)
    return lost
