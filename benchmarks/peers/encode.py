"""State an inbound problem in the words of solvers for vehicle routing: visits, time windows, prizes, arc costs.

The ride limit becomes a time window without loss: whoever boards no earlier than the arrival minus the
limit rides no longer.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from benchmarks.peers.arcs import costs, durations, site_dwell
from benchmarks.peers.clusters import cluster_sites, way_through
from benchmarks.peers.consolidate import NOWHERE, choose_stops
from benchmarks.peers.tasks import ARRIVAL, Encoding, Int64, Task, Visit
from routing.model.demand import DAYS_PER_WEEK, Direction
from routing.model.places import StopStatus
from routing.model.problem import Problem
from routing.model.units import HOUR_S


def encode(problem: Problem, encoding: Encoding) -> list[Task]:
    """Return the tasks of a problem, one per shift and cluster of worksites.

    Riders without any stop from which the ride is allowed are in none.
    """
    members: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for index, rider in enumerate(problem.riders):
        members[rider.shift_id][problem.node(rider.worksite_id) or 0].append(index)
    tasks = []
    for shift_id, by_site in members.items():
        period = problem.trip_period(Direction.INBOUND, (shift_id,))
        sizes = {site: len(riders) for site, riders in by_site.items()}
        clusters = [tuple(sorted(by_site))]
        if not encoding.mixed:
            clusters = cluster_sites(problem.travel[period].duration, sizes, encoding.near_s, encoding.small)
        for sites in clusters:
            riders = [r for site in sites for r in by_site[site]]
            visits = make_visits(problem, encoding, period, sites, riders)
            if visits:
                tasks.append(_task(problem, encoding, shift_id, period, sites, visits))
    return tasks


def make_visits(
    problem: Problem, encoding: Encoding, period: int, sites: Sequence[int], riders: Sequence[int]
) -> list[Visit]:
    """Give riders stops, and gather those of one stop in visits no larger than the encoding's chunk."""
    duration = problem.travel[period].duration
    own = [problem.node(problem.riders[r].worksite_id) or 0 for r in riders]
    later = {site: way_through(duration, sites[: i + 1]) + i * site_dwell(problem) for i, site in enumerate(sites)}
    if encoding.mixed:
        later = dict.fromkeys(sites, 0)
    first = own if encoding.mixed else [sites[0]] * len(own)
    cost, limit = _options(problem, riders, own, first, later, duration)
    used = np.flatnonzero((cost < NOWHERE).any(axis=0))
    chosen = choose_stops(cost[:, used], encoding.opening)
    largest = max(kind.seats for kind in problem.vehicle_types)
    cap = max(1, int(encoding.chunk * largest), *(problem.riders[r].count for r in riders))
    visits = []
    for column in np.unique(chosen[chosen >= 0]):
        stop = int(used[column])
        there = np.flatnonzero(chosen == column)
        for site in sorted({first[i] for i in there}):
            # Riders with alike limits share a visit, so that the tightest binds few.
            rows = sorted((i for i in there.tolist() if first[i] == site), key=lambda i: (limit[i, stop], i))
            for part in split(rows, [problem.riders[riders[i]].count for i in rows], cap):
                ids = tuple(riders[i] for i in part)
                visits.append(Visit(stop=stop, site=site, riders=ids, limit_s=int(limit[part, stop].min())))
    return visits


def _options(
    problem: Problem,
    riders: Sequence[int],
    own: Sequence[int],
    first: Sequence[int],
    later: Mapping[int, int],
    duration: NDArray[np.int32],
) -> tuple[NDArray[np.float64], Int64]:
    """Return per rider and stop the cost [fen], and the longest time [s] from boarding to the first worksite."""
    usable = np.array([s.status is not StopStatus.FORBIDDEN for s in problem.stops], bool)
    rules, prices = problem.rules, problem.costs
    cost = np.full((len(riders), len(problem.stops)), 2 * NOWHERE)
    limit = np.zeros(cost.shape, np.int64)
    for row, index in enumerate(riders):
        rider = problem.riders[index]
        stops, metres = problem.walks.row(index)
        near = usable[stops] & (metres <= rules.walk_limit_m(rider.need))
        for stop, walk in zip(stops[near].tolist(), metres[near].tolist(), strict=True):
            most = rules.ride_limit_s(int(duration[stop, own[row]])) - later[own[row]]
            drive = int(duration[stop, first[row]])
            limit[row, stop] = most
            if drive <= most:
                ride = prices.ride * (drive + later[own[row]]) / HOUR_S
                cost[row, stop] = rider.count * (ride + prices.walk * walk / rules.walk_speed_m_per_h)
    return cost, limit


