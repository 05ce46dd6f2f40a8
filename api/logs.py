"""Structured logs: one JSON object a line on stderr, with the trace id of the request; never a coordinate or a name."""

import logging
import sys
from typing import Any

import structlog

Log = structlog.typing.FilteringBoundLogger


def open_log(style: str) -> Log:
    """Return a log that writes to stderr.

    Parameters
    ----------
    style : str
        ``json`` or ``text``.
    """
    shape: Any = structlog.processors.JSONRenderer(ensure_ascii=False)
    if style == "text":
        # structlog's own formatter shows local variables: homes would stand in the log.
        plain = structlog.dev.plain_traceback
        shape = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)
    log: Log = structlog.wrap_logger(
        structlog.PrintLogger(sys.stderr),
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            shape,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
    return log
