"""Lines read back from the arrays of a search, against what the problem says of them."""

import itertools
from dataclasses import replace

import pytest

from routing.model.demand import Direction
from routing.model.problem import Problem
from routing.model.rules import ServiceRules
from routing.solver.layout import BEST_TOTAL, BEST_VEHICLES
from routing.solver.lines import FoundLine, Run, found_lines
from routing.solver.piece import PieceSearch
from routing.solver.state import new_state
from tests.solver.states import searches
from tests.solver.towns import RELAY, Town, draw

RULES = ServiceRules(min_load=2, max_stops=8)
TOWNS = {
    "both ways": Town(riders=30, rules=RULES, seed=3),
    "ways apart": Town(riders=30, rules=replace(RULES, same_line_both_ways=False), seed=4),
    "relay": Town(riders=30, rules=RULES, shifts=RELAY, seed=5),
    "groups": Town(riders=20, rules=RULES, counts=3, short_walks=0.3, seed=6),
}


Searched = tuple[PieceSearch, list[FoundLine]]
Case = tuple[Problem, list[Searched]]


@pytest.fixture(params=TOWNS, scope="module")
def case(request: pytest.FixtureRequest) -> Case:
    """Return a problem, and for each of its parts a short search with the lines read back from it."""
    problem = draw(TOWNS[request.param])
    parts = []
    for search in searches(problem):
        search.anneal(400, 0.5)
        parts.append((search, found_lines(problem, search.encoded, search.state)))
    return problem, parts


def every_run(case: Case) -> list[tuple[PieceSearch, FoundLine, Run]]:
    found = [(search, line, run) for search, lines in case[1] for line in lines for run in line.runs]
    assert found, "the search opened no line at all"
    return found


def test_nobody_rides_on_two_lines_of_a_part(case: Case) -> None:
    for search, lines in case[1]:
        carried = [rider for line in lines for rider in line.riders]
        assert len(set(carried)) == len(carried)
        assert set(carried) <= set(search.encoded.part.riders)


def test_everyone_on_a_line_has_a_seat_on_each_of_its_runs(case: Case) -> None:
    for _, line, run in every_run(case):
        assert sorted(rider for rider, _, _ in run.seats) == sorted(line.riders)


def test_a_line_runs_once_in_each_direction_of_its_part(case: Case) -> None:
    for search, lines in case[1]:
        part = search.encoded.part
        for line in lines:
            assert tuple(run.direction for run in line.runs) == part.directions
            assert tuple(run.period for run in line.runs) == part.periods


def test_seats_lead_from_home_to_work_and_back(case: Case) -> None:
    """Inbound a rider alights at their own worksite, outbound boards there; the other end is a stop in reach."""
    problem = case[0]
    for _, _, run in every_run(case):
        for rider, board, alight in run.seats:
            inbound = run.direction is Direction.INBOUND
            stop, site = (board, alight) if inbound else (alight, board)
            walk = problem.walks.walk_m(rider, stop)
            assert site == problem.node(problem.riders[rider].worksite_id)
            assert walk is not None
            assert walk <= problem.rules.walk_limit_m(problem.riders[rider].need)
            assert run.nodes.index(board) < run.nodes.index(alight)


def test_a_run_calls_nowhere_twice_and_nowhere_in_vain(case: Case) -> None:
    for _, _, run in every_run(case):
        assert len(set(run.nodes)) == len(run.nodes)
        assert set(run.nodes) == {node for _, board, alight in run.seats for node in (board, alight)}


def test_the_clock_of_a_run_is_driving_and_standing_added_up(case: Case) -> None:
    problem = case[0]
    for _, line, run in every_run(case):
        drive = problem.travel[run.period].duration
        stands = []
        for node in run.nodes:
            # Dwells count those who move on the busiest day; here all travel on the same days.
            moving = sum(problem.riders[r].count for r, board, alight in run.seats if node in (board, alight))
            stands.append(problem.rules.dwell_s(moving, at_worksite=problem.is_worksite(node)))
        driving = sum(int(drive[a, b]) for a, b in itertools.pairwise(run.nodes))
        assert run.end - run.begin == driving + sum(stands), line
        assert run.departure == run.begin + stands[0]


def test_the_clock_stays_in_every_riders_window_however_a_run_is_moved(case: Case) -> None:
    problem = case[0]
    for _, _, run in every_run(case):
        arrive, leave = clocks(problem, run)
        assert min(run.earlier, run.later) >= 0
        for rider, board, alight in run.seats:
            shift = problem.shift(problem.riders[rider].shift_id)
            assert shift is not None
            window = problem.rules.window(shift, run.direction)
            assert window is not None
            clock = arrive[alight] if run.direction is Direction.INBOUND else leave[board]
            assert window[0] <= clock - run.earlier
            assert clock + run.later <= window[1]


def clocks(problem: Problem, run: Run) -> tuple[dict[int, int], dict[int, int]]:
    """Return when a run reaches and leaves each node [s]."""
    drive = problem.travel[run.period].duration
    arrive, leave, clock = {}, {}, run.begin
    for before, node in zip((None, *run.nodes), run.nodes, strict=False):
        clock += 0 if before is None else int(drive[before, node])
        arrive[node] = clock
        moving = sum(problem.riders[r].count for r, board, alight in run.seats if node in (board, alight))
        clock += problem.rules.dwell_s(moving, at_worksite=problem.is_worksite(node))
        leave[node] = clock
    return arrive, leave


def test_the_peak_is_the_most_people_aboard_and_has_a_seat(case: Case) -> None:
    problem = case[0]
    seats = [kind.seats for kind in problem.vehicle_types]
    for _, lines in case[1]:
        for line in lines:
            aboard = []
            for run in line.runs:
                change = dict.fromkeys(run.nodes, 0)
                for rider, board, alight in run.seats:
                    change[board] += problem.riders[rider].count
                    change[alight] -= problem.riders[rider].count
                aboard.append(max(itertools.accumulate(change.values())))
            assert line.peak == max(aboard)
            assert line.peak <= seats[line.type_index]


def test_a_line_names_the_shifts_it_serves_and_no_other(case: Case) -> None:
    problem = case[0]
    for _, lines in case[1]:
        for line in lines:
            assert set(line.shift_ids) == {problem.riders[r].shift_id for r in line.riders}
            assert len(set(line.shift_ids)) == len(line.shift_ids)


def test_lines_share_vehicles_only_where_vehicles_are_part_of_the_search(case: Case) -> None:
    for search, lines in case[1]:
        chained = search.encoded.part.chained
        assert all((line.vehicle >= 0) is chained for line in lines)
        if chained:
            assert len({line.vehicle for line in lines}) == search.state.now[BEST_VEHICLES]


def test_a_relay_lets_one_vehicle_drive_several_lines() -> None:
    (search,) = searches(draw(TOWNS["relay"]))
    search.anneal(400, 0.5)
    lines = search.best()
    assert search.encoded.part.chained
    assert len({line.vehicle for line in lines}) < len(lines)


def test_reading_the_lines_leaves_the_search_as_it_is(case: Case) -> None:
    for search, lines in case[1]:
        before = float(search.state.number[BEST_TOTAL])
        assert found_lines(case[0], search.encoded, search.state) == lines
        assert search.state.number[BEST_TOTAL] == before


def test_a_search_without_a_best_has_no_lines() -> None:
    problem = draw(TOWNS["both ways"])
    (search,) = searches(problem)
    fresh = new_state(search.encoded.given, 1)
    assert found_lines(problem, search.encoded, fresh) == []
