"""The process in which work is done: what it says through its pipe, and that it dies with its worker."""

import multiprocessing
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from api.jobs import child
from api.jobs.child import BROKE, MADE, PROGRESS, REFUSED, STOP, Teller, run_child
from api.jobs.comparing import CompareParams
from api.jobs.kind import JobKind, Made, Task
from routing.errors import RoadError
from routing.model.result import Progress


@dataclass
class Mouth:
    """One end of a pipe that remembers what was said."""

    said: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    def send(self, words: tuple[str, dict[str, object]]) -> None:
        self.said.append(words)


def test_one_phase_is_told_now_and_then_and_every_phase_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter([10.0, 10.05, 10.1, 10.3, 10.31])
    monkeypatch.setattr(child.time, "monotonic", lambda: next(now))
    mouth = Mouth()
    teller = Teller(mouth)  # type: ignore[arg-type]
    for phase, done in (("roads", 0.1), ("roads", 0.2), ("stops", 0.0), ("stops", 0.5), ("stops", 1.0)):
        teller.tell(Progress(phase=phase, done=done))
    assert [(word, told["phase"], told["done"]) for word, told in mouth.said] == [
        (PROGRESS, "roads", 0.1),
        (PROGRESS, "stops", 0.0),
        (PROGRESS, "stops", 0.5),
        (PROGRESS, "stops", 1.0),
    ]


def told_by(run: object, monkeypatch: pytest.MonkeyPatch, folder: Path, *, stop: bool = False) -> tuple[str, object]:
    """Return the last word of work that is done in a thread instead of a process."""
    monkeypatch.setattr(child.signal, "signal", lambda *_: None)
    monkeypatch.setattr(child.os, "_exit", lambda _: None)
    monkeypatch.setattr(child, "_listen", _listen_once)
    monkeypatch.setitem(child.KINDS, "compare", JobKind(params=CompareParams, run=run))  # type: ignore[arg-type]
    ours, theirs = multiprocessing.Pipe()
    if stop:
        ours.send(STOP)
    params = CompareParams(before="a", after="b").model_dump(mode="json")
    worker = threading.Thread(target=run_child, args=(theirs, params, str(folder)))
    worker.start()
    word, said = ours.recv()
    worker.join()
    ours.close()
    theirs.close()
    return word, said


def _listen_once(pipe: object, stop: threading.Event) -> None:
    with suppress(OSError, EOFError):  # the work may be over, and the pipe closed, before anything is said
        if pipe.poll(0.2) and pipe.recv() == STOP:  # type: ignore[attr-defined]
            stop.set()


def test_what_was_made_is_handed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made = Made(summary={"x": 1}, files={"a": b"b"})
    assert told_by(lambda _: made, monkeypatch, tmp_path) == (MADE, made)


def test_work_hears_that_it_is_to_stop(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def run(task: Task) -> Made:
        return Made(summary={"stopped": task.stop.wait(5)})

    assert told_by(run, monkeypatch, tmp_path, stop=True) == (MADE, Made(summary={"stopped": True}))


def test_an_error_of_the_planner_becomes_a_problem(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def run(_: Task) -> Made:
        raise RoadError("roads_empty", "No road.", "Cut it again.")

    word, said = told_by(run, monkeypatch, tmp_path)
    assert (word, said["code"], said["status"]) == (REFUSED, "roads_empty", 422)  # type: ignore[index]


def test_a_bug_is_told_without_what_it_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def run(_: Task) -> Made:
        raise RuntimeError("the home at 121.5 is lost")

    word, said = told_by(run, monkeypatch, tmp_path)
    assert word == BROKE
    assert "RuntimeError at " in str(said)
    assert "121.5" not in str(said)


def test_a_task_knows_where_its_inputs_lie(tmp_path: Path) -> None:
    task = Task(params=None, folder=tmp_path, stop=threading.Event(), tell=lambda _: None)
    assert task.scenario == tmp_path / "scenario"
    assert task.plan("before") == tmp_path / "before.json"
