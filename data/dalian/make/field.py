"""Which way streets run: a cross field that follows main roads, the coast and the districts."""

import math
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from data.dalian.make import raster
from data.dalian.make.facts import Locality
from data.dalian.make.plane import Points
from data.dalian.make.raster import Floats
from data.dalian.make.streets import Street
from data.dalian.make.terrain import Terrain


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossField:
    """Cosine and sine of four times the street angle, so that both street families look the same."""

    cos4: Floats
    sin4: Floats

    def angle(self, x: float, y: float) -> float:
        """Return one of the four street directions at a point [rad], bilinear between cells."""
        column = (x - raster.LOW[0]) / raster.CELL - 0.5
        row = (y - raster.LOW[1]) / raster.CELL - 0.5
        c, r = int(column), int(row)
        u, v = column - c, row - r
        weights = ((1 - u) * (1 - v), u * (1 - v), (1 - u) * v, u * v)
        at = ((r, c), (r, c + 1), (r + 1, c), (r + 1, c + 1))
        cos4 = sum(w * self.cos4.item(i) for w, i in zip(weights, at, strict=True))
        sin4 = sum(w * self.sin4.item(i) for w, i in zip(weights, at, strict=True))
        return math.atan2(sin4, cos4) / 4.0


def build_field(
    terrain: Terrain, places: list[Locality], corridors: list[Street], rng: np.random.Generator
) -> CrossField:
    """Return the cross field: near a main road its heading rules, else the district's own grid."""
    cos4, sin4 = _districts(places, rng)
    for lines, reach, weight in (
        ([street.points for street in corridors if street.form != "grade"], 420.0, 3.0),
        ([np.vstack([terrain.ground.coast, terrain.ground.coast[:1]])], 350.0, 1.2),
    ):
        heading, distance = _nearest_heading(lines)
        pull = weight * np.exp(-((distance / reach) ** 2))
        cos4 += pull * np.cos(4 * heading)
        sin4 += pull * np.sin(4 * heading)
    cos4, sin4 = (np.asarray(ndimage.gaussian_filter(layer, 2.0)) for layer in (cos4, sin4))
    wander = 0.16 * raster.noise(rng, 900.0) + 0.30 * raster.noise(rng, 2600.0)
    turned = np.arctan2(sin4, cos4) + wander * 4 * np.clip(terrain.road_distance / 400.0, 0.0, 1.0)
    return CrossField(cos4=np.cos(turned), sin4=np.sin(turned))


def _districts(places: list[Locality], rng: np.random.Generator) -> tuple[Floats, Floats]:
    cos4 = np.full((raster.ROWS, raster.COLUMNS), 1e-3)
    sin4 = np.zeros((raster.ROWS, raster.COLUMNS))
    for place in places:
        if place.radius <= 0:
            continue
        turn = float(rng.uniform(-0.6, 0.6))
        view = raster.window(place.at, 3.0 * place.radius)
        near = np.exp(-((view.x - place.at[0]) ** 2 + (view.y - place.at[1]) ** 2) / (1.1 * place.radius) ** 2)
        cos4[view.rows, view.columns] += near * math.cos(4 * turn)
        sin4[view.rows, view.columns] += near * math.sin(4 * turn)
    return cos4, sin4


def _nearest_heading(lines: list[Points]) -> tuple[Floats, Floats]:
    heading = np.zeros((raster.ROWS, raster.COLUMNS))
    mask = np.zeros((raster.ROWS, raster.COLUMNS), dtype=bool)
    for line in lines:
        step = np.diff(line, axis=0)
        at = raster.cells((line[:-1] + line[1:]) / 2)
        heading[at] = np.arctan2(step[:, 1], step[:, 0])
        mask[at] = True
    distance, (row, column) = ndimage.distance_transform_edt(~mask, sampling=raster.CELL, return_indices=True)
    return heading[row, column], np.asarray(distance, dtype=np.float64)
