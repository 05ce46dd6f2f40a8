"""From a request for work to a queued job whose inputs can no longer change, and back to files for the work."""

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from sqlalchemy.engine import Connection

from api.errors import ApiError
from api.jobs.kind import JobParams
from api.jobs.registry import KINDS, read_params
from api.jobs.riders_table import with_riders
from api.sealing import Sealer
from api.store import Store
from api.store.audit import Deed
from api.store.jobs import JobRecord, insert_job
from api.store.plans import find_plan, plan_bytes
from api.store.riders import list_riders
from api.store.scenarios import find_scenario, insert_scenario, scenario_content

NO_MATTER = ("workers",)
"""Parameters on which no result depends."""


def submit(connection: Connection, sealer: Sealer, params: JobParams, deed: Deed) -> JobRecord:
    """Queue a job; names of scenarios become ids, riders of the register a scenario of their own.

    Raises
    ------
    ApiError
        ``not_found``, ``invalid_request``, ``nothing_published``.
    """
    resolve = KINDS[params.kind].resolve
    if resolve is not None:
        params = resolve(connection, params, deed.at)
    resolved = params.model_dump(mode="json")
    plans = [find_plan(connection, str(resolved[member])) for member in params.plan_members]
    digests = [plan.digest for plan in plans]
    if params.needs_scenario:
        name = params.scenario or (plans[0].scenario_id if plans else "")
        scenario = find_scenario(connection, name)
        if params.riders:
            files = scenario_content(connection, sealer, scenario.scenario_id)
            known = list_riders(connection, sealer, scenario.service)
            scenario = insert_scenario(connection, sealer, scenario.service, with_riders(files, known), deed)
        resolved |= {"scenario": scenario.scenario_id, "riders": False}
        digests.append(scenario.digest)
    matters = {name: value for name, value in resolved.items() if name not in (*NO_MATTER, "scenario")}
    matters = {name: value for name, value in matters.items() if name not in params.plan_members}
    text = json.dumps([matters, digests], sort_keys=True)
    return insert_job(
        connection, kind=params.kind, params=resolved, input_digest=sha256(text.encode()).hexdigest(), deed=deed
    )


def fetch_inputs(store: Store, sealer: Sealer, job: JobRecord, folder: Path) -> None:
    """Write the files that a job's work reads into a folder that nobody else may look into."""
    params = read_params(job.params)
    with store.read() as connection:
        if params.needs_scenario and params.scenario is not None:
            write_files(folder / "scenario", scenario_content(connection, sealer, params.scenario))
        for member in params.plan_members:
            content = plan_bytes(connection, str(job.params[member]))
            (folder / f"{member}.json").write_bytes(content)
        fetch = KINDS[params.kind].fetch
        if fetch is not None:
            fetch(connection, params, folder)


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files into a new folder.

    Raises
    ------
    ApiError
        ``invalid_request``, where a name would lead elsewhere.
    """
    folder.mkdir()
    for name, content in files.items():
        if Path(name).name != name:
            raise ApiError("invalid_request", f"{name} is no plain file name.", "Put files side by side.")
        (folder / name).write_bytes(content)
