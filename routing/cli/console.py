"""What the command line shows: progress on stderr, one JSON object or a short report on stdout."""

import json
import sys
import time
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, ParamSpec

import typer
from rich.console import Console
from rich.status import Status

from routing.errors import Fault, InputError, NoPlanError, RoutingError
from routing.model.result import Progress
from routing.model.units import fen_to_yuan

LOG_EVERY_S = 10.0

Parameters = ParamSpec("Parameters")

LABELS = {
    "roads": "roads",
    "stops": "stops",
    "matrices": "travel times",
    "search": "search",
    "blocks": "vehicles",
    "explain": "explanations",
    "bound": "lower bound",
    "files": "files",
}


class ProgressLine:
    """Shows progress: a live line on a terminal, a log line now and then in a log, nothing with ``--json`` in a pipe.

    Parameters
    ----------
    quiet : bool
        True with ``--json``: then only a terminal is told.
    """

    def __init__(self, *, quiet: bool) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._live = self._console.is_terminal
        self._silent = quiet and not self._live
        self._status: Status | None = None
        self._logged_at = -LOG_EVERY_S
        self._logged_phase = ""

    def __enter__(self) -> Callable[[Progress], None]:
        if self._live:
            self._status = self._console.status("starting")
            self._status.start()
        return self.show

    def __exit__(self, *_: object) -> None:
        if self._status is not None:
            self._status.stop()

    def show(self, progress: Progress) -> None:
        """Show one observation."""
        if self._silent:
            return
        text = describe(progress)
        if self._status is not None:
            self._status.update(text)
            return
        now = time.monotonic()
        if progress.phase != self._logged_phase or now - self._logged_at >= LOG_EVERY_S:
            self._console.print(text, soft_wrap=True)
            self._logged_at, self._logged_phase = now, progress.phase


def leaving(command: Callable[Parameters, int]) -> Callable[Parameters, None]:
    """Let a command's return value be the exit status."""

    @wraps(command)
    def run(*args: Parameters.args, **kwargs: Parameters.kwargs) -> None:
        status = command(*args, **kwargs)
        if status:
            raise typer.Exit(status)

    return run


def describe(progress: Progress) -> str:
    """Return one line for an observation."""
    parts = [LABELS.get(progress.phase, progress.phase)]
    if progress.done:
        parts.append(f"{progress.done:.0%}")
    if progress.cost_fen is not None:
        parts.append(f"¥{fen_to_yuan(progress.cost_fen):,.0f} a day")
    if progress.lines is not None:
        parts.append(f"{progress.lines} lines")
    if progress.unserved is not None:
        parts.append(f"{progress.unserved} unserved")
    if progress.iterations:
        parts.append(f"{progress.iterations:,} iterations")
    if progress.text:
        parts.append(progress.text)
    return " · ".join(parts)


def print_json(document: Mapping[str, Any]) -> None:
    """Print one JSON object on stdout."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")


def print_text(text: str) -> None:
    """Print a line of the report on stdout."""
    sys.stdout.write(text + "\n")


def print_summary(summary: Mapping[str, Any]) -> None:
    """Print the figures that a planner looks for first."""
    yuan = fen_to_yuan(summary["cost_fen"])
    print_text(
        f"served {summary['served']:,} of {summary['riders']:,} riders on {summary['lines']} lines, "
        f"{summary['trips']} trips, {summary['vehicles']} vehicles"
    )
    print_text(
        f"¥{yuan:,.0f} a day (¥{yuan / max(1, summary['served']):.2f} a rider) · "
        f"walk {summary['mean_walk_m']:.0f} m (p95 {summary['p95_walk_m']:.0f}) · "
        f"ride {summary['mean_ride_s'] / 60:.0f} min (p95 {summary['p95_ride_s'] / 60:.0f}) · "
        f"{summary['mean_load_factor']:.0%} full · {summary['violations']} violations"
    )
    if summary.get("gap") is not None:
        bound = fen_to_yuan(summary["lower_bound_fen"])
        print_text(f"no plan costs less than ¥{bound:,.0f} a day: at most {summary['gap']:.1%} can be saved")


def report_error(error: RoutingError, *, as_json: bool) -> None:
    """Tell an error: every fault on a line of its own, or one JSON object on stdout."""
    if as_json:
        faults = error.faults if isinstance(error, InputError) else ()
        described = {"code": error.code, "cause": error.cause, "action": error.action}
        if isinstance(error, NoPlanError) and error.rule is not None:
            described["rule"] = error.rule
        print_json({"error": described, "faults": [fault.as_dict() for fault in faults]})
        return
    console = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)
    if isinstance(error, InputError):
        print_faults(error.faults, console)
    else:
        console.print(str(error))


def print_faults(faults: tuple[Fault, ...], console: Console) -> None:
    """Print every fault on a line of its own, and how many there are."""
    for fault in faults:
        console.print(str(fault))
    if len(faults) > 1:
        console.print(f"{len(faults)} faults in all")
