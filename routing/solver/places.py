"""Tables over the places of a part, in blocks of neighbours: what driving to and from them takes and costs."""

import numpy as np

from routing.model.problem import Problem
from routing.solver.layout import PULL_OUT_M, PULL_OUT_S, REACH_M, REACH_S, WIDTH, Float32, Float64, Int32

CURVE_BITS = 16
"""Bits by which the curve along the stops tells them apart, per axis."""


def along_curve(problem: Problem, stops: np.ndarray) -> np.ndarray:
    """Return stops in the order of a Z-curve over the city, so that neighbours fall into the same blocks."""
    points = np.array([(problem.stops[s].location.lon, problem.stops[s].location.lat) for s in stops])
    points[:, 0] *= np.cos(np.radians(points[:, 1].mean()))
    points -= points.min(axis=0)
    cells = (points / max(1e-9, points.max()) * ((1 << CURVE_BITS) - 1)).astype(np.int64)
    code = np.zeros(len(stops), np.int64)
    for bit in range(CURVE_BITS):
        for axis in range(2):
            code |= (cells[:, axis] >> bit & 1) << (2 * bit + axis)
    return stops[np.argsort(code, kind="stable")]


def near_table(drive: Int32, kerbs: Int32, prices: Float64) -> Float32:
    """Return driving [s] and its price [fen] from and to the nearest kerb of each place, per lane, node and block."""
    blocks = _blocks(len(kerbs))
    near = np.zeros((len(drive), len(drive[0]), blocks, 4, WIDTH), np.float32)
    reach_s, reach_m = np.float32(prices[0, REACH_S]), np.float32(prices[0, REACH_M])
    for lane, tables in enumerate(drive):
        for way in range(2):
            seconds = tables[..., way].astype(np.float32)
            money = seconds * reach_s + tables[..., 2 + way] * reach_m
            near[lane, :, :, way] = _padded(_nearest_kerb(seconds, kerbs)).reshape(-1, blocks, WIDTH)
            near[lane, :, :, 2 + way] = _padded(_nearest_kerb(money, kerbs)).reshape(-1, blocks, WIDTH)
    return near


def _blocks(places: int) -> int:
    return -(-places // WIDTH)


def _padded(table: np.ndarray) -> Float32:
    """Return a table, places last, with whole blocks of places."""
    missing = _blocks(table.shape[-1]) * WIDTH - table.shape[-1]
    widths = [(0, 0)] * (table.ndim - 1) + [(0, missing)]
    return np.ascontiguousarray(np.pad(table, widths), dtype=np.float32)


def _nearest_kerb(table: Float32, kerbs: Int32) -> Float32:
    found = table[:, np.maximum(kerbs[:, 0], 0)]
    for column in kerbs.T[1:]:
        both = column >= 0
        found[:, both] = np.minimum(found[:, both], table[:, column[both]])
    return found


def begin_table(ends: Int32, kerbs: Int32, prices: Float64) -> Float32:
    """Return the price [fen] of the empty running to the nearest kerb of each place, per lane."""
    money = ends[..., PULL_OUT_S] * prices[0, REACH_S] + ends[..., PULL_OUT_M] * prices[0, REACH_M]
    values = np.where(kerbs >= 0, money[:, np.maximum(kerbs, 0)], np.inf).min(axis=2)
    return _padded(values)


def limit_table(limits: Int32, kerbs: Int32) -> Float32:
    """Return the longest ride [s] from any kerb of each place, per lane and worksite."""
    values = np.where(kerbs[None, :, :, None] >= 0, limits[:, np.maximum(kerbs, 0)], 0).max(axis=2)
    return _padded(values.transpose(0, 2, 1))
