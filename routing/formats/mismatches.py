"""Compares what a plan document declares with what follows from its decisions, so that a doctored one is caught."""

from collections.abc import Iterator, Mapping
from itertools import chain

from routing.evaluate import Evaluation
from routing.evaluate.findings import Rule, Violation
from routing.formats.document import DocumentCall, PlanDocument, describe_plan
from routing.model.problem import Problem
from routing.model.units import format_clock

TOLERANCE = {"s": 1, "m": 1, "people": 0, "fen": 6}
"""Largest difference that counts as rounding, by unit; cost parts are six, each rounded on its own."""

_SUMMARY_TOLERANCE = {
    "cost_fen": 6.0,
    "mean_walk_m": 1.0,
    "p95_walk_m": 1.0,
    "mean_ride_s": 1.0,
    "p95_ride_s": 1.0,
    "p95_ride_ratio": 0.01,
    "mean_load_factor": 0.01,
    "riders_per_trip": 0.1,
    "trips_per_vehicle": 0.01,
    "service_km": 0.2,
    "deadhead_share": 0.001,
}
_COST_PART_TOLERANCE = 1.0
_DEGREES_PER_METRE = 1.0 / 111_320.0


def find_mismatches(problem: Problem, document: PlanDocument, evaluation: Evaluation) -> tuple[Violation, ...]:
    """Return a violation of the rule ``declared`` for every declared value that the decisions do not bear out.

    Times, walks and counts are compared trip by trip and rider by rider, positions of stops with the problem's,
    and the summary with the judge's. What a document does not declare is not missed.

    Parameters
    ----------
    problem : Problem
        What is given.
    document : PlanDocument
        As read.
    evaluation : Evaluation
        Of ``document.plan``.
    """
    derived = describe_plan(problem, document.plan, evaluation)
    found = chain(
        _compare_calls(document, derived),
        _compare_seats(document, derived),
        _compare_stops(problem, document),
        _compare_summary(document.summary, evaluation.summary()),
        _compare_bound(document.summary, evaluation.cost_fen),
    )
    return tuple(found)


def _violation(subject: str, what: str, declared: float, derived: float) -> Violation:
    text = f"{subject}: {what} is declared as {declared:g}, but is {derived:g}"
    return Violation(rule=Rule.DECLARED, subject=subject, value=declared, limit=derived, text=text)


def _compare_calls(document: PlanDocument, derived: PlanDocument) -> Iterator[Violation]:
    true = {trip.trip_id: trip for trip in derived.trips}
    for trip in document.trips:
        if trip.trip_id not in true:
            continue  # unresolved: the judge reports the reference
        for position, (call, right) in enumerate(zip(trip.calls, true[trip.trip_id].calls, strict=False)):
            last = position == len(trip.calls) - 1
            yield from _compare_call(trip.trip_id, position, call, right, last=last)
        metres = true[trip.trip_id].distance_m
        if trip.distance_m is not None and metres is not None and abs(trip.distance_m - metres) > TOLERANCE["m"]:
            yield _violation(trip.trip_id, "distance_m", trip.distance_m, metres)


def _dwell_s(call: DocumentCall) -> int:
    return (call.depart or 0) - (call.arrive or 0)


def _compare_call(
    trip_id: str, position: int, call: DocumentCall, right: DocumentCall, *, last: bool
) -> Iterator[Violation]:
    where = f"stop {position + 1} ({call.stop_id})"
    # Whoever leaves out the dwell at the ends of a trip promises riders nothing else.
    slack = {"arrive": _dwell_s(right) if position == 0 else 0, "depart": _dwell_s(right) if last else 0}
    for name in ("arrive", "depart"):
        declared, true = getattr(call, name), getattr(right, name)
        if declared is not None and abs(declared - true) > TOLERANCE["s"] + slack[name]:
            text = f"{trip_id}: {name} at {where} is declared as {format_clock(declared)}, but is {format_clock(true)}"
            yield Violation(rule=Rule.DECLARED, subject=trip_id, value=declared, limit=true, text=text)
    for name in ("board", "alight", "load"):
        declared, true = getattr(call, name), getattr(right, name)
        if declared is not None and abs(declared - true) > TOLERANCE["people"]:
            yield _violation(trip_id, f"{name} at {where}", declared, true)


