"""Trace evenly spaced streets through the cross field, first collectors, then local streets.

After Jobard and Lefer, "Creating evenly-spaced streamlines of arbitrary density" (1997,
doi:10.1007/978-3-7091-6876-9_5) and Chen et al., "Interactive procedural street modeling" (2008,
doi:10.1145/1360612.1360702); occupancy is kept in rasters by heading, so crossing is free and
running beside another street is not.
"""

import math
from collections import deque
from collections.abc import Iterator

import numpy as np

from data.dalian.make import raster
from data.dalian.make.field import CrossField
from data.dalian.make.plane import Points, lengths_along, point_at
from data.dalian.make.raster import Floats, Mask

STEP = 25.0
HEADINGS = 4  # bins of 45 degrees, headings modulo 180
FINE = 25.0  # cell of the occupancy rasters [m]


class Occupancy:
    """Where a street of some heading would run too close beside another."""

    def __init__(self) -> None:
        size = (raster.HIGH - raster.LOW) / FINE
        self.layers = np.zeros((HEADINGS, int(size[1]) + 2, int(size[0]) + 2), dtype=bool)

    def taken(self, x: float, y: float, angle: float) -> bool:
        """Return whether a street is already beside this point, running about the same way."""
        row, column = int((y - raster.LOW[1]) / FINE), int((x - raster.LOW[0]) / FINE)
        return bool(self.layers.item((heading_bin(angle), row, column)))

    def add(self, line: Points, gap: Floats) -> None:
        """Mark the surroundings of a line, each step by its own gap [m]."""
        step = np.diff(line, axis=0)
        angle = np.arctan2(step[:, 1], step[:, 0])
        middle = (line[:-1] + line[1:]) / 2
        radius = gap[raster.cells(middle)]
        for (x, y), a, r in zip(middle.tolist(), angle.tolist(), radius.tolist(), strict=True):
            disc = _disc(round(r / FINE))
            reach = len(disc) // 2
            row, column = int((y - raster.LOW[1]) / FINE), int((x - raster.LOW[0]) / FINE)
            if row < reach or column < reach:
                continue
            middle_bin = heading_bin(a)
            for layer in (middle_bin - 1, middle_bin, (middle_bin + 1) % HEADINGS):
                part = self.layers[layer, row - reach : row + reach + 1, column - reach : column + reach + 1]
                part |= disc[: part.shape[0], : part.shape[1]]


def heading_bin(angle: float) -> int:
    """Return which of the four bins an undirected heading falls in."""
    return round(angle / (math.pi / HEADINGS)) % HEADINGS


_DISCS: dict[int, Mask] = {}


def _disc(reach: int) -> Mask:
    if reach not in _DISCS:
        axis = np.arange(-reach, reach + 1)
        _DISCS[reach] = (axis[:, None] ** 2 + axis[None, :] ** 2) <= (reach + 0.3) ** 2
    return _DISCS[reach]


class Tracer:
    """Grows one level of streets.

    Parameters
    ----------
    field : CrossField
        Directions.
    allowed : Mask
        Cells that a street may enter.
    gap : Floats
        Wanted distance between neighbours, per cell [m].
    longest : float
        Streets end after this length [m].
    """

    def __init__(self, field: CrossField, allowed: Mask, gap: Floats, longest: float) -> None:
        self.field = field
        self.allowed = allowed
        self.gap = gap
        self.near = gap * 0.62
        self.longest = longest
        self.space = Occupancy()

    def block(self, lines: list[Points]) -> None:
        """Keep new streets from running beside these lines."""
        for line in lines:
            self.space.add(line, self.near)

    def grow(self, roots: list[Points], shortest: float) -> list[Points]:
        """Return new streets, seeded beside the roots and then beside one another."""
        queue = deque(roots)
        found: list[Points] = []
        while queue:
            for seed in self._seeds(queue.popleft()):
                line = self._trace(*seed)
                if line is not None and lengths_along(line)[-1] >= shortest:
                    self.space.add(line, self.near)
                    found.append(line)
                    queue.append(line)
        return found

    def _seeds(self, line: Points) -> Iterator[tuple[float, float, float]]:
        along = lengths_along(line)
        where = 0.45 * self._gap_at(line[0])
        while where < along[-1]:
            at, heading = point_at(line, along, where)
            gap = self._gap_at(at)
            across = math.atan2(heading[0], -heading[1])
            yield float(at[0]), float(at[1]), across
            for side in (1.0, -1.0):
                x, y = at[0] - side * heading[1] * gap, at[1] + side * heading[0] * gap
                yield float(x), float(y), math.atan2(heading[1], heading[0])
            where += gap

    def _gap_at(self, at: Points) -> float:
        return float(self.gap[raster.cells(at[None, :])][0])

    def _inside(self, x: float, y: float) -> bool:
        row = int((y - raster.LOW[1]) / raster.CELL)
        column = int((x - raster.LOW[0]) / raster.CELL)
        if not (1 < row < raster.ROWS - 2 and 1 < column < raster.COLUMNS - 2):
            return False
        return bool(self.allowed.item((row, column)))

    def _trace(self, x: float, y: float, angle: float) -> Points | None:
        if not self._inside(x, y):
            return None
        angle = self._follow(x, y, angle)
        if self.space.taken(x, y, angle):
            return None
        ahead = self._walk(x, y, angle)
        behind = self._walk(x, y, angle + math.pi)
        return np.array([*behind[::-1], (x, y), *ahead])

    def _follow(self, x: float, y: float, angle: float) -> float:
        base = self.field.angle(x, y)
        return base + round((angle - base) / (math.pi / 2)) * (math.pi / 2)

    def _walk(self, x: float, y: float, angle: float) -> list[tuple[float, float]]:
        found: list[tuple[float, float]] = []
        turned = 0.0
        while len(found) * STEP < self.longest / 2:
            # second order (midpoint), so that curves do not drift outwards
            middle = self._follow(x + math.cos(angle) * STEP / 2, y + math.sin(angle) * STEP / 2, angle)
            turned += middle - angle
            if abs(middle - angle) > 0.5 or abs(turned) > 2.0:
                break
            angle = middle
            x, y = x + math.cos(angle) * STEP, y + math.sin(angle) * STEP
            if not self._inside(x, y) or self.space.taken(x, y, angle):
                break
            found.append((x, y))
        return found
