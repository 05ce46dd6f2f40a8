"""Make up riders for a town: who lives where, works where, when and on which days."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from routing.errors import Fault, InputError
from routing.formats.codes import Code
from routing.formats.folder import check_target, replace_folder
from routing.geo.network import build_network
from routing.geo.osm import read_osm
from routing.geo.walking import WalkNetwork
from routing.synth.folder import MADE_UP
from routing.synth.tables import MAX_WALK_M, MAX_WALK_SHORT_M, SHIFTS, Person, write_folder
from routing.synth.town import Spot, Town

MOST_RIDERS = 100_000

WORKDAYS = "1111100"
HYBRID_DAYS = ("1110100", "1101100", "1011100", "1010100", "0111100")
SHIFT_SHARES = (0.35, 0.45, 0.20)
HYBRID_SHARE = 0.15
SHORT_WALK_SHARE = 0.01
SCATTERED_SHARE = 0.04
RIDERS_PER_COMMUNITY = 20
MOST_COMMUNITIES = 400
RIDERS_PER_PARK = 440
_SUFFIXES = (".osm.pbf", ".osm.bz2", ".osm")


@dataclass(frozen=True, slots=True, kw_only=True)
class SynthSummary:
    """What was made: how many of each."""

    riders: int
    communities: int
    worksites: int
    depots: int


def synthesize(
    osm_path: Path,
    out_dir: Path,
    *,
    riders: int = 3500,
    seed: int = 1,
    name: str | None = None,
    timezone: str = "Asia/Shanghai",
    on_progress: Callable[[str], None] | None = None,
) -> SynthSummary:
    """Write a made-up scenario on a real extract; the same extract, number and seed give the same files.

    Homes cluster in communities along residential streets around a zone of work parks beside larger roads. Every
    home can walk to a street where a bus may halt, and everything lies on one connected road network. Days, needs
    and shifts vary as they do in a real service.

    Parameters
    ----------
    osm_path : Path
        Road extract, ``.osm.pbf``, ``.osm`` or ``.osm.bz2``; copied into the folder.
    out_dir : Path
        The scenario folder, replaced as a whole or not at all.
    riders : int
        1 to `MOST_RIDERS`.
    seed : int
        Not negative.
    name : str or None
        Of the scenario; the extract's file name by default.
    timezone : str
        IANA name.
    on_progress : callable, optional
        Receives one sentence per stage.

    Returns
    -------
    SynthSummary

    Raises
    ------
    InputError
        ``out_of_range``, or as `replace_folder` raises.
    RoadError
        When the extract cannot be read, or holds no street where a bus may halt.
    """
    _check(riders)
    check_target(out_dir, MADE_UP)
    tell = on_progress or (lambda _: None)
    extract = read_osm(osm_path, on_progress=on_progress)
    graph = build_network(extract, on_progress=on_progress).graph
    tell("Placing work parks, homes and depots")
    town = Town(graph, WalkNetwork.from_extract(extract), np.random.default_rng(seed))
    parks = town.parks(int(np.clip(round(riders / RIDERS_PER_PARK), 1 if riders < 30 else 3, 8)))
    depots = town.depots(1 if riders < 300 else 2 if riders < 1500 else 3)
    people, communities = _people(town, parks, riders)
    osm = "roads" + next((end for end in _SUFFIXES if osm_path.name.endswith(end)), ".osm.pbf")
    title = name or osm_path.name.partition(".")[0]

    def write(folder: Path) -> None:
        shutil.copyfile(osm_path, folder / osm)
        write_folder(folder, name=title, timezone=timezone, osm=osm, people=people, parks=parks, depots=depots)

    replace_folder(out_dir, write, kind=MADE_UP)
    return SynthSummary(riders=riders, communities=communities, worksites=len(parks), depots=len(depots))


def _check(riders: int) -> None:
    if not 1 <= riders <= MOST_RIDERS:
        raise InputError(
            Fault(
                file="--riders",
                value=str(riders),
                code=Code.OUT_OF_RANGE.value,
                cause=f"The number of riders is not between 1 and {MOST_RIDERS}.",
                action="Give another number.",
            )
        )


def _people(town: Town, parks: list[Spot], riders: int) -> tuple[list[Person], int]:
    """Return the riders, and in how many communities they live."""
    rng = town.rng
    count = int(np.clip(round(riders / RIDERS_PER_COMMUNITY), 1, MOST_COMMUNITIES))
    centre = town.communities(count, parks)
    size = rng.gamma(2.0, 1.0, count)
    community = np.sort(rng.choice(count, riders, p=size / size.sum()))
    scattered = rng.random(riders) < SCATTERED_SHARE
    lon, lat = town.homes(centre, community, scattered, MAX_WALK_M)
    # A community leans towards a few parks: friends recruit friends, firms house their staff.
    leaning = rng.dirichlet(np.full(len(parks), 0.8), count).cumsum(axis=1)
    park = np.minimum((rng.random(riders)[:, None] > leaning[community]).sum(axis=1), len(parks) - 1)
    shift = rng.choice(len(SHIFTS), riders, p=SHIFT_SHARES)
    hybrid = np.where(rng.random(riders) < HYBRID_SHARE, rng.integers(len(HYBRID_DAYS), size=riders), -1)
    short = (rng.random(riders) < SHORT_WALK_SHARE) & town.near_a_kerb(lon, lat, MAX_WALK_SHORT_M - 100)
    rows = zip(lon.tolist(), lat.tolist(), park.tolist(), shift.tolist(), hybrid.tolist(), short.tolist(), strict=True)
    people = [
        Person(
            lon=x,
            lat=y,
            worksite=where,
            shift=when,
            days=WORKDAYS if week < 0 else HYBRID_DAYS[week],
            need="short_walk" if needs else "",
        )
        for x, y, where, when, week, needs in rows
    ]
    return people, count
