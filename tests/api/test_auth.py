"""The doorkeeper: remembers keys for seconds, counts requests, and never grows without end."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import auth
from api.auth import BURST_S, REMEMBERED, REMEMBERED_MS, Bucket, Caller, Doorkeeper
from api.desk import Desk
from api.errors import ApiError
from api.store.keys import ApiKey, create_key
from tests.api.conftest import NOON, Watch
from tests.api.databases import copied


@pytest.fixture
def url(file: Path, tmp_path: Path) -> str:
    """Return the URL of SQLite alone: what is tested here is the same on any database."""
    return copied(file, tmp_path)


def allowed(keeper: Doorkeeper, rate: int, at: int) -> bool:
    try:
        keeper.take("key", rate, at)
    except ApiError:
        return False
    return True


def test_whoever_is_too_fast_is_told_when_to_come_back() -> None:
    keeper = Doorkeeper()
    keeper.buckets["key"] = Bucket(tokens=0.5, at=NOON)
    with pytest.raises(ApiError) as refused:
        keeper.take("key", 1, NOON)
    assert (refused.value.status, refused.value.headers) == (429, {"Retry-After": "1"})


@given(st.integers(1, 50), st.lists(st.integers(0, 3_000), min_size=1, max_size=200))
def test_nobody_gets_more_than_the_rate_and_one_burst(rate: int, gaps: list[int]) -> None:
    keeper, now, passed = Doorkeeper(), NOON, 0
    for gap in gaps:
        now += gap
        passed += allowed(keeper, rate, now)
    assert passed <= rate * (BURST_S + (now - NOON) / 1_000)


@given(st.integers(1, 50), st.integers(1, 100))
def test_whoever_keeps_to_the_rate_is_never_refused(rate: int, requests: int) -> None:
    keeper, step = Doorkeeper(), -(-1_000 // rate)
    assert all(allowed(keeper, rate, NOON + step * number) for number in range(requests))


def test_no_limit_is_no_limit() -> None:
    keeper = Doorkeeper()
    assert all(allowed(keeper, 0, NOON) for _ in range(10_000))
    assert keeper.buckets == {}


def test_somebody_elses_haste_is_not_mine() -> None:
    keeper = Doorkeeper()
    for _ in range(BURST_S):
        keeper.take("mine", 1, NOON)
    keeper.take("other", 1, NOON)
    with pytest.raises(ApiError):
        keeper.take("mine", 1, NOON)


def test_guesses_do_not_fill_the_memory(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auth, "find_key", lambda _connection, _secret: None)

    async def guess() -> Doorkeeper:
        keeper = Doorkeeper()
        for number in range(REMEMBERED + 100):
            assert await keeper.key_of(desk, f"guess {number}") is None
            keeper.take(f"address {number}", 5, NOON)
        return keeper

    keeper = asyncio.run(guess())
    assert (len(keeper.keys), len(keeper.buckets)) == (REMEMBERED, REMEMBERED)


def test_a_key_is_looked_up_once_in_some_seconds(desk: Desk, watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    with desk.store.write() as connection:
        made, secret = create_key(connection, name="", scopes=["booking"], now=NOON, expires_at=NOON + 4_000)
    asked: list[str] = []
    find = auth.find_key
    monkeypatch.setattr(auth, "find_key", lambda c, s: asked.append(s) or find(c, s))

    async def ask() -> list[ApiKey | None]:
        keeper, found = Doorkeeper(), []
        for ms in (0, REMEMBERED_MS - 2_000, 2_000):
            watch.now += ms
            found.append(await keeper.key_of(desk, secret))
        return found

    assert asyncio.run(ask()) == [made, made, None]
    assert len(asked) == 2


def test_a_caller_may_do_what_the_key_says() -> None:
    key = ApiKey(key_id="key_1", name="", scopes=frozenset({"booking"}), created_at=0, expires_at=None, revoked_at=None)
    caller = Caller(key=key, trace_id="t", at=NOON)
    assert (caller.may("booking"), caller.may("pii:read")) == (True, False)
    assert (caller.deed.actor, caller.deed.at, caller.deed.trace_id) == ("key_1", NOON, "t")
