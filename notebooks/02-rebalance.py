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
# # Rebalance: follow a demand that drifts, step by step
#
# A tenth of the riders of the embedded **synthetic** Dalian leave and as many join. What is the least disturbing way
# to a cheaper plan? The search times below are short so that the page runs in a few minutes.

# %%
import os
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from routing.embedded import embedded_scenario
from routing.evaluate import evaluate
from routing.formats.document import describe_plan
from routing.formats.letters import letters_html
from routing.planner.prepare import prepare
from routing.planner.rebalancing import Wish, diff_of, rebalance_study
from routing.rebalance.notices import notices
from routing.rebalance.sentences import tell
from routing.rebalance.steps import accept
from routing.scenario import with_riders
from routing.solver import MaxRuntime, solve

SEARCH_S = float(os.environ.get("BANCHE_NOTEBOOK_SEARCH_S", "20"))
MOST_RIDERS = int(os.environ.get("BANCHE_NOTEBOOK_RIDERS", "1000000"))

# %% [markdown]
# ## Drift
# Riders who join are those whom the plan that runs does not know yet.

# %%
study = prepare(embedded_scenario())
everyone = np.random.default_rng(1).permutation(len(study.problem.riders)).tolist()[:MOST_RIDERS]
tenth = len(everyone) // 10
joining, leaving = everyone[:tenth], everyone[tenth : 2 * tenth]
before = with_riders(study.problem, sorted(set(everyone) - set(joining)))
after = replace(study, problem=with_riders(study.problem, sorted(set(everyone) - set(leaving))))
print(f"{len(everyone) - 2 * tenth:,} riders stay, {tenth} leave, {tenth} join")

# %% [markdown]
# ## The plan that runs

# %%
plan = solve(before, stop=MaxRuntime(seconds=SEARCH_S), seed=1).plan
verdict = evaluate(before, plan)
assert verdict.feasible
running = describe_plan(before, plan, verdict)
print(f"{len(plan.lines)} lines, ¥{verdict.cost_fen / 100:,.0f} a day")

# %% [markdown]
# ## The frontier
# It begins with the plan that disturbs nobody. Each step builds on the one before; the judge has seen each.

# %%
done = rebalance_study(
    after, running, Wish(frontier=True), stop_after=lambda share: MaxRuntime(seconds=SEARCH_S * share)
)
journey = done.journey
rows = [(tell(done.problem, step), step.after.changed, step.after.cost_fen / 100) for step in journey.steps]
table = pd.DataFrame(rows, columns=["step", "riders changed", "yuan a day"])
assert table["yuan a day"].is_monotonic_decreasing
table.head(20)

# %%
costs = [journey.begin.cost_fen / 100, *table["yuan a day"]]
changed = [journey.begin.changed, *table["riders changed"]]
axes = pd.Series(costs, index=changed).plot(drawstyle="steps-post", marker=".", figsize=(8, 4))
axes.set(xlabel="riders who feel a change", ylabel="yuan a day", title="synthetic Dalian: what disturbing riders buys")
plt.show()

# %% [markdown]
# ## Accept three steps
# Any steps may be taken; one that builds on a step left out is refused.

# %%
chosen, refused = accept(done.problem, journey.begin, journey.steps[:3])
assert not refused
saved = (journey.begin.cost_fen - chosen.cost_fen) / 100
print(f"{chosen.changed} riders changed, ¥{saved:,.0f} a day less")

# %% [markdown]
# ## Letters
# To everybody who feels a change, and to those who are new; in Chinese and in English.

# %%
letters = notices(done.problem, chosen.plan, diff_of(done.problem, chosen.plan))
page = letters_html(letters, synthetic=True)
assert len(letters) >= chosen.changed
print(f"{len(letters)} letters, {len(page) / 1024:.0f} KB")
