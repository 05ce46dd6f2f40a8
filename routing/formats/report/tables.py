"""Writes the report's tables as HTML: key figures, lines, riders left out, violations, parameters."""

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import fields
from html import escape

from routing.evaluate import Evaluation
from routing.formats.colours import line_colours
from routing.formats.document import PlanDocument
from routing.formats.report.charts import stacked_bar
from routing.model.budget import Budget
from routing.model.demand import Direction
from routing.model.plan import Reason, Unserved
from routing.model.problem import Problem
from routing.model.rules import ServiceRules
from routing.model.units import METRES_PER_KM, MINUTE_S, fen_to_yuan, format_clock

_WAYS = {Direction.INBOUND: "to work", Direction.OUTBOUND: "home"}
_COSTS = {
    "vehicles": "vehicles",
    "distance": "distance",
    "time": "driving time",
    "ride": "riders aboard",
    "walk": "riders on foot",
    "unserved": "riders left out",
}
_REASONS = {
    Reason.NO_STOP_IN_WALK: "no stop within the walk limit",
    Reason.RIDE_TOO_LONG: "every ride would be too long",
    Reason.TOO_FEW_NEIGHBOURS: "too few riders to open a trip",
    Reason.NO_VEHICLE_LARGE_ENOUGH: "no vehicle is large enough",
    Reason.NO_VEHICLE_LEFT: "a line could open, but every vehicle is in use or the budget of vehicles is",
    Reason.BUDGET_SPENT: "a seat would cost more money than the budget has left",
    Reason.COSTS_MORE_THAN_LEAVING: "a seat would cost more than the price of leaving out",
    Reason.UNKNOWN: "unknown: no reason could be proved",
}


def tiles(problem: Problem, document: PlanDocument, evaluation: Evaluation) -> str:
    """Return the key figures as tiles."""
    kpis, parts = evaluation.kpis, evaluation.cost_parts
    operating = parts.vehicles + parts.distance + parts.time
    boardings = sum(trip.riders for trip in document.trips)
    share = kpis.served / kpis.riders if kpis.riders else 0.0
    rules = problem.rules
    found = len(evaluation.violations)
    gap = document.summary.get("gap")
    proved = f"no plan is more than {gap:.1%} cheaper" if isinstance(gap, float) else "no bound was asked for"
    content = [
        ("Riders served", f"{share:.1%}", f"{kpis.served:,} of {kpis.riders:,}; {kpis.unserved:,} explained", ""),
        ("Lines", f"{kpis.lines:,}", f"{kpis.trips:,} trips, {kpis.riders_per_trip:.1f} riders each", ""),
        ("Vehicles", f"{kpis.vehicles:,}", f"{kpis.trips_per_vehicle:.1f} trips each, {_fleet(document)}", ""),
        ("Seats filled", f"{kpis.mean_load_factor:.0%}", "mean over trips, busiest weekday", ""),
        (
            "Walk",
            f"{kpis.mean_walk_m:,.0f} m",
            f"95 % below {kpis.p95_walk_m:,.0f} m; promise {rules.max_walk_m} m",
            "",
        ),
        (
            "Ride",
            f"{kpis.mean_ride_s / 60:.0f} min",
            f"95 % below {kpis.p95_ride_s / 60:.0f} min, {kpis.p95_ride_ratio:.2f} × the direct drive",
            "",
        ),
        (
            "Operating cost",
            _yuan(operating),
            f"a day; {_yuan(operating / boardings, 2) if boardings else '–'} per boarding",
            "",
        ),
        (
            "Broken promises",
            f"{found:,}",
            "every rule checked" if not found else "see below",
            "bad" if found else "good",
        ),
    ]
    cells = [
        f'<div class="tile {style}"><h3>{escape(name)}</h3><p class="figure">{escape(figure)}</p>'
        f"<p>{escape(note)}</p></div>"
        for name, figure, note, style in content
    ]
    return f'<div class="tiles">{"".join(cells)}</div>{_cost_bar(evaluation, proved)}'


