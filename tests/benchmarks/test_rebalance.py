"""The benchmark of following a demand: that its figures are those of the plans it made, on a small town."""

import json
from pathlib import Path

import pytest

from benchmarks.rebalance import MaxCpu, main
from tests.town import write_town


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_town(tmp_path_factory.mktemp("drifting") / "town")


def test_a_search_of_no_processor_time_is_over_at_once_and_time_only_grows() -> None:
    stop = MaxCpu(1e-9)
    assert stop.done(0) == 0.0
    assert sum(range(100_000)) > 0
    assert stop.done(1) == 1.0
    patient = MaxCpu(1e9)
    shares = [patient.done(0) for _ in range(3)]
    assert shares == sorted(shares)
    assert shares[-1] < 1e-6


def test_limits_hold_and_the_frontier_falls(town: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(town), "--time-limit", "0.4", "--limits", "0,0.2", "--frontier", "--churn", "0.15"]) == 0
    told = json.loads(capsys.readouterr().out)
    nobody, some, frontier = told["points"]
    assert (nobody["limit"], some["limit"], frontier["limit"]) == (0.0, 0.2, None)
    assert nobody["changed"] == 0
    assert nobody["violations"] == 0
    assert some["changed"] <= 0.2 * some["stayers"]
    for point in told["points"]:
        assert point["above_scratch"] == pytest.approx(point["cost_fen"] / told["scratch_fen"] - 1, abs=1e-4)
        costs = [cost for _, cost in point["steps"]]
        assert costs == sorted(set(costs), reverse=True)
        assert point["every_step_saves"]
        assert point["cpu_s"] > 0
