"""The problem that peers are given too: to work only, every trip by itself."""

from dataclasses import replace
from pathlib import Path

from benchmarks.lines import read_instance
from routing.model.problem import Problem
from routing.planner.prepare import prepare


def inbound_only(problem: Problem) -> Problem:
    """Return a problem without ways home, and so without lines that must serve both; nothing else changes.

    Riders whose shift asks for no way to work are left out with their walks.
    """
    there = [i for i, r in enumerate(problem.riders) if _start(problem, r.shift_id) is not None]
    if len(there) < len(problem.riders):
        raise ValueError("a rider's shift asks for no trip to work; peers are raced where everyone has one")
    return replace(
        problem,
        shifts=tuple(replace(shift, end=None) for shift in problem.shifts if shift.start is not None),
        rules=replace(problem.rules, same_line_both_ways=False),
    )


def read_problem(path: Path) -> Problem:
    """Read a scenario folder, or an instance of ready-made matrices (.npz), as an inbound problem."""
    return inbound_only(read_instance(path) if path.suffix == ".npz" else prepare(path).problem)


def _start(problem: Problem, shift_id: str) -> int | None:
    shift = problem.shift(shift_id)
    return None if shift is None else shift.start
