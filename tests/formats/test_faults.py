"""Faults are collected, ordered as a person reads files, and raised together."""

import pytest

from routing.errors import InputError
from routing.formats.codes import Code
from routing.formats.faults import FaultList, nearest


@pytest.fixture
def faults() -> FaultList:
    found = FaultList()
    found.add(Code.BAD_NUMBER, "x is no number", "Correct x.", file="b.csv", row=9, column="x", value="ten")
    found.add(Code.UNKNOWN_ID, "no such id", "Correct y.", file="a.csv", row=2)
    found.add(Code.MISSING_COLUMN, "no column z", "Add z.", file="b.csv", row=1)
    found.add(Code.EMPTY_TABLE, "no rows", "Add one.", file="b.csv")
    return found


def test_faults_are_ordered_by_file_and_row(faults: FaultList) -> None:
    """Files in the order in which they were read; within one, from the top."""
    assert [(f.file, f.row) for f in faults.found()] == [("b.csv", None), ("b.csv", 1), ("b.csv", 9), ("a.csv", 2)]


def test_all_are_raised_at_once(faults: FaultList) -> None:
    with pytest.raises(InputError) as caught:
        faults.raise_if_any()
    assert caught.value.faults == faults.found()
    assert len(faults) == 4


def test_none_is_nothing_to_raise() -> None:
    faults = FaultList()
    faults.raise_if_any()
    assert faults.found() == ()
    assert len(faults) == 0


def test_a_file_with_a_fault_is_told_from_one_without(faults: FaultList) -> None:
    assert faults.touch("a.csv")
    assert not faults.touch("c.csv")


@pytest.mark.parametrize(("value", "text"), [("ten", "ten"), (None, None), (1.5, "1.5"), ([1], "[1]"), ("", "")])
def test_values_are_kept_as_written(value: object, text: str | None) -> None:
    faults = FaultList()
    faults.add(Code.BAD_NUMBER, "cause", "Action.", file="a", value=value)
    assert faults.found()[0].value == text


def test_a_fault_reads_as_a_sentence(faults: FaultList) -> None:
    assert str(faults.found()[2]) == "b.csv:9 [x]: x is no number (found 'ten') [bad_number] Correct x."


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("max_walk", " Did you mean 'max_walk_m'?"),
        (" MAX_WALK_M ", " Did you mean 'max_walk_m'?"),
        ("maxwalkm", " Did you mean 'max_walk_m'?"),
        ("colour", ""),
        ("", ""),
    ],
)
def test_a_near_miss_is_suggested(word: str, hint: str) -> None:
    assert nearest(word, ("max_walk_m", "min_load", "on_time")) == hint


def test_codes_are_words_in_snake_case() -> None:
    """They are written into scripts: a code may be added, none renamed."""
    assert all(code.value == code.name.lower() for code in Code)
