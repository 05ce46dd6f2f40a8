"""Large parts in pieces: nobody lost, no line cut, neighbours together, other seams with every turn."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from routing.model.demand import Direction
from routing.model.places import Location
from routing.model.problem import Problem
from routing.solver import divide as module
from routing.solver.divide import Piece, divide
from routing.solver.lines import FoundLine
from routing.solver.parts import Part, split
from tests.solver.towns import Town, draw


def whole(problem: Problem) -> Part:
    """Return the only part of a problem, with everyone in it."""
    (part,) = split(problem, {d: set(range(len(problem.riders))) for d in Direction})
    return part


def line_of(*riders: int) -> FoundLine:
    """Return a line that carries some riders; where it drives does not matter here."""
    return FoundLine(runs=(), shift_ids=("day",), riders=riders, type_index=0, peak=len(riders))


def lines_in(part: Part, size: int, share: float, seed: int) -> list[FoundLine]:
    """Return lines of some riders each, drawn at random, that carry a share of the part."""
    order = np.random.default_rng(seed).permutation(part.riders).tolist()
    carried = order[: round(share * len(order))]
    return [line_of(*carried[i : i + size]) for i in range(0, len(carried), size)]


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pieces be of some ten riders, so that small towns have several."""
    monkeypatch.setattr(module, "PIECE", 10)


@settings(max_examples=40, deadline=None)
@given(
    riders=st.integers(1, 90),
    size=st.integers(1, 9),
    share=st.floats(0, 1),
    seed=st.integers(0, 10_000),
    turn=st.integers(0, 10_000),
)
@example(riders=57, size=1, share=0.0, seed=0, turn=0)  # a cluster stays empty, which once raised a warning
def test_pieces_part_the_riders_and_the_lines_and_cut_no_line(
    riders: int, size: int, share: float, seed: int, turn: int
) -> None:
    problem = draw(Town(riders=riders, seed=seed % 7))
    part = whole(problem)
    lines = lines_in(part, size, share, seed)
    pieces = divide(problem, part, lines, turn)
    assert sorted(r for piece, _ in pieces for r in piece.riders) == list(part.riders)
    assert sorted(line.riders for _, held in pieces for line in held) == sorted(line.riders for line in lines)
    for piece, held in pieces:
        assert piece.riders
        assert {r for line in held for r in line.riders} <= set(piece.riders)
        assert replace(piece, riders=part.riders) == part


@settings(max_examples=20, deadline=None)
@given(riders=st.integers(1, 90), turn=st.integers(0, 1_000))
def test_there_are_never_more_pieces_than_the_size_asks_for(riders: int, turn: int) -> None:
    """And at least two where there is room for two."""
    problem = draw(Town(riders=riders, places=30, seed=1))
    pieces = divide(problem, whole(problem), [], turn)
    assert len(pieces) <= max(1, round(riders / 10))
    if riders >= 20:
        assert len(pieces) > 1


def test_a_part_of_less_than_one_and_a_half_pieces_stays_whole() -> None:
    problem = draw(Town(riders=14))
    part = whole(problem)
    lines = lines_in(part, 3, 0.8, 1)
    assert divide(problem, part, lines, 5) == [(part, lines)]


def test_the_same_turn_gives_the_same_pieces_and_other_turns_other_seams() -> None:
    problem = draw(Town(riders=80, places=30, seed=2))
    part = whole(problem)
    lines = lines_in(part, 4, 0.7, 2)
    assert divide(problem, part, lines, 9) == divide(problem, part, lines, 9)
    seams = {frozenset(piece.riders for piece, _ in divide(problem, part, lines, turn)) for turn in range(6)}
    assert len(seams) > 1


def moved(problem: Problem, homes: list[tuple[float, float]]) -> Problem:
    """Return a problem whose riders live elsewhere."""
    riders = tuple(
        replace(r, home=Location(lon=lon, lat=lat)) for r, (lon, lat) in zip(problem.riders, homes, strict=True)
    )
    return replace(problem, riders=riders)


def villages(count: int, each: int) -> Problem:
    """Return a problem in which riders live in villages far apart: rider r in village r modulo their number."""
    rng = np.random.default_rng(4)
    homes = [
        (121.0 + 0.5 * (r % count) + float(rng.normal(0, 1e-3)), 38.9 + float(rng.normal(0, 1e-3)))
        for r in range(count * each)
    ]
    return moved(draw(Town(riders=count * each)), homes)


def villages_of(pieces: list[Piece], count: int) -> list[set[int]]:
    """Return the villages of each piece."""
    return [{r % count for r in piece.riders} for piece, _ in pieces]


@pytest.mark.parametrize("turn", range(5))
@pytest.mark.parametrize("count", [2, 3])
def test_villages_far_apart_become_a_piece_each(count: int, turn: int) -> None:
    problem = villages(count, 10)
    found = villages_of(divide(problem, whole(problem), [], turn), count)
    assert sorted(map(sorted, found)) == [[village] for village in range(count)]


def test_riders_who_wait_join_the_lines_of_their_own_village() -> None:
    """Half of each village rides already; the other half goes where its neighbours are."""
    problem = villages(2, 10)
    lines = [line_of(*range(v, 10, 2)) for v in range(2)]
    pieces = divide(problem, whole(problem), lines, 3)
    assert sorted(map(sorted, villages_of(pieces, 2))) == [[0], [1]]
    assert all(len(held) == 1 for _, held in pieces)


def test_pieces_of_evenly_spread_homes_are_of_the_order_asked_for() -> None:
    """Over many turns no piece of a grid holds more than four times its share."""
    homes = [(121.0 + 0.01 * (r % 10), 38.9 + 0.008 * (r // 10)) for r in range(100)]
    problem = moved(draw(Town(riders=100)), homes)
    sizes = [len(piece.riders) for turn in range(10) for piece, _ in divide(problem, whole(problem), [], turn)]
    assert max(sizes) <= 40


def test_homes_of_one_piece_are_closer_together_than_those_of_all() -> None:
    problem = draw(Town(riders=90, places=30, seed=3))
    homes = np.array([(r.home.lon * np.cos(np.radians(r.home.lat)), r.home.lat) for r in problem.riders])
    pieces = divide(problem, whole(problem), [], 1)
    within = sum(len(p.riders) * homes[list(p.riders)].var(axis=0).sum() for p, _ in pieces) / 90
    assert within < 0.5 * homes.var(axis=0).sum()


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1_000), turn=st.integers(0, 1_000), each=st.integers(1, 4))
def test_the_lines_of_a_vehicle_stay_together(seed: int, turn: int, each: int) -> None:
    """Some lines share a vehicle, and some share none."""
    problem = draw(Town(riders=90, places=30, seed=seed % 7))
    part = whole(problem)
    lines = lines_in(part, 3, 0.9, seed)
    lines = [replace(line, vehicle=x // each if x % 5 else -1) for x, line in enumerate(lines)]
    pieces = divide(problem, part, lines, turn)
    assert len(pieces) > 1
    held = [{line.vehicle for line in lines if line.vehicle >= 0} for _, lines in pieces]
    assert sum(map(len, held)) == len(set().union(*held))
    assert sum(len(lines) for _, lines in pieces) == len(lines)
