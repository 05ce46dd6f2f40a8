"""Pieces of one search put together again: vehicles keep their own trips, and only those."""

import pytest

from routing.evaluate import evaluate
from routing.model.rules import ServiceRules
from routing.solver import MaxIterations, solve
from routing.solver.choices import choose_stops
from routing.solver.fleet import available_types
from routing.solver.search import Search
from tests.solver.states import parts_of, searches, vehicles
from tests.solver.test_solve import accounted
from tests.solver.towns import RELAY, Town, draw

RULES = ServiceRules(min_load=1, turnaround_s=120)


def test_pieces_number_their_vehicles_by_themselves_and_are_told_apart_again() -> None:
    """Two pieces that both have a vehicle 0 have two vehicles together, with the trips they had."""
    problem = draw(Town(riders=40, places=14, shifts=RELAY, rules=RULES, seed=1))
    (part,) = parts_of(problem)
    pieces = searches(problem) + searches(problem)
    search = Search(
        problem=problem,
        parts=(part,),
        choices=choose_stops(problem),
        types=available_types(problem),
        stop=MaxIterations(iterations=1),
        seed=1,
        on_progress=None,
        lines=[[]],
    )
    search._gather([0, 0], pieces)
    days: dict[int, int] = {}
    for line in search.all_lines():
        days[line.vehicle] = days.get(line.vehicle, 0) + 1
    assert sorted(days.values()) == sorted(len(day) for piece in pieces for day in vehicles(piece.state))
    assert len(days) == 2 * len(vehicles(pieces[0].state))


@pytest.mark.parametrize("fewest", [True, False])
def test_a_divided_search_of_chains_keeps_every_promise(monkeypatch: pytest.MonkeyPatch, fewest: bool) -> None:
    """Pieces with turning seams and the whole in the end: the same plan on one thread and on two."""
    monkeypatch.setattr("routing.solver.divide.PIECE", 20)
    monkeypatch.setattr("routing.solver.search.PIECE", 20)
    problem = draw(Town(riders=90, places=30, shifts=RELAY, rules=RULES, seed=6, fewest=fewest))
    one, two = (solve(problem, stop=MaxIterations(iterations=3_000), workers=n).plan for n in (1, 2))
    assert one == two
    assert evaluate(problem, one).violations == ()
    assert accounted(problem, one)
