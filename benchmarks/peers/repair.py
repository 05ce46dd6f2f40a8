"""Make a peer's routes keep the judge's promises, as kindly as their shape allows.

Riders move to the visited stop that suits them best; whoever rides too long is taken off; lines that
too few ride are closed one by one, the emptiest first, so that their riders can fill the next ones;
and everyone left is put where a line can take them for less than leaving them out.
"""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.peers.draft import Draft, Workshop
from benchmarks.peers.tasks import Route, Task
from routing.model.units import HOUR_S

TRIES = 3
"""Positions tried for a new stop of a line, the least detour first."""
LONGEST_DETOUR_S = 3_600
"""Longest detour [s] tried for one rider's new stop or worksite; far villages need much of it."""


def mend(workshop: Workshop, task: Task, routes: Iterable[Route]) -> list[Draft]:
    """Return the drafts of a task's routes, each sound but for its load."""
    drafts = []
    for route in routes:
        draft = trim(workshop, read_route(workshop, task, route))
        if draft.board:
            drafts.append(settle(workshop, draft))
    return drafts


def read_route(workshop: Workshop, task: Task, route: Route) -> Draft:
    """Return the draft of a route; a stop that comes twice is visited once, the later time."""
    stops: list[int] = []
    board: dict[int, int] = {}
    for visit in (task.visits[v] for v in route):
        if visit.stop in stops:
            stops.remove(visit.stop)
        stops.append(visit.stop)
        board.update(dict.fromkeys(visit.riders, visit.stop))
    return workshop.order_sites(Draft(shift_id=task.shift_id, stops=tuple(stops), sites=task.sites, board=board))


def trim(workshop: Workshop, draft: Draft) -> Draft:
    """Take riders off until the draft is sound: the longest over their limit first, then the last to board."""
    timing = workshop.time(draft)
    while draft.board and not workshop.sound(timing, draft):
        if timing.late:
            off = max(timing.late, key=lambda r: (timing.late[r], r))
        elif len(draft.stops) + len(draft.sites) > workshop.problem.rules.max_stops:
            fewest = min(draft.stops, key=lambda s: sum(stop == s for stop in draft.board.values()))
            off = next(r for r, stop in draft.board.items() if stop == fewest)
        elif timing.opens > timing.closes:
            off = next(r for r in draft.board if workshop.site[r] == draft.sites[-1])
        else:
            off = max(draft.board, key=lambda r: (timing.ride_s[r], r))
        draft = without(workshop, draft, {off})
        timing = workshop.time(draft) if draft.board else timing
    return draft


def without(workshop: Workshop, draft: Draft, riders: set[int]) -> Draft:
    """Return a draft without some riders, and without the stops and worksites that served them alone."""
    board = {r: stop for r, stop in draft.board.items() if r not in riders}
    used, sites = set(board.values()), {int(workshop.site[r]) for r in board}
    return replace(
        draft,
        board=board,
        stops=tuple(s for s in draft.stops if s in used),
        sites=tuple(s for s in draft.sites if s in sites),
    )


def settle(workshop: Workshop, draft: Draft) -> Draft:
    """Let every rider board where walking and riding cost them least, among the stops of their line."""
    problem = workshop.problem
    timing = workshop.time(draft)
    at = {stop: i for i, stop in enumerate(draft.stops)}
    board = {}
    for rider, present in draft.board.items():
        walks = {s: m for s, m in workshop.walks[rider].items() if s in at}

        def effort(stop: int, walks: dict[int, int] = walks) -> float:
            walk = problem.costs.walk * walks[stop] / problem.rules.walk_speed_m_per_h
            return walk - problem.costs.ride * timing.depart[at[stop]] / HOUR_S

        board[rider] = min(walks, key=effort, default=present)
    moved = without(workshop, replace(draft, board=board), set())
    found = workshop.time(moved)
    better = workshop.sound(found, moved) and workshop.cost(moved, found) < workshop.cost(draft, timing)
    return moved if better else draft


