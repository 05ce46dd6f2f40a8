"""What the API refuses, and how it says so: RFC 9457 ``application/problem+json`` with every fault at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from routing.errors import InputError, NoPlanError, RoadError, RoutingError

MEDIA_TYPE = "application/problem+json"

STATUS = {
    "unreadable_json": 400,
    "bad_cursor": 400,
    "bad_header": 400,
    "key_missing": 401,
    "key_invalid": 401,
    "scope_missing": 403,
    "not_found": 404,
    "nothing_published": 404,
    "method_not_allowed": 405,
    "not_acceptable": 406,
    "in_flight": 409,
    "wrong_state": 409,
    "seats_gone": 409,
    "trip_gone": 409,
    "own_approval": 409,
    "hold_expired": 410,
    "stale_version": 412,
    "too_large": 413,
    "unsupported_media_type": 415,
    "invalid_request": 422,
    "idempotency_key_reused": 422,
    "precondition_missing": 428,
    "too_many_requests": 429,
    "internal": 500,
    "store_busy": 503,
    "not_ready": 503,
    # Below: told by jobs, or on the command line.
    "worker_lost": 500,
    "bad_database_url": 500,
    "bad_setting": 500,
    "bad_backup": 500,
    "data_key_missing": 500,
    "data_key_wrong": 500,
    "schema_outdated": 500,
}
"""HTTP status by code; docs/ERRORS.md says what each means."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldFault:
    """One fault of a request.

    Attributes
    ----------
    pointer : str
        JSON pointer (RFC 6901) into the body, or ``query:name``, ``path:name``, ``header:name``.
    code : str
        Stable word.
    """

    pointer: str
    code: str
    detail: str

    def as_dict(self) -> dict[str, str]:
        """Return the fault as a JSON-ready mapping."""
        return {"pointer": self.pointer, "code": self.code, "detail": self.detail}


class ApiError(RoutingError):
    """A request that cannot be answered as asked.

    Parameters
    ----------
    code : str
        A key of `STATUS`.
    faults : sequence of FieldFault
        Every fault of the request, where it has some.
    headers : mapping
        More headers of the answer, such as ``Retry-After``.
    more : mapping
        More members of the problem, such as a new ``offer``.
    """

    exit_status = 2

    def __init__(
        self,
        code: str,
        cause: str,
        action: str,
        *,
        faults: Sequence[FieldFault] = (),
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(code, cause, action)
        self.faults = tuple(faults)
        self.headers = dict(headers or {})
        self.more = dict(more or {})

    @property
    def status(self) -> int:
        """HTTP status."""
        return STATUS[self.code]


def not_found(what: str, name: str) -> ApiError:
    """Return the error that something does not exist, or not for this key."""
    return ApiError("not_found", f"There is no {what} {name}.", "Check the id.")


def problem(error: ApiError, trace_id: str | None = None) -> dict[str, Any]:
    """Return an error as the members of a problem document."""
    return problem_of(
        status=error.status,
        code=error.code,
        detail=f"{error.cause} {error.action}".strip(),
        faults=[fault.as_dict() for fault in error.faults],
        trace_id=trace_id,
    ) | dict(error.more)


def problem_of(
    *, status: int, code: str, detail: str, faults: Sequence[Mapping[str, Any]] = (), trace_id: str | None = None
) -> dict[str, Any]:
    """Return the members of a problem document."""
    return {
        "type": f"urn:banche:error:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        "errors": list(faults),
        "trace_id": trace_id,
    }


def problem_of_routing(error: RoutingError) -> dict[str, Any]:
    """Return what a job failed of: the planner's own error, with every fault of its input."""
    faults = error.faults if isinstance(error, InputError) else ()
    status = 422 if isinstance(error, InputError | RoadError | NoPlanError) else 500
    described = [
        {"pointer": _pointer(fault.file, fault.row, fault.column), "code": fault.code, "detail": fault.cause}
        for fault in faults
    ]
    made = problem_of(status=status, code=error.code, detail=f"{error.cause} {error.action}", faults=described)
    return made | ({"rule": error.rule} if isinstance(error, NoPlanError) and error.rule else {})


def _pointer(file: str, row: int | None, column: str | None) -> str:
    """Return where a fault of a scenario stands, as ``riders.csv#row=7&column=home_lon``."""
    parts = [f"{name}={value}" for name, value in (("row", row), ("column", column)) if value is not None]
    return file + (f"#{'&'.join(parts)}" if parts else "")
