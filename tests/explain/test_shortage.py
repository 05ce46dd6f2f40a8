"""What a plan has used up: vehicles and money, as reasons and as the least that would have to be added.

Fay is left out; whatever is found for her is applied to the whole plan and judged (``explained``).
"""

from dataclasses import replace

import pytest

from routing.evaluate import evaluate
from routing.explain import apply_remedy
from routing.explain.remedy import beyond
from routing.explain.vicinity import ROUNDING_FEN
from routing.model.budget import Budget
from routing.model.demand import Shift
from routing.model.plan import Reason
from routing.model.units import parse_clock
from tests.cases import IN, town, town_plan, with_rules
from tests.explain.conftest import Explained, FayAt

HILL = {"hill": 100}


def noon() -> Shift:
    return Shift(shift_id="noon", start=parse_clock("13:00"), end=parse_clock("21:00"))


@pytest.mark.parametrize("budget", [Budget(max_vehicles=2), Budget(max_cost_fen=62_692 + 1_000)])
def test_no_line_is_opened_beyond_the_budget(explained: Explained, fay_at: FayAt, budget: Budget) -> None:
    """Two vehicles are in use and 626.92 yuan spent: what would take a third vehicle is not offered."""
    problem = fay_at({"hill": 1_200}, worksite_id="south")
    assert explained(problem, town_plan())[1] is not None
    assert explained(replace(problem, budget=budget), town_plan()) == (Reason.NO_STOP_IN_WALK, None)


@pytest.mark.parametrize(("spare_fen", "kind", "amount"), [(72, "price", 1_960 - 20_000), (67, "money", 5)])
def test_a_seat_beyond_the_money_is_found_for_the_money_it_lacks(
    explained: Explained, fay_at: FayAt, spare_fen: int, kind: str, amount: int
) -> None:
    """The halt at the hill keeps the vehicle 68 s longer under way, at a fen each, and 4 fen are kept for rounding."""
    problem = replace(fay_at(HILL), budget=Budget(max_cost_fen=62_692 + spare_fen))
    reason, finding = explained(problem, town_plan())
    assert finding is not None
    assert (finding.kind, finding.amount) == (kind, amount)
    assert reason is {"price": Reason.UNKNOWN, "money": Reason.BUDGET_SPENT}[kind]
    assert finding.remedy.more_fen == (amount if kind == "money" else 0)


def test_money_is_the_reason_where_nothing_else_stands_in_the_way(explained: Explained, fay_at: FayAt) -> None:
    """Where one rider opens a line, the seat on line a lacks five fen, and a line of her own far more."""
    problem = with_rules(replace(fay_at(HILL), budget=Budget(max_cost_fen=62_692 + 67)), min_load=1)
    reason, finding = explained(problem, town_plan())
    assert finding is not None
    assert (reason, finding.kind, finding.amount) == (Reason.BUDGET_SPENT, "money", 5)
    assert "0.05 yuan a day more in the budget" in finding.text


def test_one_more_vehicle_where_all_are_in_use(explained: Explained, fay_at: FayAt) -> None:
    """Two people wait at noon and two open a line, but both vehicles drive at other hours."""
    problem = fay_at(HILL, replace(town(), shifts=(*town().shifts, noon())), shift_id="noon", count=2)
    problem = replace(problem, fleet=(replace(problem.fleet[0], available=1), problem.fleet[1]))
    reason, finding = explained(problem, town_plan())
    assert finding is not None
    assert (reason, finding.kind, finding.amount, finding.also) == (Reason.NO_VEHICLE_LEFT, "vehicles", 1, ())
    assert finding.share == 0.5
    told = finding.relaxation(IN)
    assert (told.unit, told.trip_id, told.also) == ("vehicles", None, None)


def test_one_more_vehicle_where_the_budget_of_vehicles_is_spent(explained: Explained, fay_at: FayAt) -> None:
    """A small vehicle stands idle, and may not be used: two are in use, and two are allowed."""
    problem = fay_at(HILL, replace(town(), shifts=(*town().shifts, noon())), shift_id="noon", count=2)
    reason, finding = explained(replace(problem, budget=Budget(max_vehicles=2)), town_plan())
    assert finding is not None
    assert (reason, finding.kind, finding.amount) == (Reason.NO_VEHICLE_LEFT, "vehicles", 1)
    assert (finding.remedy.fleet, finding.remedy.more_vehicles) == ((), 1)


def test_more_money_where_a_line_of_ones_own_is_what_it_does_not_pay(explained: Explained, fay_at: FayAt) -> None:
    """The line takes exactly what it adds to the money spent, and what is kept for rounding."""
    problem = fay_at(HILL, replace(town(), shifts=(*town().shifts, noon())), shift_id="noon", count=2)
    spent = evaluate(problem, town_plan()).cost_parts.spent
    reason, finding = explained(replace(problem, budget=Budget(max_cost_fen=spent)), town_plan())
    assert finding is not None
    after = evaluate(*apply_remedy(problem, town_plan(), finding.remedy))
    assert (reason, finding.kind) == (Reason.BUDGET_SPENT, "money")
    assert 0 <= finding.amount - (after.cost_parts.spent - spent) <= ROUNDING_FEN


def test_where_vehicle_and_neighbours_are_missing_both_are_told(explained: Explained, fay_at: FayAt) -> None:
    """Alone at noon with every vehicle in use, fay lacks one of each; one without the other would not do."""
    problem = fay_at(HILL, replace(town(), shifts=(*town().shifts, noon())), shift_id="noon")
    problem = replace(problem, fleet=(replace(problem.fleet[0], available=1), problem.fleet[1]))
    reason, finding = explained(problem, town_plan())
    assert finding is not None
    assert (reason, finding.kind, finding.amount) == (Reason.NO_VEHICLE_LEFT, "vehicles", 1)
    assert finding.also == (("neighbours", 1),)
    also = finding.relaxation(IN).also
    assert also is not None
    assert (also.kind, also.amount, also.unit) == ("neighbours", 1, "riders")
    for less in (replace(finding.remedy, fleet=()), replace(finding.remedy, copies=())):
        verdict = evaluate(*apply_remedy(problem, town_plan(), less))
        assert beyond(evaluate(problem, town_plan()).violations, verdict.violations)
