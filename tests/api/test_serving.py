"""A real server: it starts on an empty database, leaves in peace, and loses nothing when it is killed."""

import json
import socket
import threading
from pathlib import Path

import httpx
import pytest

from api.client import Client, Refused, watch
from api.clock import now_ms
from api.serving import _family
from api.store import jobs, open_store
from tests.api.samples import document, kept_plan
from tests.api.serving import served


@pytest.fixture
def db(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'new' / 'banche.db'}"


def two_plans(db: str) -> list[str]:
    store = open_store(db)
    plans = [store.transact(lambda c, n=n: kept_plan(c, document(f"plan_{n}"))).plan_id for n in (1, 2)]
    store.close()
    return plans


def test_a_server_starts_on_nothing_works_and_leaves_in_peace(db: str) -> None:
    """One server for all, since starting one takes seconds: a worker beside it, a stream, the end."""
    with served(db, "--workers", "1") as server, Client.open(server.url, server.key) as client:
        assert client.get("/readyz")["database"] == "sqlite"
        before, after = two_plans(db)
        job_id = client.begin("compare", before=before, after=after)
        told = [event.data.get("state") for event in watch(client, job_id)]
        assert told[0] == "queued"
        assert told[-1] == "succeeded"
        assert client.job(job_id)["result"]["summary"]["stability"] == 1.0

        idle = _queued(db, client, before, after)
        heard: list[str] = []
        listening = threading.Thread(target=_listen, args=(server.url, server.key, idle, heard))
        listening.start()
        while not heard:
            listening.join(0.05)
        assert server.terminate() == 0
        listening.join()
        lines = [json.loads(line) for line in server.logged if line.startswith("{")]
    requests = [line for line in lines if line["event"] == "request"]
    assert {"/readyz", "/v1/jobs"} <= {line["path"] for line in requests}
    assert all(len(line["trace_id"]) == 32 for line in requests)
    assert server.key not in "".join(server.logged)
    assert any(line["event"] == "worker left" for line in lines)
    assert [line for line in server.logged if not line.startswith("{")] == []


def _queued(db: str, client: Client, before: str, after: str) -> str:
    """Return a job that no worker will lease: somebody else seems to have it."""
    store = open_store(db)
    job_id = client.begin("compare", before=before, after=after)
    for _ in watch(client, job_id):
        pass
    with store.write() as connection:
        from api.jobs.comparing import CompareParams
        from tests.api.samples import DEED

        params = CompareParams(before=before, after=after).model_dump(mode="json")
        made = jobs.insert_job(connection, kind="compare", params=params, input_digest="d", deed=DEED)
        # Leased in the transaction that made it, so that no worker can be faster.
        leased = jobs.lease_job(connection, lease_s=3_600, attempts=3, now=now_ms())
    store.close()
    assert leased is not None
    assert leased.job_id == made.job_id
    return made.job_id


def _listen(url: str, key: str, job_id: str, heard: list[str]) -> None:
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.stream("GET", f"{url}/v1/jobs/{job_id}/events", headers=headers, timeout=60) as answer:
        heard.extend(answer.iter_lines())
        heard.append("the end")


def test_an_answer_outlives_the_server_that_gave_it(db: str) -> None:
    """The server is killed; another one gives the same answer to the same request."""
    with served(db, "--workers", "0") as server, Client.open(server.url, server.key) as client:
        before, after = two_plans(db)
        once = {"Idempotency-Key": "once"}
        body = {"kind": "compare", "before": before, "after": after}
        first = client.call("POST", "/v1/jobs", body, headers=once)
        server.kill()
    with served(db, "--workers", "0") as server, Client.open(server.url, server.key) as client:
        with pytest.raises(Refused):
            client.call("GET", "/v1/jobs/job_none")
        client.http.headers["Authorization"] = first.request.headers["Authorization"]
        again = client.call("POST", "/v1/jobs", body, headers=once)
        assert (again.status_code, again.content) == (first.status_code, first.content)
        assert len(client.get("/v1/jobs")["jobs"]) == 1


def test_an_address_of_either_family_can_be_listened_on() -> None:
    assert _family("127.0.0.1") is socket.AF_INET
    assert _family("::1") is socket.AF_INET6
