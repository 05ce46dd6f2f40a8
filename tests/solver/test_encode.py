"""The arrays of a part against the problem they stand for, each worked out again in plain loops."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.evaluate import evaluate
from routing.model.demand import DAYS_PER_WEEK, Direction, Shift
from routing.model.problem import Problem
from routing.model.rules import CostRates, ServiceRules
from routing.solver import MaxIterations, solve
from routing.solver.choices import choose_stops
from routing.solver.encode import MOST_POSITIONS, MOST_WALK, MUST_FACTOR, NEAREST, Encoded, encode, positions
from routing.solver.layout import (
    BACK_M,
    BACK_S,
    COUNT,
    DAY_CLASSES,
    DAYS,
    END_OPTION,
    FIRST_OPTION,
    FIXED,
    FROM_S,
    FROM_V,
    HEAD_FIELDS,
    LIMIT,
    LOSS,
    NEIGHBOUR,
    OPENS_AT,
    PLACE,
    PLACES,
    PULL_IN_S,
    PULL_OUT_M,
    PULL_OUT_S,
    REACH_M,
    REACH_S,
    REVERSED,
    SECOND,
    SITE,
    THERE_M,
    THERE_S,
    TO_S,
    TO_V,
    WALK,
    WALK_UNIT,
)
from routing.solver.parts import split
from tests.solver.towns import DAY_SHIFT, Town, draw

IN, OUT = Direction.INBOUND, Direction.OUTBOUND
SOON = Shift(shift_id="soon", start=8 * 3600 + 600, end=17 * 3600 + 900)
WORK_ONLY = Shift(shift_id="work", start=6 * 3600, end=None)
HOME_ONLY = Shift(shift_id="home", start=None, end=20 * 3600)


def encoded_parts(problem: Problem) -> list[Encoded]:
    """Return all parts of a problem as arrays."""
    choices = choose_stops(problem)
    some = {r for r, c in enumerate(choices) if len(c.stops)}
    parts = split(problem, dict.fromkeys(Direction, some))
    return [encode(problem, part, choices, problem.vehicle_types) for part in parts]


@st.composite
def problems(pick: st.DrawFn) -> Problem:
    """Draw problems of every kind of part."""
    shifts = pick(st.sampled_from([(DAY_SHIFT,), (DAY_SHIFT, SOON), (DAY_SHIFT, WORK_ONLY, HOME_ONLY)]))
    rules = ServiceRules(
        min_load=1,
        same_line_both_ways=pick(st.booleans()),
        max_ride_s=pick(st.sampled_from([900, 6_600])),
        max_detour=pick(st.sampled_from([1.0, 1.37, 1.8])),
        max_detour_free_s=pick(st.sampled_from([0, 900])),
        short_ride_s=pick(st.sampled_from([0, 700])),
        max_walk_m=pick(st.sampled_from([400, 1_200])),
    )
    return draw(
        Town(
            riders=pick(st.integers(1, 15)),
            places=pick(st.integers(1, 8)),
            sites=pick(st.integers(1, 3)),
            shifts=shifts,
            rules=rules,
            mixed_days=True,
            counts=4,
            short_walks=0.3,
            seed=pick(st.integers(0, 10_000)),
        )
    )


def direct(problem: Problem, encoded: Encoded, lane: int, stop: int, site: int) -> int:
    """Return the direct drive [s] of a lane between a stop and a worksite of the problem, as riders travel."""
    duration = problem.travel[encoded.part.periods[lane]].duration
    return int(duration[stop, site] if encoded.part.directions[lane] is IN else duration[site, stop])


def site_nodes(encoded: Encoded) -> range:
    """Return the part's nodes that are worksites, in the order of its sites."""
    count = encoded.given.node.shape[2] - LIMIT
    return range(len(encoded.nodes) - count, len(encoded.nodes))


many = settings(max_examples=30, deadline=None)


@many
@given(problems())
def test_ride_limits_are_those_of_the_rules_in_every_lane(problem: Problem) -> None:
    """Between any node and any worksite, for the direct drive in that direction and period."""
    for e in encoded_parts(problem):
        sites = site_nodes(e)
        for lane, node in product(range(len(e.part.directions)), range(len(e.nodes))):
            drives = [direct(problem, e, lane, int(e.nodes[node]), int(e.nodes[site])) for site in sites]
            assert e.given.node[lane, node, LIMIT:].tolist() == [problem.rules.ride_limit_s(d) for d in drives]


