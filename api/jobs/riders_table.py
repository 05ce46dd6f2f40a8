"""The register of riders as the table of a scenario."""

import csv
import io
import tomllib
from collections.abc import Iterable, Mapping

import numpy as np

from api.errors import ApiError, FieldFault
from api.store.riders import RiderRecord
from routing.geo.datum import wgs84_to_bd09, wgs84_to_gcj02

COLUMNS = ("rider_id", "home_lon", "home_lat", "worksite_id", "shift_id", "days", "count", "need")
TABLE = "riders.csv"
DATUMS = {"gcj02": wgs84_to_gcj02, "bd09": wgs84_to_bd09}


def with_riders(files: Mapping[str, bytes], riders: Iterable[RiderRecord]) -> dict[str, bytes]:
    """Return a scenario's files with other riders, whose homes are moved to the datum that it declares.

    Raises
    ------
    ApiError
        ``invalid_request``, when there are no riders, or the scenario keeps them in a workbook.
    """
    known = sorted(riders, key=lambda rider: rider.rider_id)
    if not known:
        raise _refused("no rider is registered", "Send riders with PUT /v1/riders/{id}.")
    if TABLE not in files:
        raise _refused("the scenario keeps its riders in a workbook", "Upload it with a riders.csv.")
    crs = tomllib.loads(files["scenario.toml"].decode("utf-8-sig")).get("scenario", {}).get("crs", "wgs84")
    lon, lat = np.array([r.lon for r in known]), np.array([r.lat for r in known])
    if crs in DATUMS:
        lon, lat = DATUMS[crs](lon, lat)
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    for rider, x, y in zip(known, lon, lat, strict=True):
        row = (rider.rider_id, f"{x:.6f}", f"{y:.6f}", rider.worksite_id, rider.shift_id)
        table.writerow((*row, rider.days, rider.count, rider.need))
    return {**files, TABLE: text.getvalue().encode()}


def _refused(cause: str, action: str) -> ApiError:
    fault = FieldFault(pointer="/riders", code="no_riders", detail=cause)
    return ApiError("invalid_request", "The riders of the register cannot be used.", action, faults=[fault])
