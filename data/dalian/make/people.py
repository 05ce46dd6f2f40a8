"""Who rides: communities among the blocks, homes inside them, a worksite, a shift and days for each."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import cKDTree

from data.dalian.make.faces import Block
from data.dalian.make.facts import Locality
from data.dalian.make.names import estate_names
from data.dalian.make.plane import Points, to_degrees, to_plane

COMMUNITIES = 170
RIDERS = 3_500
APART = 320.0  # communities keep this distance [m]
SPREAD = 190.0  # homes lie within this distance of their community's centre [m]
TO_STREET = 240.0  # and within this distance of a street that a bus may use [m]
SHIFTS = ("early", "day", "late")
# firms set the hours: each park has a main shift, kept by most of its people
MAIN_SHIFT = {"七贤岭产业基地": "early", "网络产业大厦": "late", "海辉产业园": "late"}
MAIN_SHARE = 0.80
REMOTE_SHARE = {"龙头分园": 1.0, "天地软件园黄泥川": 0.88}  # small parks far out have nearly one shift only
SIZE_SHAPE = 1.6  # of the gamma spread of community sizes: some are large, many are small
TASTE_SHAPE = 0.5  # of a community's liking for each park: colleagues live together
NEAR_WORK = {
    "天地软件园黄泥川": (15_000.0, 2.0),
    "龙头分园": (15_000.0, 5.0),
}  # the western parks: draw [m], jobs taken by neighbours
HYBRID = ("1111100", "1110100", "1011100", "1101000", "0111000")
HYBRID_SHARE = (0.88, 0.04, 0.04, 0.02, 0.02)
SHORT_WALK_SHARE = 0.015
FAR_LAT = 39.20  # beyond it there is one line's worth of people: they share the day shift
OUT_OF_WEST_LAT = 39.02  # beyond the isthmus nobody works at the westernmost campus
THINNED = {"普兰店": 0.40, "普兰店湾": 0.0, "石河": 0.45, "三十里堡": 0.55, "金石滩": 0.6, "小窑湾": 0.8}


@dataclass(frozen=True, slots=True, kw_only=True)
class Community:
    """A residential community: blocks around a centre, and how many riders live there."""

    name: str
    centre: Points
    blocks: tuple[int, ...]
    riders: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rider:
    """One row of riders.csv, its home in degrees."""

    lon: float
    lat: float
    worksite: str
    shift: str
    days: str
    need: str


def found_communities(
    places: tuple[Locality, ...], blocks: tuple[Block, ...], expressways: Points, seed: int
) -> list[Community]:
    """Return the communities, spread over the districts by their weight, none beside an expressway."""
    rng = np.random.default_rng([seed, 91])
    districts = [place for place in places if place.kind == "district"]
    weight = np.array([place.weight * THINNED.get(place.name, 1.0) for place in districts])
    share = _rounded(weight / weight.sum() * COMMUNITIES)
    centres = np.array([block.centre for block in blocks])
    tree = cKDTree(centres)
    quiet = np.asarray(cKDTree(expressways).query(centres)[0] > SPREAD + 60.0)
    names = iter(estate_names(rng, COMMUNITIES))
    chosen: list[int] = []
    picked: list[tuple[int, float]] = []
    for place, count, one in zip(districts, share.tolist(), weight.tolist(), strict=True):
        mine = _pick(place, count, blocks, centres, chosen, quiet, rng)
        chosen.extend(mine)
        size = 0.25 + rng.gamma(SIZE_SHAPE, 1.0, len(mine))
        picked.extend((k, float(s)) for k, s in zip(mine, size / size.sum() * one, strict=True))
    riders = _rounded(np.array([size for _, size in picked]) / sum(size for _, size in picked) * RIDERS)
    return [
        Community(
            name=next(names), centre=centres[k], riders=int(n),
            blocks=tuple(sorted(tree.query_ball_point(centres[k], SPREAD * 0.8))),
        )
        for (k, _), n in zip(picked, riders.tolist(), strict=True)
    ]  # fmt: skip


def _pick(
    place: Locality,
    count: int,
    blocks: tuple[Block, ...],
    centres: Points,
    chosen: list[int],
    quiet: npt.NDArray[np.bool_],
    rng: np.random.Generator,
) -> list[int]:
    near = np.flatnonzero(np.hypot(*(centres - place.at).T) < 1.05 * place.radius + 150.0)
    fit = [k for k in near.tolist() if 6_000.0 < blocks[k].area < 90_000.0 and quiet[k]]
    found: list[int] = []
    for k in rng.permutation(np.array(fit, dtype=np.int64)).tolist():
        if len(found) == count:
            break
        if all(np.hypot(*(centres[k] - centres[other])) > APART for other in (*chosen, *found)):
            found.append(k)
    return found


def _rounded(share: Points) -> npt.NDArray[np.int64]:
    """Return whole numbers with the same sum (largest remainders)."""
    whole = np.floor(share).astype(np.int64)
    missing = round(float(share.sum())) - int(whole.sum())
    order = np.argsort(-(share - whole), kind="stable")
    whole[order[:missing]] += 1
    return whole


def settle_riders(
    communities: list[Community], places: tuple[Locality, ...], blocks: tuple[Block, ...], streets: Points, seed: int
) -> list[Rider]:
    """Return every rider; ``streets`` are points along streets a bus may use."""
    rng = np.random.default_rng([seed, 92])
    tree = cKDTree(streets)
    sites = [place for place in places if place.kind == "worksite"]
    riders: list[Rider] = []
    for community in communities:
        ground = shapely.union_all([shapely.Polygon(blocks[k].ring) for k in community.blocks])
        taste = _taste(community, sites, rng)
        homes = _homes(community, ground, tree, rng)
        riders.extend(_rider(at, community, sites, taste, rng) for at in to_degrees(homes, 6).tolist())
    return riders


def _homes(community: Community, ground: shapely.Geometry, tree: cKDTree, rng: np.random.Generator) -> Points:
    inside = shapely.buffer(ground, -8.0)
    homes: list[Points] = []
    while len(homes) < community.riders:
        at = community.centre + rng.normal(0.0, SPREAD * 0.5, 2)
        close = np.hypot(*(at - community.centre)) < SPREAD and tree.query(at)[0] < TO_STREET
        if close and shapely.contains_xy(inside, at[0], at[1]):
            homes.append(at)
    return np.array(homes).reshape(-1, 2)


def _taste(community: Community, sites: list[Locality], rng: np.random.Generator) -> Points:
    """Return how a community's riders spread over the worksites: jobs, and a taste of its own."""
    weight = np.array([site.weight for site in sites]) * (0.08 + rng.gamma(TASTE_SHAPE, 1.0, len(sites)))
    away = np.array([float(np.hypot(*(site.at - community.centre))) for site in sites])
    for k, site in enumerate(sites):
        if site.name in NEAR_WORK:
            reach, factor = NEAR_WORK[site.name]
            weight[k] *= factor * float(np.exp(-((away[k] / reach) ** 2)))
    if community.centre[1] > to_plane(0.0, OUT_OF_WEST_LAT)[1]:
        weight = np.where([site.at[0] < to_plane(121.45, 0.0)[0] for site in sites], 0.0, weight)
    return np.asarray(weight / weight.sum())


def _rider(
    at: list[float], community: Community, sites: list[Locality], taste: Points, rng: np.random.Generator
) -> Rider:
    site = sites[int(rng.choice(len(sites), p=taste))]
    main = MAIN_SHIFT.get(site.name, "day")
    kept = REMOTE_SHARE.get(site.name, MAIN_SHARE)
    share = [kept if shift == main else (1.0 - kept) / 2 for shift in SHIFTS]
    shift = SHIFTS[int(rng.choice(len(SHIFTS), p=share))]
    if community.centre[1] > to_plane(0.0, FAR_LAT)[1]:
        shift = "day"
    days = HYBRID[int(rng.choice(len(HYBRID), p=HYBRID_SHARE))]
    need = "short_walk" if rng.uniform() < SHORT_WALK_SHARE else ""
    return Rider(lon=at[0], lat=at[1], worksite=site.name, shift=shift, days=days, need=need)
