"""The datums: published fixed points, exact inverses, shift sizes, and evidence from roads."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.errors import InputError
from routing.geo.datum import (
    BOX,
    DATUMS,
    Datum,
    DatumEvidence,
    FloatArray,
    Pair,
    bd09_to_gcj02,
    bd09_to_wgs84,
    datum_evidence,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    to_wgs84,
    wgs84_to_bd09,
    wgs84_to_gcj02,
)
from routing.geo.osm import read_osm
from routing.geo.walking import WalkNetwork

SHARED = Path(__file__).parents[2] / ".." / "shared"
Transform = Callable[[npt.ArrayLike, npt.ArrayLike], Pair]
DALIAN_LON = np.linspace(121.1, 122.0, 40)
DALIAN_LAT = np.linspace(38.75, 39.4, 40)
chinese_lon = st.floats(75.0, 134.0)
chinese_lat = st.floats(18.0, 53.0)


def metres(lon_a: npt.ArrayLike, lat_a: npt.ArrayLike, lon_b: npt.ArrayLike, lat_b: npt.ArrayLike) -> FloatArray:
    """Distance on the sphere, good to a fraction of a percent at these sizes."""
    west, south, east, north = (np.asarray(value, dtype=float) for value in (lon_a, lat_a, lon_b, lat_b))
    across = np.radians(east - west) * np.cos(np.radians((south + north) / 2))
    return 6_371_009.0 * np.hypot(across, np.radians(north - south))


def dalian_grid() -> Pair:
    lon, lat = np.meshgrid(DALIAN_LON, DALIAN_LAT)
    return lon.ravel(), lat.ravel()


@pytest.mark.parametrize(
    ("function", "given_point", "expected"),
    [
        (wgs84_to_gcj02, (116.404, 39.915), (116.41024449916938, 39.91640428150164)),
        (gcj02_to_bd09, (116.404, 39.915), (116.41036949371029, 39.92133699351021)),
    ],
)
def test_published_fixed_points_of_coordtransform(
    function: Transform, given_point: tuple[float, float], expected: tuple[float, float]
) -> None:
    """The printed results of the most used open implementation come out to the micrometre."""
    assert np.allclose(function(*given_point), expected, rtol=0, atol=1e-11)


@pytest.mark.parametrize(
    ("wgs", "gcj"),
    [
        ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
        ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
        ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
    ],
)
def test_published_city_points_agree_within_a_centimetre(wgs: tuple[float, float], gcj: tuple[float, float]) -> None:
    """A second implementation, with another earth radius, agrees to the centimetre in three cities."""
    assert metres(*wgs84_to_gcj02(*wgs), *gcj) < 0.01


def test_the_baidu_inverse_is_nearer_the_truth_than_the_circulating_one() -> None:
    """The circulating inverse of BD-09 errs by decimetres; ours lands beside it, and is exact where it is not."""
    circulating = (116.39762729119315, 39.90865673957631)
    assert metres(*bd09_to_gcj02(116.404, 39.915), *circulating) < 1.0
    assert metres(*gcj02_to_bd09(*bd09_to_gcj02(116.404, 39.915)), 116.404, 39.915) < 1e-4
    assert metres(*gcj02_to_bd09(*circulating), 116.404, 39.915) > 0.01


def test_tiananmen_moves_east_and_north_by_half_a_kilometre() -> None:
    """The best known point of all shifts as every Chinese map shows it."""
    lon, lat = wgs84_to_gcj02(116.39123, 39.90721)
    assert (lon, lat) == pytest.approx((116.397471, 39.908611), abs=1e-6)
    assert 540 < metres(116.39123, 39.90721, lon, lat) < 565


def test_shift_sizes_in_dalian() -> None:
    """In Dalian GCJ-02 lies 425-501 m and BD-09 1,222-1,340 m from WGS-84, the figures that decide a stop."""
    lon, lat = dalian_grid()
    gcj = metres(lon, lat, *wgs84_to_gcj02(lon, lat))
    bd = metres(lon, lat, *wgs84_to_bd09(lon, lat))
    assert 424 < gcj.min() < gcj.max() < 502
    assert 1_221 < bd.min() < bd.max() < 1_341


@given(lon=chinese_lon, lat=chinese_lat)
def test_each_inverse_undoes_its_forward_to_a_tenth_of_a_millimetre(lon: float, lat: float) -> None:
    """There and back again moves no point of China by 0.1 mm, in all three pairs."""
    pairs = ((wgs84_to_gcj02, gcj02_to_wgs84), (gcj02_to_bd09, bd09_to_gcj02), (wgs84_to_bd09, bd09_to_wgs84))
    for forward, inverse in pairs:
        assert metres(lon, lat, *inverse(*forward(lon, lat))) < 1e-4
        assert metres(lon, lat, *forward(*inverse(lon, lat))) < 1e-4


@given(lon=chinese_lon, lat=chinese_lat)
def test_the_long_way_is_the_sum_of_its_legs(lon: float, lat: float) -> None:
    """WGS to BD goes through GCJ, and nothing else."""
    assert wgs84_to_bd09(lon, lat) == gcj02_to_bd09(*wgs84_to_gcj02(lon, lat))


@pytest.mark.parametrize(("lon", "lat"), [(-8.61, 41.15), (8.87, 48.6), (139.7, 35.7), (103.8, -1.0), (71.9, 40.0)])
def test_outside_the_box_gcj02_is_the_identity(lon: float, lat: float) -> None:
    """Porto, Herrenberg, Tokyo and the far sides of the box do not move."""
    assert wgs84_to_gcj02(lon, lat) == (lon, lat)
    assert gcj02_to_wgs84(lon, lat) == (lon, lat)


def test_the_box_edges_belong_to_the_box() -> None:
    """A point on the western edge is bent, one just west of it is not."""
    west = BOX[0]
    assert wgs84_to_gcj02(west, 40.0)[0] != west
    assert wgs84_to_gcj02(west - 1e-9, 40.0)[0] == west - 1e-9


def test_scalars_and_any_shape_are_taken() -> None:
    """A scalar gives scalars, a matrix a pair of matrices, and a scalar broadcasts against an array."""
    scalar = wgs84_to_gcj02(121.6, 38.9)
    assert all(np.ndim(value) == 0 for value in scalar)
    lon, lat = wgs84_to_gcj02(np.full((2, 3), 121.6), 38.9)
    assert lon.shape == lat.shape == (2, 3)
    assert np.all(lon == scalar[0])
    assert np.all(lat == scalar[1])
    empty = bd09_to_wgs84([], [])
    assert empty[0].shape == (0,)


def test_arrays_given_are_not_written_to() -> None:
    """The caller's coordinates stay as they were, even read-only ones."""
    lon, lat = dalian_grid()
    lon.flags.writeable = lat.flags.writeable = False
    before = lon.copy()
    bd09_to_wgs84(lon, lat)
    assert np.array_equal(lon, before)


