"""Writes a letter to every rider of a plan document: which line, stop and clock times are theirs."""

from collections import defaultdict

from routing.formats.document import PlanDocument
from routing.formats.letters import Letter, SeatTold, WayTold, Why, letters_html
from routing.model.demand import Direction


def plan_letters(document: PlanDocument) -> bytes:
    """Return one page with a letter per rider, in the order of their ids."""
    calls = {(trip.trip_id, call.stop_id): call for trip in document.trips for call in trip.calls}
    lines = {trip.trip_id: line for line, trip in document.plan.trips()}
    names = {stop.stop_id: stop.name for stop in document.stops}
    ways: dict[str, list[WayTold]] = defaultdict(list)
    for seat, told in zip(document.plan.assignments, document.seats, strict=True):
        line = lines.get(seat.trip_id)
        if line is None:
            continue
        home = seat.board_stop_id if seat.direction is Direction.INBOUND else seat.alight_stop_id
        board, alight = (calls.get((seat.trip_id, stop)) for stop in (seat.board_stop_id, seat.alight_stop_id))
        after = SeatTold(
            line_id=line.line_id,
            line_name=line.name,
            stop=names.get(home, home),
            walk_m=told.walk_m,
            departs=None if board is None else board.depart,
            arrives=None if alight is None else alight.arrive,
        )
        ways[seat.rider_id].append(WayTold(direction=seat.direction, why=Why.WELCOME, before=None, after=after))
    letters = (Letter(rider_id=rider_id, ways=tuple(told)) for rider_id, told in sorted(ways.items()))
    return letters_html(letters, synthetic=document.origin.synthetic)
