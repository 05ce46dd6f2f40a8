"""A real server in a process of its own, on a database of its own."""

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from api.store import open_store
from api.store.keys import SCOPES, create_key
from tests.api.conftest import DATA_KEY
from tests.api.databases import without_settings

PATIENCE_S = 240


@dataclass
class Process:
    """A server that runs: where it listens, a key with every scope, and what it has logged."""

    process: subprocess.Popen[str]
    url: str = ""
    key: str = ""
    logged: list[str] = field(default_factory=list)

    def terminate(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_S)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(PATIENCE_S)


@contextmanager
def served(db: str, *options: str, **settings: str) -> Iterator[Process]:
    """Yield a server that listens; kill it in the end if it still runs."""
    environment = without_settings() | {"BANCHE_DATA_KEYS": DATA_KEY} | settings
    words = ["serve", "--port", "0", "--db", db, *options]
    command = [sys.executable, "-c", "from api.cli import main; main()", *words]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    server = Process(process)
    reader = threading.Thread(target=_read, args=(server,), daemon=True)
    reader.start()
    try:
        end = time.monotonic() + PATIENCE_S
        while not server.url and time.monotonic() < end and process.poll() is None:
            time.sleep(0.05)
        assert server.url, "".join(server.logged)
        server.key = _key(db)
        yield server
    finally:
        if process.poll() is None:
            server.kill()
        reader.join()
        assert process.stderr is not None
        process.stderr.close()


def _read(server: Process) -> None:
    assert server.process.stderr is not None
    for line in server.process.stderr:
        server.logged.append(line)
        if line.startswith("{") and (told := json.loads(line)).get("event") == "listening":
            server.url = told["address"]


def _key(db: str) -> str:
    store = open_store(db)
    with store.write() as connection:
        _, secret = create_key(connection, name="test", scopes=SCOPES, now=0)
    store.close()
    return secret
