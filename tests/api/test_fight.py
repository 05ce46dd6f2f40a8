"""A short fight for the last seats: many threads, and processes that are killed; the long one is a benchmark."""

import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy.engine import Connection

from api.errors import ApiError
from api.store import Store, open_store
from api.store.holds import (
    Hold,
    HoldExpiredError,
    confirm_hold,
    expire_holds,
    extend_hold,
    make_hold,
    release_hold,
)
from api.store.seating import bookings, hold_seats, holds, segment_seats
from api.store.seats import TripDay
from api.store.states import BookingState, HoldState
from tests.api.conftest import NOON
from tests.api.databases import KINDS, copied, emptied, without_settings
from tests.api.town_service import LIFE_MS, THURSDAY, asked_hold, publish, span

SEGMENTS = 4
SEATS = 6
KEPT = (1, 2, 2, 0)


def day(plan_id: str, trip_id: str = "t1") -> TripDay:
    return TripDay(plan_id=plan_id, trip_id=trip_id, service_date=THURSDAY, seats=SEATS, kept=KEPT)


def ask(plan_id: str, now: int, *rides: tuple[str, int, int], people: int = 1) -> Hold:
    """Return a hold of rides, each a trip and its first and end segment."""
    return asked_hold(*(span(plan_id, a, b, trip_id=trip, seats=people) for trip, a, b in rides), now=now)


def put(connection: Connection, hold: Hold, now: int) -> Hold:
    days = {span.trip_id: day(span.plan_id, span.trip_id) for span in hold.spans}
    return make_hold(connection, hold, list(days.values()), now=now, wait_ms=LIFE_MS)


def check_counters(connection: Connection) -> None:
    """Count seats anew from holds, and compare them with the counters; nobody stands."""
    live = (HoldState.HELD, HoldState.CONFIRMED)
    rides = connection.execute(
        sa.select(hold_seats).join(holds, holds.c.hold_id == hold_seats.c.hold_id).where(holds.c.state.in_(live))
    ).all()
    aboard: Counter[tuple[str, int]] = Counter()
    for ride in rides:
        for segment in range(ride.first_segment, ride.end_segment):
            aboard[ride.trip_id, segment] += ride.seats
    for row in connection.execute(sa.select(segment_seats)):
        assert row.taken == aboard[row.trip_id, row.segment]
        assert row.taken + row.kept <= row.seats


def test_many_threads_never_oversell_and_lose_nothing(store: Store) -> None:
    """Forty bookers, two trips in either order, and holds that run out meanwhile."""
    plan_id = store.transact(publish)
    confirmed: list[str] = []
    codes: set[str] = set()
    begin = time.monotonic()

    def now() -> int:
        return NOON + round((time.monotonic() - begin) * 1_000)

    def book(number: int) -> None:
        rng = random.Random(number)
        rides = [("t1", 0, rng.randint(1, 4)), ("t2", rng.randint(0, 3), 4)]
        rng.shuffle(rides)
        try:
            held = store.transact(lambda c: put(c, ask(plan_id, now(), *rides), now()))
            if rng.random() < 0.3:
                return
            store.transact(lambda c: confirm_hold(c, held.hold_id, now()))
            if rng.random() < 0.3:
                store.transact(lambda c: release_hold(c, held.hold_id, now=now(), wait_ms=LIFE_MS))
            else:
                confirmed.append(held.hold_id)
        except HoldExpiredError:
            pass
        except ApiError as refused:
            codes.add(refused.code)

    stop = threading.Event()

    def sweep() -> None:
        while not stop.wait(0.02):
            store.transact(lambda c: expire_holds(c, now(), wait_ms=LIFE_MS))

    sweeper = threading.Thread(target=sweep)
    sweeper.start()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(book, range(40)))
    stop.set()
    sweeper.join()
    with store.read() as connection:
        check_counters(connection)
        state = BookingState.CONFIRMED
        booked = set(connection.execute(sa.select(bookings.c.hold_id).where(bookings.c.state == state)).scalars())
    assert booked == set(confirmed)
    assert confirmed
    assert codes <= {"seats_gone"}


BOOKER = """
import sys
from api.store import open_store
from api.store.holds import confirm_hold
from tests.api.test_fight import ask, put
from tests.api.conftest import NOON
url, plan_id = sys.argv[1:]
store = open_store(url)
while True:
    try:
        held = store.transact(lambda c: put(c, ask(plan_id, NOON, ("t1", 0, 4)), NOON))
        store.transact(lambda c: confirm_hold(c, held.hold_id, NOON))
        print(held.hold_id, flush=True)
    except Exception:
        print("full", flush=True)
        break
"""


