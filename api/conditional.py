"""Answers that depend on a version: ETags, ``If-None-Match`` for polling, ``If-Match`` against lost edits."""

from fastapi import Request

from api.errors import ApiError, FieldFault


def etag(version: int | str) -> str:
    """Return the entity tag of a version."""
    return f'"{version}"'


def unchanged(request: Request, tag: str) -> bool:
    """Tell whether the caller already has what a tag names (RFC 9110, 13.1.2: weak comparison)."""
    given = request.headers.get("If-None-Match")
    return given is not None and (given.strip() == "*" or tag in _tags(given))


def check_match(request: Request, tag: str, *, needed: bool = False) -> None:
    """Refuse an edit of something that has changed since the caller read it.

    Raises
    ------
    ApiError
        ``stale_version`` when ``If-Match`` names another version, ``precondition_missing`` where it is needed.
    """
    given = request.headers.get("If-Match")
    if given is None:
        if needed:
            fault = FieldFault(pointer="header:If-Match", code="missing", detail="the ETag of what is edited")
            raise ApiError("precondition_missing", "The edit names no version.", "Send If-Match.", faults=[fault])
        return
    if given.strip() != "*" and tag not in _tags(given):
        raise ApiError(
            "stale_version",
            "Somebody else has changed it since it was read.",
            "Read it again and decide anew.",
            headers={"ETag": tag},
        )


def _tags(header: str) -> set[str]:
    return {part.strip().removeprefix("W/") for part in header.split(",")}
