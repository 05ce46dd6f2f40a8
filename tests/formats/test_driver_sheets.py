"""Driver sheets: every trip of every vehicle in order, and no rider's name."""

from dataclasses import replace

from routing.formats.document import PlanDocument
from routing.formats.driver_sheets import driver_sheets_html
from routing.model.units import format_clock


def test_every_vehicle_has_a_sheet_with_its_trips_in_order(document: PlanDocument) -> None:
    page = driver_sheets_html(document).decode()
    assert page.count("<article>") == len(document.plan.blocks) > 0
    for block in document.plan.blocks:
        sheet = page.split(f"<h2>{block.block_id} ")[1].split("</article>")[0]
        places = [sheet.index(f"· {trip_id} ·") for trip_id in block.trip_ids]
        assert places == sorted(places)


def test_every_call_has_a_row_with_its_clock_time(document: PlanDocument) -> None:
    page = driver_sheets_html(document).decode()
    calls = [call for trip in document.trips for call in trip.calls]
    driven = {trip_id for block in document.plan.blocks for trip_id in block.trip_ids}
    assert driven == {trip.trip_id for trip in document.trips}
    assert page.count("<tr><td>") == len(calls)
    assert all(format_clock(call.depart or 0)[:5] in page for call in calls if call.depart is not None)


def test_no_rider_is_named(document: PlanDocument) -> None:
    page = driver_sheets_html(document).decode()
    assert all(f">{seat.rider_id}<" not in page for seat in document.plan.assignments)


def test_without_vehicles_it_says_so(document: PlanDocument) -> None:
    empty = replace(document, plan=replace(document.plan, blocks=()))
    assert "No vehicle drives" in driver_sheets_html(empty).decode()
