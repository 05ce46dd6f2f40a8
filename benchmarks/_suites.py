"""What is measured: suites of commands of this package, each result judged by the script beside its data."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
BENCH = ROOT.parent / "shared" / "bench"
"""Where instances and their judges lie beside a checkout."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One command, run once per seed.

    Attributes
    ----------
    command : tuple of str
        Arguments of ``python -m benchmarks``; time limit, seed and workers are added.
    suffix : str
        How the name of the solution's file ends; empty where the command writes none.
    judge : tuple of str
        Script and arguments; ``{solution}`` stands for the solution's file. Empty where no judge exists.
    figures : tuple of str
        Keys of the judge's object, or of the command's own where there is no judge, that are added up.
    workers : bool
        Whether the command takes ``--workers``.
    """

    name: str
    command: tuple[str, ...]
    figures: tuple[str, ...]
    suffix: str = ""
    judge: tuple[str, ...] = ()
    workers: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """Cases that are recorded together.

    Attributes
    ----------
    time_limit : float
        Seconds of search [s] where none is asked for.
    """

    name: str
    cases: tuple[Case, ...]
    time_limit: float = 60.0


def suites(bench: Path = BENCH) -> dict[str, Suite]:
    """Return every suite by name; instances are looked for in a folder laid out as `BENCH`."""
    found = [
        *(Suite(name=f"lines-{size}", cases=(_lines(bench, size),)) for size in "SM"),
        Suite(name="lewis", cases=tuple(_lewis(bench)), time_limit=10.0),
        *(
            Suite(name=f"park-{reading}-{limit}", cases=tuple(_park(bench, reading, limit)))
            for reading in ("single", "mixed")
            for limit in (2_700, 5_400)
        ),
        Suite(name="peers-demo", cases=(_peers("demo", ROOT / "data" / "dalian"),)),
        Suite(name="peers-porto", cases=(_peers("porto", ROOT / "out" / "porto"),)),
        Suite(name="peers-S", cases=(_peers("S", bench / "lines" / "S.npz"),)),
        Suite(name="traces", cases=tuple(_traces(bench))),
    ]
    return {suite.name: suite for suite in found}


def _lines(bench: Path, size: str) -> Case:
    instance = str(bench / "lines" / f"{size}.npz")
    return Case(
        name=size,
        command=("lines", instance),
        suffix=".json",
        judge=(str(bench / "check_lines.py"), instance, "{solution}"),
        figures=("cost", "lines", "unserved"),
        workers=True,
    )


def _lewis(bench: Path) -> Iterator[Case]:
    for path in sorted((bench / "sbrp_lewis").glob("*.bus")):
        yield Case(
            name=path.stem,
            command=("lewis", str(path)),
            suffix=".sol",
            judge=(str(bench / "check_lewis.py"), str(path), "{solution}"),
            figures=("buses", "route_seconds", "walk_rider_seconds"),
            workers=True,
        )


def _park(bench: Path, reading: str, limit: int) -> Iterator[Case]:
    for folder in sorted(path for path in (bench / "sbrp_park").glob("*") if path.is_dir()):
        yield Case(
            name=folder.name,
            command=("park", str(folder), "--ride-limit", str(limit), "--reading", reading),
            suffix=".json",
            judge=(str(bench / "check_park.py"), str(folder), "{solution}", str(limit), reading),
            figures=("buses", "drive_seconds"),
            workers=True,
        )


def _peers(name: str, scenario: Path) -> Case:
    peers = ("banche", "pyvrp", "vroom", "ortools")
    figures = tuple(f"{peer}.{figure}" for peer in peers for figure in ("cost_fen", "unserved", "lines", "violations"))
    return Case(name=name, command=("peers", str(scenario)), figures=figures)


def _traces(bench: Path) -> Iterator[Case]:
    places = {"S": bench / "lines" / "S.npz", "M": bench / "lines" / "M.npz", "demo": ROOT / "data" / "dalian"}
    for name, path in places.items():
        yield Case(name=name, command=("trace", str(path)), figures=("cost_fen",), workers=True)
