"""Planning a study: what is judged while the search runs, and what an interruption leaves."""

from pathlib import Path

import pytest

from routing.evaluate import evaluate
from routing.model.plan import Plan
from routing.model.result import Progress, Status
from routing.planner import run
from routing.planner.check import check_document
from routing.planner.deliver import Keeper, describe
from routing.planner.prepare import Study
from routing.planner.run import Gauge, Outcome, Watch, plan_study
from routing.solver import MaxIterations


@pytest.fixture
def every_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the search hand out its plan after every chunk."""
    monkeypatch.setattr("routing.solver.search.KEEP_S", 0.0)


@pytest.mark.usefixtures("every_chunk")
def test_plans_kept_on_the_way_are_valid_and_never_get_dearer(study: Study) -> None:
    kept: list[Outcome] = []
    plan_study(study, stop=MaxIterations(iterations=4_000), seed=5, workers=1, on_outcome=kept.append)
    costs = [outcome.evaluation.cost_fen for outcome in kept]
    assert len(kept) > 1
    assert costs == sorted(costs, reverse=True)
    assert len(set(costs[:-1])) == len(costs) - 1
    assert all(evaluate(study.problem, outcome.plan).violations == () for outcome in kept)
    assert {outcome.search.status for outcome in kept[:-1]} == {Status.RUNNING}
    assert kept[-1].search.status is Status.FINISHED
    assert {outcome.search.seed for outcome in kept} == {5}
    assert kept[0].search.iterations < kept[-1].search.iterations


@pytest.mark.usefixtures("every_chunk")
def test_to_be_watched_does_not_change_a_search(study: Study, outcome: Outcome) -> None:
    watched = plan_study(study, stop=MaxIterations(iterations=3_000), seed=5, workers=1, on_outcome=lambda _: None)
    assert watched.plan == outcome.plan


def test_a_watch_hands_on_what_is_better_and_nothing_else(study: Study, outcome: Outcome) -> None:
    kept: list[Outcome] = []
    watch = Watch(study=study, seed=1, on_progress=None, on_outcome=kept.append)
    watch.judge(Plan(unserved=outcome.plan.unserved))  # no line: nothing worth a file
    watch.judge(outcome.plan)
    watch.judge(outcome.plan)
    assert [o.plan for o in kept] == [outcome.plan]


def test_a_plan_with_fewer_broken_promises_is_better_at_any_cost(study: Study, outcome: Outcome) -> None:
    kept: list[Outcome] = []
    watch = Watch(study=study, seed=1, on_progress=None, on_outcome=kept.append)
    broken = Plan(lines=outcome.plan.lines, assignments=outcome.plan.assignments)  # no blocks: cheap, but undriven
    watch.judge(broken)
    watch.judge(outcome.plan)
    assert kept[0].evaluation.cost_fen < kept[1].evaluation.cost_fen
    assert [o.plan for o in kept] == [broken, outcome.plan]


def test_the_plan_found_in_the_end_is_kept_before_it_is_explained(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Explanations and bounds take their time: a process that is killed then has lost nothing."""
    kept: list[Outcome] = []

    def explain(_: object, plan: Plan, **__: object) -> Plan:
        assert kept[-1].search.status is Status.FINISHED
        assert kept[-1].plan.lines == plan.lines
        return plan

    monkeypatch.setattr(run, "explain", explain)
    monkeypatch.setattr(run, "seat_missed", lambda _, plan: plan)
    plan_study(study, stop=MaxIterations(iterations=300), seed=5, workers=1, on_outcome=kept.append)
    assert kept


