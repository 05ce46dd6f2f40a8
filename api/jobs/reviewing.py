"""Jobs that review the lines of a plan by a policy, with the people that the store has counted."""

import csv
import datetime as dt
import io
import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import sqlalchemy as sa
from pydantic import Field, model_validator
from sqlalchemy.engine import Connection

from api.errors import ApiError, FieldFault
from api.jobs.kind import JobKind, JobParams, Made, Task
from api.running import running_plan, today, zone_of
from api.shapes import Asked, Ident, Name, Whole
from api.store.boardings import TripCounts, count_trips
from api.store.plans import find_plan, in_force, list_publications, plan_bytes
from api.store.scenarios import find_scenario
from api.store.schema import jobs
from api.store.states import JobState
from routing.formats.plan_json import json_bytes
from routing.lifecycle import LineState, Policy, Threshold

COUNTS = "counts.csv"
LOOKED_AT = 50
"""Earlier reviews among which the last one of a service is looked for."""
Preset = Literal["beijing", "changchun", "hangzhou", "nanchang", "shanghai"]


class AskedThreshold(Asked):
    """A limit over the last days on which the line ran: people, or a share of the seats of one trip."""

    people: Annotated[Whole, Field(ge=0, le=100_000)] | None = None
    share: Annotated[float, Field(ge=0, le=1, strict=True)] | None = None
    days: Annotated[Whole, Field(ge=1, le=366)] = 1
    mean: bool = Field(default=False, description="Of the days together, in the place of each of them.")

    def read(self) -> Threshold:
        """Return the limit as the policy knows it; raises ValueError where it is none."""
        return Threshold(**self.model_dump())


Limits = Annotated[list[AskedThreshold], Field(max_length=20)]
CHANGES = ("presale", "open", "watch", "recover", "suspend", "reopen")


class AskedPolicy(Asked):
    """Limits between the states of a line, as in policy.toml; of several for one change any is enough."""

    name: Name = "own"
    presale: Limits = Field(default=[])
    open: Annotated[Limits, Field(min_length=1)]
    watch: Limits = Field(default=[])
    recover: Limits = Field(default=[])
    suspend: Limits = Field(default=[])
    reopen: Limits = Field(default=[])

    @model_validator(mode="after")
    def _makes_sense(self) -> "AskedPolicy":
        Policy(name=self.name, **{change: tuple(limit.read() for limit in getattr(self, change)) for change in CHANGES})
        return self

    def toml(self) -> str:
        """Return the policy as a file of the planner."""
        tables = [f"name = {json.dumps(self.name)}\n"]
        for change in CHANGES:
            for limit in getattr(self, change):
                cells = limit.model_dump(exclude_none=True)
                tables.append(f"[[{change}]]\n" + "".join(f"{k} = {json.dumps(v)}\n" for k, v in cells.items()))
        return "".join(tables)


class ReviewParams(JobParams):
    """Propose which lines open, are watched, recover or are suspended."""

    plan_members: ClassVar[tuple[str, ...]] = ("plan",)
    needs_scenario: ClassVar[bool] = False

    kind: Literal["review"] = "review"
    plan: Ident | None = Field(default=None, description="The plan that runs; by default the one in force today.")
    policy: Preset | AskedPolicy = Field(default="nanchang", description="A city's rules by its name, or your own.")
    days: Annotated[Whole, Field(ge=1, le=366)] = Field(default=62, description="Days looked back upon.")
    until: dt.date | None = Field(default=None, description="The last of them; yesterday by default.")
    states: Annotated[dict[Ident, LineState], Field(max_length=5_000)] = Field(
        default={}, description="Where lines stand now; those that are not named run."
    )
    follow: bool = Field(
        default=False, description="Take what the last review of the service proposed for where lines stand now."
    )


def resolve(connection: Connection, params: ReviewParams, at: int) -> ReviewParams:
    """Return the parameters with plan, dates and states in them.

    Raises
    ------
    ApiError
        ``nothing_published``; ``not_found``; ``invalid_request`` with every line that the plan does not have.
    """
    service = None if params.scenario is None else find_scenario(connection, params.scenario).service
    plan_id = params.plan or running_plan(connection, service, at).plan_id
    record = find_plan(connection, plan_id)
    lines = {line["line_id"] for line in json.loads(plan_bytes(connection, plan_id))["lines"]}
    faults = [
        FieldFault(pointer=f"/states/{name}", code="unknown_id", detail="the plan has no such line")
        for name in sorted(params.states.keys() - lines)
    ]
    if faults:
        raise ApiError("invalid_request", "Lines are unknown.", "Name lines of the plan.", faults=faults)
    states = {name: state.value for name, state in params.states.items()}
    if params.follow:
        states = {k: v for k, v in _last_proposed(connection, record.service).items() if k in lines} | states
    last = params.until or today(at, zone_of(connection, plan_id)) - dt.timedelta(days=1)
    found = {"plan": plan_id, "scenario": record.service, "until": last, "states": states, "follow": False}
    return ReviewParams.model_validate(params.model_dump() | found)


