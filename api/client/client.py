"""Calls of the API as methods: keys, idempotency, retries and problems are dealt with in one place."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self
from uuid import uuid4

import httpx

TIMEOUT_S = 30.0
ATTEMPTS = 4
PAUSE_S = 0.5
PASSING = {409, 429, 502, 503, 504}
"""Statuses that may pass; of 409 only `in_flight`."""
Document = dict[str, Any]


class Refused(Exception):  # noqa: N818 - it is no error of ours
    """The API's answer was a problem.

    Parameters
    ----------
    status : int
        HTTP status.
    problem : mapping
        RFC 9457: ``code``, ``detail``, ``errors`` with their pointers.
    """

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(f"{status} {problem.get('code', 'unknown')}: {problem.get('detail', '')}")
        self.status = status
        self.code = str(problem.get("code", "unknown"))
        self.problem = dict(problem)


@dataclass(frozen=True, slots=True)
class Client:
    """One caller of one API.

    Parameters
    ----------
    http : httpx.Client
        With base URL and key; see `Client.open`.
    sleep : callable
        Waits some seconds before a request is sent again.

    Notes
    -----
    Every POST carries an ``Idempotency-Key`` and is sent again when the connection breaks or the answer is
    one that passes: it is done once all the same.
    """

    http: httpx.Client
    sleep: Callable[[float], None] = time.sleep

    @classmethod
    @contextmanager
    def open(cls, url: str, key: str, *, timeout_s: float = TIMEOUT_S) -> Iterator[Self]:
        """Yield a client of the API at a URL, with a key of `banche keys create`."""
        headers = {"Authorization": f"Bearer {key}"}
        with httpx.Client(base_url=url, headers=headers, timeout=timeout_s) as http:
            yield cls(http)

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Send a request and return the answer.

        Raises
        ------
        Refused
            When the answer is a problem.
        httpx.HTTPError
            When none could be had.
        """
        sent = dict(headers or {})
        if method == "POST":
            sent.setdefault("Idempotency-Key", str(uuid4()))
        params = {name: value for name, value in (query or {}).items() if value is not None}
        for attempt in range(1, ATTEMPTS + 1):
            try:
                answer = self.http.request(method, path, json=body, params=params, headers=sent)
            except httpx.TransportError:
                if attempt == ATTEMPTS:
                    raise
                self.sleep(PAUSE_S * attempt)
                continue
            if answer.is_success or answer.status_code == httpx.codes.NOT_MODIFIED:
                return answer
            problem = _problem(answer)
            if attempt == ATTEMPTS or not _passes(answer.status_code, problem):
                raise Refused(answer.status_code, problem)
            self.sleep(float(answer.headers.get("Retry-After", PAUSE_S * attempt)))
        raise AssertionError("the last attempt returns or raises")

    def get(self, path: str, **query: Any) -> Document:
        """Return a document."""
        return dict(self.call("GET", path, query=query).json())

    def post(self, path: str, body: Any = None, **more: Any) -> Document:
        """Post a document and return the answer."""
        answer = self.call("POST", path, body, **more)
        return dict(answer.json()) if answer.content else {}

    def pages(self, path: str, member: str, **query: Any) -> Iterator[Document]:
        """Yield every item of a list, page after page."""
        cursor: str | None = None
        while True:
            page = self.get(path, cursor=cursor, **query)
            yield from page[member]
            cursor = page.get("next")
            if cursor is None:
                return

    def put_scenario(self, archive: bytes) -> Document:
        """Hand in a scenario's folder as a ZIP archive."""
        sent = {"Content-Type": "application/zip", "Idempotency-Key": str(uuid4())}
        answer = self.http.post("/v1/scenarios", content=archive, headers=sent)
        if not answer.is_success:
            raise Refused(answer.status_code, _problem(answer))
        return dict(answer.json())

    def begin(self, kind: str, **params: Any) -> str:
        """Begin a job and return its id."""
        return str(self.post("/v1/jobs", {"kind": kind, **params})["job_id"])

    def job(self, job_id: str) -> Document:
        """Return a job as it stands."""
        return self.get(f"/v1/jobs/{job_id}")

    def stop(self, job_id: str) -> Document:
        """Ask a job to end with the best it has."""
        return self.post(f"/v1/jobs/{job_id}/stop")

    def cancel(self, job_id: str) -> Document:
        """Cancel a job."""
        return dict(self.call("DELETE", f"/v1/jobs/{job_id}").json())

    def plan(self, plan_id: str) -> Document:
        """Return a plan's document."""
        return self.get(f"/v1/plans/{plan_id}")

    def step(self, plan_id: str, step: str, *, version: int | None = None, **body: Any) -> Document:
        """Propose, approve, publish or retire a plan, as long as it is of a version."""
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        return self.post(f"/v1/plans/{plan_id}/{step}", body or None, headers=headers)

    def put_rider(self, rider_id: str, demand: Mapping[str, Any]) -> Document:
        """Write a rider's demand."""
        return dict(self.call("PUT", f"/v1/riders/{rider_id}", dict(demand)).json())

    def erase_rider(self, rider_id: str) -> None:
        """Forget a rider."""
        self.call("DELETE", f"/v1/riders/{rider_id}")

    def offers(self, **wish: Any) -> Document:
        """Return the stops and trips that fit a rider."""
        return self.post("/v1/offers", wish)

    def hold(self, **offer: Any) -> Document:
        """Hold seats."""
        return self.post("/v1/holds", offer)

    def settle_hold(self, hold_id: str, how: str) -> Document:
        """Confirm, release or extend a hold."""
        return self.post(f"/v1/holds/{hold_id}/{how}")


def _passes(status: int, problem: Mapping[str, Any]) -> bool:
    return status in PASSING and (status != httpx.codes.CONFLICT or problem.get("code") == "in_flight")


def _problem(answer: httpx.Response) -> Document:
    try:
        told = answer.json()
    except ValueError:
        return {"detail": answer.reason_phrase}
    return told if isinstance(told, dict) else {"detail": answer.reason_phrase}
