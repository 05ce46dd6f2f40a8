"""Commands on a running service: offers, simulate."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from routing.cli.console import ProgressLine, leaving, print_json, print_text
from routing.cli.planning import JsonOption, PlanArgument, ScenarioArgument, SeedOption
from routing.model.demand import Direction, Need, parse_days
from routing.model.places import Location
from routing.model.units import format_clock
from routing.offers import Answer, NearMiss, Offer, Query
from routing.offers.document import describe_answer
from routing.offers.search import find_offers
from routing.offers.words import MOST_OFFERS
from routing.planner.offering import open_service
from routing.simulate import DEFAULT_DAYS, DEFAULT_NO_SHOW, simulate
from routing.simulate.words import Simulation

WORST_TRIPS = 5


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(
        epilog="Example: banche offers data/dalian out/demo/plan.json --home 121.52,38.87 --worksite haihui --shift day"
    )(leaving(offers))
    app.command("simulate", epilog="Example: banche simulate data/dalian out/demo/plan.json --days 250")(
        leaving(simulate_days)
    )


def offers(  # noqa: PLR0913, PLR0917 - one parameter an option
    scenario: ScenarioArgument,
    plan_file: PlanArgument,
    worksite: Annotated[str, typer.Option("--worksite", metavar="W", help="Where the rider works.")],
    shift: Annotated[str, typer.Option("--shift", metavar="S", help="The rider's shift.")],
    home: Annotated[
        str | None, typer.Option("--home", metavar="LON,LAT", help="Degrees, in the datum of the scenario.")
    ] = None,
    stop: Annotated[str | None, typer.Option("--stop", metavar="ID", help="A stop of the plan instead.")] = None,
    days: Annotated[str, typer.Option("--days", metavar="DAYS", help="Seven digits, Monday first.")] = "1111100",
    count: Annotated[int, typer.Option("--count", metavar="N", min=1, help="People who travel together.")] = 1,
    short_walk: Annotated[bool, typer.Option("--short-walk", help="The rider needs a short walk.")] = False,
    most: Annotated[int, typer.Option("--most", metavar="N", min=1, help="Offers at most.")] = MOST_OFFERS,
    as_json: JsonOption = False,
) -> int:
    """Find the best stop and trip of a plan for one new rider; nothing is planned anew."""
    point, mask = _point(home), _mask(days)
    with ProgressLine(quiet=as_json) as show:
        service = open_service(scenario, plan_file, on_progress=show)
        index = service.index()
    query = Query(
        home=None if point is None else service.locate(*point),
        stop_id=stop,
        worksite_id=worksite,
        shift_id=shift,
        days=mask,
        count=count,
        need=Need.SHORT_WALK if short_walk else Need.NONE,
        most=most,
    )
    answer = find_offers(index, query)
    if as_json:
        print_json({"plan_id": service.plan_id} | describe_answer(answer))
    else:
        _print_answer(answer)
    return 0


def simulate_days(
    scenario: ScenarioArgument,
    plan_file: PlanArgument,
    days: Annotated[int, typer.Option("--days", metavar="N", min=1, max=100_000, help="Service days.")] = DEFAULT_DAYS,
    no_show: Annotated[
        float, typer.Option("--no-show", metavar="P", min=0, max=1, help="Probability that a rider stays away.")
    ] = DEFAULT_NO_SHOW,
    seed: SeedOption = 1,
    as_json: JsonOption = False,
) -> int:
    """Let a plan run for many days with random running times and no-shows: how on time, how full."""
    with ProgressLine(quiet=as_json) as show:
        service = open_service(scenario, plan_file, on_progress=show)
    found = simulate(service.study.problem, service.plan, days=days, seed=seed, no_show=no_show)
    if as_json:
        print_json({"plan_id": service.plan_id} | asdict(found))
    else:
        _print_simulation(found)
    return 0


def _point(text: str | None) -> tuple[float, float] | None:
    if text is None:
        return None
    try:
        lon, lat = (float(part) for part in text.split(","))
        Location(lon=lon, lat=lat)
    except ValueError as error:
        raise typer.BadParameter("--home is LON,LAT in degrees, such as 121.52,38.87") from error
    return lon, lat


def _mask(days: str) -> int:
    try:
        return parse_days(days)
    except ValueError as error:
        raise typer.BadParameter(f"--days: {error}") from error


def _print_answer(answer: Answer) -> None:
    for number, offer in enumerate(answer.offers, start=1):
        print_text(f"{number}. {_name(offer)} · {offer.seats_left} seats left")
        _print_legs(offer)
    if not answer.offers:
        print_text("no seat fits")
    for miss in answer.misses:
        print_text(f"nearly: {miss.relaxation.text}")
        _print_miss(miss)


def _print_miss(miss: NearMiss) -> None:
    if miss.offer is not None:
        _print_legs(miss.offer)


def _name(offer: Offer) -> str:
    return f"line {offer.line_name}, {offer.place_name}"


def _print_legs(offer: Offer) -> None:
    for leg in offer.legs:
        way = "to work" if leg.direction is Direction.INBOUND else "home"
        walk = "" if leg.walk_m is None else f"walk {leg.walk_m} m, "
        print_text(
            f"   {way:7} {leg.trip_id}: {walk}{format_clock(leg.depart)[:5]} to {format_clock(leg.arrive)[:5]} "
            f"({leg.ride_s // 60} min aboard, on time on {leg.on_time:.0%} of days), {leg.stop_id}"
        )


def _print_simulation(found: Simulation) -> None:
    print_text(
        f"{found.days} days, {found.runs:,} runs: on time {found.on_time:.1%} "
        f"(promised {found.on_time_promised:.1%}), riders on time {found.on_time_riders:.1%}, "
        f"95 % of runs at most {found.delay_p95_s / 60:.0f} min behind the plan"
    )
    print_text(
        f"no-shows {found.no_show:.1%} · {found.load_factor:.0%} full (p10 {found.load_factor_p10:.0%}, "
        f"p90 {found.load_factor_p90:.0%}) · crowded {found.crowded:.1%} · overfull {found.overfull:.1%} · "
        f"below the minimum load {found.below_min_load:.1%} of runs"
    )
    worst: Sequence[str] = [
        f"{trip.trip_id} {trip.on_time:.1%}" for trip in sorted(found.trips, key=lambda t: t.on_time)[:WORST_TRIPS]
    ]
    print_text(f"least on time: {', '.join(worst)}" if worst else "no trip ran")
