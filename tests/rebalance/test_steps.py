"""Single steps of the town by hand: which are taken, in which order, and which a limit has no room for."""

from dataclasses import replace

import pytest

from routing.model.changes import ChangeCosts, Changes
from routing.model.plan import Plan
from routing.model.problem import Problem
from routing.rebalance.components import exchange, find_components
from routing.rebalance.operations import respond
from routing.rebalance.sentences import tell
from routing.rebalance.steps import NOBODY, Descent, Stand, Step, accept, descend, stand, worth
from tests.cases import COSTS, IN, OUT, seats, town, town_plan, with_rules, with_seat, with_trip, without
from tests.drifting import departures

PLAN = town_plan()


def running(plan: Plan, problem: Problem | None = None) -> Problem:
    """Return the town in which a plan runs, at no price of change, and where a walk is dear."""
    given = problem or town(costs=replace(COSTS, walk=5 * COSTS.walk))
    changes = Changes(running=plan, departures=departures(given, plan), costs=ChangeCosts.flat(0))
    return replace(given, changes=changes)


def ann_walks_to_market(plan: Plan) -> Plan:
    there = with_seat(plan, "ann", IN, board_stop_id="market_in")
    return with_seat(there, "ann", OUT, alight_stop_id="market_out")


def eve_walks_up_hill(plan: Plan) -> Plan:
    longer = with_trip(
        with_trip(plan, "b_in", stop_ids=("quay", "hill", "south")), "b_out", stop_ids=("south", "hill", "quay")
    )
    return with_seat(with_seat(longer, "eve", IN, board_stop_id="hill"), "eve", OUT, alight_stop_id="hill")


def driven(problem: Problem, plan: Plan) -> Stand:
    """Return a plan on the vehicles that it would be given, so that no step saves by other vehicles."""
    crewed = exchange(problem, plan, plan, ())
    assert crewed is not None
    return stand(problem, crewed)


WORSE = ann_walks_to_market(eve_walks_up_hill(PLAN))
"""Ann walks half a kilometre further than she need, and line b makes a detour for the couple's longer walk."""


def step(problem: Problem, before: Plan, after: Plan) -> Step:
    lines = tuple(name for c in find_components(before, after) for name in c.line_ids)
    return Step(line_ids=lines, before=stand(problem, before), after=stand(problem, after))


def test_every_part_that_pays_is_taken_by_itself_the_dearest_rider_first() -> None:
    problem = running(WORSE)
    begin = driven(problem, WORSE)
    found = descend(problem, begin, PLAN)
    assert {s.line_ids for s in found.steps} == {("a",), ("b",)}
    assert worth(found.steps[0]) >= worth(found.steps[1]) > 0
    end = found.end(begin)
    assert set(end.plan.assignments) == set(PLAN.assignments)
    assert end.cost_fen == begin.cost_fen - sum(s.saving_fen for s in found.steps)
    assert {s.line_ids: s.disturbed for s in found.steps} == {("a",): 1, ("b",): 2}
    assert found.beyond is None


def test_a_part_that_costs_more_is_left_out_and_the_other_one_taken() -> None:
    mixed = ann_walks_to_market(PLAN)
    problem = running(mixed)
    found = descend(problem, driven(problem, mixed), eve_walks_up_hill(PLAN))
    assert [s.line_ids for s in found.steps] == [("a",)]


def test_a_limit_takes_what_fits_and_tells_the_best_that_did_not() -> None:
    problem = running(WORSE)
    begin = driven(problem, WORSE)
    free = descend(problem, begin, PLAN)
    by_size = {s.disturbed: s for s in free.steps}
    one = descend(problem, begin, PLAN, max_changed=1)
    assert [s.line_ids for s in one.steps] == [by_size[1].line_ids]
    assert one.beyond is not None
    assert one.beyond == pytest.approx(worth(by_size[max(by_size)]), rel=0.01)
    none = descend(problem, begin, PLAN, max_changed=0)
    assert none.steps == ()
    assert none.beyond == pytest.approx(max(map(worth, free.steps)))
    assert none.end(begin) is begin


def test_who_is_moved_back_is_disturbed_no_more() -> None:
    problem = running(PLAN)
    there, back = step(problem, PLAN, ann_walks_to_market(PLAN)), step(problem, ann_walks_to_market(PLAN), PLAN)
    assert (there.disturbed, back.disturbed) == (1, -1)
    assert there.saving_fen == -back.saving_fen < 0
    assert worth(back) > NOBODY
    assert "1 rider changes no more" in tell(problem, back)


def test_without_a_running_plan_nobody_is_disturbed() -> None:
    assert step(town(), PLAN, ann_walks_to_market(PLAN)).disturbed == 0
    assert stand(town(), PLAN).changed == 0


