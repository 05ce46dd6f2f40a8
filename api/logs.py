"""Structured logs: one JSON object a line on stderr, with the trace id of the request; never a coordinate or a name."""

import logging
import sys
import traceback
from typing import Any

import structlog
from pydantic_core import to_json

Log = structlog.typing.FilteringBoundLogger


def where_it_broke(error: BaseException) -> str:
    """Return an error's kind and the lines it came through, without its message, which may tell of a home."""
    frames = traceback.extract_tb(error.__traceback__)
    steps = (f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames)
    return f"{type(error).__name__} at " + " > ".join(steps)


def open_log(style: str) -> Log:
    """Return a log that writes to stderr.

    Parameters
    ----------
    style : str
        ``json`` or ``text``.
    """
    shape: Any = structlog.processors.JSONRenderer(serializer=_as_json)
    if style == "text":
        shape = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    log: Log = structlog.wrap_logger(
        structlog.WriteLogger(sys.stderr),  # a line is one write, whole among those of other threads
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            shape,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
    bound: Log = log.bind()  # once, and not with every line
    return bound


def _as_json(event: Any, **_: object) -> str:
    return to_json(event, fallback=repr).decode()
