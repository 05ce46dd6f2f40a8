"""Multi-school services: what the adapter states is the instance in either reading, and what it writes is the plan."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.__main__ import main as dispatch
from benchmarks.park import Instance, Pickup, Reading, School, as_buses, as_problem, measure, read_instance
from routing.evaluate import Rule, evaluate
from routing.model.problem import Problem
from routing.model.units import parse_clock
from routing.solver import MaxIterations, solve
from tests.benchmarks.judges import BENCH, count_iterations_instead_of_seconds, judge, needs_bench
from tests.benchmarks.park_cases import as_plan, pieces, write_folder

MIXED, SINGLE = Reading.MIXED, Reading.SINGLE
# A street along which a bus drives 88 feet in 3 seconds; coordinates in these 3 seconds. North opens from 7:00 to
# 7:30, south from 7:20 to 7:45. The depot lies 1,200 of them along the street, and beside it not at all.
NORTH, SOUTH = 901, 902
SCHOOLS = [(NORTH, 1_300, "700", "730"), (SOUTH, 1_000, "720", "745")]
STOPS = [(1, 1_100, NORTH, 10), (2, 1_200, NORTH, 20), (3, 1_200, SOUTH, 5), (4, 1_050, SOUTH, 25), (5, 900, NORTH, 2)]
LINE_FT = 105_600
# By hand: five calls take 19 s and 2.6 s per rider.
CHAIN = [[5, 1, 2, NORTH, 3, 4, SOUTH]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_folder(
        tmp_path / "Street",
        [(i, x * 88, LINE_FT, early, late) for i, x, early, late in SCHOOLS],  # type: ignore[misc]
        [(i, x * 88, LINE_FT, school, riders) for i, x, school, riders in STOPS],
    )


@pytest.fixture
def instance(folder: Path) -> Instance:
    return read_instance(folder)


def street(instance: Instance, reading: Reading, ride_limit_s: float = 2_700) -> Problem:
    return as_problem(instance, ride_limit_s=ride_limit_s, reading=reading)


def ds(clock: str) -> int:
    """Return a clock time in tenths of a second."""
    return 10 * parse_clock(clock)


def test_files_are_read_as_they_stand(instance: Instance) -> None:
    assert instance.name == "Street"
    assert instance.schools[0] == School(
        school_id=NORTH, at=(114_400.0, LINE_FT), early=parse_clock("07:00"), late=parse_clock("07:30")
    )
    assert instance.pickups[3] == Pickup(stop_id=4, at=(92_400.0, LINE_FT), school_id=SOUTH, riders=25)
    assert (len(instance.schools), len(instance.pickups)) == (2, 5)


def test_driving_is_along_both_axes_at_20_mph() -> None:
    """One mile east and one north are two miles: 360 s. The depot's legs are distance, and no time."""
    mile = 5_280.0
    pickup = Pickup(stop_id=1, at=(0.0, 0.0), school_id=9, riders=1)
    school = School(school_id=9, at=(mile, mile), early=0, late=60)
    problem = street(Instance(name="", schools=(school,), pickups=(pickup,)), SINGLE)
    travel = problem.travel[0]
    assert travel.duration.tolist() == [[0, 3_600, 0], [3_600, 0, 0], [0, 0, 0]]
    assert travel.distance[0, 1] == 3_600
    assert travel.distance[2, 0] == travel.distance[0, 2] == 20 * 2 * 1_800


def test_mixed_loads_alight_in_the_schools_window(instance: Instance) -> None:
    problem = street(instance, MIXED)
    windows = [problem.rules.window(s, s.directions[0]) for s in problem.shifts]
    assert windows == [(ds("07:00"), ds("07:30")), (ds("07:20"), ds("07:45"))]
    assert problem.rules.dwell_s(7, at_worksite=False) == 190 + 26 * 7
    assert problem.rules.dwell_s(7, at_worksite=True) == 290 + 19 * 7
    assert not problem.rules.one_worksite_per_trip


def test_single_loads_are_off_the_bus_at_the_bell(instance: Instance) -> None:
    """154.4 s before, in one instant, whoever is aboard."""
    problem = street(instance, SINGLE)
    windows = [problem.rules.window(s, s.directions[0]) for s in problem.shifts]
    assert windows == [(ds("07:00") - 1_544,) * 2, (ds("07:20") - 1_544,) * 2]
    assert problem.rules.dwell_s(7, at_worksite=True) == 1_544
    assert problem.rules.one_worksite_per_trip


