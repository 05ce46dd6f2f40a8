"""Lines from about the same direction share a colour."""

from dataclasses import replace

import pytest

from routing.formats.colours import PALETTE, corridors, line_colours
from routing.formats.document import DocumentStop, DocumentTrip, PlanDocument
from routing.model.demand import Direction
from routing.model.places import Location
from routing.model.plan import Line, Plan, Trip


def luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colour", PALETTE)
def test_white_text_can_be_read_on_every_colour(colour: str) -> None:
    assert 1.05 / (luminance(colour) + 0.05) >= 4.5


def star(document: PlanDocument, bearings: list[tuple[float, float]]) -> PlanDocument:
    """Return a document with a line from each offset (lon, lat) to one worksite at (121, 39)."""
    site = DocumentStop(stop_id="W", place_id="W", name="W", location=Location(lon=121, lat=39), worksite=True)
    stops, lines, trips = [site], [], []
    for i, (east, north) in enumerate(bearings):
        at = Location(lon=121 + east, lat=39 + north)
        stops.append(DocumentStop(stop_id=f"S{i}", place_id=f"S{i}", name=f"站{i}", location=at))
        trip = Trip(
            trip_id=f"T{i}",
            direction=Direction.INBOUND,
            shift_ids=("day",),
            vehicle_type_id="bus19",
            stop_ids=(f"S{i}", "W"),
            departure=25_000,
        )
        lines.append(Line(line_id=f"L{i}", name=f"L{i}", trips=(trip,)))
        call = replace(document.trips[0].calls[0], stop_id=f"S{i}")
        trips.append(DocumentTrip(trip_id=f"T{i}", calls=(call, replace(call, stop_id="W"))))
    plan = Plan(lines=tuple(lines))
    return replace(document, plan=plan, stops=tuple(stops), trips=tuple(trips), seats=())


def test_every_line_has_a_colour_of_the_palette(document: PlanDocument) -> None:
    colours = line_colours(document)
    assert set(colours) == {"L1", "L2", "L3"}
    assert len(set(colours.values())) == 3
    assert set(colours.values()) <= set(PALETTE)


def test_corridors_are_of_equal_size_and_leave_no_line_out(document: PlanDocument) -> None:
    many = star(document, [(0.01 * (i % 7 - 3), 0.01 * (i % 11 - 5)) for i in range(40)])
    found = corridors(many)
    sizes = [len(corridor.line_ids) for corridor in found]
    assert len(found) == len(PALETTE)
    assert sum(sizes) == 40
    assert max(sizes) - min(sizes) <= 1
    assert sorted(line_id for c in found for line_id in c.line_ids) == sorted(f"L{i}" for i in range(40))


def test_neighbours_share_a_corridor_across_north(document: PlanDocument) -> None:
    """Bearings of 359 and 1 degree are neighbours; a corridor does not begin at north."""
    near_north = [(-0.001, 0.1), (0.001, 0.1)]
    elsewhere = [(0.1 + 0.001 * i, -0.1) for i in range(14)]
    by_line = {line_id: c.colour for c in corridors(star(document, near_north + elsewhere)) for line_id in c.line_ids}
    assert by_line["L0"] == by_line["L1"]


def test_a_corridor_is_named_after_its_furthest_stop(document: PlanDocument) -> None:
    (corridor, other) = corridors(star(document, [(0.1, 0.0), (-0.2, 0.0)]))
    assert {corridor.name, other.name} == {"站0", "站1"}


def test_without_worksites_or_lines_there_are_no_corridors(document: PlanDocument) -> None:
    assert corridors(replace(document, stops=())) == ()
    assert set(line_colours(replace(document, stops=())).values()) == {PALETTE[0]}
    assert corridors(star(document, [])) == ()
