"""Lines that run with fewer people than opening takes, told although no rule is broken."""

import pytest

from routing.evaluate import evaluate
from routing.rebalance.thin import ThinLine, thin_lines
from tests.cases import OUT, town, town_plan, with_rules, without

PLAN = town_plan()


@pytest.mark.parametrize(("needed", "names"), [(1, []), (3, []), (4, ["a", "b"]), (2, [])])
def test_a_line_is_thin_below_what_opens_one(needed: int, names: list[str]) -> None:
    """Three people ride each line; eve is two of them."""
    problem = with_rules(town(), min_load=needed)
    found = thin_lines(problem, evaluate(problem, PLAN))
    assert [line.line_id for line in found] == names
    assert all((line.riders, line.needed) == (3, needed) for line in found)


def test_the_emptiest_trip_counts_and_the_emptiest_line_comes_first() -> None:
    problem = with_rules(town(), min_load=4)
    plan = without(PLAN, "eve", OUT)
    names = {line.line_id: line.name for line in PLAN.lines}
    assert thin_lines(problem, evaluate(problem, plan)) == (
        ThinLine(line_id="b", name=names["b"], riders=1, needed=4),
        ThinLine(line_id="a", name=names["a"], riders=3, needed=4),
    )


def test_an_empty_plan_has_no_thin_line() -> None:
    problem = town()
    assert thin_lines(problem, evaluate(problem, without(PLAN, "ann"))) == ()
