"""The town of `tests.cases`, asked for offers: homes lie along its one road, 500 m a minute of driving."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from routing.model.places import Location
from routing.model.plan import Plan
from routing.model.problem import Problem
from routing.offers import Answer, OfferIndex, Query, index_plan
from routing.offers.search import BEYOND, find_offers
from tests.cases import at, town, town_plan

METRES_A_MINUTE = 500
DEGREES_A_MINUTE = 0.0058


class RoadWalker:
    """Walks along the road; further than the limit nothing is known."""

    def __init__(self, lons: list[float], _lats: list[float], limit_m: int) -> None:
        self.lons = np.array(lons)
        self.limit_m = limit_m

    def walks(self, lon: float, lat: float) -> NDArray[np.int32]:
        """Return metres along the road and off it."""
        metres = np.rint(np.abs(self.lons - lon) / DEGREES_A_MINUTE * METRES_A_MINUTE) + self.off_street_m(lon, lat)
        return np.where(metres <= self.limit_m, metres, BEYOND).astype(np.int32)

    def off_street_m(self, lon: float, lat: float) -> float:  # noqa: ARG002 - the road runs due east
        """Return metres north or south of the road."""
        return round(abs(lat - 38.9) * 111_000)

    def distance_to_way(self, lon: ArrayLike, lat: ArrayLike) -> NDArray[np.float64]:  # noqa: ARG002 - as above
        """Return metres north or south of the road."""
        return np.abs(np.atleast_1d(lat) - 38.9) * 111_000


def indexed(problem: Problem | None = None, plan: Plan | None = None) -> OfferIndex:
    return index_plan(problem or town(), plan or town_plan(), RoadWalker, plan_id="plan_town")


def home(minute: float) -> Location:
    return at(minute)


def query(minute: float | None = 1, **given: Any) -> Query:
    """Ask as a new rider of the early shift at the northern worksite would."""
    place = {} if minute is None else {"home": home(minute)}
    return Query(**{"worksite_id": "north", "shift_id": "early"} | place | given)


def ask(minute: float | None = 1, index: OfferIndex | None = None, **given: Any) -> Answer:
    return find_offers(index or indexed(), query(minute, **given))


Ask = Callable[..., Answer]
