"""``python -m data.dalian.make [-o FOLDER]``: make the synthetic Dalian scenario again."""

import argparse
from pathlib import Path

import numpy as np

from data.dalian.make.bans import find_bans
from data.dalian.make.carriage import Drawing, draw, junction_arms
from data.dalian.make.city import SEED, build_city
from data.dalian.make.coastline import draw_coastline
from data.dalian.make.connectivity import connected_nodes, draw_connected
from data.dalian.make.footways import draw_footways
from data.dalian.make.junctions import control, find_roundabouts
from data.dalian.make.kerbs import StopNames, add_crossings, add_signals, add_stops, stop_tags
from data.dalian.make.pbf import write_pbf
from data.dalian.make.people import Community, found_communities, settle_riders
from data.dalian.make.planar import StreetGraph
from data.dalian.make.plane import Points, resample
from data.dalian.make.tables import write_tables
from data.dalian.make.tagging import Tags, join_ways, tag_roads


def main() -> None:
    """Make the scenario in the folder given, by default where it is committed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, default=Path(__file__).parents[1])
    folder = parser.parse_args().output
    folder.mkdir(parents=True, exist_ok=True)
    make(folder)
    print(f"made the synthetic Dalian in {folder}")


def make(folder: Path) -> None:
    """Write the whole scenario into a folder."""
    city = build_city()
    rounds = find_roundabouts(city.graph, city.places)
    arms = junction_arms(city.graph)
    plan = control(city.graph, arms, rounds, SEED)
    drawing, plan = draw_connected(draw(city.graph, arms, set(plan.opens), set(plan.oneway), rounds), plan)
    communities = found_communities(city.places, city.blocks, expressway_points(city.graph), SEED)
    riders = settle_riders(communities, city.places, city.blocks, bus_streets(drawing), SEED)
    _write_roads(folder / "roads.osm.pbf", drawing, plan.signals, communities, city.terrain.ground.coast)
    write_tables(folder, city.places, communities, riders)


def expressway_points(graph: StreetGraph) -> Points:
    """Return points along every expressway."""
    return np.vstack([resample(street.points, 40.0) for street in graph.streets if street.form == "grade"])


def bus_streets(drawing: Drawing) -> Points:
    """Return nodes on connected streets where a rider can be: neither expressways nor estate lanes."""
    inside = connected_nodes(drawing)
    nodes: set[int] = set()
    for road in drawing.roads:
        street = drawing.graph.streets[road.street]
        if street.form not in {"grade", "ramp", "bridge"} and street.level < 3:
            nodes.update(node for node in road.nodes if inside[node])
    return np.column_stack([drawing.x, drawing.y])[sorted(nodes)]


def _write_roads(
    path: Path, drawing: Drawing, signals: frozenset[int], communities: list[Community], coast: Points
) -> None:
    node_tags: dict[int, Tags] = {}
    node_tags.update(add_crossings(drawing, SEED))
    node_tags.update(add_signals(drawing, signals))
    bans = find_bans(drawing, SEED)
    breaks = {drawing.roads[k].nodes[end] for ban in bans for k in (ban.start, ban.end) for end in (0, -1)}
    ways = join_ways(drawing, tag_roads(drawing, SEED), breaks)
    ways.extend(draw_footways(drawing, SEED))
    centres = np.array([community.centre for community in communities])
    names = StopNames(drawing, centres, [community.name for community in communities])
    node_tags.update({stop.node: stop_tags(stop) for stop in add_stops(drawing, names, SEED)})
    ways.append(draw_coastline(drawing, coast))
    write_pbf(path, drawing, node_tags, ways, bans)


if __name__ == "__main__":
    main()
