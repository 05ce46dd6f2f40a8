"""Turns the tables of a scenario into riders, worksites, shifts, depots, fleet and stops."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from routing.formats.cells import Columns, RowReader, check_columns
from routing.formats.codes import Code
from routing.formats.faults import FaultList
from routing.formats.sheets import Table
from routing.model.demand import Need, Rider, Shift
from routing.model.fleet import FleetItem, VehicleType
from routing.model.places import Depot, Location, StopStatus, Worksite
from routing.model.units import yuan_to_fen

TABLES = {
    "riders": Columns(
        required=("rider_id", "home_lon", "home_lat", "worksite_id", "shift_id"), optional=("days", "count", "need")
    ),
    "worksites": Columns(required=("worksite_id", "name", "lon", "lat")),
    "shifts": Columns(
        required=("shift_id", "start", "end"),
        optional=("arrive_early_min", "arrive_buffer_min", "leave_buffer_min", "leave_late_min"),
    ),
    "fleet": Columns(
        required=(
            "vehicle_type_id",
            "seats",
            "count",
            "fixed_cost_yuan_per_day",
            "cost_yuan_per_km",
            "cost_yuan_per_hour",
            "depot_id",
        )
    ),
    "depots": Columns(required=("depot_id", "name", "lon", "lat")),
    "stops": Columns(required=("stop_id", "name", "lon", "lat"), optional=("status",)),
}
"""Every table of a scenario folder and its columns; of these only ``stops`` may be absent."""

_Record = TypeVar("_Record")

OPTIONAL_TABLES = ("stops",)

_SHIFT_ACTION = "Write a start, an end or both, as HH:MM; an empty one means no trip in that direction."


@dataclass(frozen=True, slots=True, kw_only=True)
class StopRow:
    """A stop that the planner lists in stops.csv, before it is snapped to a kerb."""

    stop_id: str
    name: str
    location: Location
    status: StopStatus = StopStatus.ALLOWED


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What the tables hold.

    Attributes
    ----------
    lines : mapping
        Row number of each record by (table, id), for faults that come to light later.
    files : mapping
        File of each table.
    """

    riders: tuple[Rider, ...]
    worksites: tuple[Worksite, ...]
    shifts: tuple[Shift, ...]
    depots: tuple[Depot, ...]
    vehicle_types: tuple[VehicleType, ...]
    fleet: tuple[FleetItem, ...]
    stops: tuple[StopRow, ...]
    lines: dict[tuple[str, str], int]
    files: dict[str, str]

    def place_of(self, table: str, record_id: str) -> tuple[str, int | None]:
        """Return the file and row of a record."""
        return self.files.get(table, f"{table}.csv"), self.lines.get((table, record_id))


def read_content(tables: dict[str, Table | None], faults: FaultList) -> Content:
    """Convert every table, noting each fault; records with faults are left out."""
    return _ContentReader(tables, faults).read()


