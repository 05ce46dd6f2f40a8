"""What nodes cost: the reading of one node's tags."""

import pytest

from routing.geo.delays import node_delay

SIGNAL_S = 12.0


@pytest.mark.parametrize(
    ("tags", "seconds"),
    [
        ({}, 0.0),
        ({"highway": "traffic_signals"}, SIGNAL_S),
        ({"highway": "traffic_signals", "traffic_signals": "pedestrian_crossing"}, 5.0),
        ({"highway": "traffic_signals", "crossing": "traffic_signals"}, SIGNAL_S),
        ({"highway": "crossing"}, 1.5),
        ({"highway": "crossing", "crossing": "zebra"}, 1.5),
        ({"highway": "crossing", "crossing": "traffic_signals"}, 5.0),
        ({"crossing": "no"}, 0.0),
        ({"railway": "level_crossing"}, 10.0),
        ({"railway": "station"}, 0.0),
        ({"traffic_calming": "table"}, 2.0),
        ({"traffic_calming": "no"}, 0.0),
        ({"highway": "stop"}, 4.0),
        ({"highway": "give_way"}, 2.0),
        ({"highway": "mini_roundabout"}, 2.0),
        ({"barrier": "toll_booth"}, 15.0),
        ({"barrier": "gate"}, 10.0),
        ({"barrier": "border_control"}, 300.0),
        ({"highway": "bus_stop"}, 0.0),
    ],
)
def test_delay(tags: dict[str, str], seconds: float) -> None:
    assert node_delay(tags, SIGNAL_S) == seconds


def test_the_wait_at_lights_is_the_vehicles() -> None:
    assert node_delay({"highway": "traffic_signals"}, 30.0) == 30.0
