"""Each table of the report, by itself."""

import re
from dataclasses import replace
from html import unescape

import pytest

from routing.evaluate import Evaluation, evaluate
from routing.formats.document import PlanDocument, describe_plan
from routing.formats.report.tables import line_rows, parameters, tiles, unserved_table, violation_table
from routing.model.budget import Budget
from routing.model.demand import Direction
from routing.model.plan import Plan, Reason, Relaxation, Unserved
from routing.model.problem import Problem


def words(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", html))).strip()


def rows(html: str) -> list[str]:
    return [words(row) for row in re.findall(r"<tr.*?</tr>", html.rsplit("<tbody>", maxsplit=1)[-1])]


def left_out(*cases: tuple[str, Direction, Reason, Relaxation | None]) -> tuple[Unserved, ...]:
    return tuple(Unserved(rider_id=r, direction=d, reason=why, relaxation=more) for r, d, why, more in cases)


def relax(kind: str, amount: int, unit: str = "m") -> Relaxation:
    return Relaxation(kind=kind, amount=amount, unit=unit, text="")


def described(problem: Problem, plan: Plan) -> PlanDocument:
    return describe_plan(problem, plan, evaluate(problem, plan))


IN, OUT = Direction.INBOUND, Direction.OUTBOUND


def test_tiles_tell_the_operating_cost_apart_from_what_riders_pay_in_time(
    problem: Problem, document: PlanDocument, evaluation: Evaluation
) -> None:
    text = words(tiles(problem, document, evaluation))
    parts = evaluation.cost_parts
    operating = (parts.vehicles + parts.distance + parts.time) / 100
    assert f"Operating cost ¥{operating:,.0f} a day; ¥{operating / 90:,.2f} per boarding" in text
    for name, fen in (("riders aboard", parts.ride), ("riders on foot", parts.walk), ("vehicles", parts.vehicles)):
        assert f"{name} ¥{fen / 100:,.0f}" in text


def test_tiles_tell_which_vehicles_are_used(problem: Problem, document: PlanDocument, evaluation: Evaluation) -> None:
    assert "2 of 19 + 1 of 45 seats" in words(tiles(problem, document, evaluation))


def test_tiles_do_not_pretend_a_bound(problem: Problem, plan: Plan, evaluation: Evaluation) -> None:
    text = words(tiles(problem, describe_plan(problem, plan, evaluation), evaluation))
    assert "no bound was asked for" in text
    assert "optimum" not in text


@pytest.mark.parametrize(("limit", "style"), [(800, "good"), (100, "bad")])
def test_broken_promises_are_shown_as_such(problem: Problem, plan: Plan, limit: int, style: str) -> None:
    strict = replace(problem, rules=replace(problem.rules, max_walk_m=limit))
    html = tiles(strict, described(strict, plan), evaluate(strict, plan))
    assert f'class="tile {style}"' in html


def test_a_row_tells_first_and_last_stop_times_and_load(document: PlanDocument) -> None:
    first = rows(line_rows(document))[0]
    assert re.fullmatch(r"星海线 to work day 星海广场 七贤岭软件园 08:00 08:17 4 15 79% bus19 7\.7", first), first
    assert len(rows(line_rows(document))) == len(document.trips)


def test_a_row_of_a_foreign_trip_says_what_it_knows(document: PlanDocument) -> None:
    trips = tuple(
        replace(t, distance_m=None, calls=tuple(replace(c, arrive=None) for c in t.calls)) for t in document.trips
    )
    bare = replace(document, trips=trips, stops=(), vehicle_seats={})
    assert re.fullmatch(r"星海线 to work day P1a W1 08:00 – 4 15 – bus19 –", rows(line_rows(bare))[0])


def test_the_bar_of_a_full_trip_does_not_leave_its_cell(document: PlanDocument) -> None:
    crowded = replace(document, trips=tuple(replace(trip, riders=30) for trip in document.trips))
    html = line_rows(crowded)
    assert "158%" in html
    assert max(int(width) for width in re.findall(r"width:(\d+)%", html)) == 100


def test_riders_left_out_are_counted_by_worksite_and_shift(problem: Problem, plan: Plan) -> None:
    unserved = left_out(
        ("L1-00", IN, Reason.TOO_FEW_NEIGHBOURS, relax("neighbours", 3, "riders")),
        ("L1-01", IN, Reason.TOO_FEW_NEIGHBOURS, relax("neighbours", 5, "riders")),
        ("L1-02", IN, Reason.TOO_FEW_NEIGHBOURS, relax("neighbours", 4, "riders")),
        ("L3-00", OUT, Reason.UNKNOWN, None),
    )
    found = rows(unserved_table(problem, described(problem, replace(plan, unserved=unserved))))
    assert found == [
        "too few riders to open a trip 七贤岭软件园 day to work 3 neighbours: 3 to 5 riders, median 4 (3)",
        "unknown: no reason could be proved 河口园区 night home 1 no single change was found",
    ]


def test_groups_count_people_not_rows(problem: Problem, plan: Plan) -> None:
    crowd = tuple(replace(r, count=4) if r.rider_id == "far" else r for r in problem.riders)
    grouped = replace(problem, riders=crowd)
    unserved = left_out(("far", IN, Reason.NO_STOP_IN_WALK, None), ("far", OUT, Reason.NO_STOP_IN_WALK, None))
    (row,) = rows(unserved_table(grouped, described(grouped, replace(plan, unserved=unserved))))
    assert row.startswith("no stop within the walk limit 七贤岭软件园 day both ways 4 ")


def test_different_remedies_are_told_apart(problem: Problem, plan: Plan) -> None:
    unserved = left_out(
        ("L1-00", IN, Reason.RIDE_TOO_LONG, relax("ride", 60, "s")),
        ("L1-01", IN, Reason.RIDE_TOO_LONG, relax("walk", 200)),
    )
    (row,) = rows(unserved_table(problem, described(problem, replace(plan, unserved=unserved))))
    assert row.endswith("ride: 60 s (1); walk: 200 m (1)")


def test_a_rider_that_nobody_knows_is_left_to_the_judge(problem: Problem, plan: Plan) -> None:
    stranger = left_out(("stranger", IN, Reason.UNKNOWN, None))
    assert "Nobody" in unserved_table(problem, described(problem, replace(plan, unserved=stranger)))


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_words(problem: Problem, plan: Plan, reason: Reason) -> None:
    unserved = left_out(("far", IN, reason, None))
    (row,) = rows(unserved_table(problem, described(problem, replace(plan, unserved=unserved))))
    assert "_" not in row


def test_violations_are_counted_with_their_subjects(problem: Problem, plan: Plan) -> None:
    strict = replace(problem, rules=replace(problem.rules, max_walk_m=150))
    verdict = evaluate(strict, plan)
    broken = [v for v in verdict.violations if v.rule.value == "walk"]
    found = rows(violation_table(verdict))
    assert f"walk {len(broken)} {len({v.subject for v in broken})}" in found
    assert len(found) == len(verdict.violations_by_rule())


def test_without_violations_there_is_no_table(evaluation: Evaluation) -> None:
    assert violation_table(evaluation) == ""


def test_parameters_list_rules_prices_fleet_and_search(problem: Problem, document: PlanDocument) -> None:
    text = words(parameters(problem, document))
    for part in ("Promises", "on time 0.95", "ride, ¥ per rider and hour 12", "bus45, 45 seats 3 vehicles", "seed 7"):
        assert part in text
    assert "running time, s 1" in text


def test_parameters_of_a_plan_made_by_hand_have_no_search(problem: Problem, plan: Plan) -> None:
    assert "seed – iterations – status – running time, s –" in words(parameters(problem, described(problem, plan)))


def test_parameters_list_what_is_set_and_no_more(problem: Problem, document: PlanDocument) -> None:
    """A rule that does not apply is not shown as a dash; a budget has its own heading where there is one."""
    plain = words(parameters(problem, document))
    assert not any(part in plain for part in ("max trip", "site dwell", "Budget", "weighed first", "–"))
    rules = replace(problem.rules, max_trip_s=2_700, site_dwell_s_per_rider=0, one_worksite_per_trip=True)
    costs = replace(problem.costs, fewest_vehicles_first=True)
    budget = Budget(max_vehicles=12, max_cost_fen=1_234_567)
    text = words(parameters(replace(problem, rules=rules, costs=costs, budget=budget), document))
    for part in ("max trip, min 45", "site dwell s per rider 0", "one worksite per trip yes"):
        assert part in text
    assert "weighed first riders served, then vehicles" in text
    assert "Budget max vehicles 12 most spent, ¥ per day 12,345.67" in text
