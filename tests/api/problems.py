"""What every refusal must look like, in one place."""

from typing import Any

import httpx


def refused(answer: httpx.Response, status: int, code: str, *pointers: str) -> dict[str, Any]:
    """Return a problem document after looking at all that every one of them has, and at its faults' pointers."""
    told: dict[str, Any] = answer.json()
    assert (answer.status_code, told["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert (told["type"], told["status"]) == (f"urn:banche:error:{code}", status)
    assert told["trace_id"] == answer.headers["x-trace-id"]
    assert sorted(fault["pointer"] for fault in told["errors"]) == sorted(pointers), answer.text
    return told
