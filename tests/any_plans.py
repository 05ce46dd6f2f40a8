"""Hypothesis strategies for plans of the town: any lines, clock times and vehicles, and anybody in any seat."""

from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st

from routing.model.plan import Assignment, Line, Plan, Trip
from tests.cases import IN, left_out, town_lines, town_riders
from tests.formats.unhurried import UNHURRIED

FEW = settings(UNHURRIED, max_examples=20)
"""A plan takes ten milliseconds to draw: a few of them each time, and others the next time."""

RIDERS = tuple(rider.rider_id for rider in town_riders())
LATER_S = (0, 60, 300, 301, 900)
"""Departures that nobody, that just nobody, and that everybody feels."""


def _lines() -> tuple[Line, ...]:
    """Return the town's two lines, and a third one that drives as the first one does."""
    first, second = town_lines()
    trips = tuple(replace(trip, trip_id=f"c{trip.trip_id.removeprefix('a')}") for trip in first.trips)
    return first, second, Line(line_id="c", name="Third", trips=trips)


@st.composite
def _trips(draw: st.DrawFn, trip: Trip) -> Trip:
    """Draw a trip that leaves as usual or later, with either vehicle, past some of its stops or at all of them."""
    longest = trip.stop_ids
    shorter = tuple(stop for stop in longest if not stop.startswith("market"))
    return replace(
        trip,
        departure=trip.departure + draw(st.sampled_from(LATER_S)),
        vehicle_type_id=draw(st.sampled_from(["small", "large"])),
        stop_ids=draw(st.sampled_from([longest, shorter])),
    )


@st.composite
def any_plans(draw: st.DrawFn) -> Plan:
    """Draw a plan whose references all lead somewhere; it may break every rule of the service."""
    kept = [line for line in _lines() if draw(st.booleans())]
    lines = tuple(replace(line, trips=tuple(draw(_trips(trip)) for trip in line.trips)) for line in kept)
    assignments, waiting = [], []
    for rider_id in RIDERS:
        for x in range(2):
            line = draw(st.sampled_from([None, *lines]))
            if line is None:
                waiting.append((rider_id, x))
                continue
            trip = line.trips[x]
            ends = trip.stop_ids[:-1] if trip.direction is IN else trip.stop_ids[1:]
            home, site = draw(st.sampled_from(ends)), trip.stop_ids[-1 if trip.direction is IN else 0]
            board, alight = (home, site) if trip.direction is IN else (site, home)
            assignments.append(
                Assignment(
                    rider_id=rider_id,
                    direction=trip.direction,
                    trip_id=trip.trip_id,
                    board_stop_id=board,
                    alight_stop_id=alight,
                )
            )
    unserved = tuple(entry for rider_id, x in waiting for entry in left_out(rider_id)[x : x + 1])
    return Plan(lines=lines, assignments=tuple(assignments), unserved=unserved)
