"""Strongly connected components of a drawing, and the one-way streets that would break them."""

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from data.dalian.make.carriage import Drawing, draw
from data.dalian.make.junctions import Control


def connected_nodes(drawing: Drawing) -> npt.NDArray[np.bool_]:
    """Return which nodes lie in the largest strongly connected component of the drawn roads."""
    tail: list[int] = []
    head: list[int] = []
    for road in drawing.roads:
        tail.extend(road.nodes[:-1])
        head.extend(road.nodes[1:])
        if not road.oneway:
            tail.extend(road.nodes[1:])
            head.extend(road.nodes[:-1])
    count = len(drawing.x)
    links = coo_array((np.ones(len(tail), dtype=np.int8), (np.array(tail), np.array(head))), shape=(count, count))
    _, label = connected_components(links, directed=True, connection="strong")
    return np.asarray(label == int(np.argmax(np.bincount(label))))


def draw_connected(drawing: Drawing, plan: Control) -> tuple[Drawing, Control]:
    """Return a drawing whose one-way streets trap nobody: those that would are opened both ways."""
    oneway = set(plan.oneway)
    for _ in range(4):
        inside = connected_nodes(drawing)
        trapped = {
            road.street
            for road in drawing.roads
            if road.street in oneway and not all(inside[node] for node in road.nodes)
        }
        if not trapped:
            break
        oneway -= trapped
        drawing = draw(drawing.graph, drawing.arms, set(plan.opens), oneway, drawing.rounds)
    return drawing, Control(opens=plan.opens, signals=plan.signals, oneway=frozenset(oneway))
