"""Reads when lines open and close: policy.toml, and the counts of booked and boarded people by day."""

import csv
import datetime as dt
import io
import tomllib
from collections import defaultdict
from pathlib import Path

from routing.errors import Fault, InputError
from routing.formats.codes import Code
from routing.formats.faults import FaultList, nearest
from routing.formats.text import parse_toml, read_text
from routing.lifecycle import DayCount, LineState, Policy, Rules, Threshold

CHANGES = ("presale", "open", "watch", "recover", "suspend", "reopen")
KEYS = ("people", "share", "days", "mean")


def read_policy(path: Path) -> Policy:
    """Read a policy.

    Raises
    ------
    InputError
        With every fault of the file.
    """
    faults = FaultList()
    text = read_text(path, faults)
    faults.raise_if_any()
    try:
        content = parse_toml(text or "")
    except tomllib.TOMLDecodeError as error:
        raise _refusal(path, Code.UNREADABLE_TOML, f"The file is not valid TOML: {error}.") from error
    for key in content:
        if key not in (*CHANGES, "name"):
            raise _refusal(path, Code.UNKNOWN_KEY, f"The key {key} is unknown.{nearest(key, CHANGES)}", key)
    rules = {change: _rules(path, change, content.get(change, [])) for change in CHANGES}
    try:
        return Policy(name=str(content.get("name", path.stem)), **rules)
    except ValueError as error:
        raise _refusal(path, Code.OUT_OF_RANGE, f"{error}.") from error


def _rules(path: Path, change: str, tables: object) -> Rules:
    found: list[Threshold] = []
    for table in tables if isinstance(tables, list) else [tables]:
        if not isinstance(table, dict) or any(key not in KEYS for key in table):
            raise _refusal(path, Code.UNKNOWN_KEY, f"[[{change}]] holds {', '.join(KEYS)} and nothing else.", change)
        try:
            found.append(Threshold(**table))
        except (TypeError, ValueError) as error:
            raise _refusal(path, Code.OUT_OF_RANGE, f"{error}.", change) from error
    return tuple(found)


def _refusal(path: Path, code: Code, cause: str, column: str | None = None) -> InputError:
    action = "Correct it; docs/reference/files.md shows a policy."
    return InputError(Fault(file=path.name, column=column, code=code.value, cause=cause, action=action))


def read_counts(path: Path, line_ids: frozenset[str]) -> tuple[dict[str, list[DayCount]], dict[str, LineState]]:
    """Read people by line and day, in the order of the days, and the states that the table tells.

    Columns ``date``, ``line_id``, ``booked``, and if known ``boarded`` and ``state``; of states the latest holds.

    Raises
    ------
    InputError
        With every fault of the table.
    """
    faults = FaultList()
    text = read_text(path, faults)
    faults.raise_if_any()
    try:
        rows = list(csv.DictReader(io.StringIO(text or "")))
    except csv.Error as error:
        raise InputError(_bad_row(path, None, Code.UNREADABLE_CSV, f"The table is not valid CSV: {error}.")) from error
    found: dict[str, dict[dt.date, DayCount]] = defaultdict(dict)
    states: dict[str, tuple[dt.date, LineState]] = {}
    bad: list[Fault] = []
    for number, row in enumerate(rows, start=2):
        try:
            day, line_id, count, state = _row(row)
        except (KeyError, ValueError, TypeError) as error:
            bad.append(_bad_row(path, number, Code.BAD_NUMBER, f"The row cannot be read: {error}."))
            continue
        if line_id not in line_ids:
            bad.append(_bad_row(path, number, Code.UNKNOWN_ID, "The line is not in the plan.", line_id))
            continue
        if day in found[line_id]:
            bad.append(_bad_row(path, number, Code.DUPLICATE_ID, "The line has a row for this day already.", line_id))
            continue
        found[line_id][day] = count
        if state is not None and (line_id not in states or states[line_id][0] <= day):
            states[line_id] = (day, state)
    if bad:
        raise InputError(*bad)
    ordered = {name: [days[day] for day in sorted(days)] for name, days in found.items()}
    return ordered, {name: state for name, (_, state) in states.items()}


def _row(row: dict[str, str]) -> tuple[dt.date, str, DayCount, LineState | None]:
    boarded = (row.get("boarded") or "").strip()
    count = DayCount(booked=int(row["booked"]), boarded=int(boarded) if boarded else None)
    if min(count.booked, count.rode) < 0:
        raise ValueError("people are not negative")
    state = (row.get("state") or "").strip()
    day = dt.date.fromisoformat(row["date"].strip())
    return day, row["line_id"].strip(), count, LineState(state) if state else None


def _bad_row(path: Path, number: int | None, code: Code, cause: str, value: str | None = None) -> Fault:
    action = "Write date, line_id, booked, and if known boarded and state."
    return Fault(file=path.name, row=number, value=value, code=code.value, cause=cause, action=action)
