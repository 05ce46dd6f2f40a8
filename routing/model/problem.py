"""What is given: riders, stops, fleet, rules and travel times, checked once and frozen."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from routing.model.budget import UNLIMITED, Budget
from routing.model.changes import Changes
from routing.model.demand import Direction, Rider, Shift
from routing.model.fleet import FleetItem, VehicleType
from routing.model.places import Depot, Stop, Worksite
from routing.model.rules import CostRates, ServiceRules
from routing.model.travel import TravelMatrix, TravelPeriod, WalkTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Everything a plan is made from and judged against.

    Nodes of the travel matrices are numbered: stops first, then worksites, then depots, each in
    the order of its tuple. Depots have ids of their own: a depot and a worksite may share one name.

    Attributes
    ----------
    periods, travel : tuple
        One travel matrix per period of the day.
    walks : WalkTable
        One row per rider.
    changes : Changes or None
        The running plan and the price of departing from it; None where nothing runs yet.
    """

    name: str
    riders: tuple[Rider, ...]
    worksites: tuple[Worksite, ...]
    shifts: tuple[Shift, ...]
    stops: tuple[Stop, ...]
    depots: tuple[Depot, ...]
    vehicle_types: tuple[VehicleType, ...]
    fleet: tuple[FleetItem, ...]
    rules: ServiceRules
    costs: CostRates
    periods: tuple[TravelPeriod, ...]
    travel: tuple[TravelMatrix, ...]
    walks: WalkTable
    budget: Budget = UNLIMITED
    changes: Changes | None = None
    _node: dict[str, int] = field(init=False, repr=False, compare=False)
    _depot: dict[str, int] = field(init=False, repr=False, compare=False)
    _rider: dict[str, int] = field(init=False, repr=False, compare=False)
    _shift: dict[str, Shift] = field(init=False, repr=False, compare=False)
    _type: dict[str, VehicleType] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        nodes = [s.stop_id for s in self.stops] + [w.worksite_id for w in self.worksites]
        keyed = {
            "_node": _index("stop or worksite", nodes),
            "_depot": _index("depot", (d.depot_id for d in self.depots), first=len(nodes)),
            "_rider": _index("rider", (r.rider_id for r in self.riders)),
            "_shift": {s.shift_id: s for s in self.shifts},
            "_type": {v.vehicle_type_id: v for v in self.vehicle_types},
        }
        _index("shift", (s.shift_id for s in self.shifts))
        _index("vehicle type", (v.vehicle_type_id for v in self.vehicle_types))
        for name, value in keyed.items():
            object.__setattr__(self, name, value)
        self._check_shapes()
        self._check_references()

    def _check_shapes(self) -> None:
        if len(self.periods) != len(self.travel) or not self.travel:
            raise ValueError("a problem needs one travel matrix per period, and at least one")
        for matrix in self.travel:
            if len(matrix.duration) != self.node_count:
                raise ValueError(f"a travel matrix has {len(matrix.duration)} nodes, the problem {self.node_count}")
        if len(self.walks.start) != len(self.riders) + 1:
            raise ValueError("the walk table must hold one row per rider")
        if len(self.walks.stop) and not 0 <= self.walks.stop.min() <= self.walks.stop.max() < len(self.stops):
            raise ValueError("the walk table names a stop that does not exist")

    def _check_references(self) -> None:
        sites = {w.worksite_id for w in self.worksites}
        for rider in self.riders:
            if rider.worksite_id not in sites or rider.shift_id not in self._shift:
                raise ValueError(f"rider {rider.rider_id} names an unknown worksite or shift")
        for shift in self.shifts:
            for window in (self.rules.window(shift, way) for way in shift.directions):
                if window is not None and window[0] > window[1]:
                    raise ValueError(f"shift {shift.shift_id} has an empty window: a buffer is larger than its bound")
        for item in self.fleet:
            if item.vehicle_type_id not in self._type or item.depot_id not in self._depot:
                raise ValueError(f"fleet item {item} names an unknown vehicle type or depot")

    @property
    def node_count(self) -> int:
        """Number of nodes of the travel matrices."""
        return len(self.stops) + len(self.worksites) + len(self.depots)

    def is_worksite(self, node: int) -> bool:
        """Tell whether a node is a worksite."""
        return len(self.stops) <= node < len(self.stops) + len(self.worksites)

    def node(self, stop_id: str) -> int | None:
        """Return the node of a stop or worksite id, or None where it is unknown."""
        return self._node.get(stop_id)

    def depot_node(self, depot_id: str) -> int | None:
        """Return the node of a depot, or None where it is unknown."""
        return self._depot.get(depot_id)

    def rider_index(self, rider_id: str) -> int | None:
        """Return the position of a rider, or None where the id is unknown."""
        return self._rider.get(rider_id)

    def shift(self, shift_id: str) -> Shift | None:
        """Return a shift by id, or None where it is unknown."""
        return self._shift.get(shift_id)

    def vehicle_type(self, vehicle_type_id: str) -> VehicleType | None:
        """Return a vehicle type by id, or None where it is unknown."""
        return self._type.get(vehicle_type_id)

    def place_id(self, node: int) -> str:
        """Return the place that a stop or worksite node belongs to."""
        if node < len(self.stops):
            return self.stops[node].place_id
        return self.worksites[node - len(self.stops)].worksite_id

    def period_at(self, clock: int) -> int:
        """Return the index of the period that covers a clock time [s]; the first one where none does."""
        return next((i for i, period in enumerate(self.periods) if period.covers(clock)), 0)

    def trip_period(self, direction: Direction, shift_ids: Iterable[str]) -> int:
        """Return the period in which a trip drives: that of the earliest bound of the shifts it serves."""
        found = (self._shift[s].anchor(direction) for s in shift_ids if s in self._shift)
        return self.period_at(min((a for a in found if a is not None), default=0))


def _index(what: str, ids: Iterable[str], first: int = 0) -> dict[str, int]:
    index: dict[str, int] = {}
    for position, name in enumerate(ids, first):
        if name in index:
            raise ValueError(f"the {what} id {name!r} is used twice")
        index[name] = position
    return index
