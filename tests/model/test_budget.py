"""Budgets: none by default, nothing at all at the least."""

import pytest

from routing.model.budget import UNLIMITED, Budget
from tests.cases import town


def test_a_problem_has_no_budget_unless_it_is_given_one() -> None:
    assert town().budget == UNLIMITED == Budget(max_vehicles=None, max_cost_fen=None)


@pytest.mark.parametrize("field", ["max_vehicles", "max_cost_fen"])
def test_a_budget_may_be_nothing_but_not_less(field: str) -> None:
    """A planner who asks for zero vehicles gets nobody served, not an error of ours."""
    assert getattr(Budget(**{field: 0}), field) == 0
    with pytest.raises(ValueError, match=f"{field} is negative"):
        Budget(**{field: -1})
