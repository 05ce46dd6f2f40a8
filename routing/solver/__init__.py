"""The search: ruin and recreate on riders, stops, lines and vehicle types together."""

from routing.solver.contract import FirstOf, Interrupted, MaxIterations, MaxRuntime, StoppingCriterion
from routing.solver.solve import solve

__all__ = ["FirstOf", "Interrupted", "MaxIterations", "MaxRuntime", "StoppingCriterion", "solve"]
