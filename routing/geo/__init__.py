"""The map: datum, extract, roads, walking, stops."""
