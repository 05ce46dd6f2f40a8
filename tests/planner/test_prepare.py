"""A scenario folder becomes a problem whose parts fit together."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from routing.errors import InputError
from routing.geo.datum import wgs84_to_gcj02
from routing.geo.profile import PERIODS, period_of
from routing.model.places import StopStatus
from routing.model.result import Progress
from routing.model.units import DAY_S
from routing.planner.check import kept_stops
from routing.planner.deliver import describe
from routing.planner.prepare import EXPLAIN_WALK_FACTOR, Study, drive_times, examine, period_spans, prepare
from routing.planner.run import Outcome
from tests.town import Town, position, write_town


def test_every_node_lies_on_the_roads(study: Study) -> None:
    assert len(study.points) == study.problem.node_count
    assert all(point.edges for point in study.points)


def test_stops_have_one_kerb_and_sites_both_directions(study: Study) -> None:
    stops = study.points[: len(study.problem.stops)]
    sites = study.points[len(study.problem.stops) :]
    assert {len(point.edges) for point in stops} == {1}
    assert all(len(point.edges) > 1 for point in sites)


def test_every_rider_can_walk_to_a_stop(study: Study) -> None:
    problem = study.problem
    for rider in range(len(problem.riders)):
        _, metres = problem.walks.row(rider)
        assert metres[0] <= problem.rules.max_walk_m


def test_walks_reach_beyond_the_promise_for_explanations(study: Study) -> None:
    limit = study.problem.rules.max_walk_m
    assert limit < study.problem.walks.metres.max() <= EXPLAIN_WALK_FACTOR * limit


def test_only_periods_in_which_somebody_travels_have_a_matrix(study: Study) -> None:
    assert [period.name for period in study.problem.periods] == ["am_peak", "pm_peak"]
    assert [study.road_period(i) for i in range(2)] == [PERIODS.index("am_peak"), PERIODS.index("pm_peak")]


def test_travel_times_are_closed_to_shortest_ways(study: Study) -> None:
    """No detour over a third kerb is quicker, beyond rounding; at a site a bus may turn round, which can be."""
    kerbs = len(study.problem.stops)
    duration = study.problem.travel[0].duration[:kerbs, :kerbs].astype(np.int64)
    some = np.random.default_rng(0).choice(len(duration), size=25, replace=False)
    part = duration[np.ix_(some, some)]
    through = (part[:, :, None] + part[None, :, :]).min(axis=1)
    assert (part - through).max() <= 2


def test_the_afternoon_differs_from_the_morning(study: Study) -> None:
    morning, evening = study.problem.travel
    assert (morning.duration != evening.duration).any()


@pytest.mark.parametrize("period", range(len(PERIODS)))
def test_spans_cover_what_the_roads_call_the_period(period: int) -> None:
    spans = period_spans(period)
    for clock in range(0, DAY_S, 600):
        assert any(begin <= clock < end for begin, end in spans) == (period_of(clock) == period)


def test_spans_share_out_the_day() -> None:
    assert sum(end - begin for p in range(len(PERIODS)) for begin, end in period_spans(p)) == DAY_S


def test_progress_names_its_phases(folder: Path, tmp_path: Path) -> None:
    told: list[Progress] = []
    prepare(folder, cache_dir=tmp_path, on_progress=told.append)
    assert {"roads", "stops", "matrices"} <= {progress.phase for progress in told}
    assert all(0.0 <= progress.done <= 1.0 for progress in told)


def test_the_cache_changes_nothing(folder: Path, study: Study, tmp_path: Path) -> None:
    cold = prepare(folder, cache_dir=tmp_path)
    warm = prepare(folder, cache_dir=tmp_path)
    assert cold.problem == warm.problem == study.problem


def test_coordinates_in_another_declared_datum_give_the_same_problem(study: Study, tmp_path: Path) -> None:
    """A folder in GCJ-02 that says so is the same scenario, to a few centimetres."""
    folder = write_town(tmp_path / "town", Town(crs="gcj02"))
    for table, columns in {"riders": (1, 2), "worksites": (2, 3), "depots": (2, 3)}.items():
        head, *rows = (folder / f"{table}.csv").read_text("utf-8").splitlines()
        moved = []
        for row in rows:
            cells = row.split(",")
            lon, lat = wgs84_to_gcj02(float(cells[columns[0]]), float(cells[columns[1]]))
            cells[columns[0]], cells[columns[1]] = f"{float(lon):.7f}", f"{float(lat):.7f}"
            moved.append(",".join(cells))
        (folder / f"{table}.csv").write_text("\n".join([head, *moved]), "utf-8")
    other = prepare(folder, cache_dir=tmp_path / "roads").problem
    assert [s.stop_id for s in other.stops] == [s.stop_id for s in study.problem.stops]
    assert np.abs(other.travel[0].duration - study.problem.travel[0].duration).max() <= 1


def test_stops_of_a_plan_stay_candidates(folder: Path, study: Study, outcome: Outcome, tmp_path: Path) -> None:
    document = describe(study, outcome)
    shifted = tuple(replace(stop, stop_id=f"old-{stop.stop_id}") for stop in kept_stops(document))
    kept = prepare(folder, keep=shifted, cache_dir=tmp_path)
    assert {stop.stop_id for stop in shifted} <= {stop.stop_id for stop in kept.problem.stops}


def write_stop(folder: Path, status: str) -> None:
    lon, lat = position(2.0, 3.5)
    row = f"mine,My stop,{lon:.6f},{lat - 0.00003:.6f},{status}"
    (folder / "stops.csv").write_text(f"stop_id,name,lon,lat,status\n{row}\n", "utf-8")


def test_a_pinned_stop_is_a_candidate_under_its_own_name(tmp_path: Path) -> None:
    folder = write_town(tmp_path / "town")
    write_stop(folder, "pinned")
    [stop] = [s for s in prepare(folder, cache_dir=tmp_path).problem.stops if s.stop_id == "mine"]
    assert (stop.status, stop.name) == (StopStatus.PINNED, "My stop")


def test_a_forbidden_stop_is_no_candidate(tmp_path: Path) -> None:
    folder = write_town(tmp_path / "town")
    write_stop(folder, "forbidden")
    lon, lat = position(2.0, 3.5)
    near = [
        stop.stop_id
        for stop in prepare(folder, cache_dir=tmp_path).problem.stops
        if abs(stop.location.lon - lon) < 0.0002 and abs(stop.location.lat - lat) < 0.0002
    ]
    assert near == []


def test_a_stop_far_from_any_road_is_a_fault_with_its_row(tmp_path: Path) -> None:
    folder = write_town(tmp_path / "town")
    (folder / "stops.csv").write_text("stop_id,name,lon,lat\nsea,Sea,121.42,38.80\n", "utf-8")
    with pytest.raises(InputError) as refused:
        prepare(folder, cache_dir=tmp_path)
    assert [(fault.file, fault.row) for fault in refused.value.faults] == [("stops.csv", 2)]


def test_examine_finds_what_prepare_refuses(tmp_path: Path) -> None:
    folder = write_town(tmp_path / "town")
    (folder / "stops.csv").write_text("stop_id,name,lon,lat\nsea,Sea,121.42,38.80\n", "utf-8")
    assert [fault.file for fault in examine(folder, cache_dir=tmp_path)] == ["stops.csv"]


def test_drives_are_those_of_the_roads_and_none_from_a_place_to_itself(study: Study) -> None:
    problem, few = study.problem, study.points[:5] + study.points[-2:]
    for x, matrix in enumerate(problem.travel):
        alone = drive_times(study.ground.network, few, study.road_period(x))
        assert not alone.duration.diagonal().any()
        assert not alone.distance.diagonal().any()
        nodes = [*range(5), len(study.points) - 2, len(study.points) - 1]
        assert np.array_equal(alone.duration, matrix.duration[np.ix_(nodes, nodes)])
        assert np.array_equal(alone.distance, matrix.distance[np.ix_(nodes, nodes)])
