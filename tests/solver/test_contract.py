"""When a search stops: each criterion's share, what several of them say together, and what they refuse."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.solver import FirstOf, Interrupted, MaxIterations, MaxRuntime
from routing.solver.contract import was_interrupted


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Replace the clock by a cell that the test sets [s]."""
    cell = [1_000.0]
    monkeypatch.setattr("routing.solver.contract.time.perf_counter", lambda: cell[0])
    return cell


def event(*, is_set: bool) -> threading.Event:
    """Return an event."""
    made = threading.Event()
    if is_set:
        made.set()
    return made


@given(limit=st.integers(1, 10**9), ran=st.integers(0, 2 * 10**9))
def test_iterations_stop_exactly_at_their_limit_and_the_share_never_passes_one(limit: int, ran: int) -> None:
    done = MaxIterations(iterations=limit).done(ran)
    assert (done == 1.0) is (ran >= limit)
    assert done == pytest.approx(min(ran, limit) / limit)


@pytest.mark.parametrize("iterations", [0, -1])
def test_a_search_without_iterations_is_refused(iterations: int) -> None:
    with pytest.raises(ValueError, match="at least one iteration"):
        MaxIterations(iterations=iterations)


@pytest.mark.parametrize("seconds", [0, -0.5, float("nan"), float("-inf")])
def test_a_search_without_time_is_refused(seconds: float) -> None:
    with pytest.raises(ValueError, match="seconds must be above zero"):
        MaxRuntime(seconds=seconds)


def test_time_counts_from_the_first_question_not_from_when_the_criterion_was_made(now: list[float]) -> None:
    """Preparing and compiling do not eat a caller's time limit."""
    stop = MaxRuntime(seconds=10)
    now[0] += 500
    assert stop.done(0) == 0.0
    now[0] += 5
    assert stop.done(0) == 0.5
    now[0] += 5
    assert stop.done(0) == 1.0
    now[0] += 100
    assert stop.done(0) == 1.0


def test_time_does_not_look_at_iterations(now: list[float]) -> None:
    stop = MaxRuntime(seconds=4)
    stop.done(0)
    now[0] += 1
    assert stop.done(10**9) == stop.done(0) == 0.25


def test_two_time_limits_have_clocks_of_their_own(now: list[float]) -> None:
    first, second = MaxRuntime(seconds=4), MaxRuntime(seconds=4)
    first.done(0)
    now[0] += 2
    assert (first.done(0), second.done(0)) == (0.5, 0.0)


def test_a_time_limit_that_has_begun_still_equals_one_that_has_not(now: list[float]) -> None:
    """What a criterion says is its value; its clock is not."""
    begun = MaxRuntime(seconds=now[0])
    begun.done(0)
    assert begun == MaxRuntime(seconds=now[0])
    assert begun != MaxRuntime(seconds=now[0] + 1)


def test_an_event_stops_at_once_when_it_is_set_from_another_thread() -> None:
    made = event(is_set=False)
    stop = Interrupted(event=made)
    assert stop.done(10**9) == 0.0
    thread = threading.Thread(target=made.set)
    thread.start()
    thread.join()
    assert stop.done(0) == 1.0


@given(limits=st.lists(st.integers(1, 1_000), min_size=1, max_size=5), ran=st.integers(0, 1_500))
def test_the_first_of_several_limits_decides(limits: list[int], ran: int) -> None:
    stop = FirstOf(criteria=tuple(MaxIterations(iterations=n) for n in limits))
    assert stop.done(ran) == MaxIterations(iterations=min(limits)).done(ran)


def test_the_first_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one stopping criterion"):
        FirstOf(criteria=())


def test_every_clock_of_a_group_starts_with_the_first_question(now: list[float]) -> None:
    """A longer limit that comes second is not delayed until the shorter one is over."""
    inner = MaxRuntime(seconds=8)
    stop = FirstOf(criteria=(MaxRuntime(seconds=4), inner))
    stop.done(0)
    now[0] += 4
    assert (stop.done(0), inner.done(0)) == (1.0, 0.5)


@pytest.mark.parametrize("is_set", [True, False])
def test_only_a_set_event_counts_as_an_interruption(is_set: bool) -> None:
    """However deep it lies among other criteria; a limit that has run out is no interruption."""
    over = MaxIterations(iterations=1)
    assert over.done(1) == 1.0
    assert not was_interrupted(over)
    asked = Interrupted(event=event(is_set=is_set))
    assert was_interrupted(asked) is is_set
    nested = FirstOf(criteria=(over, FirstOf(criteria=(over, asked))))
    assert was_interrupted(nested) is is_set
    assert not was_interrupted(FirstOf(criteria=(over, over)))
