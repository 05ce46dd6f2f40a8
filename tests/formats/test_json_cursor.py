"""The cursor gives typed members of parsed JSON, and a fault with a pointer for the rest."""

from typing import Any

import pytest

from routing.formats.faults import FaultList
from routing.formats.json_cursor import Cursor
from routing.model.demand import Direction


def cursor(content: dict[str, Any]) -> tuple[Cursor, FaultList]:
    faults = FaultList()
    return Cursor(content, "/plan", "plan.json", faults), faults


def codes(faults: FaultList) -> list[tuple[str | None, str]]:
    return [(fault.column, fault.code) for fault in faults.found()]


@pytest.mark.parametrize(
    ("value", "found", "code"),
    [("x", "x", None), ("", "", "missing_value"), (None, "", "missing_value"), (5, "", "wrong_type")],
)
def test_a_text_must_be_there(value: object, found: str, code: str | None) -> None:
    at, faults = cursor({"a": value})
    assert at.text("a") == found
    assert codes(faults) == ([("/plan/a", code)] if code else [])


@pytest.mark.parametrize(("value", "found"), [("x", "x"), ("", "none"), (None, "none")])
def test_a_text_may_have_a_default(value: object, found: str) -> None:
    at, faults = cursor({"a": value})
    assert at.text_or("a", "none") == found
    assert at.text_or("absent", "none") == "none"
    assert len(faults) == 0


def test_a_word_of_an_enumeration_is_that_word() -> None:
    at, faults = cursor({"a": "inbound", "b": "sideways", "c": 1})
    words = ("inbound", "outbound")
    assert at.one_of("a", Direction, words) is Direction.INBOUND
    assert at.one_of("b", Direction, words) is None
    assert at.one_of("c", Direction, words) is None
    assert codes(faults) == [("/plan/b", "bad_choice"), ("/plan/c", "wrong_type")]


@pytest.mark.parametrize(
    ("value", "found", "faulty"),
    [(3, 3, False), (3.0, 3, False), (-2, -2, False), (None, None, False), (3.5, None, True), ("3", None, True)],
)
def test_a_whole_number_may_be_absent(value: object, found: int | None, *, faulty: bool) -> None:
    at, faults = cursor({"a": value})
    assert at.whole("a") == found
    assert bool(len(faults)) == faulty


@pytest.mark.parametrize("value", [True, False, float("inf"), float("-inf"), float("nan"), [], {}])
def test_what_is_no_whole_number(value: object) -> None:
    at, faults = cursor({"a": value})
    assert at.whole("a") is None
    assert codes(faults) == [("/plan/a", "wrong_type")]


@pytest.mark.parametrize(
    ("value", "code"),
    [(121, None), (-180.0, None), (180.1, "coordinate_out_of_range"), (True, "wrong_type"), (None, "wrong_type")],
)
def test_degrees_lie_on_the_earth(value: object, code: str | None) -> None:
    at, faults = cursor({"lon": value})
    at.degrees("lon", 180)
    assert codes(faults) == ([("/plan/lon", code)] if code else [])


@pytest.mark.parametrize(
    ("value", "found"), [("08:30", 30_600), ("08:30:01", 30_601), ("25:00:00", 90_000), (None, None)]
)
def test_clock_times_pass_midnight(value: object, found: int | None) -> None:
    at, faults = cursor({"a": value})
    assert at.clock("a") == found
    assert len(faults) == 0


@pytest.mark.parametrize("value", ["", "8:3", "8.30", 830, "-01:00", ["08:30"]])
def test_what_is_no_clock_time(value: object) -> None:
    at, faults = cursor({"a": value})
    assert at.clock("a") is None
    assert codes(faults) == [("/plan/a", "bad_clock")]


def test_objects_of_a_list_know_where_they_are() -> None:
    at, faults = cursor({"list": [{"a": 1}, 2, {"a": 3}], "none": None, "text": "x"})
    inner = list(at.objects("list"))
    assert [item.get("a") for item in inner] == [1, 3]
    inner[1].text("b")
    assert list(at.objects("none")) == list(at.objects("absent")) == list(at.objects("text")) == []
    assert set(codes(faults)) == {
        ("/plan/list/1", "wrong_type"),
        ("/plan/list/2/b", "missing_value"),
        ("/plan/text", "wrong_type"),
    }


def test_an_inner_object_that_is_none_is_empty_after_a_fault() -> None:
    at, faults = cursor({"a": [], "b": {"c": "x"}})
    assert at.inner("a").content == {}
    assert at.inner("b").text("c") == "x"
    assert codes(faults) == [("/plan/a", "wrong_type")]


def test_lists_of_texts() -> None:
    at, faults = cursor({"a": ["x", "y"], "b": [1], "c": "x"})
    assert at.texts("a") == ("x", "y")
    assert at.texts("b") == at.texts("c") == at.texts("absent") == ()
    assert len(faults) == 2
