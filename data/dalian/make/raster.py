"""Square-celled rasters over the plane: sampling, noise, distance, filling."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from data.dalian.make.plane import Points, to_plane

CELL = 50.0
LOW = to_plane(121.08, 38.70)
HIGH = to_plane(122.18, 39.47)
COLUMNS, ROWS = (int(n) for n in np.ceil((HIGH - LOW) / CELL))

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A rectangle of cells around a point, and the plane coordinates of their centres."""

    rows: slice
    columns: slice
    x: Floats
    y: Floats


def window(at: Points, reach: float) -> Window:
    """Return the cells within a square reach of a point."""
    low = np.maximum(((at - reach - LOW) / CELL).astype(int), 0)
    high = np.minimum(((at + reach - LOW) / CELL).astype(int) + 1, [COLUMNS, ROWS])
    columns, rows = np.arange(low[0], high[0]), np.arange(low[1], high[1])
    return Window(
        rows=slice(int(low[1]), int(high[1])),
        columns=slice(int(low[0]), int(high[0])),
        x=(LOW[0] + (columns + 0.5) * CELL)[None, :],
        y=(LOW[1] + (rows + 0.5) * CELL)[:, None],
    )


def cells(points: Points) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the row and column of each point, clipped to the raster."""
    index = ((points - LOW) / CELL).astype(np.int64)
    return np.clip(index[:, 1], 0, ROWS - 1), np.clip(index[:, 0], 0, COLUMNS - 1)


def burn(points: Points) -> Mask:
    """Return a mask with the cells that hold a point."""
    mask = np.zeros((ROWS, COLUMNS), dtype=bool)
    mask[cells(points)] = True
    return mask


def distance_to(mask: Mask) -> Floats:
    """Return the distance of each cell to the nearest set cell [m]."""
    return np.asarray(ndimage.distance_transform_edt(~mask, sampling=CELL), dtype=np.float64)


def noise(rng: np.random.Generator, scale: float) -> Floats:
    """Return smooth noise in about [-1, 1] whose bumps are a scale wide [m]."""
    factor = scale / CELL
    shape = (int(ROWS / factor) + 4, int(COLUMNS / factor) + 4)
    coarse = rng.uniform(-1.0, 1.0, shape)
    row = np.arange(ROWS) / factor + 1.0
    column = np.arange(COLUMNS) / factor + 1.0
    return _bilinear(_smooth(coarse), row, column)


def _smooth(grid: Floats) -> Floats:
    return np.asarray(ndimage.uniform_filter(grid, 2), dtype=np.float64) * 1.6


def _bilinear(grid: Floats, row: Floats, column: Floats) -> Floats:
    r, c = row.astype(int), column.astype(int)
    # smoothstep hides the seams of the coarse grid
    u, v = _ease(row - r)[:, None], _ease(column - c)[None, :]
    top = grid[r][:, c] * (1 - v) + grid[r][:, c + 1] * v
    low = grid[r + 1][:, c] * (1 - v) + grid[r + 1][:, c + 1] * v
    return np.asarray(top * (1 - u) + low * u)


def _ease(t: Floats) -> Floats:
    return t * t * (3 - 2 * t)


def fill(ring: Points) -> Mask:
    """Return the cells whose centre lies inside a closed ring (even-odd, row by row)."""
    mask = np.zeros((ROWS, COLUMNS), dtype=bool)
    start, end = ring, np.roll(ring, -1, axis=0)
    for row in range(ROWS):
        y = LOW[1] + (row + 0.5) * CELL
        crosses = (start[:, 1] <= y) != (end[:, 1] <= y)
        a, b = start[crosses], end[crosses]
        x = np.sort(a[:, 0] + (y - a[:, 1]) / (b[:, 1] - a[:, 1]) * (b[:, 0] - a[:, 0]))
        columns = np.clip(np.ceil((x - LOW[0]) / CELL - 0.5).astype(int), 0, COLUMNS)
        for left, right in zip(columns[::2], columns[1::2], strict=True):
            mask[row, left:right] = True
    return mask
