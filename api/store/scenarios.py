"""Scenario folders, kept file by file under the digest of their content; tables of riders are sealed."""

import csv
import io
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from api.errors import not_found
from api.ids import new_id
from api.sealing import Sealer
from api.store.audit import Deed, note
from api.store.schema import blobs, scenario_files, scenarios
from api.store.workbooks import workbook_without_rider

HOMES = re.compile(r"riders\.|.*\.xlsx$", re.IGNORECASE)
"""Files that tell where somebody lives: the table of riders, and any workbook, which may hold it."""
RIDERS = "riders.csv"
WORKBOOK = ".xlsx"
PACKED = re.compile(r".*\.(pbf|bz2|xlsx|zip)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioRecord:
    """A scenario as it was handed in.

    Attributes
    ----------
    service : str
        The scenario's name, the same from version to version.
    digest : str
        Over names and contents of all files.
    """

    scenario_id: str
    service: str
    digest: str
    created_at: int
    created_by: str


def insert_scenario(
    connection: Connection, sealer: Sealer, service: str, files: Mapping[str, bytes], deed: Deed
) -> ScenarioRecord:
    """Keep a scenario and return its record; the same files again are the same scenario."""
    digests = {name: sha256(content).hexdigest() for name, content in sorted(files.items())}
    whole = sha256("\n".join(f"{digest} {name}" for name, digest in digests.items()).encode()).hexdigest()
    known = connection.execute(sa.select(scenarios).where(scenarios.c.digest == whole)).one_or_none()
    if known is not None:
        return ScenarioRecord(**known._mapping)
    record = ScenarioRecord(
        scenario_id=new_id("scn"), service=service, digest=whole, created_at=deed.at, created_by=deed.actor
    )
    connection.execute(sa.insert(scenarios).values({name: getattr(record, name) for name in record.__slots__}))
    for name, content in files.items():
        _keep_blob(connection, sealer, digests[name], name, content)
        row = {"scenario_id": record.scenario_id, "name": name, "digest": digests[name]}
        connection.execute(sa.insert(scenario_files).values(row))
    note(connection, deed, "scenario.create", record.scenario_id, service=service)
    return record


def _keep_blob(connection: Connection, sealer: Sealer, digest: str, name: str, content: bytes) -> None:
    if connection.execute(sa.select(blobs.c.digest).where(blobs.c.digest == digest)).one_or_none() is not None:
        return
    kept = content if PACKED.match(name) else zlib.compress(content)
    seals = HOMES.match(name) is not None
    connection.execute(
        sa.insert(blobs).values(
            digest=digest,
            size=len(content),
            sealed=seals,
            content=sealer.seal(kept, f"blob/{digest}") if seals else kept,
        )
    )


def find_scenario(connection: Connection, name: str) -> ScenarioRecord:
    """Return a scenario by its id, or the newest one of a service by the service's name.

    Raises
    ------
    ApiError
        ``not_found``.
    """
    query = (
        sa.select(scenarios)
        .where(sa.or_(scenarios.c.scenario_id == name, scenarios.c.service == name))
        .order_by(scenarios.c.scenario_id.desc())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        raise not_found("scenario", name)
    return ScenarioRecord(**row._mapping)


def scenario_content(connection: Connection, sealer: Sealer, scenario_id: str) -> dict[str, bytes]:
    """Return the content of every file by name."""
    query = (
        sa.select(scenario_files.c.name, blobs.c.digest, blobs.c.sealed, blobs.c.content)
        .join(blobs, blobs.c.digest == scenario_files.c.digest)
        .where(scenario_files.c.scenario_id == scenario_id)
        .order_by(scenario_files.c.name)
    )
    found = {}
    for name, digest, sealed, content in connection.execute(query):
        kept = sealer.open(content, f"blob/{digest}") if sealed else content
        found[name] = kept if PACKED.match(name) else zlib.decompress(kept)
    return found


def forget_home(connection: Connection, sealer: Sealer, service: str, rider_id: str) -> int:
    """Take a rider out of the tables of every scenario of a service, and return out of how many.

    The scenario keeps its id and digest, and can be planned again without the rider.
    """
    c = scenario_files.c
    query = (
        sa.select(c.scenario_id, c.name, c.digest)
        .join(scenarios, scenarios.c.scenario_id == c.scenario_id)
        .where(scenarios.c.service == service, sa.or_(c.name == RIDERS, sa.func.lower(c.name).like(f"%{WORKBOOK}")))
        .order_by(c.scenario_id, c.name)
    )
    changed: set[str] = set()
    for scenario_id, name, digest in connection.execute(query).all():
        before = scenario_content(connection, sealer, scenario_id)[name]
        strike = without_rider if name == RIDERS else workbook_without_rider
        after = strike(before, rider_id)
        if after == before:
            continue
        changed.add(scenario_id)
        fresh = sha256(after).hexdigest()
        _keep_blob(connection, sealer, fresh, name, after)
        mine = (c.scenario_id == scenario_id) & (c.name == name)
        connection.execute(sa.update(scenario_files).where(mine).values(digest=fresh))
        used = sa.select(c.digest).where(c.digest == digest)
        connection.execute(sa.delete(blobs).where(blobs.c.digest == digest, ~used.exists()))
    return len(changed)


def without_rider(table: bytes, rider_id: str) -> bytes:
    """Return a table of riders without the rows of one, every other byte being as it was."""
    # Bytes that are no UTF-8 pass through: nobody plans with such a table, but somebody's home stands in it.
    text = table.decode("utf-8-sig", "surrogateescape")
    records = _records(io.StringIO(text, newline="").readlines())
    head = [cell.strip() for cell in records[0][1]] if records else []
    if "rider_id" not in head:
        return table
    place = head.index("rider_id")
    kept = [raw for raw, cells in records[1:] if [c.strip() for c in cells[place : place + 1]] != [rider_id]]
    if len(kept) == len(records) - 1:
        return table
    return "".join([records[0][0], *kept]).encode("utf-8", "surrogateescape")


def _records(lines: list[str]) -> list[tuple[str, list[str]]]:
    """Return records as they stand and their cells; a quoted cell may go over several lines."""
    found, begin = [], 0
    reader = csv.reader(lines, strict=True)
    try:
        for cells in reader:
            found.append(("".join(lines[begin : reader.line_num]), cells))
            begin = reader.line_num
    except csv.Error:  # a quotation mark that is not closed would hide every row after it
        return [(line, next(csv.reader([line]), [])) for line in lines]
    return found


def list_scenarios(connection: Connection, *, after: str | None = None, limit: int = 100) -> tuple[ScenarioRecord, ...]:
    """Return scenarios, the newest first; ``after`` is the id of the last one already told."""
    query = sa.select(scenarios).order_by(scenarios.c.scenario_id.desc()).limit(limit)
    if after is not None:
        query = query.where(scenarios.c.scenario_id < after)
    return tuple(ScenarioRecord(**row._mapping) for row in connection.execute(query))
