"""Random towns against oracles that share no code with the edge graph."""

import heapq
import itertools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from benchmarks.roads import dijkstra_seconds
from routing.errors import RoadError
from routing.geo.network import RoadNetwork, build_network
from routing.geo.osm import read_osm
from routing.geo.profile import VehicleProfile
from tests.geo.sketch import Sketch

PERIOD = 2
COLUMNS, ROWS = 4, 3
RELAXED = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


def neighbours() -> list[tuple[int, int]]:
    """Return the pairs of neighbouring nodes of the grid, numbered from 1."""
    node = np.arange(1, COLUMNS * ROWS + 1).reshape(ROWS, COLUMNS)
    across, along = (node[:, :-1], node[:, 1:]), (node[:-1], node[1:])
    return [(int(a), int(b)) for low, high in (across, along) for a, b in zip(low.ravel(), high.ravel(), strict=True)]


@dataclass(frozen=True)
class Ban:
    """A turn restriction as a sequence of OSM nodes, and whether it is an `only`."""

    nodes: tuple[int, ...]
    only: bool


@dataclass(frozen=True)
class RandomTown:
    """A sketch whose every block is a way of its own, and the bans drawn on it that one can drive into.

    A restriction whose ways cannot be driven in its direction says nothing, an `only` included.
    """

    sketch: Sketch
    bans: tuple[Ban, ...]


@st.composite
def towns(draw: st.DrawFn) -> RandomTown:
    """Draw a bumpy grid with missing blocks, one-ways, classes, signals, barriers and restrictions."""
    bump = st.integers(-30, 30)
    spots = {
        1 + c + COLUMNS * r: (100 * c + draw(bump), 100 * r + draw(bump)) for r in range(ROWS) for c in range(COLUMNS)
    }
    town = Sketch(nodes=spots)
    pairs = [pair for pair in neighbours() if draw(st.integers(0, 9)) > 0]
    number: dict[frozenset[int], int] = {}
    is_open: set[tuple[int, int]] = set()
    for way, pair in enumerate(pairs, start=100):
        oneway = draw(st.sampled_from(["no", "no", "no", "yes", "-1"]))
        highway = draw(st.sampled_from(["residential", "primary", "tertiary"]))
        town.way(way, *pair, highway=highway, oneway=oneway)
        number[frozenset(pair)] = way
        is_open |= {"no": {pair, pair[::-1]}, "yes": {pair}, "-1": {pair[::-1]}}[oneway]
    for node in draw(st.lists(st.sampled_from(sorted(spots)), max_size=2)):
        town.node_tags[node] = {"highway": "traffic_signals"}
    bans = []
    for _ in range(draw(st.integers(0, 5))):
        nodes = draw(st.sampled_from(walks(number, draw(st.integers(3, 5))) or [()]))
        if nodes:
            only = draw(st.booleans())
            steps = [number[frozenset(step)] for step in itertools.pairwise(nodes)]
            via: int | list[int] = nodes[1] if len(steps) == 2 else steps[1:-1]
            town.restrict("only_straight_on" if only else "no_straight_on", steps[0], via, steps[-1])
            if is_open.issuperset(itertools.pairwise(nodes)):
                bans.append(Ban(nodes, only))
    return RandomTown(town, tuple(bans))


def walks(number: dict[frozenset[int], int], size: int) -> list[tuple[int, ...]]:
    """Return all walks over `size` different nodes."""
    found: list[tuple[int, ...]] = [tuple(sorted(pair)) for pair in number] + [
        tuple(sorted(pair, reverse=True)) for pair in number
    ]
    for _ in range(size - 2):
        found = [
            (*walk, node)
            for walk in found
            for pair in number
            if walk[-1] in pair
            for node in pair - {walk[-1]}
            if node not in walk
        ]
    return found


def build(town: RandomTown, folder: Path) -> RoadNetwork:
    try:
        return build_network(read_osm(town.sketch.write(folder)))
    except RoadError:
        assume(False)
        raise


@given(town=towns())
@RELAXED
def test_the_hierarchy_is_exact_on_any_town(town: RandomTown, tmp_path: Path) -> None:
    """Every kerb to every kerb, against SciPy on the same edge graph; nothing is unreachable."""
    network = build(town, tmp_path)
    lengths = network.graph.length_m
    sources, targets = (
        [network.kerb_on_edge(edge, share * float(lengths[edge])) for edge in range(network.graph.edge_count)]
        for share in (0.25, 0.6)
    )
    seconds, _ = network.matrix(sources, targets, PERIOD)
    np.testing.assert_array_equal(seconds, dijkstra_seconds(network, sources, targets))
    assert (seconds >= 0).all()
    assert seconds.max() < 7200


