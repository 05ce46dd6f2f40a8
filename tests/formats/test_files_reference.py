"""docs/reference/files.md is true: every key, column and default that it lists is the one that is read or written."""

import re
from pathlib import Path

import pytest

from routing.formats.document import PlanDocument
from routing.formats.plan_json import plan_mapping
from routing.formats.scenario_folder import read_scenario
from routing.formats.scenario_toml import SECTIONS
from routing.formats.tables import TABLES
from routing.formats.timetable_csv import COLUMNS
from tests.formats.scenario_files import ScenarioFiles

REFERENCE = (Path(__file__).parents[2] / "docs" / "reference" / "files.md").read_text("utf-8")


def section(title: str) -> str:
    return REFERENCE.split(f"### {title}", 1)[1].split("\n#", 1)[0]


def names(text: str) -> set[str]:
    return set(re.findall(r"`(\w+)`", text))


def toml_rows() -> list[tuple[str, str]]:
    return re.findall(r"^\| `(\w+\.\w+)` \| ([^|]*) \|", section("scenario.toml"), re.MULTILINE)


def test_every_key_of_the_scenario_is_listed_in_order() -> None:
    keys = [f"{name}.{key}" for name, keys in SECTIONS.items() for key in keys]
    assert [key for key, _ in toml_rows()] == keys


def test_listed_defaults_are_those_that_are_used(files: ScenarioFiles) -> None:
    """A file with every default spelled out is the same scenario as one with none."""
    files.write("scenario.toml", '[scenario]\ncrs = "wgs84"\n')
    bare = read_scenario(files.folder)
    lines: dict[str, list[str]] = {}
    for key, default in toml_rows():
        name, _, last = key.partition(".")
        written = default.strip().strip("`")
        if key == "scenario.crs":
            written = "wgs84"
        if key != "scenario.name" and written != "none":
            literal = written if re.fullmatch(r"[\d.]+|true|false", written) else f'"{written}"'
            lines.setdefault(name, []).append(f"{last} = {literal}")
    text = "\n".join(f"[{name}]\n" + "\n".join(keys) for name, keys in lines.items())
    assert read_scenario(files.write("scenario.toml", text).folder) == bare


@pytest.mark.parametrize("table", TABLES)
def test_every_column_of_every_table_is_listed(table: str) -> None:
    title = {"worksites": "worksites.csv, depots.csv", "depots": "worksites.csv, depots.csv"}.get(table, f"{table}.csv")
    columns = TABLES[table].required + TABLES[table].optional
    assert set(columns) <= names(section(title))


def test_every_member_of_the_plan_document_is_listed(document: PlanDocument) -> None:
    content = plan_mapping(document)
    trip = content["lines"][0]["trips"][0]
    members = {*content, *content["lines"][0], *trip, *trip["stops"][0], *content["stops"][0], *content["blocks"][0]}
    members |= {*content["assignments"][0], *content["unserved"][0], *content["unserved"][0]["relaxation"]}
    members |= {*content["summary"], *content["vehicle_types"][0]}
    assert members - names(section("plan.json")) == set()


def test_every_column_of_the_timetable_is_listed() -> None:
    assert set(COLUMNS) == names(section("timetable.csv"))
