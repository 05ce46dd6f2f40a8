"""States of a search for the solver's tests: made from towns, taken apart, and worked out again in plain Python."""

import numpy as np

from routing.model.demand import Direction
from routing.model.problem import Problem
from routing.solver.anneal import ANNEAL, CONSTRUCT, FLEET, work
from routing.solver.choices import choose_stops
from routing.solver.encode import Encoded, encode
from routing.solver.fleet import available_types
from routing.solver.layout import (
    ACTIVE,
    AFTER,
    AT_LINE,
    BEFORE,
    BEGIN,
    BEGIN_BY,
    COUNT,
    DEPART,
    EARLY,
    FIRST,
    FREE_AT,
    HEAD,
    HOW,
    KEY,
    KIND,
    LANE,
    LANE_FIELDS,
    LANES,
    LAST,
    LATE,
    LEAST_WAITING,
    LEN,
    LINE_COUNT,
    MOST_VEHICLES,
    NEXT,
    NODE,
    PREV,
    RIDERS,
    THERE_S,
    TURN,
    TYPE,
    VEHICLES,
    WHO,
    State,
)
from routing.solver.parts import Part, split
from routing.solver.piece import OPTIONS, PieceSearch, start
from routing.solver.state import new_state
from tests.solver.towns import Town, draw


def parts_of(problem: Problem) -> tuple[Part, ...]:
    """Return the parts of a problem, with everyone in them who has a stop to walk to."""
    some = {r for r, c in enumerate(choose_stops(problem)) if len(c.stops)}
    return split(problem, dict.fromkeys(Direction, some))


def encoded(problem: Problem, which: int = 0) -> Encoded:
    """Return one part of a problem as arrays."""
    return encode(problem, parts_of(problem)[which], choose_stops(problem), available_types(problem))


def searches(problem: Problem, **options: int) -> list[PieceSearch]:
    """Return a search for each part that has not run yet."""
    choices, types = choose_stops(problem), available_types(problem)
    return [start(problem, part, [], choices, types, 1, **options) for part in parts_of(problem)]


def constructed(town: Town, which: int = 0) -> tuple[Encoded, State]:
    """Return one part of a town after greedy construction."""
    part = encoded(draw(town), which)
    state = new_state(part.given, town.seed)
    work(part.given, state, CONSTRUCT, 1, 0.0, OPTIONS)
    return part, state


def searched(town: Town, iterations: int, temperature: float = 3_000.0, which: int = 0) -> tuple[Encoded, State]:
    """Return one part of a town after a short annealing."""
    part, state = constructed(town, which)
    work(part.given, state, ANNEAL, iterations, temperature, OPTIONS)
    return part, state


def with_fewer(town: Town, iterations: int, which: int = 0) -> tuple[Encoded, State]:
    """Return one part of a town after a short search for fewer vehicles."""
    part, state = constructed(town, which)
    state.now[LEAST_WAITING] = part.given.rider[state.seat[:, AT_LINE] < 0, COUNT].sum()
    state.now[MOST_VEHICLES] = state.now[VEHICLES] - 1
    work(part.given, state, FLEET, iterations, 3_000.0, OPTIONS)
    return part, state


def active(state: State) -> list[int]:
    """Return the lines in use."""
    return [int(line) for line in state.ledger[: state.now[LINE_COUNT], ACTIVE]]


def sequence(part: Encoded, state: State, line: int) -> tuple[object, ...]:
    """Return all that was decided of a line: places, kerbs, riders, type, neighbours in the vehicle's day."""
    a = state.lines[line]
    n = a[HEAD, LEN]
    lanes = range(int(part.given.sizes[LANES]))
    crew = state.crew[line, :, : a[HEAD, RIDERS]]
    return (
        a[KEY, :n].tolist(),
        [a[LANE + lane * LANE_FIELDS + NODE, :n].tolist() for lane in lanes],
        sorted(zip(crew[WHO].tolist(), crew[HOW].tolist(), strict=True)),
        a[HEAD, [TYPE, PREV, NEXT, EARLY, LATE]].tolist(),
        state.duty[line].tolist() if part.part.chained else [],
    )


def vehicles(state: State) -> list[list[int]]:
    """Return the lines of each vehicle in the order of its day; fails where links are no chains."""
    lines = active(state)
    link = {line: (int(state.lines[line, HEAD, PREV]), int(state.lines[line, HEAD, NEXT])) for line in lines}
    for line, (before, after) in link.items():
        assert before < 0 or link[before][1] == line
        assert after < 0 or link[after][0] == line
    chains = []
    for head in (line for line in lines if link[line][0] < 0):
        chain = [head]
        while link[chain[-1]][1] >= 0:
            chain.append(link[chain[-1]][1])
        chains.append(chain)
    assert sorted(x for chain in chains for x in chain) == sorted(lines), "a cycle has no first trip"
    return chains


def check_vehicles(part: Encoded, state: State) -> None:
    """Check every vehicle's day: one type, time to turn round and to drive on, and what gaps are judged by."""
    drive, turn = part.given.drive[0, :, :, THERE_S], int(part.given.sizes[TURN])
    chains = vehicles(state)
    assert state.now[VEHICLES] == len(chains)
    for chain in chains:
        rows = [state.lines[line] for line in chain]
        ends = [(int(a[LANE + NODE, 0]), int(a[LANE + NODE, a[HEAD, LEN] - 1])) for a in rows]
        lasts = [int(a[LANE + DEPART, a[HEAD, LEN] - 1]) for a in rows]
        assert len({int(a[HEAD, TYPE]) for a in rows}) == 1
        for x, a in enumerate(rows):
            early, late = int(a[HEAD, BEGIN]), int(a[HEAD, BEGIN + 1])
            if x:
                empty = int(drive[ends[x - 1][1], ends[x][0]])
                early = max(early, int(rows[x - 1][HEAD, EARLY]) + lasts[x - 1] + turn + empty)
            if x + 1 < len(rows):
                empty = int(drive[ends[x][1], ends[x + 1][0]])
                late = min(late, int(rows[x + 1][HEAD, LATE]) - empty - turn - lasts[x])
            assert (a[HEAD, EARLY], a[HEAD, LATE]) == (early, late)
            assert early <= late
            duty = state.duty[chain[x]]
            assert (duty[FREE_AT], duty[BEGIN_BY]) == (early + lasts[x] + turn, late - turn)
            assert (duty[FIRST], duty[LAST], duty[KIND]) == (*ends[x], a[HEAD, TYPE])
            assert duty[BEFORE] == (chain[x - 1] if x else -1)
            assert duty[AFTER] == (chain[x + 1] if x + 1 < len(chain) else -1)


def everyone_once(part: Encoded, state: State) -> np.ndarray:
    """Return who waits, after checking that everybody else rides on exactly one line."""
    crews = [state.crew[line, WHO, : state.lines[line, HEAD, RIDERS]] for line in active(state)]
    carried = np.concatenate([np.zeros(0, np.int32), *crews])
    assert len(set(carried.tolist())) == len(carried)
    waiting = np.setdiff1d(np.arange(len(part.part.riders)), carried)
    assert set(np.flatnonzero(state.seat[:, AT_LINE] < 0).tolist()) == set(waiting.tolist())
    return waiting
