"""Each reason and each kind of relaxation, on the smallest plan that shows it.

Fay is left out; whatever is found for her is applied to the whole plan and judged (``explained``).
"""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.explain import explain
from routing.model.demand import Need, Shift
from routing.model.places import StopStatus
from routing.model.plan import Plan, Reason, Unserved
from routing.model.result import Progress
from routing.model.units import parse_clock
from tests.cases import IN, OUT, SITES, STOPS, left_out, town, town_plan, with_rider, with_rules, with_stop, without
from tests.explain.conftest import Explained, FayAt

HILL = {"hill": 100}
CHEAP = replace(town().costs, unserved=100)


def test_a_seat_that_costs_more_than_leaving(explained: Explained, fay_at: FayAt) -> None:
    """Line a passes the hill: a halt of 32 s each way, 10 min aboard inbound and 15 outbound, 200 m on foot.

    Fay herself: 600 + 900 s and 200 m = 1,700 fen, and 4 s of dwell at both ends more. The three others of the line
    ride 32 s longer inbound, and outbound ann, bob and cai as well: 6 · 32 = 192. The vehicle is 32 + 2 s longer
    under way in both directions: 68. Together 1,960 fen, where leaving her costs 100.
    """
    reason, finding = explained(replace(fay_at(HILL), costs=CHEAP), town_plan())
    assert finding is not None
    assert (reason, finding.kind, finding.amount) == (Reason.COSTS_MORE_THAN_LEAVING, "price", 1_860)
    told = finding.relaxation(OUT)
    assert (told.unit, told.trip_id, told.board_stop_id) == ("fen", "a_out", "north")
    assert "18.60 yuan a day more" in told.text


def test_a_seat_that_the_search_missed_is_no_reason(explained: Explained, fay_at: FayAt) -> None:
    """Where leaving costs 20,000 fen, the same seat saves 18,040: the honest reason is that there is none."""
    reason, finding = explained(fay_at(HILL), town_plan())
    assert finding is not None
    assert (reason, finding.kind, finding.amount) == (Reason.UNKNOWN, "price", 1_960 - 20_000)


def test_the_cheapest_of_several_seats_is_told(explained: Explained, fay_at: FayAt) -> None:
    """Gate, market and hill would all do; from the hill the ride is shortest, from the market no one waits for her."""
    walks = {"hill": 100, "market_in": 100, "market_out": 100, "gate_in": 100, "gate_out": 100}
    _, finding = explained(replace(fay_at(walks), costs=CHEAP), town_plan())
    assert finding is not None
    assert finding.seats[0].board_stop_id == "hill"


def test_no_stop_in_walk(explained: Explained) -> None:
    """The hill is 1,200 m away, 400 more than promised; line a would then have a seat."""
    reason, finding = explained(town(), town_plan())
    assert finding is not None
    assert (reason, finding.kind, finding.amount) == (Reason.NO_STOP_IN_WALK, "walk", 400)


def test_a_short_walk_is_measured_by_its_own_limit(explained: Explained, fay_at: FayAt) -> None:
    """350 m to the hill are 50 too many for her need."""
    reason, finding = explained(fay_at({"hill": 350}, need=Need.SHORT_WALK), town_plan())
    assert finding is not None
    assert (reason, finding.kind, finding.amount) == (Reason.NO_STOP_IN_WALK, "walk", 50)


def test_a_forbidden_stop_is_no_stop(explained: Explained, fay_at: FayAt) -> None:
    """The hill at the door is forbidden; the quay lies 900 m away, 100 more than promised."""
    problem = fay_at({"hill": 10, "quay": 900})
    problem = replace(problem, stops=with_stop(problem, "hill", status=StopStatus.FORBIDDEN).stops)
    reason, finding = explained(problem, town_plan())
    assert finding is not None
    assert (reason, finding.kind, finding.amount) == (Reason.NO_STOP_IN_WALK, "walk", 100)


def test_a_walk_to_a_line_that_others_would_have_to_open(explained: Explained, fay_at: FayAt) -> None:
    """Nobody goes south early: beyond the walk of 1,200 m it takes a neighbour, and the sentence says so."""
    reason, finding = explained(fay_at({"hill": 1_200}, worksite_id="south"), town_plan())
    assert finding is not None
    assert (reason, finding.kind, finding.amount) == (Reason.NO_STOP_IN_WALK, "walk", 400)
    assert len(finding.remedy.copies) == 1
    assert finding.also == (("neighbours", 1),)
    assert finding.share == 400 / 800 + 1 / 2
    told = finding.relaxation(IN)
    assert (told.trip_id, told.board_stop_id) == (None, "hill")
    assert "400 m longer than promised: with 1 more riders" in told.text


