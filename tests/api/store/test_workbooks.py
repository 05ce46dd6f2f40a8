"""Riders taken out of workbooks: no sheet keeps them, and everything else reads as before."""

import io
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from api.store import Store
from api.store.riders import erase_rider
from api.store.scenarios import forget_home, insert_scenario, scenario_content
from api.store.schema import blobs
from api.store.workbooks import workbook_without_rider
from tests.api.samples import DEED, FILES, SEALER

HEAD = ["rider_id", "home_lon", "home_lat"]
ROWS = [["r1", 121.65, 38.92], ["r2", 121.66, 38.93], ["r1", 121.67, 38.94]]


def book(**sheets: list[list[Any]]) -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.worksheets[0])
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    written = io.BytesIO()
    made.save(written)
    return written.getvalue()


def read(workbook: bytes) -> dict[str, list[list[Any]]]:
    opened = openpyxl.load_workbook(io.BytesIO(workbook))
    return {sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)] for sheet in opened.worksheets}


def test_rows_of_a_rider_go_from_every_sheet_that_has_riders() -> None:
    sites = [["worksite_id", "name"], ["r1", "named like a rider"]]
    after = read(workbook_without_rider(book(riders=[HEAD, *ROWS], copy=[HEAD, ROWS[0]], worksites=sites), "r1"))
    assert after == {"riders": [HEAD, ROWS[1]], "copy": [HEAD], "worksites": sites}


def test_the_old_home_stands_nowhere_in_the_file_any_more() -> None:
    import zipfile

    rows = [HEAD, ["anna-17", "121.654321", "38.9"], ROWS[1]]
    after = workbook_without_rider(book(riders=rows), "anna-17")
    with zipfile.ZipFile(io.BytesIO(after)) as parts:
        whole = b"".join(parts.read(name) for name in parts.namelist())
    assert b"anna-17" not in whole
    assert b"121.654321" not in whole


def test_ids_that_a_spreadsheet_took_for_numbers_are_found() -> None:
    after = read(workbook_without_rider(book(riders=[HEAD, [17, 121.5, 38.9], [171, 121.5, 38.9]]), "17"))
    assert after == {"riders": [HEAD, [171, 121.5, 38.9]]}


@pytest.mark.parametrize(
    "workbook",
    [b"", b"PK\x03\x04nothing", book(riders=[HEAD, ROWS[1]]), book(riders=[["name"], ["r1"]]), book(empty=[])],
    ids=["empty", "broken", "another rider", "no ids", "empty sheet"],
)
def test_a_workbook_that_does_not_name_the_rider_stays_byte_for_byte(workbook: bytes) -> None:
    assert workbook_without_rider(workbook, "r1") == workbook


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.sampled_from(["r1", "r2", "r3", "r10"]), max_size=8), st.sampled_from(["r1", "r2", "r3", "r10", "r9"])
)
def test_every_other_rider_stays_in_order(names: list[str], gone: str) -> None:
    rows = [[name, 121.0 + place, 38.9] for place, name in enumerate(names)]
    after = read(workbook_without_rider(book(riders=[HEAD, *rows]), gone))
    assert after["riders"] == [HEAD, *(row for row in rows if row[0] != gone)]


def test_erasing_a_rider_reaches_every_version_in_a_workbook(store: Store) -> None:
    """Two versions in workbooks, one of them in capitals, and one in a table: all are changed, old bytes gone."""
    plain = {name: content for name, content in FILES.items() if name != "riders.csv"}
    versions = [plain | {"Scenario.XLSX": book(riders=[HEAD, *ROWS])}, plain | {"all.xlsx": book(riders=[HEAD, *ROWS])}]

    def keep(connection: sa.engine.Connection) -> list[str]:
        kept = [insert_scenario(connection, SEALER, "town", files, DEED).scenario_id for files in (*versions, FILES)]
        insert_scenario(connection, SEALER, "village", versions[0] | {"x.csv": b"1"}, DEED)
        return kept

    ids = store.transact(keep)
    store.transact(lambda c: erase_rider(c, SEALER, "town", "r1", DEED))
    with store.read() as connection:
        names = ("Scenario.XLSX", "all.xlsx")
        for scenario_id, name in zip(ids, names, strict=False):
            content = scenario_content(connection, SEALER, scenario_id)[name]
            assert [row[0] for row in read(content)["riders"]] == ["rider_id", "r2"]
        sealed = connection.execute(sa.select(blobs.c.sealed).where(blobs.c.size > 1_000)).scalars().all()
        assert set(sealed) == {True}
    assert store.transact(lambda c: forget_home(c, SEALER, "town", "r1")) == 0
