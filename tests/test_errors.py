"""Errors tell what happened, why and what to do; each kind has its exit status."""

import json
import pickle

import pytest

from routing.errors import Fault, InputError, NoPlanError, RoadError, RoutingError

FAULT = Fault(
    file="riders.csv",
    row=7,
    column="home_lon",
    value="921.5",
    code="coordinate-range",
    cause="The longitude lies beyond 180 degrees.",
    action="Write degrees, east positive.",
)


def test_a_fault_reads_as_place_cause_value_code_action() -> None:
    assert str(FAULT) == (
        "riders.csv:7 [home_lon]: The longitude lies beyond 180 degrees. (found '921.5')"
        " [coordinate-range] Write degrees, east positive."
    )


def test_a_fault_of_a_whole_file_names_the_file_alone() -> None:
    fault = Fault(file="stops.csv", code="missing-file", cause="It is missing.", action="Add it.")
    assert str(fault) == "stops.csv: It is missing. [missing-file] Add it."
    assert json.loads(json.dumps(fault.as_dict()))["row"] is None


def test_row_zero_and_an_empty_value_are_still_told() -> None:
    """An empty cell is a finding of its own."""
    fault = Fault(file="a.csv", row=0, value="", code="c", cause="Why.", action="Do.")
    assert str(fault) == "a.csv:0: Why. (found '') [c] Do."


@pytest.mark.parametrize(("kind", "status"), [(RoutingError, 1), (InputError, 2), (RoadError, 3), (NoPlanError, 4)])
def test_each_kind_has_its_exit_status(kind: type[RoutingError], status: int) -> None:
    assert kind.exit_status == status
    assert issubclass(kind, RoutingError)


def test_an_error_reads_as_cause_code_action() -> None:
    error = RoadError("no-way", "No way leads there.", "Choose another stop.")
    assert str(error) == "No way leads there. [no-way] Choose another stop."
    assert (error.code, error.cause, error.action) == ("no-way", "No way leads there.", "Choose another stop.")


def test_an_input_error_carries_every_fault_and_speaks_for_the_first() -> None:
    other = Fault(file="shifts.csv", code="clock", cause="Not a clock time.", action="Write HH:MM.")
    error = InputError(FAULT, other)
    assert error.faults == (FAULT, other)
    assert error.code == "coordinate-range"
    assert str(error).splitlines() == [str(FAULT), str(other)]


def test_an_error_survives_the_way_from_a_worker_process() -> None:
    fault = Fault(file="riders.csv", row=3, code="bad_days", cause="No day.", action="Write 1111100.")
    told = pickle.loads(pickle.dumps(InputError(fault, fault)))
    assert told.faults == (fault, fault)
    lost = pickle.loads(pickle.dumps(RoadError("roads_empty", "No road.", "Cut it again.")))
    assert (type(lost), lost.code, str(lost)) == (
        RoadError,
        "roads_empty",
        str(RoadError("roads_empty", "No road.", "Cut it again.")),
    )


def test_a_missing_plan_keeps_its_rule_on_the_way() -> None:
    told = pickle.loads(pickle.dumps(NoPlanError("no_line_for_anyone", "Nobody rides.", "Walk.", rule="walk")))
    assert (told.code, told.cause, told.action, told.rule) == ("no_line_for_anyone", "Nobody rides.", "Walk.", "walk")
    assert NoPlanError("no_line_for_anyone", "Nobody rides.", "Walk.").rule is None
