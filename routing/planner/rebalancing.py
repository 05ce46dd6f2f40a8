"""Follows a scenario that has drifted away from its running plan: what may change, the search, what is told."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from routing.compare import PlanDiff, compare
from routing.errors import Fault, InputError
from routing.evaluate import evaluate
from routing.explain import explain, seat_missed
from routing.formats.document import PlanDocument
from routing.formats.plan_reader import read_plan
from routing.model.changes import DEFAULT_COSTS, NO_PINS, ChangeCosts, Changes, Departures, Pins
from routing.model.plan import Plan
from routing.model.problem import Problem
from routing.model.result import OnProgress, Progress
from routing.planner.check import kept_stops
from routing.planner.prepare import Study, prepare
from routing.planner.run import Outcome
from routing.rebalance.chain import Chain, Journey, StopAfter
from routing.rebalance.conflicts import conflict, unknown_pins
from routing.rebalance.holding import hold_promises
from routing.rebalance.steps import stand
from routing.schedule import schedule_plan
from routing.solver import solve


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How much may change.

    Attributes
    ----------
    costs : ChangeCosts
        Prices of change, where there is no limit.
    max_changed_riders : int or None
        Most people who may feel a change; 0 is an infinite price.
    frontier : bool
        Tell the way to the cheapest plan in steps.
    """

    costs: ChangeCosts = DEFAULT_COSTS
    pins: Pins = NO_PINS
    max_changed_riders: int | None = None
    frontier: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebalanced:
    """A plan that follows the running one.

    Attributes
    ----------
    problem : Problem
        With the running plan in its changes.
    journey : Journey or None
        The steps, where they were asked for or a limit was given.
    """

    problem: Problem
    outcome: Outcome
    diff: PlanDiff
    journey: Journey | None = None


def prepare_rebalance(
    folder: Path, plan_file: Path, *, cache_dir: Path | None = None, on_progress: OnProgress | None = None
) -> tuple[Study, PlanDocument]:
    """Read a scenario and the plan that runs there.

    Raises
    ------
    InputError
        When one of them cannot be read, or with every reason why they do not belong together.
    """
    running = read_plan(plan_file)
    study = prepare(folder, keep=kept_stops(running), cache_dir=cache_dir, on_progress=on_progress)
    faults = tuple(find_strangers(study.problem, running, str(plan_file)))
    if faults:
        raise InputError(*faults)
    return study, running


def find_strangers(problem: Problem, running: PlanDocument, file: str) -> list[Fault]:
    """Return why a plan cannot be the one that runs in a scenario, each reason by itself.

    Riders who left are no fault; a plan none of whose riders is known is one.
    """
    plan = running.plan
    trips = {trip.trip_id for _, trip in plan.trips()}
    riders = {seat.rider_id for seat in plan.assignments}
    faults: list[Fault] = []
    if riders and not any(problem.rider_index(rider_id) is not None for rider_id in riders):
        faults.append(
            Fault(
                file=file,
                column="assignments",
                code="other_scenario",
                cause=f"None of the plan's {len(riders)} riders is in the scenario {problem.name}.",
                action="Give the plan that runs in this scenario.",
            )
        )
    vanished = {s for _, trip in plan.trips() for s in trip.stop_ids if problem.node(s) is None}
    faults += [
        Fault(
            file=file,
            column="stops",
            value=stop_id,
            code="vanished_stop",
            cause="A stop or worksite of the running plan is not in the scenario and its roads any more.",
            action="Bring it back, or take it out of the running plan.",
        )
        for stop_id in sorted(vanished)
    ]
    named = {
        "shift": {s for _, trip in plan.trips() for s in trip.shift_ids if problem.shift(s) is None},
        "vehicle type": {t.vehicle_type_id for _, t in plan.trips() if problem.vehicle_type(t.vehicle_type_id) is None},
        "trip": {seat.trip_id for seat in plan.assignments} - trips,
    }
    return faults + [
        Fault(
            file=file,
            value=name,
            code="unknown_id",
            cause=f"The running plan names a {what} that does not exist.",
            action="Give the plan that runs in this scenario.",
        )
        for what, names in named.items()
        for name in sorted(names)
    ]


