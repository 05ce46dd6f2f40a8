"""Chain trips into the days of vehicles: fewest vehicles first, then least empty running, then depots.

With fixed times this is an assignment of trips to their successors (a minimum path cover; see
P. Carraresi and G. Gallo, Network models for vehicle and crew scheduling, European Journal of
Operational Research 16(2), 1984, doi:10.1016/0377-2217(84)90068-7).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from routing.model.fleet import VehicleType
from routing.model.problem import Problem
from routing.model.units import HOUR_S, METRES_PER_KM
from routing.solver.layout import Float64
from routing.solver.lines import Run

IMPOSSIBLE = 1e13
"""Cost [fen] of what may not be; finite, because an assignment must exist."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """Runs that one vehicle can drive one after the other, as indices; and how many seats they need."""

    runs: tuple[int, ...]
    seats: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One vehicle: type and depot."""

    type_index: int
    depot_id: str


def chain(problem: Problem, runs: Sequence[Run], kind: VehicleType, seats: Sequence[int]) -> list[Chain]:
    """Chain runs that are driven by one vehicle type into as few vehicles as possible.

    Parameters
    ----------
    seats : sequence of int
        Seats that each run needs.
    """
    n = len(runs)
    if not n:
        return []
    saving = _savings(problem, runs, kind)
    rows, columns = linear_sum_assignment(saving)
    after = {int(i): int(j) for i, j in zip(rows, columns, strict=True) if saving[i, j] < 0}
    firsts = sorted(set(range(n)) - set(after.values()), key=lambda i: (runs[i].begin, i))
    chains = []
    for first in firsts:
        members = [first]
        while members[-1] in after:
            members.append(after[members[-1]])
        chains.append(Chain(runs=tuple(members), seats=max(seats[i] for i in members)))
    return chains


def _savings(problem: Problem, runs: Sequence[Run], kind: VehicleType) -> Float64:
    """Return what letting run j follow run i costs less than a vehicle of its own [fen]; 0 where it cannot."""
    begin = np.array([r.begin for r in runs])
    end = np.array([r.end for r in runs])
    first = np.array([r.nodes[0] for r in runs])
    last = np.array([r.nodes[-1] for r in runs])
    period = np.array([r.period for r in runs])
    result = np.zeros((len(runs), len(runs)))
    for p in np.unique(period):
        of = np.flatnonzero(period == p)
        matrix = problem.travel[p]
        empty_s = matrix.duration[np.ix_(last, first[of])].astype(np.int64)
        empty_m = matrix.distance[np.ix_(last, first[of])]
        fits = end[:, None] + empty_s + problem.rules.turnaround_s <= begin[None, of]
        running = empty_m * (kind.distance_cost / METRES_PER_KM) + empty_s * (kind.time_cost / HOUR_S)
        # A vehicle saved outweighs all empty running.
        result[:, of] = np.where(fits, running - (kind.fixed_cost + running.max(initial=0.0) + 1e9), 0.0)
    return result


def slots(problem: Problem, types: Sequence[VehicleType], most: int) -> list[Slot]:
    """Return the vehicles there are, at most so many of each type and depot."""
    index = {t.vehicle_type_id: i for i, t in enumerate(types)}
    return [
        Slot(type_index=index[item.vehicle_type_id], depot_id=item.depot_id)
        for item in problem.fleet
        if item.vehicle_type_id in index
        for _ in range(min(item.available, most))
    ]


def assign(
    problem: Problem, runs: Sequence[Run], chains: Sequence[Chain], types: Sequence[VehicleType]
) -> list[Slot | None]:
    """Give every chain the vehicle that drives it cheapest; None where there are too few vehicles.

    Where vehicles are short, the chains with the fewest riders go without.
    """
    available = slots(problem, types, len(chains))
    if not chains:
        return []
    costs = np.stack([_vehicle_costs(problem, runs, c, types, available) for c in chains])
    riders = np.array([sum(len(runs[i].seats) for i in c.runs) for c in chains], np.float64)
    without = np.full((len(chains), len(chains)), IMPOSSIBLE / 10)
    without *= 1 + riders[:, None] / (1 + riders.sum())
    rows, columns = linear_sum_assignment(np.hstack([costs, without]))
    given: list[Slot | None] = [None] * len(chains)
    for row, column in zip(rows, columns, strict=True):
        if column < len(available) and costs[row, column] < IMPOSSIBLE / 10:
            given[row] = available[column]
    return given


def _vehicle_costs(
    problem: Problem, runs: Sequence[Run], chained: Chain, types: Sequence[VehicleType], available: Sequence[Slot]
) -> Float64:
    """Return the cost [fen] of one chain with each vehicle, its loaded running included."""
    metres, seconds = _running(problem, [runs[i] for i in chained.runs])
    by_kind: dict[Slot, float] = {}
    first, last = runs[chained.runs[0]], runs[chained.runs[-1]]
    for slot in set(available):
        kind, depot = types[slot.type_index], problem.depot_node(slot.depot_id)
        out, back = problem.travel[first.period], problem.travel[last.period]
        far = metres + int(out.distance[depot, first.nodes[0]]) + int(back.distance[last.nodes[-1], depot])
        long = seconds + int(out.duration[depot, first.nodes[0]]) + int(back.duration[last.nodes[-1], depot])
        running = kind.distance_cost * far / METRES_PER_KM + kind.time_cost * long / HOUR_S
        by_kind[slot] = kind.fixed_cost + running if kind.seats >= chained.seats else IMPOSSIBLE
    return np.array([by_kind[slot] for slot in available], np.float64)


def _running(problem: Problem, runs: Sequence[Run]) -> tuple[int, int]:
    """Return metres and seconds of the runs themselves; what lies between them is the same for all types."""
    metres = sum(
        int(problem.travel[r.period].distance[a, b]) for r in runs for a, b in zip(r.nodes, r.nodes[1:], strict=False)
    )
    return metres, sum(r.end - r.begin for r in runs)
