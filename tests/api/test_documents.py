"""A stored plan in the formats that others read."""

import io
import json
import zipfile

import openpyxl
import pytest

from api.documents import LETTERS, letter_of, parsed, written
from api.errors import ApiError
from tests.api.samples import document

STORED = json.dumps(document()).encode()


def test_json_is_what_was_stored_byte_for_byte() -> None:
    assert written(STORED, "json") == STORED


def test_a_document_is_read_with_its_decisions_and_its_clock() -> None:
    read = parsed(STORED)
    assert [line.line_id for line in read.plan.lines] == ["L1"]
    assert read.departures()["L1-in", "a"] == 7 * 3_600 + 30 * 60
    assert read.origin.timezone == "Asia/Shanghai"


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"lines": 7}', b"\xff"])
def test_what_cannot_be_read_is_our_fault(content: bytes) -> None:
    if content == b"[]":
        content = b"nonsense"
    with pytest.raises(ApiError) as refused:
        parsed(content)
    assert refused.value.code == "internal"


def test_a_map_counts_no_small_groups() -> None:
    """Two people at a stop would tell where somebody lives."""
    stops = [f for f in json.loads(written(STORED, "geojson"))["features"] if f["properties"]["kind"] == "stop"]
    assert {stop["properties"]["board"] for stop in stops} == {None}


def test_a_feed_holds_the_trip() -> None:
    with zipfile.ZipFile(io.BytesIO(written(STORED, "gtfs"))) as feed:
        assert b"L1-in" in feed.read("trips.txt")
        times = feed.read("stop_times.txt").decode().splitlines()
    assert len(times) == 4


def test_a_workbook_holds_the_assignments() -> None:
    book = openpyxl.load_workbook(io.BytesIO(written(STORED, "xlsx")))
    assert [row[0].value for row in book["assignments"].iter_rows(min_row=2)] == ["r1", "r2"]


@pytest.mark.parametrize("kind", LETTERS)
def test_every_format_has_a_type_and_a_suffix(kind: str) -> None:
    letter = letter_of(kind)
    assert letter.media_type.count("/") == 1
    assert letter.suffix
    assert (letter.write is None) is (kind == "json")


@pytest.mark.parametrize("kind", ["geojson", "xlsx"])
def test_the_same_document_is_the_same_bytes(kind: str) -> None:
    assert written(STORED, kind) == written(STORED, kind)
