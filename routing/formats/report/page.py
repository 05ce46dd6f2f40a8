"""Puts the report together: template, style, script, tables, charts and map."""

from collections.abc import Sequence
from html import escape
from importlib.resources import files
from string import Template

from routing.evaluate import Evaluation
from routing.formats.document import ATTRIBUTION, DocumentSeat, PlanDocument
from routing.formats.report.charts import Axis, Mark, histogram
from routing.formats.report.map_data import Way, map_json
from routing.formats.report.tables import line_rows, parameters, tiles, unserved_table, violation_table
from routing.model.problem import Problem
from routing.model.units import MINUTE_S

_BANNER = (
    '<p class="banner"><b>Synthetic.</b> Riders or roads of this scenario are made up; '
    "no figure here describes a real service.</p>"
)


def report_html(
    problem: Problem, document: PlanDocument, evaluation: Evaluation, backdrop: Sequence[Way] = ()
) -> bytes:
    """Return the report of a plan as one HTML file that loads nothing from elsewhere.

    It names no rider and shows no home; counts of fewer than five riders at a stop are hidden.

    Parameters
    ----------
    problem : Problem
        What was given.
    document : PlanDocument
        The plan, with ways for its map.
    evaluation : Evaluation
        The judge's verdict on it.
    backdrop : sequence of Way
        Roads to draw behind the lines.
    """
    shifts = sorted({shift_id for _, trip, _ in document.rows() for shift_id in trip.shift_ids})
    content = {
        "scenario": escape(document.origin.scenario),
        "plan_id": escape(document.plan_id),
        "banner": _BANNER if document.origin.synthetic else "",
        "attribution": escape(ATTRIBUTION),
        "tiles": tiles(problem, document, evaluation),
        "shifts": "".join(f"<option>{escape(shift_id)}</option>" for shift_id in shifts),
        "load_chart": _load_chart(document),
        "walk_chart": _walk_chart(problem, document, evaluation),
        "ride_chart": _ride_chart(problem, document, evaluation),
        "line_rows": line_rows(document),
        "unserved": unserved_table(problem, document),
        "violations": violation_table(evaluation),
        "parameters": parameters(problem, document),
        "map": map_json(document, backdrop),
        "style": _part("page.css"),
        "script": _part("page.js"),
    }
    return Template(_part("page.html.tmpl")).substitute(content).encode()


def _part(name: str) -> str:
    return (files("routing.formats.report") / name).read_text("utf-8")


def _load_chart(document: PlanDocument) -> str:
    shares = [
        more.riders / document.vehicle_seats[trip.vehicle_type_id]
        for _, trip, more in document.rows()
        if trip.vehicle_type_id in document.vehicle_seats
    ]
    mean = sum(shares) / max(1, len(shares))
    marks = [Mark(value=mean, text=f"mean {mean:.0%}")] if shares else []
    axis = Axis(title="seats filled, %", step=0.1, most=1.0, scale=100.0)
    return histogram(shares, [1] * len(shares), axis, marks, count="trips")


def _walk_chart(problem: Problem, document: PlanDocument, evaluation: Evaluation) -> str:
    promise = problem.rules.max_walk_m
    marks = [
        Mark(value=evaluation.kpis.mean_walk_m, text=f"mean {evaluation.kpis.mean_walk_m:.0f} m"),
        Mark(value=promise, text=f"promise {promise} m", promise=True),
    ]
    pairs = [(seat.walk_m, people) for seat, people in _seats(problem, document) if seat.walk_m is not None]
    axis = Axis(title="walk between home and stop, m", step=100.0, most=float(max(100, -(-promise // 100) * 100)))
    return histogram([walk for walk, _ in pairs], [people for _, people in pairs], axis, marks, count="boardings")


def _ride_chart(problem: Problem, document: PlanDocument, evaluation: Evaluation) -> str:
    promise, mean = problem.rules.max_ride_s / MINUTE_S, evaluation.kpis.mean_ride_s / MINUTE_S
    marks = [
        Mark(value=mean, text=f"mean {mean:.0f} min"),
        Mark(value=promise, text=f"promise {promise:.0f} min", promise=True),
    ]
    pairs = [(seat.ride_s, people) for seat, people in _seats(problem, document) if seat.ride_s is not None]
    axis = Axis(title="time aboard, min", step=10.0, most=max(10.0, -(-promise // 10) * 10.0))
    return histogram(
        [ride / MINUTE_S for ride, _ in pairs], [people for _, people in pairs], axis, marks, count="boardings"
    )


def _seats(problem: Problem, document: PlanDocument) -> list[tuple[DocumentSeat, int]]:
    """Return every seat with the number of people in it."""
    found = []
    for assignment, seat in zip(document.plan.assignments, document.seats, strict=True):
        index = problem.rider_index(assignment.rider_id)
        if index is not None:
            found.append((seat, problem.riders[index].count))
    return found
