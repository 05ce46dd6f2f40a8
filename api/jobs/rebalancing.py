"""Jobs that follow a scenario which has drifted away from its running plan."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field
from sqlalchemy.engine import Connection

from api.jobs.kind import Effort, JobKind, Made, Task
from api.running import running_plan
from api.shapes import Asked, Ident, Whole
from api.store.scenarios import find_scenario
from routing.errors import InputError
from routing.model.changes import DEFAULT_COSTS, FELT_S, ChangeCosts, Pins

MOST_PINS = 20_000
KEPT = ("diff.json", "letters.html", "drivers.html", "changes.geojson", "frontier.json")
"""What is kept of a delivery beside the plan; feeds and maps are written from the plan when somebody asks."""

Price = Annotated[Whole, Field(ge=0, le=10_000_000)] | None
Names = Annotated[list[Ident], Field(max_length=MOST_PINS)]


class AskedPrices(Asked):
    """Prices of what a rider who stays feels [fen per person and day]; null forbids the change."""

    other_stop: Price = DEFAULT_COSTS.other_stop
    other_line: Price = DEFAULT_COSTS.other_line
    retimed: Price = DEFAULT_COSTS.retimed
    line_closed: Price = Field(default=DEFAULT_COSTS.line_closed, description="On top of the other line.")
    tolerance_s: Annotated[Whole, Field(ge=0, le=86_400)] = Field(
        default=FELT_S, description="By how much a departure may move unfelt [s]."
    )


class AskedPins(Asked):
    """What must stay as it is, by id."""

    lines: Names = Field(default=[])
    trips: Names = Field(default=[])
    stops: Names = Field(default=[])
    vehicle_types: Names = Field(default=[], description="Lines whose trips keep their vehicle type.")
    riders: Names = Field(default=[])


class RebalanceParams(Effort):
    """Find the least disturbing improvement of a running plan."""

    plan_members: ClassVar[tuple[str, ...]] = ("plan",)

    kind: Literal["rebalance"] = "rebalance"
    plan: Ident | None = Field(default=None, description="The plan that runs; by default the one in force today.")
    prices: AskedPrices = AskedPrices()
    pins: AskedPins = AskedPins()
    max_changed_riders: Annotated[Whole, Field(ge=0, le=10_000_000)] | None = Field(
        default=None, description="Most riders who may feel a change; 0 changes nobody who can stay."
    )
    frontier: bool = Field(default=False, description="Tell the way in steps, each with what it saves and disturbs.")


def resolve(connection: Connection, params: RebalanceParams, at: int) -> RebalanceParams:
    """Return the parameters with the running plan in them.

    Raises
    ------
    ApiError
        ``nothing_published``; ``not_found``; ``invalid_request`` where one of several services must be named.
    """
    if params.plan is not None:
        return params
    service = None if params.scenario is None else find_scenario(connection, params.scenario).service
    return params.model_copy(update={"plan": running_plan(connection, service, at).plan_id})


def run_rebalance(task: Task) -> Made:
    """Search from the running plan on; being told to stop keeps the best one."""
    from api.jobs.effort import until  # noqa: PLC0415 - heavy: the door never imports it
    from routing.formats.plan_json import plan_mapping  # noqa: PLC0415
    from routing.planner.rebalancing import Wish, prepare_rebalance, rebalance_study  # noqa: PLC0415
    from routing.planner.rebalancing_files import deliver_rebalance, describe_frontier  # noqa: PLC0415

    params: RebalanceParams = task.params
    wish = Wish(
        costs=ChangeCosts(**params.prices.model_dump()),
        pins=Pins(**{kind: frozenset(names) for kind, names in params.pins.model_dump().items()}),
        max_changed_riders=params.max_changed_riders,
        frontier=params.frontier,
    )
    try:
        study, running = prepare_rebalance(task.scenario, task.plan("plan"), on_progress=task.tell)
        done = rebalance_study(
            study,
            running,
            wish,
            stop_after=lambda share: until(params, task.stop, share),
            seed=params.seed,
            workers=params.workers,
            on_progress=task.tell,
        )
    except InputError as error:
        raise InputError(*(replace(fault, file=_door(fault.file)) for fault in error.faults)) from error
    out = task.folder / "out"
    told = deliver_rebalance(study, running, done, out, on_progress=task.tell)
    document = plan_mapping(told.document)
    summary: dict[str, Any] = document["summary"] | {"changes": _figures(told.diff)}
    if done.journey is not None:
        summary["frontier"] = _steps(describe_frontier(done.problem, done.journey))
    files = {name: (out / name).read_bytes() for name in KEPT if (out / name).exists()}
    return Made(summary=summary, plan=document, files=files)


def _figures(diff: dict[str, Any]) -> dict[str, Any]:
    """Return what a planner looks at first; whom it concerns stands in diff.json."""
    names = ("stability", "changes", "stayers", "changed", "lost", "gained", "shadow_price_fen")
    return {name: diff[name] for name in names if name in diff}


def _steps(frontier: dict[str, Any]) -> dict[str, Any]:
    shorter = [{name: value for name, value in step.items() if name != "decisions"} for step in frontier["steps"]]
    return frontier | {"steps": shorter}


def _door(file: str) -> str:
    """Return what a caller of the API knows a file of the task by."""
    return "/pins" if file == "--pin" else Path(file).name


KINDS = (JobKind(params=RebalanceParams, run=run_rebalance, resolve=resolve),)
