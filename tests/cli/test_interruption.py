"""A search that is interrupted, asked to terminate or killed leaves its best plan, valid and judged."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from routing.cli.interruption import SIGNALS, Interruption
from routing.model.result import Progress
from routing.planner.check import check_document

PATIENCE_S = 120


@pytest.fixture
def search(town_folder: Path, tmp_path: Path) -> Iterator[tuple["subprocess.Popen[bytes]", Path]]:
    """Start a search of ten minutes in a process of its own, and wait for the first plan it keeps."""
    out = tmp_path / "out"
    program = "from routing.cli import main; main()"
    command = ["plan", str(town_folder), "-o", str(out), "--time-limit", "600", "--workers", "1"]
    with subprocess.Popen(
        [sys.executable, "-c", program, *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        deadline = time.monotonic() + PATIENCE_S
        while not (out / "plan.json").exists() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        yield process, out
        process.kill()


def summary(out: Path) -> dict[str, object]:
    return dict(json.loads((out / "plan.json").read_text("utf-8"))["summary"])


def test_a_killed_search_leaves_a_plan_that_passes_the_check(
    search: tuple["subprocess.Popen[bytes]", Path], town_folder: Path
) -> None:
    """No handler runs on SIGKILL: what is on disk must have been whole all the time."""
    process, out = search
    process.send_signal(signal.SIGKILL)
    assert process.wait(PATIENCE_S) == -signal.SIGKILL
    assert [path.name for path in out.iterdir()] == ["plan.json"]
    assert summary(out)["status"] == "running"
    verdict = check_document(town_folder, out / "plan.json")
    assert verdict.evaluation.violations == ()
    assert verdict.summary()["cost_fen"] == summary(out)["cost_fen"]
    assert verdict.evaluation.kpis.served > 0


@pytest.mark.parametrize("number", SIGNALS)
def test_a_search_that_is_asked_to_end_writes_every_file(
    search: tuple["subprocess.Popen[bytes]", Path], town_folder: Path, number: signal.Signals
) -> None:
    process, out = search
    process.send_signal(number)
    assert process.wait(PATIENCE_S) == 130
    assert {path.name for path in out.iterdir()} == {
        "plan.json", "lines.geojson", "gtfs.zip", "timetable.csv", "report.html",
    }  # fmt: skip
    assert summary(out)["status"] == "interrupted"
    assert check_document(town_folder, out / "plan.json").evaluation.violations == ()


def send(number: signal.Signals) -> None:
    os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", SIGNALS)
def test_the_first_signal_in_a_search_is_a_wish_and_the_second_an_end(number: signal.Signals) -> None:
    with Interruption() as interruption:
        interruption.observe(Progress(phase="search", done=0.1))
        send(number)
        assert interruption.asked.is_set()
        with pytest.raises(KeyboardInterrupt):
            send(number)


def test_before_there_is_anything_to_keep_a_signal_ends_the_work_at_once() -> None:
    with Interruption() as interruption:
        interruption.observe(Progress(phase="roads", done=0.5))
        with pytest.raises(KeyboardInterrupt):
            send(signal.SIGTERM)
        assert not interruption.asked.is_set()


def test_the_handlers_of_others_are_put_back() -> None:
    before = [signal.getsignal(number) for number in SIGNALS]
    with Interruption():
        assert [signal.getsignal(number) for number in SIGNALS] != before
    assert [signal.getsignal(number) for number in SIGNALS] == before


def test_in_a_thread_signals_are_left_as_they_are() -> None:
    """Only the main thread may set handlers; a server that plans in a thread must not fail on it."""
    seen = []

    def work() -> None:
        with Interruption() as interruption:
            seen.append([signal.getsignal(number) for number in SIGNALS])
            assert not interruption.asked.is_set()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [[signal.getsignal(number) for number in SIGNALS]]
