"""Shapes shared by the API's documents: strict numbers, ids, pages, problems."""

import base64
import binascii
from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from api.errors import ApiError

MOST_OF_A_PAGE = 500


def _no_bool(value: object) -> object:
    if isinstance(value, bool | str):
        raise ValueError("Input should be a number")  # noqa: TRY004 - pydantic listens to this one
    return value


Whole = Annotated[int, BeforeValidator(_no_bool)]
"""A whole number; ``true`` and ``"7"`` are none, ``7.0`` is."""
Degrees = Annotated[float, BeforeValidator(_no_bool), Field(allow_inf_nan=False)]
"""A longitude or latitude [degrees]."""
Ident = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f\x7f/]+$")]
"""An id: ours, or another system's; no control characters, no slash."""
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]


class Asked(BaseModel):
    """A document that callers write: what is unknown is refused, so that nothing is silently ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Told(BaseModel):
    """A document that we write: it may gain members."""

    model_config = ConfigDict(frozen=True)


class ToldFault(Told):
    """One fault of a request."""

    pointer: str = Field(examples=["/count"])
    code: str = Field(examples=["greater_than_equal"])
    detail: str


class ToldProblem(BaseModel):
    """RFC 9457 problem document."""

    model_config = ConfigDict(extra="allow")
    type: str = Field(examples=["urn:banche:error:not_found"])
    title: str
    status: int
    code: str = Field(description="Stable word; docs/ERRORS.md says what it means.")
    detail: str
    errors: list[ToldFault]
    trace_id: str | None = None


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the description of problem answers, for a handler's ``responses``."""
    schema = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ToldProblem"}}}
    return {status: {"description": "Problem", "content": schema} for status in statuses}


Limit = Annotated[int, Query(ge=1, le=MOST_OF_A_PAGE, description="Most items to answer with.")]
Cursor = Annotated[str | None, Query(max_length=300, description="`next` of the page before.")]


def cursor_of(last: str) -> str:
    """Return the opaque cursor that leads on from an item."""
    return base64.urlsafe_b64encode(last.encode()).decode().rstrip("=")


def read_cursor(cursor: str | None) -> str | None:
    """Return the item that a cursor leads on from.

    Raises
    ------
    ApiError
        ``bad_cursor``.
    """
    if cursor is None:
        return None
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError) as error:
        raise ApiError("bad_cursor", "The cursor is none of ours.", "Begin without one.") from error
    if "\x00" in text:
        raise ApiError("bad_cursor", "The cursor is none of ours.", "Begin without one.")
    return text
