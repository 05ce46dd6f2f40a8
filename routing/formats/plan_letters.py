"""Writes a letter to every rider of a plan document, or to those whose service changes from one to another."""

from collections import defaultdict
from collections.abc import Mapping

from routing.compare import PlanDiff, RiderDiff
from routing.formats.document import PlanDocument
from routing.formats.letters import Letter, SeatTold, WayTold, Why, letters_html
from routing.model.demand import Direction

Way = tuple[str, Direction]
"""A rider and a direction."""


def plan_letters(document: PlanDocument) -> bytes:
    """Return one page with a letter per rider, in the order of their ids: line, stop and clock times."""
    ways: dict[str, list[WayTold]] = defaultdict(list)
    for (rider_id, direction), seat in _seats(document).items():
        ways[rider_id].append(WayTold(direction=direction, why=Why.WELCOME, before=None, after=seat))
    return _page(ways, document)


def diff_letters(before: PlanDocument, after: PlanDocument, diff: PlanDiff) -> bytes:
    """Return one page with a letter per rider who feels a change, in the order of their ids: what was, what will be.

    Parameters
    ----------
    diff : PlanDiff
        From the first document to the second.
    """
    was, now = _seats(before), _seats(after)
    lines = {line.line_id for line in after.plan.lines}
    ways: dict[str, list[WayTold]] = defaultdict(list)
    for rider in diff.riders:
        if rider.felt:
            way = rider.rider_id, rider.direction
            told = WayTold(direction=rider.direction, why=why(rider, lines), before=was.get(way), after=now.get(way))
            ways[rider.rider_id].append(told)
    return _page(ways, after)


def why(rider: RiderDiff, lines: set[str]) -> Why:
    """Return the gravest of what changes for a rider in one direction; ``lines`` are those that run from now on."""
    if rider.line_after is None:
        return Why.LEFT_OUT
    if rider.line_before is None:
        return Why.WELCOME
    if rider.line_before != rider.line_after:
        return Why.OTHER_LINE if rider.line_before in lines else Why.LINE_CLOSED
    return Why.OTHER_STOP if rider.stop_before != rider.stop_after else Why.RETIMED


def _page(ways: Mapping[str, list[WayTold]], document: PlanDocument) -> bytes:
    letters = (Letter(rider_id=rider_id, ways=tuple(told)) for rider_id, told in sorted(ways.items()))
    return letters_html(letters, synthetic=document.origin.synthetic)


def _seats(document: PlanDocument) -> dict[Way, SeatTold]:
    """Return every rider's seats in the words of a letter; those on trips that do not exist are left out."""
    calls = {(trip.trip_id, call.stop_id): call for trip in document.trips for call in trip.calls}
    lines = {trip.trip_id: line for line, trip in document.plan.trips()}
    names = {stop.stop_id: stop.name for stop in document.stops}
    found: dict[Way, SeatTold] = {}
    for seat, told in zip(document.plan.assignments, document.seats, strict=True):
        line = lines.get(seat.trip_id)
        if line is None:
            continue
        home = seat.board_stop_id if seat.direction is Direction.INBOUND else seat.alight_stop_id
        board, alight = (calls.get((seat.trip_id, stop)) for stop in (seat.board_stop_id, seat.alight_stop_id))
        found[seat.rider_id, seat.direction] = SeatTold(
            line_id=line.line_id,
            line_name=line.name,
            stop=names.get(home, home),
            walk_m=told.walk_m,
            departs=None if board is None else board.depart,
            arrives=None if alight is None else alight.arrive,
        )
    return found
