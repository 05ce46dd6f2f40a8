"""Which stops riders may use, whom a pinned place binds, and reasons that are certain: each with its feasible twin."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.model.demand import Direction, Need, Shift
from routing.model.places import StopStatus
from routing.model.plan import Reason
from routing.model.problem import Problem
from routing.model.rules import ServiceRules
from routing.model.travel import WalkTable
from routing.solver.choices import MOST_OPTIONS, certain_reason, choose_stops
from tests.solver.towns import DAY_SHIFT, TYPES, Town, draw

IN, OUT = Direction.INBOUND, Direction.OUTBOUND


def walking(problem: Problem, *rows: dict[int, int]) -> Problem:
    """Return a problem of as many riders as rows, who can walk to some stops [m]."""
    ordered = [sorted(row.items(), key=lambda item: item[1]) for row in rows]
    flat = [pair for row in ordered for pair in row]
    table = WalkTable(
        start=np.cumsum([0, *map(len, ordered)]),
        stop=np.array([stop for stop, _ in flat], np.int32),
        metres=np.array([metres for _, metres in flat], np.int32),
    )
    return replace(problem, riders=problem.riders[: len(rows)], walks=table)


def with_status(problem: Problem, status: StopStatus, *stops: int) -> Problem:
    """Return a problem in which some stops have another status."""
    changed = tuple(replace(s, status=status) if i in stops else s for i, s in enumerate(problem.stops))
    return replace(problem, stops=changed)


def kerbs_of(problem: Problem, place: str) -> list[int]:
    """Return the stops of a place."""
    return [i for i, s in enumerate(problem.stops) if s.place_id == place]


def place_with_two_kerbs(problem: Problem) -> tuple[int, int]:
    """Return the kerbs of the first place that has two."""
    return next((k[0], k[1]) for p in range(10) if len(k := kerbs_of(problem, f"p{p}")) == 2)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 1_000), limit=st.integers(0, 1_500), short=st.integers(0, 600), banned=st.integers(0, 2**20 - 1)
)
def test_riders_may_use_the_stops_within_their_own_limit_and_no_other(
    seed: int, limit: int, short: int, banned: int
) -> None:
    """Nearest first, forbidden stops left out, a shorter limit for those who need it."""
    rules = ServiceRules(max_walk_m=limit, max_walk_short_m=short)
    problem = draw(Town(riders=12, places=12, rules=rules, short_walks=0.5, seed=seed))
    forbidden = {i for i in range(len(problem.stops)) if banned >> (i % 20) & 1}
    problem = with_status(problem, StopStatus.FORBIDDEN, *forbidden)
    for r, (rider, choice) in enumerate(zip(problem.riders, choose_stops(problem), strict=True)):
        own = min(limit, short) if rider.need is Need.SHORT_WALK else limit
        stops, metres = (x.tolist() for x in problem.walks.row(r))
        allowed = {s: m for s, m in zip(stops, metres, strict=True) if m <= own and s not in forbidden}
        found = dict(zip(choice.stops.tolist(), choice.metres.tolist(), strict=True))
        assert found == dict(sorted(allowed.items(), key=lambda item: item[1])[:MOST_OPTIONS])
        assert list(choice.metres) == sorted(choice.metres)


def test_the_limit_itself_is_within_walk_and_a_metre_more_is_not() -> None:
    problem = walking(draw(Town(riders=3)), {0: 799, 1: 800, 2: 801})
    assert choose_stops(problem)[0].stops.tolist() == [0, 1]


def test_where_there_are_very_many_stops_the_nearest_are_kept() -> None:
    problem = draw(Town(riders=1, places=40))
    far = {stop: 100 + 7 * ((stop * 11) % 40) for stop in range(40)}
    (choice,) = choose_stops(walking(problem, far))
    assert sorted(choice.stops.tolist()) == sorted(sorted(far, key=lambda s: far[s])[:MOST_OPTIONS])


def test_a_pinned_place_binds_its_nearest_rider_to_its_own_kerbs_and_nobody_else() -> None:
    base = draw(Town(riders=3))
    one, two = place_with_two_kerbs(base)
    other = next(i for i in range(len(base.stops)) if i not in (one, two))
    problem = walking(base, {one: 300, other: 10}, {one: 200, two: 250, other: 20}, {other: 5})
    assert not any(c.must for c in choose_stops(problem))
    bound = choose_stops(with_status(problem, StopStatus.PINNED, one))
    assert [c.must for c in bound] == [False, True, False]
    assert bound[1].stops.tolist() == [one, two]
    assert bound[0].stops.tolist() == [other, one]


def test_a_place_with_both_kerbs_pinned_binds_who_can_walk_to_either() -> None:
    """Nobody walks to the first kerb within the limit, but a rider does to the second."""
    problem = draw(Town(riders=2, rules=ServiceRules(max_walk_m=800, min_load=1)))
    one, two = place_with_two_kerbs(problem)
    other = next(i for i in range(len(problem.stops)) if i not in {one, two})
    pinned = with_status(walking(problem, {one: 805, two: 795, other: 10}, {other: 10}), StopStatus.PINNED, one, two)
    first, second = choose_stops(pinned)
    assert (first.must, first.stops.tolist()) == (True, [two])
    assert not second.must


def test_two_pinned_places_bind_two_riders() -> None:
    """The rider who is nearest to both can hold only one of them open."""
    base = draw(Town(riders=2))
    first, second = kerbs_of(base, "p1")[0], kerbs_of(base, "p2")[0]
    problem = with_status(
        walking(base, {first: 50, second: 60}, {first: 400, second: 500}), StopStatus.PINNED, first, second
    )
    choices = choose_stops(problem)
    assert [c.must for c in choices] == [True, True]
    assert sorted(s for c in choices for s in c.stops.tolist()) == sorted([first, second])


def test_a_pinned_place_that_nobody_can_walk_to_binds_nobody() -> None:
    base = draw(Town(riders=2))
    problem = with_status(walking(base, {0: 100, 5: 801}, {0: 200}), StopStatus.PINNED, 5)
    choices = choose_stops(problem)
    assert not any(c.must for c in choices)
    assert [c.stops.tolist() for c in choices] == [[0], [0]]


def one_rider(count: int = 1, shift: Shift = DAY_SHIFT, **rules: int) -> Problem:
    """Return a problem with one rider or group, and stop 0 on their doorstep."""
    town = Town(riders=1, shifts=(shift,), rules=ServiceRules(min_load=1, **rules), seed=3)  # type: ignore[arg-type]
    problem = walking(draw(town), {0: 100})
    return replace(problem, riders=(replace(problem.riders[0], count=count),))


def reason_of(problem: Problem, direction: Direction = IN) -> Reason | None:
    """Return the certain reason of the first rider."""
    return certain_reason(problem, 0, choose_stops(problem)[0], direction)


def test_a_rider_whose_only_stop_is_a_metre_too_far_has_no_stop_in_walk() -> None:
    assert reason_of(one_rider(max_walk_m=99)) is Reason.NO_STOP_IN_WALK
    assert reason_of(one_rider(max_walk_m=100)) is None


def test_a_rider_whose_only_stop_is_forbidden_has_no_stop_in_walk() -> None:
    problem = one_rider()
    assert reason_of(with_status(problem, StopStatus.FORBIDDEN, 0)) is Reason.NO_STOP_IN_WALK
    assert reason_of(with_status(problem, StopStatus.FORBIDDEN, 1)) is None


def test_a_short_walk_is_a_reason_only_for_those_who_need_it() -> None:
    problem = one_rider(max_walk_short_m=50)
    assert reason_of(problem) is None
    needy = replace(problem, riders=(replace(problem.riders[0], need=Need.SHORT_WALK),))
    assert reason_of(needy) is Reason.NO_STOP_IN_WALK


@pytest.mark.parametrize("direction", Direction)
def test_a_direct_drive_a_second_over_the_limit_is_too_long_and_one_at_the_limit_is_not(direction: Direction) -> None:
    """Each direction counts its own way round, at its own time of day."""
    problem = one_rider()
    site = problem.node(problem.riders[0].worksite_id)
    assert site is not None
    drive = problem.travel[0 if direction is IN else 1].duration
    direct = int(drive[0, site] if direction is IN else drive[site, 0])
    assert reason_of(one_rider(max_ride_s=direct), direction) is None
    assert reason_of(one_rider(max_ride_s=direct - 1), direction) is Reason.RIDE_TOO_LONG


def test_a_ride_may_be_too_long_in_the_slow_evening_alone() -> None:
    problem = one_rider()
    site = problem.node(problem.riders[0].worksite_id)
    there, back = int(problem.travel[0].duration[0, site]), int(problem.travel[1].duration[site, 0])
    assert there < back
    tight = one_rider(max_ride_s=there)
    assert (reason_of(tight, IN), reason_of(tight, OUT)) == (None, Reason.RIDE_TOO_LONG)


def test_one_stop_near_enough_to_the_worksite_is_enough() -> None:
    """The drive from the stop that is nearest on foot may be too long, while another's is not."""
    problem = one_rider()
    drive = problem.travel[0].duration[: len(problem.stops), problem.node(problem.riders[0].worksite_id)]
    near, far = int(drive.argmin()), int(drive.argmax())
    tight = replace(problem, rules=replace(problem.rules, max_ride_s=int(drive[near])))
    assert reason_of(walking(tight, {far: 10})) is Reason.RIDE_TOO_LONG
    assert reason_of(walking(tight, {far: 10, near: 700})) is None


def test_a_group_larger_than_the_largest_vehicle_that_is_there_cannot_ride() -> None:
    """Fourteen fit the large vehicle; fifteen do not, nor do seven where only small vehicles stand in the depots."""
    assert reason_of(one_rider(count=14)) is None
    assert reason_of(one_rider(count=15)) is Reason.NO_VEHICLE_LARGE_ENOUGH
    seven = one_rider(count=7)
    gone = tuple(replace(i, available=0) if i.vehicle_type_id == "large" else i for i in seven.fleet)
    assert reason_of(replace(seven, fleet=gone)) is Reason.NO_VEHICLE_LARGE_ENOUGH
    six = replace(seven, riders=(replace(seven.riders[0], count=TYPES[0].seats),), fleet=gone)
    assert reason_of(six) is None


def test_the_reason_nearest_to_home_is_given_first() -> None:
    """Where nobody may walk to a stop, vehicles and rides do not matter."""
    assert reason_of(one_rider(count=99, max_walk_m=0, max_ride_s=0)) is Reason.NO_STOP_IN_WALK
    assert reason_of(one_rider(count=99, max_ride_s=0)) is Reason.NO_VEHICLE_LARGE_ENOUGH