def test_nowhere_to_walk_at_all(explained: Explained, fay_at: FayAt) -> None:
    assert explained(fay_at({}), town_plan()) == (Reason.NO_STOP_IN_WALK, None)


def test_a_ride_too_long_however_direct(explained: Explained, fay_at: FayAt) -> None:
    """From the hill north takes 600 s by day and 900 in the evening; 599 are allowed, so 301 more are needed."""
    problem = with_rules(fay_at(HILL), max_ride_s=599)
    plan = Plan(unserved=left_out("fay"))
    reason, finding = explained(problem, plan)
    assert finding is not None
    assert (reason, finding.kind, finding.amount) == (Reason.RIDE_TOO_LONG, "ride", 301)


def test_a_ride_that_is_too_long_only_in_the_evening_is_not_certain(explained: Explained, fay_at: FayAt) -> None:
    """A trip that an earlier shift shares drives by that shift's clock, so that 899 s might do: not proven."""
    reason, finding = explained(with_rules(fay_at(HILL), max_ride_s=899), Plan(unserved=left_out("fay")))
    assert (reason, finding) == (Reason.UNKNOWN, None)


def test_no_vehicle_is_large_enough(explained: Explained, fay_at: FayAt) -> None:
    """Nine people travel together, the large vehicle has eight seats."""
    reason, finding = explained(fay_at(HILL, count=9), town_plan())
    assert finding is not None
    assert (reason, finding.kind, finding.amount) == (Reason.NO_VEHICLE_LARGE_ENOUGH, "seats", 1)


def test_a_longer_walk_where_a_halt_would_be_one_stop_too_many(explained: Explained, fay_at: FayAt) -> None:
    """Line a may make its three stops only; the market, which it serves, is 1,000 m away: 200 of 800 are a quarter.

    One stop more would be a third of what is promised, so the walk is the smaller change. A line of one's
    own would take one more rider of two.
    """
    problem = with_rules(fay_at({"hill": 100, "market_in": 990, "market_out": 1_000}), max_stops=3)
    reason, finding = explained(problem, town_plan())
    assert finding is not None
    assert (reason, finding.kind, finding.amount) == (Reason.TOO_FEW_NEIGHBOURS, "walk", 200)
    assert "1000 m on foot" in finding.text or "990 m on foot" in finding.text


def test_one_stop_more(explained: Explained, fay_at: FayAt) -> None:
    reason, finding = explained(with_rules(fay_at(HILL), max_stops=3), town_plan())
    assert finding is not None
    assert (reason, finding.kind, finding.amount) == (Reason.TOO_FEW_NEIGHBOURS, "stops", 1)


def test_one_seat_more(explained: Explained, fay_at: FayAt) -> None:
    """A couple on a line with one free seat; four people would open a line, and two are missing for that."""
    problem = with_rules(fay_at(HILL, count=2), min_load=3)
    reason, finding = explained(problem, town_plan())
    assert finding is not None
    assert (reason, finding.kind, finding.amount) == (Reason.TOO_FEW_NEIGHBOURS, "seats", 1)


def test_a_longer_ride_for_the_others(explained: Explained, fay_at: FayAt) -> None:
    """Ann and bob already ride 2,192 s home, all that is allowed; the halt at the hill takes 32 s more."""
    reason, finding = explained(with_rules(fay_at(HILL), max_ride_s=2_192), town_plan())
    assert finding is not None
    assert (reason, finding.kind, finding.amount) == (Reason.TOO_FEW_NEIGHBOURS, "ride", 32)


def test_a_longer_trip(explained: Explained, fay_at: FayAt) -> None:
    """a_out is under way for 37:06, all that is allowed; the halt at the hill takes 32 s more."""
    reason, finding = explained(with_rules(fay_at(HILL), max_trip_s=2_226), town_plan())
    assert finding is not None
    assert (reason, finding.kind, finding.amount) == (Reason.TOO_FEW_NEIGHBOURS, "trip", 32)
    assert "trips that may last 32 s longer" in finding.text


