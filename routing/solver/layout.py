"""How the search lays a problem and its lines out in arrays; the field numbers the kernel reads.

There are few arrays with many fields, because every array is eight arguments to every compiled
function: with one array per field the kernel took six times as long to compile. The numbers are constants in
the machine code.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]
Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]

# --- what is given -------------------------------------------------------------------------------
# `drive[lane, a, b, …]`: a → b and b → a, in the direction of the lane.
THERE_S, BACK_S, THERE_M, BACK_M = range(4)
# `node[lane, node, …]`: empty running before the first and after the last node, then the longest
# ride to each worksite.
PULL_OUT_S, PULL_OUT_M, PULL_IN_S, PULL_IN_M, LIMIT = range(5)
# `rider[rider, …]`: the window of lane l is at OPENS_AT + 2 l; what a running plan promised: the line's row, −1 for
# none, and from WAS_AT the clock time of departure in each lane, `FAR` for none; then the riders who live near.
SITE, COUNT, DAYS, FIRST_OPTION, END_OPTION, OPENS_AT = range(6)
WAS_LINE, WAS_AT = OPENS_AT + 4, OPENS_AT + 5
NEIGHBOUR = WAS_AT + 2
# `worth[rider, …]`: price of leaving the rider out [fen], direct drive to the worksite [s], what a seat costs
# at least [fen]; price of another line than the one promised, and of another departure in one lane [fen].
LOSS, REMOTE, FLOOR, MOVED, RETIMED = range(5)
WORTH_FIELDS = 5
# `option[option, …]`: place, then per lane the walk to each kerb in thousandths of a fen, −1 out of reach.
PLACE, WALK = range(2)
WALK_UNIT = 1e-3
# `near[lane, node, block, …]`: driving from a node to the places of a block, and back, in seconds and in money.
FROM_S, TO_S, FROM_V, TO_V = range(4)
# `prices[0, …]`; the vehicle types follow in the rows from 1: seats, fen, fen per metre and second.
RIDE, SPREAD, UNDERLOAD, REACH_M, REACH_S, SECOND = range(6)
SEATS, FIXED, PER_M, PER_S = range(4)
# `sizes[…]`
LANES, PLACES, DAY_CLASSES, MIN_LOAD, DWELL_STOP, DWELL_RIDER, SITE_STOP, SITE_RIDER = range(8)
MAX_LEN, MAX_RIDERS, MOST_SEATS, MAX_TRIP, ONE_SITE, TURN, CHAINED, REVERSED = range(8, 16)
# What a running plan promised: whether anything, how many lines ran, by how much [s] a departure may move.
PROMISED, KEPT, TOLERANCE = range(REVERSED + 2, REVERSED + 5)
SIZES = REVERSED + 5

# --- what changes --------------------------------------------------------------------------------
# `lines[line, field, position]`; KEY is a place, or PLACES + site at a worksite.
HEAD = 0  # scalars of the line in place of positions: LEN …
KEY = 1
ORD = 2  # ordinal of a worksite among those of the line, −1 at stops
ON = 3  # people aboard on leaving, whatever their days
BOARD = 4  # people boarding, whatever their days
ALIGHT = 5
MOVE = 6  # people boarding and alighting on the busiest day: the dwell
ALIGHTS_AT = 7  # bits of the worksites (by ordinal) at which those who board here alight
DAY = 8  # DAY + d: people aboard on leaving, on days of class d
LANE = DAY + 7
NODE, KERB, ARRIVE, DEPART, SLACK, OPENS, CLOSES, DRIVEN, LEG_S, LEG_M = range(10)
LANE_FIELDS = 10
# EARLY and LATE: of a vehicle's trips, when they may begin; where a plan runs already, when the lanes do begin.
LEN, TYPE, PEAK, RIDERS, SITES, PEOPLE, FEASIBLE, FIRST_SITE, PREV, NEXT, EARLY, LATE, BEGIN = range(13)
HEAD_FIELDS = BEGIN + 4  # first and last clock time of the first arrival, per lane
# `costs[line, …]` [fen], [m], [s]
COST, SOFT, HARD, METRES, SECONDS, OUT = range(6)
COST_FIELDS = 6
# `crew[line, …, x]`
WHO, HOW = range(2)
# `duty[line, …]`: what a gap in a vehicle's day is judged by: when the vehicle is free after the trip and must be
# there before it, the trip's first and last node, its neighbours in the vehicle's day, the vehicle's type
FREE_AT, BEGIN_BY, FIRST, LAST, BEFORE, AFTER, KIND = range(7)
DUTY_FIELDS = 7
# `ledger[line, …]`: lists of lines, and facts about each; what closing it costs [fen], whether it must run; where in
# `reach` it is now, and which row is free for the line touched next
ACTIVE, SLOT, TOUCHED_LINE, WAS_ACTIVE, STAMPED, DIRTY, BEST_SLOT, CLOSING, MUST_RUN, ROW, SPARE = range(11)
INDEX_FIELDS = 11
# `seat[rider, …]`: facts about each rider, and lists of riders
AT_LINE, AT_OPTION, AT_BANK, MARK, BANK, REMOVED = range(6)
SEAT_FIELDS = 6
# `scratch[x, …]`
WHERE, ORDER, PICKED, TALLY, MOVES = range(5)
SCRATCH_FIELDS = MOVES + 7
# `now[…]`
(
    LINE_COUNT,
    BANKED,
    TOUCHED,
    LISTED,
    STAMP,
    ITERATIONS,
    IMPROVED,
    VEHICLES,
    MOST_VEHICLES,
    BEST_VEHICLES,
    LEAST_VEHICLES,
    LEAST_WAITING,
) = range(12)
NOW_FIELDS = 12
# `number[…]`: totals [fen], the cheapest seat found last (F) and its kerbs, who waits how often, the cheapest
# new trip found last (O) with its kerbs and the trips of its vehicle next to it, then sort
# keys.
SOFT_TOTAL, HARD_TOTAL, BEST_TOTAL = range(3)
F_COST, F_LINE, F_OPTION, F_STOP, F_NEW_STOP, F_SITE, F_NEW_SITE, F_KERB = range(3, 11)
MISSED = 12  # sum over those who wait of how often they had to
O_COST, O_OPTION, O_KERB, O_BEFORE, O_AFTER, SITE_SHARE, UPGRADE_SHARE = 13, 14, 15, 17, 18, 19, 20
SORT = 21

WIDTH = 16
"""Places that are judged together: as many as fit in a cache line, which are neighbours in the city too."""
FAR = 1 << 29
"""A time [s] beyond every window and limit."""


class Given(NamedTuple):
    """One part of a problem, as the kernel reads it; nothing here changes during a search.

    A part has one lane (one direction) or two (both directions of the same line). A lane runs from
    homes to worksites; outbound lanes are turned round in space and time, so that both directions of
    a line are the same sequence of places.
    """

    drive: Int32  # (lanes, nodes, nodes, 4)
    node: Int32  # (lanes, nodes, 4 + sites)
    rider: Int32  # (riders, 12 + neighbours)
    worth: Float64  # (riders, 5)
    option: Int32  # (options, 1 + lanes × kerbs)
    kerbs: Int32  # (places + sites, kerbs) node, −1 where there is none
    near: Float32  # (lanes, nodes, blocks, 4, width)
    begin: Float32  # (lanes, blocks × width) empty running to a place [fen]
    limit: Float32  # (lanes, sites, blocks × width) longest ride from a place [s]
    least: Float64  # (options,) the walk, which a seat there costs at least [fen]
    prices: Float64  # (1 + types, 6)
    sizes: Int64


class State(NamedTuple):
    """The lines of one part while they change; three stores of lines: present, saved, best."""

    lines: Int32  # (3 × lines, fields, positions)
    costs: Float64  # (3 × lines, 6)
    crew: Int32  # (3 × lines, 2, riders)
    reach: Float32  # (2 × lines, blocks × width + sites) what a rider more would roughly cost a line there [fen]
    spot: Int32  # (2 × lines, blocks × width) before which position that would be
    fresh: NDArray[np.uint8]  # (2 × lines, blocks + 1) which blocks, and last the worksites, are known
    ledger: Int32  # (lines, 11)
    seat: Int32  # (riders, 6)
    scratch: Int32
    number: Float64
    duty: Int32  # (lines, 7)
    missed: Float64  # (riders,) how often a rider had to wait
    bound: Float32  # (lanes + 1, width) longest ride to the first worksite of the line in hand [s]; working space
    hope: Float32  # (lines,) what a seat would roughly cost on each line in use [fen]
    now: Int64
    random: NDArray[np.uint64]
