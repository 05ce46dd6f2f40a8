"""How good a plan can be at best: a valid lower bound on the cost of every plan."""

from routing.bound.contract import Bound, BoundPart, Stop
from routing.bound.lower import closed_bound, lower_bound

__all__ = ["Bound", "BoundPart", "Stop", "closed_bound", "lower_bound"]
