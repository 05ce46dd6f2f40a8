"""Cut the ways that a bus may use into directed edges from junction to junction."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from routing.errors import RoadError
from routing.geo.access import WayRule, blocks, conditional_keys, way_rules
from routing.geo.delays import edge_delays
from routing.geo.graph import FLAG_ONEWAY, DriveGraph
from routing.geo.osm import OsmExtract
from routing.geo.profile import VehicleProfile
from routing.geo.sphere import distance_m

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Runs:
    """Ways laid end to end: `node` (k,) per position, `rule` (k,) its way; a link joins position i to i + 1."""

    node: Ints
    rule: Ints
    linked: Mask


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Streets:
    """The cut network before turns are known.

    Attributes
    ----------
    graph : DriveGraph
        Every directed edge, connected or not.
    node : int64 array (n,)
        Index into the extract's nodes, per junction.
    blocked : bool array (n,)
        Junctions that are barriers: a bus turns round there.
    warnings : tuple of str
    """

    graph: DriveGraph
    node: Ints
    blocked: Mask
    warnings: tuple[str, ...]


def cut_streets(extract: OsmExtract, vehicle: VehicleProfile) -> Streets:
    """Build the directed edges of every way the vehicle may use.

    Ways are cut where they meet, where a barrier stands, and where the extract lacks a node: a gap is never
    bridged. A ring that hangs on one junction is cut once more, at its middle, so that no edge is a loop.
    Parallel edges are kept.

    Raises
    ------
    RoadError
        `roads_empty` when no way is open to the vehicle.
    """
    rules: list[WayRule] = []
    ways: list[int] = []
    for index, rule in enumerate(way_rules(extract.way_tags, vehicle)):
        if rule is not None:
            rules.append(rule)
            ways.append(index)
    runs = _lay_out(extract, np.array(ways, np.int64))
    blocked = np.zeros(extract.node_id.size, np.bool_)
    stops = [index for index, tags in extract.node_tags.items() if "barrier" in tags and blocks(tags, vehicle)]
    blocked[stops] = True
    first, last = _segments(extract, runs, blocked)
    if not first.size:
        raise RoadError(
            "roads_empty",
            f"The road extract holds no road open to {vehicle.name}.",
            "Give an extract with streets, or a vehicle that may use them.",
        )
    graph, node = _directed(extract, vehicle, runs, rules, np.array(ways, np.int64), first, last)
    return Streets(graph=graph, node=node, blocked=blocked[node], warnings=_conditional_warnings(extract, ways))


def _lay_out(extract: OsmExtract, ways: Ints) -> _Runs:
    """Concatenate the ways' nodes, without immediate repetitions."""
    sizes = extract.way_start[ways + 1] - extract.way_start[ways]
    rule = np.repeat(np.arange(ways.size), sizes)
    begins = np.cumsum(sizes) - sizes
    place = np.arange(int(sizes.sum())) - np.repeat(begins, sizes) + np.repeat(extract.way_start[ways], sizes)
    node = extract.way_nodes[place].astype(np.int64)
    if node.size:
        repeated = np.r_[False, (node[1:] == node[:-1]) & (rule[1:] == rule[:-1]) & (node[1:] >= 0)]
        node, rule = node[~repeated], rule[~repeated]
    linked = np.zeros(node.size, np.bool_)
    linked[:-1] = (rule[1:] == rule[:-1]) & (node[:-1] >= 0) & (node[1:] >= 0)
    return _Runs(node=node, rule=rule, linked=linked)


