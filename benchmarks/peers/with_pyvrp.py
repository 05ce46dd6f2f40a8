"""PyVRP: iterated local search in C++; visits are optional, with prizes; every vehicle type has its own arc costs."""

from typing import Any

from benchmarks.peers.tasks import ARRIVAL, Route, Task


def solve(task: Task, seconds: float, seed: int) -> list[Route]:
    """Return the routes of a task.

    Raises
    ------
    ModuleNotFoundError
        Where PyVRP is not installed.
    """
    import pyvrp  # noqa: PLC0415 - optional
    from pyvrp.stop import MaxRuntime  # noqa: PLC0415

    visits = range(len(task.visits))
    types = [
        pyvrp.VehicleType(
            num_available=available,
            capacity=[task.seats[k]] if task.drops else [task.seats[k], task.most_visits],
            start_depot=0,
            end_depot=1,
            fixed_cost=task.fixed[k],
            unit_distance_cost=1,
            profile=k,
        )
        for k, available in enumerate(task.available)
        if available
    ]
    matrices: list[Any] = [*task.cost]
    data = pyvrp.ProblemData(
        locations=[pyvrp.Location(0, 0) for _ in task.duration],
        clients=[] if task.drops else [pyvrp.Client(**_client(task, v)) for v in visits],
        depots=[pyvrp.Depot(0), pyvrp.Depot(task.end, tw_late=ARRIVAL)],
        vehicle_types=types,
        distance_matrices=matrices,
        duration_matrices=[task.duration] * len(matrices),
        shipments=[pyvrp.Shipment(**_shipment(task, v)) for v in visits] if task.drops else [],
    )
    best = pyvrp.solve(data, MaxRuntime(seconds), seed=seed, collect_stats=False).best
    # The order in which riders board is what matters: worksites follow in the end.
    return [[a.idx for a in route if a.is_client() or a.is_pickup()] for route in best.routes()]


def _client(task: Task, v: int) -> dict[str, Any]:
    """Return a visit whose riders stay aboard to the end; the second load counts stops."""
    return {
        "location": 1 + v,
        "delivery": [int(task.people[v]), 1],
        "service_duration": int(task.service[v]),
        "tw_early": int(task.opens[v]),
        "tw_late": ARRIVAL,
        "prize": int(task.prize[v]),
        "required": False,
    }


def _shipment(task: Task, v: int) -> dict[str, Any]:
    """Return a visit whose riders alight at their own worksite."""
    return {
        "pickup_location": 1 + v,
        "delivery_location": task.drops[v],
        "pickup_tw_early": int(task.opens[v]),
        "pickup_tw_late": ARRIVAL,
        "pickup_service_duration": int(task.service[v]),
        "delivery_tw_early": task.drop_opens,
        "delivery_tw_late": ARRIVAL,
        "amount": [int(task.people[v])],
        "prize": int(task.prize[v]),
        "required": False,
    }
