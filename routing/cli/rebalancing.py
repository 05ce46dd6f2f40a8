"""The command that follows a drifting demand: rebalance."""

import math
from pathlib import Path
from typing import Annotated

import typer

from routing.cli.console import ProgressLine, leaving, print_json, print_summary, print_text
from routing.cli.interruption import Interruption
from routing.cli.planning import (
    INTERRUPTED,
    Effort,
    JsonOption,
    OutOption,
    ScenarioArgument,
    SeedOption,
    TimeOption,
    WorkersOption,
)
from routing.formats.folder import check_target
from routing.model.changes import ChangeCosts, Pins
from routing.model.result import Progress, Status
from routing.model.units import fen_to_yuan, yuan_to_fen
from routing.planner.rebalancing import Rebalanced, Wish, prepare_rebalance, rebalance_study
from routing.planner.rebalancing_files import deliver_rebalance
from routing.planner.responding import Trouble, respond_study
from routing.planner.run import DEFAULT_TIME_LIMIT_S
from routing.rebalance.operations import Response
from routing.rebalance.thin import thin_lines

DEFAULT_PRICE_YUAN = 3.0
PINS = {"line": "lines", "trip": "trips", "stop": "stops", "vehicle_type": "vehicle_types", "rider": "riders"}
"""What `--pin` may freeze, and the field of `Pins` that holds it."""

FromOption = Annotated[Path, typer.Option("--from", metavar="PLAN.json", help="The plan that runs now.")]
MaxChangedOption = Annotated[
    int | None,
    typer.Option("--max-changed-riders", metavar="N", min=0, help="Most riders with another stop, line or departure."),
]
PriceOption = Annotated[
    str,
    typer.Option(
        "--change-price",
        metavar="YUAN",
        help="Price a day of another stop, line or departure for one rider; 0 lets anything change, inf nothing.",
    ),
]
PinOption = Annotated[
    list[str] | None,
    typer.Option(
        "--pin", metavar="KIND:ID", help="Freeze a line, trip, stop, rider, or a line's vehicle_type; may come again."
    ),
]
BrokenOption = Annotated[
    str | None,
    typer.Option("--broken-vehicle", metavar="BLOCK", help="This block's vehicle is out of order today."),
]
ClosedStopOption = Annotated[
    list[str] | None, typer.Option("--closed-stop", metavar="ID", help="Nobody may halt there today; may come again.")
]
ClosedSiteOption = Annotated[
    list[str] | None, typer.Option("--closed-worksite", metavar="ID", help="Nobody works there today; may come again.")
]
ClosedRoadOption = Annotated[
    list[str] | None,
    typer.Option(
        "--closed-road", metavar="NAME", help="Closed today: a road by name, number or OSM way id; may come again."
    ),
]
FrontierOption = Annotated[
    bool, typer.Option("--frontier", help="Tell in steps what each rider disturbed would save, as frontier.json.")
]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    epilog = "Example: banche rebalance data/dalian --from out/demo/plan.json -o out/next --max-changed-riders 100"
    app.command(epilog=epilog)(leaving(rebalance))


def rebalance(  # noqa: PLR0913, PLR0917 - each is an option
    scenario: ScenarioArgument,
    running: FromOption,
    out: OutOption,
    max_changed_riders: MaxChangedOption = None,
    change_price: PriceOption = str(DEFAULT_PRICE_YUAN),
    pin: PinOption = None,
    frontier: FrontierOption = False,
    broken_vehicle: BrokenOption = None,
    closed_stop: ClosedStopOption = None,
    closed_worksite: ClosedSiteOption = None,
    closed_road: ClosedRoadOption = None,
    time_limit: TimeOption = DEFAULT_TIME_LIMIT_S,
    seed: SeedOption = 1,
    workers: WorkersOption = None,
    as_json: JsonOption = False,
) -> int:
    """Follow a scenario that has drifted from its running plan, changing as little as possible for riders who stay.

    Writes the files of a plan, diff.json and letters.html; with --frontier also frontier.json. Where a vehicle breaks
    down or something closes for a day, what cannot run stops, and the rest stays as it is; only round closed roads new
    lines are searched, for a few seconds.
    """
    trouble = Trouble(
        broken=broken_vehicle,
        closed_stops=tuple(closed_stop or ()),
        closed_worksites=tuple(closed_worksite or ()),
        closed_roads=tuple(closed_road or ()),
    )
    wish = Wish(
        costs=_costs(change_price), pins=_pins(pin or []), max_changed_riders=max_changed_riders, frontier=frontier
    )
    effort = Effort(time_limit=time_limit, seed=seed, workers=workers, bound=False)
    return _follow(scenario, running, out, trouble or wish, effort, as_json=as_json)


