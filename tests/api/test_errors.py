"""Errors as problem documents."""

import json
import re
from http import HTTPStatus
from pathlib import Path

import pytest

from api.errors import STATUS, ApiError, FieldFault, not_found, problem, problem_of_routing
from routing.errors import Fault, InputError, NoPlanError, RoadError, RoutingError

PAGE = (Path(__file__).parents[2] / "docs" / "ERRORS.md").read_text("utf-8")


def test_a_problem_has_every_member_of_the_standard_and_ours() -> None:
    fault = FieldFault(pointer="/seats", code="missing", detail="Field required")
    error = ApiError("invalid_request", "The request has faults.", "Mend them.", faults=[fault], more={"offer": {}})
    assert problem(error, "trace") == {
        "type": "urn:banche:error:invalid_request",
        "title": HTTPStatus(422).phrase,
        "status": 422,
        "code": "invalid_request",
        "detail": "The request has faults. Mend them.",
        "errors": [{"pointer": "/seats", "code": "missing", "detail": "Field required"}],
        "trace_id": "trace",
        "offer": {},
    }


def test_what_is_missing_is_named() -> None:
    error = not_found("plan", "plan_1")
    assert (error.status, str(error)) == (404, "There is no plan plan_1. [not_found] Check the id.")


@pytest.mark.parametrize("code", sorted(STATUS))
def test_the_page_tells_the_status_of_every_code(code: str) -> None:
    meanings = re.findall(rf"^\| `{code}` \| (.*?) \|", PAGE, re.MULTILINE)
    assert len(meanings) == 1
    if code in {"unreadable_json", "data_key_wrong"} or meanings[0].startswith("At the start"):
        return
    assert meanings[0].startswith(f"{STATUS[code]}: ")


def test_a_fault_of_a_scenario_points_to_its_cell() -> None:
    fault = Fault(file="riders.csv", row=7, column="home_lon", code="bad_number", cause="No number.", action="Mend.")
    whole = Fault(file="riders.csv", code="missing_file", cause="Missing.", action="Add it.")
    told = problem_of_routing(InputError(fault, whole))
    assert [f["pointer"] for f in told["errors"]] == ["riders.csv#row=7&column=home_lon", "riders.csv"]
    assert (told["status"], told["code"]) == (422, "bad_number")
    assert json.dumps(told)


@pytest.mark.parametrize(
    ("error", "status"),
    [(RoadError("roads_empty", "No road.", "Cut."), 422), (RoutingError("out_of_bounds", "Large.", "Less."), 500)],
)
def test_another_error_of_the_planner_has_no_faults(error: RoutingError, status: int) -> None:
    told = problem_of_routing(error)
    assert (told["status"], told["code"], told["errors"]) == (status, error.code, [])


def test_a_missing_plan_names_its_rule() -> None:
    assert problem_of_routing(NoPlanError("no_line_for_anyone", "None.", "Relax.", rule="walk"))["rule"] == "walk"
    assert "rule" not in problem_of_routing(NoPlanError("no_line_for_anyone", "None.", "Relax."))
