"""VROOM: construction and local search in C++, level 5; every vehicle type has its own matrix of arc costs."""

from datetime import timedelta

import numpy as np

from benchmarks.peers.tasks import ARRIVAL, Route, Task

DEEPEST = 5


def solve(task: Task, seconds: float, seed: int) -> list[Route]:  # noqa: ARG001 - VROOM knows no seed
    """Return the routes of a task.

    Raises
    ------
    ModuleNotFoundError
        Where pyvroom is not installed.
    """
    import vroom  # noqa: PLC0415 - optional

    given = vroom.Input()
    for k in range(len(task.seats)):
        given.set_durations_matrix(f"{k}", task.duration)
        given.set_costs_matrix(f"{k}", task.cost[k])
    fleet = [k for k, available in enumerate(task.available) for _ in range(_vehicles(task, k, available))]
    for number, k in enumerate(fleet):
        given.add_vehicle(
            vroom.Vehicle(
                number,
                start=0,
                end=task.end,
                profile=f"{k}",
                capacity=[task.seats[k], task.most_visits],
                time_window=(0, ARRIVAL),
                costs=vroom.VehicleCosts(fixed=task.fixed[k]),
            )
        )
    for v in range(len(task.visits)):
        window = [vroom.TimeWindow(int(task.opens[v]), ARRIVAL)]
        service, amount = int(task.service[v]), [int(task.people[v]), 1]
        if task.drops:
            ends = [vroom.TimeWindow(task.drop_opens, ARRIVAL)]
            given.add_shipment(
                vroom.ShipmentStep(v, location=1 + v, default_service=service, time_windows=window),
                vroom.ShipmentStep(v, location=task.drops[v], time_windows=ends),
                amount=vroom.Amount(amount),
            )
        else:
            given.add_job(vroom.Job(v, location=1 + v, default_service=service, pickup=amount, time_windows=window))
    solution = given.solve(exploration_level=DEEPEST, nb_threads=1, timeout=timedelta(seconds=max(0.001, seconds)))
    frame = solution.routes
    boarding = frame[frame["type"] == ("pickup" if task.drops else "job")]
    vehicles, ids = np.asarray(boarding["vehicle_id"]), np.asarray(boarding["id"], np.int64)
    return [ids[vehicles == v].tolist() for v in np.unique(vehicles)]


def _vehicles(task: Task, k: int, available: int) -> int:
    return min(available, 2 + int(1.5 * int(task.people.sum()) / task.seats[k]))
