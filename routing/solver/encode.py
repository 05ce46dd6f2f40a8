"""Turn one part of a problem into the arrays that the kernel reads."""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from scipy.spatial import cKDTree

from routing.model.demand import DAYS_PER_WEEK, Direction, Shift
from routing.model.fleet import VehicleType
from routing.model.problem import Problem
from routing.model.rules import RUN_TIME_MEMORY_S, ServiceRules
from routing.model.units import HOUR_S, METRES_PER_KM
from routing.solver.choices import Choice
from routing.solver.kept import Kept, add_promises, kept_lines, kept_stops, other_stop_price, stop_promises
from routing.solver.layout import (
    FAR,
    HEAD_FIELDS,
    KEPT,
    MAX_LEN,
    NEIGHBOUR,
    PROMISED,
    REACH_M,
    REACH_S,
    REVERSED,
    RIDE,
    SECOND,
    SIZES,
    TOLERANCE,
    UNDERLOAD,
    WALK_UNIT,
    Float64,
    Given,
    Int32,
)
from routing.solver.parts import Part
from routing.solver.places import along_curve, begin_table, limit_table, near_table

MOST_POSITIONS = 48
"""Positions per line, however many stops the rules allow."""
NEIGHBOURS = 100
NEAREST = 40
"""Adjacent riders kept, and how many of them are simply the nearest."""
MOST_WALK = 2_000_000_000
"""Price of a walk in thousandths of a fen above which it is no longer told apart."""
MUST_FACTOR = 50
"""By how much a rider who holds a pinned place open is worth more than another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """A part with its arrays, and the way back.

    Attributes
    ----------
    nodes : ndarray of int64
        Problem node of each node of the part.
    types : tuple of VehicleType
        Rows of ``given.types``.
    kept : Kept
        The running lines that keep the first rows.
    """

    part: Part
    given: Given
    nodes: np.ndarray
    types: tuple[VehicleType, ...]
    kept: Kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Halts:
    """The places of a part: kerbs as part nodes, and the options of its riders."""

    kerbs: Int32
    option: Int32
    bounds: Int32
    nodes: np.ndarray


def encode(problem: Problem, part: Part, choices: list[Choice], types: tuple[VehicleType, ...]) -> Encoded:
    """Return the arrays of one part.

    Parameters
    ----------
    choices : list of Choice
        Per rider of the problem.
    types : tuple of VehicleType
        Those of which there is at least one vehicle.
    """
    halts = _halts(problem, part, choices)
    sites = sorted({problem.riders[r].worksite_id for r in part.riders})
    nodes = np.concatenate([halts.nodes, [problem.node(site) for site in sites]]).astype(np.int64)
    drive = np.stack([_lane_matrix(problem, part, lane, nodes) for lane in range(len(part.directions))])
    site_node = np.arange(len(halts.nodes), len(nodes), dtype=np.int32)
    riders, day_classes = _riders(problem, part, sites, halts.bounds)
    worth = _worth(problem, part, choices, drive, types)
    kept = kept_lines(problem, part)
    first = np.maximum(halts.kerbs[:, 0], 0)
    places = len(halts.kerbs)
    kerbs = np.full((places + len(sites), halts.kerbs.shape[1]), -1, np.int32)
    kerbs[:places] = halts.kerbs
    kerbs[places:, 0] = site_node
    prices = _prices(problem, types, worth, 0.5 if part.other_way else 1.0)
    metres_per_s = drive[..., 2].sum(dtype=np.float64) / max(1.0, drive[..., 0].sum(dtype=np.float64))
    prices[0, SECOND] = prices[0, REACH_S] + prices[0, REACH_M] * metres_per_s
    ends = _ends(problem, part, nodes)
    limits = _limits(problem.rules, drive, site_node)
    remote = drive[0, first[halts.option[riders[:, 3], 0]], site_node[riders[:, 0]], 0]
    least = _least(halts, riders, len(drive))
    worth = np.stack([worth, remote, _floor(halts, riders, drive, site_node, least, prices)], axis=1)
    riders, worths = add_promises(problem, part, kept, riders, worth)
    given = Given(
        drive=drive,
        node=np.concatenate([ends, limits], axis=2),
        rider=np.concatenate([riders, _adjacent(problem, part, riders[:, 0])], axis=1),
        worth=worths,
        option=halts.option,
        kerbs=kerbs,
        near=near_table(drive, halts.kerbs, prices),
        begin=begin_table(ends, halts.kerbs, prices),
        limit=limit_table(limits, halts.kerbs),
        least=least,
        prices=prices,
        sizes=_sizes(problem, part, places, day_classes, types, len(kept)),
    )
    return Encoded(part=part, given=given, nodes=nodes, types=types, kept=kept)


def _least(halts: Halts, riders: Int32, lanes: int) -> Float64:
    """Return what a seat costs at least at each option: the walk in every lane [fen]."""
    owner = np.repeat(np.arange(len(riders)), riders[:, 4] - riders[:, 3])
    walk = halts.option[:, 1:].astype(np.float64).reshape(len(halts.option), lanes, -1)
    least = np.where(walk >= 0, walk * WALK_UNIT, np.inf).min(axis=2, initial=np.inf).sum(axis=1)
    return np.asarray(least * riders[owner, 1])


def _floor(halts: Halts, riders: Int32, drive: Int32, site_node: Int32, least: Float64, prices: Float64) -> Float64:
    """Return what a seat costs each rider at least [fen]: walk and direct drive, less what a fuller line saves."""
    owner = np.repeat(np.arange(len(riders)), riders[:, 4] - riders[:, 3])
    kerbs = halts.kerbs[halts.option[:, 0]]
    site = site_node[riders[owner, 0]]
    ride = np.zeros(len(owner))
    for lane in drive:
        seconds = np.where(kerbs >= 0, lane[np.maximum(kerbs, 0), site[:, None], 0], FAR)
        ride += seconds.min(axis=1, initial=FAR)
    seat = least + ride * prices[0, RIDE] * riders[owner, 1]
    lowest = np.full(len(riders), np.inf)
    np.minimum.at(lowest, owner, seat)
    return np.asarray(lowest - prices[0, UNDERLOAD] * riders[:, 1])


def _halts(problem: Problem, part: Part, choices: list[Choice]) -> Halts:
    """Give the places numbers; with one direction every stop is a place of its own."""
    together = len(part.directions) > 1
    choice = [choices[r].stops for r in part.riders]
    used = along_curve(problem, np.unique(np.concatenate([kept_stops(problem, part), *choice])))
    names = {int(s): problem.stops[s].place_id if together else problem.stops[s].stop_id for s in used}
    place_of: dict[str, int] = {}
    members: list[list[int]] = []
    for node, stop in enumerate(used):
        name = names[int(stop)]
        if name not in place_of:
            place_of[name] = len(members)
            members.append([])
        members[place_of[name]].append(node)
    kerbs = np.full((len(members), max(map(len, members))), -1, np.int32)
    seat: dict[int, tuple[int, int]] = {}
    for place, stops in enumerate(members):
        for kerb, node in enumerate(stops):
            kerbs[place, kerb] = node
            seat[int(used[node])] = (place, kerb)
    price = problem.costs.walk / problem.rules.walk_speed_m_per_h / WALK_UNIT
    option: list[list[int]] = []
    bounds = [0]
    promised = stop_promises(problem)
    for r in part.riders:
        row: dict[int, list[int]] = {}
        for stop, metres in zip(choices[r].stops.tolist(), choices[r].metres.tolist(), strict=True):
            place, kerb = seat[stop]
            walks = row.setdefault(place, [place] + [-1] * kerbs.shape[1] * len(part.directions))
            for lane, direction in enumerate(part.directions):
                more = other_stop_price(promised.get((r, direction)), stop)
                if more is not None:
                    effort = round(metres * price) + round(more / WALK_UNIT)
                    walks[1 + lane * kerbs.shape[1] + kerb] = min(effort, MOST_WALK)
        option += row.values()
        bounds.append(len(option))
    return Halts(
        kerbs=kerbs,
        option=np.array(option, np.int32).reshape(-1, 1 + kerbs.shape[1] * len(part.directions)),
        bounds=np.array(bounds, np.int32),
        nodes=used,
    )


def _lane_matrix(problem: Problem, part: Part, lane: int, nodes: np.ndarray) -> Int32:
    matrix = problem.travel[part.periods[lane]]
    seconds, metres = (m[np.ix_(nodes, nodes)] for m in (matrix.duration, matrix.distance))
    if part.directions[lane] is Direction.OUTBOUND:
        seconds, metres = seconds.T, metres.T
    return np.ascontiguousarray(np.stack([seconds, seconds.T, metres, metres.T], axis=-1), dtype=np.int32)


def _depots(problem: Problem) -> list[int]:
    nodes = (problem.depot_node(item.depot_id) for item in problem.fleet if item.available)
    return sorted({node for node in nodes if node is not None})


def _ends(problem: Problem, part: Part, nodes: np.ndarray) -> Int32:
    """Empty running from and to the nearest depot; none in the middle of the day between the two lanes."""
    ends = np.zeros((len(part.directions), len(nodes), 4), np.int32)
    depots = np.array(_depots(problem), np.int64)
    if not len(depots):
        return ends
    for lane, direction in enumerate(part.directions):
        matrix = problem.travel[part.periods[lane]]
        for column, far in ((0, direction is Direction.OUTBOUND), (2, direction is Direction.INBOUND)):
            if column == 2 and (len(part.directions) > 1 or part.other_way):
                continue
            table = (np.ix_(nodes, depots), 1) if far else (np.ix_(depots, nodes), 0)
            seconds, metres = matrix.duration[table[0]], matrix.distance[table[0]]
            nearest = np.expand_dims(seconds.argmin(axis=table[1]), table[1])
            ends[lane, :, column] = np.take_along_axis(seconds, nearest, table[1]).ravel()
            ends[lane, :, column + 1] = np.take_along_axis(metres, nearest, table[1]).ravel()
    return ends


def _limits(rules: ServiceRules, drive: Int32, site_node: Int32) -> Int32:
    direct = drive[:, :, site_node, 0]
    values, where = np.unique(direct, return_inverse=True)
    limits = np.array([rules.ride_limit_s(int(v)) for v in values], np.int32)
    return np.ascontiguousarray(limits[where].reshape(direct.shape))


def _riders(problem: Problem, part: Part, sites: list[str], bounds: Int32) -> tuple[Int32, int]:
    windows = {shift.shift_id: _windows(problem.rules, shift, part) for shift in part.shifts}
    classes = _day_classes([problem.riders[r].days for r in part.riders])
    table = np.zeros((len(part.riders), NEIGHBOUR), np.int32)
    for x, index in enumerate(part.riders):
        rider = problem.riders[index]
        days = sum(1 << d for d, day in enumerate(classes) if rider.days >> day & 1)
        window = windows[rider.shift_id]
        table[x, :5] = sites.index(rider.worksite_id), rider.count, days, bounds[x], bounds[x + 1]
        table[x, 5 : 5 + len(window)] = window
    return table, len(classes)


def _day_classes(days: list[int]) -> list[int]:
    """Return the weekdays that can bind: no other weekday has the same riders and more."""
    mask = np.array(days)
    sets = [(mask >> day & 1).astype(bool) for day in range(DAYS_PER_WEEK)]
    kept: list[int] = []
    for day in sorted(range(DAYS_PER_WEEK), key=lambda d: -int(sets[d].sum())):
        if sets[day].any() and not any(np.all(sets[other] | ~sets[day]) for other in kept):
            kept.append(day)
    return kept


def _windows(rules: ServiceRules, shift: Shift, part: Part) -> list[int]:
    """Return the window at the worksite of each lane; a reversed lane's clock runs backwards."""
    window: list[int] = []
    for direction in part.directions:
        opens, closes = rules.window(shift, direction) or (0, 0)
        window += [opens, closes] if direction is Direction.INBOUND else [-closes, -opens]
    return window


