"""A seat on an existing line: the cheapest that keeps every rule, or what would have to give for one."""

from collections import defaultdict
from dataclasses import replace

from routing.explain.finding import MOST_NEEDS, Finding, dearer
from routing.explain.options import find_options, usable_stops
from routing.explain.remedy import Remedy, afforded, most_vehicles, relaxed_rules
from routing.explain.trial import Trial, try_option
from routing.explain.vicinity import PlanIndex
from routing.model.demand import Direction, Rider
from routing.model.fleet import FleetItem
from routing.model.plan import Block, Line
from routing.model.problem import Problem
from routing.model.units import HOUR_S, MINUTE_S, fen_to_yuan
from routing.schedule import TripSchedule

ENOUGH = 3
"""Seats that keep every rule, after which no more are looked for; and checks per kind of relaxation."""
EFFORT_FOR_OTHER_SHIFTS = 10
"""Below this many seats tried per rider, other working hours are not looked into."""


def search_lines(
    index: PlanIndex, rider: int, directions: tuple[Direction, ...], effort: int, *, only_price: bool = False
) -> list[Finding]:
    """Look for a seat on the lines there are.

    Parameters
    ----------
    rider : int
        Index of the rider in the problem.
    effort : int
        Most seats tried; those that lead a trip least astray come first.
    only_price : bool
        Look for seats that keep every rule, and nothing else.

    Returns
    -------
    list of Finding
        One of kind ``price`` where a seat keeps every rule; else the smallest checked one of each kind,
        other working hours among them.
    """
    problem = index.problem
    given = problem.riders[rider]
    limit = problem.rules.walk_limit_m(given.need)
    stops = usable_stops(problem, rider)
    new_within = limit if stops and stops[0][1] <= limit else stops[-1][1] if stops else 0
    options = list(find_options(index, given, directions, stops, new_within))
    near = sorted((o for o in options if o.walk_m <= limit), key=lambda o: (o.detour_s, o.walk_m))
    far = sorted((o for o in options if o.walk_m > limit), key=lambda o: (o.walk_m, o.detour_s))
    if only_price:
        far = []
    trials: defaultdict[str, list[Trial]] = defaultdict(list)
    for option in near[:effort] + far[: effort // 2]:
        # What needs a longer walk comes last: it is tried only where nothing within the walk keeps the rules.
        if (
            len(trials["price"]) >= ENOUGH
            or (trials["price"] and option.walk_m > limit)
            or len(trials["walk"]) >= ENOUGH
        ):
            break
        trial = try_option(index, problem, rider, option)
        if trial.kind is not None and (trial.kind == "price" or not only_price):
            trials[trial.kind].append(trial)
    findings = _check_trials(index, given, trials, only_price=only_price)
    if only_price or effort < EFFORT_FOR_OTHER_SHIFTS or any(f.kind == "price" for f in findings):
        return findings
    return findings + _search_other_shifts(index, rider, directions, [s for s in stops if s[1] <= limit], effort // 2)


def _check_trials(index: PlanIndex, rider: Rider, trials: dict[str, list[Trial]], *, only_price: bool) -> list[Finding]:
    findings: list[Finding] = []
    for kind in sorted(trials, key=lambda k: k != "price"):
        ordered = sorted(trials[kind], key=lambda t: (t.amount, t.option.detour_s))[:ENOUGH]
        checked = [f for f in (_check_trial(index, rider, t) for t in ordered) if f is not None]
        free = [f for f in checked if f.kind == "price"]
        if free or (kind == "price" and only_price):
            return sorted(free, key=lambda f: f.extra_fen)[:1]
        # A seat that keeps every rule of its trips may still lack a vehicle, or money.
        findings += [
            min((f for f in checked if f.kind == k), key=lambda f: f.amount) for k in sorted({f.kind for f in checked})
        ]
    return findings


def _search_other_shifts(
    index: PlanIndex, rider: int, directions: tuple[Direction, ...], stops: list[tuple[int, int]], effort: int
) -> list[Finding]:
    """Look for the nearest other working hours whose lines have a seat; working hours give last of all."""
    problem = index.problem
    given = problem.riders[rider]
    own = problem.shift(given.shift_id)
    if own is None:
        return []
    apart = {
        s.shift_id: max(abs((s.anchor(way) or 0) - (own.anchor(way) or 0)) for way in directions)
        for s in problem.shifts
        if s.shift_id != own.shift_id and s.directions == own.directions
    }
    for shift_id, seconds in sorted(apart.items(), key=lambda item: item[1]):
        shifted = replace(given, shift_id=shift_id)
        riders = (*problem.riders[:rider], shifted, *problem.riders[rider + 1 :])
        options = find_options(index, shifted, directions, stops, problem.rules.walk_limit_m(given.need))
        nearest = sorted(options, key=lambda o: (o.detour_s, o.walk_m))[:effort]
        other = replace(problem, riders=riders) if nearest else problem
        for option in nearest:
            trial = try_option(index, other, rider, option)
            if trial.kind == "price":
                finding = _check_trial(index, given, replace(trial, kind="shift", amount=seconds), shifted)
                if finding is not None:
                    return [finding]
    return []


def _check_trial(index: PlanIndex, rider: Rider, trial: Trial, shifted: Rider | None = None) -> Finding | None:
    """Ask the judge about line, vehicles and rider together; None where a rule is broken after all.

    A trip that would no longer meet its vehicle's next one may have a vehicle of its own. A seat that
    breaks no rule of its trips is found for the vehicle or the money that it lacks, where that is all.
    """
    line = _changed_line(trial)
    remedy = replace(_relaxed(index.problem, rider, trial), lines=(line,), assignments=trial.seats)
    if shifted is not None:
        remedy = replace(remedy, riders=(shifted,))
    small, part = index.around({line.line_id}, {rider.rider_id})
    for attempt in (remedy, _with_own_vehicles(index, trial, remedy)):
        if attempt is None:
            continue
        paid, broken, extra = afforded(small, part, attempt)
        gives = {"vehicles": paid.more_vehicles, "money": paid.more_fen, trial.kind or "": trial.amount}
        needs = tuple((kind, amount) for kind, amount in gives.items() if kind != "price" and amount)
        if not broken and len(needs) <= MOST_NEEDS:
            return _finding(index.problem, rider, trial, paid, extra, needs)
    return None


def _finding(
    problem: Problem, rider: Rider, trial: Trial, remedy: Remedy, extra: int, needs: tuple[tuple[str, int], ...]
) -> Finding:
    kind, amount = needs[0] if needs else ("price", extra)
    return Finding(
        kind=kind,
        amount=amount,
        share=sum(amount / _promise(problem, rider, kind) for kind, amount in needs),
        text=_sentence(problem, trial, needs, extra),
        seats=trial.seats,
        remedy=remedy,
        extra_fen=extra,
        also=needs[1:],
    )


def _with_own_vehicles(index: PlanIndex, trial: Trial, remedy: Remedy) -> Remedy | None:
    """Give the changed trips that share a vehicle one of their own: an idle one of the type, or one more."""
    spare = dict(index.spare)
    blocks: dict[str, Block] = {}
    bought: list[FleetItem] = []
    for schedule in trial.trips:
        trip = schedule.trip
        block = next((b for b in index.plan.blocks if trip.trip_id in b.trip_ids), None)
        block = block and blocks.get(block.block_id, block)
        if block is None or len(block.trip_ids) == 1:
            continue
        yard = next((y for y, count in spare.items() if y[0] == trip.vehicle_type_id and count > 0), None)
        if yard is None:
            yard = trip.vehicle_type_id, block.depot_id
            bought.append(FleetItem(vehicle_type_id=yard[0], depot_id=yard[1], available=1))
        else:
            spare[yard] -= 1
        others = tuple(t for t in block.trip_ids if t != trip.trip_id)
        alone = replace(block, block_id=f"{trip.trip_id} alone", depot_id=yard[1], trip_ids=(trip.trip_id,))
        blocks |= {block.block_id: replace(block, trip_ids=others), alone.block_id: alone}
    own = replace(remedy, blocks=tuple(blocks.values()), fleet=tuple(bought), more_vehicles=len(bought))
    return own if blocks else None


def _changed_line(trial: Trial) -> Line:
    changed = {t.trip.trip_id: t.trip for t in trial.trips}
    line = trial.option.line
    return replace(line, trips=tuple(changed.get(t.trip_id, t) for t in line.trips))


def _relaxed(problem: Problem, rider: Rider, trial: Trial) -> Remedy:
    if trial.kind == "seats":
        used = {t.trip.vehicle_type_id for t in trial.trips}
        types = (v for v in problem.vehicle_types if v.vehicle_type_id in used)
        return Remedy(vehicle_types=tuple(replace(v, seats=v.seats + trial.amount) for v in types))
    if trial.kind == "detour":
        # The promise is a factor or free seconds, whichever is more; the seconds are what is set.
        free = max(_over_direct(problem, t) for t in trial.trips) - problem.rules.max_detour_free_s
        return Remedy(rules=relaxed_rules(problem.rules, "detour", max(free, 0)))
    if trial.kind in ("walk", "ride", "trip", "stops"):
        return Remedy(rules=relaxed_rules(problem.rules, trial.kind, trial.amount, rider.need))
    return Remedy()


def _over_direct(problem: Problem, schedule: TripSchedule) -> int:
    duration = problem.travel[schedule.period].duration
    over = 0
    for seat in schedule.seats:
        direct = int(duration[schedule.nodes[seat.board], schedule.nodes[seat.alight]])
        if schedule.ride_s(seat) > problem.rules.detour_limit_s(direct):
            over = max(over, schedule.ride_s(seat) - direct)
    return over


def _promise(problem: Problem, rider: Rider, kind: str) -> float:
    rules = problem.rules
    whole = {
        "walk": rules.walk_limit_m(rider.need),
        "ride": rules.max_ride_s,
        "detour": rules.max_ride_s,
        "trip": rules.max_trip_s or 1,
        "stops": rules.max_stops,
        "seats": min(v.seats for v in problem.vehicle_types),
        "shift": HOUR_S,
        "vehicles": most_vehicles(problem),
        "money": problem.budget.max_cost_fen or 1,
    }
    return max(1, whole.get(kind, 1))


def _sentence(problem: Problem, trial: Trial, needs: tuple[tuple[str, int], ...], extra: int) -> str:
    halt = trial.option.halts[0]
    stop = problem.stops[halt.node]
    line = trial.option.line
    seat = f"line {line.line_id} ({line.name}) has a seat from {stop.name} ({stop.stop_id}), {halt.walk_m} m on foot"
    if not needs:
        return f"With every promise kept, {seat}, for {dearer(extra)} than leaving the rider out."
    return f"With {' and '.join(_condition(kind, amount) for kind, amount in needs)}, {seat}."


def _condition(kind: str, amount: int) -> str:
    return {
        "walk": f"a walk {amount} m longer than promised",
        "seats": f"{amount} more seats in the vehicle",
        "stops": f"{amount} more stops than a trip may make",
        "ride": f"a longest ride {amount} s longer",
        "detour": f"{amount} s more of a detour for those aboard",
        "trip": f"trips that may last {amount} s longer",
        "shift": f"working hours that differ by {amount // MINUTE_S} min",
        "vehicles": f"{amount} more vehicles",
        "money": f"{fen_to_yuan(amount):,.2f} yuan a day more in the budget",
    }[kind]
