"""The road engine on one extract: how fast from file to matrix, and how exact against SciPy's Dijkstra."""

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from routing.errors import RoutingError
from routing.geo.network import RoadNetwork, RoadPoint, build_network
from routing.geo.osm import read_osm
from routing.geo.profile import PERIODS
from routing.geo.warmup import warm_up

PERIOD = PERIODS.index("off_peak")
WHOLE_WAY_SIZE = 1500
Result = TypeVar("Result")
_BYTES_PER_RSS_UNIT = 1 if sys.platform == "darwin" else 1024


def main(argv: list[str] | None = None) -> int:
    """Print one JSON object with the measurements; 3 where the roads cannot answer."""
    parser = argparse.ArgumentParser(prog="benchmarks roads", description=__doc__)
    parser.add_argument("extract", type=Path, help="an .osm.pbf, .osm or .osm.bz2 file")
    parser.add_argument("--size", type=int, default=1000, help="rows and columns of the matrix raced against SciPy")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("-o", "--output", type=Path, help="write the object here too")
    arguments = parser.parse_args(argv)
    try:
        result = measure(arguments.extract, arguments.size, arguments.seed)
    except RoutingError as error:
        print(error, file=sys.stderr)
        return error.exit_status
    text = json.dumps(result)
    print(text)
    if arguments.output:
        arguments.output.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    return 0


def measure(path: Path, size: int, seed: int) -> dict[str, object]:
    """Measure one extract, the whole way first: reading, building, contracting, and a matrix of 1500 × 1500.

    Durations are wall-clock seconds, but for the one of the processor (`cpu`, all threads together), which a
    shared machine disturbs less. Points are random kerbs, the same for banche and for SciPy.
    """
    compiled_s = _clock(warm_up)[0]
    cpu_before = time.process_time()
    build_s, network = _clock(lambda: build_network(read_osm(path)))
    prepare_s, _ = _clock(lambda: network.prepare(PERIOD))
    rng = np.random.default_rng(seed)
    large = random_kerbs(network, WHOLE_WAY_SIZE, rng), random_kerbs(network, WHOLE_WAY_SIZE, rng)
    large_s, _ = _clock(lambda: network.matrix(*large, PERIOD))
    cpu_s = time.process_time() - cpu_before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _BYTES_PER_RSS_UNIT / 2**20
    sources, targets = random_kerbs(network, size, rng), random_kerbs(network, size, rng)
    matrix_s, (seconds, _) = _clock(lambda: network.matrix(sources, targets, PERIOD))
    scipy_s, expected = _clock(lambda: dijkstra_seconds(network, sources, targets))
    return {
        "extract": path.name,
        "size": size,
        "build_s": round(build_s, 3),
        "prepare_s": round(prepare_s, 3),
        "matrix_s": round(matrix_s, 4),
        "scipy_s": round(scipy_s, 3),
        "times_faster": round(scipy_s / matrix_s, 1),
        "max_abs_error_s": float(np.abs(seconds - expected).max()),
        "matrix_1500_s": round(large_s, 4),
        "extract_to_matrix_1500_s": round(build_s + prepare_s + large_s, 3),
        "extract_to_matrix_1500_cpu_s": round(cpu_s, 3),
        "peak_rss_mb": round(peak, 1),
        "compile_s": round(compiled_s, 3),
        "nodes": network.graph.node_count,
        "edges": network.graph.edge_count,
        "turns": int(network.turns.target.size),
    }


def random_kerbs(network: RoadNetwork, count: int, rng: np.random.Generator) -> list[RoadPoint]:
    """Return kerbs on random edges, at random offsets."""
    graph = network.graph
    edges = rng.integers(0, graph.edge_count, count)
    offsets = rng.uniform(0.0, 1.0, count) * graph.length_m[edges]
    return [network.kerb_on_edge(int(e), float(o)) for e, o in zip(edges, offsets, strict=True)]


def dijkstra_seconds(network: RoadNetwork, sources: list[RoadPoint], targets: list[RoadPoint]) -> np.ndarray:
    """Return the durations of kerb-to-kerb ways by SciPy's Dijkstra on the same edge graph [s], rounded up.

    Each source edge gets a node of its own, from which the turns at the edge's end lead on.
    """
    graph, turns = network.graph, network.turns
    edge_ms = network.edge_milliseconds(PERIOD)
    state = np.repeat(np.arange(turns.state_count), np.diff(turns.first))
    arc_ms = edge_ms[turns.state_edge[state]] + turns.cost_ms
    s_edge, s_part = _parts(network, sources, edge_ms)
    t_edge, t_part = _parts(network, targets, edge_ms)
    leaving = [np.arange(turns.first[edge], turns.first[edge + 1]) for edge in s_edge]
    own = np.repeat(turns.state_count + np.arange(len(sources)), [arcs.size for arcs in leaving])
    arc = np.concatenate(leaving)
    # SciPy takes a weight of zero for no arc: everything is a millisecond more, and taken off again per source.
    start_ms = edge_ms[s_edge][own - turns.state_count] - s_part[own - turns.state_count] + turns.cost_ms[arc] + 1
    count = turns.state_count + len(sources)
    weight = np.r_[arc_ms, start_ms].astype(np.float64)
    matrix = csr_array((weight, (np.r_[state, own], np.r_[turns.target, turns.target[arc]])), shape=(count, count))
    rows = dijkstra(matrix, indices=turns.state_count + np.arange(len(sources)))
    by_edge = rows[:, : graph.edge_count]
    for copy in range(graph.edge_count, turns.state_count):
        edge = turns.state_edge[copy]
        by_edge[:, edge] = np.minimum(by_edge[:, edge], rows[:, copy])
    total = by_edge[:, t_edge] - 1 + t_part
    ahead = (s_edge[:, None] == t_edge) & (t_part >= s_part[:, None])
    seconds: np.ndarray = np.ceil(np.where(ahead, np.minimum(total, t_part - s_part[:, None]), total) / 1000.0)
    return seconds


def _parts(network: RoadNetwork, points: list[RoadPoint], edge_ms: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return each kerb's edge and its milliseconds from the edge's start."""
    edge = np.array([point.edges[0] for point in points])
    offset = np.array([point.offsets[0] for point in points])
    length = network.graph.length_m[edge]
    share = np.divide(offset, length, out=np.zeros_like(offset), where=length > 0.0)
    return edge, np.rint(edge_ms[edge] * share)


def _clock(action: Callable[[], Result]) -> tuple[float, Result]:
    """Return how long an action took [s], and its result."""
    begin = time.perf_counter()
    result = action()
    return time.perf_counter() - begin, result


if __name__ == "__main__":
    sys.exit(main())
