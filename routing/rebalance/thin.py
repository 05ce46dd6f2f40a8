"""Lines that run on although opening them would take more riders: no rule is broken, so nobody else would say so."""

from dataclasses import dataclass

from routing.evaluate import Evaluation
from routing.model.problem import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class ThinLine:
    """A line that too few ride for it to be opened.

    Attributes
    ----------
    riders : int
        People on its emptiest trip, on that trip's busiest day.
    needed : int
        As many open a line.
    """

    line_id: str
    name: str
    riders: int
    needed: int


def thin_lines(problem: Problem, verdict: Evaluation) -> tuple[ThinLine, ...]:
    """Return the lines with a trip that fewer people ride than a trip takes to open, the emptiest first."""
    least: dict[str, int] = {}
    names: dict[str, str] = {}
    for trip in verdict.schedule.trips:
        line = trip.line
        names[line.line_id] = line.name
        least[line.line_id] = min(trip.riders, least.get(line.line_id, trip.riders))
    found = (
        ThinLine(line_id=line_id, name=names[line_id], riders=riders, needed=problem.rules.min_load)
        for line_id, riders in least.items()
        if riders < problem.rules.min_load
    )
    return tuple(sorted(found, key=lambda line: (line.riders, line.line_id)))
