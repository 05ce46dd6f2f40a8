"""A stored plan document in the formats that others read."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from api.errors import ApiError
from api.jobs.comparing import diff_mapping, diff_of
from routing.errors import InputError
from routing.formats.changes_geojson import changes_geojson
from routing.formats.document import PlanDocument
from routing.formats.geojson import lines_geojson
from routing.formats.gtfs import ServiceDates, gtfs_zip
from routing.formats.plan_letters import diff_letters, plan_letters
from routing.formats.plan_reader import read_plan
from routing.formats.xlsx import plan_xlsx


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A format: how it is called on the way, and how it is written."""

    media_type: str
    suffix: str
    write: Callable[[PlanDocument], bytes] | None
    attached: bool = False


LETTERS = {
    "json": Letter(media_type="application/json", suffix="json", write=None),
    "geojson": Letter(media_type="application/geo+json", suffix="geojson", write=lines_geojson),
    "gtfs": Letter(
        media_type="application/zip",
        suffix="gtfs.zip",
        write=lambda document: gtfs_zip(document, ServiceDates.half_year()),
        attached=True,
    ),
    "xlsx": Letter(
        media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        suffix="xlsx",
        write=plan_xlsx,
        attached=True,
    ),
    "letters": Letter(media_type="text/html", suffix="letters.html", write=plan_letters),
}

CAREFUL = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
}
"""Headers of a document: a page of ours loads nothing from elsewhere and runs nothing."""

COMPARISONS = {
    "letters": Letter(media_type="text/html", suffix="letters.html", write=None),
    "geojson": Letter(media_type="application/geo+json", suffix="changes.geojson", write=None),
}
"""Formats of what changes from one plan to another; `compared` writes them."""


def letter_of(kind: str) -> Letter:
    """Return a format by its name."""
    return LETTERS[kind]


def parsed(content: bytes) -> PlanDocument:
    """Return a stored document, read.

    Raises
    ------
    ApiError
        ``internal``, where what we stored cannot be read.
    """
    try:
        return read_plan(json.loads(content))
    except (InputError, ValueError) as error:
        raise ApiError("internal", "A stored plan cannot be read.", "This is a bug of ours.") from error


def written(content: bytes, kind: str) -> bytes:
    """Return a stored document in some format."""
    write = LETTERS[kind].write
    return content if write is None else write(parsed(content))


def difference(before: bytes, after: bytes) -> dict[str, Any]:
    """Return what changes from one stored document to another, as `banche compare --json` tells it."""
    return diff_mapping(diff_of(parsed(before), parsed(after)))


def compared(before: bytes, after: bytes, kind: str) -> bytes:
    """Return what changes from one stored document to another in some format."""
    old, new = parsed(before), parsed(after)
    write = {"letters": diff_letters, "geojson": changes_geojson}[kind]
    return write(old, new, diff_of(old, new))
