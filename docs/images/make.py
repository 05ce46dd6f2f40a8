"""Draw docs/images/demo.png: the lines of a plan of the embedded city on its roads.

Run from the repository's root after ``banche demo``: ``.venv/bin/python docs/images/make.py``.
"""  # noqa: INP001 - a script beside the picture that it makes, no package

import argparse
import io
import json
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import osmium
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from PIL import Image

from routing.embedded import embedded_scenario
from routing.geo.osm import OsmExtract, read_osm

HERE = Path(__file__).parent
SEA, LAND, ROAD, SITE, INK = "#dcebf3", "#fbfaf7", "#cfcbc3", "#111827", "#374151"
ROAD_WIDTHS = {"motorway": 0.9, "trunk": 0.9, "primary": 0.7, "secondary": 0.55, "tertiary": 0.4, "": 0.18}
PLACES = {
    "Lüshunkou": (121.264, 38.813),
    "Jinzhou": (121.717, 39.1),
    "Development Zone": (121.8, 39.05),
    "Pulandian": (121.967, 39.395),
    "Zhongshan Square": (121.6386, 38.919),
}
CENTRE = (121.49, 121.68, 38.845, 38.955)  # west, east, south, north of the inset [degrees]
MARGIN = 0.02  # degrees around the lines
INCHES, DPI, COLOURS = 9.6, 125, 128