def test_a_missing_coordinate_stays_missing_and_harms_no_other() -> None:
    """NaN in, NaN out; the point beside it is still solved exactly."""
    lon, lat = gcj02_to_wgs84([np.nan, 121.6], [np.nan, 38.9])
    assert np.isnan(lon[0])
    assert (lon[1], lat[1]) == pytest.approx(gcj02_to_wgs84(121.6, 38.9), abs=1e-10)


def test_to_wgs84_takes_each_declared_datum() -> None:
    """The one door for tables undoes exactly the datum that is declared."""
    lon, lat = dalian_grid()
    for crs, forward in (("gcj02", wgs84_to_gcj02), ("bd09", wgs84_to_bd09)):
        assert np.all(metres(lon, lat, *to_wgs84(*forward(lon, lat), crs)) < 1e-4)
    assert np.array_equal(to_wgs84(lon, lat, "wgs84"), (lon, lat))


def test_to_wgs84_refuses_an_unknown_datum_and_says_which_it_knows() -> None:
    """A wrong name is a fault of scenario.toml with its key, value and cure."""
    with pytest.raises(InputError) as caught:
        to_wgs84(121.6, 38.9, "epsg:4326")
    fault = caught.value.faults[0]
    assert (fault.code, fault.column, fault.value) == ("unknown_crs", "scenario.crs", "epsg:4326")
    assert "gcj02" in fault.action


def street_distance(lon: FloatArray, lat: FloatArray) -> FloatArray:
    """Roads every 600 m, north-south and east-west, from one fixed corner."""
    east = np.radians(lon - 121.0) * 6_371_009.0 * np.cos(np.radians(38.9))
    north = np.radians(lat - 38.0) * 6_371_009.0
    return np.minimum(*(np.abs((value + 300.0) % 600.0 - 300.0) for value in (east, north)))


