"""Imported once by the server that children are forked from, so that no job waits for heavy imports."""

import api.jobs.effort
import routing.formats.plan_json
import routing.planner.check
import routing.planner.deliver
import routing.planner.prepare
import routing.planner.rebalancing
import routing.planner.rebalancing_files
import routing.planner.reviewing
import routing.planner.run

__all__ = ["api", "routing"]
