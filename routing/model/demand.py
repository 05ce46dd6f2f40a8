"""Who travels: shifts and riders."""

from dataclasses import dataclass
from enum import StrEnum

from routing.model.places import Location

DAYS_PER_WEEK = 7
WORKDAYS = 0b0011111
MOST_PEOPLE = 10**9
"""People of one rider's row: more are a slip of the pen, and sums of them would pass 64 bits."""


class Direction(StrEnum):
    """Inbound runs to work, outbound runs home."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class Need(StrEnum):
    """A priority need (重点照顾); the need is stored, never its reason."""

    NONE = ""
    SHORT_WALK = "short_walk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Working hours (班次); a missing bound means no trip in that direction.

    Attributes
    ----------
    start, end : int or None
        [s] since the service day's midnight; may pass 86 400.
    arrive_early_s, arrive_buffer_s, leave_buffer_s, leave_late_s : int or None
        This shift's own windows [s], in the place of the rules' of the same names; see `ServiceRules.window`.
    """

    shift_id: str
    start: int | None
    end: int | None
    arrive_early_s: int | None = None
    arrive_buffer_s: int | None = None
    leave_buffer_s: int | None = None
    leave_late_s: int | None = None

    def __post_init__(self) -> None:
        if self.start is None and self.end is None:
            raise ValueError(f"shift {self.shift_id} has neither a start nor an end")
        if min(self.start or 0, self.end or 0) < 0:
            raise ValueError(f"shift {self.shift_id} starts or ends before midnight; add a day to its clock times")
        for bound in (self.arrive_early_s, self.arrive_buffer_s, self.leave_buffer_s, self.leave_late_s):
            if bound is not None and bound < 0:
                raise ValueError(f"shift {self.shift_id} has a window with a negative bound")

    def anchor(self, direction: Direction) -> int | None:
        """Return the bound [s] that trips of a direction serve: the start inbound, the end outbound."""
        return self.start if direction is Direction.INBOUND else self.end

    @property
    def directions(self) -> tuple[Direction, ...]:
        """Directions in which riders of this shift ask for a trip."""
        return tuple(d for d in Direction if self.anchor(d) is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rider:
    """One rider, or a group that must travel together.

    Attributes
    ----------
    days : int
        Bit 0 is Monday, bit 6 Sunday.
    count : int
        Number of people.
    """

    rider_id: str
    home: Location
    worksite_id: str
    shift_id: str
    days: int = WORKDAYS
    count: int = 1
    need: Need = Need.NONE

    def __post_init__(self) -> None:
        if not 0 < self.days < 1 << DAYS_PER_WEEK:
            raise ValueError(f"rider {self.rider_id} travels on no day of the week")
        if self.count < 1:
            raise ValueError(f"rider {self.rider_id} counts {self.count} people; at least 1 is needed")
        if self.count > MOST_PEOPLE:
            raise ValueError(f"rider {self.rider_id} counts {self.count} people; at most {MOST_PEOPLE} are possible")


def parse_days(text: str) -> int:
    """Return the bit mask of seven 0/1 digits, Monday first, such as ``1111100``.

    Raises
    ------
    ValueError
        When the text is not seven digits of 0 and 1 with at least one 1.
    """
    if len(text) != DAYS_PER_WEEK or set(text) - {"0", "1"} or "1" not in text:
        raise ValueError(f"{text!r} is not seven digits 0 or 1, Monday first, with at least one 1")
    return sum(1 << day for day, digit in enumerate(text) if digit == "1")


def format_days(days: int) -> str:
    """Return seven 0/1 digits, Monday first, for a bit mask."""
    return "".join("1" if days >> day & 1 else "0" for day in range(DAYS_PER_WEEK))