def test_a_step_that_breaks_a_promise_is_not_taken_however_much_it_saves() -> None:
    """Without line b a day is cheaper where leaving somebody costs nothing; but no one may be left unexplained."""
    problem = running(PLAN, replace(town(), costs=replace(town().costs, unserved=0)))
    closed = replace(PLAN, lines=PLAN.lines[:1], assignments=PLAN.assignments[:6])
    assert evaluated_cost(problem, closed) < evaluated_cost(problem, PLAN)
    assert descend(problem, stand(problem, PLAN), closed).steps == ()


def evaluated_cost(problem: Problem, plan: Plan) -> int:
    return stand(problem, plan).cost_fen


def test_what_must_be_mended_is_mended_at_a_cost_where_that_is_asked() -> None:
    """Line a has one rider too few; seating cai there again costs nothing but is dearer in walks than leaving her."""
    problem = running(PLAN, with_rules(replace(town(), costs=replace(town().costs, unserved=0)), min_load=3))
    thin = without(PLAN, "cai")
    begin = driven(problem, thin)
    mended = step(problem, begin.plan, driven(problem, PLAN).plan)
    assert [v.rule.value for v in begin.verdict.violations] != []
    assert mended.mends
    assert mended.saving_fen < 0
    assert worth(mended) > worth(step(problem, driven(problem, PLAN).plan, begin.plan))
    assert descend(problem, begin, PLAN).steps == ()
    (only,) = descend(problem, begin, PLAN, mend=True).steps
    assert only.mends
    assert set(only.after.plan.assignments) == set(PLAN.assignments)


def test_a_step_that_mends_comes_before_one_that_saves() -> None:
    problem = with_rules(running(PLAN), min_load=3)
    mends = step(problem, without(PLAN, "cai"), PLAN)
    saves = step(problem, WORSE, ann_walks_to_market(PLAN))
    assert saves.saving_fen > 0
    assert worth(mends) > worth(saves) >= NOBODY


def test_steps_of_different_lines_can_be_accepted_apart_and_in_any_order() -> None:
    problem = running(WORSE)
    begin = driven(problem, WORSE)
    steps = descend(problem, begin, PLAN).steps
    for chosen in (steps[:1], steps[1:], steps, steps[::-1]):
        end, refused = accept(problem, begin, chosen)
        assert refused == ()
        assert end.cost_fen == begin.cost_fen - sum(s.saving_fen for s in chosen)


def test_a_step_that_was_taken_already_is_refused() -> None:
    problem = running(WORSE)
    begin = driven(problem, WORSE)
    first = descend(problem, begin, PLAN).steps[0]
    end, refused = accept(problem, begin, [first, first])
    assert refused == (first,)
    assert end.cost_fen == first.after.cost_fen


def test_a_step_for_which_vehicles_are_too_few_by_now_is_refused() -> None:
    problem = running(WORSE)
    begin = driven(problem, WORSE)
    steps = descend(problem, begin, PLAN).steps
    fewer = replace(problem, fleet=tuple(replace(item, available=0) for item in problem.fleet))
    assert accept(fewer, begin, steps) == (begin, steps)


def test_a_descent_without_steps_ends_where_it_began() -> None:
    begin = Stand(plan=PLAN, verdict=stand(town(), PLAN).verdict)
    assert Descent(steps=()).end(begin) is begin


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_sentence_counts_who_changes(count: int) -> None:
    problem = running(PLAN)
    kept = tuple(a for a in PLAN.assignments if a.rider_id not in ("ann", "bob", "cai")[:count])
    moved = tuple(
        s
        for name, place in list({"ann": "market", "bob": "market", "cai": "gate"}.items())[:count]
        for s in seats(name, "a", place, "north")
    )
    told = tell(problem, step(problem, PLAN, replace(PLAN, assignments=(*kept, *moved))))
    assert told.startswith("seat riders of a otherwise: ")
    assert ("1 rider changes" if count == 1 else f"{count} riders change") in told


def test_the_last_vehicle_breaks_and_nothing_runs() -> None:
    """No kind of vehicle is left at all: every line stops, and whoever rode is told so."""
    alone = town(fleet=tuple(replace(item, available=int(item.vehicle_type_id == "large")) for item in town().fleet))
    only_b = replace(PLAN, lines=PLAN.lines[1:], blocks=PLAN.blocks[1:], assignments=PLAN.assignments[6:])
    done = respond(alone, only_b, departures(alone, only_b), (), "2")
    assert (done.stopped, done.reseated, done.lost) == (("b",), (), ("dan", "eve"))
    assert done.after.plan.lines == ()
    assert done.after.plan.blocks == ()
    waiting = {(u.rider_id, u.direction) for u in done.after.plan.unserved}
    assert waiting == {(rider.rider_id, way) for rider in alone.riders for way in (IN, OUT)}
