"""Fixtures of the letterbox: a small city with its plan, and a scenario folder to spoil."""

from pathlib import Path

import pytest

from routing.evaluate import Evaluation, evaluate
from routing.formats.document import PlanDocument
from routing.model.plan import Plan
from routing.model.problem import Problem
from tests.formats.scenario_files import ScenarioFiles
from tests.formats.small_city import make_document, make_plan, make_problem


@pytest.fixture(scope="session")
def problem() -> Problem:
    return make_problem()


@pytest.fixture(scope="session")
def plan(problem: Problem) -> Plan:
    return make_plan(problem)


@pytest.fixture(scope="session")
def evaluation(problem: Problem, plan: Plan) -> Evaluation:
    return evaluate(problem, plan)


@pytest.fixture(scope="session")
def document(problem: Problem, plan: Plan, evaluation: Evaluation) -> PlanDocument:
    return make_document(problem, plan, evaluation)


@pytest.fixture
def files(tmp_path: Path) -> ScenarioFiles:
    return ScenarioFiles(tmp_path / "scenario")
