"""Hypothesis strategies for plan documents of any size and with any names."""

from hypothesis import strategies as st

from routing.formats.document import (
    DocumentCall,
    DocumentSeat,
    DocumentStop,
    DocumentTrip,
    Origin,
    PlanDocument,
    plan_digest,
)
from routing.formats.polyline import DIGITS
from routing.model.demand import Direction
from routing.model.places import Location
from routing.model.plan import Assignment, Block, Line, Plan, Reason, Relaxation, Trip, Unserved

NAMES = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=12
).filter(lambda name: bool(name.strip()))
SMALL = st.integers(0, 60)
LON = st.integers(12_100_000, 12_200_000).map(lambda n: n / 10**DIGITS)
LAT = st.integers(3_850_000, 3_950_000).map(lambda n: n / 10**DIGITS)
PATHS = st.lists(st.tuples(LON, LAT), min_size=2, max_size=6, unique=True).map(tuple)


@st.composite
def stops(draw: st.DrawFn) -> tuple[DocumentStop, ...]:
    """Draw places with one or two kerbs, and at least one worksite, sorted by id."""
    found = []
    for i in range(draw(st.integers(2, 6))):
        name = draw(NAMES)
        for kerb in ("a", "b")[: draw(st.integers(1, 2))]:
            at = Location(lon=draw(LON), lat=draw(LAT))
            found.append(DocumentStop(stop_id=f"P{i}{kerb}", place_id=f"P{i}", name=name, location=at))
    for i in range(draw(st.integers(1, 3))):
        at = Location(lon=draw(LON), lat=draw(LAT))
        site_id = f"W{i}"
        found.append(DocumentStop(stop_id=site_id, place_id=site_id, name=draw(NAMES), location=at, worksite=True))
    return tuple(sorted(found, key=lambda stop: stop.stop_id))


@st.composite
def calls(draw: st.DrawFn, places: tuple[DocumentStop, ...], direction: Direction) -> tuple[DocumentCall, ...]:
    """Draw the calls of a trip: stops and then worksites, or the other way round, in rising time."""
    kerbs = draw(st.lists(st.sampled_from([s for s in places if not s.worksite]), min_size=1, max_size=5, unique=True))
    sites = draw(st.lists(st.sampled_from([s for s in places if s.worksite]), min_size=1, max_size=2, unique=True))
    order = kerbs + sites if direction is Direction.INBOUND else sites + kerbs
    clock = draw(st.integers(4 * 3_600, 30 * 3_600))
    found = []
    for stop in order:
        arrive, depart = clock, clock + draw(st.integers(0, 90))
        clock = depart + draw(st.integers(600, 1_800))
        found.append(
            DocumentCall(
                stop_id=stop.stop_id,
                arrive=arrive,
                depart=depart,
                arrive_p95=arrive + draw(SMALL),
                board=draw(SMALL),
                alight=draw(SMALL),
                load=draw(SMALL),
            )
        )
    return tuple(found)


@st.composite
def trips(draw: st.DrawFn, places: tuple[DocumentStop, ...], trip_id: str) -> tuple[Trip, DocumentTrip]:
    """Draw a trip, and what a document declares of it."""
    direction = draw(st.sampled_from(Direction))
    found = draw(calls(places, direction))
    departure = found[0].depart
    assert departure is not None
    trip = Trip(
        trip_id=trip_id,
        direction=direction,
        shift_ids=tuple(draw(st.lists(st.sampled_from(["早", "day", "night"]), max_size=2, unique=True))),
        vehicle_type_id=draw(st.sampled_from(["bus19", "bus45", "unknown"])),
        stop_ids=tuple(call.stop_id for call in found),
        departure=departure,
    )
    more = DocumentTrip(
        trip_id=trip_id,
        calls=found,
        riders=draw(SMALL),
        days=draw(st.integers(1, 127)),
        distance_m=draw(st.none() | st.integers(0, 90_000)),
        path=draw(st.just(()) | PATHS),
    )
    return trip, more


def _seats(riders: int, pairs: list[tuple[Trip, DocumentTrip]]) -> tuple[Assignment, ...]:
    found = [
        Assignment(
            rider_id=f"R{i}",
            direction=trip.direction,
            trip_id=trip.trip_id,
            board_stop_id=trip.stop_ids[0],
            alight_stop_id=trip.stop_ids[-1],
        )
        for i in range(riders)
        for trip, _ in pairs[i % len(pairs) : i % len(pairs) + 1]
    ]
    return tuple(sorted(found, key=lambda seat: seat.rider_id))


@st.composite
def unserved(draw: st.DrawFn) -> tuple[Unserved, ...]:
    """Draw riders left out, with and without a remedy."""
    relaxation = st.none() | st.builds(
        Relaxation,
        kind=st.sampled_from(["walk", "ride", "seats"]),
        amount=st.integers(0, 5_000),
        unit=st.sampled_from(["m", "s"]),
        text=st.text(max_size=10),
        trip_id=st.none() | st.just("L0-0"),
        board_stop_id=st.none() | st.just("P0a"),
    )
    return tuple(
        Unserved(rider_id=f"U{i}", direction=way, reason=draw(st.sampled_from(Reason)), relaxation=draw(relaxation))
        for i in range(draw(st.integers(0, 3)))
        for way in Direction
    )


@st.composite
def documents(draw: st.DrawFn) -> PlanDocument:
    """Draw a plan document whose parts fit together."""
    places = draw(stops())
    lines, pairs = [], []
    for i in range(draw(st.integers(0, 3))):
        own = [draw(trips(places, f"L{i}-{j}")) for j in range(draw(st.integers(1, 3)))]
        lines.append(Line(line_id=f"L{i}", name=draw(NAMES), trips=tuple(trip for trip, _ in own)))
        pairs += own
    seats = _seats(draw(st.integers(0, 6)), pairs) if pairs else ()
    # One trip per block: two trips of one block may not overlap, and these were drawn at any time.
    blocks = tuple(
        Block(block_id=f"B{i}", vehicle_type_id=trip.vehicle_type_id, depot_id="D", trip_ids=(trip.trip_id,))
        for i, (trip, _) in enumerate(pairs)
    )
    plan = Plan(lines=tuple(lines), assignments=seats, blocks=blocks, unserved=draw(unserved()))
    metres = st.none() | st.integers(0, 800)
    return PlanDocument(
        plan_id=plan_digest(plan),
        origin=Origin(scenario=draw(NAMES), synthetic=draw(st.booleans())),
        plan=plan,
        stops=places,
        trips=tuple(more for _, more in pairs),
        seats=tuple(DocumentSeat(walk_m=draw(metres), ride_s=draw(metres)) for _ in seats),
        vehicle_seats={"bus19": 19, "bus45": 45},
        summary={"riders": draw(SMALL), "cost_parts": {"ride": draw(SMALL)}, "gap": None},
    )