def find_pin_faults(problem: Problem) -> list[Fault]:
    """Return pins on what does not run, each by itself; where there are none, those that cannot be kept together."""
    unknown = [
        Fault(
            file="--pin",
            value=f"{kind}:{name}",
            code="unknown_pin",
            cause="What is pinned does not run, or has left.",
            action="Pin lines, trips, stops and riders of the running plan.",
        )
        for kind, name in unknown_pins(problem)
    ]
    if unknown:
        return unknown
    held = conflict(problem)
    return [
        Fault(
            file="--pin",
            value=pin,
            code="contradictory_pins",
            cause=f"These {len(held)} pins cannot be kept together by the rules and the fleet, any fewer could.",
            action="Take one of them back, or change the rule that stands against them: banche check names it.",
        )
        for pin in held
    ]


def with_changes(problem: Problem, running: PlanDocument, wish: Wish) -> Problem:
    """Return the problem with what the running plan promised, and what may change of it."""
    costs = wish.costs
    if wish.max_changed_riders == 0:
        costs = ChangeCosts.flat(None, tolerance_s=costs.tolerance_s)
    changes = Changes(
        running=running.plan,
        departures=published_departures(problem, running),
        costs=costs,
        pins=wish.pins,
        max_changed_riders=wish.max_changed_riders,
    )
    return replace(problem, changes=changes)


def published_departures(problem: Problem, running: PlanDocument) -> Departures:
    """Return when trips leave their stops: as published, or as the plan's decisions imply where that is not told."""
    implied = {
        (trip.trip.trip_id, stop_id): clock
        for trip in schedule_plan(problem, running.plan).trips
        for stop_id, clock in zip(trip.trip.stop_ids, trip.depart, strict=True)
    }
    return implied | running.departures()


def rebalance_study(
    study: Study,
    running: PlanDocument,
    wish: Wish,
    *,
    stop_after: StopAfter,
    seed: int = 1,
    workers: int | None = None,
    on_progress: OnProgress | None = None,
) -> Rebalanced:
    """Search for the least disturbing improvement of a running plan.

    Parameters
    ----------
    stop_after : callable
        Gives for a share of the whole effort when one search ends.

    Raises
    ------
    InputError
        With every pin that holds nothing, or a smallest set that cannot be kept.
    """
    problem, threads = with_changes(study.problem, running, wish), workers or os.cpu_count() or 1
    faults = find_pin_faults(problem) if wish.pins else []
    if faults:
        raise InputError(*faults)
    journey = None
    if wish.frontier or wish.max_changed_riders:
        chain = Chain(problem=problem, stop_after=stop_after, seed=seed, workers=threads, on_progress=on_progress)
        journey = chain.travel()
        search = journey.search
    else:
        search = solve(
            problem,
            stop=stop_after(1.0),
            seed=seed,
            workers=threads,
            incumbent=running.plan,
            on_progress=on_progress,
        )
    plan = hold_promises(problem, search.plan)
    if wish.pins.lines or wish.pins.trips:
        # Pinned lines are no part of the search, but have seats that who left no longer needs.
        plan = seat_missed(problem, plan)
    plan = _explained(problem, plan, on_progress)
    outcome = Outcome(plan=plan, evaluation=evaluate(problem, plan), search=replace(search, plan=plan))
    if journey is not None and journey.steps:
        last = replace(journey.steps[-1], after=stand(problem, plan))
        journey = replace(journey, steps=(*journey.steps[:-1], last))
    return Rebalanced(problem=problem, outcome=outcome, diff=diff_of(problem, plan), journey=journey)


def _explained(problem: Problem, plan: Plan, on_progress: OnProgress | None) -> Plan:
    tell: Callable[[Progress], None] = on_progress or (lambda _: None)
    tell(Progress(phase="explain", done=0.0, text=f"{len(plan.unserved)} seats not found"))
    try:
        return explain(problem, plan, on_progress=on_progress)
    except KeyboardInterrupt:
        return plan


def diff_of(problem: Problem, plan: Plan) -> PlanDiff:
    """Return what changes from the running plan to another one."""
    assert problem.changes is not None, "there is a running plan"
    departures = {
        (trip.trip.trip_id, stop_id): clock
        for trip in schedule_plan(problem, plan).trips
        for stop_id, clock in zip(trip.trip.stop_ids, trip.depart, strict=True)
    }
    return compare(problem.changes.running, plan, dict(problem.changes.departures), departures)