def main() -> int:
    """Draw the picture; the size is told on stderr."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lines", type=Path, nargs="?", default=Path("out/demo/lines.geojson"))
    parser.add_argument("-o", "--output", type=Path, default=HERE / "demo.png")
    arguments = parser.parse_args()
    collection = json.loads(arguments.lines.read_text("utf-8"))
    roads = embedded_scenario() / "roads.osm.pbf"
    arguments.output.write_bytes(draw(collection, read_osm(roads), coastline(roads)))
    sys.stderr.write(f"{arguments.output}: {arguments.output.stat().st_size / 1000:.0f} kB\n")
    return 0


def draw(collection: dict[str, Any], extract: OsmExtract, coast: np.ndarray[Any, Any]) -> bytes:
    """Return the picture as PNG with few colours."""
    trips = [f for f in collection["features"] if f["properties"]["kind"] == "trip" and f["geometry"]]
    inbound = [trip for trip in trips if trip["properties"]["direction"] == "inbound"]
    points = np.concatenate([np.array(trip["geometry"]["coordinates"]) for trip in inbound])
    (west, south), (east, north) = points.min(axis=0) - MARGIN, points.max(axis=0) + MARGIN
    stretch = 1.0 / math.cos(math.radians((south + north) / 2.0))
    figure = Figure(figsize=(INCHES, INCHES * stretch * (north - south) / (east - west)), dpi=DPI)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0), xlim=(west, east), ylim=(south, north))
    inset = figure.add_axes((0.015, 0.5, 0.43, 0.36), xlim=CENTRE[:2], ylim=CENTRE[2:])
    for chart, scale in ((axes, 1.0), (inset, 1.5)):
        chart.set(aspect=stretch, facecolor=SEA, xticks=[], yticks=[], anchor="W")
        chart.fill(coast[:, 0], coast[:, 1], color=LAND, zorder=0)
        draw_roads(chart, extract, scale)
        draw_lines(chart, inbound, scale)
        draw_marks(chart, collection, scale)
    axes.indicate_inset((CENTRE[0], CENTRE[2], CENTRE[1] - CENTRE[0], CENTRE[3] - CENTRE[2]), edgecolor=INK)
    draw_words(axes, collection, inbound)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    small = io.BytesIO()
    Image.open(buffer).convert("RGB").quantize(COLOURS).save(small, format="PNG", optimize=True)
    return small.getvalue()


def coastline(path: Path) -> np.ndarray[Any, Any]:
    """Return the land as a ring (n, 2) [degrees]: the coastline, closed inland beyond the picture."""
    ways = osmium.FileProcessor(path).with_locations().with_filter(osmium.filter.EntityFilter(osmium.osm.WAY))
    for way in ways.with_filter(osmium.filter.TagFilter(("natural", "coastline"))):
        assert isinstance(way, osmium.osm.Way)
        ring = np.array([(node.lon, node.lat) for node in way.nodes])
        corner = ring.max(axis=0) + 1.0
        return np.vstack((ring, [(corner[0], ring[-1, 1]), corner, (ring[0, 0], corner[1])]))
    return np.array([(-180.0, -90.0), (180.0, -90.0), (180.0, 90.0), (-180.0, 90.0)])


def draw_roads(axes: Axes, extract: OsmExtract, scale: float) -> None:
    """Draw every street, larger ones thicker; footways and paths are left out."""
    where = np.column_stack((extract.lon, extract.lat))
    for road_class, width in ROAD_WIDTHS.items():
        ways = []
        for i, tags in enumerate(extract.way_tags):
            highway = tags.get("highway", "").removesuffix("_link")
            small = highway in {"unclassified", "residential", "living_street"}
            if highway == road_class or (small and not road_class):
                nodes = extract.way_nodes[extract.way_start[i] : extract.way_start[i + 1]]
                ways.append(where[nodes[nodes >= 0]])
        axes.add_collection(LineCollection(ways, colors=ROAD, linewidths=width * scale, zorder=1))


def draw_lines(axes: Axes, inbound: list[dict[str, Any]], scale: float) -> None:
    """Draw the way of every trip to work in the colour of its corridor, thicker where more people ride."""
    ways = [np.array(trip["geometry"]["coordinates"]) for trip in inbound]
    facts = [trip["properties"] for trip in inbound]
    axes.add_collection(
        LineCollection(
            ways,
            colors=[fact["stroke"] for fact in facts],
            linewidths=[(0.6 + fact["riders"] / 30.0) * scale for fact in facts],
            alpha=0.75,
            zorder=2,
            capstyle="round",
        )
    )


def draw_marks(axes: Axes, collection: dict[str, Any], scale: float) -> None:
    """Draw stops as dots and worksites as squares."""
    styles: dict[str, dict[str, Any]] = {
        "stop": {"marker": "o", "s": 3.0 * scale**2, "c": "white", "edgecolors": INK, "linewidths": 0.3, "zorder": 3},
        "worksite": {"marker": "s", "s": 30.0 * scale**2, "c": SITE, "edgecolors": "white", "zorder": 4},
    }
    for kind, style in styles.items():
        points = [f["geometry"]["coordinates"] for f in collection["features"] if f["properties"]["kind"] == kind]
        lon, lat = np.array(points).reshape(-1, 2).T
        axes.scatter(lon, lat, **style)


def draw_words(axes: Axes, collection: dict[str, Any], inbound: list[dict[str, Any]]) -> None:
    """Write what the picture shows, a legend, and where some districts lie."""
    for name, (lon, lat) in PLACES.items():
        axes.annotate(name, (lon, lat), fontsize=9, color=INK, ha="center", zorder=5,
                      bbox={"boxstyle": "round,pad=0.2", "fc": "white", "ec": "none", "alpha": 0.7})  # fmt: skip
    lines = {trip["properties"]["line_id"] for trip in inbound}
    riders = sum(trip["properties"]["riders"] for trip in inbound)
    title = f"{len(lines)} lines bring {riders:,} people to work"
    axes.text(0.02, 0.975, title, transform=axes.transAxes, fontsize=15, fontweight="bold", color=SITE, va="top")
    label = "synthetic Dalian · roads after OpenStreetMap's model"
    axes.text(0.02, 0.935, label, transform=axes.transAxes, fontsize=10, color=INK, va="top")
    handles = [
        Line2D([], [], color="#0b6e99", linewidth=2.0, label="line, a colour per corridor"),
        Line2D([], [], marker="o", color="none", markerfacecolor="white", markeredgecolor=INK, label="stop"),
        Line2D([], [], marker="s", color="none", markerfacecolor=SITE, markeredgecolor="white", label="work park"),
        Line2D([], [], color=ROAD, linewidth=1.5, label="road"),
    ]
    axes.legend(handles=handles, loc="lower right", fontsize=9, framealpha=0.9, edgecolor="none")
    if not collection["synthetic"] and collection["scenario"] != "dalian":
        raise SystemExit("this picture is of the embedded city: plan it with `banche demo`")


if __name__ == "__main__":
    raise SystemExit(main())
