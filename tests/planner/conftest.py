"""A town made ready to plan, once for all tests of the planner."""

from pathlib import Path

import pytest

from routing.planner.prepare import Study, prepare
from routing.planner.run import Outcome, plan_study
from routing.solver import MaxIterations
from tests.town import write_town


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_town(tmp_path_factory.mktemp("planner") / "town")


@pytest.fixture(scope="session")
def study(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Study:
    return prepare(folder, cache_dir=tmp_path_factory.mktemp("roads"))


@pytest.fixture(scope="session")
def outcome(study: Study) -> Outcome:
    return plan_study(study, stop=MaxIterations(iterations=3_000), seed=5, workers=1)
