"""What a start costs is told per engine, from processes that share nothing but the folder of compiled code."""

import json
import time
from pathlib import Path

import numpy as np
import pytest

import routing.solver.anneal
from benchmarks import start
from benchmarks.__main__ import main as dispatch
from routing.jit import cache_folder

Told = dict[str, float]


def folder_of(module_file: str) -> str:
    """Return where this process and its kind keep compiled code."""
    return str(cache_folder(Path(module_file).parent).parent)


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    """Write an instance of three stops, two riders and a worksite."""
    seconds = np.abs(np.subtract.outer(np.arange(4), np.arange(4))) * 300
    file = tmp_path / "street.npz"
    np.savez(
        file,
        T=seconds,
        D=seconds * 10,
        n_stops=3,
        xy=np.arange(8).reshape(4, 2) * 1000.0,
        stop_of=np.array([[0, 1], [1, 2]]),
        walk_s=np.array([[60.0, 120.0], [30.0, 90.0]]),
        site=np.zeros(2, int),
        shift=np.zeros(2, int),
    )
    return file


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, bool]]:
    """Start no process: the first takes nine seconds, later ones two, then less each time."""
    calls: list[tuple[str, str, bool]] = []

    def told(engine: str, instance: Path, cache: str) -> Told:
        found = list(Path(cache).iterdir())
        calls.append((engine, instance.name, bool(found)))
        if not found:
            (Path(cache) / "code").touch()
            return {"process_s": 9.0, "engine_s": 8.0}
        return {"process_s": 2.0 - 0.1 * len(calls), "engine_s": 1.0 - 0.1 * len(calls)}

    monkeypatch.setattr(start, "_process", told)
    return calls


def test_the_first_start_finds_an_empty_folder_and_later_ones_what_it_left(
    processes: list[tuple[str, str, bool]], instance: Path
) -> None:
    figures = start.compare("solver", instance, 2)
    assert processes == [("solver", "street.npz", found) for found in (False, True, True)]
    assert figures == pytest.approx({"first_s": 9.0, "later_s": 1.7, "compile_s": 7.3, "load_s": 0.7})


def test_engines_share_no_folder(
    processes: list[tuple[str, str, bool]], instance: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert dispatch(["start", "--instance", str(instance), "--repeat", "1"]) == 0
    assert [(engine, found) for engine, _, found in processes] == [
        ("solver", False),
        ("solver", True),
        ("roads", False),
        ("roads", True),
    ]
    assert set(json.loads(capsys.readouterr().out)) == set(start.ENGINES)


@pytest.mark.usefixtures("processes")
def test_the_record_names_machine_and_instance(
    instance: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "start.json"
    assert start.main(["--instance", str(instance), "--engines", "solver", "-o", str(file)]) == 0
    record = json.loads(file.read_text("utf-8"))
    assert record["engines"] == json.loads(capsys.readouterr().out)
    assert record["instance"] == "street"
    assert record["machine"]["cores"] >= 1
    assert "suite" not in record, "the report would take it for a suite's"


def test_one_start_tells_of_the_engine_alone_too(
    instance: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([3.0, 5.5])
    monkeypatch.setattr(time, "process_time", lambda: next(clock))
    monkeypatch.setattr(start, "search", lambda problem: len(problem.riders))
    assert start.main(["--once", "solver", "--instance", str(instance)]) == 0
    assert json.loads(capsys.readouterr().out) == {"process_s": 5.5, "engine_s": 2.5}


def test_the_search_is_as_long_as_it_says(instance: Path) -> None:
    assert start.search(start._read(instance)) >= start.ITERATIONS


def test_a_process_of_its_own_reads_the_folder_that_it_is_given(instance: Path, tmp_path: Path) -> None:
    """It may take what this version has compiled already; an unknown instance ends it with its own words."""
    start.search(start._read(instance))
    kept = folder_of(routing.solver.anneal.__file__)
    told = start._process("solver", instance, kept)
    assert 0.0 < told["engine_s"] < told["process_s"]
    with pytest.raises(start.subprocess.CalledProcessError):
        start._process("solver", tmp_path / "nowhere.npz", kept)


def test_the_roads_start_with_a_network_of_two_streets(monkeypatch: pytest.MonkeyPatch, instance: Path) -> None:
    started = []
    monkeypatch.setattr(start, "warm_up", lambda: started.append("roads"))
    assert set(start.once("roads", instance)) == {"process_s", "engine_s"}
    assert started == ["roads"]


@pytest.mark.parametrize("arguments", [["--engines", "wings"], ["--once", "wings"]])
def test_unknown_engines_are_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        start.main(arguments)
    assert ended.value.code == 2
    assert "wings" in capsys.readouterr().err
