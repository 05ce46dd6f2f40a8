"""The demonstration: the embedded scenario in the store, and a plan of it in force."""

import datetime as dt
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Connection

from api.desk import Desk
from api.jobs.planning import PlanParams
from api.jobs.submit import submit
from api.jobs.worker import Worker
from api.store.audit import Deed
from api.store.jobs import find_job
from api.store.plans import approve_plan, find_plan, list_publications, publish_plan
from api.store.scenarios import insert_scenario
from routing.embedded import EMBEDDED_SCENARIO, embedded_scenario
from routing.errors import RoutingError

SEARCH_S = 20.0
ACTOR = "demo"
LEFT_OUT = {".md", ".py"}
ZONE = ZoneInfo("Asia/Shanghai")


def ensure_demo(desk: Desk) -> None:
    """Publish a plan of the embedded scenario unless one is published already.

    Raises
    ------
    RoutingError
        When the embedded scenario cannot be planned.
    """
    with desk.store.read() as connection:
        if list_publications(connection, EMBEDDED_SCENARIO):
            return
    folder = embedded_scenario()
    files = {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file() and p.suffix not in LEFT_OUT}

    def ask(connection: Connection) -> str:
        deed = Deed(actor=ACTOR, at=desk.clock())
        scenario = insert_scenario(connection, desk.sealer, EMBEDDED_SCENARIO, files, deed)
        params = PlanParams(scenario=scenario.scenario_id, time_limit_s=SEARCH_S)
        return submit(connection, desk.sealer, params, deed).job_id

    job_id = desk.store.transact(ask)
    desk.log.info("planning the demonstration", seconds=SEARCH_S)
    worker = Worker(desk=desk)
    while worker.work_once():
        pass

    def publish(connection: Connection) -> None:
        deed = Deed(actor=ACTOR, at=desk.clock())
        job = find_job(connection, job_id)
        if job.result is None or "plan_id" not in job.result:
            error = job.error or {}
            raise RoutingError(str(error.get("code", "internal")), str(error.get("detail", "No plan.")), "")
        plan = find_plan(connection, str(job.result["plan_id"]), lock=True)
        plan = approve_plan(connection, plan, deed, two_persons=False)
        publish_plan(connection, plan, dt.datetime.now(tz=ZONE).date(), deed)

    desk.store.transact(publish)
