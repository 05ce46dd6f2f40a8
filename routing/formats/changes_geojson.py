"""Writes the lines of two plans as one map: what runs before and after, and what happens to each line."""

from typing import Any

from routing.compare import LineChange, PlanDiff
from routing.formats.document import ATTRIBUTION, PlanDocument
from routing.formats.geojson import masked, trip_path
from routing.formats.plan_json import json_bytes
from routing.model.demand import Direction

COLOURS = {
    LineChange.OPEN: "#1b7837",
    LineChange.SPLIT: "#5aae61",
    LineChange.CLOSE: "#b2182b",
    LineChange.MERGE: "#d6604d",
    LineChange.REROUTE: "#762a83",
    LineChange.RESIZE: "#2166ac",
    LineChange.RETIME: "#e08214",
    LineChange.KEEP: "#999999",
}
"""By what happens; lines that stay are grey."""


def changes_geojson(before: PlanDocument, after: PlanDocument, diff: PlanDiff) -> bytes:
    """Return the ways to work of both plans' lines as a GeoJSON feature collection.

    A line that stays as it is comes once, one that changes once per side.
    """
    changes = {line.line_id: line for line in diff.lines}
    features = []
    for side, document in (("before", before), ("after", after)):
        for line, trip, more in document.rows():
            told = changes.get(line.line_id)
            if told is None or trip.direction is not Direction.INBOUND:
                continue
            if side == "before" and told.change is LineChange.KEEP:
                continue
            riders = told.riders_before if side == "before" else told.riders_after
            properties: dict[str, Any] = {
                "side": side,
                "line_id": line.line_id,
                "line_name": line.name,
                "trip_id": trip.trip_id,
                "change": told.change.value,
                "related": list(told.related),
                "riders": masked(riders),
                "stroke": COLOURS[told.change],
            }
            way = trip_path(document, more)
            geometry = {"type": "LineString", "coordinates": [list(p) for p in way]} if len(way) > 1 else None
            features.append({"type": "Feature", "geometry": geometry, "properties": properties})
    synthetic = after.origin.synthetic
    return json_bytes(
        {
            "type": "FeatureCollection",
            "attribution": ATTRIBUTION,
            "synthetic": synthetic,
            "features": features,
        }
    )
