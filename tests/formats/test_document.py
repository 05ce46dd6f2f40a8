"""The plan document says what follows from a plan, and says it in a fixed order."""

from dataclasses import replace

import pytest

from routing.evaluate import Evaluation, evaluate
from routing.formats.document import PlanDocument, describe_plan, plan_digest
from routing.model.demand import Direction
from routing.model.plan import Plan, Trip
from routing.model.problem import Problem
from tests.formats.small_city import EVERY_DAY, RIDERS_PER_LINE


def test_the_small_city_breaks_no_rule(evaluation: Evaluation) -> None:
    """The fixture of these tests is a sound plan."""
    assert evaluation.violations == ()


def test_calls_are_those_of_the_schedule(document: PlanDocument, evaluation: Evaluation) -> None:
    for trip, schedule in zip(document.trips, evaluation.schedule.trips, strict=True):
        assert [call.stop_id for call in trip.calls] == list(schedule.trip.stop_ids)
        assert [call.arrive for call in trip.calls] == list(schedule.arrive)
        assert [call.depart for call in trip.calls] == list(schedule.depart)
        assert trip.riders == RIDERS_PER_LINE
        assert trip.distance_m == schedule.distance_m
        assert trip.calls[-1].load == 0


def test_the_percentile_lies_after_the_plan_except_where_a_trip_begins(document: PlanDocument) -> None:
    for trip in document.trips:
        late = [(call.arrive_p95 or 0) - (call.arrive or 0) for call in trip.calls]
        assert late[0] == 0
        assert late == sorted(late)
        assert late[-1] > 0


def test_days_are_those_on_which_anybody_rides(document: PlanDocument) -> None:
    assert {trip.trip_id[:2]: trip.days for trip in document.trips} == {"L1": 31, "L2": 31, "L3": EVERY_DAY}


def test_stops_are_those_that_are_called_at_and_every_worksite(document: PlanDocument, plan: Plan) -> None:
    used = {stop_id for _, trip in plan.trips() for stop_id in trip.stop_ids}
    assert {stop.stop_id for stop in document.stops} == used | {"W1", "W2"}
    assert {stop.stop_id for stop in document.stops if stop.worksite} == {"W1", "W2"}
    site = document.stop("W1")
    assert site is not None
    assert site.place_id == "W1"
    assert document.stop("P9a") is None


def test_the_order_of_a_plan_does_not_show(problem: Problem, plan: Plan, evaluation: Evaluation) -> None:
    shuffled = replace(plan, assignments=plan.assignments[::-1], blocks=plan.blocks[::-1], unserved=plan.unserved[::-1])
    first = describe_plan(problem, plan, evaluation)
    assert describe_plan(problem, shuffled, evaluate(problem, shuffled)) == first


def test_the_id_tells_plans_apart(plan: Plan) -> None:
    later = replace(plan.lines[0].trips[0], departure=plan.lines[0].trips[0].departure + 60)
    other = replace(plan, lines=(replace(plan.lines[0], trips=(later,)), *plan.lines[1:]))
    assert plan_digest(plan) == plan_digest(replace(plan))
    assert plan_digest(plan) != plan_digest(other)
    assert plan_digest(plan).startswith("plan_")


def test_the_summary_holds_what_the_contract_lists(document: PlanDocument) -> None:
    names = (
        "riders served unserved lines trips vehicles cost_fen cost_parts lower_bound_fen gap mean_walk_m p95_walk_m "
        "mean_ride_s p95_ride_s p95_ride_ratio mean_load_factor violations runtime_s seed"
    )
    assert set(names.split()) <= set(document.summary)
    parts = document.summary["cost_parts"]
    assert isinstance(parts, dict)
    assert set(parts) == {"vehicles", "distance", "time", "ride", "walk", "unserved"}
    assert sum(parts.values()) == document.summary["cost_fen"]


def test_the_gap_is_the_share_of_the_cost_above_the_bound(document: PlanDocument) -> None:
    cost, bound, gap = (document.summary[key] for key in ("cost_fen", "lower_bound_fen", "gap"))
    assert isinstance(cost, int)
    assert isinstance(bound, int)
    assert gap == pytest.approx((cost - bound) / cost, abs=1e-6)


def test_without_a_search_the_summary_says_null(problem: Problem, plan: Plan, evaluation: Evaluation) -> None:
    summary = describe_plan(problem, plan, evaluation, extra={"note": "by hand"}).summary
    assert [summary[key] for key in ("lower_bound_fen", "gap", "runtime_s", "seed")] == [None] * 4
    assert summary["note"] == "by hand"


def test_seats_tell_walk_and_ride(document: PlanDocument, evaluation: Evaluation) -> None:
    walks = [seat.walk_m for seat in document.seats]
    rides = [seat.ride_s for seat in document.seats]
    assert None not in walks
    assert None not in rides
    kpis = evaluation.kpis
    assert sum(w or 0 for w in walks) / len(walks) == pytest.approx(kpis.mean_walk_m, abs=0.001)
    assert sum(r or 0 for r in rides) / len(rides) == pytest.approx(kpis.mean_ride_s, abs=0.001)


def test_a_trip_that_cannot_be_resolved_is_left_out(problem: Problem, plan: Plan) -> None:
    """A foreign plan may name stops that do not exist; the document of what remains is still sound."""
    lost = Trip(
        trip_id="T9",
        direction=Direction.INBOUND,
        shift_ids=("day",),
        vehicle_type_id="bus19",
        stop_ids=("nowhere", "W1"),
        departure=0,
    )
    strange = replace(plan, lines=(*plan.lines, replace(plan.lines[0], line_id="L9", trips=(lost,))))
    document = describe_plan(problem, strange, evaluate(problem, strange))
    assert "T9" not in {trip.trip_id for trip in document.trips}
    assert len(document.rows()) == 6


def test_departures_are_where_a_comparison_finds_them(document: PlanDocument, evaluation: Evaluation) -> None:
    departures = document.departures()
    schedule = evaluation.schedule.trips[0]
    assert departures[schedule.trip.trip_id, schedule.trip.stop_ids[1]] == schedule.depart[1]
    assert len(departures) == sum(len(trip.calls) for trip in document.trips)
