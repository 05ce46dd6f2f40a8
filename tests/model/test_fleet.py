"""Vehicle types and where they stand refuse nonsense with a sentence."""

import pytest

from routing.model.fleet import FleetItem, VehicleType

GOOD = {"seats": 45, "fixed_cost": 40_000, "distance_cost": 300, "time_cost": 5_000}


def test_a_vehicle_may_cost_nothing() -> None:
    free = VehicleType(vehicle_type_id="bike", **GOOD | {"fixed_cost": 0, "distance_cost": 0, "time_cost": 0})
    assert free.seats == 45


@pytest.mark.parametrize("seats", [0, -1])
def test_a_vehicle_has_a_seat(seats: int) -> None:
    with pytest.raises(ValueError, match=f"vehicle type big has {seats} seats"):
        VehicleType(vehicle_type_id="big", **GOOD | {"seats": seats})


@pytest.mark.parametrize("part", ["fixed_cost", "distance_cost", "time_cost"])
def test_no_vehicle_earns_money_by_driving(part: str) -> None:
    """A negative price would send the search round in circles."""
    with pytest.raises(ValueError, match="big has a negative cost"):
        VehicleType(vehicle_type_id="big", **GOOD | {part: -1})


def test_a_depot_holds_no_negative_number_of_vehicles() -> None:
    assert FleetItem(vehicle_type_id="big", depot_id="yard", available=0).available == 0
    with pytest.raises(ValueError, match="big at yard: -2 vehicles"):
        FleetItem(vehicle_type_id="big", depot_id="yard", available=-2)
