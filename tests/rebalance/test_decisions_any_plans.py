"""Decisions and letters between any two plans of the town: who is told what, and that the two agree."""

from dataclasses import replace

from hypothesis import given

from routing.compare import LineChange, PlanDiff, compare
from routing.formats.letters import Letter, Why
from routing.model.changes import Changes
from routing.model.plan import Plan
from routing.model.problem import Problem
from routing.rebalance.decisions import Decision, Kind, by_trip, decide, departures_of, walk_of
from routing.rebalance.notices import notices
from routing.rebalance.steps import stand
from tests.any_plans import FEW, any_plans
from tests.cases import IN, OUT, town, town_plan, with_seat, with_trip
from tests.drifting import departures

TOWN, PLAN = town(), town_plan()
LEAVES = PLAN.lines[0].trips[0].departure


def decisions(before: Plan, after: Plan) -> tuple[Decision, ...]:
    return decide(TOWN, stand(TOWN, before), stand(TOWN, after))


def diff(before: Plan, after: Plan) -> PlanDiff:
    return compare(before, after, dict(departures(TOWN, before)), dict(departures(TOWN, after)))


def letters(before: Plan, after: Plan, problem: Problem = TOWN) -> dict[str, Letter]:
    told = diff(before, after)
    given = replace(problem, changes=Changes(running=before, departures=departures(TOWN, before)))
    return {letter.rider_id: letter for letter in notices(given, after, told)}


@FEW
@given(before=any_plans(), after=any_plans())
def test_there_is_one_decision_for_every_line_that_changes(before: Plan, after: Plan) -> None:
    found = decisions(before, after)
    changed = {line.line_id for line in diff(before, after).lines if line.change is not LineChange.KEEP}
    assert sorted(d.line_id for d in found) == sorted(changed)
    assert [list(Kind).index(d.kind) for d in found] == sorted(list(Kind).index(d.kind) for d in found)


@FEW
@given(before=any_plans(), after=any_plans())
def test_every_decision_has_a_reason_in_words_and_counts_those_who_feel_it(before: Plan, after: Plan) -> None:
    felt = [r for r in diff(before, after).riders if r.felt]
    for decision in decisions(before, after):
        assert decision.reason == decision.reason.strip()
        assert decision.reason
        assert decision.name
        riders = {r.rider_id for r in felt if decision.line_id in (r.line_before, r.line_after)}
        assert decision.riders == len(riders)
        assert {a.rider_id for a in decision.alternatives} <= riders
        assert all(a.line_before == decision.line_id for a in decision.alternatives)


@FEW
@given(before=any_plans(), after=any_plans())
def test_an_alternative_tells_the_walks_of_the_town(before: Plan, after: Plan) -> None:
    for decision in decisions(before, after):
        for told in decision.alternatives:
            assert told.walk_before_m == walk_of(TOWN, told.rider_id, told.stop_before)
            assert told.walk_after_m == walk_of(TOWN, told.rider_id, told.stop_after)
            assert (told.line_after is None) == (told.stop_after is None)
            assert told.line_after is not None or told.board_shift_s is None


@FEW
@given(before=any_plans(), after=any_plans())
def test_letters_go_to_those_who_feel_a_change_and_tell_both_seats(before: Plan, after: Plan) -> None:
    felt = {(r.rider_id, r.direction): r for r in diff(before, after).riders if r.felt}
    found = letters(before, after)
    assert list(found) == sorted(found)
    assert {(name, way.direction) for name, letter in found.items() for way in letter.ways} == felt.keys()
    for name, letter in found.items():
        for way in letter.ways:
            told = felt[name, way.direction]
            assert (None if way.before is None else way.before.line_id) == told.line_before
            assert (None if way.after is None else way.after.line_id) == told.line_after
            assert (way.why is Why.LEFT_OUT) == (way.after is None)
            assert (way.why is Why.WELCOME) == (way.before is None)


@FEW
@given(before=any_plans(), after=any_plans())
def test_a_letter_says_that_a_line_closed_only_where_it_did(before: Plan, after: Plan) -> None:
    lines = {line.line_id for line in after.lines}
    for letter in letters(before, after).values():
        for way in letter.ways:
            if way.before is not None and way.after is not None:
                assert (way.why is Why.LINE_CLOSED) == (way.before.line_id not in lines)
                assert (way.why in {Why.OTHER_STOP, Why.RETIMED}) == (way.before.line_id == way.after.line_id)


