"""A small town drawn in metres, for tests of walking and stops."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pytest

from routing.geo.osm import OsmExtract
from routing.geo.sphere import LocalPlane

Draw = Callable[..., OsmExtract]


@pytest.fixture(scope="session")
def plane() -> LocalPlane:
    """Return the plane on which towns are drawn; its origin lies in Dalian."""
    return LocalPlane(lon=121.6, lat=38.9)


@pytest.fixture(scope="session")
def draw(plane: LocalPlane) -> Draw:
    """Make an extract of nodes {id: (x, y)} in metres, ways [(id, nodes, tags)] and node tags {id: tags}.

    A way may name a node that is not drawn: the extract's border cut it off.
    """

    def draw_town(
        nodes: Mapping[int, tuple[float, float]],
        ways: Sequence[tuple[int, Sequence[int], Mapping[str, str]]],
        node_tags: Mapping[int, Mapping[str, str]] | None = None,
    ) -> OsmExtract:
        ids = sorted(nodes)
        place = {node: index for index, node in enumerate(ids)}
        x, y = np.array([nodes[node] for node in ids], dtype=float).reshape(-1, 2).T
        lon, lat = plane.to_lonlat(x, y)
        return OsmExtract(
            node_id=np.array(ids, dtype=np.int64),
            lon=lon,
            lat=lat,
            way_id=np.array([way for way, _, _ in ways], dtype=np.int64),
            way_tags=tuple(dict(tags) for _, _, tags in ways),
            way_start=np.cumsum([0] + [len(refs) for _, refs, _ in ways]).astype(np.int64),
            way_nodes=np.array([place.get(ref, -1) for _, refs, _ in ways for ref in refs], dtype=np.int32),
            restrictions=(),
            node_tags={place[node]: dict(tags) for node, tags in (node_tags or {}).items()},
            digest="drawn",
        )

    return draw_town