@many
@given(problems())
def test_driving_is_laid_out_from_home_to_work_whatever_the_direction(problem: Problem) -> None:
    """An outbound lane is turned round: there is back."""
    for e in encoded_parts(problem):
        for lane, direction in enumerate(e.part.directions):
            matrix = problem.travel[e.part.periods[lane]]
            seconds, metres = (m[np.ix_(e.nodes, e.nodes)] for m in (matrix.duration, matrix.distance))
            there, back = (THERE_S, BACK_S) if direction is IN else (BACK_S, THERE_S)
            there_m, back_m = (THERE_M, BACK_M) if direction is IN else (BACK_M, THERE_M)
            assert np.array_equal(e.given.drive[lane, :, :, there], seconds)
            assert np.array_equal(e.given.drive[lane, :, :, back], seconds.T)
            assert np.array_equal(e.given.drive[lane, :, :, there_m], metres)
            assert np.array_equal(e.given.drive[lane, :, :, back_m], metres.T)


@many
@given(problems())
def test_options_are_the_places_within_walk_and_their_prices_the_metres(problem: Problem) -> None:
    """Per rider each place once; a kerb out of the own reach (short walks too) is marked so."""
    price = problem.costs.walk / problem.rules.walk_speed_m_per_h
    for e in encoded_parts(problem):
        g = e.given
        for x, r in enumerate(e.part.riders):
            limit = problem.rules.walk_limit_m(problem.riders[r].need)
            stops, metres = (v.tolist() for v in problem.walks.row(r))
            reach = {s: m for s, m in zip(stops, metres, strict=True) if m <= limit}
            rows = g.option[g.rider[x, FIRST_OPTION] : g.rider[x, END_OPTION]]
            walks = {
                int(e.nodes[g.kerbs[row[PLACE], k]]): row[WALK + k] * WALK_UNIT
                for row in rows
                for k in range(g.kerbs.shape[1])
                if row[WALK + k] >= 0
            }
            assert walks == pytest.approx({s: m * price for s, m in reach.items()}, abs=WALK_UNIT)
            assert len(set(rows[:, PLACE].tolist())) == len(rows)
            known = np.tile(g.kerbs[rows[:, PLACE]] >= 0, len(e.part.directions))
            assert known[rows[:, WALK:] >= 0].all()


@many
@given(problems())
def test_kerbs_of_a_place_go_together_only_where_a_line_runs_both_ways(problem: Problem) -> None:
    for e in encoded_parts(problem):
        sites = site_nodes(e)
        rows = e.given.kerbs[: len(e.given.kerbs) - len(sites)]
        names = [[problem.stops[e.nodes[n]].place_id for n in row if n >= 0] for row in rows]
        assert all(len(set(row)) == 1 for row in names)
        if len(e.part.directions) == 2:
            assert len({row[0] for row in names}) == len(names)
        else:
            assert all(len(row) == 1 for row in names)
        assert e.given.kerbs[len(rows) :, 0].tolist() == list(sites)


@many
@given(problems())
def test_the_least_price_of_a_seat_is_the_shortest_walk_in_every_lane(problem: Problem) -> None:
    for e in encoded_parts(problem):
        g = e.given
        for x in range(len(e.part.riders)):
            for o in range(g.rider[x, FIRST_OPTION], g.rider[x, END_OPTION]):
                walk = min(int(w) for w in g.option[o, WALK:] if w >= 0) * WALK_UNIT
                assert g.least[o] == pytest.approx(walk * len(e.part.directions) * g.rider[x, COUNT])


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("seed", range(3))
def test_no_seat_of_a_plan_costs_less_than_its_least_price(seed: int, together: bool) -> None:
    """Walk and ride as the judge counts them, for everyone whom a found plan carries."""
    rules = ServiceRules(min_load=1, same_line_both_ways=together)
    problem = draw(Town(riders=25, shifts=(DAY_SHIFT, WORK_ONLY), counts=3, rules=rules, seed=seed))
    plan = solve(problem, stop=MaxIterations(iterations=200)).plan
    paid: dict[tuple[int, Direction], tuple[int, float]] = {}
    for trip in evaluate(problem, plan).schedule.trips:
        for seat in trip.seats:
            home = trip.nodes[seat.board if trip.trip.direction is IN else seat.alight]
            walk = problem.walks.walk_m(seat.rider, home)
            assert walk is not None
            cost = walk * problem.costs.walk / problem.rules.walk_speed_m_per_h
            cost += trip.ride_s(seat) * problem.costs.ride / 3600
            paid[seat.rider, trip.trip.direction] = home, cost * problem.riders[seat.rider].count
    checked = 0
    for e in encoded_parts(problem):
        g = e.given
        for x, r in enumerate(e.part.riders):
            seats = [paid[r, d] for d in e.part.directions if (r, d) in paid]
            for o in range(g.rider[x, FIRST_OPTION], g.rider[x, END_OPTION]):
                kerbs = {int(e.nodes[k]) for k in g.kerbs[g.option[o, PLACE]] if k >= 0}
                if seats and all(home in kerbs for home, _ in seats):
                    checked += 1
                    assert sum(cost for _, cost in seats) >= g.least[o] - 0.01
    assert checked >= 10


