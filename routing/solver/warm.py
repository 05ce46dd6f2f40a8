"""Put lines that exist already into a search: those of an incumbent plan, or of the search's last division."""

from collections.abc import Sequence

import numpy as np

from routing.model.demand import Direction
from routing.solver.anneal import REPRICE, work
from routing.solver.encode import Encoded
from routing.solver.insertion import MOST_SITES
from routing.solver.layout import (
    BEST_SLOT,
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
    NEXT,
    NODE,
    PLACE,
    PREV,
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
from routing.solver.restore import seat_lines

Position = tuple[int, tuple[int, ...]]
"""Key of a place or worksite, and its kerb in each lane."""


def adopt(encoded: Encoded, state: State, lines: Sequence[FoundLine], options: np.ndarray) -> None:
    """Make some lines the present and the best ones of a search.

    Riders who may no longer board where they did, and lines that no longer keep the rules, are
    left out: their riders wait.
    """
    atlas = _Atlas(encoded)
    state.ledger[:, BEST_SLOT] = -1
    # A state that was in use holds links of lines that are gone.
    state.lines[:, HEAD, [PREV, NEXT]] = -1
    written: list[FoundLine] = []
    for line in lines:
        if len(written) < len(state.ledger) and _write(encoded.given, state, len(written), line, atlas):
            written.append(line)
    _link(state, written)
    seat_lines(encoded.given, state, np.arange(len(written)))
    work(encoded.given, state, REPRICE, 1, 0.0, options)


def _link(state: State, lines: Sequence[FoundLine]) -> None:
    """Chain the lines that share a vehicle in the order in which it drives them, in lane order."""
    last: dict[int, int] = {}
    outbound = bool(lines) and lines[0].runs[0].direction is Direction.OUTBOUND
    for row in sorted(range(len(lines)), key=lambda x: -lines[x].runs[0].end if outbound else lines[x].runs[0].begin):
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
        """Return the sequence of a line in the order of the lanes, or None where it does not fit the part."""
        runs = {run.direction: run for run in line.runs}
        lanes = [_in_lane_order(runs[d]) for d in self.directions if d in runs]
        if len(lanes) < len(self.directions) or any(n not in self.kerb_of for nodes in lanes for n in nodes):
            return None
        columns = [[self.kerb_of[node] for node in nodes] for nodes in lanes]
        rows = list(zip(*columns, strict=False))
        if len({len(c) for c in columns}) > 1 or any(len({key for key, _ in row}) > 1 for row in rows):
            return None
        return [(row[0][0], tuple(kerb for _, kerb in row)) for row in rows]


def _in_lane_order(run: Run) -> tuple[int, ...]:
    return run.nodes if run.direction is Direction.INBOUND else run.nodes[::-1]


def _write(given: Given, state: State, row: int, line: FoundLine, atlas: _Atlas) -> bool:
    positions = atlas.positions(line)
    if positions is None or len(positions) > given.sizes[MAX_LEN]:
        return False
    keys = [key for key, _ in positions]
    if len(set(keys)) < len(keys) or sum(key >= atlas.places for key in keys) > MOST_SITES:
        return False
    crew = _crew(given, line, atlas, dict(positions))[: int(given.sizes[MAX_RIDERS])]
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


def _crew(given: Given, line: FoundLine, atlas: _Atlas, kerbs: dict[int, tuple[int, ...]]) -> list[tuple[int, int]]:
    """Return riders and options of those who may still board where the line takes them up."""
    inbound = line.runs[0].direction is Direction.INBOUND
    crew = []
    for rider, board, alight in line.runs[0].seats:
        r = atlas.rider.get(rider)
        if r is None:
            continue
        place, _ = atlas.kerb_of.get(board if inbound else alight, (-1, 0))
        if place not in kerbs or atlas.places + int(given.rider[r, SITE]) not in kerbs:
            continue
        for o in range(given.rider[r, FIRST_OPTION], given.rider[r, END]):
            if given.option[o, PLACE] == place and all(given.option[o, WALK + k] >= 0 for k in kerbs[place]):
                crew.append((r, o))
                break
    return crew
