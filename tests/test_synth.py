"""Made-up scenarios: readable, servable, the same for a seed, of any size, and never over real riders."""

import csv
import filecmp
import tomllib
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from routing.errors import InputError, RoadError
from routing.formats.scenario_folder import find_faults, read_scenario
from routing.geo.kerbs import may_halt
from routing.geo.network import build_network
from routing.geo.osm import read_osm
from routing.geo.sphere import LocalPlane, distance_m
from routing.geo.stops import candidate_stops
from routing.geo.walking import WalkNetwork
from routing.model.demand import Need
from routing.synth import SynthSummary, synthesize
from routing.synth.folder import MADE_UP
from routing.synth.scenario import HYBRID_DAYS, MOST_RIDERS, WORKDAYS
from routing.synth.tables import FLEET, SHIFTS
from routing.synth.town import Town

SHARED = Path(__file__).parents[1] / ".." / "shared"
needs_shared = pytest.mark.skipif(not SHARED.exists(), reason="needs the real extracts beside the repository")
TABLES = {"riders.csv", "worksites.csv", "shifts.csv", "fleet.csv", "depots.csv"}


def write_grid(path: Path, size: int = 9, block_m: float = 160.0) -> Path:
    """Write an extract of a grid town with avenues and streets, as OSM XML."""
    plane = LocalPlane(lon=121.6, lat=38.9)
    lines = ['<osm version="0.6">']
    for row in range(size):
        for column in range(size):
            lon, lat = plane.to_lonlat(column * block_m, row * block_m)
            lines.append(f'<node id="{1 + row * size + column}" lon="{lon:.7f}" lat="{lat:.7f}" version="1"/>')
    for k in range(size):
        kind = "tertiary" if k % 3 == 0 else "residential"
        for way, ids in ((k, range(k * size, (k + 1) * size)), (size + k, range(k, size * size, size))):
            refs = "".join(f'<nd ref="{1 + i}"/>' for i in ids)
            tags = f'<tag k="highway" v="{kind}"/><tag k="name" v="Way {way}"/>'
            lines.append(f'<way id="{100 + way}" version="1">{refs}{tags}</way>')
    path.write_text("\n".join([*lines, "</osm>"]), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def grid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the grid town once."""
    return write_grid(tmp_path_factory.mktemp("extract") / "grid.town.osm")


@pytest.fixture(scope="module")
def made(grid: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SynthSummary]:
    """Make 600 riders for it."""
    folder = tmp_path_factory.mktemp("made") / "grid"
    return folder, synthesize(grid, folder, riders=600, seed=3)


def rows(folder: Path, table: str) -> list[dict[str, str]]:
    """Read a table."""
    with (folder / table).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_folder_holds_a_scenario_and_nothing_else(made: tuple[Path, SynthSummary]) -> None:
    """The tables of the contract, scenario.toml and the extract under one name; no temporary file is left."""
    folder, _ = made
    assert {path.name for path in folder.iterdir()} == TABLES | {"scenario.toml", "roads.osm"}
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_the_reader_finds_no_fault_in_it(made: tuple[Path, SynthSummary]) -> None:
    """What synth writes, the strict reader takes, and says that it is synthetic."""
    folder, summary = made
    assert find_faults(folder) == ()
    scenario = read_scenario(folder)
    assert scenario.synthetic
    assert (scenario.crs, scenario.name, scenario.timezone) == ("wgs84", "grid", "Asia/Shanghai")
    assert summary == SynthSummary(
        riders=len(scenario.riders),
        communities=summary.communities,
        worksites=len(scenario.worksites),
        depots=len(scenario.depots),
    )


def test_every_key_of_the_contract_is_written_out(made: tuple[Path, SynthSummary]) -> None:
    """A planner who opens the file sees every promise and price that can be changed, and where the roads are from."""
    text = (made[0] / "scenario.toml").read_text(encoding="utf-8")
    document = tomllib.loads(text)
    assert document.keys() == {"scenario", "network", "rules", "costs"}
    assert len(document["rules"]) == 16
    assert document["costs"].keys() == {
        "ride_yuan_per_rider_hour",
        "walk_yuan_per_rider_hour",
        "unserved_yuan_per_rider",
    }
    assert document["network"] == {"osm": "roads.osm", "drive_on": "right"}
    assert "OpenStreetMap" in text
    assert "ODbL" in text


def test_riders_vary_as_in_a_real_service(made: tuple[Path, SynthSummary]) -> None:
    """Three shifts, several worksites, some hybrid weeks, a few short walks, everybody with a home of their own."""
    riders = rows(made[0], "riders.csv")
    assert {row["shift_id"] for row in riders} == {shift for shift, _, _ in SHIFTS}
    assert len({row["worksite_id"] for row in riders}) == 3
    hybrid = sum(row["days"] != WORKDAYS for row in riders) / len(riders)
    assert 0.08 < hybrid < 0.25
    assert {row["days"] for row in riders} <= {WORKDAYS, *HYBRID_DAYS}
    assert 0 < sum(row["need"] == Need.SHORT_WALK for row in riders) < 30
    assert len({(row["home_lon"], row["home_lat"]) for row in riders}) > 550


def test_homes_cluster_in_communities(grid: Path, tmp_path: Path) -> None:
    """Most riders have many neighbours within 300 m, more than an even spread would give them."""
    synthesize(grid, tmp_path / "made", riders=400, seed=5)
    riders = rows(tmp_path / "made", "riders.csv")
    lon, lat = (np.array([float(row[key]) for row in riders]) for key in ("home_lon", "home_lat"))
    rng = np.random.default_rng(1)
    even_lon, even_lat = rng.uniform(lon.min(), lon.max(), 400), rng.uniform(lat.min(), lat.max(), 400)
    neighbours = [
        np.median((distance_m(x[:, None], y[:, None], x, y) < 300).sum(axis=1))
        for x, y in ((lon, lat), (even_lon, even_lat))
    ]
    assert neighbours[0] > 1.3 * neighbours[1]


def test_some_shift_windows_overlap_so_that_trips_may_carry_two(made: tuple[Path, SynthSummary]) -> None:
    """Two shifts lie closer than the arrival window is wide, the third farther, so that both cases are planned."""
    scenario = read_scenario(made[0])
    starts = sorted(shift.start or 0 for shift in scenario.shifts)
    window = scenario.rules.arrive_early_s - scenario.rules.arrive_buffer_s
    assert sorted(later - earlier < window for earlier, later in pairwise(starts)) == [False, True]


def test_the_fleet_is_mixed_and_ample(made: tuple[Path, SynthSummary]) -> None:
    """Four sizes in every depot; each size alone could seat everybody at once."""
    fleet = rows(made[0], "fleet.csv")
    seats = Counter()
    for row in fleet:
        seats[row["vehicle_type_id"]] += int(row["seats"]) * int(row["count"])
    assert seats.keys() == {kind for kind, *_ in FLEET}
    assert {int(row["seats"]) for row in fleet} == {19, 33, 45, 53}
    assert min(seats.values()) >= 600
    assert {row["depot_id"] for row in fleet} == {row["depot_id"] for row in rows(made[0], "depots.csv")}


def test_everybody_can_be_served(made: tuple[Path, SynthSummary], grid: Path) -> None:
    """Sites and depots snap to the connected network; every home reaches a candidate stop within its own limit."""
    folder, _ = made
    extract = read_osm(grid)
    network, walk = build_network(extract), WalkNetwork.from_extract(extract)
    scenario = read_scenario(folder)
    for site in (*scenario.worksites, *scenario.depots):
        assert network.snap_site(site.location.lon, site.location.lat).distance_m < 60
    lon, lat = ([getattr(rider.home, axis) for rider in scenario.riders] for axis in ("lon", "lat"))
    short = [rider.need is Need.SHORT_WALK for rider in scenario.riders]
    limit = np.where(short, scenario.rules.max_walk_short_m, scenario.rules.max_walk_m).astype(np.int32)
    stops = candidate_stops(network, extract, homes_lon=lon, homes_lat=lat, walk=walk, max_walk_m=limit)
    table = walk.reach(lon, lat, [stop.lon for stop in stops], [stop.lat for stop in stops], 800)
    assert np.all(np.diff(table.start) > 0)
    assert np.all(table.metres[table.start[:-1]] <= limit)


@pytest.mark.parametrize("riders", [1, 2, 37, 3000])
def test_any_number_of_riders(grid: Path, tmp_path: Path, riders: int) -> None:
    """From a single rider to more than the town's streets, the scenario is whole and the least load can be met."""
    summary = synthesize(grid, tmp_path / "made", riders=riders, seed=1)
    assert find_faults(tmp_path / "made") == ()
    assert summary.riders == riders == len(rows(tmp_path / "made", "riders.csv"))
    assert read_scenario(tmp_path / "made").rules.min_load <= max(1, riders // 40)


@pytest.mark.parametrize("riders", [0, -5, MOST_RIDERS + 1])
def test_a_number_out_of_range_is_refused(grid: Path, tmp_path: Path, riders: int) -> None:
    """The error names the option, and nothing is written."""
    with pytest.raises(InputError, match="out_of_range") as caught:
        synthesize(grid, tmp_path / "made", riders=riders)
    assert caught.value.faults[0].file == "--riders"
    assert not (tmp_path / "made").exists()


def test_the_same_seed_gives_the_same_files_and_another_seed_others(grid: Path, tmp_path: Path) -> None:
    """Byte for byte, for every file."""
    folders = [tmp_path / name for name in ("a", "b", "c")]
    for folder, seed in zip(folders, (7, 7, 8), strict=True):
        synthesize(grid, folder, riders=120, seed=seed)
    names = sorted(path.name for path in folders[0].iterdir())
    assert filecmp.cmpfiles(folders[0], folders[1], names, shallow=False) == (names, [], [])
    assert "riders.csv" in filecmp.cmpfiles(folders[0], folders[2], names, shallow=False)[1]


def test_an_earlier_made_up_scenario_is_replaced_whole(grid: Path, tmp_path: Path) -> None:
    """Leftovers of the old one, such as a stops table, do not survive."""
    folder = tmp_path / "made"
    synthesize(grid, folder, riders=20, seed=1)
    (folder / "stops.csv").write_text("stop_id,name,lon,lat\n", encoding="utf-8")
    synthesize(grid, folder, riders=40, seed=1)
    assert not (folder / "stops.csv").exists()
    assert len(rows(folder, "riders.csv")) == 40
    assert [path.name for path in tmp_path.iterdir()] == ["made"]


def real_scenario(folder: Path) -> None:
    """Write the beginnings of a real scenario."""
    folder.mkdir()
    (folder / "scenario.toml").write_text('[scenario]\nname = "real"\ncrs = "gcj02"\n', encoding="utf-8")


def photo_album(folder: Path) -> None:
    """Write somebody's other files."""
    folder.mkdir()
    (folder / "holiday.jpg").write_bytes(b"\xff\xd8")


def plain_file(folder: Path) -> None:
    """Write a file where the folder should be."""
    folder.write_text("mine", encoding="utf-8")


@pytest.mark.parametrize("prepare", [real_scenario, photo_album, plain_file])
def test_what_is_not_made_up_is_never_overwritten(grid: Path, tmp_path: Path, prepare: object) -> None:
    """Real riders, other files and plain files are refused before any work, and stay as they were."""
    folder = tmp_path / "mine"
    prepare(folder)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(InputError, match="not_our_folder"):
        synthesize(grid, folder, riders=20)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_a_failure_while_writing_leaves_the_old_scenario(
    grid: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full in the middle: the old folder is untouched, and no half-written one stays behind."""
    folder = tmp_path / "made"
    synthesize(grid, folder, riders=20, seed=1)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("routing.synth.scenario.shutil.copyfile", full)
    with pytest.raises(InputError, match="cannot_write"):
        synthesize(grid, folder, riders=40, seed=1)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["made"]


@pytest.mark.parametrize(
    "toml",
    [
        "",
        "synthetic = true",
        "scenario = true",
        "[scenario]",
        '[scenario]\nsynthetic = "true"',
        "[scenario",
        "\xff",
        "a = " + "[" * 20_000,
    ],
)
def test_only_a_scenario_that_says_so_is_made_up(tmp_path: Path, toml: str) -> None:
    (tmp_path / "scenario.toml").write_bytes(toml.encode("latin-1"))
    assert not MADE_UP.is_ours(tmp_path)
    (tmp_path / "scenario.toml").write_bytes(b"[scenario]\nsynthetic = true\n")
    assert MADE_UP.is_ours(tmp_path)


def test_names_with_quotes_survive_the_toml(grid: Path, tmp_path: Path) -> None:
    """A name is written as it was given, quotes, backslash, Chinese and all; a line break becomes a space."""
    synthesize(grid, tmp_path / "made", riders=5, name='大连 "C:\\bus"\nline', timezone="Europe/Lisbon")
    scenario = read_scenario(tmp_path / "made")
    assert (scenario.name, scenario.timezone) == ('大连 "C:\\bus" line', "Europe/Lisbon")


def test_an_extract_that_is_none_is_refused(tmp_path: Path) -> None:
    """A missing or broken file is the roads' fault, with its code."""
    (tmp_path / "broken.osm.pbf").write_bytes(b"not a map")
    for name in ("missing.osm.pbf", "broken.osm.pbf"):
        with pytest.raises(RoadError, match="roads_unreadable"):
            synthesize(tmp_path / name, tmp_path / "made", riders=5)


def test_a_town_without_a_street_to_halt_at_is_refused(grid: Path, tmp_path: Path) -> None:
    """Service ways alone carry no line."""
    text = (
        grid.read_text(encoding="utf-8")
        .replace('v="tertiary"', 'v="service"')
        .replace('v="residential"', 'v="service"')
    )
    (tmp_path / "yard.osm").write_text(text, encoding="utf-8")
    with pytest.raises(RoadError, match="roads_no_halt"):
        synthesize(tmp_path / "yard.osm", tmp_path / "made", riders=5)


def test_parks_keep_their_distance_and_stay_on_streets_where_buses_halt(grid: Path) -> None:
    """Eight parks in one zone, none within 250 m of another."""
    extract = read_osm(grid)
    graph = build_network(extract).graph
    town = Town(graph, WalkNetwork.from_extract(extract), np.random.default_rng(2))
    parks = town.parks(8)
    lon, lat = np.array([park.lon for park in parks]), np.array([park.lat for park in parks])
    apart = distance_m(lon[:, None], lat[:, None], lon, lat)[np.triu_indices(len(parks), 1)]
    assert len(parks) == 8
    assert apart.min() > 250
    assert may_halt(graph).any()
    assert all(park.street.startswith("Way ") for park in parks)


@needs_shared
def test_a_very_small_real_extract_carries_any_number(tmp_path: Path) -> None:
    """Herrenberg, 526 junctions: one rider and ten thousand."""
    for riders in (1, 10_000):
        folder = tmp_path / str(riders)
        summary = synthesize(SHARED / "osm" / "herrenberg.osm.pbf", folder, riders=riders, seed=2)
        assert find_faults(folder) == ()
        assert summary.worksites == (1 if riders == 1 else 8)
        assert (folder / "roads.osm.pbf").stat().st_size == (SHARED / "osm" / "herrenberg.osm.pbf").stat().st_size
