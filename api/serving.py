"""Long-running processes: the server with its workers, and a worker alone."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from types import FrameType

import uvicorn

from api.app import create_app
from api.commands import open_ready
from api.demo import ensure_demo
from api.desk import Desk, open_desk
from api.jobs.worker import Worker
from api.settings import Settings, read_settings

ATTACHED = "_BANCHE_ATTACHED"
"""Set for workers that a server started: they leave when it is gone, however it went."""
STDIN = 0
GRACE_S = 20
RESTART_S = 1.0


def serve(*, host: str, port: int, db: str | None, workers: int, demo: bool) -> int:
    """Serve until told to terminate; requests under way are answered, workers give their jobs back."""
    settings = read_settings(os.environ, db=db)
    open_ready(settings.db).close()
    with closing_desk(settings) as desk:
        if demo:
            ensure_demo(desk)
        listening = socket.create_server((host, port), family=_family(host), backlog=2_048)
        address = f"http://{host}:{listening.getsockname()[1]}"
        with attached_workers(settings, workers, desk):
            desk.log.info("listening", address=address, workers=workers)
            server = Server(desk)
            server.run(sockets=[listening])
    return 0


def work(db: str | None) -> int:
    """Run one worker until told to terminate."""
    settings = read_settings(os.environ, db=db)
    open_ready(settings.db).close()
    with closing_desk(settings) as desk:
        worker = Worker(desk=desk)

        def leave(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the protocol's
            worker.leave()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, leave)
        if os.environ.pop(ATTACHED, None):
            threading.Thread(target=_leave_with_parent, args=(worker,), daemon=True).start()
        worker.run()
    return 0


def _leave_with_parent(worker: Worker) -> None:
    # Ends when the server is gone, whose end of the pipe closes with it. Not `sys.stdin`: its lock, held here
    # when the interpreter leaves, would make it abort.
    while os.read(STDIN, 1_024):
        pass
    worker.leave()


class Server(uvicorn.Server):
    """A server that ends event streams as soon as it is told to leave, so that they do not hold it up."""

    def __init__(self, desk: Desk) -> None:
        self._app = create_app(desk)
        super().__init__(
            uvicorn.Config(
                self._app,
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=GRACE_S,
                timeout_keep_alive=75,
            )
        )

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - uvicorn's
        """Begin to leave; a second Ctrl-C waits for nobody.

        Unlike uvicorn's own, it does not raise the signal again in the end: workers are yet to be told.
        """
        self._app.state.closing.set()
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True


@contextmanager
def closing_desk(settings: Settings) -> Iterator[Desk]:
    """Yield a desk, and close its store in the end."""
    desk = open_desk(settings)
    with closing(desk.store):
        yield desk


@contextmanager
def attached_workers(settings: Settings, number: int, desk: Desk) -> Iterator[None]:
    """Keep workers running beside the server: one that dies is replaced, all leave with it."""
    over = threading.Event()
    processes = [_started(settings) for _ in range(number)]

    def watch() -> None:
        while not over.wait(RESTART_S):
            for place, process in enumerate(processes):
                if process.poll() is not None:
                    desk.log.warning("worker died", status=process.returncode)
                    processes[place] = _started(settings)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(GRACE_S)


def _started(settings: Settings) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", "from api.cli import main; main()", "worker", "--db", settings.db]
    environment = {**os.environ, ATTACHED: "1"}
    return subprocess.Popen(command, stdin=subprocess.PIPE, env=environment, start_new_session=True)  # noqa: S603 - our own


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
