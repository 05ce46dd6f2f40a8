"""Commands that make and judge plans: demo, plan, check."""

from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Annotated

import typer

from routing.cli.console import ProgressLine, leaving, print_json, print_summary, print_text
from routing.cli.interruption import Interruption
from routing.embedded import embedded_scenario
from routing.errors import NoPlanError
from routing.formats.folder import check_target
from routing.model.result import Progress, Status
from routing.planner.check import check_document
from routing.planner.deliver import Keeper, deliver
from routing.planner.prepare import prepare
from routing.planner.run import DEFAULT_TIME_LIMIT_S, plan_study
from routing.solver import FirstOf, Interrupted, MaxRuntime

INTERRUPTED = 130
SHOWN_VIOLATIONS = 20

OutOption = Annotated[Path, typer.Option("-o", "--out", metavar="DIR", help="Output folder; replaced as a whole.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout and nothing else.")]
TimeOption = Annotated[float, typer.Option("--time-limit", metavar="S", min=0.1, help="Seconds of search.")]
SeedOption = Annotated[int, typer.Option("--seed", metavar="N", min=0, help="Same seed, same course of the search.")]
BoundOption = Annotated[
    bool, typer.Option("--bound", help="Prove how much cheaper any plan could be; takes as long again as the search.")
]
WorkersOption = Annotated[int | None, typer.Option("--workers", metavar="N", min=1, help="Threads; one a core.")]
ScenarioArgument = Annotated[Path, typer.Argument(metavar="SCENARIO", help="Scenario folder.")]
PlanArgument = Annotated[Path, typer.Argument(metavar="PLAN.json", help="Plan document.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(epilog="Example: banche demo -o out/demo")(leaving(demo))
    app.command(epilog="Example: banche plan data/dalian -o out/dalian --time-limit 120")(leaving(plan))
    app.command(epilog="Example: banche check data/dalian out/dalian/plan.json --json")(leaving(check))


def demo(
    out: OutOption = Path("out/demo"),
    time_limit: TimeOption = DEFAULT_TIME_LIMIT_S,
    seed: SeedOption = 1,
    workers: WorkersOption = None,
    bound: BoundOption = False,
    as_json: JsonOption = False,
) -> int:
    """Plan the embedded synthetic Dalian."""
    effort = Effort(time_limit=time_limit, seed=seed, workers=workers, bound=bound)
    return _plan(embedded_scenario(), out, effort, as_json=as_json)


def plan(
    scenario: ScenarioArgument,
    out: OutOption,
    time_limit: TimeOption = DEFAULT_TIME_LIMIT_S,
    seed: SeedOption = 1,
    workers: WorkersOption = None,
    bound: BoundOption = False,
    as_json: JsonOption = False,
) -> int:
    """Plan a scenario: writes plan.json, lines.geojson, gtfs.zip, timetable.csv and report.html.

    Interrupting the search, or asking it to terminate, keeps the best plan found so far.
    """
    effort = Effort(time_limit=time_limit, seed=seed, workers=workers, bound=bound)
    return _plan(scenario, out, effort, as_json=as_json)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How much work to put into a plan, as the options say."""

    time_limit: float
    seed: int
    workers: int | None
    bound: bool

    def until(self, asked: Event, share: float = 1.0) -> FirstOf:
        """Return when to stop one phase of the work: after its share of the time, or when somebody asks."""
        return FirstOf(criteria=(MaxRuntime(seconds=self.time_limit * share), Interrupted(event=asked)))


def _plan(folder: Path, out: Path, effort: Effort, *, as_json: bool) -> int:
    check_target(out)  # before the long work
    with Interruption() as interruption, ProgressLine(quiet=as_json) as show:

        def observe(progress: Progress) -> None:
            interruption.observe(progress)
            show(progress)

        study = prepare(folder, on_progress=observe)
        keeper = Keeper(study=study, out=out)
        try:
            outcome = plan_study(
                study,
                stop=effort.until(interruption.asked),
                seed=effort.seed,
                workers=effort.workers,
                bound=effort.until(interruption.asked) if effort.bound else None,
                on_progress=observe,
                on_outcome=keeper.keep,
            )
        except NoPlanError:
            keeper.withdraw()
            raise
        document = deliver(study, outcome, out, on_progress=observe)
    if as_json:
        print_json(document.summary)
    else:
        print_summary(document.summary)
        print_text(f"open {out / 'report.html'}")
    return INTERRUPTED if interruption.asked.is_set() or outcome.search.status is Status.INTERRUPTED else 0


def check(scenario: ScenarioArgument, plan_file: PlanArgument, as_json: JsonOption = False) -> int:
    """Judge any plan of a scenario, own or foreign: violations, costs, key figures."""
    with ProgressLine(quiet=as_json) as show:
        verdict = check_document(scenario, plan_file, on_progress=show)
    if as_json:
        details = {
            "violations_by_rule": verdict.evaluation.violations_by_rule(),
            "details": [violation.as_dict() for violation in verdict.evaluation.violations],
        }
        print_json(verdict.summary() | details)
    else:
        print_summary(verdict.summary())
        for violation in verdict.evaluation.violations[:SHOWN_VIOLATIONS]:
            print_text(f"{violation.rule}: {violation.text}")
        if len(verdict.evaluation.violations) > SHOWN_VIOLATIONS:
            print_text(f"… and {len(verdict.evaluation.violations) - SHOWN_VIOLATIONS} more; --json lists them all")
    return 0
