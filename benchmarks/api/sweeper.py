"""A worker's housekeeping alone: expires holds until killed; `python -m benchmarks.api.sweeper URL HOLD_S`."""

import sys
import time

from api.clock import SECOND_MS, now_ms
from api.store import open_store
from api.store.holds import expire_holds


def main(argv: list[str]) -> None:
    """Sweep twice a second."""
    url, hold_s = argv
    store = open_store(url)
    while True:
        store.transact(lambda connection: expire_holds(connection, now_ms(), wait_ms=int(hold_s) * SECOND_MS))
        time.sleep(0.5)


if __name__ == "__main__":
    main(sys.argv[1:])
