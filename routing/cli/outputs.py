"""Commands on plan documents: compare, export."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from routing.cli.console import leaving, print_json, print_text
from routing.cli.planning import JsonOption, PlanArgument
from routing.planner.exchange import compare_documents, export_document


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(epilog="Example: banche compare out/a/plan.json out/b/plan.json")(leaving(compare))
    app.command(epilog="Example: banche export out/demo/plan.json --gtfs -o gtfs.zip")(leaving(export))


def compare(
    before: Annotated[Path, typer.Argument(metavar="A.json", help="Plan document before.")],
    after: Annotated[Path, typer.Argument(metavar="B.json", help="Plan document after.")],
    as_json: JsonOption = False,
) -> int:
    """Tell what changes from one plan to another: who is moved, which lines open, close, merge or split."""
    diff = compare_documents(before, after)
    if as_json:
        print_json(asdict(diff) | {"stability": diff.stability, "changes": diff.changes()})
        return 0
    changes = ", ".join(f"{count} {kind}" for kind, count in sorted(diff.changes().items()))
    print_text(f"lines: {changes or 'none'}")
    print_text(
        f"riders: {diff.stayers:,} served by both, {diff.changed:,} of them feel a change ({1 - diff.stability:.1%}), "
        f"{diff.lost:,} lost, {diff.gained:,} gained"
    )
    return 0


def export(
    plan_file: PlanArgument,
    out: Annotated[Path, typer.Option("-o", "--out", metavar="FILE", help="Where to write.")],
    gtfs: Annotated[bool, typer.Option("--gtfs", help="A GTFS feed (.zip).")] = False,
    geojson: Annotated[bool, typer.Option("--geojson", help="Lines and stops as GeoJSON.")] = False,
    xlsx: Annotated[bool, typer.Option("--xlsx", help="A workbook: lines, trips, timetable, assignments.")] = False,
    letters: Annotated[bool, typer.Option("--letters", help="A letter to every rider (.html).")] = False,
) -> int:
    """Write a plan in another format."""
    formats = {"gtfs": gtfs, "geojson": geojson, "xlsx": xlsx, "letters": letters}
    wanted = [name for name, asked in formats.items() if asked]
    if len(wanted) != 1:
        raise typer.BadParameter("give exactly one of --gtfs, --geojson, --xlsx, --letters")
    export_document(plan_file, wanted[0], out)
    print_text(f"wrote {out}")
    return 0
