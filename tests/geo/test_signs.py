"""Named kerbs: bus stops of the extract, rows of the table and stops of a plan, each on the right kerb, each once."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import pytest
from scipy.spatial import cKDTree

from routing.errors import InputError
from routing.geo.kerbs import Kerb
from routing.geo.network import RoadNetwork, build_network
from routing.geo.osm import OsmExtract
from routing.geo.signs import (
    ROW_REACH_M,
    SAME_SIGN_M,
    SIGN_REACH_M,
    KeptStop,
    TableStop,
    kerb_at,
    plan_kerbs,
    signed_kerbs,
)
from routing.geo.sphere import LocalPlane
from routing.model.places import StopStatus

Draw = Callable[..., OsmExtract]
SIGN = {"highway": "bus_stop"}


class Road(NamedTuple):
    """A road from west to east with dead ends, and what stands beside it."""

    network: RoadNetwork
    extract: OsmExtract
    plane: LocalPlane

    def signed(self, table: Sequence[TableStop] = (), radius_m: float = 1e5) -> tuple[Kerb, ...]:
        """Find the signed kerbs within a distance of the road's western end."""
        return signed_kerbs(self.network, self.extract, table, cKDTree([[0.0, 0.0]]), self.plane, radius_m)

    def row(self, stop_id: str, x: float, y: float, status: StopStatus = StopStatus.ALLOWED, row: int = 2) -> TableStop:
        """Write a row of the stops table."""
        lon, lat = self.plane.to_lonlat(x, y)
        return TableStop(
            stop_id=stop_id, name=f"Stop {stop_id}", lon=float(lon), lat=float(lat), status=status, row=row
        )

    def kept(self, stop_id: str, x: float, y: float) -> KeptStop:
        """Write a stop of a plan."""
        lon, lat = self.plane.to_lonlat(x, y)
        return KeptStop(stop_id=stop_id, place_id="P", name="Kept", lon=float(lon), lat=float(lat))

    def goes_east(self, kerb: Kerb) -> bool:
        """Tell in which direction the bus passes."""
        return bool(np.cos(kerb.heading) > 0)

    def xy(self, kerb: Kerb) -> tuple[float, float]:
        """Return where riders wait, in metres."""
        x, y = self.plane.to_xy(kerb.lon, kerb.lat)
        return float(x), float(y)


@pytest.fixture
def road(draw: Draw, plane: LocalPlane) -> Callable[..., Road]:
    """Make a road of 1 km with bus stops {node: (x, y)}."""

    def make(
        signs: dict[int, tuple[float, float]] | None = None,
        highway: str = "residential",
        drive_on: str = "right",
        tags: dict[str, str] = SIGN,
    ) -> Road:
        nodes = {101: (0, 0), 102: (1_000, 0), 103: (500, 700)} | (signs or {})
        ways = [(10, [101, 102], {"highway": highway}), (11, [101, 103, 102], {"highway": highway})]
        ways += [(12, [101, 104], {"highway": "residential"}), (13, [102, 105], {"highway": "residential"})]
        extract = draw(nodes | {104: (-200, 0), 105: (1_200, 0)}, ways, dict.fromkeys(signs or {}, tags))
        return Road(build_network(extract, drive_on=drive_on), extract, plane)

    return make


@pytest.mark.parametrize("highway", ["residential", "secondary"])
@pytest.mark.parametrize(("drive_on", "y", "east"), [("right", -6, True), ("right", 6, False), ("left", -6, False)])
def test_a_sign_belongs_to_the_direction_that_passes_on_its_side(
    road: Callable[..., Road], highway: str, drive_on: str, y: float, east: bool
) -> None:
    """On small streets, where a bus could board from either side, and on large ones, where it could not."""
    town = road({1: (400, y)}, highway, drive_on)
    (kerb,) = town.signed()
    assert town.goes_east(kerb) is east
    assert town.xy(kerb) == pytest.approx((400, y), abs=0.1)
    assert (kerb.stop_id, kerb.source, kerb.status) == ("n1", "bus_stop", StopStatus.ALLOWED)


def test_a_sign_too_far_from_any_road_is_none_of_ours(road: Callable[..., Road]) -> None:
    """A pole in a yard, behind the buildings, is left out without a word."""
    assert len(road({1: (400, -SIGN_REACH_M + 5)}).signed()) == 1
    assert road({1: (400, -SIGN_REACH_M - 5)}).signed() == ()


def test_a_sign_at_an_expressway_is_none_of_ours(road: Callable[..., Road]) -> None:
    """A bus may not halt on a trunk road."""
    assert road({1: (400, -6)}, "trunk").signed() == ()


def test_only_signs_near_the_homes_are_looked_up(road: Callable[..., Road]) -> None:
    """The horizon keeps a city's thousands of stops out of a small study."""
    town = road({1: (100, -6), 2: (900, -6)})
    assert [kerb.stop_id for kerb in town.signed(radius_m=300)] == ["n1"]
    assert [kerb.stop_id for kerb in town.signed()] == ["n1", "n2"]


