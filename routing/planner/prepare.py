"""From a scenario folder to a problem: roads, stops, walks and travel times."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from routing.errors import Fault, InputError
from routing.formats.scenario_folder import Scenario, find_faults, read_scenario
from routing.geo.network import RoadNetwork, RoadPoint
from routing.geo.profile import PERIODS, period_of
from routing.geo.stops import CandidateStop, KeptStop
from routing.model.demand import Direction
from routing.model.places import Location, Stop
from routing.model.problem import Problem
from routing.model.result import OnProgress, Progress
from routing.model.travel import TravelMatrix, TravelPeriod, WalkTable
from routing.model.units import DAY_S
from routing.planner.ground import Ground, find_candidates, find_ground_faults, move_to_wgs84, read_ground

EXPLAIN_WALK_FACTOR = 2
"""Walks are measured this many times beyond the promise, so that a longer walk can be offered as a relaxation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """A scenario made ready to plan: the problem, and the roads it was made from.

    Attributes
    ----------
    scenario : Scenario
        As read, with all coordinates in WGS-84.
    points : tuple of RoadPoint
        Where each node of the problem lies on the roads.
    """

    scenario: Scenario
    problem: Problem
    ground: Ground
    points: tuple[RoadPoint, ...]

    def road_period(self, period: int) -> int:
        """Return the index into the roads' speed periods of a period of the problem."""
        return PERIODS.index(self.problem.periods[period].name)


def examine(folder: Path, *, cache_dir: Path | None = None, on_progress: OnProgress | None = None) -> tuple[Fault, ...]:
    """Return every fault of a scenario; none where `prepare` would accept it."""
    faults = find_faults(folder)
    if faults:
        return faults
    try:
        declared = read_scenario(folder)
        ground = read_ground(declared, cache_dir=cache_dir, on_progress=on_progress)
        faults = find_ground_faults(declared, ground)
        if not faults:
            find_candidates(move_to_wgs84(declared), ground, ())
    except InputError as error:
        return error.faults
    return faults


def prepare(
    folder: Path, *, keep: Sequence[KeptStop] = (), cache_dir: Path | None = None, on_progress: OnProgress | None = None
) -> Study:
    """Read a scenario folder and make it ready to plan.

    Parameters
    ----------
    folder : Path
        The scenario, as docs/reference/files.md describes it.
    keep : sequence of KeptStop
        Stops of an existing plan, which must be candidates under their own ids.
    cache_dir : Path or None
        Where contracted roads are kept; the user's cache folder by default.

    Raises
    ------
    InputError
        With every fault of the scenario at once.
    RoadError
        When the roads cannot answer.
    """
    tell = on_progress or (lambda _: None)
    declared = read_scenario(folder)
    ground = read_ground(declared, cache_dir=cache_dir, on_progress=on_progress)
    faults = find_ground_faults(declared, ground)
    if faults:
        raise InputError(*faults)
    scenario = move_to_wgs84(declared)
    tell(Progress(phase="stops", done=0.0))
    candidates = find_candidates(scenario, ground, keep)
    tell(Progress(phase="stops", done=1.0, text=f"{len(candidates)} candidate stops"))
    points = _node_points(scenario, ground, candidates)
    problem = _build_problem(scenario, ground, candidates, points, tell)
    return Study(scenario=scenario, problem=problem, ground=ground, points=points)


def _node_points(scenario: Scenario, ground: Ground, candidates: Sequence[CandidateStop]) -> tuple[RoadPoint, ...]:
    sites = [w.location for w in scenario.worksites] + [d.location for d in scenario.depots]
    return tuple(c.point for c in candidates) + tuple(ground.network.snap_site(s.lon, s.lat) for s in sites)


def _build_problem(
    scenario: Scenario,
    ground: Ground,
    candidates: Sequence[CandidateStop],
    points: tuple[RoadPoint, ...],
    tell: Callable[[Progress], None],
) -> Problem:
    used = _used_periods(scenario)
    travel = []
    for done, period in enumerate(used):
        tell(Progress(phase="matrices", done=done / len(used), text=PERIODS[period]))
        travel.append(drive_times(ground.network, points, period))
    tell(Progress(phase="matrices", done=1.0, text=f"{len(points)} x {len(points)}"))
    return Problem(
        name=scenario.name,
        riders=scenario.riders,
        worksites=scenario.worksites,
        shifts=scenario.shifts,
        stops=tuple(_as_stop(c) for c in candidates),
        depots=scenario.depots,
        vehicle_types=scenario.vehicle_types,
        fleet=scenario.fleet,
        rules=scenario.rules,
        costs=scenario.costs,
        budget=scenario.budget,
        periods=tuple(TravelPeriod(name=PERIODS[p], spans=period_spans(p)) for p in used),
        travel=tuple(travel),
        walks=_measure_walks(scenario, ground, candidates),
    )


def drive_times(network: RoadNetwork, points: Sequence[RoadPoint], period: int) -> TravelMatrix:
    """Return the fastest drives between all points in a speed period of the roads; none from a point to itself."""
    duration, distance = network.matrix(points, points, period)
    np.fill_diagonal(duration, 0)
    np.fill_diagonal(distance, 0)
    return TravelMatrix(duration=duration, distance=distance)


def _as_stop(candidate: CandidateStop) -> Stop:
    return Stop(
        stop_id=candidate.stop_id,
        place_id=candidate.place_id,
        name=candidate.name,
        location=Location(lon=candidate.lon, lat=candidate.lat),
        status=candidate.status,
    )


def _measure_walks(scenario: Scenario, ground: Ground, candidates: Sequence[CandidateStop]) -> WalkTable:
    reach = ground.walk.reach(
        [r.home.lon for r in scenario.riders],
        [r.home.lat for r in scenario.riders],
        [c.lon for c in candidates],
        [c.lat for c in candidates],
        EXPLAIN_WALK_FACTOR * scenario.rules.max_walk_m,
    )
    return WalkTable(start=reach.start, stop=reach.target, metres=reach.metres)


def _used_periods(scenario: Scenario) -> tuple[int, ...]:
    """Return the speed periods in which some shift asks for a trip."""
    anchors = [shift.anchor(way) for shift in scenario.shifts for way in Direction]
    return tuple(sorted({period_of(anchor % DAY_S) for anchor in anchors if anchor is not None}))


def period_spans(period: int) -> tuple[tuple[int, int], ...]:
    """Return the spans of the clock [s] that a speed period of the roads covers."""
    step = 1_800
    begins = [clock for clock in range(0, DAY_S, step) if period_of(clock) == period]
    spans: list[tuple[int, int]] = []
    for begin in begins:
        if spans and spans[-1][1] == begin:
            spans[-1] = (spans[-1][0], begin + step)
        else:
            spans.append((begin, begin + step))
    return tuple(spans)
