"""However a scenario is spoilt, it is read or refused with faults; nothing else happens."""

import csv
import io
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from routing.formats.codes import Code
from routing.formats.scenario_folder import find_faults, read_scenario
from tests.formats.scenario_files import SCENARIO_TABLES, SCENARIO_TOML, ScenarioFiles
from tests.formats.unhurried import UNHURRIED

MANY = settings(UNHURRIED, max_examples=60)
CELLS = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        ["", " ", "0", "-1", "1e400", "nan", "24:00", "99:99", "1111111", "W1", "day", "١٢", "９", "\ufeff"]
    ),
)


def spoilt_table(table: str, row: int, column: int, cell: str) -> str:
    records = list(csv.reader(io.StringIO(SCENARIO_TABLES[table])))
    target = records[row % len(records)]
    target[column % len(target)] = cell
    out = io.StringIO()
    csv.writer(out).writerows(records)
    return out.getvalue()


def judge(folder: Path) -> None:
    """Check that a folder without faults can be read, and that every fault says where and what to do."""
    faults = find_faults(folder)
    if not faults:
        assert read_scenario(folder).riders
    for fault in faults:
        assert fault.code in {code.value for code in Code}
        assert fault.cause
        assert fault.action
        if fault.row is not None:
            lines = (folder / fault.file).read_text("utf-8", "replace").splitlines()
            assert 1 <= fault.row <= max(1, len(lines))


@MANY
@given(
    table=st.sampled_from(sorted(SCENARIO_TABLES)),
    row=st.integers(0, 5),
    column=st.integers(0, 9),
    cell=CELLS,
)
def test_any_cell_may_hold_anything(table: str, row: int, column: int, cell: str) -> None:
    with TemporaryDirectory() as home:
        files = ScenarioFiles(Path(home) / "s")
        judge(files.write(f"{table}.csv", spoilt_table(table, row, column, cell)).folder)


@MANY
@given(file=st.sampled_from([*(f"{table}.csv" for table in SCENARIO_TABLES), "scenario.toml"]), content=st.binary())
def test_any_file_may_be_any_bytes(file: str, content: bytes) -> None:
    with TemporaryDirectory() as home:
        folder = ScenarioFiles(Path(home) / "s").write(file, content).folder
        for fault in find_faults(folder):
            assert fault.action


@MANY
@given(line=st.integers(0, 20), text=st.text(max_size=12))
def test_any_line_of_the_toml_may_be_anything(line: int, text: str) -> None:
    lines = SCENARIO_TOML.splitlines()
    lines[line % len(lines)] = text.replace("\r", " ")
    with TemporaryDirectory() as home:
        judge(ScenarioFiles(Path(home) / "s").write("scenario.toml", "\n".join(lines)).folder)


@MANY
@given(data=st.data())
def test_any_lines_of_a_table_may_be_missing(data: st.DataObject) -> None:
    table = data.draw(st.sampled_from(sorted(SCENARIO_TABLES)))
    lines = SCENARIO_TABLES[table].splitlines(keepends=True)
    kept = data.draw(st.lists(st.sampled_from(lines), max_size=len(lines)))
    with TemporaryDirectory() as home:
        judge(ScenarioFiles(Path(home) / "s").write(f"{table}.csv", "".join(kept)).folder)


@MANY
@given(order=st.permutations(["rider_id", "home_lon", "home_lat", "worksite_id", "shift_id", "days", "count", "need"]))
def test_columns_may_stand_in_any_order(order: list[str]) -> None:
    rows = list(csv.DictReader(io.StringIO(SCENARIO_TABLES["riders"])))
    out = io.StringIO()
    writer = csv.DictWriter(out, order)
    writer.writeheader()
    writer.writerows(rows)
    with TemporaryDirectory() as home:
        files = ScenarioFiles(Path(home) / "s")
        expected = read_scenario(files.folder)
        assert read_scenario(files.write("riders.csv", out.getvalue()).folder) == expected
