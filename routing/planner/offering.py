"""Makes a plan document ready to be asked for offers, and lets its days run."""

from dataclasses import dataclass
from pathlib import Path

from routing.formats.plan_reader import read_plan
from routing.formats.scenario_folder import read_scenario
from routing.geo.datum import to_wgs84
from routing.model.places import Location
from routing.model.plan import Plan
from routing.model.result import OnProgress
from routing.offers.index import OfferIndex, index_plan
from routing.planner.check import kept_stops
from routing.planner.prepare import Study, prepare


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A plan on the roads of its scenario.

    Attributes
    ----------
    crs : str
        Datum that the scenario declares; the study itself is in WGS-84.
    """

    crs: str
    study: Study
    plan: Plan
    plan_id: str

    def index(self) -> OfferIndex:
        """Return the plan ready to be asked; raises as `routing.offers.index_plan` does."""
        return index_plan(self.study.problem, self.plan, self.study.ground.walk.catchments, plan_id=self.plan_id)

    def locate(self, lon: float, lat: float) -> Location:
        """Return a point given in the datum that the scenario declares."""
        x, y = to_wgs84([lon], [lat], self.crs)
        return Location(lon=float(x[0]), lat=float(y[0]))


def open_service(folder: Path, plan_file: Path, *, on_progress: OnProgress | None = None) -> Service:
    """Read a scenario and a plan of it.

    Raises
    ------
    InputError
        When either cannot be read.
    """
    document = read_plan(plan_file)
    crs = read_scenario(folder).crs
    study = prepare(folder, keep=kept_stops(document), on_progress=on_progress)
    return Service(crs=crs, study=study, plan=document.plan, plan_id=document.plan_id)