class _ContentReader:
    """Reads the tables in the order of their references, so that unknown ids can be told."""

    def __init__(self, tables: dict[str, Table | None], faults: FaultList) -> None:
        self._tables = tables
        self._faults = faults
        self._lines: dict[tuple[str, str], int] = {}
        self._ids: dict[str, frozenset[str] | None] = {}

    def read(self) -> Content:
        worksites = self._records("worksites", "worksite_id", self._worksite)
        shifts = self._records("shifts", "shift_id", self._shift)
        depots = self._records("depots", "depot_id", self._depot)
        fleet = self._fleet()
        stops = self._records("stops", "stop_id", self._stop)
        riders = self._records("riders", "rider_id", self._rider)
        self._check_stop_ids()
        return Content(
            riders=tuple(riders),
            worksites=tuple(worksites),
            shifts=tuple(shifts),
            depots=tuple(depots),
            vehicle_types=tuple(dict.fromkeys(kind for kind, _ in fleet)),
            fleet=tuple(item for _, item in fleet),
            stops=tuple(stops),
            lines=self._lines,
            files={name: table.file for name, table in self._tables.items() if table is not None},
        )

    def _rows(self, name: str) -> Iterator[RowReader]:
        """Yield a reader per row; report a table that is missing, lacks columns or is empty."""
        if name not in self._tables:
            if name not in OPTIONAL_TABLES:
                cause = f"the scenario has neither {name}.csv nor a workbook with a sheet {name}"
                columns = ", ".join(TABLES[name].required)
                action = f"Add the table, with the columns {columns}."
                self._faults.add(Code.MISSING_FILE, cause, action, file=f"{name}.csv")
            return
        table = self._tables[name]
        if table is None or not check_columns(table, TABLES[name], self._faults):
            return
        if not table.rows and name not in OPTIONAL_TABLES:
            cause = "the table has a header but no rows"
            self._faults.add(Code.EMPTY_TABLE, cause, "Add at least one row.", file=table.file)
        for row in table.rows:
            yield RowReader(table, row, self._faults)

    def _records(self, name: str, key: str, convert: Callable[[RowReader, str], _Record | None]) -> list[_Record]:
        """Convert the rows of a table; remember every id, also those of rows with faults."""
        found: list[_Record] = []
        for row in self._rows(name):
            record_id = row.text(key)
            if record_id is not None and self._claim(row, name, key, record_id):
                record = convert(row, record_id)
                if record is not None:
                    found.append(record)
            elif record_id is not None:
                convert(row, record_id)  # for its other faults
        self._remember_ids(name)
        return found

    def _claim(self, row: RowReader, name: str, key: str, record_id: str) -> bool:
        first = self._lines.setdefault((name, record_id), row.row_number)
        if first == row.row_number:
            return True
        cause = f"the id was used before, in row {first}"
        row.fault(Code.DUPLICATE_ID, cause, "Give every row an id of its own.", key)
        return False

    def _remember_ids(self, name: str) -> None:
        table = self._tables.get(name)
        readable = table is not None and all(column in table.columns for column in TABLES[name].required)
        known = frozenset(record_id for table_name, record_id in self._lines if table_name == name)
        self._ids[name] = known if readable else None

    def _check_stop_ids(self) -> None:
        """Worksites are stops too: no listed stop may bear a worksite's id."""
        for (name, stop_id), row in list(self._lines.items()):
            if name == "stops" and ("worksites", stop_id) in self._lines:
                table = self._tables["stops"]
                self._faults.add(
                    Code.DUPLICATE_ID,
                    "a worksite has this id, and worksites are stops too",
                    "Give the stop another id.",
                    file=table.file if table else "stops.csv",
                    row=row,
                    column="stop_id",
                    value=stop_id,
                )

    def _rider(self, row: RowReader, rider_id: str) -> Rider | None:
        home = row.location("home_lon", "home_lat")
        worksite_id = row.reference("worksite_id", "worksite", self._ids["worksites"])
        shift_id = row.reference("shift_id", "shift", self._ids["shifts"])
        days = row.days("days")
        count = row.whole("count", least=1, default=1)
        need = row.choice("need", Need, Need.NONE)
        if home is None or worksite_id is None or shift_id is None or days is None or count is None or need is None:
            return None
        return Rider(
            rider_id=rider_id,
            home=home,
            worksite_id=worksite_id,
            shift_id=shift_id,
            days=days,
            count=count,
            need=need,
        )

    def _worksite(self, row: RowReader, worksite_id: str) -> Worksite | None:
        name, location = row.text("name"), row.location("lon", "lat")
        if name is None or location is None:
            return None
        return Worksite(worksite_id=worksite_id, name=name, location=location)

    def _depot(self, row: RowReader, depot_id: str) -> Depot | None:
        name, location = row.text("name"), row.location("lon", "lat")
        return None if name is None or location is None else Depot(depot_id=depot_id, name=name, location=location)

    def _stop(self, row: RowReader, stop_id: str) -> StopRow | None:
        name, location = row.text("name"), row.location("lon", "lat")
        status = row.choice("status", StopStatus, StopStatus.ALLOWED)
        if name is None or location is None or status is None:
            return None
        return StopRow(stop_id=stop_id, name=name, location=location, status=status)

    def _shift(self, row: RowReader, shift_id: str) -> Shift | None:
        bounds = {column: row.clock(column) if row.raw(column) else None for column in ("start", "end")}
        start, end = bounds["start"], bounds["end"]
        if not row.raw("start") and not row.raw("end"):
            row.fault(Code.SHIFT_WITHOUT_WINDOW, "the shift has neither a start nor an end", _SHIFT_ACTION, "start")
            return None
        if start is not None and end is not None and end <= start:
            cause = "the shift ends before it starts"
            action = "Write an end on the next day past 24:00, such as 32:00 for eight in the morning."
            row.fault(Code.SHIFT_ENDS_BEFORE_START, cause, action, "end")
            return None
        if start is None and end is None:
            return None
        return Shift(
            shift_id=shift_id,
            start=start,
            end=end,
            arrive_early_s=row.minutes("arrive_early_min"),
            arrive_buffer_s=row.minutes("arrive_buffer_min"),
            leave_buffer_s=row.minutes("leave_buffer_min"),
            leave_late_s=row.minutes("leave_late_min"),
        )

    def _fleet(self) -> list[tuple[VehicleType, FleetItem]]:
        """Read vehicle types and where they stand: one row per type and depot."""
        found: list[tuple[VehicleType, FleetItem]] = []
        first: dict[str, tuple[int, VehicleType]] = {}
        for row in self._rows("fleet"):
            pair = self._fleet_row(row)
            if pair is None:
                continue
            kind, item = pair
            if self._claim(row, "fleet", "vehicle_type_id", f"{kind.vehicle_type_id} at {item.depot_id}"):
                found.append(pair)
            number, known = first.setdefault(kind.vehicle_type_id, (row.row_number, kind))
            if known != kind:
                cause = f"the type has other seats or costs in row {number}"
                action = "Give a type the same seats and costs in every depot, or name it differently."
                row.fault(Code.CONFLICTING_VEHICLE_TYPE, cause, action, "vehicle_type_id")
        return found

    def _fleet_row(self, row: RowReader) -> tuple[VehicleType, FleetItem] | None:
        type_id = row.text("vehicle_type_id")
        seats, available = row.whole("seats", least=1), row.whole("count", least=0)
        fixed = row.number("fixed_cost_yuan_per_day", least=0)
        per_km, per_hour = row.number("cost_yuan_per_km", least=0), row.number("cost_yuan_per_hour", least=0)
        depot_id = row.reference("depot_id", "depot", self._ids["depots"])
        if type_id is None or seats is None or available is None or depot_id is None:
            return None
        if fixed is None or per_km is None or per_hour is None:
            return None
        kind = VehicleType(
            vehicle_type_id=type_id,
            seats=seats,
            fixed_cost=yuan_to_fen(fixed),
            distance_cost=yuan_to_fen(per_km),
            time_cost=yuan_to_fen(per_hour),
        )
        return kind, FleetItem(vehicle_type_id=type_id, depot_id=depot_id, available=available)
