"""Kinds of jobs: one registry, from which the door learns what it accepts."""

import pytest
from pydantic import ValidationError

from api.jobs.comparing import CompareParams
from api.jobs.kind import Effort, JobParams
from api.jobs.planning import EvaluateParams, PlanParams
from api.jobs.registry import KINDS, read_params


def test_the_kinds_of_the_contract_are_there() -> None:
    assert {"plan", "rebalance", "evaluate", "compare", "review"} == set(KINDS)


@pytest.mark.parametrize("name", sorted(KINDS))
def test_a_kind_is_known_by_the_word_of_its_parameters(name: str) -> None:
    kind = KINDS[name]
    assert kind.name == name
    assert kind.params.model_fields["kind"].default == name
    assert issubclass(kind.params, JobParams)
    assert kind.params.__doc__
    assert set(kind.params.plan_members) <= set(kind.params.model_fields)


@pytest.mark.parametrize(
    "params",
    [
        PlanParams(scenario="scn_1", time_limit_s=1.5, seed=3, iterations=10, workers=2, bound=True),
        EvaluateParams(plan="plan_1"),
        EvaluateParams(plan="plan_1", scenario="scn_1"),
        CompareParams(before="plan_1", after="plan_2"),
    ],
)
def test_parameters_come_back_from_the_store_as_they_were(params: JobParams) -> None:
    assert read_params(params.model_dump(mode="json")) == params


@pytest.mark.parametrize(
    "given_",
    [
        {"time_limit_s": 0},
        {"time_limit_s": -1},
        {"time_limit_s": 86_401},
        {"time_limit_s": float("inf")},
        {"time_limit_s": True},
        {"iterations": 0},
        {"iterations": 1.5},
        {"seed": -1},
        {"seed": 2**31},
        {"workers": 0},
        {"workers": 257},
        {"bound": "maybe"},
        {"colour": "red"},
        {"scenario": ""},
        {"scenario": None},
    ],
)
def test_an_effort_that_makes_no_sense_is_refused(given_: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        PlanParams.model_validate({"scenario": "town", **given_})


def test_what_is_not_said_has_a_default_that_a_planner_would_choose() -> None:
    params = PlanParams(scenario="town")
    assert (params.time_limit_s, params.seed, params.bound, params.riders) == (60.0, 1, False, False)
    assert isinstance(params, Effort)


def test_a_kind_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValidationError) as refused:
        read_params({"kind": "sing"})
    assert "compare" in str(refused.value)
