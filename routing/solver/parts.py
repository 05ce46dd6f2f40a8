"""Split a problem into parts that share no rider: by direction where they are planned apart, and by shift."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from routing.model.demand import Direction, Shift
from routing.model.problem import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Riders who may share lines: their shifts drive in the same periods and their windows overlap.

    Attributes
    ----------
    directions : tuple of Direction
        One lane of the search each.
    periods : tuple of int
        Travel period of each lane.
    shifts : tuple of Shift
    riders : tuple of int
        Rider indices of the problem.
    other_way : bool
        The same riders' other direction is planned in another part.
    chained : bool
        One vehicle may do several of the part's trips, so that vehicles are part of the search.
    """

    directions: tuple[Direction, ...]
    periods: tuple[int, ...]
    shifts: tuple[Shift, ...]
    riders: tuple[int, ...]
    other_way: bool
    chained: bool = False


def split(problem: Problem, riders: dict[Direction, set[int]]) -> tuple[Part, ...]:
    """Return the parts of a problem.

    Parameters
    ----------
    riders : dict
        Per direction the riders that may be served in it.
    """
    by_shift: dict[str, list[int]] = defaultdict(list)
    for index, rider in enumerate(problem.riders):
        by_shift[rider.shift_id].append(index)
    used = [s for s in problem.shifts if by_shift[s.shift_id]]
    parts = []
    for directions in _lanes(problem, used):
        wanted = [s for s in used if _asks(problem, s, directions)]
        for group, chained in _chained(problem, _groups(problem, wanted, directions), directions):
            members = tuple(r for s in group for r in by_shift[s.shift_id] if all(r in riders[d] for d in directions))
            if members:
                periods = tuple(problem.trip_period(d, (group[0].shift_id,)) for d in directions)
                other = len(directions) == 1 and any(len(s.directions) > 1 for s in group)
                parts.append(
                    Part(
                        directions=directions,
                        periods=periods,
                        shifts=group,
                        riders=members,
                        other_way=other,
                        chained=chained,
                    )
                )
    return tuple(parts)


def _lanes(problem: Problem, shifts: list[Shift]) -> list[tuple[Direction, ...]]:
    if not problem.rules.same_line_both_ways:
        return [(d,) for d in Direction]
    return sorted({s.directions for s in shifts})


def _asks(problem: Problem, shift: Shift, directions: tuple[Direction, ...]) -> bool:
    if problem.rules.same_line_both_ways:
        return shift.directions == directions
    return directions[0] in shift.directions


def _groups(problem: Problem, shifts: list[Shift], directions: tuple[Direction, ...]) -> list[tuple[Shift, ...]]:
    """Join shifts whose windows overlap in every direction and that drive in the same periods."""
    groups: list[list[Shift]] = []
    for shift in sorted(shifts, key=lambda s: (tuple(s.anchor(d) or 0 for d in directions), s.shift_id)):
        for group in groups:
            if any(_may_share(problem, shift, other, directions) for other in group):
                group.append(shift)
                break
        else:
            groups.append([shift])
    return [tuple(group) for group in groups]


def _chained(
    problem: Problem, groups: list[tuple[Shift, ...]], directions: tuple[Direction, ...]
) -> list[tuple[tuple[Shift, ...], bool]]:
    """Join groups of shifts between whose trips a vehicle has the time to turn round, where lines run one way."""
    if len(directions) > 1 or not groups:
        return [(group, False) for group in groups]
    direction = directions[0]
    by_period: dict[int, list[Shift]] = defaultdict(list)
    for shift in (s for group in groups for s in group):
        by_period[problem.trip_period(direction, (shift.shift_id,))].append(shift)
    found: list[tuple[tuple[Shift, ...], bool]] = []
    for period, shifts in by_period.items():
        windows = [w for s in shifts if (w := problem.rules.window(s, direction)) is not None]
        span = max(w[1] for w in windows) - min(w[0] for w in windows)
        if span >= problem.rules.turnaround_s + 2 * _short_drive(problem, period, direction):
            found.append((tuple(shifts), True))
        else:
            found += [(g, False) for g in groups if g[0] in shifts]
    return found


def _short_drive(problem: Problem, period: int, direction: Direction) -> int:
    """Return the drive [s] between stop and worksite that a quarter of the riders undercut."""
    duration = problem.travel[period].duration
    if direction is Direction.OUTBOUND:
        duration = duration.T
    begin = problem.walks.start[:-1]
    some = np.flatnonzero(np.diff(problem.walks.start))
    sites = np.array([problem.node(problem.riders[r].worksite_id) for r in some], np.int64)
    return int(np.quantile(duration[problem.walks.stop[begin[some]], sites], 0.25)) if len(some) else 0


def _may_share(problem: Problem, one: Shift, other: Shift, directions: tuple[Direction, ...]) -> bool:
    for direction in directions:
        first, second = (problem.rules.window(s, direction) or (0, 0) for s in (one, other))
        if first[1] <= second[0] or second[1] <= first[0]:
            return False
        if problem.trip_period(direction, (one.shift_id,)) != problem.trip_period(direction, (other.shift_id,)):
            return False
    return True
