"""The words of the street builder: one street as a named line with a class."""

from dataclasses import dataclass, field

import numpy as np

from data.dalian.make.plane import Points

RANK = {
    "motorway": 0,
    "motorway_link": 1,
    "trunk": 0,
    "trunk_link": 1,
    "primary": 2,
    "secondary": 3,
    "tertiary": 4,
    "unclassified": 5,
    "residential": 5,
    "living_street": 6,
    "service": 6,
    "footway": 7,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Street:
    """A named line before it is cut at its junctions.

    Attributes
    ----------
    points : ndarray, shape (n, 2)
        Centre line in the plane [m].
    kind : str
        OSM highway class.
    lanes : int
        Lanes a side (dual) or in all (single).
    speed : int
        Posted limit [km/h]; 0 when none is posted.
    form : str
        ``dual`` two one-way carriageways, ``single``, ``grade`` an expressway that meets other
        roads by ramps alone, ``bridge`` a dual road over the sea, ``ramp`` one-way.
    level : int
        0 given corridor, 1 collector, 2 local street, 3 inside a block.
    """

    points: Points = field(repr=False)
    kind: str
    name: str = ""
    name_en: str = ""
    lanes: int = 1
    speed: int = 0
    form: str = "single"
    level: int = 0
    texture: str = ""

    @property
    def rank(self) -> int:
        """Importance: 0 for expressways, 7 for footways."""
        return RANK[self.kind]

    @property
    def is_dual(self) -> bool:
        """Whether the street is drawn as two one-way carriageways."""
        return self.form in {"dual", "grade", "bridge"}

    @property
    def half_width(self) -> float:
        """Distance from the centre line to a carriageway's line [m]."""
        if self.form == "grade":
            return 11.0
        return 9.0 if self.lanes >= 3 else 7.0

    def moved(self, points: Points) -> "Street":
        """Return the same street on another line."""
        return Street(
            points=np.asarray(points, dtype=np.float64), kind=self.kind, name=self.name, name_en=self.name_en,
            lanes=self.lanes, speed=self.speed, form=self.form, level=self.level, texture=self.texture,
        )  # fmt: skip
