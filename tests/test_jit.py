"""Compiled functions compute what they say, and their cache is named by the sources of a room."""

import gc
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numba.core.errors import TypingError

from routing.jit import cache_folder, compiled, internal


def total(values: np.ndarray) -> int:
    result = 0
    for value in values:
        result += value
    return result


def test_a_compiled_function_computes_what_its_source_says() -> None:
    values = np.arange(10, dtype=np.int64)
    assert compiled(total)(values) == total(values) == 45


def test_a_compiled_function_keeps_its_name() -> None:
    """Tracebacks and profiles show it."""
    assert compiled(total).__name__ == "total"


def room(tmp_path: Path) -> Path:
    folder = tmp_path / "kernels"
    folder.mkdir(exist_ok=True)
    (folder / "a.py").write_text("A = 1", "utf-8")
    return folder


def test_the_cache_folder_is_named_by_room_and_digest(tmp_path: Path) -> None:
    kind, name, digest = cache_folder(room(tmp_path)).name.split("-")
    assert (kind, name, len(digest)) == ("numba", "kernels", 12)
    int(digest, 16)


def test_an_edit_in_any_file_of_the_room_leaves_the_old_machine_code_behind(tmp_path: Path) -> None:
    before = cache_folder(room(tmp_path))
    (tmp_path / "kernels" / "b.py").write_text("B = 2", "utf-8")
    cache_folder.cache_clear()
    assert cache_folder(tmp_path / "kernels") != before


def test_the_cache_folder_may_be_chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine whose home cannot be written to names another place."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "cache"))
    assert cache_folder(room(tmp_path)).parent == tmp_path / "cache"


@internal
def halved(value: int) -> int:
    if value % 2:
        raise ValueError("odd")
    return value // 2


@internal
def quartered(value: int) -> int:
    return halved(halved(value))


@compiled
def eighths(values: np.ndarray) -> int:
    result = 0
    for value in values:
        result += quartered(halved(value))
    return result


@compiled
def share(value: int, parts: int) -> int:
    return quartered(value) // parts


def test_internal_functions_are_part_of_each_function_that_calls_them() -> None:
    assert eighths(np.array([8, 16, 24], np.int64)) == 6
    assert share(40, 5) == 2


@pytest.mark.parametrize(("value", "parts", "error"), [(6, 1, ValueError), (8, 0, ZeroDivisionError)])
def test_errors_from_internal_functions_reach_python(value: int, parts: int, error: type[Exception]) -> None:
    with pytest.raises(error):
        share(value, parts)


def test_an_internal_function_takes_the_types_of_its_callers() -> None:
    @internal
    def larger(a: Any, b: Any) -> Any:
        return max(a, b)

    @compiled
    def largest(values: np.ndarray, factor: Any) -> Any:
        result = larger(values[0], values[1])
        return result, larger(factor, 0.5 * factor)

    assert largest(np.array([1, 2], np.int64), 3) == (2, 3)
    assert largest(np.array([1.5, 0.5]), -2.0) == (1.5, -1.0)


def test_another_process_loads_what_one_has_compiled(tmp_path: Path) -> None:
    """Internal functions are in the machine code of their callers, and nowhere else on the disk."""
    (tmp_path / "kept.py").write_text(
        "from routing.jit import compiled, internal\n"
        "@internal\ndef twice(x):\n    return 2 * x\n"
        "@compiled\ndef more(x):\n    return twice(x) + 1\n"
        "print(more(20), sum(more.stats.cache_hits.values()), len(twice.overloads))\n",
        "utf-8",
    )
    room = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[1])}
    told = [
        subprocess.run(
            [sys.executable, "-c", "import kept"], cwd=tmp_path, env=room, capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    ]
    assert told == ["41 0 1\n", "41 1 0\n"]
    assert len(list(tmp_path.rglob("*.nbc"))) == 1


def test_garbage_is_collected_as_before_once_a_function_is_compiled() -> None:
    before = gc.get_threshold()

    @compiled
    def seen() -> int:
        return 1

    @compiled
    def wrong() -> int:
        return 1 + "a"  # type: ignore[operator, no-any-return]

    assert seen() == 1
    assert gc.get_threshold() == before
    with pytest.raises(TypingError):
        wrong()
    assert gc.get_threshold() == before
