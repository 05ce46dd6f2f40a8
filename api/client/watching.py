"""Watches a job's event stream until its end, however often the connection breaks."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx

from api.client.client import ATTEMPTS, PAUSE_S, Client, Refused

ENDS = {"succeeded", "stopped", "failed", "cancelled"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event: its number, ``state`` or ``progress``, and what it tells."""

    number: int
    type: str
    data: dict[str, Any]


def watch(client: Client, job_id: str) -> Iterator[Event]:
    """Yield every event of a job once, in order, until the job ends.

    Raises
    ------
    Refused
        When there is no such job.
    httpx.HTTPError
        When the stream broke several times without anything new.
    """
    last, failures = 0, 0
    while True:
        try:
            for event in _events(client, job_id, last):
                last, failures = event.number, 0
                yield event
                if event.type == "state" and event.data["state"] in ENDS:
                    return
        except httpx.TransportError:
            failures += 1
            if failures == ATTEMPTS:
                raise
        client.sleep(PAUSE_S)


def _events(client: Client, job_id: str, last: int) -> Iterator[Event]:
    headers = {"Last-Event-ID": str(last)}
    with client.http.stream("GET", f"/v1/jobs/{job_id}/events", headers=headers) as answer:
        if not answer.is_success:
            answer.read()
            raise Refused(answer.status_code, answer.json())
        yield from read_events(answer.iter_lines())


def read_events(lines: Iterator[str]) -> Iterator[Event]:
    """Yield the events of a stream's lines (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
            continue
        if "data" in fields:
            yield Event(
                number=int(fields.get("id", 0)), type=fields.get("event", "message"), data=json.loads(fields["data"])
            )
        fields = {}
