"""The edge-based graph: which directed edge may follow which, and what the turn costs."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from routing.errors import RoadError
from routing.geo.delays import node_delays
from routing.geo.graph import FLAG_FERRY, FLAG_ROUNDABOUT, DriveGraph, select_edges
from routing.geo.osm import OsmExtract
from routing.geo.profile import ROAD_CLASSES, VehicleProfile
from routing.geo.restrictions import TurnRules, edge_bearings, resolve_restrictions
from routing.geo.streets import Streets

Ints = npt.NDArray[np.int64]
Indices = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

_BEND_DEGREES = 40.0
_SHARP_DEGREES = 120.0
_NOTICEABLE = 0.03
_IMPORTANCE = np.array([index // 2 if index < 10 else index - 5 for index in range(len(ROAD_CLASSES))])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TurnGraph:
    """States and the turns between them; arrays are read-only.

    State s < m stands for directed edge s, any way it was reached. Further states stand for an edge reached by a
    history that a via-way restriction must remember.

    Attributes
    ----------
    state_edge : int32 array (s,)
        The directed edge of each state.
    first : int64 array (s + 1,)
        State s may be followed by `target[first[s]:first[s + 1]]`.
    target : int32 array (a,)
    cost_ms : int32 array (a,) [milliseconds]
        Of the turn itself.
    """

    state_edge: Indices
    first: Ints
    target: Indices
    cost_ms: Indices

    def __post_init__(self) -> None:
        for array in (self.state_edge, self.first, self.target, self.cost_ms):
            array.setflags(write=False)

    @property
    def state_count(self) -> int:
        """Number of states."""
        return int(self.state_edge.size)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Turns:
    """Turn i leads from state `source[i]` to state `target[i]`; `round_` marks U-turns."""

    source: Ints
    target: Ints
    round_: Mask

    def where(self, keep: Mask) -> "_Turns":
        return _Turns(source=self.source[keep], target=self.target[keep], round_=self.round_[keep])


def connect_turns(
    extract: OsmExtract, streets: Streets, vehicle: VehicleProfile, *, drive_on: str
) -> tuple[DriveGraph, TurnGraph, tuple[str, ...]]:
    """Return the largest strongly connected part: its drive graph, its turns, and warnings.

    Strong connection is that of the edge graph after turn bans, so that every edge reaches every other. Turning
    round is free at dead ends, dear at junctions, and impossible in mid-street, unless nothing else connects.

    Raises
    ------
    RoadError
        `roads_disconnected` when no edge can be left and reached again.
    """
    graph = streets.graph
    rules = resolve_restrictions(extract, graph, vehicle)
    state_edge, turns = _states(graph, rules)
    turns = turns.where(~streets.blocked[graph.head[state_edge[turns.source]]] | turns.round_)
    every = turns
    turns = turns.where(_inside_largest(turns, state_edge.size))
    turns = _without_needless_u_turns(graph, state_edge, turns)
    if not turns.source.size:
        raise RoadError(
            "roads_disconnected",
            "No street of the road extract can be left and reached again.",
            "Give a larger extract, with whole streets.",
        )
    turns = _with_starts(state_edge, turns, every)
    cost = _turn_cost(extract, streets, vehicle, state_edge, turns, right=drive_on == "right")
    kept_graph, kept_turns = _compress(graph, state_edge, turns, cost)
    return kept_graph, kept_turns, rules.warnings + _left_out(graph, kept_graph)


def _left_out(before: DriveGraph, after: DriveGraph) -> tuple[str, ...]:
    """Warn when a noticeable part of the streets is cut off from the rest."""
    total, kept = float(before.length_m.sum()), float(after.length_m.sum())
    if total - kept <= _NOTICEABLE * total:
        return ()
    return (f"{(total - kept) / 1000:.0f} of {total / 1000:.0f} km of lanes are cut off from the rest and left out.",)


def _states(graph: DriveGraph, rules: TurnRules) -> tuple[Ints, _Turns]:
    """Return the edge of every state, and all turns that the rules allow."""
    count = graph.edge_count
    source, target = _all_turns(graph)
    short = [(history[0], edge) for history, edges in rules.banned.items() if len(history) == 1 for edge in edges]
    keep = ~np.isin(source * count + target, [a * count + b for a, b in short])
    for history, edges in rules.only.items():
        if len(history) == 1:
            keep &= (source != history[0]) | np.isin(target, list(edges))
    source, target = source[keep], target[keep]
    copies = {prefix: count + index for index, prefix in enumerate(sorted(rules.prefixes()))}
    state_edge = np.r_[np.arange(count), np.array([prefix[-1] for prefix in copies], np.int64)]
    redirected = target.copy()
    for prefix, state in copies.items():
        if len(prefix) == 2:
            redirected[(source == prefix[0]) & (target == prefix[1])] = state
    extra = [
        (state, _state_after((*prefix, edge), copies))
        for prefix, state in copies.items()
        for edge in np.flatnonzero(graph.tail == graph.head[prefix[-1]]).tolist()
        if rules.allows(prefix, edge)
    ]
    more = np.array(extra, np.int64).reshape(-1, 2)
    source, target = np.r_[source, more[:, 0]], np.r_[redirected, more[:, 1]]
    round_ = graph.reverse[state_edge[source]] == state_edge[target]
    return state_edge, _Turns(source=source, target=target, round_=round_)


def _all_turns(graph: DriveGraph) -> tuple[Ints, Ints]:
    """Return every pair of edges of which the second begins where the first ends."""
    order = np.argsort(graph.tail, kind="stable")
    begin = np.searchsorted(graph.tail[order], np.arange(graph.node_count + 1))
    size = (begin[1:] - begin[:-1])[graph.head]
    source = np.repeat(np.arange(graph.edge_count), size)
    within = np.arange(source.size) - np.repeat(np.cumsum(size) - size, size)
    return source, order[begin[graph.head[source]] + within]


def _state_after(history: tuple[int, ...], copies: dict[tuple[int, ...], int]) -> int:
    """Return the state of the longest ending of a history that is worth remembering."""
    endings = (history[begin:] for begin in range(len(history) - 1))
    return next((copies[ending] for ending in endings if ending in copies), history[-1])


def _inside_largest(turns: _Turns, states: int) -> Mask:
    """Mark the turns within the largest strongly connected set of states."""
    ones = np.ones(turns.source.size, np.int8)
    matrix = csr_array((ones, (turns.source, turns.target)), shape=(states, states))
    _, label = connected_components(matrix, directed=True, connection="strong")
    inside = label[turns.source] == label[turns.target]
    if not inside.any():
        return np.asarray(inside, np.bool_)
    largest = np.bincount(label[turns.source[inside]]).argmax()
    return np.asarray(inside & (label[turns.source] == largest), np.bool_)


def _without_needless_u_turns(graph: DriveGraph, state_edge: Ints, turns: _Turns) -> _Turns:
    """Keep U-turns at dead ends and at junctions of three streets or more.

    Where that would cut streets off, as on a ring without a junction, those streets keep all of theirs.
    """
    exits = np.bincount(turns.source[~turns.round_], minlength=state_edge.size)
    at_junction = _streets_at(graph, state_edge, turns)[graph.head[state_edge[turns.source]]] >= 3
    sensible = ~turns.round_ | (exits[turns.source] == 0) | at_junction
    kept = turns.where(sensible)
    kept = kept.where(_inside_largest(kept, state_edge.size))
    lost = np.zeros(graph.edge_count, np.bool_)
    lost[state_edge[turns.source]] = True
    lost[state_edge[kept.source]] = False
    if not lost.any():
        return kept
    needed = lost[state_edge[turns.source]] | lost[state_edge[turns.target]]
    kept = turns.where(sensible | needed)
    return kept.where(_inside_largest(kept, state_edge.size))


def _with_starts(state_edge: Ints, turns: _Turns, every: _Turns) -> _Turns:
    """Add the turns of edges that can only be entered by a remembered history, for the buses that start there.

    Their plain states are never reached, so they are not among the connected ones; what follows them is.
    """
    live = np.zeros(state_edge.size, np.bool_)
    live[turns.source] = True
    orphan = np.zeros(state_edge.size, np.bool_)
    orphan[state_edge[live]] = True
    orphan &= ~live
    starts = every.where(orphan[every.source] & (live | orphan)[every.target])
    onwards = np.zeros(state_edge.size, np.bool_)
    onwards[turns.source[~turns.round_]] = True
    may_turn = np.zeros(state_edge.size, np.bool_)
    may_turn[state_edge[turns.source[turns.round_ & onwards[turns.source]]]] = True
    onwards[starts.source[~starts.round_]] = True
    starts = starts.where(~starts.round_ | may_turn[starts.source] | ~onwards[starts.source])
    return _Turns(
        source=np.r_[turns.source, starts.source],
        target=np.r_[turns.target, starts.target],
        round_=np.r_[turns.round_, starts.round_],
    )


def _streets_at(graph: DriveGraph, state_edge: Ints, turns: _Turns) -> Ints:
    """Count the streets that meet at each junction, those outside the connected part aside."""
    alive = np.zeros(graph.edge_count, np.bool_)
    alive[state_edge[turns.source]] = True
    edge = np.flatnonzero(alive)
    edge = edge[(graph.reverse[edge] < edge) | ~alive[graph.reverse[edge]]]
    return np.asarray(np.bincount(np.r_[graph.tail[edge], graph.head[edge]], minlength=graph.node_count))


def _turn_cost(
    extract: OsmExtract, streets: Streets, vehicle: VehicleProfile, state_edge: Ints, turns: _Turns, *, right: bool
) -> Indices:
    """Return the cost of every turn [milliseconds]."""
    graph, costs = streets.graph, vehicle.turns
    a, b = state_edge[turns.source], state_edge[turns.target]
    node = graph.head[a]
    start, end = edge_bearings(graph)
    angle = (start[b] - end[a] + 540.0) % 360.0 - 180.0
    towards_kerb = angle if right else -angle
    junction = _streets_at(graph, state_edge, turns)[node] >= 3
    circling = (graph.flags[a] & (FLAG_ROUNDABOUT | FLAG_FERRY)) > 0
    delay, _ = node_delays(extract, vehicle)
    signals = np.array([index for index, tags in extract.node_tags.items() if _has_lights(tags)], np.int64)
    lights = np.isin(streets.node, signals)[node]
    seconds = np.where(towards_kerb > _BEND_DEGREES, costs.near_s, 0.0)
    seconds = np.where(towards_kerb < -_BEND_DEGREES, costs.far_s, seconds)
    seconds = seconds + np.where(np.abs(angle) > _SHARP_DEGREES, costs.sharp_s, 0.0)
    yields = (_IMPORTANCE[graph.road_class[b]] < _IMPORTANCE[graph.road_class[a]]) & ~lights
    seconds = seconds + np.where(yields, costs.give_way_s, 0.0)
    seconds = np.where(junction & ~circling, seconds, 0.0)
    exits = np.bincount(turns.source[~turns.round_], minlength=state_edge.size)[turns.source]
    seconds = np.where(turns.round_, np.where(exits > 0, costs.u_turn_s, costs.dead_end_s), seconds)
    passing = ~turns.round_ | (exits > 0)
    return np.rint(1000.0 * (seconds + np.where(passing, delay[streets.node[node]], 0.0))).astype(np.int32)


def _has_lights(tags: dict[str, str]) -> bool:
    return tags.get("highway") == "traffic_signals"


def _compress(graph: DriveGraph, state_edge: Ints, turns: _Turns, cost: Indices) -> tuple[DriveGraph, TurnGraph]:
    """Drop what is not connected and number the rest from 0: plain states keep their edge's number."""
    count = graph.edge_count
    live = np.zeros(state_edge.size, np.bool_)
    live[turns.source] = True
    edges = np.unique(state_edge[live])
    copies = np.flatnonzero(live[count:]) + count
    number = np.full(state_edge.size, -1, np.int64)
    number[edges] = np.arange(edges.size)
    number[copies] = edges.size + np.arange(copies.size)
    source, target = number[turns.source], number[turns.target]
    order = np.argsort(source, kind="stable")
    new_edge = np.r_[np.arange(edges.size), number[state_edge[copies]]].astype(np.int32)
    first = np.searchsorted(source[order], np.arange(new_edge.size + 1))
    turn_graph = TurnGraph(
        state_edge=new_edge,
        first=first.astype(np.int64),
        target=target[order].astype(np.int32),
        cost_ms=cost[order],
    )
    return select_edges(graph, edges), turn_graph
