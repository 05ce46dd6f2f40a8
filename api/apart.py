"""Work that would hold up everybody else's answers is done in a process beside the server's."""

import asyncio
import multiprocessing
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

LARGE = 200_000
"""Bytes of input from which on work is done apart: a workbook of 3,500 riders takes a second of the processor."""


@dataclass(slots=True)
class Apart:
    """One process beside the server, started when it is first needed."""

    _pool: ProcessPoolExecutor | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    async def run(self, size: int, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what work returns; small work is done in a thread, large work in the other process."""
        if size < LARGE:
            return await asyncio.to_thread(work, *args, **kwargs)
        try:
            return await asyncio.wrap_future(self._opened().submit(work, *args, **kwargs))
        except BrokenProcessPool:  # it was killed, for want of memory or by somebody: once more in a new one
            self.close()
            return await asyncio.wrap_future(self._opened().submit(work, *args, **kwargs))

    def _opened(self) -> ProcessPoolExecutor:
        with self._lock:
            if self._pool is None:
                context = multiprocessing.get_context("forkserver")
                self._pool = ProcessPoolExecutor(max_workers=1, mp_context=context)
            return self._pool

    def close(self) -> None:
        """Let the process go."""
        with self._lock:
            if self._pool is not None:
                self._pool.shutdown(cancel_futures=True)
                self._pool = None
