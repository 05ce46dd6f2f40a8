"""Arc matrices of a task: driving, and what each vehicle type costs on an arc."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.peers.clusters import way_through
from benchmarks.peers.tasks import Encoding, Int64
from routing.model.fleet import VehicleType
from routing.model.problem import Problem
from routing.model.units import HOUR_S, METRES_PER_KM

FORBIDDEN = 300_000
"""Price [fen] of an arc that may not be used: a vehicle's day several times over, and no danger to sums."""
ALIGHTING = 12
"""Riders who alight at a worksite, for want of better knowledge."""


def site_dwell(problem: Problem) -> int:
    """Return how long a vehicle stands at a worksite [s], for want of better knowledge."""
    return problem.rules.dwell_s(ALIGHTING, at_worksite=True)


def durations(problem: Problem, period: int, stops: Sequence[int], tail: Sequence[int], *, mixed: bool) -> Int64:
    """Return the driving [s] of a task's nodes; starting, and leaving the last worksite, take none.

    Parameters
    ----------
    stops : sequence of int
        Node of the problem of each visit.
    tail : sequence of int
        Worksites: drop-offs of shipments where `mixed`, otherwise the fixed sequence at the end.
    """
    matrix = problem.travel[period].duration
    nodes = [*stops, *(tail if mixed else tail[:1])]
    found = np.zeros((len(nodes) + 2 - (not mixed), len(nodes) + 2 - (not mixed)), np.int64)
    found[1 : len(nodes) + 1, 1 : len(nodes) + 1] = matrix[np.ix_(nodes, nodes)]
    if mixed:
        drops = slice(len(stops) + 1, len(nodes) + 1)
        found[1 : len(nodes) + 1, drops] += site_dwell(problem)
        np.fill_diagonal(found, 0)
    return found


def costs(
    problem: Problem, encoding: Encoding, period: int, stops: Sequence[int], service: Int64, tail: Sequence[int]
) -> Int64:
    """Return the arc costs [fen] of every vehicle type, shape (types, nodes, nodes)."""
    one = _mixed_costs if encoding.mixed else _tail_costs
    found = [one(problem, encoding, kind, period, stops, service, tail) for kind in problem.vehicle_types]
    return np.asarray(np.rint(found), np.int64)


def _tail_costs(
    problem: Problem,
    encoding: Encoding,
    kind: VehicleType,
    period: int,
    stops: Sequence[int],
    service: Int64,
    tail: Sequence[int],
) -> NDArray[np.float64]:
    """Price a fixed end: empty running from and to the better depot falls on the first arc."""
    matrix = problem.travel[period]
    cost = _between(problem, encoding, kind, period, stops, service, len(stops) + 2)
    metre, second, aboard = _rates(problem, kind)
    seconds, metres = way_through(matrix.duration, tail), way_through(matrix.distance, tail)
    cost[1:-1, -1] = (
        metre * (matrix.distance[stops, tail[0]] + metres)
        + (second + encoding.share_haul * aboard) * matrix.duration[stops, tail[0]]
        + (second + 0.5 * encoding.share_haul * aboard) * seconds
    )
    empty = [
        metre * (matrix.distance[d, stops] + int(matrix.distance[tail[-1], d]))
        + second * (matrix.duration[d, stops] + int(matrix.duration[tail[-1], d]))
        for d in _yards(problem, kind)
    ]
    cost[0, 1:-1] = np.min(empty, axis=0) + second * service
    return cost


def _mixed_costs(
    problem: Problem,
    encoding: Encoding,
    kind: VehicleType,
    period: int,
    stops: Sequence[int],
    service: Int64,
    sites: Sequence[int],
) -> NDArray[np.float64]:
    """Price shipments: vehicles come from the nearest depot and return to the nearest; no stop after a worksite."""
    matrix = problem.travel[period]
    n, metre, second, aboard = len(stops), *_rates(problem, kind)
    cost = _between(problem, encoding, kind, period, stops, service, n + len(sites) + 2)
    haul, among = np.ix_(stops, sites), np.ix_(sites, sites)
    dwell = site_dwell(problem)
    cost[1 : n + 1, n + 1 : -1] = metre * matrix.distance[haul] + (second + encoding.share_haul * aboard) * (
        matrix.duration[haul] + dwell
    )
    cost[n + 1 : -1, n + 1 : -1] = metre * matrix.distance[among] + (second + 0.5 * encoding.share_haul * aboard) * (
        matrix.duration[among] + dwell
    )
    yards = _yards(problem, kind)
    out = metre * matrix.distance[np.ix_(yards, stops)] + second * matrix.duration[np.ix_(yards, stops)]
    back = metre * matrix.distance[np.ix_(sites, yards)] + second * matrix.duration[np.ix_(sites, yards)]
    cost[0, 1 : n + 1] = out.min(axis=0) + second * service
    cost[n + 1 : -1, -1] = back.min(axis=1)
    cost[n + 1 : -1, 1 : n + 1] = FORBIDDEN
    np.fill_diagonal(cost, 0)
    return cost


def _between(
    problem: Problem,
    encoding: Encoding,
    kind: VehicleType,
    period: int,
    stops: Sequence[int],
    service: Int64,
    size: int,
) -> NDArray[np.float64]:
    matrix, pairs = problem.travel[period], np.ix_(stops, stops)
    metre, second, aboard = _rates(problem, kind)
    cost = np.zeros((size, size))
    cost[1 : len(stops) + 1, 1 : len(stops) + 1] = metre * matrix.distance[pairs] + (
        second + encoding.share_between * aboard
    ) * (matrix.duration[pairs] + service[None, :])
    np.fill_diagonal(cost, 0)
    return cost


def _rates(problem: Problem, kind: VehicleType) -> tuple[float, float, float]:
    """Return fen per metre and per second of the vehicle, and per second of all its seats taken."""
    return kind.distance_cost / METRES_PER_KM, kind.time_cost / HOUR_S, kind.seats * problem.costs.ride / HOUR_S


def _yards(problem: Problem, kind: VehicleType) -> list[int]:
    """Return the nodes of the depots where vehicles of a type stand; of all depots where none does."""
    there = {i.depot_id for i in problem.fleet if i.vehicle_type_id == kind.vehicle_type_id and i.available}
    named = sorted(there or {d.depot_id for d in problem.depots})
    return [node for node in map(problem.depot_node, named) if node is not None]
