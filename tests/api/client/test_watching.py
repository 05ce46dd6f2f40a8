"""A job is watched to its end, each event once, however often the stream breaks."""

import json
from collections.abc import Iterator

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.client import Client, Refused, watch
from api.client.watching import read_events
from tests.api.client.test_client import Scripted, problem


def stream(*events: tuple[int, str, dict[str, object]]) -> httpx.Response:
    text = "".join(f"id: {n}\nevent: {kind}\ndata: {json.dumps(data)}\n\n" for n, kind, data in events)
    return httpx.Response(200, text="retry: 1000\n\n" + text, headers={"content-type": "text/event-stream"})


QUEUED, RUNNING, DONE = (
    (1, "state", {"state": "queued"}),
    (2, "progress", {"done": 0.5}),
    (3, "state", {"state": "succeeded", "result": {"plan_id": "plan_1"}}),
)


def numbers(client: Client) -> list[int]:
    return [event.number for event in watch(client, "job_1")]


def test_a_job_is_watched_to_its_end() -> None:
    api = Scripted(stream(QUEUED, RUNNING, DONE))
    told = list(watch(api.client, "job_1"))
    assert [(event.number, event.type) for event in told] == [(1, "state"), (2, "progress"), (3, "state")]
    assert told[-1].data["result"] == {"plan_id": "plan_1"}


def test_a_stream_that_breaks_is_resumed_after_the_last_event() -> None:
    api = Scripted(stream(QUEUED, RUNNING), httpx.ReadError("broke"), stream(DONE))
    assert numbers(api.client) == [1, 2, 3]
    assert [request.headers["Last-Event-ID"] for request in api.asked] == ["0", "2", "2"]


def test_a_stream_that_only_breaks_is_given_up() -> None:
    with pytest.raises(httpx.ReadError):
        numbers(Scripted(*[httpx.ReadError("broke")] * 4).client)


def test_a_job_that_is_not_there_is_told() -> None:
    with pytest.raises(Refused) as refused:
        numbers(Scripted(problem(404, "not_found")).client)
    assert refused.value.code == "not_found"


def lines(text: str) -> Iterator[str]:
    yield from text.split("\n")


def test_comments_and_beats_are_no_events() -> None:
    assert list(read_events(lines(": still there\n\nretry: 1000\n\n"))) == []


def test_an_event_that_was_cut_off_is_not_told() -> None:
    whole = 'id: 7\nevent: progress\ndata: {"done": 1}'
    assert list(read_events(lines(whole))) == []
    (event,) = read_events(lines(whole + "\n\n"))
    assert (event.number, event.data) == (7, {"done": 1})


@given(st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=20), max_size=4))
def test_any_object_comes_through(data: dict[str, object]) -> None:
    text = f"id: 1\nevent: progress\ndata: {json.dumps(data)}\n\n"
    (event,) = read_events(lines(text))
    assert event.data == data