@pytest.mark.parametrize(("gap_m", "expected"), [(SAME_SIGN_M - 5, ["n1"]), (SAME_SIGN_M + 5, ["n1", "n2"])])
def test_a_stop_mapped_twice_counts_once(road: Callable[..., Road], gap_m: float, expected: list[str]) -> None:
    """Two poles of one direction closer than 40 m are one stop; on opposite sides they are two."""
    assert [kerb.stop_id for kerb in road({1: (400, -6), 2: (400 + gap_m, -6)}).signed()] == expected
    assert len(road({1: (400, -6), 2: (400 + gap_m, 6)}).signed()) == 2


def test_a_row_of_the_table_comes_before_the_sign_it_lies_at(road: Callable[..., Road]) -> None:
    """Its id and status win; two rows of the table at one place both stay."""
    town = road({1: (400, -6)})
    (kerb,) = town.signed([town.row("T1", 410, -6, StopStatus.PINNED)])
    assert (kerb.stop_id, kerb.source, kerb.status, kerb.name) == ("T1", "table", StopStatus.PINNED, "Stop T1")
    both = town.signed([town.row("T1", 410, -6), town.row("T2", 420, -6)])
    assert [kerb.stop_id for kerb in both] == ["T1", "T2"]


def test_a_forbidden_row_makes_no_kerb_and_no_fault(road: Callable[..., Road]) -> None:
    """It only removes, and may lie where no road is any more."""
    town = road()
    rows = [town.row("T1", 400, -6, StopStatus.FORBIDDEN), town.row("T2", 400, -300, StopStatus.FORBIDDEN)]
    assert town.signed(rows) == ()


def test_rows_off_the_roads_are_reported_together(road: Callable[..., Road]) -> None:
    """With the line in the file, so that the planner mends all of them in one go."""
    town = road()
    rows = [
        town.row("T1", 400, -ROW_REACH_M - 5, row=2),
        town.row("T2", 400, -ROW_REACH_M + 5, row=3),
        town.row("T3", 400, -5_000, row=4),
    ]
    with pytest.raises(InputError) as caught:
        town.signed(rows)
    assert [(fault.row, fault.value, fault.file) for fault in caught.value.faults] == [
        (2, "T1", "stops.csv"),
        (4, "T3", "stops.csv"),
    ]


def test_a_platform_for_buses_is_a_sign_and_a_tram_platform_is_not(road: Callable[..., Road]) -> None:
    """The newer tagging scheme counts where it says bus."""
    platform = {"public_transport": "platform"}
    assert len(road({1: (400, -6)}, tags=platform | {"bus": "yes"}).signed()) == 1
    assert road({1: (400, -6)}, tags=platform | {"tram": "yes"}).signed() == ()


def test_riders_wait_on_the_pavement_where_the_pole_stands_across_a_one_way_street(
    draw: Draw, plane: LocalPlane
) -> None:
    """The bus comes from one side only and opens its doors to the right: riders do not wait on the left."""
    nodes = {101: (0, 0), 102: (1_000, 0), 103: (500, 400), 104: (-200, 0), 105: (1_200, 0)}
    street = {"highway": "residential"}
    ways = [(10, [101, 102], street | {"oneway": "yes"}), (11, [102, 103, 101], street)]
    ways += [(12, [101, 104], street), (13, [102, 105], street)]
    network = build_network(draw(nodes, ways))
    lon, lat = plane.to_lonlat(400, 8)
    kerb = kerb_at(network, "s", "Pole", float(lon), float(lat), "table", ROW_REACH_M)
    assert kerb is not None
    assert float(plane.to_xy(kerb.lon, kerb.lat)[1]) == pytest.approx(-4, abs=0.1)


def test_plan_stops_are_found_by_id_near_their_place_and_by_place_otherwise(road: Callable[..., Road]) -> None:
    """A known id close by is itself; a known id far away, or an unknown one, is where its coordinates say."""
    town = road({1: (400, -6)})
    known = {kerb.stop_id: kerb for kerb in town.signed()}
    found = plan_kerbs(town.network, [town.kept("n1", 402, -6), town.kept("X", 700, 6)], known)
    assert found["n1"] is known["n1"]
    assert (found["X"].source, town.goes_east(found["X"])) == ("plan", False)
    moved = plan_kerbs(town.network, [town.kept("n1", 700, -6)], known)["n1"]
    assert town.xy(moved) == pytest.approx((700, -6), abs=0.1)
    assert moved.source == "plan"


def test_plan_stops_off_the_roads_are_reported_together(road: Callable[..., Road]) -> None:
    """Each by its id, as faults of the plan."""
    town = road()
    with pytest.raises(InputError) as caught:
        plan_kerbs(town.network, [town.kept("X", 400, -900), town.kept("Y", 400, 6), town.kept("Z", -900, 0)], {})
    assert [(fault.file, fault.value) for fault in caught.value.faults] == [("plan.json", "X"), ("plan.json", "Z")]