def gather(workshop: Workshop, drafts: list[Draft]) -> list[Draft]:
    """Close the lines that too few ride, the emptiest first; other lines take their riders where they can."""
    drafts = list(drafts)
    while drafts:
        peaks = [workshop.time(draft).peak for draft in drafts]
        least = min(range(len(drafts)), key=lambda i: (peaks[i], i))
        if peaks[least] >= workshop.problem.rules.min_load:
            break
        closed = drafts.pop(least)
        drafts = fill(workshop, drafts, sorted(closed.board))
    return [draft for draft in drafts if _pays(workshop, draft)]


def _pays(workshop: Workshop, draft: Draft) -> bool:
    worth = workshop.problem.costs.unserved * sum(workshop.problem.riders[r].count for r in draft.board)
    return workshop.cost(draft, workshop.time(draft)) < worth


def left_out(workshop: Workshop, drafts: Iterable[Draft]) -> list[int]:
    """Return the riders whom no draft carries."""
    aboard = {rider for draft in drafts for rider in draft.board}
    return [rider for rider in range(len(workshop.problem.riders)) if rider not in aboard]


def fill(workshop: Workshop, drafts: list[Draft], riders: Iterable[int]) -> list[Draft]:
    """Put riders who have no line where they fit for less than leaving them out."""
    drafts = list(drafts)
    timings = [workshop.time(draft) for draft in drafts]
    costs = [workshop.cost(*pair) for pair in zip(drafts, timings, strict=True)]
    for rider in riders:
        facts = workshop.problem.riders[rider]
        best: tuple[float, int, Draft] | None = None
        for x, draft in enumerate(drafts):
            if draft.shift_id == facts.shift_id and timings[x].peak + facts.count <= workshop.seats:
                extra, option = _cheapest_way_in(workshop, draft, rider, costs[x])
                if extra < (facts.count * workshop.problem.costs.unserved if best is None else best[0]):
                    best = extra, x, option
        if best is not None:
            extra, x, drafts[x] = best
            timings[x] = workshop.time(drafts[x])
            costs[x] += extra
    return drafts


def _cheapest_way_in(workshop: Workshop, draft: Draft, rider: int, cost: float) -> tuple[float, Draft]:
    """Return what one more rider costs a draft [fen], infinity where they cannot ride, and the draft with them."""
    best = (float("inf"), draft)
    for option in _ways_in(workshop, draft, rider):
        timing = workshop.time(option)
        if workshop.sound(timing, option):
            extra = workshop.cost(option, timing) - cost
            if extra < best[0]:
                best = extra, option
    return best


def _ways_in(workshop: Workshop, draft: Draft, rider: int) -> list[Draft]:
    """Return drafts with one more rider: at stops there are, or at a new one where the detour is least."""
    site = int(workshop.site[rider])
    duration = workshop.problem.travel[workshop.period(draft.shift_id)].duration
    tails = [draft.sites]
    if site not in draft.sites:
        if min(int(duration[other, site]) for other in draft.sites) > LONGEST_DETOUR_S:
            return []
        tails = [(*draft.sites[:i], site, *draft.sites[i:]) for i in range(len(draft.sites) + 1)]
    walks = workshop.walks[rider]
    places = [(draft.stops, stop) for stop in draft.stops if stop in walks]
    if not places and len(draft.stops) + len(tails[0]) < workshop.problem.rules.max_stops:
        places = [
            ((*draft.stops[:i], stop, *draft.stops[i:]), stop) for i, stop in _least_detours(duration, draft, walks)
        ]
    return [
        workshop.best([replace(draft, stops=stops, sites=tail, board=draft.board | {rider: stop}) for tail in tails])
        for stops, stop in places
    ]


def _least_detours(duration: NDArray[np.int32], draft: Draft, walks: Iterable[int]) -> list[tuple[int, int]]:
    """Return (position, stop) of the new stops of a line that lengthen its way least."""
    new, nodes = np.fromiter(walks, np.int64), np.array([*draft.stops, draft.sites[0]])
    detour = duration[np.ix_(new, nodes)].astype(np.int64)
    detour[:, 1:] += duration[np.ix_(nodes[:-1], new)].T - duration[nodes[:-1], nodes[1:]]
    best = np.argsort(detour, axis=None, kind="stable")[:TRIES]
    best = best[detour.ravel()[best] <= LONGEST_DETOUR_S]
    return [(int(x % len(nodes)), int(new[x // len(nodes)])) for x in best]