def split(items: Sequence[int], people: Sequence[int], cap: int) -> list[list[int]]:
    """Split items in order into few parts of alike numbers of people, none above a cap unless one item is."""
    parts: list[list[int]] = [[]]
    share = min(cap, sum(people) / max(1, -(-sum(people) // cap)) + max(people) - 1)
    aboard = 0
    for item, count in zip(items, people, strict=True):
        if parts[-1] and aboard + count > share:
            parts.append([])
            aboard = 0
        parts[-1].append(item)
        aboard += count
    return parts


def _task(
    problem: Problem, encoding: Encoding, shift_id: str, period: int, sites: tuple[int, ...], visits: list[Visit]
) -> Task:
    rules, types = problem.rules, problem.vehicle_types
    stops = [visit.stop for visit in visits]
    people, heads = _count(problem, visits)
    service = np.array([rules.dwell_s(n, at_worksite=False) for n in people.tolist()], np.int64)
    opens = ARRIVAL - np.array([visit.limit_s for visit in visits], np.int64) - service
    there: Counter[str] = Counter()
    for item in problem.fleet:
        there[item.vehicle_type_id] += item.available
    share = 1.5 * int(heads.sum()) / sum(rider.count for rider in problem.riders)
    return Task(
        shift_id=shift_id,
        sites=sites,
        visits=tuple(visits),
        people=people,
        opens=np.maximum(0, opens),
        service=service,
        prize=heads * problem.costs.unserved,
        drops=tuple(1 + len(visits) + sites.index(visit.site) for visit in visits) if encoding.mixed else (),
        drop_opens=ARRIVAL - _width(problem, shift_id, max(visit.limit_s for visit in visits)),
        duration=durations(problem, period, stops, sites, mixed=encoding.mixed),
        cost=costs(problem, encoding, period, stops, service, sites),
        seats=tuple(t.seats for t in types),
        fixed=tuple(t.fixed_cost for t in types),
        available=tuple(
            min(there[t.vehicle_type_id], 2 + int(share * there[t.vehicle_type_id]), len(visits)) for t in types
        ),
        most_visits=max(1, rules.max_stops - (1 if encoding.mixed else len(sites))),
    )


def _count(problem: Problem, visits: Sequence[Visit]) -> tuple[Int64, Int64]:
    """Return people per visit: on the weekday when most travel, and in all."""
    days = np.zeros((len(visits), DAYS_PER_WEEK), np.int64)
    heads = np.zeros(len(visits), np.int64)
    for row, visit in enumerate(visits):
        for rider in (problem.riders[r] for r in visit.riders):
            days[row] += [rider.count * (rider.days >> day & 1) for day in range(DAYS_PER_WEEK)]
            heads[row] += rider.count
    return days[:, int(days.sum(axis=0).argmax())], heads


def _width(problem: Problem, shift_id: str, elapsed_s: int) -> int:
    """Return how long [s] the worksites of a trip may lie apart, the promise to be on time kept."""
    rules, shift = problem.rules, problem.shift(shift_id)
    quantile = max(0.0, NormalDist().inv_cdf(rules.on_time)) if rules.on_time > 0 else 0.0
    opens, closes = (shift and rules.window(shift, Direction.INBOUND)) or (0, 0)
    return max(0, int(closes - opens - quantile * rules.run_time_sd_s(elapsed_s)))
