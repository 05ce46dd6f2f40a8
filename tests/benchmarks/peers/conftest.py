"""Small inbound problems for the tests of the race with peers."""

import pytest

from benchmarks.peers.inbound import inbound_only
from routing.model.demand import Shift
from routing.model.problem import Problem
from routing.model.rules import ServiceRules
from tests.solver.towns import TYPES, Town, draw

SHIFTS = (Shift(shift_id="day", start=8 * 3600, end=17 * 3600), Shift(shift_id="late", start=10 * 3600, end=19 * 3600))
RULES = ServiceRules(min_load=3, max_stops=6)


def town(seed: int = 1, **changes: object) -> Problem:
    """Draw an inbound problem of two shifts, two worksites and 40 riders, some of them in groups."""
    facts = {"riders": 40, "places": 8, "shifts": SHIFTS, "rules": RULES, "seed": seed, "counts": 2, "mixed_days": True}
    return inbound_only(draw(Town(**(facts | changes))))  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def problem() -> Problem:
    return town()


@pytest.fixture(scope="session")
def small_fleet() -> Problem:
    """Draw a town with so few vehicles that not everyone can be brought to work."""
    return town(available=(1, 1), depots=1, types=TYPES)
