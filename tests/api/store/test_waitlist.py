"""The waiting list as rows: order, room, and what becomes of places."""

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from api.errors import ApiError
from api.ids import new_id
from api.store import Store
from api.store.holds import get_hold, offer_seats
from api.store.seating import holds
from api.store.seats import Span, TripDay, count_seats, open_days, take
from api.store.states import HoldState, WaitState
from api.store.waitlist import ENDS, Place, find_served, get_place, join_waiting, leave_waiting, settle_waiting
from tests.api.conftest import NOON
from tests.api.town_service import FRIDAY, THURSDAY, publish, span


@pytest.fixture
def plan_id(store: Store) -> str:
    """Return a plan whose trip has three seats on each of two segments, on two dates."""
    plan_id = store.transact(publish)
    days = [
        TripDay(plan_id=plan_id, trip_id="t1", service_date=date, seats=3, kept=(0, 0)) for date in (THURSDAY, FRIDAY)
    ]
    store.transact(lambda connection: open_days(connection, days))
    return plan_id


def join(connection: Connection, span: Span, rider_id: str | None = None) -> str:
    waiting_id = new_id("wait")
    place = Place(
        waiting_id=waiting_id,
        service="town",
        key_id="key",
        rider_id=rider_id,
        state=WaitState.WAITING,
        span=span,
        hold_id=None,
        created_at=NOON,
    )
    join_waiting(connection, place)
    assert get_place(connection, waiting_id) == place
    return waiting_id


def served(connection: Connection, *keys: tuple) -> list[str]:
    return [place.waiting_id for place in find_served(connection, list(keys))]


def test_as_many_are_served_as_there_are_seats_in_the_order_of_coming(store: Store, plan_id: str) -> None:
    with store.write() as connection:
        names = [join(connection, span(plan_id)) for _ in range(5)]
        assert served(connection, span(plan_id).key) == names[:3]


def test_rides_that_do_not_meet_share_a_seat(store: Store, plan_id: str) -> None:
    with store.write() as connection:
        take(connection, [span(plan_id, seats=2)])
        names = [join(connection, span(plan_id, *ends)) for ends in ((0, 1), (0, 1), (1, 2))]
        assert served(connection, span(plan_id).key) == [names[0], names[2]]


def test_who_needs_more_than_there_is_is_passed_over(store: Store, plan_id: str) -> None:
    with store.write() as connection:
        take(connection, [span(plan_id)])
        names = [join(connection, span(plan_id, seats=seats)) for seats in (3, 2, 1)]
        assert served(connection, span(plan_id).key) == [names[1]]


def test_only_the_days_that_are_named_are_looked_at(store: Store, plan_id: str) -> None:
    with store.write() as connection:
        thursday, friday = join(connection, span(plan_id)), join(connection, span(plan_id, date=FRIDAY))
        assert served(connection, span(plan_id, date=FRIDAY).key) == [friday]
        assert served(connection, span(plan_id).key, span(plan_id, date=FRIDAY).key) == [thursday, friday]
        assert served(connection) == []


def test_an_offered_seat_is_held_for_whom_it_is_offered(store: Store, plan_id: str) -> None:
    with store.write() as connection:
        name = join(connection, span(plan_id, seats=2), rider_id="u-1")
        offer_seats(connection, {span(plan_id).key}, now=NOON, wait_ms=500)
        place = get_place(connection, name)
        held = get_hold(connection, str(place.hold_id))
        assert (place.state, held.state, held.rider_id, held.expires_at) == (
            WaitState.OFFERED,
            HoldState.HELD,
            "u-1",
            NOON + 500,
        )
        assert held.spans == (span(plan_id, seats=2),)
        key = span(plan_id).key
        assert [count.left for count in count_seats(connection, [key])[key]] == [1, 1]


def test_offering_twice_holds_once(store: Store, plan_id: str) -> None:
    with store.write() as connection:
        join(connection, span(plan_id))
        for _ in range(2):
            offer_seats(connection, {span(plan_id).key}, now=NOON, wait_ms=500)
        assert connection.execute(sa.select(sa.func.count()).select_from(holds)).scalar_one() == 1


@pytest.mark.parametrize(("ended", "state"), sorted(ENDS.items()))
def test_the_end_of_a_hold_is_the_end_of_its_place(
    store: Store, plan_id: str, ended: HoldState, state: WaitState
) -> None:
    with store.write() as connection:
        name, other = join(connection, span(plan_id)), join(connection, span(plan_id))
        offer_seats(connection, {span(plan_id).key}, now=NOON, wait_ms=500)
        settle_waiting(connection, str(get_place(connection, name).hold_id), ended, NOON)
        assert get_place(connection, name).state is state
        assert get_place(connection, other).state is WaitState.OFFERED


def test_who_leaves_is_not_served(store: Store, plan_id: str) -> None:
    with store.write() as connection:
        first, second = join(connection, span(plan_id)), join(connection, span(plan_id))
        assert leave_waiting(connection, first, NOON).state is WaitState.CANCELLED
        assert leave_waiting(connection, first, NOON).state is WaitState.CANCELLED
        assert served(connection, span(plan_id).key) == [second]


def test_a_place_with_a_held_seat_is_left_by_its_hold(store: Store, plan_id: str) -> None:
    with store.write() as connection:
        name = join(connection, span(plan_id))
        offer_seats(connection, {span(plan_id).key}, now=NOON, wait_ms=500)
        with pytest.raises(ApiError) as refused:
            leave_waiting(connection, name, NOON)
        assert refused.value.code == "wrong_state"
        with pytest.raises(ApiError):
            get_place(connection, "wait_none")
