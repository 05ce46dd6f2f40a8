"""Writes what a plan is delivered as: document, map, feed, timetable, report."""

import itertools
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from routing.formats.document import Origin, PlanDocument, describe_plan
from routing.formats.folder import MARKER, replace_file, replace_folder
from routing.formats.geojson import lines_geojson
from routing.formats.gtfs import ServiceDates, gtfs_zip
from routing.formats.plan_json import plan_json
from routing.formats.report import Way, report_html
from routing.formats.timetable_csv import timetable_csv
from routing.model.plan import Trip
from routing.model.result import OnProgress, Progress
from routing.planner.prepare import Study
from routing.planner.run import Outcome

Degrees = NDArray[np.float64]
ROAD_RANK = {
    "motorway": 0,
    "trunk": 0,
    "primary": 1,
    "secondary": 2,
    "tertiary": 3,
    "unclassified": 4,
    "residential": 4,
    "living_street": 4,
}
"""How important a road is on a map, by its class; other roads are not drawn."""


def describe(study: Study, outcome: Outcome) -> PlanDocument:
    """Return the plan document of an outcome, with the way of every trip on the map."""
    return describe_plan(
        study.problem,
        outcome.plan,
        outcome.evaluation,
        origin=origin_of(study),
        run=outcome.search,
        geometry=TripWays(study=study),
        extra={} if outcome.bound is None else {"lower_bound_method": outcome.bound.method},
    )


def origin_of(study: Study) -> Origin:
    """Return what readers of a plan must be told about where it comes from."""
    scenario = study.scenario
    return Origin(scenario=scenario.name, timezone=scenario.timezone, synthetic=scenario.synthetic)


def deliver(
    study: Study,
    outcome: Outcome,
    out: Path,
    *,
    on_progress: OnProgress | None = None,
    more: Callable[[Path, PlanDocument], None] | None = None,
) -> PlanDocument:
    """Write the output folder; it is replaced as a whole, or not at all.

    Parameters
    ----------
    more : callable or None
        Given the folder and the document, writes what belongs there beside the files of a plan.

    Raises
    ------
    InputError
        When the folder exists and is not one of ours, or cannot be written.
    """
    tell: Callable[[Progress], None] = on_progress or (lambda _: None)
    tell(Progress(phase="files", done=0.0))
    document = describe(study, outcome)

    def write(folder: Path) -> None:
        (folder / "plan.json").write_bytes(plan_json(document))
        (folder / "lines.geojson").write_bytes(lines_geojson(document))
        (folder / "timetable.csv").write_bytes(timetable_csv(document))
        (folder / "gtfs.zip").write_bytes(gtfs_zip(document, ServiceDates.half_year()))
        (folder / "report.html").write_bytes(report_html(study.problem, document, outcome.evaluation, backdrop(study)))
        if more is not None:
            more(folder, document)

    replace_folder(out, write)
    tell(Progress(phase="files", done=1.0, text=str(out)))
    return document


@dataclass(kw_only=True)
class Keeper:
    """Keeps the best plan so far on disk while the search runs, so that no death of the process loses it.

    The first plan takes the place of the whole output folder, since the files of an earlier plan would
    belong to another one; later plans replace ``plan.json`` alone. Ways on the map are left out: they
    take longer than all the rest.
    """

    study: Study
    out: Path
    _kept: bool = False

    def keep(self, outcome: Outcome) -> None:
        """Write one plan, at any moment the old one or the new one.

        Raises
        ------
        InputError
            When it cannot be written.
        """
        content = plan_json(
            describe_plan(
                self.study.problem,
                outcome.plan,
                outcome.evaluation,
                origin=origin_of(self.study),
                run=outcome.search,
            )
        )
        if self._kept:
            replace_file(self.out / MARKER, content)
        else:
            replace_folder(self.out, lambda folder: _write(folder / MARKER, content))
        self._kept = True

    def withdraw(self) -> None:
        """Take back what was kept, where the end showed that no plan stands."""
        if self._kept:
            shutil.rmtree(self.out, ignore_errors=True)
        self._kept = False


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def backdrop(study: Study) -> list[Way]:
    """Return the roads to draw behind the lines of a map, the most important classes first."""
    extract = study.ground.extract
    ways = []
    for i, tags in enumerate(extract.way_tags):
        rank = ROAD_RANK.get(tags.get("highway", "").removesuffix("_link"))
        nodes = extract.way_nodes[extract.way_start[i] : extract.way_start[i + 1]]
        nodes = nodes[nodes >= 0]  # where an extract is cut, nodes are missing
        if rank is not None and len(nodes) > 1:
            ways.append(Way(rank=rank, lon=extract.lon[nodes].tolist(), lat=extract.lat[nodes].tolist()))
    return sorted(ways, key=lambda way: way.rank)


@dataclass(frozen=True, slots=True, kw_only=True)
class TripWays:
    """Finds the way that a trip drives, leg by leg on the fastest roads of its period."""

    study: Study

    def __call__(self, trip: Trip) -> tuple[Degrees, Degrees]:
        """Return longitudes and latitudes [degrees] from the first stop to the last."""
        problem = self.study.problem
        period = self.study.road_period(problem.trip_period(trip.direction, trip.shift_ids))
        nodes = [n for n in map(problem.node, trip.stop_ids) if n is not None]
        points = [self.study.points[n] for n in nodes]
        legs = [self.study.ground.network.path(a, b, period) for a, b in itertools.pairwise(points)]
        if not legs:
            return np.array([points[0].lon]), np.array([points[0].lat])
        return np.concatenate([leg.lon for leg in legs]), np.concatenate([leg.lat for leg in legs])
