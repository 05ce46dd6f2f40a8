"""Reads raw tables, CSV files or sheets of a workbook, into rows of text with true row numbers."""

import csv
import datetime as dt
import io
import lzma
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from routing.formats.codes import Code
from routing.formats.faults import FaultList
from routing.formats.text import read_text
from routing.model.units import HOUR_S, MINUTE_S, format_clock

Records = list[tuple[int, list[str]]]

_SPREADSHEET_DAY_0 = dt.datetime(1899, 12, 31)  # noqa: DTZ001 - a spreadsheet's clock has no zone
_LONGEST_CLOCK = dt.timedelta(days=10)  # what lies further from day 0 was meant as a date
_WORKBOOK_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    RuntimeError,  # a password; its child NotImplementedError: a method of packing that Python does not know
    InvalidFileException,
    EOFError,
    OSError,
    SyntaxError,  # broken XML
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One record.

    Attributes
    ----------
    number : int
        Line of the file on which the record begins, or row of the sheet; the header is 1.
    cells : mapping
        Text by column name, stripped of surrounding blanks.
    """

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table as written: nothing is converted yet."""

    file: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def read_tables(folder: Path, names: tuple[str, ...], faults: FaultList) -> dict[str, Table | None]:
    """Return every table of a folder by name, from ``NAME.csv`` or the sheet ``NAME`` of any ``.xlsx``.

    A table that is absent is left out, without a fault; one that is found but unusable is None, with a fault.
    """
    found: dict[str, list[tuple[str, Records | None]]] = {}
    for name in names:
        path = folder / f"{name}.csv"
        if path.is_file():
            found.setdefault(name, []).append((path.name, _csv_records(path, faults)))
    for path in sorted(folder.glob("*.xlsx")):
        if not path.name.startswith("~$"):  # the lock file of an open spreadsheet program
            for name, records in _workbook_records(path, names, faults):
                found.setdefault(name, []).append((f"{path.name}#{name}", records))
    for name, sources in found.items():
        if len(sources) > 1:
            places = " and ".join(file for file, _ in sources)
            cause = f"the table {name} stands in {places}"
            faults.add(Code.AMBIGUOUS_TABLE, cause, "Keep one of them.", file=sources[1][0])
    return {name: _table(*sources[0], faults) for name, sources in found.items()}


def _csv_records(path: Path, faults: FaultList) -> Records | None:
    text = read_text(path, faults)
    if text is None:
        return None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    records: Records = []
    begin = 1
    try:
        for cells in reader:
            records.append((begin, cells))
            begin = reader.line_num + 1
    except csv.Error as error:
        faults.add(
            Code.UNREADABLE_CSV,
            f"the record that begins here is not valid CSV: {error}",
            "Close every quotation mark, and double those inside a quoted cell.",
            file=path.name,
            row=begin,
        )
        return None
    return records


def _workbook_records(path: Path, names: tuple[str, ...], faults: FaultList) -> list[tuple[str, Records]]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of styles it drops; only values count here
            with path.open("rb") as file:  # openpyxl would leave the file open where it fails
                return list(_sheets(file, names))
    except _WORKBOOK_ERRORS as error:
        faults.add(
            Code.UNREADABLE_XLSX,
            f"the workbook cannot be read: {error}",
            "Open it in a spreadsheet program and save it again as .xlsx, or export its sheets as UTF-8 CSV.",
            file=path.name,
        )
        return []


def _sheets(file: BinaryIO, names: tuple[str, ...]) -> Iterator[tuple[str, Records]]:
    book = openpyxl.load_workbook(file, read_only=True, data_only=True)
    try:
        for sheet in book.worksheets:
            name = sheet.title.strip().lower()
            if name in names:
                sheet.reset_dimensions()  # some programs declare a wrong size, which would cut rows off
                rows = [[cell_text(value) for value in cells] for cells in sheet.iter_rows(values_only=True)]
                yield name, list(enumerate(rows, start=1))
    finally:
        book.close()


def cell_text(value: object) -> str:
    """Return what a person would have typed for a spreadsheet value."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).upper()
        case float() if value.is_integer():
            return str(int(value))
        case dt.datetime() | dt.timedelta() | dt.time():
            return _clock_text(value)
        case _:
            return str(value)


def _clock_text(value: dt.datetime | dt.timedelta | dt.time) -> str:
    if isinstance(value, dt.time):
        return format_clock(value.hour * HOUR_S + value.minute * MINUTE_S + value.second)
    # 24:00 and later come as a span, or as a moment counted from the spreadsheet's day 0.
    clock = value - _SPREADSHEET_DAY_0 if isinstance(value, dt.datetime) else value
    return format_clock(round(clock.total_seconds())) if clock < _LONGEST_CLOCK else str(value)


def _table(file: str, records: Records | None, faults: FaultList) -> Table | None:
    """Name the cells of every record by the header, and report rows with more cells than the header."""
    if records is None:
        return None
    if not records or not any(cell.strip() for cell in records[0][1]):
        faults.add(Code.EMPTY_FILE, "the table has no header", "Begin the table with a header row.", file=file)
        return None
    columns = tuple(cell.strip() for cell in records[0][1])
    if not _check_header(file, columns, faults):
        return None
    rows = []
    for number, cells in records[1:]:
        texts = [cell.strip() for cell in cells]
        if not any(texts):
            continue
        excess = [text for text in texts[len(columns) :] if text]
        if excess:
            faults.add(
                Code.EXCESS_CELLS,
                f"the row has {len(texts)} cells, the header {len(columns)}",
                "Put quotation marks around a cell that holds a comma, or remove the excess cells.",
                file=file,
                row=number,
                value=", ".join(excess),
            )
        rows.append(Row(number=number, cells=dict(zip(columns, texts, strict=False))))
    return Table(file=file, columns=columns, rows=tuple(rows))


def _check_header(file: str, columns: tuple[str, ...], faults: FaultList) -> bool:
    """Report repeated columns, and a separator other than the comma; tell whether the table can be read."""
    for mark, name in ((";", "semicolons"), ("\t", "tabs")):
        if len(columns) == 1 and mark in columns[0]:
            cause = f"the columns are separated by {name}"
            faults.add(Code.UNREADABLE_CSV, cause, "Save the table as CSV with commas.", file=file, row=1)
            return False
    for position, column in enumerate(columns):
        if column and column in columns[:position]:
            faults.add(
                Code.DUPLICATE_COLUMN,
                "the header names this column twice",
                "Remove or rename one of them.",
                file=file,
                row=1,
                column=column,
            )
    return True
