"""Answers a query from an index: ranked offers, and where there is none what would make one fit."""

import numpy as np

from routing.errors import Fault, InputError
from routing.model.places import Location
from routing.offers.index import Metres, OfferIndex, People
from routing.offers.misses import find_misses
from routing.offers.offering import build_offer, efforts, running, seats_left
from routing.offers.options import Options
from routing.offers.words import Answer, Offer, Query

BEYOND = np.int32(2_000_000_000)
"""Walk [m] to a stop that the rider has not chosen."""


def find_offers(index: OfferIndex, query: Query, *, taken: People | None = None) -> Answer:
    """Find the best stops and trips for one new rider.

    Every offer keeps the promises that the judge checks: walk, ride, detour, window, share of days on time, the same
    line home where the rules ask for it; and it has a seat on every segment and day asked for. The published clock
    times stand: one more rider does not retime a trip.

    Parameters
    ----------
    taken : int64 array (p,), optional
        People aboard as each trip leaves each position, as `OfferIndex.load` is laid out: counts of a booking system
        for the dates asked for. By default the plan's own on the fullest of the weekdays asked for.

    Raises
    ------
    InputError
        ``unknown_id`` for a worksite, shift or stop that the plan does not know, ``missing_value`` without home and
        stop, ``bad_count``, ``bad_days``, ``home_off_roads``; all at once.
    """
    _check(index, query)
    walks = _walks(index, query)
    counts = index.taken(query.days) if taken is None else taken
    offers: list[Offer] = []
    silent: list[Options] = []
    for table in index.options.get((query.worksite_id, query.shift_id), ()):
        found = _rank(index, query, table, walks, counts)
        offers += found
        if not found:
            silent.append(table)
    if offers and not silent:
        return Answer(offers=tuple(offers))
    return Answer(offers=tuple(offers), misses=find_misses(index, query, silent, walks, counts))


def _rank(index: OfferIndex, query: Query, table: Options, walks: Metres, taken: People) -> list[Offer]:
    """Return the best offers of one table that have a seat."""
    limit = index.rules.walk_limit_m(query.need)
    on_foot = walks[table.stop]
    fits = np.flatnonzero((on_foot <= limit).all(axis=1) & table.kept & running(table, query.days))
    effort = efforts(index, table, on_foot, fits)
    offers: list[Offer] = []
    for place in np.argsort(effort, kind="stable").tolist():
        option = int(fits[place])
        if seats_left(index, table.halts[option], taken) >= query.count:
            offers.append(build_offer(index, query, table.halts[option], on_foot[option], float(effort[place]), taken))
            if len(offers) == query.most:
                break
    return offers


def _walks(index: OfferIndex, query: Query) -> Metres:
    if query.stop_id is not None:
        place = next(stop.place_id for stop in index.stops if stop.stop_id == query.stop_id)
        chosen = [stop.place_id == place for stop in index.stops]
        return np.where(chosen, np.int32(0), BEYOND)
    home: Location = query.home  # type: ignore[assignment]  # checked at the door
    walks = index.walker.walks(home.lon, home.lat)
    if not len(walks) or walks.min() >= BEYOND:
        away = index.walker.off_street_m(home.lon, home.lat)
        if away > index.rules.max_walk_m:
            raise InputError(
                Fault(
                    file="query",
                    column="home",
                    value=f"{home.lon:.6f}, {home.lat:.6f}",
                    code="home_off_roads",
                    cause=f"The home lies {away:.0f} m from any way that people may walk.",
                    action="Correct the coordinates, and check their datum (crs).",
                )
            )
    return walks


def _check(index: OfferIndex, query: Query) -> None:
    """Refuse a query that no plan could answer."""
    faults: list[tuple[str, str, str, str, str | None]] = []
    known = "Use one that the plan's scenario has."
    if query.worksite_id not in index.worksites:
        faults.append(("worksite_id", "unknown_id", "There is no such worksite.", known, query.worksite_id))
    if query.shift_id not in index.shifts:
        faults.append(("shift_id", "unknown_id", "There is no such shift.", known, query.shift_id))
    if query.stop_id is not None and not any(stop.stop_id == query.stop_id for stop in index.stops):
        faults.append(("stop_id", "unknown_id", "The plan has no such stop.", "Use a stop of the plan.", query.stop_id))
    if query.home is None and query.stop_id is None:
        faults.append(("home", "missing_value", "Neither a home nor a stop is given.", "Give one of them.", None))
    if query.count < 1 or query.most < 1:
        faults.append(("count", "bad_count", "At least one person and one offer make sense.", "Give 1 or more.", None))
    if not 0 < query.days < 1 << 7:
        faults.append(("days", "bad_days", "No weekday is chosen.", "Choose at least one.", None))
    if faults:
        raise InputError(
            *(
                Fault(file="query", column=column, code=code, cause=cause, action=action, value=value)
                for column, code, cause, action, value in faults
            )
        )
