"""Chain trips into the days of vehicles: fewest vehicles first, then least empty running, then depots.

With fixed times this is a minimum-cost flow: an assignment of trips to their successors (a minimum
path cover, dense and so left to SciPy), then a flow of chains over yards (OR-Tools; see
P. Carraresi and G. Gallo, Network models for vehicle and crew scheduling, European Journal of
Operational Research 16(2), 1984, doi:10.1016/0377-2217(84)90068-7).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow
from scipy.optimize import linear_sum_assignment

from routing.model.fleet import VehicleType
from routing.model.problem import Problem
from routing.model.units import HOUR_S, METRES_PER_KM
from routing.solver.layout import Float64
from routing.solver.lines import Run

WITHOUT = 10**10
"""Price [fen per rider] of leaving a chain without a vehicle: beyond any vehicle's day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """Runs that one vehicle can drive one after the other, as indices; and how many seats they need.

    Attributes
    ----------
    only : int or None
        The one vehicle type that may drive them, where that is not open.
    """

    runs: tuple[int, ...]
    seats: int
    only: int | None = None


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


def assign(
    problem: Problem, runs: Sequence[Run], chains: Sequence[Chain], types: Sequence[VehicleType]
) -> list[Slot | None]:
    """Give every chain the vehicle that drives it cheapest; None where there are too few vehicles.

    A minimum-cost flow from chains over yards, each of which sends out at most the vehicles that stand
    there. Where vehicles are short, the chains with the fewest riders go without.
    """
    yards = _yards(problem, types)
    if not chains:
        return []
    flow = SimpleMinCostFlow()
    sink = len(chains) + len(yards)
    riders = [sum(len(runs[i].seats) for i in c.runs) for c in chains]
    choices: dict[int, tuple[int, Slot]] = {}
    for c, chained in enumerate(chains):
        flow.set_node_supply(c, 1)
        # Dearer than any vehicle, and the dearer the more riders it leaves behind.
        flow.add_arc_with_capacity_and_unit_cost(c, sink, 1, WITHOUT * (1 + riders[c]))
        for y, (slot, cost) in enumerate(zip(yards, _vehicle_costs(problem, runs, chained, types, yards), strict=True)):
            if cost is not None:
                arc = flow.add_arc_with_capacity_and_unit_cost(c, len(chains) + y, 1, cost)
                choices[arc] = (c, slot)
    for y, available in enumerate(yards.values()):
        flow.add_arc_with_capacity_and_unit_cost(len(chains) + y, sink, available, 0)
    flow.set_node_supply(sink, -len(chains))
    status = flow.solve()
    assert status == flow.OPTIMAL, "every chain may go without, so a flow exists"
    given: list[Slot | None] = [None] * len(chains)
    for arc, (c, slot) in choices.items():
        if flow.flow(arc):
            given[c] = slot
    return given


def _yards(problem: Problem, types: Sequence[VehicleType]) -> dict[Slot, int]:
    """Return how many vehicles of each type stand in each depot."""
    index = {t.vehicle_type_id: i for i, t in enumerate(types)}
    yards: dict[Slot, int] = {}
    for item in problem.fleet:
        if item.vehicle_type_id in index and item.available:
            slot = Slot(type_index=index[item.vehicle_type_id], depot_id=item.depot_id)
            yards[slot] = yards.get(slot, 0) + item.available
    return yards


def _vehicle_costs(
    problem: Problem, runs: Sequence[Run], chained: Chain, types: Sequence[VehicleType], yards: Iterable[Slot]
) -> list[int | None]:
    """Return the cost [fen] of one chain from each yard, its loaded running included; None where it does not fit."""
    metres, seconds = _running(problem, [runs[i] for i in chained.runs])
    costs: list[int | None] = []
    first, last = runs[chained.runs[0]], runs[chained.runs[-1]]
    for slot in yards:
        kind, depot = types[slot.type_index], problem.depot_node(slot.depot_id)
        out, back = problem.travel[first.period], problem.travel[last.period]
        far = metres + int(out.distance[depot, first.nodes[0]]) + int(back.distance[last.nodes[-1], depot])
        long = seconds + int(out.duration[depot, first.nodes[0]]) + int(back.duration[last.nodes[-1], depot])
        running = kind.distance_cost * far / METRES_PER_KM + kind.time_cost * long / HOUR_S
        able = kind.seats >= chained.seats and chained.only in {None, slot.type_index}
        costs.append(round(kind.fixed_cost + running) if able else None)
    return costs


def _running(problem: Problem, runs: Sequence[Run]) -> tuple[int, int]:
    """Return metres and seconds of the runs themselves; what lies between them is the same for all types."""
    metres = sum(
        int(problem.travel[r.period].distance[a, b]) for r in runs for a, b in zip(r.nodes, r.nodes[1:], strict=False)
    )
    return metres, sum(r.end - r.begin for r in runs)
