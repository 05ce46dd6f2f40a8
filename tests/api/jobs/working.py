"""A worker in a thread, and jobs on a small invented town."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from api.desk import Desk
from api.jobs.kind import JobParams
from api.jobs.submit import submit
from api.jobs.worker import Worker
from api.store.jobs import JobRecord, find_job
from api.store.scenarios import insert_scenario
from tests.api.samples import DEED
from tests.town import write_town

PATIENCE_S = 240


def town_files(folder: Path) -> dict[str, bytes]:
    """Return the files of the small town's scenario."""
    write_town(folder)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def with_town(desk: Desk, folder: Path) -> str:
    """Put the town into the store and return its scenario's id."""
    files = town_files(folder)
    return desk.store.transact(lambda c: insert_scenario(c, desk.sealer, "town", files, DEED)).scenario_id


def asked(desk: Desk, params: JobParams) -> JobRecord:
    return desk.store.transact(lambda c: submit(c, desk.sealer, params, DEED))


def seen(desk: Desk, job: JobRecord) -> JobRecord:
    with desk.store.read() as connection:
        return find_job(connection, job.job_id)


def until(desk: Desk, job: JobRecord, wanted: Callable[[JobRecord], bool]) -> JobRecord:
    """Wait until a job is as wanted."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        found = seen(desk, job)
        if wanted(found):
            return found
        time.sleep(0.1)
    raise AssertionError(f"waited in vain; the job stands at {seen(desk, job)}")


@contextmanager
def working(desk: Desk) -> Iterator[Worker]:
    """Run a worker in a thread until the end of the block."""
    worker = Worker(desk=desk)
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        yield worker
    finally:
        worker.leave()
        thread.join()