def test_a_bound_is_computed_where_it_is_asked_for(study: Study, outcome: Outcome) -> None:
    """It comes from the plan found, stays below its cost, and stands in the summary with its method and the gap."""
    seen: list[Progress] = []
    bounded = plan_study(
        study,
        stop=MaxIterations(iterations=3_000),
        seed=5,
        workers=1,
        bound=MaxIterations(iterations=1),
        on_progress=seen.append,
    )
    summary = describe(study, bounded).summary
    cost, bound = bounded.evaluation.cost_fen, bounded.search.lower_bound
    assert bounded.plan == outcome.plan
    assert bound is not None
    assert 0 < bound <= cost
    assert summary["lower_bound_fen"] == bound
    assert summary["gap"] == pytest.approx((cost - bound) / cost, abs=1e-6)
    assert bounded.bound is not None
    assert summary["lower_bound_method"] == bounded.bound.method
    assert seen[-1].phase == "bound"


def test_no_bound_is_computed_where_none_is_asked_for(study: Study, outcome: Outcome) -> None:
    summary = describe(study, outcome).summary
    assert outcome.bound is None
    assert (summary["lower_bound_fen"], summary["gap"]) == (None, None)
    assert "lower_bound_method" not in summary


def test_observations_are_passed_on(study: Study) -> None:
    seen: list[Progress] = []
    Watch(study=study, seed=1, on_progress=seen.append, on_outcome=None).observe(Progress(phase="search", done=0.5))
    assert [p.done for p in seen] == [0.5]


def test_an_interrupted_explanation_keeps_the_plan(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who presses Ctrl-C a second time gives up reasons, not the plan."""

    def press(*_: object, **__: object) -> Plan:
        raise KeyboardInterrupt

    monkeypatch.setattr(run, "explain", press)
    found = plan_study(study, stop=MaxIterations(iterations=300), seed=5, workers=1)
    assert found.evaluation.feasible
    assert found.plan.lines


def test_what_is_kept_first_takes_the_place_of_an_earlier_output(
    study: Study, outcome: Outcome, tmp_path: Path
) -> None:
    """A timetable of the old plan beside the new plan would be read by somebody."""
    out = tmp_path / "out"
    out.mkdir()
    (out / "plan.json").write_text("{}", "utf-8")
    (out / "timetable.csv").write_text("old", "utf-8")
    Keeper(study=study, out=out).keep(outcome)
    assert [path.name for path in out.iterdir()] == ["plan.json"]


def test_what_is_kept_later_replaces_the_plan_alone(
    study: Study, outcome: Outcome, folder: Path, tmp_path: Path
) -> None:
    keeper = Keeper(study=study, out=tmp_path / "out")
    worse = plan_study(study, stop=MaxIterations(iterations=1), seed=9, workers=1)
    for found in (worse, outcome):
        keeper.keep(found)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    verdict = check_document(folder, tmp_path / "out" / "plan.json")
    assert verdict.evaluation.violations == ()
    assert verdict.evaluation.cost_fen == outcome.evaluation.cost_fen


def test_what_was_kept_can_be_taken_back(study: Study, outcome: Outcome, tmp_path: Path) -> None:
    keeper = Keeper(study=study, out=tmp_path / "out")
    keeper.withdraw()  # nothing was kept: nothing happens
    keeper.keep(outcome)
    keeper.withdraw()
    assert list(tmp_path.iterdir()) == []


def test_a_gauge_tells_with_every_observation_what_is_known() -> None:
    told: list[Progress] = []
    gauge = Gauge(on_progress=told.append, bound_fen=60)
    gauge.tell(Progress(phase="search", done=0.0))
    gauge.tell(Progress(phase="search", done=0.1, cost_fen=50))
    gauge.tell(Progress(phase="search", done=0.2, cost_fen=100))
    gauge.tell(Progress(phase="bound", done=0.1, bound_fen=40))
    gauge.tell(Progress(phase="bound", done=0.2, bound_fen=80))
    assert [(p.cost_fen, p.bound_fen, p.gap) for p in told] == [
        (None, 60, None),
        (50, 60, None),
        (100, 60, 0.4),
        (100, 60, 0.4),
        (100, 80, 0.2),
    ]


def test_nobody_who_listens_is_no_reason_to_fail() -> None:
    gauge = Gauge(on_progress=None)
    gauge.tell(Progress(phase="search", done=0.5, cost_fen=7))
    assert (gauge.cost_fen, gauge.gap) == (7, None)
