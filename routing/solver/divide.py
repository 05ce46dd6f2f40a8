"""Divide large parts into pieces that are searched side by side, along other seams every time."""

import warnings
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.cluster.vq import kmeans2

from routing.model.problem import Problem
from routing.solver.lines import FoundLine
from routing.solver.parts import Part

PIECE = 700
"""Riders per piece, about; larger parts gain more from many quick iterations than from seeing all lines."""

Piece = tuple[Part, list[FoundLine]]


def divide(problem: Problem, part: Part, lines: Sequence[FoundLine], seed: int) -> list[Piece]:
    """Return pieces of a part: riders who live near one another, with the lines that carry them.

    Vehicles are kept whole: k-means on the middle of each line, and riders who wait go to the nearest
    centre. The seed turns the seams.
    """
    count = round(len(part.riders) / PIECE)
    if count < 2:
        return [(part, list(lines))]
    homes = {r: (problem.riders[r].home.lon, problem.riders[r].home.lat) for r in part.riders}
    flat = np.array([np.cos(np.radians(problem.riders[part.riders[0]].home.lat)), 1.0])
    carried = {r for line in lines for r in line.riders}
    waiting = [r for r in part.riders if r not in carried]
    vehicles = _vehicles(lines)
    groups = [[r for line in vehicle for r in line.riders] for vehicle in vehicles] + [[r] for r in waiting]
    middles = np.array([np.mean([homes[r] for r in group], axis=0) for group in groups]) * flat
    weights = np.array([len(group) for group in groups])
    people = np.repeat(middles, weights, axis=0)
    with warnings.catch_warnings():
        # Fewer places than pieces leave clusters empty, which is no fault: there are fewer pieces then.
        warnings.simplefilter("ignore")
        centres, _ = kmeans2(people, count, minit="++", rng=np.random.default_rng(seed), missing="warn")
    owner = np.linalg.norm(middles[:, None] - centres[None], axis=2).argmin(axis=1)
    pieces = []
    for x in range(count):
        chosen = np.flatnonzero(owner == x).tolist()
        riders = tuple(sorted(r for g in chosen for r in groups[g]))
        if riders:
            pieces.append(
                (replace(part, riders=riders), [line for g in chosen if g < len(vehicles) for line in vehicles[g]])
            )
    return pieces


def _vehicles(lines: Sequence[FoundLine]) -> list[list[FoundLine]]:
    """Return the lines by vehicle; one that shares none is alone."""
    alone = [[line] for line in lines if line.vehicle < 0]
    shared: dict[int, list[FoundLine]] = {}
    for line in lines:
        if line.vehicle >= 0:
            shared.setdefault(line.vehicle, []).append(line)
    return alone + list(shared.values())
