"""The compiled parts of contraction one by one: the heap, the growing lists, the witness search."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.geo import contraction
from routing.geo.contraction import HEAP_ROOM, Lists, Space, pop, push
from routing.geo.hierarchy import Hierarchy, build_hierarchy

QUIET = settings(deadline=None)


@given(st.lists(st.tuples(st.integers(-(2**40), 2**40), st.integers(0, 99)), max_size=60))
@QUIET
def test_the_heap_gives_keys_back_in_order_with_their_nodes(items: list[tuple[int, int]]) -> None:
    keys, nodes = np.empty(61, np.int64), np.empty(61, np.int32)
    size = 0
    for key, node in items:
        size = push(keys, nodes, size, key, node)
    found = []
    while size > 0:
        found.append((int(keys[0]), int(nodes[0])))
        size = pop(keys, nodes, size)
    assert [key for key, _ in found] == sorted(key for key, _ in items)
    assert sorted(found) == sorted(items)


@given(st.lists(st.one_of(st.none(), st.integers(0, 50)), max_size=80))
@QUIET
def test_the_heap_stays_a_heap_when_pushes_and_pops_alternate(steps: list[int | None]) -> None:
    """`None` takes the least out, a number goes in."""
    keys, nodes = np.empty(81, np.int64), np.empty(81, np.int32)
    size, expected = 0, []
    for step in steps:
        if step is not None:
            size = push(keys, nodes, size, step, step)
            expected.append(step)
        elif expected:
            assert keys[0] == min(expected)
            expected.remove(int(keys[0]))
            size = pop(keys, nodes, size)
    assert size == len(expected)


def empty_lists(count: int, pool: int) -> tuple[Lists, np.ndarray]:
    zeros = np.zeros(count, np.int64)
    lists = (zeros, zeros.copy(), zeros.copy(), np.empty(pool, np.int32), np.empty(pool, np.int64))
    return lists, np.zeros(1, np.int64)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 9), st.integers(1, 99), st.booleans()), max_size=60))
@QUIET
def test_lists_grow_shrink_and_keep_the_lightest(steps: list[tuple[int, int, int, bool]]) -> None:
    """Against dictionaries: insertions keep the lighter of two entries, removals of strangers do nothing."""
    lists, free = empty_lists(5, 2000)
    expected: list[dict[int, int]] = [{} for _ in range(5)]
    for node, other, weight, forget in steps:
        if forget:
            contraction._forget(lists, node, other)
            expected[node].pop(other, None)
        else:
            assert contraction._insert(lists, free, node, other, weight)
            expected[node][other] = min(weight, expected[node].get(other, weight))
    begin, size, _, to, cost = lists
    for node in range(5):
        part = slice(begin[node], begin[node] + size[node])
        assert dict(zip(to[part].tolist(), cost[part].tolist(), strict=True)) == expected[node]
        assert size[node] == len(expected[node])


def test_a_full_pool_refuses() -> None:
    lists, free = empty_lists(2, 3)
    assert contraction._insert(lists, free, 0, 1, 5)
    assert contraction._insert(lists, free, 0, 2, 5)
    assert not contraction._insert(lists, free, 1, 0, 5)


def space(count: int) -> Space:
    zeros = np.zeros(count, np.int64)
    heap = np.empty(HEAP_ROOM + 1, np.int64), np.empty(HEAP_ROOM + 1, np.int32)
    return (zeros, zeros.copy(), zeros.copy(), np.ones(1, np.int64), *heap)


def ring(weights: list[int]) -> Lists:
    """Return the out-lists of a ring 0 → 1 → … → 0 with these weights."""
    count = len(weights)
    begin, ones = np.arange(count, dtype=np.int64), np.ones(count, np.int64)
    to = np.roll(np.arange(count, dtype=np.int32), -1)
    return begin, ones, ones.copy(), to, np.array(weights, np.int64)


def test_a_witness_goes_around_the_banned_node() -> None:
    """On a ring there is only one way round: with node 2 banned, 3 is out of reach."""
    work = space(5)
    work[2][4] = 1
    contraction._witness(0, 2, 100, 1, 50, ring([3, 3, 3, 3, 3]), work)
    assert work[1].tolist() == [1, 1, 0, 0, 0]
    assert work[0][1] == 3


def test_a_witness_stops_at_its_limit() -> None:
    work = space(5)
    work[2][4] = 1
    contraction._witness(0, 9, 7, 1, 50, ring([3, 3, 3, 3, 3]), work)
    assert work[1].tolist() == [1, 1, 1, 0, 0]


def test_a_witness_stops_after_its_pops() -> None:
    work = space(5)
    work[2][4] = 1
    contraction._witness(0, 9, 100, 1, 2, ring([3, 3, 3, 3, 3]), work)
    assert work[1].tolist() == [1, 1, 1, 0, 0]


def arcs(hierarchy: Hierarchy) -> set[tuple[int, int, int]]:
    """Return all arcs, original and shortcut, as (from, to, weight)."""
    node = np.argsort(hierarchy.place)
    up = np.repeat(np.arange(node.size), np.diff(hierarchy.up_first))
    down = np.repeat(np.arange(node.size), np.diff(hierarchy.down_first))
    rising = zip(node[up].tolist(), node[hierarchy.up_to].tolist(), hierarchy.up_weight.tolist(), strict=True)
    falling = zip(node[hierarchy.down_from].tolist(), node[down].tolist(), hierarchy.down_weight.tolist(), strict=True)
    return {*rising, *falling}


def contract(pairs: list[tuple[int, int, int]], order: list[int]) -> Hierarchy:
    source, target, weight = (np.array(column) for column in zip(*pairs, strict=True))
    return build_hierarchy(
        len(order), source.astype(np.int32), target.astype(np.int32), weight.astype(np.int64), np.array(order, np.int32)
    )


def test_a_shortcut_replaces_the_node_between() -> None:
    line = [(0, 1, 4), (1, 2, 5)]
    assert arcs(contract(line, [1, 0, 2])) == {*line, (0, 2, 9)}


def test_no_shortcut_where_another_way_is_as_good() -> None:
    square = [(0, 1, 4), (1, 2, 5), (0, 3, 4), (3, 2, 5)]
    assert arcs(contract(square, [1, 0, 2, 3])) == {*square}
    assert arcs(contract([*square[:2], (0, 3, 4), (3, 2, 6)], [1, 3, 0, 2])) >= {(0, 2, 9)}


def test_no_shortcut_from_the_last_nodes() -> None:
    line = [(0, 1, 4), (1, 2, 5)]
    assert arcs(contract(line, [0, 2, 1])) == {*line}
    assert arcs(contract(line, [2, 1, 0])) == {*line}


def test_a_shortcut_shortens_an_arc_that_is_there() -> None:
    triangle = [(0, 1, 4), (1, 2, 5), (0, 2, 20)]
    assert arcs(contract(triangle, [1, 0, 2])) == {(0, 1, 4), (1, 2, 5), (0, 2, 9)}


def test_loops_and_heavier_parallels_vanish() -> None:
    assert arcs(contract([(0, 0, 3), (0, 1, 4), (0, 1, 6), (1, 0, 2)], [0, 1])) == {(0, 1, 4), (1, 0, 2)}


def test_a_two_way_neighbour_needs_no_shortcut_to_itself() -> None:
    assert arcs(contract([(0, 1, 4), (1, 0, 4)], [0, 1])) == {(0, 1, 4), (1, 0, 4)}
