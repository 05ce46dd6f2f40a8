"""Which ways a 12 m bus may use, and in which direction."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.geo.access import WayRule, blocks, conditional_keys, way_rule, way_rules
from routing.geo.graph import (
    FLAG_BRIDGE,
    FLAG_FERRY,
    FLAG_LINK,
    FLAG_RESTRICTED,
    FLAG_ROUNDABOUT,
    FLAG_TUNNEL,
)
from routing.geo.profile import ROAD_CLASSES, VehicleProfile

BUS = VehicleProfile()
CAR = VehicleProfile(name="car", access_keys=("motor_vehicle", "vehicle", "access"))
BOTH, FORWARD, BACKWARD, CLOSED = "both", "forward", "backward", "closed"


def ways(vehicle: VehicleProfile, /, **tags: str) -> str:
    """Return in which directions a vehicle may use a way; underscores stand for colons, two for themselves."""
    named = {key.replace("__", "\0").replace("_", ":").replace("\0", "_"): value for key, value in tags.items()}
    rule = way_rule({"highway": "residential", **named}, vehicle)
    if rule is None:
        return CLOSED
    return {(True, True): BOTH, (True, False): FORWARD, (False, True): BACKWARD}[rule.forward, rule.backward]


def rule(**tags: str) -> WayRule:
    found = way_rule({"highway": "primary", **{key.replace("_", ":"): value for key, value in tags.items()}}, BUS)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "highway", ["motorway", "trunk_link", "primary", "tertiary", "living_street", "busway", "road"]
)
def test_streets_are_open(highway: str) -> None:
    assert ways(BUS, highway=highway) != CLOSED


@pytest.mark.parametrize(
    "highway", ["footway", "cycleway", "steps", "path", "track", "pedestrian", "construction", "proposed", "platform"]
)
def test_what_is_no_street_is_closed(highway: str) -> None:
    assert ways(BUS, highway=highway) == CLOSED


def test_a_bus_gate_opens_a_pedestrian_street_but_not_for_cars() -> None:
    assert ways(BUS, highway="pedestrian", bus="yes") == BOTH
    assert ways(CAR, highway="pedestrian", bus="yes") == CLOSED


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"access": "no"}, CLOSED),
        ({"access": "private"}, CLOSED),
        ({"access": "no", "bus": "yes"}, BOTH),
        ({"access": "no", "psv": "yes"}, BOTH),
        ({"access": "no", "psv": "yes", "bus": "no"}, CLOSED),
        ({"motor__vehicle": "no", "psv": "designated"}, BOTH),
        ({"vehicle": "no", "motor__vehicle": "yes"}, BOTH),
        ({"access": "yes", "vehicle": "no"}, CLOSED),
        ({"motor__vehicle": "destination"}, BOTH),
        ({"access": "customers"}, BOTH),
        ({"access": "agricultural"}, CLOSED),
        ({"motor__vehicle_backward": "no"}, FORWARD),
        ({"motor__vehicle_backward": "no", "bus": "yes"}, BOTH),
        ({"psv_forward": "no"}, BACKWARD),
    ],
)
def test_the_strongest_access_tag_decides(tags: dict[str, str], expected: str) -> None:
    """Precedence: bus > psv > motor_vehicle > vehicle > access; one direction before both."""
    assert ways(BUS, **tags) == expected


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"oneway": "yes"}, FORWARD),
        ({"oneway": "1"}, FORWARD),
        ({"oneway": "-1"}, BACKWARD),
        ({"oneway": "no"}, BOTH),
        ({"oneway": "yes", "oneway_bus": "no"}, BOTH),
        ({"oneway": "yes", "oneway_psv": "no"}, BOTH),
        ({"oneway": "no", "oneway_bus": "yes"}, FORWARD),
        ({"oneway": "yes", "oneway_bus": "-1"}, BACKWARD),
        ({"oneway": "yes", "oneway_psv": "no", "oneway_bus": "yes"}, FORWARD),
        ({"oneway": "yes", "busway": "opposite_lane"}, BOTH),
        ({"oneway": "yes", "busway_left": "opposite_lane"}, BOTH),
        ({"oneway": "yes", "lanes_psv_backward": "1"}, BOTH),
        ({"oneway": "-1", "lanes_bus_forward": "1"}, BOTH),
        ({"oneway": "yes", "lanes_bus_forward": "1"}, FORWARD),
        ({"oneway": "reversible"}, CLOSED),
        ({"junction": "roundabout"}, FORWARD),
        ({"junction": "roundabout", "oneway": "no"}, BOTH),
        ({"highway": "motorway"}, FORWARD),
        ({"highway": "motorway", "oneway": "no"}, BOTH),
        ({"highway": "motorway__link"}, BOTH),
    ],
)
def test_directions(tags: dict[str, str], expected: str) -> None:
    fixed = {key: value.replace("__", "_") for key, value in tags.items()}
    assert ways(BUS, **fixed) == expected


@pytest.mark.parametrize("tag", ["oneway_bus", "oneway_psv", "busway"])
def test_cars_do_not_profit_from_bus_lanes(tag: str) -> None:
    assert ways(CAR, oneway="yes", **{tag: "opposite_lane" if tag == "busway" else "no"}) == FORWARD


@pytest.mark.parametrize(
    ("key", "small", "large"),
    [("maxheight", "3.2", "3.8"), ("maxweight", "3.5", "20"), ("maxwidth", "2.3", "3"), ("maxlength", "10", "18")],
)
def test_a_limit_below_the_bus_closes_the_way(key: str, small: str, large: str) -> None:
    assert ways(BUS, **{key: small}) == CLOSED
    assert ways(BUS, **{key: large}) == BOTH
    assert ways(BUS, **{key: "default"}) == BOTH
    assert ways(BUS, **{key: small, f"{key}_bus": large}) == BOTH


def test_a_minibus_fits_where_a_bus_does_not() -> None:
    minibus = VehicleProfile(name="minibus", length_m=7.0, height_m=2.7, weight_t=5.0)
    assert ways(minibus, maxheight="3.2", maxweight="7.5") == BOTH


@pytest.mark.parametrize("service", ["driveway", "parking_aisle", "emergency_access", "alley"])
def test_small_service_ways_are_closed_unless_made_for_buses(service: str) -> None:
    assert ways(BUS, highway="service", service=service) == CLOSED
    assert ways(BUS, highway="service", service=service, access="yes") == CLOSED
    assert ways(BUS, highway="service", service=service, psv="yes") == BOTH
    assert ways(BUS, highway="service") == BOTH


def test_squares_are_no_streets() -> None:
    assert ways(BUS, area="yes") == CLOSED


def test_ferries_are_off_by_default() -> None:
    """Pitfall 7."""
    assert way_rule({"route": "ferry", "motor_vehicle": "yes"}, BUS) is None


def test_ferries_are_on_when_asked_for() -> None:
    found = way_rule({"route": "ferry", "motor_vehicle": "yes"}, VehicleProfile(ferries=True))
    assert found is not None
    assert found.flags & FLAG_FERRY
    assert ROAD_CLASSES[found.road_class] == "ferry"


@pytest.mark.parametrize("tags", [{}, {"motor_vehicle": "no"}, {"foot": "yes"}])
def test_ferries_for_people_on_foot_are_never_on(tags: dict[str, str]) -> None:
    assert way_rule({"route": "ferry", **tags}, VehicleProfile(ferries=True)) is None


def test_limits_per_direction() -> None:
    found = rule(maxspeed="40", maxspeed_backward="20")
    assert (found.forward_kmh, found.backward_kmh) == (40.0, 20.0)


def test_a_limit_for_buses_outweighs_the_general_one() -> None:
    assert rule(maxspeed="40", maxspeed_bus="30").forward_kmh == 30.0


def test_lanes_are_shared_between_the_directions() -> None:
    assert (rule(lanes="4").forward_lanes, rule(lanes="4").backward_lanes) == (2, 2)
    assert rule(lanes="3", oneway="yes").forward_lanes == 3
    assert rule(lanes="3", lanes_forward="2", lanes_backward="1").forward_lanes == 2
    assert rule().forward_lanes == 1
    assert rule(lanes="many").forward_lanes == 1


@pytest.mark.parametrize(
    ("tags", "flag"),
    [
        ({"bridge": "yes"}, FLAG_BRIDGE),
        ({"bridge": "viaduct"}, FLAG_BRIDGE),
        ({"tunnel": "yes"}, FLAG_TUNNEL),
        ({"junction": "roundabout"}, FLAG_ROUNDABOUT),
        ({"highway": "trunk_link"}, FLAG_LINK),
        ({"motor_vehicle": "destination"}, FLAG_RESTRICTED),
    ],
)
def test_flags(tags: dict[str, str], flag: int) -> None:
    found = way_rule({"highway": "primary", **tags}, BUS)
    assert found is not None
    assert found.flags == flag


def test_no_bridge_is_no_bridge() -> None:
    assert rule(bridge="no", tunnel="no").flags == 0


def test_the_layer_is_read_and_bounded() -> None:
    assert rule(layer="-2").layer == -2
    assert rule(layer="x").layer == 0
    assert rule(layer="99").layer == 9


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({}, False),
        ({"barrier": "bollard"}, True),
        ({"barrier": "gate"}, False),
        ({"barrier": "gate", "access": "private"}, True),
        ({"barrier": "gate", "access": "private", "bus": "yes"}, False),
        ({"barrier": "bollard", "motor_vehicle": "yes"}, False),
        ({"barrier": "bus_trap"}, False),
        ({"barrier": "height_restrictor", "maxheight": "2.1"}, True),
        ({"barrier": "something_new"}, True),
        ({"access": "no"}, False),
    ],
)
def test_barriers(tags: dict[str, str], expected: bool) -> None:
    assert blocks(tags, BUS) is expected


def test_only_conditions_that_concern_a_bus_are_reported() -> None:
    tags = {
        "motor_vehicle:conditional": "no @ (22:00-05:00)",
        "maxweight:hgv:conditional": "none @ delivery",
        "maxspeed:forward:conditional": "30 @ (22:00-06:00)",
        "parking:conditional": "no",
        "access": "yes",
    }
    assert conditional_keys(tags) == ("motor_vehicle:conditional", "maxspeed:forward:conditional")


KEYS = (
    *("access", "vehicle", "motor_vehicle", "psv", "bus", "bus:forward", "psv:backward", "access:forward"),
    *("oneway", "oneway:bus", "oneway:psv", "busway", "busway:left", "lanes", "lanes:psv:backward", "lanes:forward"),
    *("maxspeed", "maxspeed:backward", "maxheight", "maxheight:bus", "maxweight", "maxwidth:physical", "maxlength"),
    *("junction", "service", "area", "layer", "bridge", "tunnel", "route", "name", "name:zh", "surface"),
)
VALUES = ("yes", "no", "-1", "2", "opposite_lane", "roundabout", "private", "driveway", "ferry", "designated")


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["primary", "service", "pedestrian", "motorway", "footway"]),
            st.dictionaries(st.sampled_from(KEYS), st.sampled_from(VALUES), max_size=6),
        ),
        max_size=8,
    )
)
def test_judging_many_ways_at_once_judges_each_alike(ways: list[tuple[str, dict[str, str]]]) -> None:
    """The shortcut for ways with the same telling tags must forget no tag that tells."""
    tagged = [{"highway": highway, **tags} for highway, tags in ways]
    assert list(way_rules(tagged, BUS)) == [way_rule(tags, BUS) for tags in tagged]
    without = [{key: value for key, value in tags.items() if not key.startswith(("name", "surf"))} for tags in tagged]
    assert list(way_rules(tagged + without, CAR)) == [way_rule(tags, CAR) for tags in tagged] * 2
