"""The folder of a made-up scenario: replaced as a whole or not at all, and never in the place of real riders."""

import tomllib
from pathlib import Path

from routing.formats.folder import Output


def _is_synthetic(folder: Path) -> bool:
    try:
        scenario = tomllib.loads((folder / "scenario.toml").read_text(encoding="utf-8")).get("scenario", {})
    except (OSError, ValueError):
        return False
    return isinstance(scenario, dict) and scenario.get("synthetic") is True


MADE_UP = Output("made-up scenario", _is_synthetic)
"""Told by ``synthetic = true`` in its scenario.toml."""
