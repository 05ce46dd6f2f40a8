"""The examples of the OpenAPI document: every call has one, and a real server still answers each so."""

from pathlib import Path
from typing import Any

import pytest

from api.app import create_app
from api.desk import Desk
from api.examples import recorded
from api.settings import Settings
from tests.api.samples import SEALER
from tests.api.story import nameless, told

FREE = {"versions", "changes", "stops", "params", "progress", "summary"}
"""Members whose own members depend on the case."""


def differences(before: Any, after: Any, at: str = "") -> list[str]:
    """Return where an answer is made otherwise than the recorded one: members, kinds of values."""
    if isinstance(before, dict) and isinstance(after, dict):
        if at.rsplit(".", 1)[-1] in FREE:
            return []
        found = [f"{at}.{name}" for name in before.keys() ^ after.keys()]
        return found + [
            d for name in before.keys() & after.keys() for d in differences(before[name], after[name], f"{at}.{name}")
        ]
    if isinstance(before, list) and isinstance(after, list):
        return differences(before[0], after[0], f"{at}[]") if before and after else []
    if before is None or after is None:
        return []
    number = isinstance(before, int | float) and isinstance(after, int | float)
    return [] if number or type(before) is type(after) else [f"{at}: {type(before).__name__}, {type(after).__name__}"]


@pytest.fixture
def calls(file_store: Any) -> dict[tuple[str, str], dict[str, Any]]:
    desk = Desk(settings=Settings(db="sqlite:///x", data_keys=""), store=file_store, sealer=SEALER, log=None)  # type: ignore[arg-type]
    paths = create_app(desk).openapi()["paths"]
    return {(method.upper(), path): call for path, each in paths.items() for method, call in each.items()}


def test_every_call_has_an_example_and_every_example_a_call(calls: dict[tuple[str, str], dict[str, Any]]) -> None:
    there = [tuple(story["call"].split(" ")) for story in recorded()]
    assert len(there) == len(set(there))
    assert set(there) == set(calls)


def test_request_and_answer_of_every_call_are_in_the_document(calls: dict[tuple[str, str], dict[str, Any]]) -> None:
    for story in recorded():
        method, path = story["call"].split(" ")
        call = calls[method, path]
        shown = {p["name"]: p.get("example") for p in call.get("parameters", ())}
        for name, value in (story["path"] | story["query"]).items():
            assert shown[name] == value, story["call"]
        if "requestBody" in call and call["requestBody"].get("required"):
            assert story["body"] is not None, story["call"]
            assert [content["example"] for content in call["requestBody"]["content"].values()] == [story["body"]]
        content = call["responses"][str(story["status"])].get("content", {})
        if story["type"]:
            assert content[story["type"]]["example"] == story["answer"], story["call"]
        else:
            assert content == {}, story["call"]


def test_a_real_server_answers_every_example_so(tmp_path: Path) -> None:
    with told(tmp_path) as live:
        assert [story["call"] for story in live] == [story["call"] for story in recorded()]
        for before, after in zip(recorded(), live, strict=True):
            assert (after["status"], after["type"]) == (before["status"], before["type"]), before["call"]
            for part in ("path", "query"):
                assert nameless(after[part]) == nameless(before[part]), before["call"]
            assert differences(before["body"], after["body"]) == [], before["call"]
            assert differences(before["answer"], after["answer"]) == [], before["call"]


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ({"a": 1}, {"a": 2.5}, []),
        ({"a": 1}, {"a": None}, []),
        ({"a": 1}, {"b": 1}, [".a", ".b"]),
        ({"a": [{"b": 1}]}, {"a": [{"b": "x"}, {"b": 2}]}, [".a[].b: int, str"]),
        ({"a": []}, {"a": [{"b": 1}]}, []),
        ({"a": {"b": 1}}, {"a": "x"}, [".a: dict, str"]),
        ({"changes": {"open": 1}}, {"changes": {"close": 2}}, []),
    ],
)
def test_what_differs_is_found(before: Any, after: Any, found: list[str]) -> None:
    assert sorted(differences(before, after)) == found


def test_ids_and_dates_are_taken_out_and_nothing_else() -> None:
    asked = {
        "job_id": "job_01M7XFE3Y9DYTZS6V9XTTHQWCR",
        "date": "2026-11-23",
        "name": "diff.json",
        "body": "(120 bytes)",
    }
    assert nameless(asked) == {"job_id": "ID", "date": "DATE", "name": "diff.json", "body": "BYTES"}
