"""Tables come from CSV files or workbooks, and keep the row numbers that people see."""

import datetime as dt
from pathlib import Path

import openpyxl
import pytest

from routing.formats.faults import FaultList
from routing.formats.scenario_folder import find_faults, read_scenario
from routing.formats.sheets import Table, read_tables
from tests.formats.scenario_files import SCENARIO_TABLES, ScenarioFiles


def read_one(folder: Path, faults: FaultList | None = None) -> Table:
    table = read_tables(folder, ("riders",), FaultList() if faults is None else faults)["riders"]
    assert table is not None
    return table


def write_book(path: Path, tables: dict[str, list[list[object]]]) -> None:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in tables.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)


def as_rows(text: str) -> list[list[object]]:
    return [line.split(",") for line in text.splitlines()]


def test_row_numbers_survive_quoted_line_breaks_and_blank_lines(tmp_path: Path) -> None:
    """A person finds the row by the line number of an editor."""
    (tmp_path / "riders.csv").write_text('a,b\n"x\ny\nz",1\n\n,,\nlast,2\n')
    table = read_one(tmp_path)
    assert [(row.number, row.cells["a"]) for row in table.rows] == [(2, "x\ny\nz"), (7, "last")]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_any_line_ending_is_read(tmp_path: Path, ending: str) -> None:
    (tmp_path / "riders.csv").write_bytes(ending.join(["a,b", "1,2", "3,4"]).encode())
    assert [(row.number, row.cells["b"]) for row in read_one(tmp_path).rows] == [(2, "2"), (3, "4")]


def test_a_byte_order_mark_and_blanks_around_cells_are_dropped(tmp_path: Path) -> None:
    (tmp_path / "riders.csv").write_bytes("\ufeff a ,b\u3000\n R1\u00a0,\t小 城 \n".encode())
    table = read_one(tmp_path)
    assert table.columns == ("a", "b")
    assert table.rows[0].cells == {"a": "R1", "b": "小 城"}


def test_short_rows_leave_cells_out_and_long_rows_are_told(tmp_path: Path) -> None:
    (tmp_path / "riders.csv").write_text("a,b\n1\n1,2,,\n1,2,,3\n")
    faults = FaultList()
    assert [len(row.cells) for row in read_one(tmp_path, faults).rows] == [1, 2, 2]
    (fault,) = faults.found()
    assert (fault.row, fault.value, fault.code) == (4, "3", "excess_cells")


def test_blanks_around_an_id_do_not_make_another_id(files: ScenarioFiles) -> None:
    fault = files.append("worksites.csv", " W1 ,别名,121.5,38.8\n").only_fault()
    assert (fault.row, fault.value, fault.code) == (4, "W1", "duplicate_id")


def test_a_column_named_twice_is_told(files: ScenarioFiles) -> None:
    files.write("shifts.csv", "shift_id,start,end,start\nday,08:30,17:30,\nnight,20:00,32:00,\n")
    assert ("shifts.csv", 1, "start", "duplicate_column") in {
        (f.file, f.row, f.column, f.code) for f in find_faults(files.folder)
    }


@pytest.mark.parametrize("mark", [";", "\t"])
def test_another_separator_is_told_once(files: ScenarioFiles, mark: str) -> None:
    fault = files.write("depots.csv", SCENARIO_TABLES["depots"].replace(",", mark)).only_fault()
    assert (fault.file, fault.row, fault.code) == ("depots.csv", 1, "unreadable_csv")


def test_an_open_quotation_mark_is_told_where_it_opens(files: ScenarioFiles) -> None:
    fault = files.replace("worksites.csv", "河口园区", '"河口园区').only_fault()
    assert (fault.file, fault.row, fault.code) == ("worksites.csv", 3, "unreadable_csv")


