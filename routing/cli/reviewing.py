"""The command that applies a policy to the lines of a plan: review."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from routing.cli.console import leaving, print_json, print_text
from routing.cli.planning import JsonOption, PlanArgument
from routing.planner.reviewing import review_lines

CountsOption = Annotated[
    Path, typer.Option("--counts", metavar="FILE.csv", help="People by day: date, line_id, booked, boarded, state.")
]
PolicyOption = Annotated[
    str, typer.Option("--policy", metavar="NAME", help="nanchang, hangzhou, changchun, beijing, shanghai, or a file.")
]


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command(epilog="Example: banche review out/demo/plan.json --counts counts.csv --policy nanchang")(
        leaving(review)
    )


def review(
    plan_file: PlanArgument, counts: CountsOption, policy: PolicyOption = "nanchang", as_json: JsonOption = False
) -> int:
    """Propose which lines open, are watched or are suspended, by a policy and the people counted."""
    reviews, openings = review_lines(plan_file, counts, policy)
    if as_json:
        print_json({"lines": [asdict(r) for r in reviews], "openings": [asdict(o) for o in openings]})
        return 0
    for found in reviews:
        if found.proposed is not found.state:
            print_text(f"{found.line_id}: {found.state.value} → {found.proposed.value}: {found.reason}")
        elif found.missing:
            print_text(f"{found.line_id}: {found.missing} more riders and it opens")
    kept = sum(found.proposed is found.state for found in reviews)
    print_text(f"{kept} of {len(reviews)} lines stay as they are")
    for opening in openings:
        print_text(f"{opening.missing} more riders would open a line for {len(opening.riders)} who are left out")
    return 0
