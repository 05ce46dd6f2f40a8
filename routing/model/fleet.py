"""What drives: vehicle types, and how many of each stand in which depot."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleType:
    """A kind of vehicle (车型).

    Attributes
    ----------
    seats : int
        Licensed seats (核定载客); one rider one seat.
    fixed_cost : int
        [fen per vehicle and day].
    distance_cost : int
        [fen per km] driven, deadheads included.
    time_cost : int
        [fen per hour] in motion or in service, deadheads included, layovers not.
    """

    vehicle_type_id: str
    seats: int
    fixed_cost: int
    distance_cost: int
    time_cost: int

    def __post_init__(self) -> None:
        if self.seats < 1:
            raise ValueError(f"vehicle type {self.vehicle_type_id} has {self.seats} seats; at least 1 is needed")
        if min(self.fixed_cost, self.distance_cost, self.time_cost) < 0:
            raise ValueError(f"vehicle type {self.vehicle_type_id} has a negative cost")


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetItem:
    """Vehicles of one type that stand in one depot."""

    vehicle_type_id: str
    depot_id: str
    available: int

    def __post_init__(self) -> None:
        if self.available < 0:
            raise ValueError(f"{self.vehicle_type_id} at {self.depot_id}: {self.available} vehicles")
