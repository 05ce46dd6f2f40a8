"""Commands around the input: doctor, synth, roads."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from routing.cli.console import ProgressLine, leaving, print_faults, print_json, print_text
from routing.cli.planning import JsonOption, ScenarioArgument, SeedOption
from routing.errors import InputError
from routing.model.result import Progress
from routing.planner.ground import road_cache
from routing.planner.prepare import examine

ExtractArgument = Annotated[Path, typer.Argument(metavar="FILE.osm.pbf", help="Road extract, also .osm and .osm.bz2.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(epilog="Example: banche doctor data/dalian --json")(leaving(doctor))
    app.command(epilog="Example: banche synth porto.osm.pbf -o /tmp/porto --riders 3500 --seed 1")(leaving(synth))
    roads = typer.Typer(help="Road cache, and download through OSMnx.", no_args_is_help=True)
    roads.command("build", epilog="Example: banche roads build porto.osm.pbf")(leaving(roads_build))
    roads.command("fetch", epilog='Example: banche roads fetch "Dalian, China" -o dalian.osm')(leaving(roads_fetch))
    app.add_typer(roads, name="roads")


def doctor(scenario: ScenarioArgument, as_json: JsonOption = False) -> int:
    """Tell every fault of a scenario at once, and whether its coordinates are in the datum it declares."""
    with ProgressLine(quiet=as_json) as show:
        faults = examine(scenario, on_progress=show)
    if as_json:
        print_json({"faults": [fault.as_dict() for fault in faults]})
    elif faults:
        print_faults(faults, Console(highlight=False, soft_wrap=True, markup=False))
    else:
        print_text("no fault found")
    return InputError.exit_status if faults else 0


def synth(
    extract: ExtractArgument,
    out: Annotated[Path, typer.Option("-o", "--out", metavar="DIR", help="Scenario folder to make.")],
    riders: Annotated[int, typer.Option("--riders", metavar="N", min=1, help="Number of riders.")] = 3500,
    seed: SeedOption = 1,
) -> int:
    """Make a plausible scenario, honestly labelled synthetic, on any real extract."""
    from routing.synth import synthesize  # noqa: PLC0415 - used by this command alone

    with ProgressLine(quiet=False) as show:
        synthesize(extract, out, riders=riders, seed=seed, on_progress=_telling(show))
    print_text(f"wrote {out}; next: banche plan {out} -o out/{out.name}")
    return 0


def roads_build(extract: ExtractArgument) -> int:
    """Read and contract an extract now, so that later runs find it in the cache."""
    from routing.geo.network import load_network  # noqa: PLC0415 - slow import

    with ProgressLine(quiet=False) as show:
        network = load_network(extract, cache_dir=road_cache(), on_progress=_telling(show))
    for warning in network.warnings:
        print_text(f"warning: {warning}")
    print_text(f"cached in {road_cache()}")
    return 0


def roads_fetch(
    place: Annotated[str, typer.Argument(metavar="PLACE", help="A place's name, or west,south,east,north in degrees.")],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="FILE.osm", help="Where to write.")] = Path("roads.osm"),
) -> int:
    """Download roads through OSMnx; needs the internet."""
    from routing.geo.osmnx_bridge import fetch_roads  # noqa: PLC0415 - OSMnx takes seconds to import

    fetch_roads(_bounding_box(place) or place, out)
    print_text(f"wrote {out} (© OpenStreetMap contributors, ODbL 1.0)")
    return 0


def _telling(show: Callable[[Progress], None]) -> Callable[[str], None]:
    """Return what shows the stages of work on roads, which are sentences alone."""
    return lambda text: show(Progress(phase="roads", done=0.0, text=text))


def _bounding_box(text: str) -> tuple[float, float, float, float] | None:
    """Return west, south, east, north [degrees], or None where a text is no four numbers."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        return None
    return west, south, east, north