def points_by_the_roads(count: int, spread_m: float = 12.0) -> Pair:
    rng = np.random.default_rng(7)
    lon = rng.uniform(121.4, 121.7, count)
    rows = rng.integers(1_500, 1_700, count) * 100 // 600 * 600
    lat = 38.0 + np.degrees((rows + rng.normal(0, spread_m, count)) / 6_371_009.0)
    return lon, lat


@pytest.mark.parametrize("truth", DATUMS)
@pytest.mark.parametrize("declared", DATUMS)
def test_roads_tell_which_datum_a_table_is_in(truth: Datum, declared: Datum) -> None:
    """Two hundred homes beside roads convict a wrong declaration and clear a right one, in all nine cases."""
    forward = {"wgs84": lambda *point: point, "gcj02": wgs84_to_gcj02, "bd09": wgs84_to_bd09}[truth]
    evidence = datum_evidence(*forward(*points_by_the_roads(200)), declared, street_distance)
    assert evidence.best == truth
    assert evidence.median_of(truth) < 15 < min(evidence.median_of(other) for other in DATUMS if other != truth)
    assert evidence.verdict == ("fits" if truth == declared else "wrong")
    assert evidence.points == 200


def test_few_points_leave_doubt_not_a_verdict() -> None:
    """Five homes in the wrong datum are a reason to ask, not to refuse."""
    evidence = datum_evidence(*wgs84_to_gcj02(*points_by_the_roads(5)), "wgs84", street_distance)
    assert evidence.best == "gcj02"
    assert evidence.verdict == "doubt"


def test_points_with_nothing_to_do_with_roads_raise_no_alarm() -> None:
    """Noise that fits no datum is no evidence against the declared one."""
    rng = np.random.default_rng(3)
    evidence = datum_evidence(rng.uniform(121.3, 121.8, 300), rng.uniform(38.8, 39.1, 300), "gcj02", street_distance)
    assert evidence.verdict == "fits"


def test_a_home_that_repeats_counts_once() -> None:
    """A hundred riders of one tower are one witness."""
    lon, lat = points_by_the_roads(3)
    assert datum_evidence(np.tile(lon, 100), np.tile(lat, 100), "wgs84", street_distance).points == 3


def test_outside_china_the_declared_datum_wins_the_tie() -> None:
    """In Porto WGS-84 and GCJ-02 are the same, so neither is an error."""
    lon, lat = np.linspace(-8.7, -8.5, 50), np.linspace(41.1, 41.2, 50)
    evidence = datum_evidence(lon, lat, "gcj02", lambda x, y: np.abs(x * 1e5 % 7) + 0 * y)
    assert evidence.median_of("gcj02") == evidence.median_of("wgs84")
    assert evidence.best != "wgs84"


def test_no_points_no_suspicion() -> None:
    """An empty table fits any datum."""
    evidence = datum_evidence([], [], "bd09", street_distance)
    assert (evidence.verdict, evidence.points, evidence.best) == ("fits", 0, "bd09")


def test_a_better_datum_by_a_hair_is_a_doubt_at_most() -> None:
    """Significant but small gains never refuse a scenario."""
    evidence = DatumEvidence(
        declared="wgs84", best="gcj02", median_m=(31.0, 29.0, 80.0), nearer_share=0.6, points=10_000
    )
    assert evidence.verdict == "doubt"


@pytest.mark.skipif(not SHARED.exists(), reason="needs the real extracts beside the repository")
@pytest.mark.parametrize("truth", ["gcj02", "bd09"])
def test_real_streets_of_a_chinese_city_convict_a_wrong_declaration(truth: Datum) -> None:
    """Homes 5 to 40 m beside Wuhan's streets, written in another datum and declared as WGS-84."""
    extract = read_osm(SHARED / "osm" / "wuhan.osm.pbf")
    walk = WalkNetwork.from_extract(extract)
    rng = np.random.default_rng(11)
    at = rng.integers(0, len(walk.graph.lon), 400)
    offset = rng.uniform(5e-5, 4e-4, (2, 400)) * rng.choice((-1, 1), (2, 400))
    lon, lat = walk.graph.lon[at] + offset[0], walk.graph.lat[at] + offset[1]
    forward = {"gcj02": wgs84_to_gcj02, "bd09": wgs84_to_bd09}[truth]
    evidence = datum_evidence(*forward(lon, lat), "wgs84", walk.distance_to_way)
    assert (evidence.best, evidence.verdict) == (truth, "wrong")
    assert datum_evidence(*forward(lon, lat), truth, walk.distance_to_way).verdict == "fits"
