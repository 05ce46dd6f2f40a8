"""Rules of the whole plan: references, duplicates, and that everyone is served or explained."""

from dataclasses import replace

import pytest

from routing.evaluate import Rule, evaluate
from routing.model.plan import Plan
from tests.cases import IN, OUT, found, left_out, town, town_plan, with_rules, with_seat, with_trip, without


def test_a_rider_who_is_neither_served_nor_explained_is_told_per_direction() -> None:
    plan = replace(town_plan(), unserved=left_out("fay", OUT))
    assert found(town(), plan) == [(Rule.SERVED_OR_EXPLAINED, "fay", None, None)]
    assert found(town(), replace(plan, unserved=())) == [(Rule.SERVED_OR_EXPLAINED, "fay", None, None)] * 2


def test_an_explanation_is_enough() -> None:
    assert found(town(), without(town_plan(), "bob")) == []


def test_a_shift_without_an_end_needs_no_explanation_homeward() -> None:
    """Fay works early; with no trip home asked for, the inbound entry is all there is to say."""
    problem = town()
    early = replace(problem.shifts[0], end=None)
    one_way = replace(problem, shifts=(early, problem.shifts[1]))
    plan = replace(town_plan(), unserved=left_out("fay", IN))
    assert (Rule.SERVED_OR_EXPLAINED, "fay", None, None) not in found(one_way, plan)


def test_an_empty_plan_explains_nobody() -> None:
    """Six riders, both directions; nothing else can be wrong with nothing."""
    broken = found(town(), Plan())
    assert len(broken) == 12
    assert {rule for rule, *_ in broken} == {Rule.SERVED_OR_EXPLAINED}


def test_a_problem_without_riders_is_served_by_an_empty_plan() -> None:
    problem = town()
    deserted = replace(
        problem,
        riders=(),
        walks=replace(
            problem.walks,
            start=problem.walks.start[:1] * 0,
            stop=problem.walks.stop[:0],
            metres=problem.walks.metres[:0],
        ),
    )
    verdict = evaluate(deserted, Plan())
    assert verdict.feasible
    assert verdict.cost_fen == 0


def test_nobody_is_served_and_left_out_at_once() -> None:
    plan = town_plan()
    both = replace(plan, unserved=plan.unserved + left_out("ann", IN))
    assert found(town(), both) == [(Rule.DUPLICATE, "ann", 2, 1)]


def test_nobody_has_two_seats_in_one_direction() -> None:
    plan = town_plan()
    again = replace(plan, assignments=(*plan.assignments, plan.assignments[0]))
    assert found(town(), again) == [(Rule.DUPLICATE, "ann", 2, 1)]


@pytest.mark.parametrize("what", ["lines", "blocks"])
def test_ids_are_used_once(what: str) -> None:
    """The second line takes the first one's id, then the second block the first one's."""
    plan = town_plan()
    first, second = getattr(plan, what)
    key = {"lines": "line_id", "blocks": "block_id"}[what]
    name = getattr(first, key)
    twins = replace(plan, **{what: (first, replace(second, **{key: name}))})
    assert found(town(), twins) == [(Rule.DUPLICATE, name, 2, 1)]


def test_two_trips_of_one_id_are_told() -> None:
    """Their riders cannot be told apart, so more may be found; the duplicate is named."""
    assert (Rule.DUPLICATE, "a_in", 2, 1) in found(town(), with_trip(town_plan(), "b_in", trip_id="a_in"))


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"trip_id": "ghost"}, "ann is assigned to the unknown trip ghost"),
        ({"board_stop_id": "moon"}, "ann boards or alights at a stop that trip a_in does not visit"),
        ({"board_stop_id": "hill"}, "ann boards or alights at a stop that trip a_in does not visit"),
    ],
)
def test_a_seat_that_leads_nowhere_is_told_and_serves_nobody(change: dict[str, str], text: str) -> None:
    verdict = evaluate(town(), with_seat(town_plan(), "ann", IN, **change))
    told = [v.text for v in verdict.violations if v.rule is Rule.REFERENCE]
    assert told == [text]
    assert verdict.violations_by_rule() == {"reference": 1, "same_line": 1, "served_or_explained": 1}


def test_an_unknown_rider_is_told_wherever_the_plan_names_one() -> None:
    plan = with_seat(town_plan(), "ann", IN, rider_id="zoe")
    plan = replace(plan, unserved=plan.unserved + left_out("yan", IN) + left_out("ann", IN))
    unpaired = with_rules(town(), same_line_both_ways=False)
    assert found(unpaired, plan) == [(Rule.REFERENCE, "zoe", None, None), (Rule.REFERENCE, "yan", None, None)]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"stop_ids": ("gate_in", "moon", "north")}, "a_in visits the unknown stop moon"),
        ({"shift_ids": ("night",)}, "a_in serves the unknown shift night"),
        ({"vehicle_type_id": "tram"}, "a_in is driven by the unknown vehicle type tram"),
        ({"stop_ids": ()}, "a_in visits no stop"),
    ],
)
def test_a_trip_that_cannot_be_resolved_is_told_and_carries_nobody(change: dict[str, object], text: str) -> None:
    verdict = evaluate(town(), with_trip(town_plan(), "a_in", **change))
    assert [v.text for v in verdict.violations if v.rule is Rule.REFERENCE] == [text]
    assert verdict.kpis.served == 3


@pytest.mark.parametrize("name", ["yard", "depot yard"])
def test_a_depot_is_no_stop(name: str) -> None:
    """A trip that claims to halt in the yard names an unknown stop, whatever way it spells it."""
    verdict = evaluate(town(), with_trip(town_plan(), "a_in", stop_ids=("gate_in", name, "market_in", "north")))
    assert [v.text for v in verdict.violations if v.rule is Rule.REFERENCE] == [f"a_in visits the unknown stop {name}"]
