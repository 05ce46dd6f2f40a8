"""The workbook holds the whole plan, a sheet per table."""

import io
import time
import zipfile
from dataclasses import replace

import openpyxl
import pytest

from routing.formats.document import PlanDocument
from routing.formats.xlsx import plan_xlsx

Sheets = dict[str, list[dict[str, object]]]


def read(content: bytes) -> Sheets:
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheets: Sheets = {}
    for sheet in book.worksheets:
        head, *rows = sheet.iter_rows(values_only=True)
        sheets[sheet.title] = [dict(zip(map(str, head), row, strict=True)) for row in rows]
    return sheets


@pytest.fixture(scope="module")
def sheets(document: PlanDocument) -> Sheets:
    return read(plan_xlsx(document))


def test_there_is_a_sheet_per_table(sheets: Sheets, document: PlanDocument) -> None:
    assert {name: len(rows) for name, rows in sheets.items() if name != "summary"} == {
        "lines": 3,
        "trips": 6,
        "timetable": 22,
        "assignments": len(document.plan.assignments),
        "blocks": 6,
        "unserved": 2,
    }


def test_lines_and_trips_tell_their_load(sheets: Sheets) -> None:
    line, trip = sheets["lines"][2], sheets["trips"][4]
    assert (line["name"], line["trips"], line["riders"]) == ("旅顺 <夜> 线", 2, 30)
    assert (line["first_stop"], line["last_stop"]) == ("旅顺口", "河口园区")
    assert (trip["trip_id"], trip["riders"], trip["seats"], trip["load_factor"]) == ("L3-inbound", 15, 19, 0.789)
    assert (trip["block_id"], trip["days"]) == ("BL3", "1111111")


def test_blocks_list_their_trips_in_order(sheets: Sheets) -> None:
    assert [(b["sequence"], b["trip_id"]) for b in sheets["blocks"][:2]] == [(1, "L1-inbound"), (2, "L1-outbound")]


def test_riders_left_out_have_reason_and_remedy(sheets: Sheets) -> None:
    first, second = sheets["unserved"]
    assert (first["reason"], first["relaxation"], first["amount"]) == ("no_stop_in_walk", "walk", 52_000)
    assert (second["reason"], second["relaxation"]) == ("unknown", None)


def test_the_summary_tells_where_the_plan_comes_from(sheets: Sheets, document: PlanDocument) -> None:
    summary = {row["key"]: row["value"] for row in sheets["summary"]}
    assert summary["synthetic"] is True
    assert "OpenStreetMap" in str(summary["attribution"])
    assert summary["cost_fen"] == document.summary["cost_fen"]
    assert "cost_parts.ride" in summary


def test_the_bytes_do_not_depend_on_the_clock(document: PlanDocument) -> None:
    first = plan_xlsx(document)
    time.sleep(1.1)  # the workbook's own stamp counts whole seconds
    assert plan_xlsx(document) == first
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize("name", ["=1+1", "=HYPERLINK(A1)", "bell\x07"])
def test_a_name_is_never_a_formula_nor_breaks_the_file(document: PlanDocument, name: str) -> None:
    line = replace(document.plan.lines[0], name=name)
    plan = replace(document.plan, lines=(line, *document.plan.lines[1:]))
    book = openpyxl.load_workbook(io.BytesIO(plan_xlsx(replace(document, plan=plan))))
    cell = book["lines"]["B2"]
    assert (cell.data_type, cell.value) == ("s", name.replace("\x07", ""))


def test_an_empty_plan_is_a_workbook_of_headers(document: PlanDocument) -> None:
    empty = replace(document, plan=replace(document.plan, lines=(), assignments=(), blocks=(), unserved=()))
    sheets = read(plan_xlsx(replace(empty, trips=(), seats=(), stops=())))
    assert all(not rows for name, rows in sheets.items() if name != "summary")