def test_nobody_is_too_dear_where_everyone_comes_first(explained: Explained, fay_at: FayAt) -> None:
    """The seat that costs more than leaving is one that the search missed."""
    problem = replace(fay_at(HILL), costs=replace(CHEAP, fewest_vehicles_first=True))
    reason, finding = explained(problem, town_plan())
    assert finding is not None
    assert (reason, finding.kind, finding.amount) == (Reason.UNKNOWN, "price", 1_860)


def test_a_longer_detour_for_the_others(explained: Explained, fay_at: FayAt) -> None:
    """Ann and bob stand 32 s at the market on a drive that is otherwise direct, all that is allowed."""
    problem = with_rules(fay_at(HILL), max_detour=1.0, max_detour_free_s=32)
    reason, finding = explained(problem, town_plan())
    assert finding is not None
    assert (reason, finding.kind, finding.amount) == (Reason.TOO_FEW_NEIGHBOURS, "detour", 32)


def test_another_shift(explained: Explained, fay_at: FayAt) -> None:
    """Fay works late in the north, where only the early shift has a line; both windows share five minutes, too few.

    With the early shift's hours, 15 min off, line a would take her. No vehicle stands idle for a line of her own.
    """
    problem = fay_at(HILL, shift_id="late")
    problem = replace(problem, fleet=(replace(problem.fleet[0], available=1), problem.fleet[1]))
    reason, finding = explained(problem, town_plan())
    assert finding is not None
    assert (reason, finding.kind, finding.amount) == (Reason.NO_VEHICLE_LEFT, "shift", 900)
    assert finding.remedy.riders[0].shift_id == "early"


def test_two_shifts_may_share_a_trip_at_a_price(explained: Explained, fay_at: FayAt) -> None:
    """Where half the days in time are enough, line a is retimed into both windows and names both shifts."""
    problem = with_rules(fay_at(HILL, shift_id="late"), on_time=0.5)
    _, finding = explained(problem, town_plan())
    assert finding is not None
    assert finding.kind == "price"
    assert {t.shift_ids for t in finding.remedy.lines[0].trips} == {("early", "late")}


def noon() -> Shift:
    return Shift(shift_id="noon", start=parse_clock("13:00"), end=parse_clock("21:00"))


def test_another_shift_is_weighed_against_what_else_would_do(explained: Explained, fay_at: FayAt) -> None:
    """Twelve minutes of other hours are a fifth of an hour; a walk of 80 m more is a tenth of the promise."""
    late = replace(town().shifts[1], start=parse_clock("08:12"), end=parse_clock("17:12"))
    moved = replace(town(), shifts=(town().shifts[0], late))
    walks = {"quay": 880}
    problem = with_rules(fay_at(walks, moved, shift_id="late", worksite_id="south"), max_stops=2)
    _, finding = explained(problem, town_plan())
    assert finding is not None
    assert (finding.kind, finding.amount) == ("walk", 80)


@pytest.mark.parametrize(("needed", "missing"), [(2, 1), (4, 3)])
def test_neighbours_would_open_a_line(explained: Explained, fay_at: FayAt, needed: int, missing: int) -> None:
    """Nobody else works from 13:00 on; the small vehicle that stands idle seats four."""
    town_at_noon = replace(town(), shifts=(*town().shifts, noon()))
    problem = with_rules(fay_at(HILL, town_at_noon, shift_id="noon"), min_load=needed)
    reason, finding = explained(problem, town_plan())
    assert finding is not None
    assert (reason, finding.kind, finding.amount) == (Reason.TOO_FEW_NEIGHBOURS, "neighbours", missing)
    assert finding.relaxation(IN).trip_id is None


def test_neighbours_who_wait_already_are_counted(explained: Explained, fay_at: FayAt) -> None:
    """Dan, left out as well, works the same hours at the same place and walks to the hill: one is missing, not two."""
    town_at_noon = replace(town(), shifts=(*town().shifts, noon()))
    problem = with_rules(fay_at(HILL, town_at_noon, shift_id="noon"), min_load=3)
    problem = with_rider(problem, "dan", shift_id="noon", worksite_id="north")
    reason, finding = explained(problem, without(town_plan(), "dan"))
    assert finding is not None
    assert (reason, finding.kind, finding.amount) == (Reason.TOO_FEW_NEIGHBOURS, "neighbours", 1)
    assert {a.rider_id for a in finding.remedy.assignments} == {"fay", "dan", "fay neighbour 1"}


