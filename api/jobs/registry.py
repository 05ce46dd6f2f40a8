"""Every kind of job, by its name; a new one is added to the list here, and neither door nor worker changes."""

from functools import reduce
from operator import or_
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from api.jobs import comparing, planning, rebalancing, reviewing
from api.jobs.kind import JobKind, JobParams

KINDS: dict[str, JobKind] = {
    kind.name: kind for kind in (*planning.KINDS, *rebalancing.KINDS, *comparing.KINDS, *reviewing.KINDS)
}

AnyParams: Any = Annotated[reduce(or_, (kind.params for kind in KINDS.values())), Field(discriminator="kind")]
"""The parameters of any kind, told apart by ``kind``."""

_ADAPTER: TypeAdapter[JobParams] = TypeAdapter(AnyParams)


def read_params(stored: Any) -> JobParams:
    """Return the parameters of a job as they were stored."""
    return _ADAPTER.validate_python(stored)
