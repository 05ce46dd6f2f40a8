"""What could give where no line opens for anyone: every limit of a problem, and how to move it step by step."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from routing.model.fleet import FleetItem
from routing.model.problem import Problem
from routing.model.rules import ServiceRules
from routing.model.units import FEN_PER_YUAN, MINUTE_S, fen_to_yuan

MOST_STOPS = 40
MOST_WINDOW_MIN = 240
MOST_SEATS = 1_000
MOST_YUAN = 10**7
PER_MILLE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Lever:
    """One limit that can be moved.

    Attributes
    ----------
    rule : str
        What the judge calls the rule, or ``vehicles`` where there are none.
    key : str
        Where a scenario says it: a dotted key of scenario.toml, or a column of a table.
    phrase : str
        Why nobody is served if it is this rule, as a clause.
    most : int
        Steps beyond which moving it further changes nothing, or makes no sense.
    moved : callable
        Returns a problem with the limit moved by so many steps.
    shown : callable
        Returns the limit as a scenario writes it.
    weight : float
        What one step is of the promise, by which levers are weighed against one another.
    """

    rule: str
    key: str
    phrase: str
    most: int
    moved: Callable[[Problem, int], Problem]
    shown: Callable[[Problem], str]
    weight: float


def levers(problem: Problem) -> tuple[Lever, ...]:
    """Return the levers of a problem that can be moved at all."""
    found = (*_walks(problem), *_times(problem), *_loads(problem), *_vehicles(problem), *_switches(problem))
    return tuple(lever for lever in found if lever.most > 0)


def _with(problem: Problem, **changes: float) -> Problem:
    return replace(problem, rules=replace(problem.rules, **changes))  # type: ignore[arg-type]


def _walks(problem: Problem) -> Iterator[Lever]:
    furthest = int(problem.walks.metres.max(initial=0))
    for field in ("max_walk_m", "max_walk_short_m"):
        limit: int = getattr(problem.rules, field)
        yield Lever(
            rule="walk",
            key=f"rules.{field}",
            phrase="no stop in walk",
            most=max(0, furthest - limit),
            moved=lambda p, metres, field=field, limit=limit: _with(p, **{field: limit + metres}),  # type: ignore[misc]
            shown=lambda p, field=field: str(getattr(p.rules, field)),  # type: ignore[misc]
            weight=1 / max(1, limit),
        )


def _times(problem: Problem) -> Iterator[Lever]:
    rules = problem.rules
    longest = max((int(m.duration.max(initial=0)) for m in problem.travel), default=0)
    enough = (2 * longest + rules.dwell_s(100, at_worksite=False) * rules.max_stops) // MINUTE_S + 1
    limits = {
        "ride": ("max_ride_s", "ride too long", rules.max_ride_s),
        "detour": ("max_detour_free_s", "detour too long", rules.max_ride_s),
        "trip_time": ("max_trip_s", "every trip takes too long", rules.max_trip_s),
    }
    for rule, (field, phrase, whole) in limits.items():
        limit = getattr(rules, field)
        if limit is not None:
            yield Lever(
                rule=rule,
                key=f"rules.{field.removesuffix('_s')}_min",
                phrase=phrase,
                most=max(0, enough - limit // MINUTE_S),
                moved=lambda p, minutes, field=field, limit=limit: _with(p, **{field: limit + minutes * MINUTE_S}),  # type: ignore[misc]
                shown=lambda p, field=field: _minutes(getattr(p.rules, field)),  # type: ignore[misc]
                weight=MINUTE_S / max(1, whole or 1),
            )
    yield Lever(
        rule="arrival_window",
        key="rules.arrive_early_min",
        phrase="the windows are too narrow",
        most=MOST_WINDOW_MIN,
        moved=_widened,
        shown=lambda p: _minutes(p.rules.arrive_early_s),
        weight=MINUTE_S / max(1, rules.arrive_early_s),
    )
    yield Lever(
        rule="on_time",
        key="rules.on_time",
        phrase="no trip can be on time on enough days",
        most=int(rules.on_time * PER_MILLE),
        moved=lambda p, steps: _with(p, on_time=max(0.0, round(rules.on_time - steps / PER_MILLE, 3))),
        shown=lambda p: f"{p.rules.on_time:g}",
        weight=1 / PER_MILLE / max(1 - rules.on_time, 1 / PER_MILLE),
    )
    yield Lever(
        rule="stops_per_trip",
        key="rules.max_stops",
        phrase="trips may halt too seldom",
        most=max(0, MOST_STOPS - rules.max_stops),
        moved=lambda p, stops: _with(p, max_stops=rules.max_stops + stops),
        shown=lambda p: str(p.rules.max_stops),
        weight=1 / rules.max_stops,
    )


def _widened(problem: Problem, minutes: int) -> Problem:
    """Open every window so much earlier inbound, and close it so much later outbound."""
    more = minutes * MINUTE_S
    shifts = tuple(
        replace(
            shift,
            arrive_early_s=None if shift.arrive_early_s is None else shift.arrive_early_s + more,
            leave_late_s=None if shift.leave_late_s is None else shift.leave_late_s + more,
        )
        for shift in problem.shifts
    )
    rules: ServiceRules = problem.rules
    wide = _with(problem, arrive_early_s=rules.arrive_early_s + more, leave_late_s=rules.leave_late_s + more)
    return replace(wide, shifts=shifts)


def _loads(problem: Problem) -> Iterator[Lever]:
    rules = problem.rules
    yield Lever(
        rule="min_load",
        key="rules.min_load",
        phrase="too few neighbours",
        most=rules.min_load - 1,
        moved=lambda p, riders: _with(p, min_load=rules.min_load - riders),
        shown=lambda p: str(p.rules.min_load),
        weight=1 / max(1, rules.min_load),
    )
    largest = max((kind.seats for kind in problem.vehicle_types), default=0)
    yield Lever(
        rule="seats",
        key="fleet.seats",
        phrase="no vehicle large enough",
        most=MOST_SEATS if largest else 0,
        moved=_enlarged,
        shown=lambda p: f"{max((kind.seats for kind in p.vehicle_types), default=0)} at most",
        weight=1 / max(1, largest),
    )


def _enlarged(problem: Problem, seats: int) -> Problem:
    largest = max(kind.seats for kind in problem.vehicle_types)
    types = (replace(k, seats=k.seats + seats) if k.seats == largest else k for k in problem.vehicle_types)
    return replace(problem, vehicle_types=tuple(types))


def _vehicles(problem: Problem) -> Iterator[Lever]:
    there = sum(item.available for item in problem.fleet)
    budget = problem.budget
    if not there and problem.vehicle_types and problem.depots:
        yield Lever(
            rule="fleet",
            key="fleet.count",
            phrase="no vehicle stands in any depot",
            most=1,
            moved=_supplied,
            shown=lambda p: str(max((item.available for item in p.fleet), default=0)),
            weight=1.0,
        )
    if budget.max_vehicles is not None:
        limit = budget.max_vehicles
        yield Lever(
            rule="vehicle_budget",
            key="budget.max_vehicles",
            phrase="the budget of vehicles allows too few",
            most=2,
            moved=lambda p, more: replace(p, budget=replace(p.budget, max_vehicles=limit + more)),
            shown=lambda p: str(p.budget.max_vehicles),
            weight=1 / max(1, limit),
        )
    if budget.max_cost_fen is not None:
        money = budget.max_cost_fen
        yield Lever(
            rule="cost_budget",
            key="budget.max_cost_yuan_per_day",
            phrase="the budget of money pays for no trip",
            most=MOST_YUAN,
            moved=lambda p, yuan: replace(p, budget=replace(p.budget, max_cost_fen=money + yuan * FEN_PER_YUAN)),
            shown=lambda p: f"{fen_to_yuan(p.budget.max_cost_fen or 0):g}",
            weight=FEN_PER_YUAN / max(1, money),
        )


def _supplied(problem: Problem, vehicles: int) -> Problem:
    """Put vehicles of every type into the first depot."""
    depot_id = problem.depots[0].depot_id
    more = (
        FleetItem(vehicle_type_id=k.vehicle_type_id, depot_id=depot_id, available=vehicles)
        for k in problem.vehicle_types
    )
    return replace(problem, fleet=(*problem.fleet, *more))


def _switches(problem: Problem) -> Iterator[Lever]:
    names = {
        "same_line": ("same_line_both_ways", "nobody can go home on the line that brought them"),
        "one_worksite": ("one_worksite_per_trip", "no worksite fills a trip of its own"),
    }
    for rule, (field, phrase) in names.items():
        yield Lever(
            rule=rule,
            key=f"rules.{field}",
            phrase=phrase,
            most=int(getattr(problem.rules, field)),
            moved=lambda p, steps, field=field: _with(p, **{field: not steps}),  # type: ignore[misc]
            shown=lambda p, field=field: str(getattr(p.rules, field)).lower(),  # type: ignore[misc]
            weight=1.0,
        )


def _minutes(seconds: int) -> str:
    return f"{seconds / MINUTE_S:g}"
