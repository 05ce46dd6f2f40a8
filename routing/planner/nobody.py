"""Where no line opens for anyone: which rule stands in the way, and the nearest relaxation that the judge accepts."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from routing.errors import NoPlanError
from routing.evaluate import Evaluation, evaluate
from routing.explain.certain import certain_reason
from routing.explain.remedy import walk_rows
from routing.model.plan import Line, Plan, Reason, Unserved
from routing.model.problem import Problem
from routing.model.units import fen_to_yuan
from routing.planner.levers import Lever, levers
from routing.solver import MaxIterations, solve

SAMPLE = 300
"""Riders looked at where there are more; one line for some of them is all that is asked for."""
ITERATIONS = 150
DEAR_FEN = 10**8
"""Price [fen] of leaving a rider out at which only rules, and no costs, keep a line from opening."""
FINENESS = 200
"""A lever is moved to within this part of what was found to do."""
Moves = tuple[tuple[Lever, int], ...]
"""Levers and by how many steps each is moved."""
OTHERS = 2
"""Further relaxations that are told beside the nearest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A plan that serves somebody and breaks no rule, with the judge's word on it."""

    plan: Plan
    verdict: Evaluation


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Levers, each moved by some steps, and what then opens."""

    moves: tuple[tuple[Lever, int], ...]
    opening: Opening

    def moved(self, problem: Problem) -> Problem:
        """Return the relaxed problem."""
        return _moved(problem, self.moves)

    @property
    def weight(self) -> float:
        """How much gives, as a share of what is promised."""
        return sum(lever.weight * steps for lever, steps in self.moves)


def serve_somebody(problem: Problem) -> Plan:
    """Return a plan that is better than serving nobody.

    For problems whose search ended without a line: looks for one again at any price, and tells whether
    rules or costs forbid it.

    Raises
    ------
    NoPlanError
        Where none is found: with the rule, how many people it concerns, and the nearest relaxation with which
        the judge accepts a line.
    """
    nobody = evaluate(problem, _nobody(problem))
    opening = find_opening(problem)
    if opening is None:
        raise _rules_forbid(problem)
    if opening.verdict.objective < nobody.objective:
        return opening.plan
    raise _costs_forbid(problem, nobody, opening)


def find_opening(problem: Problem) -> Opening | None:
    """Return the cheapest plan found in which some line opens, whatever it costs; None where there is none."""
    sample = _sample(problem)
    eager = replace(sample, costs=replace(sample.costs, unserved=DEAR_FEN))
    plan = solve(eager, stop=MaxIterations(iterations=ITERATIONS)).plan
    openings = (Opening(plan=p, verdict=evaluate(problem, p)) for p in _parts(problem, plan))
    kept = (o for o in openings if o.plan.lines and o.verdict.feasible)
    return min(kept, key=lambda o: o.verdict.cost_fen, default=None)


def find_ways(problem: Problem) -> list[Way]:
    """Return the levers that alone let a line open, the gentlest first, each moved as little as was found to do.

    Where none does alone, one set of levers of which none can be left out.
    """
    handles = levers(problem)
    ways = [way for lever in handles if (way := _least(problem, (), lever)) is not None]
    if not ways and (together := _together(problem, handles)) is not None:
        ways = [together]
    return sorted(ways, key=lambda way: way.weight)


def _together(problem: Problem, handles: Sequence[Lever]) -> Way | None:
    """Move every lever as far as it goes, then put back one after the other what a line can open without."""
    moves = tuple((lever, lever.most) for lever in handles)
    if find_opening(_moved(problem, moves)) is None:
        return None
    for lever, _ in moves:
        others = tuple(move for move in moves if move[0] is not lever)
        if find_opening(_moved(problem, others)) is not None:
            moves = others
    way = None
    for lever, _ in moves:
        others = tuple(move for move in moves if move[0] is not lever)
        way = _least(problem, others, lever)
        if way is None:
            return None
        moves = way.moves
    return way


def _least(problem: Problem, others: Moves, lever: Lever) -> Way | None:
    """Move a lever as far as it goes, then back while a line still opens; other levers stay moved."""
    relaxed = _moved(problem, others)
    opening = find_opening(lever.moved(relaxed, lever.most))
    if opening is None:
        return None
    too_few, enough = 0, _needed(relaxed, lever, opening, 0, lever.most)
    while enough - too_few > max(1, enough // FINENESS):
        middle = (too_few + enough) // 2
        better = find_opening(lever.moved(relaxed, middle))
        if better is None:
            too_few = middle
        else:
            opening, enough = better, _needed(relaxed, lever, better, too_few, middle)
    return Way(moves=(*others, (lever, enough)), opening=opening)


def _needed(problem: Problem, lever: Lever, opening: Opening, too_few: int, enough: int) -> int:
    """Return the fewest steps with which the judge accepts one and the same plan."""
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        if evaluate(lever.moved(problem, middle), opening.plan).feasible:
            enough = middle
        else:
            too_few = middle
    return enough


def _moved(problem: Problem, moves: Moves) -> Problem:
    for lever, steps in moves:
        problem = lever.moved(problem, steps)
    return problem


def _sample(problem: Problem) -> Problem:
    """Return the problem with as many riders as can be tried quickly: the nearest of the largest shift at one site."""
    if len(problem.riders) <= SAMPLE:
        return problem
    people: Counter[tuple[str, str]] = Counter()
    for rider in problem.riders:
        people[rider.worksite_id, rider.shift_id] += rider.count
    largest = max(sorted(people), key=lambda group: people[group])
    own = [i for i, r in enumerate(problem.riders) if (r.worksite_id, r.shift_id) == largest]
    own.sort(key=lambda i: int(problem.walks.row(i)[1].min(initial=1 << 30)))
    rows = sorted(own[:SAMPLE])
    riders = tuple(problem.riders[i] for i in rows)
    return replace(problem, riders=riders, walks=walk_rows(problem.walks, rows))


def _parts(problem: Problem, plan: Plan) -> Iterator[Plan]:
    """Yield a plan as it is, and each of its lines alone, with everyone else of the problem left out."""
    yield _only(problem, plan, plan.lines)
    if len(plan.lines) > 1:
        for line in plan.lines:
            yield _only(problem, plan, (line,))


def _only(problem: Problem, plan: Plan, lines: tuple[Line, ...]) -> Plan:
    trips = {trip.trip_id for line in lines for trip in line.trips}
    seats = tuple(a for a in plan.assignments if a.trip_id in trips)
    blocks = (replace(b, trip_ids=tuple(t for t in b.trip_ids if t in trips)) for b in plan.blocks)
    served = {(seat.rider_id, seat.direction) for seat in seats}
    return Plan(
        lines=lines,
        assignments=seats,
        blocks=tuple(block for block in blocks if block.trip_ids),
        unserved=tuple(u for u in _nobody(problem).unserved if (u.rider_id, u.direction) not in served),
    )


def _nobody(problem: Problem) -> Plan:
    """Return the plan that leaves everyone out."""
    missing = []
    for rider in problem.riders:
        shift = problem.shift(rider.shift_id)
        ways = () if shift is None else shift.directions
        missing += [Unserved(rider_id=rider.rider_id, direction=way, reason=Reason.UNKNOWN) for way in ways]
    return Plan(unserved=tuple(missing))


def _rules_forbid(problem: Problem) -> NoPlanError:
    concerned, people = _census(problem), sum(rider.count for rider in problem.riders)
    found = find_ways(problem)
    if not found:
        reasons = ", ".join(f"{reason.replace('_', ' ')} for {count}" for reason, count in concerned.most_common())
        cause = f"{reasons or 'the search found none'}; no limit was found whose relaxation would change that"
        action = "Add riders or vehicles, or relax several rules of scenario.toml by far."
        return NoPlanError("no_line_for_anyone", f"No line can be opened for any of {people} people: {cause}.", action)
    stand_in_the_way = [lever for lever, _ in found[0].moves]
    causes = []
    for lever in stand_in_the_way:
        others = people - sum(concerned.values()) or people
        count = concerned.get(lever.phrase.replace(" ", "_"), others)
        limit = f"{lever.key} = {lever.shown(problem)}"
        causes.append(f"{lever.phrase} ({count} of {people} people); the rule is {lever.rule}, {limit}")
    advice = "; or ".join(_advice(problem, way) for way in found[: 1 + OTHERS])
    return NoPlanError(
        "no_line_for_anyone",
        f"No line can be opened for anyone: {'; and '.join(causes)}.",
        f"{advice[0].upper()}{advice[1:]}.",
        rule=stand_in_the_way[0].rule,
    )


def _advice(problem: Problem, way: Way) -> str:
    moved = way.moved(problem)
    seated = {seat.rider_id for seat in way.opening.plan.assignments}
    people = sum(rider.count for rider in problem.riders if rider.rider_id in seated)
    changes = (f"{lever.key} = {lever.shown(moved)} instead of {lever.shown(problem)}" for lever, _ in way.moves)
    return f"with {' and '.join(changes)}, lines for {people} people keep every rule (checked)"


def _census(problem: Problem) -> Counter[str]:
    """Return how many people cannot be served whatever lines there are, by the reason."""
    people: Counter[str] = Counter()
    for index, rider in enumerate(problem.riders):
        shift = problem.shift(rider.shift_id)
        reason = None if shift is None else certain_reason(problem, index, shift.directions)
        if reason is not None:
            people[reason.value] += rider.count
    return people


def _costs_forbid(problem: Problem, nobody: Evaluation, opening: Opening) -> NoPlanError:
    """Tell at what price of leaving riders out the cheapest line found would open."""
    served = max(1, opening.verdict.kpis.served)
    extra = opening.verdict.cost_fen - nobody.cost_fen
    price = problem.costs.unserved + extra // served + 1
    dearer = replace(problem, costs=replace(problem.costs, unserved=price))
    pays = evaluate(dearer, opening.plan).cost_fen < evaluate(dearer, _nobody(dearer)).cost_fen
    before, after = (f"{fen_to_yuan(fen):g}" for fen in (problem.costs.unserved, price))
    return NoPlanError(
        "no_line_for_anyone",
        f"No line is worth opening for anyone: costs more than leaving ({nobody.kpis.riders} people); the rule is "
        f"unserved, costs.unserved_yuan_per_rider = {before}. The cheapest line found keeps every promise to {served} "
        f"people and costs {fen_to_yuan(extra):,.2f} yuan a day more than leaving them out.",
        f"With costs.unserved_yuan_per_rider = {after} it opens (checked)." if pays else "Raise that price.",
        rule="unserved",
    )
