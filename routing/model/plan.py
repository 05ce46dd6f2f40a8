"""What is decided: lines, trips, assignments, blocks. A plan carries no cost."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from routing.model.demand import Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """One scheduled movement of a vehicle (车次).

    Attributes
    ----------
    shift_ids : tuple of str
        The shifts whose riders it may carry.
    stop_ids : tuple of str
        Stops and worksites in the order of the visit; each at most once.
    departure : int
        [s] since midnight at which the vehicle leaves its first stop.
    """

    trip_id: str
    direction: Direction
    shift_ids: tuple[str, ...]
    vehicle_type_id: str
    stop_ids: tuple[str, ...]
    departure: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The persistent, named service that riders know (线路); groups its trips of both directions."""

    line_id: str
    name: str
    trips: tuple[Trip, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """A rider's seat in one direction."""

    rider_id: str
    direction: Direction
    trip_id: str
    board_stop_id: str
    alight_stop_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """The trips of one vehicle in one day, in order (车辆周转)."""

    block_id: str
    vehicle_type_id: str
    depot_id: str
    trip_ids: tuple[str, ...]


class Reason(StrEnum):
    """Why a rider is left out; only reasons that were checked, or ``unknown``."""

    NO_STOP_IN_WALK = "no_stop_in_walk"
    RIDE_TOO_LONG = "ride_too_long"
    TOO_FEW_NEIGHBOURS = "too_few_neighbours"
    NO_VEHICLE_LARGE_ENOUGH = "no_vehicle_large_enough"
    NO_VEHICLE_LEFT = "no_vehicle_left"
    BUDGET_SPENT = "budget_spent"
    COSTS_MORE_THAN_LEAVING = "costs_more_than_leaving"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Relaxation:
    """The smallest change found that would serve a rider, checked by applying it.

    Attributes
    ----------
    kind : str
        Which promise or wish would have to give: ``walk``, ``ride``, ``detour``, ``trip``, ``shift``, ``neighbours``,
        ``price``, ``seats``, ``stops``, ``vehicles``, ``money``.
    amount : int
        By how much, in the unit: metres, seconds, riders, seats, stops, vehicles or fen. A price is what serving costs
        more than leaving; it is negative where the search missed a seat that saves money.
    trip_id, board_stop_id : str or None
        The trip and stop that would then serve the rider; no trip where a line would have to open first.
    text : str
        The same as a sentence for the planner.
    also : Relaxation or None
        What must give besides, where this alone would not do.
    """

    kind: str
    amount: int
    unit: str
    text: str
    trip_id: str | None = None
    board_stop_id: str | None = None
    also: "Relaxation | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unserved:
    """A rider left out in one direction, with the reason and a checked way to mend it."""

    rider_id: str
    direction: Direction
    reason: Reason
    relaxation: Relaxation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Decisions only: the lines, who rides where, which vehicle drives what, who is left out."""

    lines: tuple[Line, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    blocks: tuple[Block, ...] = ()
    unserved: tuple[Unserved, ...] = ()

    def trips(self) -> Iterator[tuple[Line, Trip]]:
        """Yield every trip with its line."""
        for line in self.lines:
            for trip in line.trips:
                yield line, trip