def test_a_chain_of_two_schools_by_hand(instance: Instance) -> None:
    """One bus, the first bell at 7:00 and the second at 7:20.

    To north: from 5 to 1 600 s, to 2 300 s, to north 300 s, with halts of 45 s at 1 and 71 s at 2: the two riders
    of 5 ride 1,316 s. From north empty to 3 300 s, to 4 450 s, to south 150 s. From the depot to 5 it is 900 s, and
    from south back to it 600 s: 3,600 s of driving.
    """
    problem = street(instance, SINGLE)
    verdict = evaluate(problem, as_plan(instance, problem, CHAIN))
    assert verdict.violations == ()
    assert verdict.objective == (0, 1, 36_000)
    first, second = verdict.schedule.trips
    assert first.depart[-1] == ds("07:00")
    assert second.depart[-1] == ds("07:20")
    assert max(map(first.ride_s, first.seats)) == 13_160
    assert measure(instance, CHAIN) == {"buses": 1, "drive_seconds": 3_600}


@pytest.mark.parametrize(("limit", "rules"), [(1_316, []), (1_315.9, [Rule.RIDE])])
def test_a_ride_begins_when_the_stop_is_left(instance: Instance, limit: float, rules: list[Rule]) -> None:
    problem = street(instance, SINGLE, limit)
    assert [v.rule for v in evaluate(problem, as_plan(instance, problem, CHAIN)).violations] == rules


@pytest.mark.parametrize(("riders", "rules"), [(54, []), (55, [Rule.SEATS])])
def test_a_bus_seats_66(instance: Instance, riders: int, rules: list[Rule]) -> None:
    pickups = tuple(replace(p, riders=riders) if p.stop_id == 2 else p for p in instance.pickups)
    full = replace(instance, pickups=pickups)
    problem = street(full, SINGLE)
    assert [v.rule for v in evaluate(problem, as_plan(full, problem, CHAIN)).violations] == rules


def test_a_bus_that_is_still_under_way_is_no_bus(instance: Instance) -> None:
    """South opens at 7:08: nobody can be at stop 3 in time."""
    south = replace(instance.schools[1], early=parse_clock("07:08"))
    early = replace(instance, schools=(instance.schools[0], south))
    problem = street(early, SINGLE)
    assert [v.rule for v in evaluate(problem, as_plan(early, problem, CHAIN)).violations] == [Rule.BLOCK_OVERLAP]


def test_schools_share_a_bus_in_one_reading_only(instance: Instance) -> None:
    """By north at 7:13 at the earliest, to be at south by 7:20: a mixed trip may, a single load may not."""
    together = [[3, 5, 4, 1, 2, NORTH, SOUTH]]
    mixed = street(instance, MIXED, 5_400)
    plan = as_plan(instance, mixed, together)
    verdict = evaluate(mixed, plan)
    assert verdict.violations == ()
    assert verdict.schedule.trips[0].trip.shift_ids == ("901", "902")
    single = street(instance, SINGLE, 5_400)
    assert Rule.ONE_WORKSITE in {v.rule for v in evaluate(single, plan).violations}


def test_a_bus_is_empty_between_its_trips(instance: Instance) -> None:
    assert pieces(instance, CHAIN[0]) == [[5, 1, 2, NORTH], [3, 4, SOUTH]]
    assert pieces(instance, [3, 1, NORTH, 4, SOUTH]) == [[3, 1, NORTH, 4, SOUTH]]


def test_buses_come_back_as_they_were(instance: Instance) -> None:
    problem = street(instance, MIXED)
    assert as_buses(as_plan(instance, problem, CHAIN)) == CHAIN


@pytest.mark.parametrize("reading", list(Reading))
def test_the_command_prints_and_writes_what_it_found(
    instance: Instance,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    reading: Reading,
) -> None:
    """Every stop is visited once, and the figures are those of the file."""
    count_iterations_instead_of_seconds(monkeypatch)
    out = folder / "buses.json"
    options = ["--ride-limit", "2700", "--reading", reading, "--seed", "2", "-o", str(out)]
    assert dispatch(["park", str(folder), *options]) == 0
    printed = json.loads(capsys.readouterr().out)
    buses = json.loads(out.read_text("utf-8"))["buses"]
    assert printed.items() >= measure(instance, buses).items()
    assert printed["unserved"] == 0
    assert sorted(node for bus in buses for node in bus if node < NORTH) == [1, 2, 3, 4, 5]
    if reading is SINGLE:
        problem = street(instance, reading)
        assert evaluate(problem, as_plan(instance, problem, buses)).violations == ()


