"""A planned town, made once for all tests of the command line."""

from pathlib import Path

import pytest

from routing.cli import main
from tests.town import write_town


@pytest.fixture(scope="session")
def town_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_town(tmp_path_factory.mktemp("scenarios") / "town")


@pytest.fixture(scope="session")
def planned(town_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("plans") / "town"
    with pytest.raises(SystemExit) as stopped:
        main(["plan", str(town_folder), "-o", str(out), "--time-limit", "2", "--json"])
    assert stopped.value.code == 0
    return out
