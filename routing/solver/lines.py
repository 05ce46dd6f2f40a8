"""The lines a search found, read back from its arrays; the words in which blocks and plans are made."""

from dataclasses import dataclass

import numpy as np

from routing.model.demand import Direction
from routing.model.problem import Problem
from routing.solver.encode import Encoded
from routing.solver.layout import (
    ARRIVE,
    BEGIN,
    BEST_SLOT,
    DEPART,
    EARLY,
    HEAD,
    HOW,
    KEY,
    LANE,
    LANE_FIELDS,
    LEN,
    NODE,
    PEAK,
    PLACE,
    PREV,
    PROMISED,
    REVERSED,
    RIDERS,
    SITE,
    TYPE,
    WHO,
    State,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One trip of a found line, in the direction of travel.

    Attributes
    ----------
    nodes : tuple of int
        Nodes of the problem.
    begin, end : int
        Clock time [s] at which the vehicle reaches the first stop and leaves the last.
    departure : int
        Clock time [s] at which it leaves the first stop.
    earlier, later : int
        By how much [s] the trip may be moved.
    seats : tuple of (int, int, int)
        Rider of the problem, node of boarding, node of alighting.
    """

    direction: Direction
    period: int
    nodes: tuple[int, ...]
    begin: int
    end: int
    departure: int
    earlier: int
    later: int
    seats: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundLine:
    """A line with its trips; `peak` people need a seat, `type_index` is what the search chose.

    Lines of one part with the same `vehicle` share it; −1 where vehicles were no part of the search.

    Attributes
    ----------
    keeps_type : bool
        No other vehicle type may drive it.
    pinned : (str, str, str) or None
        Of a trip that was no part of the search because it is pinned: id and name of its line, its own id.
    """

    runs: tuple[Run, ...]
    shift_ids: tuple[str, ...]
    riders: tuple[int, ...]
    type_index: int
    peak: int
    vehicle: int = -1
    keeps_type: bool = False
    pinned: tuple[str, str, str] | None = None


def found_lines(problem: Problem, encoded: Encoded, state: State) -> list[FoundLine]:
    """Return the lines of the best state, in a fixed order."""
    count = len(state.ledger)
    rows = [2 * count + line for line in range(count) if state.ledger[line, BEST_SLOT] >= 0]
    return [_read(problem, encoded, state, row) for row in rows]


def _read(problem: Problem, encoded: Encoded, state: State, row: int) -> FoundLine:
    a = state.lines[row]
    part = encoded.part
    crew = state.crew[row, :, : a[HEAD, RIDERS]]
    riders = tuple(part.riders[r] for r in crew[WHO])
    shifts = {problem.riders[r].shift_id for r in riders}
    return FoundLine(
        runs=tuple(_read_run(encoded, a, crew, lane) for lane in range(len(part.directions))),
        shift_ids=tuple(s.shift_id for s in part.shifts if s.shift_id in shifts),
        riders=riders,
        type_index=int(a[HEAD, TYPE]) - 1,
        peak=int(a[HEAD, PEAK]),
        vehicle=_vehicle(state, row) if part.chained else -1,
    )


def _vehicle(state: State, row: int) -> int:
    """Return the number of the first line of a line's vehicle."""
    count = len(state.ledger)
    while (before := int(state.lines[row, HEAD, PREV])) >= 0:
        row = 2 * count + before
    return row - 2 * count


def _read_run(encoded: Encoded, a: np.ndarray, crew: np.ndarray, lane: int) -> Run:
    given, part = encoded.given, encoded.part
    base = LANE + lane * LANE_FIELDS
    n = int(a[HEAD, LEN])
    opens, closes = int(a[HEAD, BEGIN + 2 * lane]), int(a[HEAD, BEGIN + 2 * lane + 1])
    if part.chained:
        opens = closes = int(a[HEAD, EARLY])
    elif given.sizes[PROMISED]:
        opens = closes = int(a[HEAD, EARLY + lane])
    start = (opens + closes) // 2
    nodes = [int(encoded.nodes[node]) for node in a[base + NODE, :n]]
    at = {int(key): i for i, key in enumerate(a[KEY, :n])}
    places = len(given.kerbs) - len(given.node[0, 0, 4:])
    seats = [
        (part.riders[r], nodes[at[int(given.option[o, PLACE])]], nodes[at[places + int(given.rider[r, SITE])]])
        for r, o in zip(crew[WHO].tolist(), crew[HOW].tolist(), strict=True)
    ]
    begin, end = start + int(a[base + ARRIVE, 0]), start + int(a[base + DEPART, n - 1])
    departure = start + int(a[base + DEPART, 0])
    earlier, later = start - opens, closes - start
    if given.sizes[REVERSED + lane]:
        nodes.reverse()
        seats = [(r, site, stop) for r, stop, site in seats]
        departure = -(start + int(a[base + ARRIVE, n - 1]))
        begin, end, earlier, later = -end, -begin, later, earlier
    return Run(
        direction=part.directions[lane],
        period=part.periods[lane],
        nodes=tuple(nodes),
        begin=begin,
        end=end,
        departure=departure,
        earlier=earlier,
        later=later,
        seats=tuple(seats),
    )