def _last_proposed(connection: Connection, service: str) -> dict[str, str]:
    done = (jobs.c.kind == "review") & (jobs.c.state == JobState.SUCCEEDED.value)
    query = sa.select(jobs.c.params, jobs.c.result).where(done).order_by(jobs.c.job_id.desc()).limit(LOOKED_AT)
    for params, result in connection.execute(query):
        if params["scenario"] == service:
            return dict(result["summary"]["states"])
    return {}


def fetch(connection: Connection, params: ReviewParams, folder: Path) -> None:
    """Write the people of each line and day, and the states, as the table that the planner reads."""
    assert params.scenario is not None, "resolved when it was queued"
    assert params.until is not None, "resolved when it was queued"
    first = params.until - dt.timedelta(days=params.days - 1)
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(("date", "line_id", "booked", "boarded", "state"))
    people = count_lines(connection, params.scenario, first, params.until)
    document = json.loads(plan_bytes(connection, str(params.plan)))
    for line in document["lines"]:
        line_id = line["line_id"]
        state = params.states.get(line_id, LineState.RUNNING).value
        for day, (booked, boarded) in sorted(people.get(line_id, {}).items()):
            table.writerow((day.isoformat(), line_id, booked, "" if boarded is None else boarded, state))
    (folder / COUNTS).write_text(text.getvalue(), "utf-8")


def count_lines(
    connection: Connection, service: str, first: dt.date, last: dt.date
) -> dict[str, dict[dt.date, tuple[int, int | None]]]:
    """Return people booked and aboard of each line on each day on which it ran.

    Whoever rides both ways is one person: the fuller direction counts. A day on which nothing at all was booked or
    recorded is taken for one without service; on any other day a line without anybody counts as empty. People aboard
    are None where nobody recorded boardings.
    """
    published = list_publications(connection, service)
    plans: dict[str, dict[str, tuple[str, str, str]]] = {}
    by_day: defaultdict[dt.date, list[TripCounts]] = defaultdict(list)
    for count in count_trips(connection, service, first, last):
        by_day[count.service_date].append(count)
    found: defaultdict[str, dict[dt.date, tuple[int, int | None]]] = defaultdict(dict)
    for day, counts in by_day.items():
        running = in_force(published, service, day)
        if running is None:
            continue
        if running.plan_id not in plans:
            plans[running.plan_id] = _trips(json.loads(plan_bytes(connection, running.plan_id)))
        known = {count.trip_id: count for count in counts}
        for line_id, people in _by_line(plans[running.plan_id], known, day).items():
            found[line_id][day] = people
    return found


def _trips(document: Mapping[str, Any]) -> dict[str, tuple[str, str, str]]:
    """Return line, direction and weekdays of each trip."""
    return {
        trip["trip_id"]: (line["line_id"], trip["direction"], trip.get("days") or "1" * 7)
        for line in document["lines"]
        for trip in line["trips"]
    }


def _by_line(
    trips: Mapping[str, tuple[str, str, str]], counts: Mapping[str, TripCounts], day: dt.date
) -> dict[str, tuple[int, int | None]]:
    booked: defaultdict[str, Counter[str]] = defaultdict(Counter)
    rode: defaultdict[str, Counter[str]] = defaultdict(Counter)
    counted: set[str] = set()
    for trip_id, (line_id, direction, days) in trips.items():
        if days[day.weekday()] != "1":
            continue
        count = counts.get(trip_id, TripCounts(trip_id=trip_id, service_date=day))
        booked[line_id][direction] += count.booked
        # Where a gate counts only those who stayed away, the others rode.
        rode[line_id][direction] += count.boarded or max(0, count.booked - count.no_show)
        if count.boarded or count.no_show:
            counted.add(line_id)
    return {
        line_id: (max(both.values()), max(rode[line_id].values()) if line_id in counted else None)
        for line_id, both in booked.items()
    }


def run_review(task: Task) -> Made:
    """Apply the policy."""
    from routing.planner.reviewing import review_lines  # noqa: PLC0415 - heavy: the door never imports it

    params: ReviewParams = task.params
    counts, policy = task.folder / COUNTS, str(params.policy)
    if isinstance(params.policy, AskedPolicy):
        (task.folder / "policy.toml").write_text(params.policy.toml(), "utf-8")
        policy = str(task.folder / "policy.toml")
    reviews, openings = review_lines(task.plan("plan"), counts, policy, params.states)
    lines = [asdict(found) for found in reviews]
    summary = {
        "lines": len(reviews),
        "changes": [line for line in lines if line["proposed"] is not line["state"]],
        "states": {found.line_id: found.proposed.value for found in reviews},
        "openings": [{"missing": opening.missing, "riders": len(opening.riders)} for opening in openings],
    }
    told = {"lines": lines, "openings": [asdict(opening) for opening in openings]}
    return Made(summary=summary, files={"review.json": json_bytes(told), COUNTS: counts.read_bytes()})


KINDS = (JobKind(params=ReviewParams, run=run_review, resolve=resolve, fetch=fetch),)
