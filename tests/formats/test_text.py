"""Text is UTF-8; of anything else, the reader says what it seems to be."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.formats.faults import FaultList
from routing.formats.text import parse_toml, read_text
from tests.formats.scenario_files import SCENARIO_TABLES, ScenarioFiles
from tests.formats.unhurried import UNHURRIED


@pytest.mark.parametrize(
    ("encoding", "guess"),
    [
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("utf-32", "UTF-32"),
        ("gbk", "GBK (GB 18030)"),
        ("gb18030", "GBK (GB 18030)"),
    ],
)
def test_chinese_text_in_another_encoding_is_named(files: ScenarioFiles, encoding: str, guess: str) -> None:
    fault = files.write("worksites.csv", SCENARIO_TABLES["worksites"].encode(encoding)).only_fault()
    assert (fault.file, fault.value, fault.code) == ("worksites.csv", guess, "wrong_encoding")
    assert "UTF-8" in fault.action


def test_european_text_in_another_encoding_is_named(files: ScenarioFiles) -> None:
    text = "depot_id,name,lon,lat\nD1,garage,121.53,38.87\nD2,Dépôt de l'été à Orléans,121.55,38.95\n"
    fault = files.write("depots.csv", text.encode("latin-1")).only_fault()
    assert (fault.row, fault.value) == (3, "Latin-1 or Windows-1252")


def test_a_scenario_file_in_another_encoding_is_named(files: ScenarioFiles) -> None:
    text = (files.folder / "scenario.toml").read_text("utf-8")
    fault = files.write("scenario.toml", text.encode("gbk")).only_fault()
    assert (fault.file, fault.row, fault.code) == ("scenario.toml", 2, "wrong_encoding")


def test_a_byte_order_mark_is_tolerated_in_every_file(files: ScenarioFiles) -> None:
    for path in (*files.folder.glob("*.csv"), files.folder / "scenario.toml"):
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    faults = FaultList()
    assert read_text(files.folder / "riders.csv", faults) == SCENARIO_TABLES["riders"]
    assert len(faults) == 0


def test_a_folder_in_the_place_of_a_file_is_told(tmp_path: Path) -> None:
    faults = FaultList()
    assert read_text(tmp_path, faults) is None
    assert [fault.code for fault in faults.found()] == ["unreadable_file"]


@UNHURRIED
@given(content=st.binary(max_size=200))
def test_any_bytes_are_a_text_or_one_fault(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "any"
    path.write_bytes(content)
    faults = FaultList()
    text = read_text(path, faults)
    assert (text is None) == (len(faults) == 1)


def test_toml_is_parsed() -> None:
    assert parse_toml('[a]\nb = "城"\nc = [1, 2.5]\n') == {"a": {"b": "城", "c": [1, 2.5]}}


@pytest.mark.parametrize(
    "text", ["a = " + "[" * 20_000 + "]" * 20_000, "a = " + "{b=" * 20_000, "a" + ".b" * 20_000 + "=[", "= 1", "a\0b"]
)
def test_toml_of_any_depth_is_refused_as_toml(text: str) -> None:
    """However deep it is nested, and whatever is wrong with it, the reader need expect one kind of error."""
    with pytest.raises(tomllib.TOMLDecodeError):
        parse_toml(text)
