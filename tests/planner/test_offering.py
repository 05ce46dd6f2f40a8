"""A plan on its roads, asked by riders whom it knows: the walks and seats must be those it was judged by."""

from pathlib import Path

import pytest

from routing.evaluate.promises import home_position
from routing.geo.datum import wgs84_to_bd09
from routing.offers import OfferIndex, Query
from routing.offers.search import find_offers
from routing.planner.deliver import deliver
from routing.planner.offering import Service, open_service
from routing.planner.prepare import Study
from routing.planner.run import Outcome
from routing.schedule import schedule_plan


@pytest.fixture(scope="module")
def service(study: Study, outcome: Outcome, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Service:
    out = tmp_path_factory.mktemp("offering") / "plan"
    deliver(study, outcome, out)
    return open_service(folder, out / "plan.json")


@pytest.fixture(scope="module")
def index(service: Service) -> OfferIndex:
    return service.index()


def test_riders_of_the_plan_find_their_own_seats_and_walks(service: Service, index: OfferIndex) -> None:
    """Asked as strangers with nobody else aboard, everyone is offered the seat that the plan gave them."""
    problem, empty = service.study.problem, index.load[0] * 0
    seen = 0
    for trip in schedule_plan(problem, service.plan).trips:
        for seat in trip.seats:
            rider = problem.riders[seat.rider]
            query = Query(
                home=rider.home, worksite_id=rider.worksite_id, shift_id=rider.shift_id, need=rider.need, most=99
            )
            node = trip.nodes[home_position(trip, seat)]
            legs = [leg for offer in find_offers(index, query, taken=empty).offers for leg in offer.legs]
            mine = [
                leg for leg in legs if (leg.trip_id, leg.stop_id) == (trip.trip.trip_id, problem.stops[node].stop_id)
            ]
            assert [leg.walk_m for leg in mine[:1]] == [problem.walks.walk_m(seat.rider, node)]
            assert mine[0].ride_s == trip.ride_s(seat)
            seen += 1
    assert seen > 40


def test_seats_taken_are_those_of_the_plan(service: Service, index: OfferIndex) -> None:
    for trip in schedule_plan(service.study.problem, service.plan).trips:
        known = index.trip(trip.trip.trip_id)
        assert known is not None
        assert index.load[0, known.first : known.first + len(trip.nodes)].tolist() == trip.load[0].tolist()


def test_points_are_read_in_the_declared_datum(service: Service) -> None:
    at = service.locate(121.52, 38.81)
    assert (at.lon, at.lat) == (121.52, 38.81)
    shifted = Service(crs="bd09", study=service.study, plan=service.plan, plan_id="")
    lon, lat = wgs84_to_bd09([121.52], [38.81])
    moved = shifted.locate(float(lon[0]), float(lat[0]))
    assert (moved.lon, moved.lat) == pytest.approx((121.52, 38.81), abs=1e-7)
