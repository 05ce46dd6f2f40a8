# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Quick start: what does a longer walk buy?
#
# Load the embedded **synthetic** Dalian, plan it, look at it on a map, then let riders walk less and compare.
# The search times below are short so that the page runs in a few minutes; give them a minute or more for a study.

# %%
import os
from dataclasses import replace

import geopandas as gpd
import matplotlib.pyplot as plt
import pandas as pd
from shapely.geometry import LineString

from routing.compare import compare
from routing.embedded import embedded_scenario
from routing.planner.deliver import TripWays, describe
from routing.planner.prepare import prepare
from routing.planner.run import plan_study
from routing.solver import MaxRuntime

SEARCH_S = float(os.environ.get("BANCHE_NOTEBOOK_SEARCH_S", "20"))

# %% [markdown]
# ## Load
# A study is a scenario made ready to plan: the problem (riders, candidate stops, walks, travel times, fleet, rules)
# and the roads it was made from.

# %%
study = prepare(embedded_scenario())
problem = study.problem
print(f"{len(problem.riders):,} riders, {len(problem.stops):,} candidate stops, {len(problem.worksites)} work parks")

# %% [markdown]
# ## Plan

# %%
plan = plan_study(study, stop=MaxRuntime(seconds=SEARCH_S), seed=1)
base = plan.evaluation.summary()
assert plan.evaluation.feasible
pd.Series({key: base[key] for key in ("served", "unserved", "lines", "vehicles", "cost_fen", "mean_walk_m")})

# %% [markdown]
# ## Map
# Inbound trips on their roads, thicker where more people ride.

# %%
ways = TripWays(study=study)
rows = []
for schedule in plan.evaluation.schedule.trips:
    if schedule.trip.direction == "inbound":
        lon, lat = ways(schedule.trip)
        row = {"line": schedule.line.name, "riders": schedule.riders}
        rows.append(row | {"geometry": LineString(list(zip(lon, lat, strict=True)))})
lines = gpd.GeoDataFrame(rows, crs="EPSG:4326")
axes = lines.plot(column="riders", linewidth=lines["riders"] / 20, cmap="viridis", legend=True, figsize=(9, 9))
axes.set_title("synthetic Dalian: inbound lines by riders")
plt.show()

# %% [markdown]
# ## What if nobody walks more than 500 m?
# A what-if is the same problem with one thing changed, planned again by the same search.

# %%
short = replace(study, problem=replace(problem, rules=replace(problem.rules, max_walk_m=500)))
tighter = plan_study(short, stop=MaxRuntime(seconds=SEARCH_S), seed=1)
assert tighter.evaluation.feasible
table = pd.DataFrame({"800 m": base, "500 m": tighter.evaluation.summary()})
table.loc[["served", "unserved", "lines", "vehicles", "cost_fen", "mean_walk_m", "mean_ride_s"]]

# %% [markdown]
# ## Who would feel it?
# Planned from nothing, nearly everybody is moved: a reason to rebalance rather than to plan anew.

# %%
before, after = describe(study, plan), describe(short, tighter)
diff = compare(plan.plan, tighter.plan, before.departures(), after.departures())
print(f"{diff.changed:,} of {diff.stayers:,} riders served by both would feel a change; {diff.lost} lose their trip")
assert diff.stayers > 0
