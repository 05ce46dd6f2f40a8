"""The judge: solver, command line, API, notebooks and tests all ask `evaluate`."""

from collections import Counter
from dataclasses import asdict, dataclass

from routing.evaluate import accounting, budgets, changes, pins, promises, trips, vehicles
from routing.evaluate.changes import ChangeTally
from routing.evaluate.costs import CostParts, count_costs
from routing.evaluate.findings import Rule, Violation
from routing.evaluate.kpis import Kpis, measure
from routing.model.plan import Plan
from routing.model.problem import Problem
from routing.schedule import PlanSchedule, TripSchedule, schedule_plan

__all__ = ["ChangeTally", "CostParts", "Evaluation", "Kpis", "Rule", "Violation", "evaluate", "judge_trip"]

TRIP_RULES = (
    promises.check_seats_make_sense,
    promises.check_walk,
    promises.check_ride,
    promises.check_windows,
    trips.check_load,
    trips.check_trip_time,
    trips.check_one_worksite,
    trips.check_min_load,
    trips.check_stops,
)
"""The rules that a trip keeps or breaks by itself, whatever the rest of the plan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """The judge's verdict: derived from a problem and a plan, never stored in either.

    Attributes
    ----------
    violations : tuple of Violation
        Every broken promise; empty for a plan that keeps them all.
    cost_parts : CostParts
        [fen] for one day, both directions.
    schedule : PlanSchedule
        Clock times and loads the verdict was made from.
    objective : tuple of int
        What plans are weighed by, the smaller the better: the cost and the price of changes [fen]; with
        `CostRates.fewest_vehicles_first` people unserved, vehicles and these, in this order.
    changes : ChangeTally or None
        Who feels a change against the running plan; None where nothing runs yet.
    """

    violations: tuple[Violation, ...]
    cost_parts: CostParts
    kpis: Kpis
    schedule: PlanSchedule
    objective: tuple[int, ...]
    changes: ChangeTally | None = None

    @property
    def cost_fen(self) -> int:
        """Cost of one day [fen]."""
        return self.cost_parts.total

    @property
    def feasible(self) -> bool:
        """Tell whether no rule is broken."""
        return not self.violations

    def violations_by_rule(self) -> dict[str, int]:
        """Return the number of violations of each broken rule."""
        return dict(sorted(Counter(v.rule.value for v in self.violations).items()))

    def summary(self) -> dict[str, object]:
        """Return costs and key figures under the names of the plan document."""
        kpis = asdict(self.kpis)
        costs = {"cost_fen": self.cost_fen, "cost_parts": asdict(self.cost_parts)}
        moved = {} if self.changes is None else {"changes": asdict(self.changes)}
        return kpis | costs | {"violations": len(self.violations)} | moved


def evaluate(problem: Problem, plan: Plan) -> Evaluation:
    """Judge any plan, own or foreign.

    Never raises for a bad plan: what cannot be resolved is a violation of the rule ``reference``.

    Parameters
    ----------
    problem : Problem
        What is given.
    plan : Plan
        What was decided.

    Returns
    -------
    Evaluation
        Violations of every rule, cost parts [fen] and key figures.
    """
    schedule = schedule_plan(problem, plan)
    found: list[Violation] = []
    found += accounting.check_references(schedule)
    found += accounting.check_duplicates(plan)
    found += accounting.check_everyone_accounted(problem, plan, schedule)
    for trip in schedule.trips:
        found += judge_trip(problem, trip)
    found += promises.check_same_line(problem, schedule)
    found += trips.check_pinned_stops(problem, schedule)
    found += vehicles.check_references(problem, plan)
    found += vehicles.check_cover(plan)
    found += vehicles.check_overlap(problem, plan, schedule)
    found += vehicles.check_fleet(problem, plan)
    parts, mileage = count_costs(problem, plan, schedule)
    found += budgets.check_vehicle_budget(problem, plan)
    found += budgets.check_cost_budget(problem, parts)
    held = changes.promised(problem)
    broken = changes.find_changes(problem, plan, schedule, held)
    count = changes.tally(problem, broken, held)
    found += changes.check_frozen(problem, broken)
    found += pins.check_pins(problem, plan, broken)
    found += changes.check_change_budget(problem.changes, count)
    kpis = measure(problem, plan, schedule, mileage)
    first = (kpis.unserved, kpis.vehicles) if problem.costs.fewest_vehicles_first else ()
    price = 0 if count is None else count.price_fen
    return Evaluation(
        violations=tuple(found),
        cost_parts=parts,
        kpis=kpis,
        schedule=schedule,
        objective=(*first, parts.total + price),
        changes=count,
    )


def judge_trip(problem: Problem, schedule: TripSchedule) -> tuple[Violation, ...]:
    """Judge one trip by the rules that need nothing else of the plan."""
    return tuple(violation for check in TRIP_RULES for violation in check(problem, schedule))
