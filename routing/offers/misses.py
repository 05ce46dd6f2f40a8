"""Where nothing fits: the nearest seat, and which promise or wish would have to give for it, and by how much."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from routing.explain.finding import UNITS
from routing.model.plan import Relaxation
from routing.model.units import HOUR_S, MINUTE_S
from routing.offers.index import WALK_FACTOR, Metres, OfferIndex, People
from routing.offers.offering import build_offer, efforts, running, seats_lacking, seats_left
from routing.offers.options import Halt, Options
from routing.offers.words import NearMiss, Offer, Query

Needs = list[tuple[str, int, float]]
"""What must give: kind, amount, and the amount as a share of what is promised."""
MOST_NEEDS = 2
"""Promises that may give at once: with more, there is no smallest change to speak of."""
TRIED = 64
"""Options looked at for missing seats, those of the least other needs first."""


def find_misses(
    index: OfferIndex, query: Query, silent: Sequence[Options], walks: Metres, taken: People
) -> tuple[NearMiss, ...]:
    """Return the nearest miss of each kind, nearest first.

    Tried are a longer walk (up to `WALK_FACTOR` times the promise), a longer ride, more seats, every other shift of
    the worksite, and neighbours for a line of their own. Where one change alone would not do, the second stands in
    ``also``; what needs three is not told.

    Parameters
    ----------
    silent : sequence of Options
        The tables in which no offer was found; none where no trip serves the worksite and shift at all.
    """
    found = [miss for table in silent for miss in _near(index, query, table, walks, taken)]
    found += _other_shifts(index, query, walks, taken)
    found += _neighbours(index, query, walks)
    best: dict[str, NearMiss] = {}
    for miss in sorted(found, key=lambda m: m.share):
        best.setdefault(miss.relaxation.kind, miss)
    return tuple(sorted(best.values(), key=lambda m: m.share))


def _near(index: OfferIndex, query: Query, table: Options, walks: Metres, taken: People) -> Iterator[NearMiss]:
    """Yield what would make options of the shift itself fit."""
    limit = index.rules.walk_limit_m(query.need)
    on_foot = walks[table.stop]
    furthest = on_foot.max(axis=1, initial=0)
    near = furthest <= max(limit, WALK_FACTOR * index.rules.max_walk_m)
    rows = np.flatnonzero(near & running(table, query.days))
    if not len(rows):
        return
    over_walk = np.maximum(furthest[rows] - limit, 0)
    shares = over_walk / max(1, limit) + table.over_ride_s[rows] / max(1, index.rules.max_ride_s)
    shares = shares + table.over_detour_s[rows] / max(1, index.rules.max_detour_free_s)
    effort = efforts(index, table, on_foot, rows)
    for place in np.lexsort((effort, shares)).tolist()[:TRIED]:
        row = int(rows[place])
        halts = table.halts[row]
        needs = _needs(index, query, halts, int(over_walk[place]), taken)
        if 0 < len(needs) <= MOST_NEEDS:
            offer = build_offer(index, query, halts, on_foot[row], float(effort[place]), taken)
            yield _miss(needs, offer)


def _needs(index: OfferIndex, query: Query, halts: Sequence[Halt], over_walk: int, taken: People) -> Needs:
    rules = index.rules
    over_ride, over_detour = max(h.over_ride_s for h in halts), max(h.over_detour_s for h in halts)
    lacking = seats_lacking(index, halts, taken, query.count)
    seats = min(index.trips[halt.trip].seats for halt in halts)
    all_needs = (
        ("walk", over_walk, over_walk / max(1, rules.walk_limit_m(query.need))),
        ("ride", over_ride, over_ride / max(1, rules.max_ride_s)),
        ("detour", over_detour, over_detour / max(1, rules.max_detour_free_s)),
        ("seats", lacking, lacking / max(1, seats)),
    )
    return sorted((need for need in all_needs if need[1] > 0), key=lambda need: -need[2])


def _miss(needs: Needs, offer: Offer) -> NearMiss:
    leg = offer.legs[0]
    kind, amount, _ = needs[0]
    also = next((_besides(*need[:2]) for need in needs[1:]), None)
    text = f"{_sentence(kind, amount, offer)}" + ("" if also is None else f" {also.text}")
    relaxation = Relaxation(
        kind=kind,
        amount=amount,
        unit=UNITS[kind],
        text=text,
        trip_id=leg.trip_id,
        board_stop_id=leg.stop_id,
        also=also,
    )
    return NearMiss(relaxation=relaxation, share=sum(share for *_, share in needs), offer=offer)


def _besides(kind: str, amount: int) -> Relaxation:
    return Relaxation(kind=kind, amount=amount, unit=UNITS[kind], text=f"{kind}: {amount} {UNITS[kind]} besides.")


def _sentence(kind: str, amount: int, offer: Offer) -> str:
    where = f"line {offer.line_name} at {offer.place_name}"
    match kind:
        case "walk":
            return f"With a walk {amount} m longer than promised, {where} would fit."
        case "seats":
            return f"With {amount} more {'seat' if amount == 1 else 'seats'}, {where} would fit."
        case "ride":
            return f"With a ride {_minutes(amount)} min longer than promised, {where} would fit."
        case _:
            return f"With a detour {_minutes(amount)} min longer than promised, {where} would fit."


def _minutes(seconds: int) -> int:
    return -(-seconds // MINUTE_S)


def _other_shifts(index: OfferIndex, query: Query, walks: Metres, taken: People) -> Iterator[NearMiss]:
    """Yield the nearest other shift of the worksite for which there is a seat."""
    own = index.shifts[query.shift_id]
    limit = index.rules.walk_limit_m(query.need)
    for (worksite_id, shift_id), tables in index.options.items():
        if worksite_id != query.worksite_id or shift_id == query.shift_id:
            continue
        other = index.shifts[shift_id]
        if other.directions != own.directions:
            continue
        apart = max(abs((other.anchor(way) or 0) - (own.anchor(way) or 0)) for way in own.directions)
        offers = [_first(index, replace(query, shift_id=shift_id), t, walks, limit, taken) for t in tables]
        offer = offers[0] if offers else None
        if offer is None or None in offers:
            continue
        where = f"line {offer.line_name} at {offer.place_name}"
        relaxation = Relaxation(
            kind="shift",
            amount=apart,
            unit=UNITS["shift"],
            text=f"In shift {shift_id}, {_minutes(apart)} min apart, {where} fits.",
            trip_id=offer.legs[0].trip_id,
            board_stop_id=offer.legs[0].stop_id,
        )
        yield NearMiss(relaxation=relaxation, share=apart / HOUR_S, offer=offer, shift_id=shift_id)


def _first(index: OfferIndex, query: Query, table: Options, walks: Metres, limit: int, taken: People) -> Offer | None:
    """Return the best offer of a table, or None where nothing fits."""
    on_foot = walks[table.stop]
    rows = np.flatnonzero((on_foot <= limit).all(axis=1) & table.kept & running(table, query.days))
    effort = efforts(index, table, on_foot, rows)
    for place in np.argsort(effort, kind="stable").tolist():
        row = int(rows[place])
        if seats_left(index, table.halts[row], taken) >= query.count:
            return build_offer(index, query, table.halts[row], on_foot[row], float(effort[place]), taken)
    return None


def _neighbours(index: OfferIndex, query: Query, walks: Metres) -> Iterator[NearMiss]:
    """Yield how many more people a line of their own would need, beside those who wait within the same walk."""
    waiting = index.waiting.get((query.worksite_id, query.shift_id))
    most, stop_id, where = 0, None, ""
    if waiting is not None and len(waiting):
        near = np.where(walks <= index.rules.walk_limit_m(query.need), waiting, 0)
        stop = int(near.argmax())
        if near[stop] > 0:
            most, stop_id = int(near[stop]), index.stops[stop].stop_id
            where = f" at {index.stops[stop].name}, where {most} wait already"
    amount = max(0, index.rules.min_load - query.count - most)
    others = "one more rider" if amount == 1 else f"{amount} more riders"
    text = f"A line of their own needs {others} of the same worksite and shift{where}."
    if not amount:
        text = f"There are enough riders for a line of their own{where}: the next plan may open one."
    relaxation = Relaxation(
        kind="neighbours", amount=amount, unit=UNITS["neighbours"], text=text, board_stop_id=stop_id
    )
    yield NearMiss(relaxation=relaxation, share=max(1, amount) / max(1, index.rules.min_load))
