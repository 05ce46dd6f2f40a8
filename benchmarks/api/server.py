"""One API server process, as a load test starts it: `python -m benchmarks.api.server URL PORT HOLD_S`."""

import sys

import uvicorn

from api.app import create_app
from api.desk import open_desk
from api.settings import Settings
from benchmarks.api.stage import DATA_KEYS


def main(argv: list[str]) -> None:
    """Serve until killed; rate limits are off, since one key stands for many bookers."""
    url, port, hold_s = argv
    settings = Settings(db=url, data_keys=DATA_KEYS, rate_per_s=0, hold_s=int(hold_s))
    desk = open_desk(settings)
    uvicorn.run(create_app(desk), host="127.0.0.1", port=int(port), log_level="warning", access_log=False)


if __name__ == "__main__":
    main(sys.argv[1:])
