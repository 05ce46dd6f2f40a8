"""Documents compared and exported by themselves, without their scenario."""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from routing.errors import InputError
from routing.evaluate import evaluate
from routing.formats.document import PlanDocument
from routing.formats.plan_json import plan_json
from routing.planner.exchange import EXPORTS, compare_documents, export_document
from tests.formats.small_city import make_document, make_plan, make_problem

PROBLEM = make_problem()
DOCUMENT = make_document(PROBLEM, make_plan(PROBLEM), evaluate(PROBLEM, make_plan(PROBLEM)))


def written(folder: Path, document: PlanDocument = DOCUMENT, name: str = "plan.json") -> Path:
    path = folder / name
    path.write_bytes(plan_json(document))
    return path


def without_line(document: PlanDocument, line_id: str) -> PlanDocument:
    """Close a line: its riders are left without a seat."""
    trips = {trip.trip_id for line, trip in document.plan.trips() if line.line_id == line_id}
    kept = [place for place, a in enumerate(document.plan.assignments) if a.trip_id not in trips]
    plan = replace(
        document.plan,
        lines=tuple(line for line in document.plan.lines if line.line_id != line_id),
        assignments=tuple(document.plan.assignments[place] for place in kept),
    )
    return replace(
        document,
        plan=plan,
        trips=tuple(trip for trip in document.trips if trip.trip_id not in trips),
        seats=tuple(document.seats[place] for place in kept),
    )


def test_a_plan_does_not_differ_from_itself(tmp_path: Path) -> None:
    path = written(tmp_path)
    diff = compare_documents(path, path)
    assert (diff.changed, diff.lost, diff.gained, diff.stability) == (0, 0, 0, 1.0)
    assert diff.changes() == {"keep": len(DOCUMENT.plan.lines)}


def test_closing_and_opening_a_line_are_two_sides_of_one_change(tmp_path: Path) -> None:
    line_id = DOCUMENT.plan.lines[0].line_id
    all_of_it, fewer = written(tmp_path), written(tmp_path, without_line(DOCUMENT, line_id), "fewer.json")
    closing, opening = compare_documents(all_of_it, fewer), compare_documents(fewer, all_of_it)
    trips = {trip.trip_id for trip in DOCUMENT.plan.lines[0].trips}
    riders = {a.rider_id for a in DOCUMENT.plan.assignments if a.trip_id in trips}
    assert (closing.lost, closing.gained) == (opening.gained, opening.lost) == (len(riders), 0)
    assert [x.change.value for x in closing.lines if x.line_id == line_id] == ["close"]
    assert [x.change.value for x in opening.lines if x.line_id == line_id] == ["open"]


def test_a_later_departure_is_felt_beyond_five_minutes(tmp_path: Path) -> None:
    for shift_s, felt in ((240, False), (360, True)):
        trips = tuple(
            replace(t, calls=tuple(replace(c, depart=(c.depart or 0) + shift_s) for c in t.calls))
            for t in DOCUMENT.trips
        )
        diff = compare_documents(written(tmp_path), written(tmp_path, replace(DOCUMENT, trips=trips), "later.json"))
        assert (diff.changed > 0) is felt
        assert {rider.board_shift_s for rider in diff.riders} == {shift_s}


def gtfs_trips(path: Path) -> int:
    with zipfile.ZipFile(path) as feed:
        return len(feed.read("trips.txt").splitlines()) - 1


def xlsx_trips(path: Path) -> int:
    return int(openpyxl.load_workbook(io.BytesIO(path.read_bytes()))["trips"].max_row) - 1


def geojson_trips(path: Path) -> int:
    kinds = [f["geometry"] and f["geometry"]["type"] for f in json.loads(path.read_bytes())["features"]]
    return kinds.count("LineString")


@pytest.mark.parametrize(("kind", "count"), [("gtfs", gtfs_trips), ("xlsx", xlsx_trips), ("geojson", geojson_trips)])
def test_every_format_holds_every_trip(tmp_path: Path, kind: str, count: Callable[[Path], int]) -> None:
    export_document(written(tmp_path), kind, tmp_path / "out")
    assert count(tmp_path / "out") == len(DOCUMENT.trips)


def test_letters_go_to_every_rider_once(tmp_path: Path) -> None:
    export_document(written(tmp_path), "letters", tmp_path / "letters.html")
    page = (tmp_path / "letters.html").read_text("utf-8")
    riders = {a.rider_id for a in DOCUMENT.plan.assignments}
    assert page.count("<article") == len(riders)
    assert all(page.count(f">{rider_id}<") <= 1 for rider_id in riders)


@pytest.mark.parametrize("kind", sorted(EXPORTS))
def test_a_plan_that_carries_nobody_is_written_in_every_format(tmp_path: Path, kind: str) -> None:
    plan = replace(DOCUMENT.plan, lines=(), assignments=(), blocks=())
    export_document(written(tmp_path, replace(DOCUMENT, plan=plan, trips=(), seats=())), kind, tmp_path / "out")
    assert (tmp_path / "out").stat().st_size > 0


@pytest.mark.parametrize("kind", sorted(EXPORTS))
def test_what_cannot_be_read_is_told_and_nothing_is_written(tmp_path: Path, kind: str) -> None:
    (tmp_path / "plan.json").write_text('{"lines": 7}', "utf-8")
    with pytest.raises(InputError):
        export_document(tmp_path / "plan.json", kind, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["plan.json"]


def test_a_document_that_is_not_there_is_told_by_name(tmp_path: Path) -> None:
    path = written(tmp_path)
    for pair in ((path, tmp_path / "gone.json"), (tmp_path / "gone.json", path)):
        with pytest.raises(InputError) as refused:
            compare_documents(*pair)
        assert Path(refused.value.faults[0].file).name == "gone.json"
