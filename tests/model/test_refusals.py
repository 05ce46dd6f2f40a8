"""Every value that cannot be meant is refused when it is made, by the sentence of the fault and of no other one."""

from collections.abc import Callable
from dataclasses import FrozenInstanceError, fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.model.budget import UNLIMITED, Budget
from routing.model.changes import ChangeCosts, Changes, Pins
from routing.model.demand import DAYS_PER_WEEK, MOST_PEOPLE, Rider, Shift
from routing.model.fleet import FleetItem, VehicleType
from routing.model.places import Location
from routing.model.rules import CostRates, ServiceRules
from routing.model.travel import TravelMatrix, TravelPeriod, WalkTable
from tests.cases import IN, OUT, at, town, town_plan

RIDER = Rider(rider_id="ann", home=at(0), worksite_id="north", shift_id="early")
SHIFT = Shift(shift_id="early", start=28_800, end=61_200)
KIND = VehicleType(vehicle_type_id="bus", seats=9, fixed_cost=1, distance_cost=1, time_cost=1)
CHANGES = Changes(running=town_plan(), departures={})
SOUND: dict[type, Any] = {
    Budget: UNLIMITED,
    ChangeCosts: ChangeCosts(),
    Changes: CHANGES,
    CostRates: CostRates(),
    FleetItem: FleetItem(vehicle_type_id="bus", depot_id="yard", available=1),
    Location: at(0),
    Rider: RIDER,
    ServiceRules: ServiceRules(),
    Shift: SHIFT,
    VehicleType: KIND,
}
"""One value of each kind that is accepted; a refusal must come from the field that is changed."""
NUMBERS = [f.name for f in fields(ServiceRules) if not isinstance(getattr(ServiceRules(), f.name), bool)]


