"""Adds the runs of all trips up to figures of each trip and of the whole plan."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from routing.model.problem import Problem
from routing.simulate.runs import Run
from routing.simulate.words import CROWDED, Simulation, TripDays

DIGITS = 4


def sum_up(problem: Problem, runs: Sequence[Run], *, days: int, seed: int, no_show: float) -> Simulation:
    """Return the figures of a plan from the runs of its trips."""
    ran = np.array([run.ran for run in runs], np.bool_).reshape(len(runs), days)
    seats = np.array([[max(1, run.seats)] for run in runs], np.float64).reshape(len(runs), 1)
    late = _of_runs(ran, [run.late for run in runs])
    boarded = _of_runs(ran, [run.boarded for run in runs])
    load = _of_runs(ran, np.array([run.boarded for run in runs], np.float64).reshape(ran.shape) / seats)
    peak = _of_runs(ran, np.array([run.peak for run in runs], np.float64).reshape(ran.shape) / seats)
    expected = sum(int(run.expected[run.ran].sum()) for run in runs)
    in_time = sum(int(run.on_time[run.ran].sum()) for run in runs)
    trips = tuple(_sum_up_trip(problem, run) for run in runs if run.ran.any())
    return Simulation(
        days=days,
        seed=seed,
        runs=len(late),
        on_time=_mean(1.0 - late, empty=1.0),
        on_time_promised=_mean(_of_runs(ran, [np.full(days, run.promised) for run in runs]), empty=1.0),
        on_time_riders=round(in_time / expected, DIGITS) if expected else 1.0,
        worst_trip_on_time=min((trip.on_time for trip in trips), default=1.0),
        delay_p95_s=round(_percentile(_of_runs(ran, [run.delay for run in runs]), 95)),
        no_show=round(no_show, DIGITS),
        load_factor=_mean(load),
        load_factor_p10=_percentile(load, 10),
        load_factor_p90=_percentile(load, 90),
        crowded=_mean(peak >= CROWDED),
        overfull=_mean(peak > 1.0),
        below_min_load=_mean(boarded < problem.rules.min_load),
        trips=trips,
    )


def _sum_up_trip(problem: Problem, run: Run) -> TripDays:
    seats = max(1, run.seats)
    load = run.boarded[run.ran] / seats
    return TripDays(
        trip_id=run.trip.trip.trip_id,
        line_id=run.trip.line.line_id,
        direction=run.trip.trip.direction,
        runs=int(run.ran.sum()),
        on_time=_mean(~run.late[run.ran]),
        on_time_promised=round(run.promised, DIGITS),
        delay_p95_s=round(_percentile(run.delay[run.ran], 95)),
        load_factor=_mean(load),
        load_factor_p90=_percentile(load, 90),
        crowded=_mean(run.peak[run.ran] >= CROWDED * seats),
        below_min_load=_mean(run.boarded[run.ran] < problem.rules.min_load),
    )


def _of_runs(ran: np.typing.NDArray[np.bool_], values: ArrayLike) -> np.typing.NDArray[np.float64]:
    """Return the values of those days on which trips ran, flat."""
    return np.asarray(values, np.float64).reshape(ran.shape)[ran]


def _mean(values: ArrayLike, *, empty: float = 0.0) -> float:
    found = np.asarray(values, np.float64)
    return round(float(found.mean()), DIGITS) if found.size else empty


def _percentile(values: ArrayLike, share: float) -> float:
    found = np.asarray(values, np.float64)
    return round(float(np.percentile(found, share)), DIGITS) if found.size else 0.0