@given(town=towns())
@RELAXED
def test_bans_hold_and_cost_no_more_than_they_must(town: RandomTown, tmp_path: Path) -> None:
    """Against a search over whole histories of nodes: it knows the bans as drawn, and no states or copies.

    Turn costs are taken from the network, edge to edge; which turns a history allows is decided afresh.
    """
    network = build(town, tmp_path)
    graph = network.graph
    ends = list(zip(graph.node_id[graph.tail].tolist(), graph.node_id[graph.head].tolist(), strict=True))
    edge_ms = network.edge_milliseconds(PERIOD)
    costs = dearest_turns(network)
    turns_round = ends_of_u_turns(network)
    points = [network.kerb_on_edge(edge, 0.0) for edge in range(graph.edge_count)]
    seconds, _ = network.matrix(points, points, PERIOD)
    for start in range(0, graph.edge_count, 5):
        best = search_histories(start, ends, edge_ms, costs, turns_round, town.bans)
        for edge in range(graph.edge_count):
            if edge != start:
                assert seconds[start, edge] == -(-best[edge] // 1000)


def dearest_turns(network: RoadNetwork) -> dict[int, list[tuple[int, int]]]:
    """Return the turns between edges, whatever the history: {edge: [(next edge, milliseconds)]}.

    A U-turn is free to those whom a ban left no other way; the dearer cost is that of all others.
    """
    turns = network.turns
    found: dict[int, dict[int, int]] = {}
    for state in range(turns.state_count):
        edge = int(turns.state_edge[state])
        for arc in range(int(turns.first[state]), int(turns.first[state + 1])):
            after, cost = int(turns.state_edge[turns.target[arc]]), int(turns.cost_ms[arc])
            known = found.setdefault(edge, {})
            known[after] = max(cost, known.get(after, cost))
    return {edge: sorted(after.items()) for edge, after in found.items()}


def ends_of_u_turns(network: RoadNetwork) -> set[int]:
    """Return the edges at whose end one may turn round whatever came before."""
    turns, graph = network.turns, network.graph
    plain = range(graph.edge_count)
    after = {edge: turns.state_edge[turns.target[turns.first[edge] : turns.first[edge + 1]]] for edge in plain}
    return {edge for edge in plain if graph.reverse[edge] >= 0 and graph.reverse[edge] in after[edge]}


def search_histories(
    start: int,
    ends: list[tuple[int, int]],
    edge_ms: np.ndarray,
    costs: dict[int, list[tuple[int, int]]],
    turns_round: set[int],
    bans: tuple[Ban, ...],
) -> dict[int, int]:
    """Return the least milliseconds from the start of one edge to the start of each, by Dijkstra over histories.

    A history is the last four edges as nodes, which is as far back as the longest ban looks. One turns round for
    nothing where the history leaves no other way, else only at the end of the edges in `turns_round`.
    """
    best: dict[int, int] = {}
    seen: set[tuple[int, ...]] = set()
    queue = [(0, (start,))]
    while queue:
        time, history = heapq.heappop(queue)
        if history in seen:
            continue
        seen.add(history)
        best.setdefault(history[-1], time)
        nodes = (ends[history[0]][0], *(ends[edge][1] for edge in history))
        open_ = [turn for turn in costs[history[-1]] if all(allowed(ban, (*nodes, ends[turn[0]][1])) for ban in bans)]
        assume(open_)  # bans that contradict each other trap a bus; the network does not let it in
        onwards = [(edge, cost) for edge, cost in open_ if ends[edge][1] != nodes[-2]]
        back = [(edge, cost if onwards else 0) for edge, cost in open_ if ends[edge][1] == nodes[-2]]
        if onwards and history[-1] not in turns_round:
            back = []
        for edge, cost in onwards + back:
            longer = (*history, edge)[-4:]
            heapq.heappush(queue, (time + int(edge_ms[history[-1]]) + cost, longer))
    return best


def allowed(ban: Ban, nodes: tuple[int, ...]) -> bool:
    """Tell whether the last step of a walk keeps one ban."""
    approach = ban.nodes[:-1]
    if nodes[:-1][-len(approach) :] != approach:
        return True
    return (nodes[-1] == ban.nodes[-1]) is ban.only


def test_the_oracle_itself_knows_right_from_wrong() -> None:
    ban, only = Ban((1, 2, 3), only=False), Ban((1, 2, 3), only=True)
    assert not allowed(ban, (9, 1, 2, 3))
    assert allowed(ban, (9, 2, 3))
    assert allowed(ban, (1, 2, 4))
    assert allowed(only, (1, 2, 3))
    assert not allowed(only, (1, 2, 4))
    assert VehicleProfile().name == "bus_12m"
