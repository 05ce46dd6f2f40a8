"""Compiled functions compute what they say, and their cache is named by the sources that compile anything."""

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


def test_the_cache_folder_is_found_once_and_named_by_a_digest() -> None:
    folder = cache_folder()
    assert folder is cache_folder()
    name, digest = folder.name.split("-")
    assert name == "numba"
    assert len(digest) == 12
    int(digest, 16)


def test_the_cache_folder_may_be_chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    """A machine whose home cannot be written to names another place."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    cache_folder.cache_clear()
    try:
        assert str(cache_folder()).startswith(str(tmp_path))
    finally:
        monkeypatch.undo()
        cache_folder.cache_clear()