def test_neighbours_are_counted_on_the_days_they_share(explained: Explained, fay_at: FayAt) -> None:
    """Dan comes at weekends only, and is no company on workdays."""
    town_at_noon = replace(town(), shifts=(*town().shifts, noon()))
    problem = with_rules(fay_at(HILL, town_at_noon, shift_id="noon"), min_load=3)
    problem = with_rider(problem, "dan", shift_id="noon", worksite_id="north", days=0b1100000)
    _, finding = explained(problem, without(town_plan(), "dan"))
    assert finding is not None
    assert (finding.kind, finding.amount) == ("neighbours", 2)


def test_enough_neighbours_and_yet_too_dear(explained: Explained, fay_at: FayAt) -> None:
    """Four people could open a line at noon; its vehicle alone costs 10,000 fen, leaving them 400."""
    town_at_noon = replace(town(), shifts=(*town().shifts, noon()), costs=CHEAP)
    problem = with_rules(fay_at(HILL, town_at_noon, shift_id="noon", count=4), min_load=4)
    reason, finding = explained(problem, town_plan())
    assert finding is not None
    assert (reason, finding.kind) == (Reason.COSTS_MORE_THAN_LEAVING, "price")
    assert finding.amount > 10_000 - 400


def test_nothing_found_is_unknown(explained: Explained, fay_at: FayAt) -> None:
    """No line at all, and no kind of vehicle that could be bought: nothing was proven, and nothing is claimed."""
    problem = replace(fay_at(HILL), fleet=(), vehicle_types=(), rules=replace(town().rules, min_load=1))
    assert explained(problem, Plan(unserved=left_out("fay"))) == (Reason.UNKNOWN, None)
    night = replace(fay_at(HILL), rules=replace(town().rules, max_ride_s=899))  # too long by the evening alone
    assert explained(night, Plan(unserved=left_out("fay"))) == (Reason.UNKNOWN, None)


def test_a_trip_that_misses_its_vehicle_gets_one_of_its_own(explained: Explained, fay_at: FayAt) -> None:
    """Line a's vehicle has exactly the time it needs between its two trips; four seconds of dwell break the chain."""
    problem = with_rules(fay_at(HILL), turnaround_s=parse_clock("17:09:24") - parse_clock("07:45:08"))
    _, finding = explained(problem, town_plan())
    assert finding is not None
    assert finding.kind == "price"
    assert sorted(b.trip_ids for b in finding.remedy.blocks) == [("a_in",), ("a_out",)]
    # A second small vehicle: 10,000 fen, and 2 · (12 + 2 km and their time) of empty running on top.
    assert finding.amount > 10_000 + 1_960 - 20_000


def test_without_an_idle_vehicle_the_chain_holds(explained: Explained, fay_at: FayAt) -> None:
    problem = with_rules(fay_at(HILL), turnaround_s=parse_clock("17:09:24") - parse_clock("07:45:08"))
    problem = replace(problem, fleet=(replace(problem.fleet[0], available=1), problem.fleet[1]))
    reason, finding = explained(problem, town_plan())
    assert finding is not None
    assert (reason, finding.kind, finding.amount) == (Reason.NO_VEHICLE_LEFT, "vehicles", 1)
    assert sorted(b.trip_ids for b in finding.remedy.blocks) == [("a_in",), ("a_out",)]
    assert finding.relaxation(IN).trip_id == "a_in"


def test_one_direction_is_explained_alone_where_lines_are_not_paired(explained: Explained, fay_at: FayAt) -> None:
    problem = with_rules(fay_at(HILL), same_line_both_ways=False)
    plan = without(replace(town_plan(), unserved=()), "fay", OUT)
    plan = replace(plan, unserved=left_out("fay", OUT))
    _, finding = explained(problem, plan, "fay", (OUT,))
    assert finding is not None
    assert [s.direction for s in finding.seats] == [OUT]


def test_explain_changes_nothing_but_the_explanations(fay_at: FayAt) -> None:
    plan = town_plan()
    told = explain(fay_at(HILL), plan)
    assert replace(told, unserved=plan.unserved) == plan
    assert [(u.rider_id, u.direction) for u in told.unserved] == [("fay", IN), ("fay", OUT)]
    assert [u.relaxation.trip_id for u in told.unserved if u.relaxation] == ["a_in", "a_out"]
    assert explain(fay_at(HILL), told) == told


