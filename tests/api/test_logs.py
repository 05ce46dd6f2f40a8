"""Logs are one JSON object a line, and never show what a variable held."""

import json

import pytest
import structlog

from api.logs import open_log, where_it_broke


def fail() -> None:
    raise RuntimeError("the home at 121.512345 is lost")


def test_a_line_is_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    open_log("json").info("request", path="/v1/jobs", ms=1.5, name="大连")
    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["level"], line["path"], line["name"]) == ("request", "info", "/v1/jobs", "大连")
    assert line["timestamp"].endswith("Z")


def test_what_is_bound_to_the_context_is_in_every_line(capsys: pytest.CaptureFixture[str]) -> None:
    with structlog.contextvars.bound_contextvars(job_id="job_1"):
        open_log("json").warning("lease lost")
    assert json.loads(capsys.readouterr().err)["job_id"] == "job_1"


@pytest.mark.parametrize("style", ["json", "text"])
def test_an_error_shows_where_but_neither_message_nor_variables(style: str, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        fail()
    except RuntimeError as error:
        open_log(style).error("unforeseen", where=where_it_broke(error))
    text = capsys.readouterr().err
    assert "RuntimeError at " in text
    assert "fail" in text
    assert "121.512345" not in text


def test_details_for_developers_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    open_log("json").debug("cache miss")
    assert capsys.readouterr().err == ""
