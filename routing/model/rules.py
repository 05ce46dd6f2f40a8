"""The promises to riders, and the prices of the objective beside the fleet's own costs."""

import math
from dataclasses import dataclass, fields

from routing.model.demand import Direction, Need, Shift

RUN_TIME_MEMORY_S = 600
"""Stretches of driving further apart than this [s] are delayed independently of one another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRules:
    """Promises to riders; the judge checks every one.

    Attributes
    ----------
    max_walk_m, max_walk_short_m : int
        Longest walk [m] to a stop; the second for riders with the need ``short_walk``.
    max_ride_s : int
        Longest ride [s], whatever the distance.
    max_detour : float
        Longest ride as a multiple of the direct drive between the same two stops.
    max_detour_free_s : int
        Extra time [s] over the direct drive that is allowed at any rate.
    short_ride_s : int
        A ride no longer than this [s] never breaks the detour rule.
    max_stops : int
        Stops per trip, worksites included.
    min_load : int
        Riders needed on the busiest weekday to open a trip.
    arrive_early_s, arrive_buffer_s : int
        Inbound: alight within [start − early, start − buffer]; a shift may have bounds of its own.
    leave_buffer_s, leave_late_s : int
        Outbound: depart within [end + buffer, end + late].
    dwell_s_per_stop, dwell_s_per_rider : int
        Standing time [s] at a stop: a base, and a part per rider boarding or alighting.
    site_dwell_s_per_stop, site_dwell_s_per_rider : int or None
        The same at a worksite; as at other stops where None.
    max_trip_s : int or None
        Longest trip [s]: inbound from reaching the first stop to reaching the last one, outbound from leaving
        the first to leaving the last, so that each mirrors the other. None for no limit.
    one_worksite_per_trip : bool
        Nobody shares a trip with riders of another worksite.
    turnaround_s : int
        Least time [s] between two trips of one vehicle, beside the deadhead.
    on_time : float
        Share of days on which a trip is not later than its window at every worksite.
    run_time_cv : float
        Coefficient of variation of the running time over ten minutes of driving.
    same_line_both_ways : bool
        A rider goes home on the line that brought them, from the same place.
    walk_speed_m_per_h : int
        Walking speed [m/h].
    """

    max_walk_m: int = 800
    max_walk_short_m: int = 300
    max_ride_s: int = 6_600
    max_detour: float = 1.8
    max_detour_free_s: int = 900
    short_ride_s: int = 0
    max_stops: int = 14
    min_load: int = 12
    arrive_early_s: int = 1_500
    arrive_buffer_s: int = 300
    leave_buffer_s: int = 300
    leave_late_s: int = 1_500
    dwell_s_per_stop: int = 30
    dwell_s_per_rider: int = 2
    site_dwell_s_per_stop: int | None = None
    site_dwell_s_per_rider: int | None = None
    max_trip_s: int | None = None
    one_worksite_per_trip: bool = False
    turnaround_s: int = 480
    on_time: float = 0.95
    run_time_cv: float = 0.15
    same_line_both_ways: bool = True
    walk_speed_m_per_h: int = 4_500

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if value is None:
                continue
            if not math.isfinite(value):
                raise ValueError(f"{field.name} is {value}, which is no number")
            if value < 0:
                raise ValueError(f"{field.name} is negative")
        if self.max_detour < 1:
            raise ValueError("max_detour is a multiple of the direct drive: at least 1")
        if self.max_stops < 2:
            raise ValueError("max_stops counts the worksite: at least 2")
        if self.arrive_buffer_s > self.arrive_early_s or self.leave_buffer_s > self.leave_late_s:
            raise ValueError("a window is empty: a buffer is larger than the bound it starts from")
        if not 0 <= self.on_time < 1:
            raise ValueError("on_time is a share of days, from 0 to below 1")
        if self.walk_speed_m_per_h < 1:
            raise ValueError("walk_speed_m_per_h must be positive")

    def walk_limit_m(self, need: Need) -> int:
        """Return the longest walk [m] promised to a rider with a need."""
        return min(self.max_walk_m, self.max_walk_short_m) if need is Need.SHORT_WALK else self.max_walk_m

    def dwell_s(self, people: int, *, at_worksite: bool) -> int:
        """Return the standing time [s] at a stop where so many people board or alight."""
        base, each = self.dwell_s_per_stop, self.dwell_s_per_rider
        if at_worksite:
            base = base if self.site_dwell_s_per_stop is None else self.site_dwell_s_per_stop
            each = each if self.site_dwell_s_per_rider is None else self.site_dwell_s_per_rider
        return base + each * people

    def window(self, shift: Shift, direction: Direction) -> tuple[int, int] | None:
        """Return the earliest and latest clock time [s] at the worksite, or None where no trip is asked for.

        Inbound it holds for reaching the worksite, outbound for leaving it. A shift's own bounds go before
        the rules'; where early and buffer are equal, it is one instant.
        """
        anchor = shift.anchor(direction)
        if anchor is None:
            return None
        if direction is Direction.INBOUND:
            early = self.arrive_early_s if shift.arrive_early_s is None else shift.arrive_early_s
            buffer = self.arrive_buffer_s if shift.arrive_buffer_s is None else shift.arrive_buffer_s
            return anchor - early, anchor - buffer
        buffer = self.leave_buffer_s if shift.leave_buffer_s is None else shift.leave_buffer_s
        late = self.leave_late_s if shift.leave_late_s is None else shift.leave_late_s
        return anchor + buffer, anchor + late

    def detour_limit_s(self, direct_s: int) -> int:
        """Return the longest ride [s] that the detour rule allows for a direct drive [s]."""
        stretched = math.floor(self.max_detour * direct_s + 1e-9)
        return max(stretched, direct_s + self.max_detour_free_s, self.short_ride_s)

    def ride_limit_s(self, direct_s: int) -> int:
        """Return the longest ride [s] under both the ride and the detour rule."""
        return min(self.max_ride_s, self.detour_limit_s(direct_s))

    def run_time_sd_s(self, elapsed_s: float) -> float:
        """Return the standard deviation [s] of the running time after ``elapsed_s`` [s] under way.

        Delays further apart than `RUN_TIME_MEMORY_S` are independent, so variance grows with time.
        """
        return self.run_time_cv * math.sqrt(max(0.0, elapsed_s) * RUN_TIME_MEMORY_S)


@dataclass(frozen=True, slots=True, kw_only=True)
class CostRates:
    """Prices of the objective, beside the fleet's own costs.

    Attributes
    ----------
    ride, walk : int
        [fen per rider and hour] aboard and on foot.
    unserved : int
        [fen per rider and day] left without the trips they ask for; half for one direction of two.
    fewest_vehicles_first : bool
        Weigh plans by people unserved, then by vehicles, and by cost only where both are equal.
    """

    ride: int = 1_200
    walk: int = 2_400
    unserved: int = 20_000
    fewest_vehicles_first: bool = False

    def __post_init__(self) -> None:
        if min(self.ride, self.walk, self.unserved) < 0:
            raise ValueError("a price is negative")