def _adjacent(problem: Problem, part: Part, sites: Int32) -> Int32:
    """Return riders near each rider's home: first whoever is nearest, then those bound for the same worksite."""
    homes = np.array([(problem.riders[r].home.lon, problem.riders[r].home.lat) for r in part.riders])
    homes[:, 0] *= np.cos(np.radians(homes[:, 1].mean()))
    near = _nearest(homes, np.arange(len(homes)), NEAREST)
    same = np.empty((len(homes), NEIGHBOURS - NEAREST), np.int64)
    for site in np.unique(sites):
        members = np.flatnonzero(sites == site)
        same[members] = _nearest(homes, members, NEIGHBOURS - NEAREST)
    return np.ascontiguousarray(np.hstack([near, same]), dtype=np.int32)


def _nearest(homes: np.ndarray, members: np.ndarray, count: int) -> np.ndarray:
    """Return for each member the members nearest to it, itself first; repeated where there are fewer."""
    reach = min(count, len(members))
    _, near = cKDTree(homes[members]).query(homes[members], k=reach)
    near = np.asarray(near).reshape(len(members), reach)
    return members[near[:, np.arange(count) % reach]]


def _worth(
    problem: Problem, part: Part, choices: list[Choice], drive: Int32, types: tuple[VehicleType, ...]
) -> Float64:
    share = len(part.directions) / max(len(s.directions) for s in part.shifts)
    count = np.array([problem.riders[r].count for r in part.riders], np.float64)
    must = np.array([MUST_FACTOR if choices[r].must else 1 for r in part.riders])
    price = problem.costs.unserved * share
    if problem.costs.fewest_vehicles_first:
        # Nobody is left out to save money then: a vehicle for each costs less.
        price = max(price, _dearest_alone(problem, drive, types))
    return np.asarray(count * must * price, np.float64)


