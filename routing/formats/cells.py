"""Converts the cells of one row, and notes a fault with row, column and value for each that cannot be."""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from routing.formats.codes import Code
from routing.formats.faults import FaultList, nearest
from routing.formats.sheets import Row, Table
from routing.model.demand import WORKDAYS, parse_days
from routing.model.places import Location
from routing.model.units import LATEST_CLOCK_S, MINUTE_S, minutes_to_s, parse_clock

_Choice = TypeVar("_Choice", bound=StrEnum)
_LARGEST = 10**9  # of any count or amount: far above every sane one, far below overflow
MOST_MINUTES = LATEST_CLOCK_S // MINUTE_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Columns of a table: those that must be there, and those that have defaults."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()


def check_columns(table: Table, columns: Columns, faults: FaultList) -> bool:
    """Report missing columns, and optional ones that are there under a near miss of their name.

    Returns
    -------
    bool
        Whether every required column is there.
    """
    spare = {column.lower(): column for column in table.columns if column and column not in _all(columns)}
    for name in columns.required:
        if name not in table.columns:
            faults.add(
                Code.MISSING_COLUMN,
                f"the table has no column {name}.{nearest(name, tuple(spare))}",
                f"Add the column {name} to the header.",
                file=table.file,
                row=1,
                column=name,
            )
    for name in columns.optional:
        # Extra columns are welcome, but a misspelt one would silently fall back to the default.
        near = _near_miss(name, tuple(spare)) if name not in table.columns else None
        if near is not None:
            faults.add(
                Code.MISSPELT_COLUMN,
                f"the column {spare[near]} is not read, but looks like {name}",
                f"Rename it to {name}, or to something less alike.",
                file=table.file,
                row=1,
                column=spare[near],
            )
    return all(name in table.columns for name in columns.required)


def _all(columns: Columns) -> tuple[str, ...]:
    return columns.required + columns.optional


def _near_miss(name: str, spare: tuple[str, ...]) -> str | None:
    bare = name.strip("s")
    return next((word for word in spare if word.replace("-", "_").replace(" ", "_").strip("s_") == bare), None)


class RowReader:
    """Typed access to one row; every method returns None after noting a fault."""

    def __init__(self, table: Table, row: Row, faults: FaultList) -> None:
        self._file = table.file
        self._row = row
        self._faults = faults

    @property
    def row_number(self) -> int:
        """Row number, the header being 1."""
        return self._row.number

    def fault(self, code: Code, cause: str, action: str, column: str) -> None:
        """Note a fault of one cell of this row."""
        value = self._row.cells.get(column, "")
        self._faults.add(code, cause, action, file=self._file, row=self._row.number, column=column, value=value)

    def raw(self, column: str) -> str:
        """Return the text of a cell; empty where the row or the table ends before it."""
        return self._row.cells.get(column, "")

    def text(self, column: str) -> str | None:
        """Return the text of a cell that must not be empty."""
        found = self.raw(column)
        if not found:
            self.fault(Code.MISSING_VALUE, f"{column} is empty", f"Fill in {column}.", column)
            return None
        return found

    def number(self, column: str, *, least: float | None = None, most: float = _LARGEST) -> float | None:
        """Return a finite number; where ``least`` is given, from that to ``most``."""
        found = self.text(column)
        if found is None:
            return None
        value = parse_number(found)
        if value is None:
            self.fault(
                Code.BAD_NUMBER, f"{column} is not a number", "Write it in digits, with a point for decimals.", column
            )
            return None
        if least is not None and not least <= value <= most:
            self.fault(Code.OUT_OF_RANGE, f"{column} is not between {least:g} and {most}", f"Correct {column}.", column)
            return None
        return value

    def whole(self, column: str, *, least: int, default: int | None = None) -> int | None:
        """Return a whole number of at least ``least``; ``default`` for an empty cell, where one is given."""
        if default is not None and not self.raw(column):
            return default
        found = self.text(column)
        if found is None:
            return None
        value = parse_number(found)
        if value is None or not value.is_integer() or not least <= value <= _LARGEST:
            self.fault(
                Code.BAD_COUNT,
                f"{column} is not a whole number of at least {least}",
                "Write it in digits alone, such as 45.",
                column,
            )
            return None
        return int(value)

    def minutes(self, column: str) -> int | None:
        """Return seconds [s] of a cell in minutes; None for an empty cell too."""
        if not self.raw(column):
            return None
        value = self.number(column, least=0, most=MOST_MINUTES)
        return None if value is None else minutes_to_s(value)

    def clock(self, column: str) -> int | None:
        """Return a clock time [s] of a cell that is not empty."""
        try:
            return parse_clock(self.raw(column))
        except ValueError:
            self.fault(
                Code.BAD_CLOCK,
                f"{column} is no clock time",
                "Write HH:MM, such as 08:30, or 24:15 for a quarter past midnight.",
                column,
            )
            return None

    def days(self, column: str) -> int | None:
        """Return the days of the week as a bit mask; Monday to Friday for an empty cell."""
        if not self.raw(column):
            return WORKDAYS
        try:
            return parse_days(self.raw(column))
        except ValueError:
            self.fault(
                Code.BAD_DAYS,
                f"{column} is not seven digits 0 or 1, Monday first, with at least one 1",
                "Write for instance 1111100; format the column as text, or a spreadsheet drops leading zeros.",
                column,
            )
            return None

    def choice(self, column: str, words: type[_Choice], default: _Choice) -> _Choice | None:
        """Return one of the words of an enumeration; the default for an empty cell."""
        found = self.raw(column)
        if not found:
            return default
        known = tuple(word.value for word in words if word.value)
        if found not in known:
            self.fault(
                Code.BAD_CHOICE,
                f"{column} is unknown.{nearest(found, known)}",
                f"Use one of {', '.join(known)}, or leave it empty.",
                column,
            )
            return None
        return words(found)

    def reference(self, column: str, what: str, known: frozenset[str] | None) -> str | None:
        """Return an id of another table; ``known`` is None where that table could not be read."""
        found = self.text(column)
        if found is None or known is None or found in known:
            return found
        self.fault(
            Code.UNKNOWN_ID,
            f"there is no {what} of this id.{nearest(found, tuple(sorted(known)))}",
            f"Add it to the table of the {what}s, or correct {column}.",
            column,
        )
        return None

    def location(self, lon_column: str, lat_column: str) -> Location | None:
        """Return a point whose coordinates lie on the earth."""
        lon, lat = self.number(lon_column), self.number(lat_column)
        if lon is None or lat is None:
            return None
        if abs(lon) <= 180 and abs(lat) <= 90:
            return Location(lon=lon, lat=lat)
        if abs(lat) <= 180 and abs(lon) <= 90:
            self.fault(
                Code.COORDINATES_SWAPPED,
                f"{lat_column} is beyond 90 degrees; {lon_column} and {lat_column} seem to be exchanged",
                "Exchange the two values.",
                lat_column,
            )
            return None
        column = lat_column if abs(lon) <= 180 else lon_column
        self.fault(
            Code.COORDINATE_OUT_OF_RANGE,
            "there is no such longitude or latitude",
            "Write degrees: longitude from -180 to 180, latitude from -90 to 90.",
            column,
        )
        return None


def parse_number(text: str) -> float | None:
    """Return the finite number that a text is, or None."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in text else None
