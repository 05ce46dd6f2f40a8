"""The words in which peers are told a problem: one way to state it, and one routing problem of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Int64 = NDArray[np.int64]
Route = list[int]
"""Visits of one vehicle, as indices, in order."""

ARRIVAL = 200_000
"""Clock time [s] of a task by which vehicles reach their (first) worksite."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """One way to state the problem.

    Attributes
    ----------
    mixed : bool
        State visits as shipments to their own worksites, which vehicles reach in any order; otherwise every
        vehicle ends with a fixed sequence of worksites.
    near_s : int
        Worksites may share vehicles when the way through them is no longer [s]; 0 keeps them apart.
    small : int
        Only worksites of fewer riders than this share vehicles.
    share_between, share_haul : float
        Share of the seats that is taken between stops, and on the way from the last stop: prices riders' time
        on arcs, as arcs know no load.
    opening : float
        Price of a stop [fen] when riders are given theirs.
    chunk : float
        Largest visit as a share of the largest vehicle's seats.
    thin : bool
        Solve twice, for half of the time each: then with no more vehicles than the minimum load leaves.
    """

    name: str
    mixed: bool = False
    near_s: int = 0
    small: int = 1_000_000
    share_between: float = 0.4
    share_haul: float = 0.85
    opening: float = 0.0
    chunk: float = 0.5
    thin: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Riders of one stop who are routed together.

    Attributes
    ----------
    stop : int
        Node of the problem.
    site : int
        Node of the worksite that a vehicle reaches first after them: their own, or the first of the cluster.
    limit_s : int
        Longest time [s] from boarding to that worksite.
    """

    stop: int
    site: int
    riders: tuple[int, ...]
    limit_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A routing problem. Node 0 is where vehicles start, the visits follow, then drop-offs, the last is the end.

    Attributes
    ----------
    sites : tuple of int
        Nodes of the worksites at the end, in the order of the visit; in any order where `drops` are named.
    people, opens, service, prize : ndarray of int64, shape (visits,)
        Seats needed, earliest arrival [s], dwell [s], price of leaving the visit out [fen].
    drops : tuple of int
        Node of this task to which each visit is a shipment; empty where all riders stay aboard to the end.
    drop_opens : int
        Earliest arrival [s] at a drop-off.
    duration : ndarray of int64, shape (nodes, nodes)
        Driving [s]; the dwell at drop-offs is part of the way there.
    cost : ndarray of int64, shape (types, nodes, nodes)
        What a vehicle of each type costs on an arc [fen], dwell at its head and riders' time included.
    seats, fixed, available : tuple of int
        Per vehicle type.
    most_visits : int
        Stops that a trip may make before the worksites.
    """

    shift_id: str
    sites: tuple[int, ...]
    visits: tuple[Visit, ...]
    people: Int64
    opens: Int64
    service: Int64
    prize: Int64
    drops: tuple[int, ...]
    drop_opens: int
    duration: Int64
    cost: Int64
    seats: tuple[int, ...]
    fixed: tuple[int, ...]
    available: tuple[int, ...]
    most_visits: int

    @property
    def end(self) -> int:
        """Node where vehicles end."""
        return len(self.duration) - 1
