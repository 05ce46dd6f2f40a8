"""Every notebook runs from top to bottom, as an analyst would run it."""

import asyncio
import warnings
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.py"))


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_runs(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import jupytext
        from nbclient import NotebookClient

        monkeypatch.setenv("BANCHE_NOTEBOOK_SEARCH_S", "4")
        monkeypatch.setenv("BANCHE_NOTEBOOK_RIDERS", "700")
        monkeypatch.setenv("MPLBACKEND", "agg")
        notebook = jupytext.read(path)
        client = NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": "."}})
        asyncio.run(client.async_execute())
    assert any(cell.get("outputs") for cell in notebook.cells)
