"""Stop selection: what the adapter states is the instance, and what it writes is the plan."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.__main__ import main as dispatch
from benchmarks.lewis import Instance, Solution, as_problem, as_solution, measure, read_instance
from routing.evaluate import Rule, evaluate
from routing.solver import MaxIterations, solve
from tests.benchmarks.judges import BENCH, count_iterations_instead_of_seconds, judge, needs_bench
from tests.benchmarks.lewis_cases import as_plan, fill, parse, write_bus

# Stop 1 lies 100 s, stop 2 200 s and stop 3 400 s from the school; 60 s more in the other direction.
AT = (0, 100, 200, 400)
DRIVE = [[abs(a - b) + (60 if b > a else 0) for b in AT] for a in AT]
RIDERS = [3, 1, 2, 4]
WALKS = {
    (0, 1): (0.2, 150),
    (0, 2): (0.9, 700),
    (1, 1): (1.0, 800),
    (1, 2): (0.4, 300),
    (2, 2): (0.1, 80),
    (2, 3): (1.001, 810),
    (3, 3): (0.5, 400),
    (3, 0): (0.3, 200),
}
GOOD = Solution(routes=(((3, 4), (2, 3)), ((1, 3),)), stop_of=(1, 2, 2, 3))
"""One bus from stop 3 by stop 2: 400 s of driving, two halts, seven riders: 465 s. One from stop 1: 100 + 15 + 15."""


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    return read_instance(write_bus(tmp_path / "Tiny.bus", DRIVE, RIDERS, WALKS))


def test_a_file_is_read_as_it_stands(instance: Instance) -> None:
    """Commas and accents in names, and lines that end as on Windows, change nothing."""
    assert (instance.name, len(instance.places), instance.riders) == ("Tiny", 4, (3, 1, 2, 4))
    assert np.array_equal(instance.drive, DRIVE)
    assert instance.drive[3, 0] == 400
    assert instance.drive[0, 3] == 460
    assert instance.walks[2] == {2: (0.1, 80.0), 3: (1.001, 810.0)}
    assert (instance.places[2].lat, instance.homes[3].lon) == (35.92, 14.51)


def test_walks_end_at_the_limit_and_nobody_boards_at_the_school(instance: Instance) -> None:
    """1.0 km is within the limit, 1.001 km is not; a metre is a metre, so that any limit can be tried."""
    problem = as_problem(instance)
    rows = [list(zip(*(part.tolist() for part in problem.walks.row(a)), strict=True)) for a in range(4)]
    assert rows == [[(0, 200), (1, 900)], [(1, 400), (0, 1_000)], [(1, 100)], [(2, 500)]]
    assert problem.rules.max_walk_m == 1_000
    assert [s.stop_id for s in problem.stops] == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("seconds", "units_per_s", "drive"), [(7.0, 1, 7), (7.5, 100, 750), (7.001, 100, 701), (0.29, 100, 29)]
)
def test_times_keep_their_precision_and_are_never_cut(
    instance: Instance, seconds: float, units_per_s: int, drive: int
) -> None:
    """Whole seconds where the instance has no others; hundredths, rounded up, where it has."""
    other = instance.drive.copy()
    other[1, 2] = seconds
    changed = replace(instance, drive=other)
    problem = as_problem(changed)
    assert changed.units_per_s == units_per_s
    assert problem.travel[0].duration[0, 1] == drive
    assert problem.rules.max_trip_s == 2_700 * units_per_s
    assert problem.rules.dwell_s(3, at_worksite=False) == 30 * units_per_s
    assert problem.rules.dwell_s(3, at_worksite=True) == 0


def test_a_plan_costs_its_route_seconds(instance: Instance) -> None:
    verdict = evaluate(as_problem(instance), as_plan(instance, GOOD))
    assert verdict.violations == ()
    assert verdict.objective == (0, 2, 465 + 130)
    assert sorted(t.duration_s for t in verdict.schedule.trips) == [130, 465]
    walk_s = 3 * 150 + 300 + 2 * 80 + 4 * 400
    assert measure(instance, GOOD) == {"buses": 2, "route_seconds": 595.0, "walk_rider_seconds": walk_s}


def test_hundredths_cost_hundredths(instance: Instance) -> None:
    fine = replace(instance, drive=instance.drive + np.where(instance.drive > 0, 0.25, 0))
    verdict = evaluate(as_problem(fine), as_plan(fine, GOOD))
    assert verdict.violations == ()
    assert verdict.cost_fen == 100 * measure(fine, GOOD)["route_seconds"] == 59_575


def test_a_plan_is_written_as_it_was_read(instance: Instance) -> None:
    assert GOOD.text() == "2\n2 3 4 2 3\n1 1 3\n1 2 2 3\n"
    assert parse(GOOD.text(), 4) == GOOD == as_solution(instance, as_plan(instance, GOOD))


def test_an_address_without_a_seat_is_not_hidden(instance: Instance) -> None:
    """It is listed at the school, where the judge finds nobody boarding."""
    fewer = Solution(routes=GOOD.routes[:1], stop_of=(0, 2, 2, 3))
    plan = as_plan(instance, fewer)
    assert evaluate(as_problem(instance), plan).objective[:2] == (3, 1)
    assert as_solution(instance, plan) == fewer
    assert measure(instance, fewer)["buses"] == 1


@pytest.mark.parametrize(("seconds", "rules"), [(2_600, []), (2_601, [Rule.TRIP_TIME])])
def test_a_route_lasts_45_minutes_at_most(instance: Instance, seconds: int, rules: list[Rule]) -> None:
    """Twelve riders of three addresses and two halts take 100 s beside the drive from stop 3 by stop 2."""
    long = instance.drive.copy()
    long[3, 2], long[2, 0] = seconds - 200, 200
    changed = replace(instance, drive=long, riders=(3, 5, 5, 4))
    route = Solution(routes=(((3, 4), (2, 10)), ((1, 3),)), stop_of=(1, 2, 2, 3))
    verdict = evaluate(as_problem(changed), as_plan(changed, route))
    assert [v.rule for v in verdict.violations] == rules
    assert max(t.duration_s for t in verdict.schedule.trips) == seconds + 100


@pytest.mark.parametrize(("extra", "rules"), [(0, []), (1, [Rule.SEATS])])
def test_a_bus_seats_seventy(instance: Instance, extra: int, rules: list[Rule]) -> None:
    full = replace(instance, riders=(3, 1, 65 + extra, 4))
    route = Solution(routes=(((3, 4), (2, 66 + extra)), ((1, 3),)), stop_of=GOOD.stop_of)
    assert [v.rule for v in evaluate(as_problem(full), as_plan(full, route)).violations] == rules


def test_groups_are_shared_out_to_the_last_seat() -> None:
    assert fill({0: 4, 1: 3}, [3, 2, 2]) == [1, 0, 0]
    assert fill({0: 4, 1: 3}, [4, 2]) is None
    assert fill({0: 2}, [3]) is None


def test_the_command_prints_and_writes_what_it_found(
    instance: Instance, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everyone rides, and the figures are those of the file."""
    count_iterations_instead_of_seconds(monkeypatch)
    out = tmp_path / "tiny.sol"
    assert dispatch(["lewis", str(tmp_path / "Tiny.bus"), "--seed", "3", "-o", str(out)]) == 0
    printed = json.loads(capsys.readouterr().out)
    written = parse(out.read_text("utf-8"), 4)
    assert printed.items() >= measure(instance, written).items()
    assert printed["unserved"] == 0
    assert printed["iterations"] >= 300
    assert 0 not in written.stop_of
    assert evaluate(as_problem(instance), as_plan(instance, written)).violations == ()


