"""The drive graph as a value: its shape, its flags, its guard against change."""

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from routing.geo import graph as module
from routing.geo.graph import DriveGraph
from routing.geo.network import build_network
from routing.geo.osm import read_osm
from tests.geo.sketch import grid


@pytest.fixture
def graph(tmp_path: Path) -> DriveGraph:
    return build_network(read_osm(grid(3, 4).write(tmp_path))).graph


def test_every_array_is_read_only(graph: DriveGraph) -> None:
    for field in fields(graph):
        assert not getattr(graph, field.name).flags.writeable, field.name
    with pytest.raises(ValueError, match="read-only"):
        graph.length_m[0] = 1.0


def test_counts_and_shapes_agree(graph: DriveGraph) -> None:
    assert graph.node_count == 12
    assert graph.edge_count == 2 * (3 * 3 + 4 * 2) == 34
    assert graph.shape_start.size == graph.edge_count + 1
    assert graph.shape_start[-1] == graph.shape_lon.size == graph.shape_lat.size
    for edge in range(graph.edge_count):
        lon, lat = graph.shape(edge)
        tail, head = graph.tail[edge], graph.head[edge]
        assert (lon[0], lat[0]) == (graph.node_lon[tail], graph.node_lat[tail])
        assert (lon[-1], lat[-1]) == (graph.node_lon[head], graph.node_lat[head])


def test_flags_are_different_bits() -> None:
    flags = [getattr(module, name) for name in vars(module) if name.startswith("FLAG_")]
    assert len(flags) == 7
    assert len({int(flag) for flag in flags}) == len(flags)
    assert sum(flags) == int(np.bitwise_or.reduce(flags)) < 256