def test_an_entry_that_names_nobody_stays_unknown() -> None:
    """A foreign plan may list anyone; a direction that a shift does not ask for has no reason either."""
    problem = town()
    one_way = replace(problem, shifts=(replace(problem.shifts[0], end=None), problem.shifts[1]))
    plan = replace(town_plan(), unserved=(*left_out("zoe", IN), *left_out("fay", OUT)))
    told = explain(one_way, plan)
    assert {(u.reason, u.relaxation) for u in told.unserved} == {(Reason.UNKNOWN, None)}


def test_an_empty_plan_is_explained_too() -> None:
    """Everybody waits: dan and the couple eve could share a line already, so the search must have missed it."""
    told = explain(
        town(), Plan(unserved=tuple(u for who in ("ann", "bob", "cai", "dan", "eve", "fay") for u in left_out(who)))
    )
    reasons = {u.rider_id: u.reason for u in told.unserved}
    assert reasons["dan"] is Reason.UNKNOWN
    assert reasons["fay"] is Reason.NO_STOP_IN_WALK
    assert all(u.relaxation is not None for u in told.unserved)


def test_progress_is_told_per_rider() -> None:
    seen: list[Progress] = []
    explain(town(), without(town_plan(), "dan"), on_progress=seen.append)
    assert [(p.phase, p.done) for p in seen] == [("explain", 0.5), ("explain", 1.0)]
    assert seen[-1].text == "2 of 2 riders left out"


def test_riders_alike_share_their_explanation(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ann and bob, once bob walks as ann does, are looked into once."""
    import routing.explain as room

    asked: list[str] = []
    real = room.find_reason

    def spy(*args: object) -> object:
        asked.append(str(args[1]))
        return real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(room, "find_reason", spy)
    problem = town()
    walks = problem.walks
    rows = [0, 0, *range(2, 6)]
    from routing.explain.remedy import walk_rows

    alike = replace(problem, walks=walk_rows(walks, rows))
    told = explain(alike, without(without(town_plan(), "ann"), "bob"))
    assert asked == ["fay", "ann"]
    by_rider = {u.rider_id: u.relaxation for u in told.unserved if u.direction is IN}
    assert by_rider["ann"] == by_rider["bob"] is not None


def test_less_effort_never_claims_more() -> None:
    """With no seat tried at all, only what is certain or counted is told."""
    told = explain(town(), town_plan(), limit=0)
    assert {u.reason for u in told.unserved} == {Reason.NO_STOP_IN_WALK}
    assert isinstance(told.unserved[0], Unserved)


@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_whatever_is_found_keeps_its_word(explained: Explained, fay_at: FayAt, data: st.DataObject) -> None:
    """Any home, group, hours and rules, anyone else left out: what is found, applied, breaks no rule anew."""
    draw = data.draw
    walks = draw(st.dictionaries(st.sampled_from(list(STOPS)), st.integers(0, 1_500), max_size=4))
    fields = {
        "shift_id": draw(st.sampled_from(["early", "late"])),
        "worksite_id": draw(st.sampled_from(list(SITES))),
        "count": draw(st.sampled_from([1, 2, 5, 9])),
        "need": draw(st.sampled_from(list(Need))),
        "days": draw(st.integers(1, 127)),
    }
    rules = {
        "max_stops": draw(st.integers(2, 5)),
        "min_load": draw(st.integers(0, 4)),
        "max_ride_s": draw(st.sampled_from([600, 2_192, 3_600, 3_600])),
        "max_detour": draw(st.sampled_from([1.0, 1.05, 1.8])),
        "max_detour_free_s": draw(st.integers(0, 900)),
        "on_time": draw(st.sampled_from([0.0, 0.5, 0.95])),
        "turnaround_s": draw(st.sampled_from([480, parse_clock("09:24:00")])),
        "same_line_both_ways": draw(st.booleans()),
    }
    problem = with_rules(fay_at(walks, **fields), **rules)
    plan = town_plan()
    for other in draw(st.sets(st.sampled_from(["ann", "bob", "cai", "dan", "eve"]), max_size=3)):
        plan = without(plan, other)
    for entry in {u.rider_id for u in plan.unserved}:
        explained(problem, plan, entry)
