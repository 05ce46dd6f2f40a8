"""Divide large parts into pieces that are searched side by side, along other seams every time."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from routing.model.problem import Problem
from routing.solver.layout import Float64, Int64
from routing.solver.lines import FoundLine
from routing.solver.parts import Part

PIECE = 400
"""Riders per piece, about; larger parts gain more from many quick iterations than from seeing all lines."""
MOST_TURN = 1.0
"""By how much a cut turns from straight across, either way [rad]."""

Piece = tuple[Part, list[FoundLine]]


def divide(problem: Problem, part: Part, lines: Sequence[FoundLine], seed: int) -> list[Piece]:
    """Return pieces of a part: riders who live near one another, with the lines that carry them.

    The part is halved again and again by straight cuts, which leaves pieces of equal size; vehicles are
    kept whole, on the side of the middle of their riders' homes. The seed turns the cuts.
    """
    count = round(len(part.riders) / PIECE)
    if count < 2:
        return [(part, list(lines))]
    carried = {r for line in lines for r in line.riders}
    vehicles = _vehicles(lines)
    groups = [[r for line in vehicle for r in line.riders] for vehicle in vehicles]
    groups += [[r] for r in part.riders if r not in carried]
    middles = _middles(problem, groups)
    weights = np.array([len(group) for group in groups])
    pieces = []
    for chosen in _halve(np.arange(len(groups)), middles, weights, count, np.random.default_rng(seed)):
        riders = tuple(sorted(r for g in chosen for r in groups[g]))
        held = [line for g in chosen if g < len(vehicles) for line in vehicles[g]]
        if riders:
            pieces.append((replace(part, riders=riders), held))
    return pieces


def _middles(problem: Problem, groups: list[list[int]]) -> Float64:
    """Return the middle of each group's homes, in degrees of latitude either way."""
    flat = np.cos(np.radians(problem.riders[groups[0][0]].home.lat))
    homes = [[(problem.riders[r].home.lon * flat, problem.riders[r].home.lat) for r in group] for group in groups]
    return np.array([np.mean(group, axis=0) for group in homes])


def _halve(chosen: Int64, middles: Float64, weights: Int64, count: int, rng: np.random.Generator) -> list[list[int]]:
    """Cut groups into so many pieces of equal weight, across the longer way they lie, more or less."""
    if count < 2:
        return [chosen.tolist()]
    offset = middles[chosen] - np.average(middles[chosen], axis=0, weights=weights[chosen])
    _, axes = np.linalg.eigh(offset.T @ (offset * weights[chosen, None]))
    turn = rng.uniform(-MOST_TURN, MOST_TURN)
    along = offset @ axes @ (np.sin(turn), np.cos(turn))
    order = chosen[np.argsort(along, kind="stable")]
    half = count // 2
    reached = np.cumsum(weights[order])
    cut = int(np.searchsorted(reached, reached[-1] * half / count)) + 1
    one = _halve(order[:cut], middles, weights, half, rng)
    return one + _halve(order[cut:], middles, weights, count - half, rng)


def _vehicles(lines: Sequence[FoundLine]) -> list[list[FoundLine]]:
    """Return the lines by vehicle; one that shares none is alone."""
    alone = [[line] for line in lines if line.vehicle < 0]
    shared: dict[int, list[FoundLine]] = {}
    for line in lines:
        if line.vehicle >= 0:
            shared.setdefault(line.vehicle, []).append(line)
    return alone + list(shared.values())