def _dearest_alone(problem: Problem, drive: Int32, types: tuple[VehicleType, ...]) -> float:
    """Return what a vehicle for one person may cost at most [fen], the person's walk and ride included."""
    rules = problem.rules
    seconds = sum(int(m.duration.max(initial=0)) for m in problem.travel) * 3 * len(drive)
    metres = sum(int(m.distance.max(initial=0)) for m in problem.travel) * 3 * len(drive)
    seconds += len(drive) * (rules.dwell_s(1, at_worksite=True) + rules.dwell_s(1, at_worksite=False))
    walk = problem.costs.walk / rules.walk_speed_m_per_h * rules.max_walk_m * len(drive)
    day = (t.fixed_cost + t.distance_cost * metres / METRES_PER_KM + t.time_cost * seconds / HOUR_S for t in types)
    return max(day, default=0.0) + walk + problem.costs.ride * seconds / HOUR_S


def _prices(problem: Problem, types: tuple[VehicleType, ...], worth: Float64, share: float) -> Float64:
    # A vehicle that comes in the morning goes home in the evening: each direction planned alone pays a share.
    rules = problem.rules
    quantile = max(0.0, NormalDist().inv_cdf(rules.on_time)) if rules.on_time > 0 else 0.0
    prices = np.zeros((1 + len(types), 6))
    for row, t in zip(prices[1:], types, strict=True):
        row[:4] = t.seats, t.fixed_cost * share, t.distance_cost / METRES_PER_KM, t.time_cost / HOUR_S
    prices[0] = (
        problem.costs.ride / HOUR_S,
        quantile * rules.run_time_cv * np.sqrt(RUN_TIME_MEMORY_S),
        0.5 * float(np.median(worth)),
        prices[1:, 2].min() if types else 0.0,
        prices[1:, 3].min() if types else 0.0,
        0.0,
    )
    return prices


