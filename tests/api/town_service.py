"""The hand-made town of `tests.cases`, published: offers and seats that can be counted by hand."""

import datetime as dt
from typing import Any

from sqlalchemy.engine import Connection

from api.desk import Desk
from api.ids import new_id
from api.published import SHELF, Board, Edition
from api.store.audit import Deed
from api.store.holds import Hold
from api.store.plans import approve_plan, find_plan, insert_plan, list_publications, publish_plan
from api.store.seats import Span
from api.store.states import HoldState
from routing.model.plan import Plan
from routing.model.problem import Problem
from routing.offers import index_plan
from tests.api.samples import DEED, NOW, document, kept_scenario
from tests.cases import town, town_plan
from tests.offers.asking import RoadWalker

WEDNESDAY = dt.date(2023, 11, 15)
"""The day on which the clock of the tests stands still, in Shanghai."""
THURSDAY, FRIDAY, SATURDAY = (WEDNESDAY + dt.timedelta(days=i) for i in (1, 2, 3))
INBOUND = {"trip_id": "a_in", "board_stop_id": "gate_in", "alight_stop_id": "north"}
OUTBOUND = {"trip_id": "a_out", "board_stop_id": "north", "alight_stop_id": "gate_out"}
MARKET = {"trip_id": "a_in", "board_stop_id": "market_in", "alight_stop_id": "north"}
QUAY = {"trip_id": "b_in", "board_stop_id": "quay", "alight_stop_id": "south"}
LIFE_MS = 1_000
"""How long the holds of `asked_hold` last."""


def publish(connection: Connection, service: str = "town", day: dt.date = WEDNESDAY, deed: Deed = DEED) -> str:
    """Keep, approve and publish a plan document, and return its id; what it says is not looked at."""
    scenario = kept_scenario(connection)
    content = document() | {"plan_id": f"{service} from {day}"}
    made = insert_plan(connection, service=service, scenario_id=scenario.scenario_id, document=content, deed=deed)
    approved = approve_plan(connection, find_plan(connection, made.plan_id), deed, two_persons=False)
    publish_plan(connection, approved, day, deed)
    return made.plan_id


def span(
    plan_id: str, first: int = 0, end: int = 2, *, seats: int = 1, trip_id: str = "t1", date: dt.date = THURSDAY
) -> Span:
    """Return seats on a trip of which the store knows no more than its rows say."""
    return Span(
        plan_id=plan_id,
        trip_id=trip_id,
        service_date=date,
        board_stop_id=f"s{first}",
        alight_stop_id=f"s{end}",
        first=first,
        end=end,
        seats=seats,
    )


def asked_hold(*spans: Span, now: int = NOW, rider_id: str | None = None) -> Hold:
    """Return a hold that can be made, its trips all of one line."""
    return Hold(
        hold_id=new_id("hold"),
        service="town",
        key_id="key",
        rider_id=rider_id,
        state=HoldState.HELD,
        created_at=now,
        expires_at=now + LIFE_MS,
        extended=False,
        version=1,
        offer={"lines": {one.trip_id: "line 1" for one in spans}},
        spans=spans,
    )


def edition(plan_id: str, problem: Problem | None = None, plan: Plan | None = None, service: str = "town") -> Edition:
    """Return the town's edition, made by hand rather than from a scenario."""
    problem, plan = problem or town(), plan or town_plan()
    counts = {rider.rider_id: rider.count for rider in problem.riders}
    return Edition(
        plan_id=plan_id,
        service=service,
        timezone="Asia/Shanghai",
        crs="wgs84",
        index=index_plan(problem, plan, RoadWalker, plan_id=plan_id),
        seated={
            (a.rider_id, a.trip_id): (a.board_stop_id, a.alight_stop_id, counts[a.rider_id]) for a in plan.assignments
        },
    )


def put_up(desk: Desk, *editions: Edition) -> None:
    """Put editions of published plans on the desk's board."""
    board: Board = desk.shelf.get(SHELF) or Board()
    with desk.store.read() as connection:
        published = list_publications(connection)
    known = dict(board.editions) | {one.plan_id: one for one in editions}
    desk.shelf[SHELF] = Board(publications=published, editions=known, complete=True)


def open_town(desk: Desk, **given: Any) -> str:
    """Publish the town in the desk's store and on its board; returns the plan's id."""
    plan_id = desk.store.transact(publish)
    put_up(desk, edition(plan_id, **given))
    return plan_id


def iso(*dates: dt.date) -> list[str]:
    return [date.isoformat() for date in dates]
