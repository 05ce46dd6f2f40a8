"""A small plan document and scenario files, enough for a store that does not look inside."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.engine import Connection

from api.sealing import Sealer
from api.store.audit import Deed
from api.store.plans import PlanRecord, insert_plan
from api.store.scenarios import ScenarioRecord, insert_scenario

NOW = 1_700_000_000_000
DEED = Deed(actor="key_maker", at=NOW, trace_id="trace")
SEALER = Sealer({"test": b"0" * 32})
FILES = {
    "scenario.toml": b'[scenario]\nname = "town"\n',
    "riders.csv": b"rider_id,home_lon,home_lat\nr1,121.651110,38.923008\n",
    "roads.osm.pbf": b"\x00\x01roads",
}


def call(stop_id: str, clock: str, board: int = 0, alight: int = 0) -> dict[str, Any]:
    return {"stop_id": stop_id, "arrive": clock, "depart": clock, "board": board, "alight": alight}


def stop(stop_id: str, lon: float) -> dict[str, Any]:
    return {"stop_id": stop_id, "place_id": f"p{stop_id}", "name": stop_id, "lon": lon, "lat": 38.9, "kind": "stop"}


def document(plan_id: str = "plan_0123", departure: str = "07:30:00") -> dict[str, Any]:
    """Return a plan of one line with one inbound trip over two stops to a worksite, two seats taken of three."""
    trip = {
        "trip_id": "L1-in",
        "direction": "inbound",
        "shift_ids": ["day"],
        "vehicle_type_id": "bus",
        "days": "1111100",
        "riders": 2,
        "distance_m": 9_000,
        "stops": [call("a", departure, board=1), call("b", "07:40:00", board=1), call("park", "08:10:00", alight=2)],
    }
    seats = [
        {"rider_id": rider, "direction": "inbound", "trip_id": "L1-in", "board_stop_id": at, "alight_stop_id": "park"}
        for rider, at in (("r1", "a"), ("r2", "b"))
    ]
    return {
        "api_version": "v1",
        "plan_id": plan_id,
        "scenario": "town",
        "timezone": "Asia/Shanghai",
        "summary": {"riders": 2, "served": 2, "lines": 1, "cost_fen": 60_000},
        "vehicle_types": [{"vehicle_type_id": "bus", "seats": 3}],
        "lines": [{"line_id": "L1", "name": "Line 1", "trips": [trip]}],
        "stops": [
            stop("a", 121.60),
            stop("b", 121.61),
            stop("park", 121.64) | {"place_id": "park", "kind": "worksite"},
        ],
        "assignments": seats,
        "blocks": [{"block_id": "b1", "vehicle_type_id": "bus", "depot_id": "d", "trip_ids": ["L1-in"]}],
        "unserved": [],
    }


def kept_scenario(connection: Connection, files: Mapping[str, bytes] = FILES) -> ScenarioRecord:
    return insert_scenario(connection, SEALER, "town", files, DEED)


def kept_plan(connection: Connection, content: Mapping[str, Any] | None = None, deed: Deed = DEED) -> PlanRecord:
    """Keep a plan of the small scenario as a draft."""
    scenario = kept_scenario(connection)
    return insert_plan(
        connection, service="town", scenario_id=scenario.scenario_id, document=content or document(), deed=deed
    )