def test_a_line_whose_trips_have_other_names_and_clocks_still_has_a_reason() -> None:
    """Which trip leaves how much later cannot be told then."""
    line = PLAN.lines[0]
    trips = tuple(replace(t, trip_id=f"new-{t.trip_id}", departure=t.departure + 600) for t in line.trips)
    seats = tuple(replace(a, trip_id=f"new-{a.trip_id}") if a.trip_id[0] == "a" else a for a in PLAN.assignments)
    (found,) = decisions(PLAN, replace(PLAN, lines=(replace(line, trips=trips), PLAN.lines[1]), assignments=seats))
    assert found.kind is Kind.RETIME
    assert found.reason == "leaves at another time"


def test_two_trips_of_a_line_that_move_are_both_told() -> None:
    there = with_trip(PLAN, "a_in", departure=LEAVES + 420)
    back = with_trip(there, "a_out", departure=PLAN.lines[0].trips[1].departure - 60)
    (found,) = decisions(PLAN, back)
    assert found.reason == "leaves 7 min later, 1 min earlier"
    assert {(a.direction, a.board_shift_s) for a in found.alternatives} == {(IN, 420)}


def test_the_same_stops_in_another_order_are_told_as_such() -> None:
    turned = with_trip(PLAN, "a_in", stop_ids=("market_in", "gate_in", "north"))
    (found,) = decisions(PLAN, turned)
    assert (found.kind, found.reason) == (Kind.REROUTE, "halts in another order or on the other side")


def test_a_place_gained_and_one_lost_are_both_told_by_name() -> None:
    quay = with_trip(with_trip(PLAN, "b_in", stop_ids=("hill", "south")), "b_out", stop_ids=("south", "hill"))
    (found,) = decisions(PLAN, quay)
    assert (found.kind, found.reason) == (Kind.REROUTE, "halts at Hill as well and halts no more at Quay")


def test_published_clock_times_and_not_reckoned_ones_are_what_a_rider_had() -> None:
    """The timetable on the stop says 07:21, whatever the roads of today would give."""
    after = with_seat(PLAN, "ann", IN, board_stop_id="market_in")
    published = dict(departures(TOWN, PLAN)) | {("a_in", "gate_in"): LEAVES + 60}
    given = replace(TOWN, changes=Changes(running=PLAN, departures=published))
    (letter,) = notices(given, after, diff(PLAN, after))
    (way,) = letter.ways
    assert way.before is not None
    assert way.before.departs == LEAVES + 60


def test_who_left_the_scenario_gets_no_letter_and_the_others_do() -> None:
    left = replace(
        TOWN, riders=tuple(replace(r, rider_id="amy" if r.rider_id == "ann" else r.rider_id) for r in TOWN.riders)
    )
    gone = replace(PLAN, lines=PLAN.lines[1:])
    assert set(letters(PLAN, gone)) == {"ann", "bob", "cai"}
    assert set(letters(PLAN, gone, left)) == {"bob", "cai"}


def test_departures_are_those_of_every_stop_of_every_trip() -> None:
    told = departures_of(by_trip(stand(TOWN, PLAN)))
    assert told.keys() == {(t.trip_id, stop) for _, t in PLAN.trips() for stop in t.stop_ids}
    assert told["a_in", "gate_in"] == LEAVES
    assert told["a_in", "market_in"] == LEAVES + 4 * 60 + 32


def test_a_rider_whose_way_home_alone_changes_gets_a_letter_about_that_way() -> None:
    moved = with_seat(PLAN, "ann", OUT, alight_stop_id="market_out")
    (way,) = letters(PLAN, moved)["ann"].ways
    assert (way.direction, way.why) == (OUT, Why.OTHER_STOP)
    assert way.before is not None
    assert way.after is not None
    assert (way.before.stop, way.after.stop) == ("Gate", "Market")
    assert (way.before.walk_m, way.after.walk_m) == (210, 720)