@pytest.mark.parametrize(
    ("kind", "field", "value", "sentence"),
    [
        (Budget, "max_vehicles", -1, "max_vehicles is negative"),
        (Budget, "max_cost_fen", -1, "max_cost_fen is negative"),
        (ChangeCosts, "other_stop", -1, "price of a change is negative"),
        (ChangeCosts, "line_closed", -300, "price of a change is negative"),
        (ChangeCosts, "tolerance_s", -1, "tolerance_s is negative"),
        (Changes, "max_changed_riders", -1, "max_changed_riders is negative"),
        (CostRates, "ride", -1, "a price is negative"),
        (CostRates, "walk", -1, "a price is negative"),
        (CostRates, "unserved", -1, "a price is negative"),
        (FleetItem, "available", -1, "bus at yard: -1 vehicles"),
        (Location, "lon", 180.1, "no longitude and latitude"),
        (Location, "lat", float("nan"), "no longitude and latitude"),
        (Rider, "days", 0, "rider ann travels on no day"),
        (Rider, "days", 1 << DAYS_PER_WEEK, "rider ann travels on no day"),
        (Rider, "count", 0, "rider ann counts 0 people"),
        (Rider, "count", MOST_PEOPLE + 1, "at most 1000000000 are possible"),
        (Shift, "start", -1, "shift early starts or ends before midnight"),
        (Shift, "end", -1, "shift early starts or ends before midnight"),
        (Shift, "arrive_early_s", -1, "shift early has a window with a negative bound"),
        (Shift, "leave_late_s", -1, "shift early has a window with a negative bound"),
        (VehicleType, "seats", 0, "vehicle type bus has 0 seats"),
        (VehicleType, "fixed_cost", -1, "vehicle type bus has a negative cost"),
        (VehicleType, "distance_cost", -1, "vehicle type bus has a negative cost"),
        (VehicleType, "time_cost", -1, "vehicle type bus has a negative cost"),
        (ServiceRules, "max_detour", 0.99, "at least 1"),
        (ServiceRules, "max_stops", 1, "max_stops counts the worksite"),
        (ServiceRules, "arrive_buffer_s", 1_501, "a window is empty"),
        (ServiceRules, "leave_late_s", 299, "a window is empty"),
        (ServiceRules, "on_time", 1.0, "on_time is a share of days"),
        (ServiceRules, "walk_speed_m_per_h", 0, "walk_speed_m_per_h must be positive"),
    ],
)
def test_one_field_that_cannot_be_meant_is_refused(kind: type, field: str, value: float, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        replace(SOUND[kind], **{field: value})


@pytest.mark.parametrize("wrong", [-1, float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("field", NUMBERS)
def test_every_number_of_the_rules_is_refused_by_its_own_name(field: str, wrong: Any) -> None:
    with pytest.raises(ValueError, match=rf"^{field} is "):
        ServiceRules(**{field: wrong})


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        (Budget, "max_vehicles", 0),
        (ChangeCosts, "tolerance_s", 0),
        (Changes, "max_changed_riders", 0),
        (CostRates, "unserved", 0),
        (FleetItem, "available", 0),
        (Location, "lat", -90.0),
        (Rider, "days", 0b1111111),
        (Rider, "count", MOST_PEOPLE),
        (Shift, "start", 0),
        (Shift, "end", None),
        (VehicleType, "seats", 1),
        (ServiceRules, "max_detour", 1),
        (ServiceRules, "max_stops", 2),
        (ServiceRules, "arrive_buffer_s", 1_500),
        (ServiceRules, "on_time", 0),
        (ServiceRules, "walk_speed_m_per_h", 1),
    ],
)
def test_the_last_value_before_the_refusal_is_kept(kind: type, field: str, value: float | None) -> None:
    assert getattr(replace(SOUND[kind], **{field: value}), field) == value


@pytest.mark.parametrize("kind", SOUND, ids=lambda kind: kind.__name__)
def test_what_was_checked_cannot_be_changed_behind_the_check(kind: type) -> None:
    field = fields(kind)[0].name
    with pytest.raises(FrozenInstanceError):
        setattr(SOUND[kind], field, None)


MATRIX = np.zeros((3, 3), np.int32)


@pytest.mark.parametrize(
    ("duration", "distance", "sentence"),
    [
        (MATRIX[:2], MATRIX[:2], "the same square"),
        (MATRIX[0], MATRIX[0], "the same square"),
        (MATRIX, MATRIX[:2, :2], "the same square"),
        (MATRIX - np.eye(3, dtype=np.int32), MATRIX, "negative duration or distance"),
        (MATRIX, MATRIX - 1, "negative duration or distance"),
        (MATRIX + 0.5, MATRIX, "not whole numbers"),
        (MATRIX, MATRIX.astype(np.int64) + 2**31, "beyond the range of int32"),
        (MATRIX + np.nan, MATRIX, "not whole numbers"),
    ],
)
def test_a_matrix_that_is_none_is_refused(duration: Any, distance: Any, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        TravelMatrix(duration=duration, distance=distance)


WALKS: dict[str, list[int]] = {"start": [0, 2, 3], "stop": [4, 1, 4], "metres": [10, 20, 5]}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"start": []}, "from 0 to the number of walks"),
        ({"start": [1, 2, 3]}, "from 0 to the number of walks"),
        ({"start": [0, 2, 4]}, "from 0 to the number of walks"),
        ({"start": [0, 4, 3]}, "must not fall"),
        ({"metres": [10, 20]}, "of one length"),
        ({"metres": [10, 20, -1]}, "negative metres"),
        ({"metres": [21, 20, 5]}, "order of rising metres"),
    ],
)
def test_a_walk_table_that_is_none_is_refused(change: dict[str, list[int]], sentence: str) -> None:
    arrays: dict[str, Any] = {name: np.array(values, np.int64) for name, values in (WALKS | change).items()}
    with pytest.raises(ValueError, match=sentence):
        WalkTable(**arrays)