@needs_bench
def test_the_judge_agrees_with_the_hand(instance: Instance, tmp_path: Path) -> None:
    script = judge("check_lewis")
    verdict = script.judge(script.load(tmp_path / "Tiny.bus"), GOOD.text())
    assert verdict["feasible"]
    assert verdict.items() >= measure(instance, GOOD).items()


@st.composite
def solutions(draw: st.DrawFn) -> Solution:
    """Draw solutions that may be too long, too full or too far; stops 2 and 3 may be visited by several buses."""
    stop_of = tuple(draw(st.sampled_from(choice)) for choice in ((1, 2), (1, 2), (2, 3), (3,)))
    buses = [draw(st.integers(0, 2)) for _ in stop_of]
    boarding = {
        (bus, stop): sum(r for r, b, s in zip(RIDERS, buses, stop_of, strict=True) if (b, s) == (bus, stop))
        for bus, stop in zip(buses, stop_of, strict=True)
    }
    routes = []
    for bus in sorted(set(buses)):
        order = draw(st.permutations(sorted(stop for b, stop in boarding if b == bus)))
        routes.append(tuple((stop, boarding[bus, stop]) for stop in order))
    return Solution(routes=tuple(routes), stop_of=stop_of)


@needs_bench
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(solution=solutions(), longer=st.sampled_from([1, 3, 5, 6]))
def test_both_judges_agree_on_any_routes(tmp_path: Path, solution: Solution, longer: int) -> None:
    """Feasible or not, as many buses, as many seconds; drives are stretched so that some routes last too long."""
    drive = [[longer * seconds for seconds in row] for row in DRIVE]
    path = write_bus(tmp_path / "Long.bus", drive, RIDERS, WALKS)
    script = judge("check_lewis")
    theirs = script.judge(script.load(path), solution.text())
    long = read_instance(path)
    ours = evaluate(as_problem(long), as_plan(long, solution))
    assert ours.feasible == theirs["feasible"], (ours.violations, theirs)
    assert ours.objective == (0, theirs["buses"], theirs["route_seconds"])


@needs_bench
@pytest.mark.parametrize("name", ["Canberra", "Porthcawl", "Handaq", "Mgarr", "Pembroke", "Senglea"])
def test_the_published_records_are_plans_of_ours(name: str) -> None:
    """Read back, each keeps every rule and costs what the judge of the instances says."""
    script = judge("check_lewis")
    path = BENCH / "sbrp_lewis" / f"{name}.bus"
    text = path.with_suffix(".sol").read_text("utf-8")
    record = script.judge(script.load(path), text)
    instance = read_instance(path)
    solution = parse(text, len(instance.riders))
    plan = as_plan(instance, solution)
    verdict = evaluate(as_problem(instance), plan)
    assert verdict.violations == ()
    assert verdict.objective == (0, record["buses"], record["route_seconds"])
    assert as_solution(instance, plan) == solution
    assert record.items() >= measure(instance, solution).items()


@needs_bench
def test_what_is_found_is_feasible_for_both_judges() -> None:
    """Mgarr is small: the search serves everybody, and both judges count the same seconds."""
    script = judge("check_lewis")
    path = BENCH / "sbrp_lewis" / "Mgarr.bus"
    instance = read_instance(path)
    problem = as_problem(instance)
    plan = solve(problem, stop=MaxIterations(iterations=2_000)).plan
    theirs = script.judge(script.load(path), as_solution(instance, plan).text())
    assert theirs["feasible"], theirs
    assert evaluate(problem, plan).objective == (0, theirs["buses"], theirs["route_seconds"])
