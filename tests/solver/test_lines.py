"""Lines read back from the arrays of a search, against what the problem says of them."""

import itertools
from dataclasses import replace

import pytest

from routing.model.demand import Direction
from routing.model.problem import Problem
from routing.model.rules import ServiceRules
from routing.solver.encode import Encoded
from routing.solver.layout import BEST_SLOT
from routing.solver.lines import FoundLine, Run, found_lines
from routing.solver.piece import PieceSearch
from tests.solver.states import searches
from tests.solver.towns import RELAY, Town, draw

RULES = ServiceRules(min_load=2, max_stops=8)
TOWNS = {
    "both ways": Town(riders=30, rules=RULES, seed=3),
    "ways apart": Town(riders=30, rules=replace(RULES, same_line_both_ways=False), seed=4),
    "relay": Town(riders=30, rules=RULES, shifts=RELAY, seed=5),
    "groups": Town(riders=20, rules=RULES, counts=3, short_walks=0.3, seed=6),
}


def found(town: Town) -> tuple[Problem, list[tuple[PieceSearch, FoundLine]]]:
    """Return a problem and the lines of a short search in each of its parts."""
    problem = draw(town)
    lines = []
    for search in searches(problem):
        search.construct()
        search.anneal(300, 1.0)
        lines += [(search, line) for line in found_lines(problem, search.encoded, search.state)]
    return problem, lines


@pytest.fixture(params=TOWNS, scope="module")
def case(request: pytest.FixtureRequest) -> tuple[Problem, list[tuple[PieceSearch, FoundLine]]]:
    return found(TOWNS[request.param])