def _compare_seats(document: PlanDocument, derived: PlanDocument) -> Iterator[Violation]:
    true = {
        (a.rider_id, a.direction, a.trip_id): seat
        for a, seat in zip(derived.plan.assignments, derived.seats, strict=True)
    }
    for assignment, seat in zip(document.plan.assignments, document.seats, strict=True):
        right = true[assignment.rider_id, assignment.direction, assignment.trip_id]
        for name, unit in (("walk_m", "m"), ("ride_s", "s")):
            declared, derived_value = getattr(seat, name), getattr(right, name)
            if declared is None or derived_value is None:
                continue  # undeclared, or unresolved: the judge reports it
            if abs(declared - derived_value) > TOLERANCE[unit]:
                yield _violation(assignment.rider_id, f"{name} {assignment.direction}", declared, derived_value)


def _compare_stops(problem: Problem, document: PlanDocument) -> Iterator[Violation]:
    known = {s.stop_id: (s.location, s.place_id) for s in problem.stops}
    known |= {w.worksite_id: (w.location, w.worksite_id) for w in problem.worksites}
    for stop in document.stops:
        if stop.stop_id not in known:
            continue
        at, place_id = known[stop.stop_id]
        off = max(abs(at.lon - stop.location.lon), abs(at.lat - stop.location.lat))
        if off > TOLERANCE["m"] * _DEGREES_PER_METRE:
            text = f"{stop.stop_id} is declared at another position, {off / _DEGREES_PER_METRE:.0f} m off or more"
            yield Violation(rule=Rule.DECLARED, subject=stop.stop_id, text=text)
        if stop.place_id not in {place_id, stop.stop_id}:
            text = f"{stop.stop_id} is declared a stop of place {stop.place_id}, but is one of {place_id}"
            yield Violation(rule=Rule.DECLARED, subject=stop.stop_id, text=text)


def _compare_summary(declared: Mapping[str, object], derived: Mapping[str, object]) -> Iterator[Violation]:
    for key, true in derived.items():
        said = declared.get(key)
        if isinstance(true, Mapping):
            inner = said if isinstance(said, Mapping) else {}
            yield from _compare_numbers("summary", f"{key}.", inner, true, dict.fromkeys(true, _COST_PART_TOLERANCE))
    plain = {key: true for key, true in derived.items() if not isinstance(true, Mapping)}
    yield from _compare_numbers("summary", "", declared, plain, _SUMMARY_TOLERANCE)


def _compare_numbers(
    subject: str,
    prefix: str,
    declared: Mapping[str, object],
    derived: Mapping[str, object],
    tolerance: Mapping[str, float],
) -> Iterator[Violation]:
    for key, true in derived.items():
        said = declared.get(key)
        if said is None or not isinstance(true, int | float):
            continue
        if isinstance(said, bool) or not isinstance(said, int | float):
            text = f"{subject}: {prefix}{key} is declared as {said!r}, which is no number"
            yield Violation(rule=Rule.DECLARED, subject=subject, limit=true, text=text)
        elif not abs(said - true) <= tolerance.get(key, 0.0):
            yield _violation(subject, f"{prefix}{key}", said, true)


def _compare_bound(declared: Mapping[str, object], cost_fen: int) -> Iterator[Violation]:
    """Compare the gap with the declared bound; the bound itself cannot be derived."""
    bound, gap = declared.get("lower_bound_fen"), declared.get("gap")
    if not isinstance(bound, int | float) or isinstance(bound, bool):
        return
    if bound > cost_fen + TOLERANCE["fen"]:
        yield _violation("summary", "lower_bound_fen, at most the cost,", bound, cost_fen)
    if isinstance(gap, int | float) and cost_fen > 0:
        true = (cost_fen - bound) / cost_fen
        if not abs(gap - true) <= 0.001:
            yield _violation("summary", "gap", gap, round(true, 6))