def line_rows(document: PlanDocument) -> str:
    """Return the body of the table of trips, a row each."""
    names = {stop.stop_id: stop.name for stop in document.stops}
    colours = line_colours(document)
    rows = []
    for line, trip, more in document.rows():
        seats = document.vehicle_seats.get(trip.vehicle_type_id)
        share = more.riders / seats if seats else 0.0
        arrival = more.calls[-1].arrive
        ends = [names.get(more.calls[i].stop_id, more.calls[i].stop_id) for i in (0, -1)]
        bar = _load_bar(share) if seats else "–"
        cells = (
            f'<td><span class="chip" style="background:{colours[line.line_id]}"></span>{escape(line.name)}</td>',
            f"<td>{_WAYS[trip.direction]}</td><td>{escape(', '.join(trip.shift_ids))}</td>",
            f"<td>{escape(ends[0])}</td><td>{escape(ends[1])}</td>",
            f"<td>{format_clock(trip.departure)[:5]}</td>",
            f"<td>{'–' if arrival is None else format_clock(arrival)[:5]}</td>",
            f'<td class="n">{len(more.calls)}</td><td class="n">{more.riders}</td>',
            f'<td class="n" data-value="{share:.4f}">{bar}</td><td>{escape(trip.vehicle_type_id)}</td>',
            f'<td class="n">{"–" if more.distance_m is None else f"{more.distance_m / METRES_PER_KM:.1f}"}</td>',
        )
        rows.append(f'<tr data-line="{escape(line.line_id)}">{"".join(cells)}</tr>')
    return "".join(rows)


def _load_bar(share: float) -> str:
    width = min(1.0, share)
    return f'<span class="load"><i style="width:{width:.0%}"></i></span><span class="share">{share:.0%}</span>'


