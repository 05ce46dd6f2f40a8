"""When a job's search ends; imported by the process that searches, never by the door."""

import threading

from api.jobs.kind import Effort
from routing.solver import FirstOf, Interrupted, MaxIterations, MaxRuntime, StoppingCriterion


def until(effort: Effort, stop: threading.Event, share: float = 1.0) -> StoppingCriterion:
    """Return when to end a phase of the work: after a share of its time or iterations, or when somebody asks."""
    limit: StoppingCriterion = MaxRuntime(seconds=effort.time_limit_s * share)
    if effort.iterations is not None:
        limit = MaxIterations(iterations=max(1, round(effort.iterations * share)))
    return FirstOf(criteria=(limit, Interrupted(event=stop)))
