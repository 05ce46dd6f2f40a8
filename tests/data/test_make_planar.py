"""Weaving streets into a graph: cut where they meet, merged where they meet twice, freed of loose ends."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.dalian.make.faces import depth_from, find_blocks
from data.dalian.make.planar import StreetGraph, prune, reach_out, weave
from data.dalian.make.streets import Street


def street(*points: tuple[float, float], kind: str = "residential", level: int = 2, form: str = "single") -> Street:
    return Street(points=np.array(points, dtype=float), kind=kind, level=level, form=form)


def grid(columns: int, rows: int, gap: float = 100.0) -> list[Street]:
    """Return streets that overshoot their outermost crossings by nothing."""
    wide, high = (columns - 1) * gap, (rows - 1) * gap
    return [street((x * gap, 0.0), (x * gap, high)) for x in range(columns)] + [
        street((0.0, y * gap), (wide, y * gap)) for y in range(rows)
    ]


def ends(graph: StreetGraph) -> set[frozenset[tuple[float, float]]]:
    return {frozenset({tuple(graph.nodes[p.tail]), tuple(graph.nodes[p.head])}) for p in graph.pieces}


def test_a_crossing_cuts_both_streets() -> None:
    graph = weave([street((-100, 0), (100, 0)), street((0, -100), (0, 100))], 10.0)
    assert len(graph.pieces) == 4
    assert sorted(graph.degree().tolist()) == [1, 1, 1, 1, 4]


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 6), st.integers(2, 6))
def test_a_grid_has_the_junctions_pieces_and_blocks_of_a_grid(columns: int, rows: int) -> None:
    """Euler's formula holds: junctions - pieces + blocks = 1."""
    graph = weave(grid(columns, rows), 10.0)
    assert len(graph.nodes) == columns * rows
    assert len(graph.pieces) == columns * (rows - 1) + rows * (columns - 1)
    blocks = find_blocks(graph, smallest=1.0, largest=1e9)
    assert len(blocks) == (columns - 1) * (rows - 1)
    assert all(block.area == pytest.approx(10_000.0) for block in blocks)
    assert len(graph.nodes) - len(graph.pieces) + len(blocks) == 1


def test_meetings_close_to_one_another_become_one_on_the_larger_street() -> None:
    """Two lanes that meet a main road ten metres apart meet it in one junction, which stays on its line."""
    main = street((-200, 0), (200, 0), kind="primary", level=0)
    graph = weave([main, street((0, 0), (5, 200)), street((10, 0), (5, -200))], 24.0)
    hub = int(np.argmax(graph.degree()))
    assert graph.degree()[hub] == 4
    assert graph.nodes[hub][1] == pytest.approx(0.0)


def test_a_lesser_street_beside_another_is_dropped() -> None:
    main = street((0, 0), (100, 0), kind="tertiary", level=1)
    graph = weave([main, street((0, 0), (50, 8), (100, 0))], 5.0)
    assert [graph.streets[piece.street].kind for piece in graph.pieces] == ["tertiary"]


def test_a_bow_of_its_own_stays_beside_the_street_it_leaves() -> None:
    """A lane much longer than the street between the same junctions is a real second way."""
    graph = weave([street((0, 0), (100, 0)), street((0, 0), (50, 200), (100, 0))], 5.0)
    assert len(graph.pieces) == 2


def test_loose_ends_reach_the_street_ahead() -> None:
    lane = np.array([[0.0, 0.0], [80.0, 0.0]])
    wall = np.array([[100.0, -50.0], [100.0, 50.0]])
    (grown,) = reach_out([lane], [wall], np.array([30.0]))
    assert grown[-1] == pytest.approx((100.5, 0.0))
    assert grown[0] == pytest.approx((0.0, 0.0))


def test_loose_ends_out_of_reach_stay() -> None:
    lane = np.array([[0.0, 0.0], [80.0, 0.0]])
    wall = np.array([[100.0, -50.0], [100.0, 50.0]])
    (grown,) = reach_out([lane], [wall], np.array([10.0]))
    assert grown.tolist() == lane.tolist()


def test_short_stubs_and_islands_are_pruned() -> None:
    """The stub of 20 m goes, the one of 80 m stays, and nothing is left of the island."""
    streets = [
        street((0, 0), (300, 0)),
        street((100, 0), (100, 20)),
        street((200, 0), (200, 80)),
        street((0, 900), (50, 900)),
    ]
    graph = prune(weave(streets, 5.0), np.full(4, 50.0))
    assert sorted(round(piece.length) for piece in graph.pieces) == [80, 100, 100, 100]
    assert (300.0, 0.0) in {point for pair in ends(graph) for point in pair}


def test_blocks_are_walked_with_the_block_on_the_left() -> None:
    """A ring of streets with a cul-de-sac inside: one block, counter-clockwise, the lane walked twice."""
    ring = [
        street((0, 0), (100, 0)),
        street((100, 0), (100, 100)),
        street((100, 100), (0, 100)),
        street((0, 100), (0, 0)),
    ]
    graph = weave([*ring, street((50, 0), (50, 60))], 5.0)
    (block,) = find_blocks(graph, smallest=1.0, largest=1e9)
    assert block.area == pytest.approx(10_000.0)
    assert block.centre == pytest.approx((50.0, 50.0))
    lanes = [piece for piece, _ in block.sides if graph.streets[graph.pieces[piece].street].points[0][0] == 50.0]
    assert len(lanes) == 2


@pytest.mark.parametrize(
    ("at", "inward", "depth"), [((50, 0), (0, 1), 100.0), ((0, 30), (1, 0), 100.0), ((0, 0), (0.6, 0.8), 125.0)]
)
def test_depth_is_the_way_across_the_block(at: tuple[int, int], inward: tuple[float, float], depth: float) -> None:
    ring = np.array([[0.0, 0.0], [100.0, 0.0], [100.0, 100.0], [0.0, 100.0]])
    assert depth_from(ring, np.array(at, dtype=float), np.array(inward)) == pytest.approx(depth)
