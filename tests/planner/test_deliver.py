"""What is written fits what was planned."""

import json
from pathlib import Path

import numpy as np
import pytest

from routing.evaluate import evaluate
from routing.formats.plan_reader import read_plan
from routing.planner.check import check_document
from routing.planner.deliver import TripWays, backdrop, deliver, describe
from routing.planner.exchange import EXPORTS, compare_documents, export_document
from routing.planner.prepare import Study
from routing.planner.run import Outcome, plan_study
from routing.solver import MaxIterations


def test_the_outcome_keeps_every_promise(outcome: Outcome) -> None:
    assert outcome.evaluation.violations == ()


def test_the_outcome_carries_the_judges_own_verdict(study: Study, outcome: Outcome) -> None:
    assert outcome.evaluation == evaluate(study.problem, outcome.plan)


def test_the_same_seed_and_iterations_give_the_same_plan(study: Study, outcome: Outcome) -> None:
    again = plan_study(study, stop=MaxIterations(iterations=3_000), seed=5, workers=2)
    assert again.plan == outcome.plan


def test_a_trip_is_drawn_from_its_first_stop_to_its_last(study: Study, outcome: Outcome) -> None:
    ways = TripWays(study=study)
    for schedule in outcome.evaluation.schedule.trips:
        lon, lat = ways(schedule.trip)
        first, last = study.points[schedule.nodes[0]], study.points[schedule.nodes[-1]]
        assert (lon[0], lat[0]) == pytest.approx((first.lon, first.lat), abs=1e-6)
        assert np.hypot(lon[-1] - last.lon, lat[-1] - last.lat) < 0.01  # a site has several points on the road


def test_a_drawn_trip_is_as_long_as_the_judge_says(study: Study, outcome: Outcome) -> None:
    ways = TripWays(study=study)
    for schedule in outcome.evaluation.schedule.trips:
        lon, lat = ways(schedule.trip)
        metres = np.hypot(np.diff(lon) * np.cos(np.radians(38.8)), np.diff(lat)).sum() * 111_195
        assert metres == pytest.approx(schedule.distance_m, rel=0.02, abs=20)


def test_the_backdrop_draws_important_roads_first(study: Study) -> None:
    ranks = [way.rank for way in backdrop(study)]
    assert ranks == sorted(ranks)
    assert set(ranks) == {2, 4}  # the town has secondary and residential streets


def test_a_delivered_plan_reads_back_the_same(study: Study, outcome: Outcome, tmp_path: Path) -> None:
    document = deliver(study, outcome, tmp_path / "out")
    assert read_plan(tmp_path / "out" / "plan.json").plan == document.plan


def test_a_second_delivery_replaces_the_first(study: Study, outcome: Outcome, tmp_path: Path) -> None:
    out = tmp_path / "out"
    deliver(study, outcome, out)
    (out / "stale.txt").write_text("from an earlier run", "utf-8")
    deliver(study, outcome, out)
    assert not (out / "stale.txt").exists()
    assert (out / "plan.json").exists()


def test_the_same_outcome_is_written_byte_for_byte(study: Study, outcome: Outcome, tmp_path: Path) -> None:
    for name in ("a", "b"):
        deliver(study, outcome, tmp_path / name)
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes(), path.name


def test_a_delivered_plan_passes_the_check(folder: Path, study: Study, outcome: Outcome, tmp_path: Path) -> None:
    deliver(study, outcome, tmp_path / "out")
    verdict = check_document(folder, tmp_path / "out" / "plan.json")
    assert verdict.evaluation.violations == ()
    assert verdict.evaluation.cost_fen == outcome.evaluation.cost_fen


def test_a_foreign_plan_without_times_and_figures_can_be_checked(
    folder: Path, study: Study, outcome: Outcome, tmp_path: Path
) -> None:
    """Only decisions are needed: what others leave out is derived."""
    deliver(study, outcome, tmp_path / "out")
    document = json.loads((tmp_path / "out" / "plan.json").read_text("utf-8"))
    del document["summary"]
    for assignment in document["assignments"]:
        del assignment["walk_m"], assignment["ride_s"]
    foreign = tmp_path / "foreign.json"
    foreign.write_text(json.dumps(document), "utf-8")
    verdict = check_document(folder, foreign)
    assert verdict.evaluation.violations == ()
    assert verdict.summary()["cost_fen"] == outcome.evaluation.cost_fen


def test_a_stop_that_the_roads_do_not_know_is_found_by_its_coordinates(
    folder: Path, study: Study, outcome: Outcome, tmp_path: Path
) -> None:
    """Another planner's ids are as good as ours, as long as the kerb is where the plan says."""
    deliver(study, outcome, tmp_path / "out")
    document = json.loads((tmp_path / "out" / "plan.json").read_text("utf-8"))
    text = json.dumps(document)
    for stop in document["stops"]:
        if stop["stop_id"] != "park":
            text = text.replace(json.dumps(stop["stop_id"]), json.dumps(f"x/{stop['stop_id']}"))
    foreign = tmp_path / "foreign.json"
    foreign.write_text(text, "utf-8")
    verdict = check_document(folder, foreign)
    rules = verdict.evaluation.violations_by_rule()
    assert "reference" not in rules
    assert "walk" not in rules


@pytest.mark.parametrize("kind", sorted(EXPORTS))
def test_every_export_writes_a_file(study: Study, outcome: Outcome, tmp_path: Path, kind: str) -> None:
    deliver(study, outcome, tmp_path / "out")
    export_document(tmp_path / "out" / "plan.json", kind, tmp_path / "file")
    assert (tmp_path / "file").stat().st_size > 500


def test_documents_compare_like_their_plans(study: Study, outcome: Outcome, tmp_path: Path) -> None:
    deliver(study, outcome, tmp_path / "out")
    plan = tmp_path / "out" / "plan.json"
    diff = compare_documents(plan, plan)
    assert (diff.changed, diff.lost, diff.gained) == (0, 0, 0)
    assert diff.stayers == outcome.evaluation.kpis.served


def test_the_description_counts_what_the_judge_counts(study: Study, outcome: Outcome) -> None:
    summary = describe(study, outcome).summary
    assert summary["cost_fen"] == outcome.evaluation.cost_fen
    assert summary["seed"] == 5
    assert summary["lower_bound_fen"] is None
