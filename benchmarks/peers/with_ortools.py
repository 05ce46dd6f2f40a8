"""OR-Tools routing: parallel cheapest insertion, then guided local search; every vehicle type has its own arc costs."""

from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from benchmarks.peers.tasks import ARRIVAL, Route, Task


def solve(task: Task, seconds: float, seed: int) -> list[Route]:  # noqa: ARG001 - guided local search knows no seed
    """Return the routes of a task, ."""
    fleet = [k for k, available in enumerate(task.available) for _ in range(_vehicles(task, k, available))]
    count = len(task.visits)
    manager = pywrapcp.RoutingIndexManager(len(task.duration), len(fleet), [0] * len(fleet), [task.end] * len(fleet))
    model = pywrapcp.RoutingModel(manager)
    costs = [model.RegisterTransitMatrix(matrix.tolist()) for matrix in task.cost]
    for vehicle, k in enumerate(fleet):
        model.SetArcCostEvaluatorOfVehicle(costs[k], vehicle)
        model.SetFixedCostOfVehicle(task.fixed[k], vehicle)
    people, visit = [0, *task.people.tolist(), 0], [0, *[1] * count, 0]
    seats = [task.seats[k] for k in fleet]
    model.AddDimensionWithVehicleCapacity(model.RegisterUnaryTransitVector(people), 0, seats, True, "people")
    model.AddDimension(model.RegisterUnaryTransitVector(visit), 0, task.most_visits, True, "visits")
    _keep_time(task, manager, model)
    for v in range(count):
        model.AddDisjunction([manager.NodeToIndex(1 + v)], int(task.prize[v]))
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    parameters.time_limit.FromMilliseconds(max(1, round(1_000 * seconds)))
    solution = model.SolveWithParameters(parameters)
    return [] if solution is None else _read(manager, model, solution, len(fleet))


def _vehicles(task: Task, k: int, available: int) -> int:
    return min(available, 2 + int(1.3 * int(task.people.sum()) / task.seats[k]))


def _keep_time(task: Task, manager: pywrapcp.RoutingIndexManager, model: pywrapcp.RoutingModel) -> None:
    """Let every vehicle reach the end at one instant, without waiting, and open visits when they may be opened."""
    taken = task.duration.copy()
    taken[1:-1, :] += task.service[:, None]
    model.AddDimension(model.RegisterTransitMatrix(taken.tolist()), 0, ARRIVAL, False, "time")
    time = model.GetDimensionOrDie("time")
    for vehicle in range(model.vehicles()):
        time.CumulVar(model.End(vehicle)).SetRange(ARRIVAL, ARRIVAL)
    for v in range(len(task.visits)):
        time.CumulVar(manager.NodeToIndex(1 + v)).SetMin(int(task.opens[v]))


def _read(
    manager: pywrapcp.RoutingIndexManager, model: pywrapcp.RoutingModel, solution: pywrapcp.Assignment, vehicles: int
) -> list[Route]:
    routes = []
    for vehicle in range(vehicles):
        index = solution.Value(model.NextVar(model.Start(vehicle)))
        route = []
        while not model.IsEnd(index):
            route.append(manager.IndexToNode(index) - 1)
            index = solution.Value(model.NextVar(index))
        if route:
            routes.append(route)
    return routes
