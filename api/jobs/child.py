"""The process in which one job's work is done: it knows no database, and dies with its worker."""

import os
import signal
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from api.errors import problem_of_routing
from api.jobs.kind import Task
from api.jobs.registry import KINDS, read_params
from api.logs import where_it_broke
from routing.errors import RoutingError
from routing.model.result import Progress

TELL_EVERY_S = 0.2

MADE, REFUSED, BROKE, PROGRESS = "made", "refused", "broke", "progress"
STOP = "stop"


def run_child(pipe: Connection, stored: Mapping[str, Any], folder: str) -> None:
    """Do the work of a job and send its progress and its end through the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the worker decides
    stop = threading.Event()
    threading.Thread(target=_listen, args=(pipe, stop), daemon=True).start()
    params = read_params(stored)
    task = Task(params=params, folder=Path(folder), stop=stop, tell=Teller(pipe).tell)
    try:
        pipe.send((MADE, KINDS[params.kind].run(task)))
    except RoutingError as error:
        pipe.send((REFUSED, problem_of_routing(error)))
    except Exception as error:  # noqa: BLE001 - whatever it is, the worker must hear of it
        pipe.send((BROKE, where_it_broke(error)))


class Teller:
    """Sends progress, of one phase not more often than some times a second."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._phase = ""
        self._at = 0.0

    def tell(self, progress: Progress) -> None:
        """Send an observation, unless one of its phase was sent just now."""
        now = time.monotonic()
        if progress.phase == self._phase and progress.done < 1 and now - self._at < TELL_EVERY_S:
            return
        self._phase, self._at = progress.phase, now
        self._pipe.send((PROGRESS, asdict(progress)))


def _listen(pipe: Connection, stop: threading.Event) -> None:
    while True:
        try:
            said = pipe.recv()
        except (EOFError, OSError):
            os._exit(1)  # the worker is gone, and with it the lease: whatever would be found is not wanted
        if said == STOP:
            stop.set()
