"""Named decisions, sentences and letters of changes to the town, by hand."""

from dataclasses import replace

import pytest

from routing.compare import compare
from routing.formats.letters import Letter, Why
from routing.model.changes import Changes
from routing.model.plan import Plan
from routing.model.problem import Problem
from routing.rebalance.decisions import Decision, Kind, decide, walk_of
from routing.rebalance.notices import notices
from routing.rebalance.sentences import tell
from routing.rebalance.steps import Step, stand
from tests.cases import IN, seats, town, town_plan, with_seat, with_trip, without
from tests.drifting import departures

PLAN = town_plan()
LEAVES = PLAN.lines[0].trips[0].departure


def running(problem: Problem | None = None) -> Problem:
    return replace(problem or town(), changes=Changes(running=PLAN, departures=departures(town(), PLAN)))


def moved(plan: Plan, rider_id: str, line_id: str, place: str, site: str) -> Plan:
    kept = tuple(a for a in plan.assignments if a.rider_id != rider_id)
    return replace(plan, assignments=(*kept, *seats(rider_id, line_id, place, site)))


def decisions(before: Plan, after: Plan) -> dict[str, Decision]:
    problem = running()
    return {d.line_id: d for d in decide(problem, stand(problem, before), stand(problem, after))}


def sentence(before: Plan, after: Plan) -> str:
    problem = running()
    step = Step(line_ids=("a",), before=stand(problem, before), after=stand(problem, after))
    return tell(problem, step)


CLOSED = replace(
    PLAN,
    lines=PLAN.lines[1:],
    assignments=tuple(a for a in PLAN.assignments if a.trip_id.startswith("b")),
    blocks=PLAN.blocks[1:],
)


def test_where_nothing_changes_nothing_is_decided() -> None:
    assert decisions(PLAN, PLAN) == {}


def test_a_line_that_is_retimed_says_by_how_much() -> None:
    found = decisions(PLAN, with_trip(PLAN, "a_in", departure=LEAVES - 600))
    assert found["a"].kind is Kind.RETIME
    assert found["a"].reason == "leaves 10 min earlier"
    assert found["a"].riders == 3
    assert {(a.rider_id, a.direction, a.board_shift_s) for a in found["a"].alternatives} == {
        (r, IN, -600) for r in ("ann", "bob", "cai")
    }


def test_a_line_with_another_vehicle_is_resized_and_nobody_feels_it() -> None:
    found = decisions(
        PLAN, with_trip(with_trip(PLAN, "a_in", vehicle_type_id="large"), "a_out", vehicle_type_id="large")
    )
    assert found["a"].kind is Kind.RESIZE
    assert found["a"].reason == "carries 3 people; 8 seats in the place of 4"
    assert (found["a"].riders, found["a"].alternatives) == (0, ())


@pytest.mark.parametrize(
    ("stops", "kind", "reason"),
    [
        (("gate_in", "market_in", "quay", "north"), Kind.EXTEND, "halts at Quay as well"),
        (("market_in", "north"), Kind.REROUTE, ""),
    ],
)
def test_a_line_with_other_stops_says_which(stops: tuple[str, ...], kind: Kind, reason: str) -> None:
    found = decisions(PLAN, with_trip(PLAN, "a_in", stop_ids=stops))
    assert found["a"].kind in {kind, Kind.REROUTE} if not reason else found["a"].kind is kind
    assert reason in found["a"].reason


def test_a_line_that_halts_at_fewer_places_is_shortened() -> None:
    after = with_trip(
        with_trip(PLAN, "a_in", stop_ids=("market_in", "north")), "a_out", stop_ids=("north", "market_out")
    )
    found = decisions(PLAN, after)
    assert found["a"].kind is Kind.SHORTEN
    assert found["a"].reason == "halts no more at Gate"


def test_a_closed_line_says_what_it_carried_and_each_rider_what_is_left() -> None:
    found = decisions(PLAN, CLOSED)
    assert found["a"].kind is Kind.CLOSE
    assert found["a"].reason == "carries 3 people on 4 seats"
    assert {a.rider_id for a in found["a"].alternatives} == {"ann", "bob", "cai"}
    assert all(a.line_after is None and a.walk_after_m is None for a in found["a"].alternatives)


