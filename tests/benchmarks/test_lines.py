"""Commuter lines on ready-made matrices: stated in full, clean for our own judge, and written as found."""

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.__main__ import main as dispatch
from benchmarks.lines import read_instance, write_solution
from routing.evaluate import evaluate
from routing.model.demand import Direction
from routing.model.plan import Assignment, Block, Line, Plan, Reason, Trip, Unserved
from routing.solver import MaxIterations, solve
from tests.benchmarks.judges import BENCH, count_iterations_instead_of_seconds, judge, needs_bench

RIDERS = 6


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Write three stops and two worksites on a street, 300 s and 3 km apart; six riders, the last of another shift."""
    place = np.array([0, 300, 600, 1_500, 1_800])
    apart = np.abs(place[:, None] - place[None, :])
    stop_of = np.full((RIDERS, 2), -1, np.int32)
    walk_s = np.full((RIDERS, 2), 9_999.0)
    for rider, options in enumerate([{0: 60}, {0: 90, 1: 400}, {1: 30}, {2: 120, 1: 600}, {2: 100}, {0: 20}]):
        for column, (stop, seconds) in enumerate(options.items()):
            stop_of[rider, column], walk_s[rider, column] = stop, seconds
    file = tmp_path / "street.npz"
    np.savez(
        file,
        T=apart.astype(np.int32),
        D=(apart * 10).astype(np.int32),
        n_stops=3,
        stop_of=stop_of,
        walk_s=walk_s,
        site=np.array([0, 0, 0, 1, 1, 0]),
        shift=np.array([0, 0, 0, 0, 0, 1]),
        ride_limit=np.maximum(2_700, 1.5 * apart[:3, 3:]),
        xy=np.stack([place * 10.0, np.zeros(5)], axis=1),
    )
    return file


def by_hand(*, second_shift: bool) -> Plan:
    """Return one line for the five of the first shift, and one for the sixth, whose vehicle is another."""
    lines = [("0", ("0", "1", "2", "w0", "w1"), {"0": "0", "1": "0", "2": "1", "3": "2", "4": "2"})]
    lines += [("1", ("0", "w0"), {"5": "0"})] if second_shift else []
    trips, seats = [], []
    for shift, stops, boards in lines:
        # At w0 20 minutes before the bell at 8:00 (or 10:00), so that w1, 332 s later, is reached within its window.
        drive = 1_500 if shift == "1" else 1_500 + 22 + 24
        departure = 28_800 + 7_200 * int(shift) - 1_200 - drive
        trips.append(
            Trip(
                trip_id=f"t{shift}",
                direction=Direction.INBOUND,
                shift_ids=(shift,),
                vehicle_type_id="19",
                stop_ids=stops,
                departure=departure,
            )
        )
        seats += [
            Assignment(
                rider_id=rider,
                direction=Direction.INBOUND,
                trip_id=f"t{shift}",
                board_stop_id=stop,
                alight_stop_id="w1" if rider in {"3", "4"} else "w0",
            )
            for rider, stop in boards.items()
        ]
    left = () if second_shift else (Unserved(rider_id="5", direction=Direction.INBOUND, reason=Reason.UNKNOWN),)
    return Plan(
        lines=tuple(Line(line_id=t.trip_id, name=t.trip_id, trips=(t,)) for t in trips),
        assignments=tuple(seats),
        blocks=tuple(
            Block(block_id=t.trip_id, vehicle_type_id="19", depot_id="depot", trip_ids=(t.trip_id,)) for t in trips
        ),
        unserved=left,
    )


@pytest.mark.parametrize(("second_shift", "km"), [(True, 33), (False, 18)])
def test_a_plan_by_hand_keeps_our_rules_and_costs_what_it_should(path: Path, second_shift: bool, km: int) -> None:
    """Two ride 1,546 s from stop 0 to w0, one 1,224 from stop 1; two 900 + 26 + 300 from stop 2 to w1.

    Their halts: 22 s at stop 1 for one, 24 at stop 2 for two, 26 at w0 for three. That is 3,092 + 1,224 + 2,452 s,
    and 1,500 for the sixth. The walks are 60 + 90 + 30 + 120 + 100 (and 20) s.
    """
    verdict = evaluate(read_instance(path), by_hand(second_shift=second_shift))
    assert verdict.violations == ()
    trips = 2 if second_shift else 1
    ride_s = 2 * 1_546 + 1_224 + 2 * 1_226 + (1_500 if second_shift else 0)
    walk_s = 400 + (20 if second_shift else 0)
    parts = verdict.cost_parts
    assert (parts.vehicles, parts.distance, parts.time) == (22_000 * trips, 220 * km, 0)
    assert (parts.ride, parts.walk) == (round(ride_s / 6), round(walk_s * 1_500 / 3_600))
    assert parts.unserved == (0 if second_shift else 8_000)


def test_a_vehicle_makes_one_trip_only(path: Path) -> None:
    """Were both trips driven by one vehicle, it would be late by almost a day, though the bells are two hours apart."""
    plan = by_hand(second_shift=True)
    one = plan.blocks[0]
    together = Plan(
        lines=plan.lines,
        assignments=plan.assignments,
        blocks=(Block(block_id="b", vehicle_type_id="19", depot_id=one.depot_id, trip_ids=("t0", "t1")),),
    )
    assert [v.rule for v in evaluate(read_instance(path), together).violations] == ["block_overlap"]


def test_the_command_prints_and_writes_what_it_found(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    count_iterations_instead_of_seconds(monkeypatch)
    out = tmp_path / "found.json"
    assert dispatch(["lines", str(path), "--seed", "5", "-o", str(out)]) == 0
    printed = json.loads(capsys.readouterr().out)
    written = json.loads(out.read_text("utf-8"))["lines"]
    assert len(written) == printed["lines"]
    assert sum(len(line["riders"]) for line in written) + printed["unserved"] == RIDERS
    assert all(set(line["nodes"]) <= set(range(5)) for line in written)


@needs_bench
@pytest.mark.parametrize("second_shift", [True, False])
def test_the_judge_agrees_with_the_hand(path: Path, tmp_path: Path, second_shift: bool) -> None:
    problem, plan, out = read_instance(path), by_hand(second_shift=second_shift), tmp_path / "out.json"
    write_solution(problem, plan, out)
    verdict = judge("check_lines").judge(dict(np.load(path)), json.loads(out.read_text("utf-8"))["lines"])
    assert verdict["feasible"], verdict
    assert verdict["cost"] == pytest.approx(evaluate(problem, plan).cost_fen / 100, abs=0.02)
    assert verdict["unserved"] == len(plan.unserved)


@needs_bench
def test_what_is_found_on_a_public_instance_is_clean_for_both_judges(tmp_path: Path) -> None:
    """Four hundred riders: no violation of ours, none of theirs, and the same cost but for rounded parts."""
    path, out = BENCH / "lines" / "S.npz", tmp_path / "out.json"
    problem = read_instance(path)
    plan = solve(problem, stop=MaxIterations(iterations=1_000)).plan
    write_solution(problem, plan, out)
    verdict = judge("check_lines").judge(dict(np.load(path)), json.loads(out.read_text("utf-8"))["lines"])
    ours = evaluate(problem, plan)
    assert verdict["feasible"], verdict
    assert ours.violations == ()
    assert verdict["cost"] == pytest.approx(ours.cost_fen / 100, abs=0.02)
