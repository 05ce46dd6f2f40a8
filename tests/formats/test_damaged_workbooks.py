"""Whatever a workbook has become on its way, it is read or told of, and never breaks the reading."""

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routing.formats.faults import FaultList
from routing.formats.sheets import Table, read_tables

ROWS = (("depot_id", "name", "lon", "lat"), ("D1", "东场", 121.6, 38.9))
SHEET = "xl/worksheets/sheet1.xml"


def whole_book() -> dict[str, bytes]:
    """Return the parts of a workbook by name."""
    book = openpyxl.Workbook()
    book.worksheets[0].title = "depots"
    for row in ROWS:
        book.worksheets[0].append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    with zipfile.ZipFile(buffer) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


PARTS = whole_book()


def packed(parts: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def in_directory(offset: int, value: int) -> bytes:
    """Return a workbook with one byte of every entry of its archive's directory set."""
    book = bytearray(packed(PARTS))
    at = book.find(b"PK\x01\x02")
    while at >= 0:
        book[at + offset] = value
        at = book.find(b"PK\x01\x02", at + 1)
    return bytes(book)


def scratched(method: int) -> bytes:
    """Return a workbook with damage in the middle of its sheet as it is packed."""
    book = bytearray(packed({SHEET: PARTS[SHEET]} | PARTS, method))
    begin = book.index(SHEET.encode()) + len(SHEET)
    book[begin + 20 : begin + 60] = b"\xff" * 40
    return bytes(book)


def read(folder: Path, content: bytes) -> tuple[Table | None, FaultList]:
    (folder / "tables.xlsx").write_bytes(content)
    faults = FaultList()
    return read_tables(folder, ("depots",), faults).get("depots"), faults


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_whole_workbook_is_read_however_it_is_packed(tmp_path: Path, method: int) -> None:
    table, faults = read(tmp_path, packed(PARTS, method))
    assert table is not None
    assert [dict(row.cells) for row in table.rows] == [
        {"depot_id": "D1", "name": "东场", "lon": "121.6", "lat": "38.9"}
    ]
    assert faults.found() == ()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(in_directory(8, 1), id="a password"),
        pytest.param(in_directory(6, 255), id="a version to come"),
        pytest.param(in_directory(10, 99), id="a method that nobody knows"),
        pytest.param(scratched(zipfile.ZIP_STORED), id="scratched"),
        pytest.param(scratched(zipfile.ZIP_DEFLATED), id="scratched, Deflate"),
        pytest.param(scratched(zipfile.ZIP_BZIP2), id="scratched, bzip2"),
        pytest.param(scratched(zipfile.ZIP_LZMA), id="scratched, LZMA"),
        pytest.param(packed(PARTS)[:-30], id="cut short"),
        pytest.param(packed({}), id="an archive of nothing"),
        pytest.param(packed({"notes.txt": b"hello"}), id="another archive"),
        pytest.param(packed(PARTS | {SHEET: PARTS[SHEET][:-40]}), id="a sheet that breaks off"),
        pytest.param(packed(PARTS | {SHEET: b"\x00\xff"}), id="a sheet that is no text"),
    ],
)
def test_a_damaged_workbook_is_told_of_once(tmp_path: Path, content: bytes) -> None:
    table, faults = read(tmp_path, content)
    assert table is None
    assert [(fault.file, fault.code) for fault in faults.found()] == [("tables.xlsx", "unreadable_xlsx")]


@pytest.mark.parametrize("part", ["[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"])
def test_a_workbook_without_an_essential_part_is_told_of(tmp_path: Path, part: str) -> None:
    table, faults = read(tmp_path, packed({name: content for name, content in PARTS.items() if name != part}))
    assert table is None
    assert [fault.code for fault in faults.found()] == ["unreadable_xlsx"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    places=st.lists(st.tuples(st.integers(0, 100_000), st.integers(0, 255)), min_size=1, max_size=4),
    method=st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_LZMA]),
)
def test_no_change_of_bytes_breaks_the_reading(tmp_path: Path, places: list[tuple[int, int]], method: int) -> None:
    """The archive's checksums tell of changed cells, so that what is read is what was written."""
    book = bytearray(packed(PARTS, method))
    for at, value in places:
        book[at % len(book)] = value
    table, faults = read(tmp_path, bytes(book))
    if table is not None:
        assert [tuple(row.cells.values()) for row in table.rows] == [("D1", "东场", "121.6", "38.9")]
        assert faults.found() == ()
