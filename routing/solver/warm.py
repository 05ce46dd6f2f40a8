"""Put lines that exist already into a search: those of an incumbent plan, or of the search's last division."""

from collections.abc import Mapping, Sequence

import numpy as np

from routing.model.demand import Direction
from routing.solver.anneal import REPRICE, work
from routing.solver.encode import Encoded
from routing.solver.insertion import MOST_SITES
from routing.solver.layout import (
    BEST_SLOT,
    COUNT,
    FIRST_OPTION,
    HEAD,
    HOW,
    KERB,
    KEY,
    LANE,
    LANE_FIELDS,
    LEN,
    LIMIT,
    MAX_LEN,
    MAX_RIDERS,
    MOVED,
    NEXT,
    NODE,
    PLACE,
    PREV,
    PROMISED,
    RIDERS,
    SITE,
    TYPE,
    WALK,
    WHO,
    Given,
    State,
)
from routing.solver.layout import END_OPTION as END
from routing.solver.lines import FoundLine, Run
from routing.solver.naming import match
from routing.solver.restore import seat_lines

Position = tuple[int, tuple[int, ...]]
"""Key of a place or worksite, and its kerb in each lane."""


def adopt(encoded: Encoded, state: State, lines: Sequence[FoundLine], options: np.ndarray) -> None:
    """Make some lines the present and the best ones of a search.

    Riders who may no longer board where they did, stops that nobody uses any more, and lines that no longer
    keep the rules are left out: their riders wait. Lines that go on from running ones take the rows of these.
    """
    atlas = _Atlas(encoded)
    state.ledger[:, BEST_SLOT] = -1
    # A state that was in use holds links of lines that are gone.
    state.lines[:, HEAD, [PREV, NEXT]] = -1
    written: dict[int, FoundLine] = {}
    free = len(encoded.kept)
    # A line goes on in the row in which most of its riders pay nothing for another line.
    weights = encoded.given.rider[:, COUNT] + encoded.given.worth[:, MOVED].astype(np.int64)
    weight = {rider: int(weights[x]) for rider, x in atlas.rider.items()}
    goes_on = match(encoded.kept.riders, [line.riders for line in lines], lambda rider: weight.get(rider, 0))
    for line, kept in zip(lines, goes_on, strict=True):
        row = free if kept < 0 else kept
        if row < len(state.ledger) and _write(encoded.given, state, row, line, atlas):
            written[row] = line
            free += kept < 0
    _link(state, written)
    seat_lines(encoded.given, state, np.array(sorted(written), np.int64))
    work(encoded.given, state, REPRICE, 1, 0.0, options)


def _link(state: State, lines: Mapping[int, FoundLine]) -> None:
    """Chain the lines that share a vehicle in the order in which it drives them, in lane order."""
    last: dict[int, int] = {}
    outbound = any(line.runs[0].direction is Direction.OUTBOUND for line in lines.values())
    for row in sorted(lines, key=lambda x: -lines[x].runs[0].end if outbound else lines[x].runs[0].begin):
        vehicle = lines[row].vehicle
        state.lines[row, HEAD, TYPE] = lines[row].type_index + 1
        if vehicle >= 0 and vehicle in last:
            state.lines[row, HEAD, PREV] = last[vehicle]
            state.lines[last[vehicle], HEAD, NEXT] = row
        last[vehicle] = row


