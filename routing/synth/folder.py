"""The folder of a made-up scenario: replaced as a whole or not at all, and never in the place of real riders."""

from pathlib import Path

from routing.formats.folder import Output
from routing.formats.text import parse_toml


def _is_synthetic(folder: Path) -> bool:
    try:
        scenario = parse_toml((folder / "scenario.toml").read_text(encoding="utf-8")).get("scenario", {})
    except (OSError, ValueError):
        return False
    return isinstance(scenario, dict) and scenario.get("synthetic") is True


MADE_UP = Output("made-up scenario", _is_synthetic)
"""Told by ``synthetic = true`` in its scenario.toml."""