def _segments(extract: OsmExtract, runs: _Runs, blocked: Mask) -> tuple[Ints, Ints]:
    """Return first and last position of every street between two cuts."""
    before = np.r_[False, runs.linked[:-1]]
    used = before | runs.linked
    count = np.bincount(runs.node[used], minlength=extract.node_id.size)
    at = np.maximum(runs.node, 0)
    cut = used & ((count[at] > 1) | blocked[at] | ~before | ~runs.linked)
    first, last = _between(cut, runs.linked)
    loops = runs.node[first] == runs.node[last]
    cut[(first[loops] + last[loops]) // 2] = True
    return _between(cut, runs.linked)


def _between(cut: Mask, linked: Mask) -> tuple[Ints, Ints]:
    """Pair each cut that begins a street with the next cut, which ends it."""
    cuts = np.flatnonzero(cut)
    begins = np.flatnonzero(linked[cuts])
    return cuts[begins], cuts[begins + 1]


def _directed(
    extract: OsmExtract,
    vehicle: VehicleProfile,
    runs: _Runs,
    rules: list[WayRule],
    ways: Ints,
    first: Ints,
    last: Ints,
) -> tuple[DriveGraph, Ints]:
    """Turn streets into directed edges, both directions of a street next to each other."""
    street_rule = runs.rule[first]
    is_open = np.array([(rule.forward, rule.backward) for rule in rules], np.bool_)[street_rule]
    street, backward = np.nonzero(is_open)
    back = backward == 1
    begin, end = first[street], last[street]
    node, ends = np.unique(np.r_[runs.node[begin], runs.node[end]], return_inverse=True)
    ends = ends.astype(np.int32)
    at_begin, at_end = ends[: street.size], ends[street.size :]
    two_way = (is_open[:, 0] & is_open[:, 1])[street]
    position, shape_start = _shape_positions(begin, end, back)
    vertex = runs.node[position]
    shape_lon, shape_lat = extract.lon[vertex], extract.lat[vertex]
    length = _lengths(shape_lon, shape_lat, shape_start)
    table = _rule_table(rules)[street_rule[street]]
    columns = np.arange(street.size)
    direction = backward.astype(np.int64)
    used, way = np.unique(ways[street_rule[street]], return_inverse=True)
    graph = DriveGraph(
        node_id=extract.node_id[node],
        node_lon=extract.lon[node],
        node_lat=extract.lat[node],
        tail=np.where(back, at_end, at_begin),
        head=np.where(back, at_begin, at_end),
        length_m=length,
        reverse=np.where(two_way, np.where(back, columns - 1, columns + 1), -1).astype(np.int32),
        way=way.astype(np.int32),
        road_class=table[:, 0].astype(np.int8),
        free_kmh=table[columns, 1 + direction],
        delay_s=edge_delays(extract, vehicle, vertex, shape_start),
        lanes=table[columns, 3 + direction].astype(np.int8),
        layer=table[:, 5].astype(np.int8),
        flags=(table[:, 6].astype(np.uint8) | np.where(two_way, 0, FLAG_ONEWAY)).astype(np.uint8),
        shape_start=shape_start,
        shape_lon=shape_lon,
        shape_lat=shape_lat,
        way_id=extract.way_id[used],
        way_name=np.array([_name(extract.way_tags[index]) for index in used.tolist()], np.str_),
    )
    return graph, node


def _rule_table(rules: list[WayRule]) -> Floats:
    """Return the rules as one row each: class, both speeds, both lane counts, layer, flags."""
    rows = [
        (r.road_class, r.forward_kmh, r.backward_kmh, r.forward_lanes, r.backward_lanes, r.layer, r.flags)
        for r in rules
    ]
    return np.array(rows, np.float64)


def _shape_positions(begin: Ints, end: Ints, back: Mask) -> tuple[Ints, Ints]:
    """Return the positions of every edge's vertices in the direction of travel, and where each edge starts."""
    sizes = end - begin + 1
    start = np.r_[0, np.cumsum(sizes)]
    within = np.arange(int(start[-1])) - np.repeat(start[:-1], sizes)
    reversed_ = np.repeat(back, sizes)
    return np.where(reversed_, np.repeat(end, sizes) - within, np.repeat(begin, sizes) + within), start


def _lengths(lon: Floats, lat: Floats, start: Ints) -> Floats:
    """Return each edge's length along its vertices [metres]."""
    step = distance_m(lon[:-1], lat[:-1], lon[1:], lat[1:])
    step[start[1:-1] - 1] = 0.0
    return np.asarray(np.add.reduceat(step, start[:-1]), np.float64)


def _name(tags: dict[str, str]) -> str:
    return tags.get("name") or tags.get("ref") or ""


def _conditional_warnings(extract: OsmExtract, ways: list[int]) -> tuple[str, ...]:
    """Report time-dependent tags on usable ways: one sentence per tag."""
    count: Counter[str] = Counter()
    example: dict[str, int] = {}
    for way in ways:
        for key in conditional_keys(extract.way_tags[way]):
            count[key] += 1
            example.setdefault(key, int(extract.way_id[way]))
    return tuple(
        f"{number} ways carry {key}, which holds at certain times only and is not applied (such as way {example[key]})."
        for key, number in sorted(count.items())
    )