class _Atlas:
    """Where the nodes and riders of the problem are in a part."""

    def __init__(self, encoded: Encoded) -> None:
        given = encoded.given
        sites = given.node.shape[2] - LIMIT
        self.places = len(given.kerbs) - sites
        local = {int(node): x for x, node in enumerate(encoded.nodes)}
        kerb_of = {int(n): (p, k) for p, row in enumerate(given.kerbs) for k, n in enumerate(row) if n >= 0}
        self.kerb_of = {node: kerb_of[x] for node, x in local.items() if x in kerb_of}
        self.rider = {r: x for x, r in enumerate(encoded.part.riders)}
        self.directions = encoded.part.directions

    def positions(self, line: FoundLine) -> list[Position] | None:
        """Return the sequence of a line in the order of the lanes, or None where it does not fit the part.

        Places that no rider of the part can walk to any more are passed by; of a place that comes twice
        the first visit counts, of a worksite the last.
        """
        runs = {run.direction: run for run in line.runs}
        if any(d not in runs for d in self.directions):
            return None
        lanes = [self._lane(_in_lane_order(runs[d])) for d in self.directions]
        everywhere = set.intersection(*(set(lane) for lane in lanes))
        orders = [[key for key in lane if key in everywhere] for lane in lanes]
        if any(order != orders[0] for order in orders):
            return None
        return [(key, tuple(lane[key] for lane in lanes)) for key in orders[0]]

    def _lane(self, nodes: Sequence[int]) -> dict[int, int]:
        """Return the kerb of each place and worksite that a lane visits, in the order of the visits."""
        visits: dict[int, int] = {}
        for node in nodes:
            if node in self.kerb_of:
                key, kerb = self.kerb_of[node]
                if key >= self.places:
                    visits.pop(key, None)
                visits.setdefault(key, kerb)
        return visits


def _in_lane_order(run: Run) -> tuple[int, ...]:
    return run.nodes if run.direction is Direction.INBOUND else run.nodes[::-1]


def _write(given: Given, state: State, row: int, line: FoundLine, atlas: _Atlas) -> bool:
    positions = atlas.positions(line)
    if positions is None:
        return False
    crew = _crew(given, line, atlas, positions)[: int(given.sizes[MAX_RIDERS])]
    used = {int(given.option[o, PLACE]) for _, o in crew} | {atlas.places + int(given.rider[r, SITE]) for r, _ in crew}
    if given.sizes[PROMISED]:
        # Driving past a stop moves the departures at others: whether that pays is the search's to find out.
        first = min((at for at, (key, _) in enumerate(positions) if key in used), default=0)
        positions = positions[first:]
    else:
        positions = [(key, kerbs) for key, kerbs in positions if key in used]
    if len(positions) > given.sizes[MAX_LEN] or sum(key >= atlas.places for key, _ in positions) > MOST_SITES:
        return False
    a = state.lines[row]
    a[HEAD, LEN], a[HEAD, RIDERS] = len(positions), len(crew)
    for i, (key, kerbs) in enumerate(positions):
        a[KEY, i] = key
        for lane, kerb in enumerate(kerbs):
            base = LANE + lane * LANE_FIELDS
            a[base + KERB, i], a[base + NODE, i] = kerb, given.kerbs[key, kerb]
    for x, (rider, option) in enumerate(crew):
        state.crew[row, WHO, x], state.crew[row, HOW, x] = rider, option
    return bool(crew)


def _crew(given: Given, line: FoundLine, atlas: _Atlas, positions: Sequence[Position]) -> list[tuple[int, int]]:
    """Return riders and options of those who may still board where the line takes them up, on the way to their site."""
    inbound = line.runs[0].direction is Direction.INBOUND
    kerbs = dict(positions)
    at = {key: i for i, (key, _) in enumerate(positions)}
    crew = []
    for rider, board, alight in line.runs[0].seats:
        r = atlas.rider.get(rider)
        if r is None:
            continue
        place, _ = atlas.kerb_of.get(board if inbound else alight, (-1, 0))
        site = atlas.places + int(given.rider[r, SITE])
        if place not in at or at[place] >= at.get(site, -1):
            continue
        for o in range(given.rider[r, FIRST_OPTION], given.rider[r, END]):
            walks = given.option[o, WALK:].reshape(len(kerbs[place]), -1)
            if given.option[o, PLACE] == place and all(walks[lane, k] >= 0 for lane, k in enumerate(kerbs[place])):
                crew.append((r, o))
                break
    return crew
