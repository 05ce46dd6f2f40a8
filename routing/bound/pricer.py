"""The pricing of all lines of a vehicle type to a tail, with room to work in and a memory of the last time."""

from dataclasses import dataclass, field

import numpy as np

from routing.bound.asks import Float64
from routing.bound.columns import Column, cheapest_labels, read_column, terms_of
from routing.bound.labels import Labels, make_labels
from routing.bound.lane import Lane
from routing.bound.pricing import Entries, price, worth_of
from routing.model.problem import Problem

LAYER_S, STEP_S = 90, 15
"""Time by which labels are told apart, and from one value of an area to the next [s]."""
MOST_LAYERED_HALTS = 100
WIDTH, WIDE, ELITE = 24, 96, 48
"""Labels per cell, and where that merged too many; and labels of each gate that are held against later ones."""
SEAT_PRICES = np.linspace(0.05, 0.95, 6)
"""Quantiles of what riders bring in that are tried as the price of a seat."""
COLUMNS_PER_PRICING = 6


@dataclass(frozen=True, slots=True)
class Pricer:
    """A lane, and room for the labels of its lines.

    Attributes
    ----------
    known : dict
        By vehicle type and tail, the last least reduced cost [fen], and at which prices.
    """

    problem: Problem
    lane: Lane
    labels: Labels
    known: dict[tuple[int, int], tuple[float, Float64]] = field(default_factory=dict)

    def price(self, prices: Float64, kind: int, t: int) -> tuple[float, list[Column]]:
        """Return the least reduced cost [fen] of any line of a vehicle type to a tail, or less, and some lines."""
        lane, tail = self.lane, self.lane.tails[t]
        roads, entries = lane.roads(tail), lane.entries(tail, prices, kind)
        seats = seat_prices(entries)
        worth = worth_of(entries, lane.home, STEP_S, seats)
        terms = terms_of(lane, lane.types[kind], tail, halts=self.problem.rules.max_stops - 1, layer=LAYER_S)
        least = float(price(roads, worth, terms, seats, self.labels))
        self.known[kind, t] = least, prices
        chosen = cheapest_labels(self.labels, COLUMNS_PER_PRICING) if least < 0 else []
        lines = [read_column(lane, roads, entries, terms, self.labels, i, prices) for i in chosen]
        return least, [one for one in lines if one.reduced_cost(prices) < 0]

    def last(self, kind: int, t: int) -> float:
        """Return the least reduced cost [fen] of the last pricing, minus infinity where there was none."""
        return self.known[kind, t][0] if (kind, t) in self.known else -np.inf

    def remembered(self, prices: Float64, kind: int, t: int) -> float:
        """Return the reduced cost [fen] below which no line with a tail can be, by its last pricing.

        A line has gained no more since than the prices of those have risen who fit aboard.
        """
        if (kind, t) not in self.known:
            return -np.inf
        least, then = self.known[kind, t]
        return least - most_aboard(np.maximum(prices - then, 0.0), self.lane.counted, self.lane.types[kind].seats)


def make_pricer(problem: Problem, lane: Lane, width: int) -> Pricer:
    """Return a pricer of a lane, with so many labels per cell."""
    gates, areas = len(lane.home), int(lane.home.max()) + 1
    layers = int(lane.limit.max(initial=0)) // LAYER_S + min(areas, MOST_LAYERED_HALTS) + 1
    return Pricer(problem, lane, make_labels(gates, areas, layers, width, ELITE, len(SEAT_PRICES)))


def most_aboard(gain: Float64, people: Float64, seats: int) -> float:
    """Return the most that riders who fit aboard can gain together; part of a group may be aboard."""
    order = np.argsort(-gain / np.maximum(people, 1e-9), kind="stable")
    room = np.clip(seats - (np.cumsum(people[order]) - people[order]), 0.0, people[order])
    part = np.where(people[order] > 0, room / np.maximum(people[order], 1e-9), 1.0)
    return float((gain[order] * part).sum())


def seat_prices(entries: Entries) -> Float64:
    """Return prices of a seat [fen] to try: what people bring in on their own ways, at several quantiles."""
    near = np.repeat(entries.near, np.diff(entries.start))
    value = np.where(entries.limit >= near, entries.value - entries.rate[entries.rider] * near, 0.0)
    best = np.zeros(len(entries.rate))
    np.maximum.at(best, entries.rider, value)
    seated = entries.people > 0
    each = best[seated] / entries.people[seated]
    each = each[each > 0]
    return np.quantile(each, SEAT_PRICES) if len(each) else np.zeros(len(SEAT_PRICES))