@pytest.mark.parametrize("content", [b"", b"\n \n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_told(files: ScenarioFiles, content: bytes) -> None:
    assert files.write("depots.csv", content).only_fault().code == "empty_file"


def test_a_missing_column_is_told_with_the_nearest_name(files: ScenarioFiles) -> None:
    fault = files.replace("depots.csv", "depot_id,name", "depotid,name").only_fault()
    assert (fault.row, fault.column, fault.code) == (1, "depot_id", "missing_column")
    assert "'depotid'" in fault.cause


def test_extra_columns_are_welcome(files: ScenarioFiles) -> None:
    files.write(
        "riders.csv", "note,rider_id,home_lon,home_lat,worksite_id,shift_id,country\nx,R1,121.58,38.88,W1,day,中国\n"
    )
    assert [rider.rider_id for rider in read_scenario(files.folder).riders] == ["R1"]


@pytest.mark.parametrize("near", ["day", "Days", "DAYS "])
def test_a_near_miss_of_an_optional_column_does_not_fall_back_to_the_default(files: ScenarioFiles, near: str) -> None:
    """Otherwise riders who work on Sundays would silently travel from Monday to Friday."""
    fault = files.replace("riders.csv", "days", near).only_fault()
    assert (fault.row, fault.column, fault.code) == (1, near.strip(), "misspelt_column")


def test_a_workbook_with_a_sheet_per_table_is_the_same_scenario(files: ScenarioFiles) -> None:
    expected = read_scenario(files.folder)
    for name in SCENARIO_TABLES:
        files.remove(f"{name}.csv")
    write_book(files.folder / "tables.xlsx", {name: as_rows(text) for name, text in SCENARIO_TABLES.items()})
    assert read_scenario(files.folder) == expected


def test_spreadsheet_values_are_read_as_people_see_them(files: ScenarioFiles) -> None:
    """Numbers, clock times before and after midnight, and spans come in as texts would."""
    rows: list[list[object]] = [
        ["shift_id", "start", "end"],
        [7, dt.time(8, 30), dt.time(17, 30)],
        ["night", dt.timedelta(hours=20), dt.timedelta(hours=32)],
        ["late", dt.time(16, 0), dt.datetime(1900, 1, 1, 1, 15)],  # noqa: DTZ001 - as spreadsheets give 25:15
    ]
    write_book(files.folder / "shifts.xlsx", {"Shifts ": rows})
    files.remove("shifts.csv").write("riders.csv", SCENARIO_TABLES["riders"].replace(",day,", ",7,"))
    shifts = read_scenario(files.folder).shifts
    assert [(s.shift_id, s.start, s.end) for s in shifts] == [
        ("7", 30_600, 63_000),
        ("night", 72_000, 115_200),
        ("late", 57_600, 90_900),
    ]


def test_days_that_a_spreadsheet_took_for_a_number_are_refused(files: ScenarioFiles) -> None:
    """0011111 becomes 11111, which somebody may also mean as Monday to Friday: nobody may guess."""
    header = ["rider_id", "home_lon", "home_lat", "worksite_id", "shift_id", "days", "count"]
    rows: list[list[object]] = [header, ["R1", 121.58, 38.88, "W1", "day", 1111100, 2.0], [2, 121.5, 38.8, "W1", "day"]]
    write_book(files.remove("riders.csv").folder / "x.xlsx", {"riders": rows})
    first, second = read_scenario(files.folder).riders
    assert (first.days, first.count, second.rider_id) == (0b0011111, 2, "2")
    rows[2] += [11111]
    write_book(files.folder / "x.xlsx", {"riders": rows})
    fault = files.only_fault()
    assert (fault.file, fault.row, fault.value, fault.code) == ("x.xlsx#riders", 3, "11111", "bad_days")


def test_row_numbers_of_a_sheet_count_its_blank_rows(files: ScenarioFiles) -> None:
    rows = as_rows(SCENARIO_TABLES["depots"])
    write_book(files.remove("depots.csv").folder / "x.xlsx", {"depots": [rows[0], [], [], ["D1", "a", 121.5, "y"]]})
    fault = next(f for f in find_faults(files.folder) if f.code == "bad_number")
    assert (fault.row, fault.value) == (4, "y")


def test_a_table_that_stands_in_two_places_is_told(files: ScenarioFiles) -> None:
    write_book(files.folder / "extra.xlsx", {"depots": as_rows(SCENARIO_TABLES["depots"]), "notes": [["anything"]]})
    fault = files.only_fault()
    assert (fault.file, fault.code) == ("extra.xlsx#depots", "ambiguous_table")


def test_the_lock_file_of_a_spreadsheet_program_is_no_workbook(files: ScenarioFiles) -> None:
    assert find_faults(files.write("~$tables.xlsx", b"user").folder) == ()


@pytest.mark.parametrize("content", [b"", b"not a workbook", b"PK\x03\x04 broken off"])
def test_an_unreadable_workbook_is_told(files: ScenarioFiles, content: bytes) -> None:
    fault = files.write("tables.xlsx", content).only_fault()
    assert (fault.file, fault.code) == ("tables.xlsx", "unreadable_xlsx")
