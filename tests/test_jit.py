"""Compiled functions compute what they say, and their cache is named by the sources of a room."""

from pathlib import Path

import numpy as np
import pytest

from routing.jit import cache_folder, compiled


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
