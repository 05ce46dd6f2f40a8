"""The judges that lie beside the public instances, where there are any, and a search short enough for tests."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from benchmarks import _running
from routing.solver import MaxIterations

BENCH = Path(__file__).parents[3] / "shared" / "bench"
needs_bench = pytest.mark.skipif(not BENCH.exists(), reason="needs the public instances beside the repository")


def judge(name: str) -> ModuleType:
    """Return a judge's module."""
    spec = spec_from_file_location(name, BENCH / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def count_iterations_instead_of_seconds(monkeypatch: pytest.MonkeyPatch, iterations: int = 300) -> None:
    """Let an adapter's `main` search as long on every machine."""
    monkeypatch.setattr(_running, "MaxRuntime", lambda **_: MaxIterations(iterations=iterations))