def test_a_line_whose_riders_go_to_another_is_merged_into_it() -> None:
    after = replace(CLOSED, assignments=(*CLOSED.assignments, *seats("ann", "b", "quay", "south")))
    found = decisions(PLAN, after)
    assert found["a"].kind is Kind.MERGE
    assert found["a"].related == ("b",)
    assert found["a"].reason.endswith("those who are carried on ride on b")
    (ann,) = (a for a in found["a"].alternatives if a.rider_id == "ann" and a.direction is IN)
    assert (ann.line_after, ann.stop_after, ann.walk_before_m, ann.walk_after_m) == ("b", "quay", 200, None)


def test_a_new_line_is_opened_or_split_off() -> None:
    assert decisions(CLOSED, PLAN)["a"].kind is Kind.OPEN
    before = replace(CLOSED, assignments=(*CLOSED.assignments, *seats("ann", "b", "quay", "south")))
    split = decisions(before, PLAN)["a"]
    assert (split.kind, split.related) == (Kind.SPLIT, ("b",))
    assert split.reason == "carries 3 people on 4 seats, some of them from b"


def test_a_sentence_tells_what_happens_to_whom_and_what_it_saves() -> None:
    assert sentence(PLAN, CLOSED).startswith("close a: 1 vehicle less, 3 riders change, 3 riders more left out, ¥")
    assert "a day saved" in sentence(PLAN, CLOSED)
    walk = moved(PLAN, "ann", "a", "market", "north")
    assert sentence(PLAN, walk).startswith("seat riders of a otherwise: 1 rider changes, 1 walks 510 m further, ¥")
    assert "nobody who stays changes" in sentence(PLAN, PLAN)


def letters(plan: Plan) -> dict[str, Letter]:
    problem = running()
    diff = compare(PLAN, plan, departures(town(), PLAN), departures(town(), plan))
    return {letter.rider_id: letter for letter in notices(problem, plan, diff)}


def test_only_riders_who_feel_something_get_a_letter() -> None:
    assert letters(PLAN) == {}
    assert letters(with_trip(PLAN, "a_in", departure=LEAVES + 120)) == {}
    assert set(letters(with_trip(PLAN, "a_in", departure=LEAVES + 600))) == {"ann", "bob", "cai"}


def test_a_letter_tells_stop_walk_and_times_before_and_after() -> None:
    letter = letters(moved(PLAN, "ann", "a", "market", "north"))["ann"]
    way = letter.ways[0]
    assert (way.direction, way.why) == (IN, Why.OTHER_STOP)
    assert way.before is not None
    assert way.after is not None
    assert (way.before.stop, way.before.walk_m, way.before.departs) == ("Gate", 200, LEAVES)
    assert (way.after.stop, way.after.walk_m) == ("Market", 700)
    assert way.after.departs is not None
    assert way.after.departs > LEAVES
    assert way.after.arrives is not None


@pytest.mark.parametrize(
    ("plan", "why"),
    [
        (without(PLAN, "ann"), Why.LEFT_OUT),
        (moved(PLAN, "ann", "b", "quay", "south"), Why.OTHER_LINE),
        (replace(CLOSED, assignments=(*CLOSED.assignments, *seats("ann", "b", "quay", "south"))), Why.LINE_CLOSED),
        (with_seat(PLAN, "ann", IN, board_stop_id="market_in"), Why.OTHER_STOP),
        (with_trip(PLAN, "a_in", departure=LEAVES + 600), Why.RETIMED),
    ],
)
def test_the_gravest_change_is_the_occasion(plan: Plan, why: Why) -> None:
    assert letters(plan)["ann"].ways[0].why is why


def test_who_joins_is_welcomed_and_who_left_gets_no_letter() -> None:
    fay = replace(PLAN, assignments=(*PLAN.assignments, *seats("fay", "a", "hill", "north")))
    assert {
        w.why for w in letters(with_trip(fay, "a_in", stop_ids=("gate_in", "market_in", "hill", "north")))["fay"].ways
    } == {Why.WELCOME}
    problem = running(
        replace(
            town(),
            riders=tuple(replace(r, rider_id="amy" if r.rider_id == "ann" else r.rider_id) for r in town().riders),
        )
    )
    diff = compare(PLAN, without(PLAN, "ann"), {}, {})
    assert "ann" not in {letter.rider_id for letter in notices(problem, without(PLAN, "ann"), diff)}


def test_a_walk_of_somebody_unknown_is_unknown() -> None:
    assert walk_of(town(), "nobody", "quay") is None
    assert walk_of(town(), "dan", None) is None
    assert walk_of(town(), "dan", "quay") == 100