@many
@given(problems())
def test_the_nearness_of_a_place_is_that_of_its_nearest_kerb(problem: Problem) -> None:
    for e in encoded_parts(problem):
        g = e.given
        second, metre = g.prices[0, REACH_S], g.prices[0, REACH_M]
        lanes, nodes, blocks, _, width = g.near.shape
        places = int(g.sizes[PLACES])
        assert 0 <= blocks * width - places < width
        for lane, node, place in product(range(lanes), range(nodes), range(places)):
            kerbs = [int(n) for n in g.kerbs[place] if n >= 0]
            near, drive = g.near[lane, node, place // width, :, place % width], g.drive[lane]
            assert near[FROM_S] == min(drive[node, k, THERE_S] for k in kerbs)
            assert near[TO_S] == min(drive[k, node, THERE_S] for k in kerbs)
            price = [second * drive[node, k, THERE_S] + metre * drive[node, k, THERE_M] for k in kerbs]
            assert near[FROM_V] == pytest.approx(min(price), rel=1e-5)
            price = [second * drive[k, node, THERE_S] + metre * drive[k, node, THERE_M] for k in kerbs]
            assert near[TO_V] == pytest.approx(min(price), rel=1e-5)


@many
@given(problems())
def test_a_place_begins_at_its_kerb_nearest_the_depot_and_allows_the_longest_ride_of_any(problem: Problem) -> None:
    for e in encoded_parts(problem):
        g = e.given
        lanes, sites, padded = g.limit.shape
        places = int(g.sizes[PLACES])
        assert g.begin.shape == (lanes, padded)
        for lane, place in product(range(lanes), range(places)):
            kerbs = [int(n) for n in g.kerbs[place] if n >= 0]
            ends = [g.node[lane, k] for k in kerbs]
            empty = [g.prices[0, REACH_S] * end[PULL_OUT_S] + g.prices[0, REACH_M] * end[PULL_OUT_M] for end in ends]
            assert g.begin[lane, place] == pytest.approx(min(empty), rel=1e-5)
            for site in range(sites):
                assert g.limit[lane, site, place] == max(end[LIMIT + site] for end in ends)


@many
@given(problems())
def test_rough_prices_are_those_of_the_cheapest_vehicle_for_each(problem: Problem) -> None:
    """By the metre and by the second; and of a second's driving at the mean speed of the part."""
    for e in encoded_parts(problem):
        prices = e.given.prices
        assert prices[0, REACH_M] == min(t.distance_cost for t in e.types) / 1000
        assert prices[0, REACH_S] == min(t.time_cost for t in e.types) / 3600
        mean = 10.0 if e.given.drive[..., THERE_S].any() else 0.0
        assert prices[0, SECOND] == pytest.approx(prices[0, REACH_S] + mean * prices[0, REACH_M])


def test_windows_are_those_of_each_shift_and_run_backwards_on_the_way_home() -> None:
    rules = ServiceRules(
        min_load=1, arrive_early_s=1_000, arrive_buffer_s=100, leave_buffer_s=200, leave_late_s=2_000, max_walk_m=1_600
    )
    problem = draw(Town(riders=20, shifts=(DAY_SHIFT, SOON), rules=rules))
    (e,) = encoded_parts(problem)
    for x, r in enumerate(e.part.riders):
        shift = problem.shift(problem.riders[r].shift_id)
        assert shift is not None
        assert shift.start is not None
        assert shift.end is not None
        opens, closes, late, soon = e.given.rider[x, OPENS_AT : OPENS_AT + 4].tolist()
        assert (opens, closes) == (shift.start - 1_000, shift.start - 100)
        assert (-soon, -late) == (shift.end + 200, shift.end + 2_000)
        assert opens < closes
        assert late < soon
    assert e.given.sizes[REVERSED : REVERSED + 2].tolist() == [0, 1]
    assert len({tuple(row) for row in e.given.rider[:, OPENS_AT : OPENS_AT + 4]}) == 2


def test_the_only_lane_of_a_way_home_has_its_window_first() -> None:
    problem = draw(Town(riders=5, shifts=(HOME_ONLY,), rules=ServiceRules(max_walk_m=1_600)))
    (e,) = encoded_parts(problem)
    assert e.given.rider[0, OPENS_AT : OPENS_AT + 4].tolist() == [-72_000 - 1_500, -72_000 - 300, 0, 0]
    assert e.given.sizes[REVERSED] == 1


@many
@given(problems(), st.data())
def test_the_busiest_class_of_days_is_as_busy_as_the_busiest_weekday(problem: Problem, data: st.DataObject) -> None:
    """For any riders aboard, whatever their days: seats that hold on all classes hold all week."""
    for e in encoded_parts(problem):
        aboard = data.draw(st.lists(st.booleans(), min_size=len(e.part.riders), max_size=len(e.part.riders)))
        chosen = [x for x, on in enumerate(aboard) if on]
        days = [problem.riders[e.part.riders[x]].days for x in chosen]
        counts = [int(e.given.rider[x, COUNT]) for x in chosen]
        bits = [int(e.given.rider[x, DAYS]) for x in chosen]
        week = max(sum(c for c, d in zip(counts, days, strict=True) if d >> n & 1) for n in range(DAYS_PER_WEEK))
        size = int(e.given.sizes[DAY_CLASSES])
        assert max(sum(c for c, b in zip(counts, bits, strict=True) if b >> n & 1) for n in range(size)) == week


def test_riders_who_all_work_the_same_days_need_one_class() -> None:
    (e,) = encoded_parts(draw(Town(riders=10)))
    assert e.given.sizes[DAY_CLASSES] == 1
    assert set(e.given.rider[:, DAYS].tolist()) == {1}


def test_only_the_rider_who_holds_a_pinned_place_open_is_worth_more() -> None:
    problem = draw(Town(riders=20, pinned=1, seed=2))
    kerbs = {i for i, s in enumerate(problem.stops) if s.place_id == problem.stops[0].place_id}
    walks = {r: m for r in range(20) if (m := problem.walks.walk_m(r, 0)) is not None and m <= 800}
    nearest = min(walks, key=lambda r: (walks[r], r))
    (e,) = encoded_parts(problem)
    worth = dict(zip(e.part.riders, e.given.worth[:, LOSS].tolist(), strict=True))
    assert worth.pop(nearest) == MUST_FACTOR * problem.costs.unserved
    assert set(worth.values()) == {problem.costs.unserved}
    x = e.part.riders.index(nearest)
    assert e.given.rider[x, END_OPTION] - e.given.rider[x, FIRST_OPTION] == 1
    place = e.given.option[e.given.rider[x, FIRST_OPTION], PLACE]
    assert set(e.nodes[e.given.kerbs[place][e.given.kerbs[place] >= 0]].tolist()) <= kerbs


def test_a_group_is_worth_its_people_and_each_direction_planned_apart_half() -> None:
    town = Town(riders=15, counts=5, seed=4)
    (both,) = encoded_parts(draw(town))
    assert both.given.worth[:, LOSS].tolist() == (both.given.rider[:, COUNT] * 20_000).tolist()
    apart = encoded_parts(draw(replace(town, rules=ServiceRules(same_line_both_ways=False))))
    assert len(apart) == 2
    for e in apart:
        assert e.given.worth[:, LOSS].tolist() == (e.given.rider[:, COUNT] * 10_000).tolist()
        assert e.given.prices[1:, FIXED].tolist() == [7_500, 12_500]
    assert both.given.prices[1:, FIXED].tolist() == [15_000, 25_000]


def test_where_vehicles_come_first_nobody_is_left_out_to_save_money() -> None:
    """Leaving anyone out costs more than a vehicle of any type for that one, from any depot to any place."""
    problem = draw(Town(riders=10, unserved=1, rules=ServiceRules(same_line_both_ways=False)))
    cheap = [e.given.worth[:, LOSS].max() for e in encoded_parts(problem)]
    first = replace(problem, costs=replace(problem.costs, fewest_vehicles_first=True))
    dear = [e.given.worth[:, LOSS].min() for e in encoded_parts(first)]
    assert max(cheap) == 0.5
    for matrix, price in zip(problem.travel, dear, strict=True):
        for kind in problem.vehicle_types:
            day = 2 * kind.distance_cost * int(matrix.distance.max()) / 1000
            assert price > kind.fixed_cost + day + 2 * kind.time_cost * int(matrix.duration.max()) / 3600
    spared = replace(first, costs=replace(first.costs, unserved=10**9))
    assert {e.given.worth[0, LOSS] for e in encoded_parts(spared)} == {10**9 / 2}


def test_a_price_of_walking_beyond_the_arrays_range_is_cut_not_wrapped() -> None:
    problem = replace(draw(Town(riders=10)), costs=CostRates(walk=10**9))
    (e,) = encoded_parts(problem)
    assert e.given.option[:, WALK:].max() == MOST_WALK
    assert ((e.given.option[:, WALK:] >= 0) == (e.given.option[:, WALK:] != -1)).all()


def test_empty_running_starts_at_the_nearest_depot_with_vehicles() -> None:
    """Both ways, a vehicle stays out at midday: the only pull-in is none; one way it drives back."""
    problem = draw(Town(riders=20, available=(3, 0), seed=5))
    first = problem.fleet[0].depot_id
    emptied = tuple(replace(i, available=0) if i.depot_id == first else i for i in problem.fleet)
    near, far = (encoded_parts(p)[0] for p in (problem, replace(problem, fleet=emptied)))
    depots = np.array([problem.depot_node(d.depot_id) for d in problem.depots], np.int64)
    out = problem.travel[0].duration[np.ix_(depots, near.nodes)]
    assert np.array_equal(near.given.node[0, :, PULL_OUT_S], out.min(axis=0))
    assert np.array_equal(far.given.node[0, :, PULL_OUT_S], out[1])
    assert np.array_equal(far.given.node[0, :, PULL_OUT_M], 10 * out[1])
    assert not near.given.node[:, :, PULL_IN_S].any()
    back = problem.travel[1].duration[np.ix_(near.nodes, depots)]
    assert np.array_equal(near.given.node[1, :, PULL_OUT_S], back.min(axis=1))
    one_way = replace(problem, shifts=(replace(DAY_SHIFT, end=None),))
    (single,) = encoded_parts(one_way)
    into = problem.travel[0].duration[np.ix_(single.nodes, depots)]
    assert np.array_equal(single.given.node[0, :, PULL_IN_S], into.min(axis=1))


def test_neighbours_are_oneself_the_nearest_homes_and_colleagues() -> None:
    problem = draw(Town(riders=70, sites=2, rules=ServiceRules(max_walk_m=1_600), seed=6))
    (e,) = encoded_parts(problem)
    near = e.given.rider[:, NEIGHBOUR:]
    assert near[:, 0].tolist() == list(range(len(near)))
    homes = np.array([(problem.riders[r].home.lon, problem.riders[r].home.lat) for r in e.part.riders])
    homes[:, 0] *= np.cos(np.radians(homes[:, 1].mean()))
    for x, row in enumerate(near):
        away = np.linalg.norm(homes - homes[x], axis=1)
        assert away[row[:NEAREST]] == pytest.approx(np.sort(away)[:NEAREST])
        colleagues = set(np.flatnonzero(e.given.rider[:, SITE] == e.given.rider[x, SITE]).tolist())
        assert set(row[NEAREST:].tolist()) == colleagues


@pytest.mark.parametrize(("stops", "width"), [(2, HEAD_FIELDS), (30, 30), (500, MOST_POSITIONS)])
def test_lines_are_as_wide_as_the_rules_allow_but_never_wider_than_the_arrays(stops: int, width: int) -> None:
    """And never so narrow that a line's scalars do not fit."""
    (e,) = encoded_parts(draw(Town(riders=5, rules=ServiceRules(max_stops=stops, max_walk_m=1_600))))
    assert positions(e.given) == width
