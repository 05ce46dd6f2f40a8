"""Close lines of a plan that stands: their riders are left out, their trips leave the vehicles' days."""

from collections.abc import Collection
from dataclasses import replace

from routing.model.plan import Plan, Reason, Unserved


def close_lines(plan: Plan, line_ids: Collection[str], reason: Reason) -> Plan:
    """Return a plan without some lines; a vehicle that is left without a trip stays in the yard.

    Parameters
    ----------
    reason : Reason
        Why the lines' riders are left out.
    """
    gone = {trip.trip_id for line, trip in plan.trips() if line.line_id in line_ids}
    left = (a for a in plan.assignments if a.trip_id in gone)
    blocks = (replace(b, trip_ids=tuple(t for t in b.trip_ids if t not in gone)) for b in plan.blocks)
    return Plan(
        lines=tuple(line for line in plan.lines if line.line_id not in line_ids),
        assignments=tuple(a for a in plan.assignments if a.trip_id not in gone),
        blocks=tuple(block for block in blocks if block.trip_ids),
        unserved=(
            *plan.unserved,
            *(Unserved(rider_id=a.rider_id, direction=a.direction, reason=reason) for a in left),
        ),
    )