def _sizes(
    problem: Problem, part: Part, places: int, day_classes: int, types: tuple[VehicleType, ...], kept: int
) -> np.ndarray:
    rules = problem.rules
    sizes = np.zeros(SIZES, np.int64)
    seats = max((t.seats for t in types), default=1)
    sizes[:REVERSED] = (
        len(part.directions),
        places,
        day_classes,
        rules.min_load,
        rules.dwell_s_per_stop,
        rules.dwell_s_per_rider,
        rules.dwell_s(0, at_worksite=True),
        rules.dwell_s(1, at_worksite=True) - rules.dwell_s(0, at_worksite=True),
        min(rules.max_stops, MOST_POSITIONS),
        min(len(part.riders), 4 * seats),
        seats,
        FAR if rules.max_trip_s is None else min(rules.max_trip_s, FAR),
        rules.one_worksite_per_trip,
        rules.turnaround_s,
        part.chained,
    )
    for lane, direction in enumerate(part.directions):
        sizes[REVERSED + lane] = direction is Direction.OUTBOUND
    if problem.changes is not None:
        sizes[[PROMISED, KEPT, TOLERANCE]] = 1, kept, problem.changes.costs.tolerance_s
    return sizes


def positions(given: Given) -> int:
    """Return the width of a line's fields: its positions, and room for its scalars."""
    return max(HEAD_FIELDS, int(given.sizes[MAX_LEN]))
