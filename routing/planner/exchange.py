"""Works on plan documents alone: compares two, exports one."""

from collections.abc import Callable
from pathlib import Path

from routing.compare import PlanDiff, compare
from routing.formats.document import PlanDocument
from routing.formats.folder import replace_file
from routing.formats.geojson import lines_geojson
from routing.formats.gtfs import ServiceDates, gtfs_zip
from routing.formats.plan_letters import plan_letters
from routing.formats.plan_reader import read_plan
from routing.formats.xlsx import plan_xlsx

EXPORTS: dict[str, Callable[[PlanDocument], bytes]] = {
    "gtfs": lambda document: gtfs_zip(document, ServiceDates.half_year()),
    "geojson": lines_geojson,
    "xlsx": plan_xlsx,
    "letters": plan_letters,
}
"""What a document can be written as."""


def compare_documents(before: Path, after: Path) -> PlanDiff:
    """Compare two plan documents.

    Raises
    ------
    InputError
        When a document cannot be read.
    """
    old, new = read_plan(before), read_plan(after)
    return compare(old.plan, new.plan, old.departures(), new.departures())


def export_document(plan_file: Path, kind: str, out: Path) -> None:
    """Write a plan document in another format; ``kind`` is a key of `EXPORTS`.

    Raises
    ------
    InputError
        When the document cannot be read or the file cannot be written.
    """
    replace_file(out, EXPORTS[kind](read_plan(plan_file)))