def unserved_table(problem: Problem, document: PlanDocument) -> str:
    """Return riders left out, grouped by reason, worksite and shift: nobody is named, no home is shown."""
    groups: dict[tuple[str, str, str, str], list[Unserved]] = defaultdict(list)
    for ways in _by_rider(document.plan.unserved):
        index = problem.rider_index(ways[0].rider_id)
        if index is not None:
            rider = problem.riders[index]
            site = next(w.name for w in problem.worksites if w.worksite_id == rider.worksite_id)
            direction = "both ways" if len(ways) > 1 else _WAYS[ways[0].direction]
            groups[_REASONS[ways[0].reason], site, rider.shift_id, direction].append(ways[0])
    if not groups:
        return '<p class="empty">Nobody: every rider has a seat in every direction asked for.</p>'
    rows = []
    for group, members in sorted(groups.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        cells = "".join(f"<td>{escape(part)}</td>" for part in group)
        people = sum(problem.riders[i].count for m in members if (i := problem.rider_index(m.rider_id)) is not None)
        rows.append(f'<tr>{cells}<td class="n">{people}</td><td>{escape(_remedy(members))}</td></tr>')
    head = _head(("Reason", "Worksite", "Shift", "Direction", "Riders", "What would serve them"), numbers=("Riders",))
    return f"<table>{head}<tbody>{''.join(rows)}</tbody></table>"


def _by_rider(unserved: Sequence[Unserved]) -> list[list[Unserved]]:
    """Return what is missing rider by rider, apart where the directions have different reasons."""
    found: dict[tuple[str, Reason], list[Unserved]] = defaultdict(list)
    for missing in unserved:
        found[missing.rider_id, missing.reason].append(missing)
    return list(found.values())


def violation_table(evaluation: Evaluation) -> str:
    """Return the number of broken promises by rule, or nothing where none is broken."""
    counts = evaluation.violations_by_rule()
    if not counts:
        return ""
    subjects = {rule: Counter(v.subject for v in evaluation.violations if v.rule.value == rule) for rule in counts}
    rows = [
        f'<tr><td>{escape(rule.replace("_", " "))}</td><td class="n">{count:,}</td>'
        f'<td class="n">{len(subjects[rule]):,}</td></tr>'
        for rule, count in counts.items()
    ]
    head = _head(("Rule", "Times broken", "Subjects"), numbers=("Times broken", "Subjects"))
    note = "<p>banche check lists each of them with its value and limit.</p>"
    table = f"<table>{head}<tbody>{''.join(rows)}</tbody></table>"
    return f'<section class="violations"><h2>Broken promises</h2>{note}{table}</section>'


def parameters(problem: Problem, document: PlanDocument) -> str:
    """Return the promises, prices and fleet that the plan was made with."""
    rules, costs = problem.rules, problem.costs
    promises = [_promise(name, value) for name, value in _settings(rules)]
    prices = [
        ("ride, ¥ per rider and hour", f"{fen_to_yuan(costs.ride):g}"),
        ("walk, ¥ per rider and hour", f"{fen_to_yuan(costs.walk):g}"),
        ("left out, ¥ per rider and day", f"{fen_to_yuan(costs.unserved):g}"),
    ]
    if costs.fewest_vehicles_first:
        prices.append(("weighed first", "riders served, then vehicles"))
    search = [(key.replace("_", " "), _written(document.summary.get(key))) for key in ("seed", "iterations", "status")]
    runtime = document.summary.get("runtime_s")
    search.append(("running time, s", f"{runtime:.0f}" if isinstance(runtime, int | float) else "–"))
    fleet = [
        (f"{kind.vehicle_type_id}, {kind.seats} seats", f"{sum(_available(problem, kind.vehicle_type_id))} vehicles")
        for kind in problem.vehicle_types
    ]
    limits = [_limit(name, value) for name, value in _settings(problem.budget)]
    groups = [("Promises", promises), ("Prices", prices), ("Fleet", fleet), ("Search", search)]
    groups[3:3] = [("Budget", limits)] if limits else []
    return "".join(f"<div><h3>{title}</h3>{_definitions(pairs)}</div>" for title, pairs in groups)


def _settings(given: ServiceRules | Budget) -> Iterable[tuple[str, float]]:
    """Yield the names and values that are set: what is None limits nothing."""
    pairs = ((field.name, getattr(given, field.name)) for field in fields(given))
    return ((name, value) for name, value in pairs if value is not None)


def _limit(name: str, value: float) -> tuple[str, str]:
    """Return a limit of the budget as people say it."""
    if name.endswith("_fen"):
        return "most spent, ¥ per day", f"{fen_to_yuan(value):,.2f}"
    return name.replace("_", " "), f"{value:,}"


def _promise(name: str, value: float) -> tuple[str, str]:
    """Return a rule as people say it: minutes instead of seconds, the unit apart."""
    words = name.replace("_", " ")
    if name.endswith("_s"):
        return f"{words[:-2]}, min", f"{value / MINUTE_S:g}"
    if name.endswith("_m"):
        return f"{words[:-2]}, m", f"{value:,}"
    if name.endswith("_m_per_h"):
        return f"{words.removesuffix(' m per h')}, km/h", f"{value / METRES_PER_KM:g}"
    return words, _written(value)


def _available(problem: Problem, type_id: str) -> Iterable[int]:
    return (item.available for item in problem.fleet if item.vehicle_type_id == type_id)


def _definitions(pairs: Sequence[tuple[str, str]]) -> str:
    return f"<dl>{''.join(f'<dt>{escape(name)}</dt><dd>{escape(value)}</dd>' for name, value in pairs)}</dl>"


def _head(titles: Sequence[str], numbers: Sequence[str] = ()) -> str:
    styles = [' class="n"' if title in numbers else "" for title in titles]
    cells = "".join(f"<th{style}>{title}</th>" for title, style in zip(titles, styles, strict=True))
    return f"<thead><tr>{cells}</tr></thead>"


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "–" if value is None else str(value)


def _remedy(members: Sequence[Unserved]) -> str:
    """Return the checked changes that would serve a group: kind, and the range of amounts."""
    amounts: dict[tuple[str, str], list[int]] = defaultdict(list)
    for member in members:
        if member.relaxation is not None:
            amounts[member.relaxation.kind, member.relaxation.unit].append(member.relaxation.amount)
    parts = []
    for (kind, unit), found in sorted(amounts.items()):
        span = f"{min(found):,}" if min(found) == max(found) else f"{min(found):,} to {max(found):,}"
        median = f", median {statistics.median(found):,.0f}" if len(found) > 2 else ""
        parts.append(f"{kind}: {span} {unit}{median} ({len(found)})")
    return "; ".join(parts) or "no single change was found"


def _fleet(document: PlanDocument) -> str:
    used = Counter(block.vehicle_type_id for block in document.plan.blocks)
    by_size = sorted(used, key=lambda kind: (document.vehicle_seats.get(kind, 0), kind))
    return " + ".join(f"{used[kind]} of {document.vehicle_seats.get(kind, kind)}" for kind in by_size) + " seats"


def _cost_bar(evaluation: Evaluation, proved: str) -> str:
    parts = [(key, text, getattr(evaluation.cost_parts, key)) for key, text in _COSTS.items()]
    bar = stacked_bar([(f"{text}: {_yuan(fen)}", float(fen), f"cost-{key}") for key, text, fen in parts])
    legend = "".join(
        f'<li><span class="chip cost-{key}"></span>{escape(text)} <b>{_yuan(fen)}</b></li>' for key, text, fen in parts
    )
    total = f"<h3>What the plan weighs: {_yuan(evaluation.cost_fen)} a day <small>{escape(proved)}</small></h3>"
    return f'<div class="costs">{total}{bar}<ul>{legend}</ul></div>'


def _yuan(fen: float, digits: int = 0) -> str:
    return f"¥{fen_to_yuan(fen):,.{digits}f}"
