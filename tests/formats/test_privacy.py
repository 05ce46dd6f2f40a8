"""Who may see what: only the plan document and the workbook name riders, and nothing shows a home."""

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace

import pytest

from routing.evaluate import Evaluation
from routing.formats.document import PlanDocument, describe_plan
from routing.formats.geojson import lines_geojson
from routing.formats.gtfs import gtfs_zip
from routing.formats.plan_json import plan_json
from routing.formats.report import report_html
from routing.formats.timetable_csv import timetable_csv
from routing.formats.xlsx import plan_xlsx
from routing.model.places import Location
from routing.model.plan import Plan
from routing.model.problem import Problem
from tests.formats.test_gtfs import DATES

HOME = Location(lon=121.654321, lat=38.987654)
Writer = Callable[[Problem, PlanDocument, Evaluation], bytes]


def unpacked(archive: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        return b"\n".join(files.read(name) for name in files.namelist())


OPEN: dict[str, Writer] = {
    "lines.geojson": lambda _, document, __: lines_geojson(document),
    "gtfs.zip": lambda _, document, __: unpacked(gtfs_zip(document, DATES)),
    "timetable.csv": lambda _, document, __: timetable_csv(document),
    "report.html": report_html,
}
PERSONAL: dict[str, Writer] = {
    "plan.json": lambda _, document, __: plan_json(document),
    "plan.xlsx": lambda _, document, __: unpacked(plan_xlsx(document)),
}


@pytest.fixture(scope="module")
def watched(problem: Problem) -> Problem:
    """Return the city with everybody living at one unmistakable point, under unmistakable ids."""
    return replace(problem, riders=tuple(replace(rider, home=HOME) for rider in problem.riders))


@pytest.fixture(scope="module")
def published(watched: Problem, plan: Plan, evaluation: Evaluation) -> PlanDocument:
    return describe_plan(watched, plan, evaluation)


@pytest.mark.parametrize("name", OPEN)
def test_open_outputs_name_nobody(name: str, watched: Problem, published: PlanDocument, evaluation: Evaluation) -> None:
    content = OPEN[name](watched, published, evaluation).decode()
    named = {rider.rider_id for rider in watched.riders if re.search(rf"(?<!\w){rider.rider_id}(?!\w)", content)}
    assert named <= {"far"}  # that id is an English word, and the page has a variable of that name
    assert '"far"' not in content


@pytest.mark.parametrize("name", PERSONAL)
def test_personal_outputs_name_riders_by_their_pseudonyms(
    name: str, watched: Problem, published: PlanDocument, evaluation: Evaluation
) -> None:
    """Otherwise nobody could tell a rider where to wait."""
    content = PERSONAL[name](watched, published, evaluation).decode("utf-8", "replace")
    assert all(rider.rider_id in content for rider in watched.riders)


@pytest.mark.parametrize("name", [*OPEN, *PERSONAL])
def test_no_output_shows_a_home(name: str, watched: Problem, published: PlanDocument, evaluation: Evaluation) -> None:
    content = (OPEN | PERSONAL)[name](watched, published, evaluation).decode("utf-8", "replace")
    for degrees in (HOME.lon, HOME.lat):
        assert f"{degrees:.3f}" not in content


@pytest.mark.parametrize("name", [*OPEN, *PERSONAL])
def test_the_reason_of_a_need_is_nowhere_and_neither_is_the_need(
    name: str, watched: Problem, published: PlanDocument, evaluation: Evaluation
) -> None:
    """Who needs a short walk is nobody's business but the planner's."""
    content = (OPEN | PERSONAL)[name](watched, published, evaluation)
    assert b"short_walk" not in content
