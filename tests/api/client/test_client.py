"""The client keeps its promises against answers made up here, one behaviour at a time."""

import json
from collections.abc import Callable

import httpx
import pytest

from api.client import Client, Refused

Handler = Callable[[httpx.Request], httpx.Response]


class Scripted:
    """An API that answers what it was told to, one answer after the other, and remembers what it was asked."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[httpx.Request] = []
        self.pauses: list[float] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def client(self) -> Client:
        http = httpx.Client(base_url="http://banche.test", transport=httpx.MockTransport(self))
        return Client(http, sleep=self.pauses.append)


def problem(status: int, code: str, **headers: str) -> httpx.Response:
    body = json.dumps({"status": status, "code": code, "detail": "Because.", "errors": []})
    return httpx.Response(status, text=body, headers={"content-type": "application/problem+json"} | headers)


def done(**body: object) -> httpx.Response:
    return httpx.Response(200, json=body)


def test_a_problem_is_raised_with_its_code_and_faults() -> None:
    api = Scripted(problem(422, "invalid_request"))
    with pytest.raises(Refused) as refused:
        api.client.get("/v1/plans/x")
    assert (refused.value.status, refused.value.code) == (422, "invalid_request")
    assert "Because." in str(refused.value)
    assert refused.value.problem["errors"] == []


def test_an_answer_that_is_no_problem_document_is_told_by_its_status() -> None:
    for text in ("<html>", "[1]"):
        with pytest.raises(Refused) as refused:
            Scripted(httpx.Response(400, text=text)).client.get("/")
        assert (refused.value.code, refused.value.problem["detail"]) == ("unknown", "Bad Request")


def test_a_post_that_broke_is_sent_again_under_the_same_key() -> None:
    api = Scripted(httpx.ConnectError("gone"), httpx.ReadTimeout("slow"), done(hold_id="hold_1"))
    assert api.client.hold(offer_id="x") == {"hold_id": "hold_1"}
    keys = {request.headers["Idempotency-Key"] for request in api.asked}
    assert len(keys) == 1
    assert len(api.asked) == 3
    assert api.pauses == [0.5, 1.0]


def test_two_posts_have_two_keys() -> None:
    api = Scripted(done(), done())
    client = api.client
    client.post("/v1/holds", {})
    client.post("/v1/holds", {})
    assert len({request.headers["Idempotency-Key"] for request in api.asked}) == 2


def test_what_passes_is_waited_for_as_long_as_is_asked() -> None:
    api = Scripted(problem(429, "too_many_requests", **{"Retry-After": "3"}), problem(409, "in_flight"), done(x=1))
    assert api.client.post("/v1/offers") == {"x": 1}
    assert api.pauses == [3.0, 1.0]


@pytest.mark.parametrize(
    ("status", "code"), [(409, "wrong_state"), (409, "seats_gone"), (404, "not_found"), (500, "internal")]
)
def test_what_does_not_pass_is_not_tried_again(status: int, code: str) -> None:
    api = Scripted(problem(status, code))
    with pytest.raises(Refused):
        api.client.post("/v1/holds")
    assert len(api.asked) == 1


def test_patience_has_an_end() -> None:
    api = Scripted(*[problem(503, "store_busy")] * 4)
    with pytest.raises(Refused) as refused:
        api.client.get("/v1/plans")
    assert refused.value.status == 503
    assert len(api.asked) == 4
    broken = Scripted(*[httpx.ConnectError("gone")] * 4)
    with pytest.raises(httpx.ConnectError):
        broken.client.get("/v1/plans")


def test_a_list_is_read_page_after_page() -> None:
    api = Scripted(done(plans=[{"n": 1}, {"n": 2}], next="c"), done(plans=[{"n": 3}], next=None))
    assert [plan["n"] for plan in api.client.pages("/v1/plans", "plans", state="draft")] == [1, 2, 3]
    assert [dict(request.url.params) for request in api.asked] == [
        {"state": "draft"},
        {"state": "draft", "cursor": "c"},
    ]


def test_a_step_names_the_version_that_was_read() -> None:
    api = Scripted(done(state="published"))
    api.client.step("plan_1", "publish", version=3, effective_from="2026-12-01")
    request = api.asked[0]
    assert (request.url.path, request.headers["If-Match"]) == ("/v1/plans/plan_1/publish", '"3"')
    assert json.loads(request.content) == {"effective_from": "2026-12-01"}


@pytest.mark.parametrize(
    ("ask", "method", "path"),
    [
        (lambda c: c.job("job_1"), "GET", "/v1/jobs/job_1"),
        (lambda c: c.stop("job_1"), "POST", "/v1/jobs/job_1/stop"),
        (lambda c: c.cancel("job_1"), "DELETE", "/v1/jobs/job_1"),
        (lambda c: c.plan("plan_1"), "GET", "/v1/plans/plan_1"),
        (lambda c: c.put_rider("anna", {}), "PUT", "/v1/riders/anna"),
        (lambda c: c.erase_rider("anna"), "DELETE", "/v1/riders/anna"),
        (lambda c: c.offers(worksite_id="park"), "POST", "/v1/offers"),
        (lambda c: c.settle_hold("hold_1", "confirm"), "POST", "/v1/holds/hold_1/confirm"),
    ],
)
def test_each_method_calls_its_path(ask: Callable[[Client], object], method: str, path: str) -> None:
    api = Scripted(done(job_id="job_1"))
    ask(api.client)
    assert (api.asked[0].method, api.asked[0].url.path) == (method, path)


def test_a_job_is_begun_with_its_kind_and_parameters() -> None:
    api = Scripted(httpx.Response(202, json={"job_id": "job_1"}))
    assert api.client.begin("plan", scenario="dalian", seed=3) == "job_1"
    assert json.loads(api.asked[0].content) == {"kind": "plan", "scenario": "dalian", "seed": 3}


def test_a_scenario_is_sent_as_an_archive() -> None:
    api = Scripted(httpx.Response(201, json={"scenario_id": "scn_1"}), problem(422, "invalid_request"))
    client = api.client
    assert client.put_scenario(b"PK") == {"scenario_id": "scn_1"}
    assert (api.asked[0].headers["content-type"], api.asked[0].content) == ("application/zip", b"PK")
    with pytest.raises(Refused):
        client.put_scenario(b"PK")


def test_the_key_goes_with_every_request() -> None:
    with Client.open("http://banche.test", "banche_key") as client:
        assert client.http.headers["Authorization"] == "Bearer banche_key"
        assert str(client.http.base_url) == "http://banche.test"
    assert client.http.is_closed
