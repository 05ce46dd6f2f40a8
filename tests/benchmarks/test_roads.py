"""The road benchmark: one JSON object, and an oracle that is right where it can be checked by hand."""

import json
from pathlib import Path

import pytest

from benchmarks import roads
from benchmarks.__main__ import main as dispatch
from routing.geo.network import build_network
from routing.geo.osm import read_osm
from tests.geo.sketch import Sketch, grid

PROMISED = {"build_s", "prepare_s", "matrix_s", "scipy_s", "max_abs_error_s", "peak_rss_mb"}


def test_one_object_on_stdout_and_in_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roads, "WHOLE_WAY_SIZE", 30)
    path = grid(4, 4).write(tmp_path)
    assert dispatch(["roads", str(path), "--size", "20", "-o", str(tmp_path / "out.json")]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert set(printed) >= PROMISED
    assert printed["max_abs_error_s"] == 0.0
    assert printed["size"] == 20
    assert json.loads((tmp_path / "out.json").read_text("utf-8")) == printed


def test_roads_that_cannot_answer_end_with_3(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert roads.main([str(tmp_path / "missing.osm.pbf")]) == 3
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "roads_unreadable" in captured.err


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["__init__"]])
def test_unknown_benchmarks_are_named(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert dispatch(arguments) == 2
    assert "roads" in capsys.readouterr().err


def test_the_oracle_knows_a_street(tmp_path: Path) -> None:
    """On a street of 1 km at 24 km/h (residential, early would be the same): ahead, behind, across."""
    network = build_network(read_osm(Sketch(nodes={1: (0, 0), 2: (1000, 0)}).way(10, 1, 2).write(tmp_path)))
    ms = float(network.edge_milliseconds(roads.PERIOD)[0])
    near, far = network.kerb_on_edge(0, 250.0), network.kerb_on_edge(0, 750.0)
    seconds = roads.dijkstra_seconds(network, [near, far], [near, far])
    length = float(network.graph.length_m[0])
    assert seconds[0, 0] == seconds[1, 1] == 0
    assert seconds[0, 1] == pytest.approx(ms * 500 / length / 1000, abs=1)
    assert seconds[1, 0] == pytest.approx(ms * (2 - 500 / length) / 1000, abs=1)
