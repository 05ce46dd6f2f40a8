"""Writes a plan as a GTFS feed that journey planners and validators read.

Reference: https://gtfs.org/documentation/schedule/reference/, revision of 2025.
"""

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from routing.errors import Fault, InputError
from routing.formats.codes import Code
from routing.formats.colours import line_colours
from routing.formats.document import DocumentCall, DocumentStop, DocumentTrip, PlanDocument
from routing.formats.zipped import zip_bytes
from routing.model.demand import DAYS_PER_WEEK, Direction, format_days
from routing.model.units import format_clock

Row = Sequence[object]

FEED_LASTS = dt.timedelta(days=182)

_AGENCY_ID = "banche"
_BUS = 3
_NOT_AVAILABLE, _REGULAR = 1, 0
_STATION = 1
_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceDates:
    """The dates of a feed.

    Attributes
    ----------
    first, last : date
        The feed is valid from the first to the last, both included.
    closed : frozenset of date
        Holidays: nothing runs.
    adjusted : mapping
        Adjusted workdays (调休上班日): date → weekday whose trips run on it, Monday being 0.
    """

    first: dt.date
    last: dt.date
    closed: frozenset[dt.date] = frozenset()
    adjusted: Mapping[dt.date, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"the feed ends on {self.last}, before it begins on {self.first}")
        if any(not 0 <= day < DAYS_PER_WEEK for day in self.adjusted.values()):
            raise ValueError("a weekday is counted from 0, Monday, to 6")

    @classmethod
    def half_year(cls, first: dt.date | None = None) -> "ServiceDates":
        """Return half a year from a day on, by default from today."""
        first = first or dt.datetime.now(tz=dt.UTC).date()
        return cls(first=first, last=first + FEED_LASTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """Who runs the service and publishes the feed; by default, named after the scenario."""

    name: str = ""
    url: str = "https://example.org"
    language: str = "zh"


def gtfs_zip(document: PlanDocument, dates: ServiceDates, publisher: Publisher | None = None) -> bytes:
    """Return a GTFS feed as a ZIP archive, the same bytes for the same arguments.

    Lines become routes; places with stops become parent stations; every pattern of weekdays becomes
    a service; blocks are kept. Ways are written as shapes where the document has them.

    Raises
    ------
    InputError
        When a clock time is missing or lies before the service day, or a stop has no position.
    """
    _check(document)
    publisher = publisher or Publisher()
    name = publisher.name or f"{document.origin.scenario} Commuter Shuttles"
    agency = (_AGENCY_ID, name, publisher.url, document.origin.timezone, publisher.language)
    start, end = _date(dates.first), _date(dates.last)
    version = document.plan_id.removeprefix("plan_")
    info = (name, publisher.url, publisher.language, publisher.language, start, end, version, publisher.url)
    files = {
        "agency.txt": _csv("agency_id,agency_name,agency_url,agency_timezone,agency_lang", [agency]),
        "routes.txt": _csv(
            "route_id,agency_id,route_short_name,route_long_name,route_type,route_color,route_text_color",
            _routes(document),
        ),
        "trips.txt": _csv("route_id,service_id,trip_id,trip_headsign,direction_id,block_id,shape_id", _trips(document)),
        "stop_times.txt": _csv(
            "trip_id,arrival_time,departure_time,stop_id,stop_sequence,pickup_type,drop_off_type,timepoint",
            _stop_times(document),
        ),
        "stops.txt": _csv("stop_id,stop_name,stop_lat,stop_lon,location_type,parent_station", _stops(document)),
        "calendar.txt": _csv(f"service_id,{','.join(_WEEK)},start_date,end_date", _calendar(document, start, end)),
        "calendar_dates.txt": _csv("service_id,date,exception_type", _calendar_dates(document, dates)),
        "shapes.txt": _csv("shape_id,shape_pt_lat,shape_pt_lon,shape_pt_sequence", _shapes(document)),
        "feed_info.txt": _csv(
            "feed_publisher_name,feed_publisher_url,feed_lang,default_lang,feed_start_date,feed_end_date,"
            "feed_version,feed_contact_url",
            [info],
        ),
        "attributions.txt": _csv(
            "attribution_id,organization_name,is_producer,attribution_url",
            [("osm", "OpenStreetMap contributors (ODbL 1.0)", 1, "https://www.openstreetmap.org/copyright")],
        ),
    }
    return zip_bytes({name: content for name, content in files.items() if content})


def _csv(header: str, rows: Iterable[Row]) -> bytes:
    """Return a table, or nothing where it has no rows."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(header.split(","))
    count = 0
    for row in rows:
        writer.writerow(row)
        count += 1
    return buffer.getvalue().encode() if count else b""


def _routes(document: PlanDocument) -> Iterator[Row]:
    colours = line_colours(document)
    for line in document.plan.lines:
        if line.trips:
            # Names that repeat one another or are long help nobody on a departure board.
            short = line.line_id if len(line.line_id) <= 12 and line.line_id not in line.name else ""
            colour = colours[line.line_id].removeprefix("#").upper()
            yield line.line_id, _AGENCY_ID, short, line.name, _BUS, colour, "FFFFFF"


def _trips(document: PlanDocument) -> Iterator[Row]:
    blocks = {trip_id: block.block_id for block in document.plan.blocks for trip_id in block.trip_ids}
    names = {stop.stop_id: stop.name for stop in document.stops}
    for line, trip, more in document.rows():
        inbound = int(trip.direction is Direction.INBOUND)
        headsign = names[more.calls[-1].stop_id]
        shape = trip.trip_id if len(more.path) > 1 else ""
        yield (
            line.line_id,
            _service_id(more),
            trip.trip_id,
            headsign,
            inbound,
            blocks.get(trip.trip_id, ""),
            shape,
        )


def _stop_times(document: PlanDocument) -> Iterator[Row]:
    sites = {stop.stop_id for stop in document.stops if stop.worksite}
    for _, trip, more in document.rows():
        inbound = trip.direction is Direction.INBOUND
        for sequence, call in enumerate(more.calls, start=1):
            # Inbound, riders board at stops and alight at worksites; outbound, the other way round.
            boards = (call.stop_id not in sites) == inbound
            pickup, drop_off = (_REGULAR, _NOT_AVAILABLE) if boards else (_NOT_AVAILABLE, _REGULAR)
            arrive, depart = _clocks(call)
            yield (
                trip.trip_id,
                format_clock(arrive),
                format_clock(depart),
                call.stop_id,
                sequence,
                pickup,
                drop_off,
                1,
            )


def _stops(document: PlanDocument) -> Iterator[Row]:
    """Yield used places as stations and used stops below them; a worksite is a stop without a station."""
    used = {call.stop_id for more in document.trips for call in more.calls}
    kerbs = [stop for stop in document.stops if stop.stop_id in used]
    places: dict[str, list[DocumentStop]] = {}
    for stop in kerbs:
        if not stop.worksite:
            places.setdefault(stop.place_id, []).append(stop)
    for place_id, stops in sorted(places.items()):
        lat = sum(s.location.lat for s in stops) / len(stops)
        lon = sum(s.location.lon for s in stops) / len(stops)
        yield _station_id(place_id), stops[0].name, f"{lat:.6f}", f"{lon:.6f}", _STATION, ""
    for stop in kerbs:
        parent = "" if stop.worksite else _station_id(stop.place_id)
        yield stop.stop_id, stop.name, f"{stop.location.lat:.6f}", f"{stop.location.lon:.6f}", 0, parent


def _calendar(document: PlanDocument, start: str, end: str) -> Iterator[Row]:
    for days in _day_patterns(document):
        flags = [days >> day & 1 for day in range(DAYS_PER_WEEK)]
        yield f"days-{format_days(days)}", *flags, start, end


def _calendar_dates(document: PlanDocument, dates: ServiceDates) -> Iterator[Row]:
    added, removed = 1, 2
    special = sorted(set(dates.closed) | set(dates.adjusted))
    for days in _day_patterns(document):
        for date in special:
            if not dates.first <= date <= dates.last:
                continue
            usually = bool(days >> date.weekday() & 1)
            runs = date in dates.adjusted and bool(days >> dates.adjusted[date] & 1)
            if runs != usually:
                yield f"days-{format_days(days)}", _date(date), added if runs else removed


def _shapes(document: PlanDocument) -> Iterator[Row]:
    for more in document.trips:
        if len(more.path) > 1:
            for sequence, (lon, lat) in enumerate(more.path, start=1):
                yield more.trip_id, f"{lat:.5f}", f"{lon:.5f}", sequence


def _day_patterns(document: PlanDocument) -> list[int]:
    return sorted({more.days for more in document.trips}, key=format_days, reverse=True)


def _service_id(more: DocumentTrip) -> str:
    return f"days-{format_days(more.days)}"


def _station_id(place_id: str) -> str:
    # A place may bear the id of one of its stops; in GTFS both are rows of one table.
    return f"place-{place_id}"


def _date(date: dt.date) -> str:
    return date.strftime("%Y%m%d")


def _clocks(call: DocumentCall) -> tuple[int, int]:
    """Return arrival and departure [s]; where only one is declared, it stands for both."""
    arrive = call.arrive if call.arrive is not None else call.depart
    depart = call.depart if call.depart is not None else call.arrive
    assert arrive is not None
    assert depart is not None
    return arrive, depart


def _check(document: PlanDocument) -> None:
    """Refuse what GTFS cannot say."""
    faults = []
    known = {stop.stop_id for stop in document.stops}
    for _, _, more in document.rows():
        for call in more.calls:
            clocks = [clock for clock in (call.arrive, call.depart) if clock is not None]
            if not clocks or min(clocks) < 0:
                cause = "a call without a clock time, or before midnight of the service day, cannot be written as GTFS"
                action = "Declare arrive and depart from 00:00:00 on."
                faults.append(_fault(Code.BAD_CLOCK, cause, action, f"{more.trip_id} at {call.stop_id}"))
            if call.stop_id not in known:
                cause, action = "the document does not say where this stop lies", "Add it to the document's stops."
                faults.append(_fault(Code.UNKNOWN_ID, cause, action, call.stop_id))
    if faults:
        raise InputError(*dict.fromkeys(faults))


def _fault(code: Code, cause: str, action: str, value: str) -> Fault:
    return Fault(file="plan", column="stops", value=value, code=code.value, cause=cause, action=action)
