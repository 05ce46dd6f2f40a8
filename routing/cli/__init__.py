"""The command line: plans, checks and compares from a terminal."""

import sys

import typer

from routing.cli import inputs, outputs, planning, rebalancing, reviewing, service
from routing.cli.console import report_error
from routing.errors import RoutingError


def make_app() -> typer.Typer:
    """Return a new command line with the planner's commands; others may add theirs."""
    made = typer.Typer(
        name="banche",
        help="Plan and rebalance custom commuter shuttles (班车) on real roads.",
        epilog="Start with: banche demo -o out/demo",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode="rich",
        pretty_exceptions_show_locals=False,
    )
    for room in (planning, inputs, outputs, rebalancing, reviewing, service):
        room.register(made)
    return made


app = make_app()


def main(arguments: list[str] | None = None, program: typer.Typer = app) -> None:
    """Run the command line and leave with its exit status.

    Status 0 done, 1 our bug, 2 bad input, 3 roads cannot answer, 4 no plan keeps the hard rules, 130 interrupted.
    """
    given = sys.argv[1:] if arguments is None else arguments
    try:
        program(args=given)
    except RoutingError as error:
        report_error(error, as_json="--json" in given)
        sys.exit(error.exit_status)
