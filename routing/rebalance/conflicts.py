"""Pins that cannot all be kept: found by judging the pinned lines alone, before any search."""

from collections.abc import Collection
from dataclasses import replace

from routing.evaluate import Rule, evaluate
from routing.model.changes import Pins
from routing.model.places import StopStatus
from routing.model.problem import Problem
from routing.solver.fixed import pinned_line_ids, pinned_plan
from routing.solver.recrew import recrew

OTHERS = {Rule.SERVED_OR_EXPLAINED, Rule.PINNED_STOP, Rule.FROZEN, Rule.PIN, Rule.CHANGE_BUDGET}
"""Rules about riders who are no part of the pinned lines."""


def unknown_pins(problem: Problem) -> list[tuple[str, str]]:
    """Return kind and id of pins on what does not run, or on whom the running plan promises nothing any more."""
    changes = problem.changes
    if changes is None:
        return []
    running, pins = changes.running, changes.pins
    seated = {seat.rider_id for seat in running.assignments if problem.rider_index(seat.rider_id) is not None}
    known = {
        "lines": {line.line_id for line in running.lines},
        "trips": {trip.trip_id for _, trip in running.trips()},
        "stops": {stop_id for _, trip in running.trips() for stop_id in trip.stop_ids},
        "vehicle_types": {line.line_id for line in running.lines},
        "riders": seated,
    }
    return [(kind, name) for kind, names in known.items() for name in sorted(getattr(pins, kind) - names)]


def conflict(problem: Problem) -> tuple[str, ...]:
    """Return a smallest set of pins that no plan can keep together, as ``kind:id``; empty where none was found.

    Smallest in that none of them can be left out: each is tried. Pinned lines and trips are judged with their riders
    and the fleet; pinned stops against those that are forbidden by now.
    """
    changes = problem.changes
    if changes is None:
        return ()
    forbidden = {stop.stop_id for stop in problem.stops if stop.status is StopStatus.FORBIDDEN}
    for stop_id in sorted(changes.pins.stops & forbidden):
        return (f"stops:{stop_id}",)
    held = [("lines", name) for name in sorted(changes.pins.lines)]
    held += [("trips", name) for name in sorted(changes.pins.trips)]
    if _can_be_kept(problem, held):
        return ()
    for pin in list(held):
        rest = [other for other in held if other != pin]
        if not _can_be_kept(problem, rest):
            held = rest
    return tuple(f"{kind}:{name}" for kind, name in held)


def _can_be_kept(problem: Problem, held: Collection[tuple[str, str]]) -> bool:
    changes = problem.changes
    assert changes is not None, "there are pins"
    pins = Pins(
        lines=frozenset(name for kind, name in held if kind == "lines"),
        trips=frozenset(name for kind, name in held if kind == "trips"),
    )
    alone = replace(problem, changes=replace(changes, pins=pins))
    plan = pinned_plan(alone)
    driven = recrew(alone, plan) if pinned_line_ids(alone) else plan
    if driven is None:
        return False
    return all(v.rule in OTHERS for v in evaluate(alone, driven).violations)
