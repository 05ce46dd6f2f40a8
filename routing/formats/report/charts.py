"""Draws histograms and stacked bars as inline SVG."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

_WIDTH, _HEIGHT = 420, 230
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 12, 34, 40
_TICKS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A vertical line in a histogram: a mean, a percentile, a promise."""

    value: float
    text: str
    promise: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """The horizontal axis of a histogram.

    Attributes
    ----------
    title : str
        What is measured, with its unit.
    step : float
        Width of a bar.
    most : float
        Right end; what lies beyond is counted into the last bar.
    scale : float
        Factor from the axis to the numbers written on it: 100 for a share in per cent.
    """

    title: str
    step: float
    most: float
    scale: float = 1.0


def histogram(
    values: Sequence[float], people: Sequence[int], axis: Axis, marks: Sequence[Mark] = (), *, count: str
) -> str:
    """Return a histogram of values, each counted as many times as there are people."""
    bars = max(1, round(axis.most / axis.step))
    edges = [i * axis.step for i in range(bars + 1)]
    clipped = np.clip(np.asarray(values, np.float64), 0.0, edges[-1] - axis.step * 1e-6)
    found, _ = np.histogram(clipped, bins=edges, weights=np.asarray(people, np.float64))
    counts = [float(amount) for amount in found]
    top = _round_up(max([1.0, *counts]))
    plot = _Plot(most=float(edges[-1]), top=top)
    parts = [_grid(plot), _bars(plot, counts, edges, axis, count), _baseline(plot, edges, axis), _marks(plot, marks)]
    title = f'<text class="axis-title" x="{_LEFT}" y="14">{escape(count)}</text>'
    label = f'<text class="axis-title" x="{_WIDTH - _RIGHT}" y="{_HEIGHT - 6}" text-anchor="end">'
    parts += [title, f"{label}{escape(axis.title)}</text>"]
    return f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" class="chart">{"".join(parts)}</svg>'


def stacked_bar(shares: Sequence[tuple[str, float, str]]) -> str:
    """Return one horizontal bar of coloured parts: (tooltip, amount, CSS class)."""
    total = sum(amount for _, amount, _ in shares) or 1.0
    parts = []
    for text, amount, style in shares:
        if amount > 0:
            width = 100.0 * amount / total
            parts.append(f'<span class="{style}" style="width:{width:.2f}%" title="{escape(text)}"></span>')
    return f'<div class="stack">{"".join(parts)}</div>'


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plot:
    most: float
    top: float

    def x(self, value: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * min(1.0, value / self.most)

    def y(self, value: float) -> float:
        return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * value / self.top


def _grid(plot: _Plot) -> str:
    parts = []
    for i in range(_TICKS + 1):
        value = plot.top * i / _TICKS
        y = plot.y(value)
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text class="tick" x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:,.0f}</text>')
    return "".join(parts)


def _bars(plot: _Plot, counts: Sequence[float], edges: Sequence[float], axis: Axis, count: str) -> str:
    parts = []
    for i, amount in enumerate(counts):
        if amount > 0:
            left, right, y = plot.x(edges[i]) + 0.75, plot.x(edges[i + 1]) - 0.75, plot.y(amount)
            low, high = edges[i] * axis.scale, edges[i + 1] * axis.scale
            text = f"{low:g} to {high:g}: {amount:,.0f} {count}"
            height = _HEIGHT - _BOTTOM - y
            box = f'x="{left:.1f}" y="{y:.1f}" width="{right - left:.1f}" height="{height:.1f}" rx="1.5"'
            parts.append(f'<rect class="bar" {box}><title>{escape(text)}</title></rect>')
    return "".join(parts)


def _baseline(plot: _Plot, edges: Sequence[float], axis: Axis) -> str:
    y = _HEIGHT - _BOTTOM
    parts = [f'<line class="base" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y}" y2="{y}"/>']
    every = max(1, math.ceil((len(edges) - 1) / 6))
    for value in edges[::every]:
        text = f"{value * axis.scale:g}"
        parts.append(f'<text class="tick" x="{plot.x(value):.1f}" y="{y + 16}" text-anchor="middle">{text}</text>')
    return "".join(parts)


def _marks(plot: _Plot, marks: Sequence[Mark]) -> str:
    parts = []
    for i, mark in enumerate(marks):
        x, style = plot.x(mark.value), "promise" if mark.promise else "mark"
        anchor, shift = ("end", -4) if mark.value > 0.6 * plot.most else ("start", 4)
        y = _TOP - 6 + 13 * i
        parts.append(f'<line class="{style}" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP - 14}" y2="{_HEIGHT - _BOTTOM}"/>')
        parts.append(
            f'<text class="{style}-text" x="{x + shift:.1f}" y="{y}" text-anchor="{anchor}">{escape(mark.text)}</text>'
        )
    return "".join(parts)


def _round_up(value: float) -> float:
    """Return the least 1, 2, 4, 6, 8 or 10 times a power of ten that is not below a value."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(factor * power for factor in (1, 2, 4, 6, 8, 10) if factor * power >= value * (1 - 1e-9))
