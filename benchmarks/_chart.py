"""Draw how the cost falls with time."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image

COLOURS = 32
INK, GRID = "#374151", "#d1d5db"
HUES = ("#0b6e99", "#b45309", "#047857", "#7c3aed", "#be123c")


def draw_traces(record: Mapping[str, Any], path: Path) -> None:
    """Draw one panel per instance and one line per seed: cost above the best of all, in per cent, over seconds."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - a tool of development, not of the product

    runs = [run for run in record["runs"] if run.get("printed", {}).get("trace")]
    names = list(dict.fromkeys(run["case"] for run in runs))
    figure = Figure(figsize=(3.4 * max(1, len(names)) + 0.6, 3.6), dpi=120, layout="constrained")
    for x, name in enumerate(names):
        axes = figure.add_subplot(1, len(names), x + 1)
        ours = [run for run in runs if run["case"] == name]
        best = min(cost for run in ours for _, cost in run["printed"]["trace"])
        for number, run in enumerate(ours):
            seconds, costs = zip(*run["printed"]["trace"], strict=True)
            above = [100 * (cost / best - 1) for cost in costs]
            axes.step(seconds, above, where="post", color=HUES[number % len(HUES)], label=f"seed {run['seed']}")
        axes.set(title=name, xlabel="seconds", xscale="log", yscale="symlog", ylim=(0, None))
        axes.grid(color=GRID, linewidth=0.5)
        if x == 0:
            axes.set_ylabel("cost above the best seen [%]")
            axes.legend(fontsize=8, frameon=False, labelcolor=INK)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    Image.open(buffer).convert("RGB").quantize(COLOURS).save(path, format="PNG", optimize=True)
