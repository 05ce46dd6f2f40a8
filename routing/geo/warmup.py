"""Compile the road engine before it is needed: the first run of a version takes seconds, later ones load them."""

import numpy as np

from routing.geo.network import build_network
from routing.geo.osm import OnProgress, OsmExtract


def warm_up(on_progress: OnProgress | None = None) -> None:
    """Compile, or load from the disk cache, every compiled function of the drive network.

    Parameters
    ----------
    on_progress : callable, optional
        Told once, before the work begins.
    """
    if on_progress:
        on_progress("Compiling the road engine (seconds on the very first run, then kept)")
    network = build_network(_crossroads())
    here = network.kerb_on_edge(0, 1.0)
    there = network.kerb_on_edge(network.graph.edge_count - 1, 1.0)
    for period in (0, 1):  # the second one contracts in the order of the first
        network.matrix([here, there], [there, here], period)
    network.path(here, there, 0)


def _crossroads() -> OsmExtract:
    """Return two streets that cross."""
    return OsmExtract(
        node_id=np.arange(1, 6, dtype=np.int64),
        lon=np.array([0.0, 0.001, -0.001, 0.0, 0.0]),
        lat=np.array([0.0, 0.0, 0.0, 0.001, -0.001]),
        way_id=np.array([1, 2], np.int64),
        way_tags=({"highway": "primary"}, {"highway": "tertiary"}),
        way_start=np.array([0, 3, 6], np.int64),
        way_nodes=np.array([1, 0, 2, 3, 0, 4], np.int32),
        restrictions=(),
        node_tags={},
        digest="crossroads",
    )
