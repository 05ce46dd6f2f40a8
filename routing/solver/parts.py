"""Split a problem into parts that share no rider: by direction where they are planned apart, and by shift."""

from collections import defaultdict
from dataclasses import dataclass

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
    """

    directions: tuple[Direction, ...]
    periods: tuple[int, ...]
    shifts: tuple[Shift, ...]
    riders: tuple[int, ...]
    other_way: bool


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
        for group in _groups(problem, wanted, directions):
            members = tuple(r for s in group for r in by_shift[s.shift_id] if all(r in riders[d] for d in directions))
            if members:
                periods = tuple(problem.trip_period(d, (group[0].shift_id,)) for d in directions)
                other = len(directions) == 1 and any(len(s.directions) > 1 for s in group)
                parts.append(
                    Part(directions=directions, periods=periods, shifts=group, riders=members, other_way=other)
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


def _may_share(problem: Problem, one: Shift, other: Shift, directions: tuple[Direction, ...]) -> bool:
    rules = problem.rules
    width = {
        Direction.INBOUND: rules.arrive_early_s - rules.arrive_buffer_s,
        Direction.OUTBOUND: rules.leave_late_s - rules.leave_buffer_s,
    }
    for direction in directions:
        first, second = one.anchor(direction) or 0, other.anchor(direction) or 0
        if abs(first - second) >= width[direction]:
            return False
        if problem.period_at(first) != problem.period_at(second):
            return False
    return True
