"""Ctrl-C and the request to terminate: the search ends, its best plan is written."""

import signal
import threading
from types import FrameType, TracebackType
from typing import Any, Self

from routing.model.result import Progress

KEPT_PHASES = ("search", "explain", "bound", "files")
"""Phases in which there is a plan to keep; in any other an interruption ends the command at once."""
SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interruption:
    """Turns a first signal into a wish that the search hears, and a second one into the end.

    Attributes
    ----------
    asked : threading.Event
        Set once somebody asked to stop.

    Notes
    -----
    Python runs handlers in the main thread alone; elsewhere, as in a test's thread, signals are left as they are.
    """

    def __init__(self) -> None:
        self.asked = threading.Event()
        self._phase = ""
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._hear) for number in SIGNALS}
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before = {}

    def observe(self, progress: Progress) -> None:
        """Note which phase the work is in."""
        self._phase = progress.phase

    def _hear(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - the protocol's
        if self.asked.is_set() or self._phase not in KEPT_PHASES:
            raise KeyboardInterrupt
        self.asked.set()
