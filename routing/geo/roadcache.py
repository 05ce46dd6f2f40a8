"""Keep built networks on disk, as memory-mapped arrays, named by what they were built from."""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import fields
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from routing.geo.graph import DriveGraph
from routing.geo.hierarchy import Hierarchy
from routing.geo.turns import TurnGraph

_SOURCES = (
    "access contraction delays graph hierarchy metric osm profile restrictions sphere streets turns weights".split()  # noqa: SIM905
)

Record = TypeVar("Record", DriveGraph, TurnGraph, Hierarchy)


@lru_cache(maxsize=1)
def code_digest() -> str:
    """Return a hash of the sources that shape a network: an edit of them makes every cached network stale."""
    digest = hashlib.sha256()
    for name in _SOURCES:
        digest.update((Path(__file__).parent / f"{name}.py").read_bytes())
    return digest.hexdigest()


class RoadCache:
    """One folder per network: its graph, its turns, and a hierarchy per metric.

    Parameters
    ----------
    base : Path
        Folder of all cached networks; made when missing.
    key : tuple of str
        Everything the network depends on, the code apart.
    """

    def __init__(self, base: Path, *key: str) -> None:
        digest = hashlib.sha256("\n".join((code_digest(), np.__version__, *key)).encode()).hexdigest()
        self.folder = base / f"roads-{digest[:20]}"

    def load_graph(self) -> tuple[DriveGraph, TurnGraph, tuple[str, ...]] | None:
        """Return the graph, its turns and warnings; None when they are not there or cannot be read."""
        graph, turns = self._load("graph", DriveGraph), self._load("turns", TurnGraph)
        try:
            warnings = json.loads((self.folder / "warnings.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return None if graph is None or turns is None else (graph, turns, tuple(warnings))

    def save_graph(self, graph: DriveGraph, turns: TurnGraph, warnings: tuple[str, ...]) -> None:
        """Keep a graph; the warnings are written last, so that a half-written one is not taken for whole."""
        self._save("graph", graph)
        self._save("turns", turns)
        text = json.dumps(warnings, ensure_ascii=False)
        (self.folder / "warnings.json").write_text(text, encoding="utf-8")

    def load_hierarchy(self, metric: str) -> Hierarchy | None:
        """Return the hierarchy of a metric, by the hash of its weights; None when it is not there."""
        return self._load(f"hierarchy-{metric[:20]}", Hierarchy)

    def save_hierarchy(self, metric: str, hierarchy: Hierarchy) -> None:
        """Keep the hierarchy of a metric."""
        self._save(f"hierarchy-{metric[:20]}", hierarchy)

    def any_hierarchy(self) -> Hierarchy | None:
        """Return some kept hierarchy of this network, whose order of contraction serves every other metric."""
        names = sorted(path.name for path in self.folder.glob("hierarchy-*") if path.is_dir())
        return self._load(names[0], Hierarchy) if names else None

    def _load(self, name: str, kind: type[Record]) -> Record | None:
        folder = self.folder / name
        try:
            arrays: Mapping[str, Any] = {
                field.name: np.asarray(np.load(folder / f"{field.name}.npy", mmap_mode="r", allow_pickle=False))
                for field in fields(kind)
            }
        except (OSError, ValueError, EOFError):
            return None
        return kind(**arrays)

    def _save(self, name: str, record: DriveGraph | TurnGraph | Hierarchy) -> None:
        """Write the arrays into a new folder, then put it in place at once; another process may have been first."""
        self.folder.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=self.folder))
        for field in fields(record):
            np.save(scratch / f"{field.name}.npy", getattr(record, field.name), allow_pickle=False)
        try:
            scratch.rename(self.folder / name)
        except OSError:
            shutil.rmtree(self.folder / name, ignore_errors=True)
            try:
                scratch.rename(self.folder / name)
            except OSError:
                shutil.rmtree(scratch, ignore_errors=True)