def test_a_killed_process_leaves_whole_transactions(store: Store, url: str) -> None:
    """A booker says what it has confirmed; killed at any moment, all of that is there, and the counters are right."""
    plan_id = store.transact(publish)
    command = [sys.executable, "-c", BOOKER, url, plan_id]
    root = Path(__file__).parents[2]
    booker = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=root, env=without_settings()
    )
    assert booker.stdout is not None
    said = [booker.stdout.readline().strip() for _ in range(2)]
    booker.send_signal(signal.SIGKILL)
    said += booker.communicate()[0].split()
    with store.write() as connection:
        check_counters(connection)
        booked = set(connection.execute(sa.select(bookings.c.hold_id)).scalars())
    whole = {line for line in said if line.startswith("hold_") and len(line) == len("hold_") + 26}
    assert whole
    assert whole <= booked


class Booking(RuleBasedStateMachine):
    """Holds, confirmations, releases, extensions and time, in any order, beside a model of a few lines."""

    def __init__(self, fresh: Callable[[], str]) -> None:
        super().__init__()
        self.fresh = fresh

    @initialize()
    def begin(self) -> None:
        self.store = open_store(self.fresh())
        self.plan_id = self.store.transact(publish)
        self.now = NOON
        self.model: dict[str, dict[str, Any]] = {}

    def free(self, first: int, end: int) -> int:
        live = [h for h in self.model.values() if h["state"] in {"held", "confirmed"}]
        used = [sum(h["people"] for h in live if h["first"] <= s < h["end"]) + KEPT[s] for s in range(SEGMENTS)]
        return min(SEATS - people for people in used[first:end])

    def pass_time(self) -> None:
        """Let the model's holds on the trip run out: whoever finds too few seats, or sweeps, ends them."""
        for held in self.model.values():
            if held["state"] == "held" and held["until"] <= self.now:
                held["state"] = "expired"

    @rule(first=st.integers(0, 3), length=st.integers(1, 4), people=st.integers(1, 3))
    def hold(self, first: int, length: int, people: int) -> None:
        end = min(SEGMENTS, first + length)
        if self.free(first, end) < people:
            before = {k: v["state"] for k, v in self.model.items()}
            self.pass_time()
            if self.free(first, end) < people:  # a refusal rolls back: nothing has run out after all
                for name, state in before.items():
                    self.model[name]["state"] = state
                with pytest.raises(ApiError):
                    self.store.transact(lambda c: put(c, ask(self.plan_id, self.now, ("t1", first, end),
                                                             people=people), self.now))  # fmt: skip
                return
        asked = ask(self.plan_id, self.now, ("t1", first, end), people=people)
        made = self.store.transact(lambda c: put(c, asked, self.now))
        self.model[made.hold_id] = {
            "state": "held", "first": first, "end": end, "people": people, "until": self.now + LIFE_MS, "more": True,
        }  # fmt: skip

    @rule(data=st.data(), what=st.sampled_from(["confirm", "release", "extend"]))
    def act(self, data: st.DataObject, what: str) -> None:
        if not self.model:
            return
        name = data.draw(st.sampled_from(sorted(self.model)))
        held = self.model[name]
        over = held["state"] == "expired" or (held["state"] == "held" and held["until"] <= self.now)
        if what == "release":
            self.store.transact(lambda c: release_hold(c, name, now=self.now, wait_ms=LIFE_MS))
            held["state"] = held["state"] if held["state"] == "expired" else "released"
            return

        def work(connection: Connection) -> Hold:
            if what == "confirm":
                return confirm_hold(connection, name, self.now)
            return extend_hold(connection, name, now=self.now, more_ms=LIFE_MS)

        if over:
            with pytest.raises(HoldExpiredError):
                self.store.transact(work)
        elif held["state"] == "held" and (what == "confirm" or held["more"]):
            self.store.transact(work)
            held.update(
                {"state": "confirmed"} if what == "confirm" else {"until": held["until"] + LIFE_MS, "more": False}
            )
        elif held["state"] == "confirmed" and what == "confirm":
            self.store.transact(work)
        else:
            with pytest.raises(ApiError):
                self.store.transact(work)

    @rule(ms=st.integers(1, 2 * LIFE_MS))
    def time_goes_by(self, ms: int) -> None:
        self.now += ms

    @rule()
    def sweep(self) -> None:
        self.pass_time()
        self.store.transact(lambda c: expire_holds(c, self.now, wait_ms=LIFE_MS))

    @invariant()
    def counters_are_right(self) -> None:
        if not hasattr(self, "store"):
            return
        with self.store.read() as connection:
            check_counters(connection)
            states = dict(connection.execute(sa.select(holds.c.hold_id, holds.c.state)).all())
        assert states == {name: held["state"] for name, held in self.model.items()}

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()


@pytest.fixture(params=KINDS)
def fresh(request: pytest.FixtureRequest, file: Path, shared: str, tmp_path: Path) -> Callable[[], str]:
    """Return what empties a database and gives its URL, as often as it is called."""
    return partial(copied, file, tmp_path) if request.param == "sqlite" else partial(emptied, shared)


def test_holds_keep_their_promises_in_any_order(fresh: Callable[[], str]) -> None:
    run_state_machine_as_test(
        partial(Booking, fresh),
        settings=settings(
            max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