def test_the_walks_of_the_next_rider_may_begin_nearer() -> None:
    """Only within a row do metres rise: the second rider's first walk is shorter than the first rider's last."""
    arrays: dict[str, Any] = {name: np.array(values) for name, values in WALKS.items()}
    table = WalkTable(**arrays)
    assert [table.walk_m(rider, 4) for rider in (0, 1)] == [10, 5]
    assert table.walk_m(1, 1) is None


@given(rows=st.lists(st.lists(st.integers(0, 50), max_size=4), min_size=1, max_size=5), data=st.data())
def test_a_row_that_falls_is_refused_wherever_it_stands(rows: list[list[int]], data: st.DataObject) -> None:
    """One walk shorter than the one before it in its own row spoils a table that was sound."""
    sound = [sorted(row) for row in rows]
    which = data.draw(st.integers(0, len(sound) - 1))
    walks = _table([[*row, 60] if x == which else row for x, row in enumerate(sound)])
    assert len(walks.row(which)[1]) == len(sound[which]) + 1
    with pytest.raises(ValueError, match="rising metres"):
        _table([[*row, 60, 59] if x == which else row for x, row in enumerate(sound)])


def _table(rows: list[list[int]]) -> WalkTable:
    metres = np.array([m for row in rows for m in row], np.int32)
    stops = np.array([x for row in rows for x in range(len(row))], np.int32)
    return WalkTable(start=np.cumsum([0, *map(len, rows)]), stop=stops, metres=metres)


def test_comparing_with_something_else_is_no_error() -> None:
    assert TravelMatrix(duration=MATRIX, distance=MATRIX) != "a matrix"
    assert town().walks != town().travel[0]


@pytest.mark.parametrize(("clock", "covered"), [(0, True), (3_599, True), (3_600, False), (-1, False), (86_400, True)])
def test_a_period_is_open_at_its_end_and_comes_again_every_day(clock: int, covered: bool) -> None:
    assert TravelPeriod(name="night", spans=((0, 3_600),)).covers(clock) is covered


HELD: dict[str, Callable[[], Pins]] = {
    "its line": lambda: Pins(lines=frozenset({"a"})),
    "a trip of it": lambda: Pins(trips=frozenset({"a_out"})),
}


@pytest.mark.parametrize("pins", HELD)
def test_a_line_that_is_held_must_run_and_its_neighbour_need_not(pins: str) -> None:
    changes = replace(CHANGES, pins=HELD[pins]())
    assert changes.must_run("a")
    assert not changes.must_run("b")


@pytest.mark.parametrize("field", ["other_line", "line_closed"])
def test_only_lines_that_run_are_frozen_by_a_price_without_end(field: str) -> None:
    never: dict[str, Any] = {field: None}
    frozen = replace(CHANGES, costs=ChangeCosts(**never))
    assert [frozen.must_run(line) for line in ("a", "b", "new")] == [True, True, False]


def test_a_pin_on_a_line_that_does_not_run_opens_none() -> None:
    assert not replace(CHANGES, pins=Pins(lines=frozenset({"new"}))).must_run("new")


@pytest.mark.parametrize("own", [{"arrive_early_s": 100}, {"leave_late_s": 100}])
def test_a_shifts_own_bound_that_empties_its_window_is_refused_by_name(own: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="shift early has an empty window"):
        town(shifts=(replace(town().shifts[0], **own), town().shifts[1]))


@given(early=st.integers(0, 4_000), buffer=st.integers(0, 4_000), way=st.sampled_from([IN, OUT]))
def test_rules_are_refused_exactly_where_a_window_would_be_empty(early: int, buffer: int, way: Any) -> None:
    names = ("arrive_early_s", "arrive_buffer_s") if way is IN else ("leave_late_s", "leave_buffer_s")
    given_ = dict(zip(names, (early, buffer), strict=True))
    if buffer > early:
        with pytest.raises(ValueError, match="a window is empty"):
            ServiceRules(**given_)  # type: ignore[arg-type]
        return
    window = ServiceRules(**given_).window(SHIFT, way)  # type: ignore[arg-type]
    assert window is not None
    assert window[1] - window[0] == early - buffer