@needs_bench
@pytest.mark.parametrize("reading", list(Reading))
def test_the_judge_agrees_with_the_hand(instance: Instance, folder: Path, reading: Reading) -> None:
    script = judge("check_park")
    verdict = script.judge(script.load(str(folder)), CHAIN, 2_700, reading)
    assert verdict["feasible"], verdict
    assert verdict.items() >= measure(instance, CHAIN).items()
    problem = street(instance, reading)
    assert evaluate(problem, as_plan(instance, problem, CHAIN)).violations == ()


@st.composite
def single_loads(draw: st.DrawFn) -> list[list[int]]:
    """Draw buses that serve each stop once and one school at a time, whether or not they can be in time."""
    trips = []
    for school in (NORTH, SOUTH):
        order = draw(st.permutations([i for i, _, of, _ in STOPS if of == school]))
        cut = draw(st.integers(0, len(order)))
        trips += [[*part, school] for part in (order[:cut], order[cut:]) if part]
    trips = draw(st.permutations(trips))
    buses: list[list[int]] = []
    for trip in trips:
        if buses and draw(st.booleans()):
            buses[-1] = buses[-1] + trip
        else:
            buses.append(list(trip))
    return buses


@needs_bench
@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    buses=single_loads(),
    limit=st.sampled_from([300, 1_000, 1_315, 1_316, 2_700]),
    second_bell=st.sampled_from(["07:00", "07:14", "07:18", "07:19", "07:20", "07:40"]),
)
def test_both_judges_agree_on_any_single_loads(
    instance: Instance, folder: Path, buses: list[list[int]], limit: int, second_bell: str
) -> None:
    """On a street where every drive is whole seconds, and without the script's tolerance, nothing is in doubt."""
    script = judge("check_park")
    script.TOLERANCE_S = 1e-6
    south = replace(instance.schools[1], early=parse_clock(second_bell))
    changed = replace(instance, schools=(instance.schools[0], south))
    point, schools, stops = script.load(str(folder))
    theirs = script.judge((point, schools | {SOUTH: (south.early, south.late)}, stops), buses, limit, "single")
    problem = street(changed, SINGLE, limit)
    ours = evaluate(problem, as_plan(changed, problem, buses))
    assert ours.feasible == theirs["feasible"], (ours.violations, theirs)
    assert ours.objective == (0, theirs["buses"], 10 * theirs["drive_seconds"])


@needs_bench
@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    order=st.permutations([i for i, *_ in STOPS]),
    north_at=st.integers(0, 5),
    limit=st.sampled_from([600, 1_500, 2_700, 5_400]),
)
def test_mixed_loads_that_we_allow_the_script_allows(
    instance: Instance, folder: Path, order: list[int], north_at: int, limit: int
) -> None:
    """Its buses may wait with riders aboard, ours may not: one direction of the promise is all there is."""
    script = judge("check_park")
    script.TOLERANCE_S = 1e-6
    last_north = max(i for i, node in enumerate(order) if node in {1, 2, 5})
    at = max(north_at, last_north + 1)
    bus = [*order[:at], NORTH, *order[at:], SOUTH]
    problem = street(instance, MIXED, limit)
    ours = evaluate(problem, as_plan(instance, problem, [bus]))
    theirs = script.judge(script.load(str(folder)), [bus], limit, "mixed")
    assert theirs["feasible"] or not ours.feasible
    assert ours.objective == (0, 1, 10 * theirs["drive_seconds"])


@needs_bench
@pytest.mark.parametrize("reading", list(Reading))
def test_what_is_found_is_feasible_for_both_judges(reading: Reading) -> None:
    """The smallest public instance: 250 stops of 6 schools."""
    folder = BENCH / "sbrp_park" / "RSRB01"
    instance = read_instance(folder)
    problem = street(instance, reading)
    plan = solve(problem, stop=MaxIterations(iterations=1_000)).plan
    script = judge("check_park")
    theirs = script.judge(script.load(str(folder)), as_buses(plan), 2_700, reading)
    ours = evaluate(problem, plan)
    assert theirs["feasible"], theirs
    assert ours.violations == ()
    assert ours.objective[:2] == (0, theirs["buses"])
    assert ours.cost_fen / 10 == pytest.approx(theirs["drive_seconds"], abs=0.05 * (len(plan.assignments) + 100))
