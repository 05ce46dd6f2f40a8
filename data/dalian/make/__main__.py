"""``python -m data.dalian.make [-o FOLDER]``: make the synthetic Dalian scenario again."""

import argparse
from pathlib import Path

import numpy as np

from data.dalian.make.bans import find_bans
from data.dalian.make.carriage import Drawing, draw
from data.dalian.make.city import SEED, City, build_city
from data.dalian.make.connectivity import connected_nodes, draw_connected
from data.dalian.make.footways import draw_footways
from data.dalian.make.junctions import control
from data.dalian.make.kerbs import StopNames, add_crossings, add_signals, add_stops, stop_tags
from data.dalian.make.pbf import write_pbf
from data.dalian.make.people import Community, found_communities, settle_riders
from data.dalian.make.plane import Points
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
    plan = control(city.graph, SEED)
    drawing, plan = draw_connected(draw(city.graph, set(plan.opens), set(plan.oneway)), plan)
    communities = found_communities(city.places, city.blocks, SEED)
    riders = settle_riders(communities, city.places, city.blocks, bus_streets(drawing), SEED)
    _write_roads(folder / "roads.osm.pbf", city, drawing, plan.signals, communities)
    write_tables(folder, city.places, communities, riders)


def bus_streets(drawing: Drawing) -> Points:
    """Return nodes on connected streets where a rider can be: neither expressways nor estate lanes."""
    inside = connected_nodes(drawing)
    nodes = set()
    for road in drawing.roads:
        street = drawing.graph.streets[road.street]
        if street.form not in {"grade", "ramp", "bridge"} and street.level < 3:
            nodes.update(node for node in road.nodes if inside[node])
    return np.column_stack([drawing.x, drawing.y])[sorted(nodes)]


def _write_roads(
    path: Path, city: City, drawing: Drawing, signals: frozenset[int], communities: list[Community]
) -> None:
    node_tags: dict[int, Tags] = {}
    node_tags.update(add_crossings(drawing, SEED))
    node_tags.update(add_signals(drawing, signals))
    bans = find_bans(drawing, SEED)
    breaks = {drawing.roads[k].nodes[end] for ban in bans for k in (ban.start, ban.end) for end in (0, -1)}
    ways = join_ways(drawing, tag_roads(drawing, city.terrain, SEED), breaks)
    ways.extend(draw_footways(drawing, SEED))
    centres = np.array([community.centre for community in communities])
    names = StopNames(drawing, centres, [community.name for community in communities])
    node_tags.update({stop.node: stop_tags(stop) for stop in add_stops(drawing, names)})
    write_pbf(path, drawing, node_tags, ways, bans)


if __name__ == "__main__":
    main()