def _follow(scenario: Path, running: Path, out: Path, asked: Wish | Trouble, effort: Effort, *, as_json: bool) -> int:
    check_target(out)  # before the long work
    answer = None
    with Interruption() as interruption, ProgressLine(quiet=as_json) as show:

        def observe(progress: Progress) -> None:
            interruption.observe(progress)
            show(progress)

        study, before = prepare_rebalance(scenario, running, on_progress=observe)
        if isinstance(asked, Trouble):
            study, done, answer = respond_study(study, before, asked)
        else:
            done = rebalance_study(
                study,
                before,
                asked,
                stop_after=lambda share: effort.until(interruption.asked, share),
                seed=effort.seed,
                workers=effort.workers,
                on_progress=observe,
            )
        told = deliver_rebalance(study, before, done, out, on_progress=observe)
    if as_json:
        print_json({**told.document.summary, "diff": told.diff})
    else:
        print_summary(told.document.summary)
        _print_changes(done, out)
        if answer is not None:
            _print_answer(answer)
    ended = done.outcome.search.status is Status.INTERRUPTED
    return INTERRUPTED if interruption.asked.is_set() or ended else 0


def _costs(text: str) -> ChangeCosts:
    """Return the prices of change for a number of yuan.

    Raises
    ------
    BadParameter
        When it is no amount of money.
    """
    try:
        yuan = float(text)
    except ValueError:
        yuan = math.nan
    if math.isnan(yuan) or yuan < 0:
        raise typer.BadParameter(f"{text!r} is no price: give yuan, 0 or more, or inf", param_hint="--change-price")
    return ChangeCosts.flat(None if math.isinf(yuan) else yuan_to_fen(min(yuan, 100_000)))


def _pins(texts: list[str]) -> Pins:
    """Return pins for texts such as ``line:L012``.

    Raises
    ------
    BadParameter
        When a text names no kind of pin.
    """
    held: dict[str, set[str]] = {kind: set() for kind in PINS}
    for text in texts:
        kind, _, name = text.partition(":")
        if kind not in PINS or not name:
            known = ", ".join(PINS)
            raise typer.BadParameter(f"{text!r} is no pin: give {known}, a colon and an id", param_hint="--pin")
        held[kind].add(name)
    return Pins(**{PINS[kind]: frozenset(names) for kind, names in held.items()})


def _print_answer(answer: Response) -> None:
    stopped = ", ".join(answer.stopped) or "none"
    print_text(f"lines that do not run: {stopped}")
    print_text(f"riders who lost their seat: {len(answer.reseated)} have another one, {len(answer.lost)} have none")
    if answer.retimed:
        print_text(f"riders who leave at another time: {len(answer.retimed)}")


def _print_changes(done: Rebalanced, out: Path) -> None:
    diff, journey = done.diff, done.journey
    changes = ", ".join(f"{count} {kind}" for kind, count in sorted(diff.changes().items()))
    print_text(f"lines: {changes or 'none'}")
    print_text(
        f"riders: {diff.stayers:,} stay, {diff.changed:,} of them feel a change ({1 - diff.stability:.1%}), "
        f"{diff.gained:,} are new, {diff.lost:,} are no longer carried"
    )
    thin = thin_lines(done.problem, done.outcome.evaluation)
    if thin:
        told = ", ".join(f"{line.line_id} ({line.riders})" for line in thin)
        print_text(f"lines that run on with fewer than the {thin[0].needed} riders that open one: {told}")
    if journey is not None:
        saved = fen_to_yuan(journey.begin.cost_fen - journey.end.cost_fen)
        print_text(f"{len(journey.steps)} steps save ¥{saved:,.0f} a day beside the plan that disturbs nobody")
        if journey.shadow_fen is not None:
            print_text(f"one more rider changed would save ¥{fen_to_yuan(journey.shadow_fen):,.2f} a day")
    print_text(f"open {out / 'report.html'}")
