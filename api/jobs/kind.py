"""What a kind of job is: parameters that the door checks, inputs that the worker fetches, work without a store."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import Field
from sqlalchemy.engine import Connection

from api.shapes import Asked, Ident, Whole
from routing.model.result import OnProgress

LONGEST_S = 86_400
Seconds = Annotated[float, Field(gt=0, le=LONGEST_S, strict=True)]


class JobParams(Asked):
    """What every kind is told by; each has a member ``kind`` of its own, which chooses among them.

    Attributes
    ----------
    plan_members : tuple of str
        Names of the members that hold a plan's id; the worker puts those plans into the task's folder.
    needs_scenario : bool
        Whether the work reads a scenario; where none is named, it is that of the first plan.
    """

    plan_members: ClassVar[tuple[str, ...]] = ()
    needs_scenario: ClassVar[bool] = True

    kind: str
    scenario: Ident | None = Field(
        default=None, description="A scenario's id, or a service's name for its newest scenario.", examples=["dalian"]
    )
    riders: bool = Field(
        default=False,
        description="Take the riders as they were told with PUT /v1/riders instead of the scenario's table.",
    )


class Effort(JobParams):
    """How long to search, and what makes the course of the search the same again."""

    time_limit_s: Seconds = Field(default=60.0, description="Seconds of search.", examples=[60])
    iterations: Annotated[Whole, Field(ge=1, le=10**12)] | None = Field(
        default=None,
        description="Stop after so many instead: with the same seed the result is the same on any machine.",
    )
    seed: Annotated[Whole, Field(ge=0, le=2**31 - 1)] = 1
    workers: Annotated[Whole, Field(ge=1, le=256)] | None = Field(default=None, description="Threads; one per core.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a kind's work is given, in a process of its own.

    Attributes
    ----------
    folder : Path
        Holds the scenario's folder ``scenario`` and every plan of the parameters as ``MEMBER.json``.
    stop : Event
        Set when the best result so far is wanted.
    """

    params: Any
    folder: Path
    stop: threading.Event
    tell: OnProgress

    @property
    def scenario(self) -> Path:
        """The scenario's folder."""
        return self.folder / "scenario"

    def plan(self, member: str) -> Path:
        """Return the file of a plan that a member of the parameters names."""
        return self.folder / f"{member}.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What the work hands back.

    Attributes
    ----------
    summary : mapping
        The job's result: figures, never homes.
    plan : mapping or None
        A plan document, which becomes a draft.
    files : mapping
        What is kept beside it, by name, such as ``diff.json``.
    """

    summary: Mapping[str, Any]
    plan: Mapping[str, Any] | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobKind:
    """One kind of job.

    Attributes
    ----------
    params : type
        With ``kind: Literal["…"]``.
    run : callable
        Does the work; raises what the planner raises. Imports what is heavy when it is called.
    resolve : callable or None
        Puts what was left out, such as the running plan, into parameters when a job is queued [ms since the epoch];
        raises an `ApiError` with every fault.
    fetch : callable or None
        Puts more of the store into the task's folder than scenario and plans, when the work begins.
    """

    params: type[JobParams]
    run: Callable[[Task], Made]
    resolve: Callable[[Connection, Any, int], JobParams] | None = None
    fetch: Callable[[Connection, Any, Path], None] | None = None

    @property
    def name(self) -> str:
        """The word that callers choose it by."""
        return str(self.params.model_fields["kind"].default)
