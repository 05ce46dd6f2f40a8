"""A demand that drifts: the same scenario before and after some riders have left and others have joined."""

import csv
import random
import shutil
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from routing.formats.folder import replace_folder
from routing.synth.folder import MADE_UP

RIDERS = "riders.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftSummary:
    """Rows of riders: who stay, who leave, who join."""

    stay: int
    leave: int
    join: int


def drift(scenario: Path, before: Path, after: Path, *, share: float = 0.1, seed: int = 1) -> DriftSummary:
    """Write a scenario twice: with some of its riders not there yet, and with others there no more.

    Riders who join are held out of the folder ``before``, so that all of them are as plausible as the rest.

    Parameters
    ----------
    scenario : Path
        A scenario folder whose riders stand in ``riders.csv``.
    share : float
        Of all riders that leave, and that join; at most a half.

    Raises
    ------
    InputError
        When a target holds anything but an earlier made-up scenario, or cannot be written.
    """
    if not 0 <= share <= 0.5:
        raise ValueError("share is of riders who leave and as many who join: from 0 to a half")
    with (scenario / RIDERS).open(encoding="utf-8-sig", newline="") as file:
        header, *rows = list(csv.reader(file))
    order = list(range(len(rows)))
    random.Random(seed).shuffle(order)  # noqa: S311 - no secret
    moving = round(share * len(rows))
    join, leave = set(order[:moving]), set(order[moving : 2 * moving])
    for target, gone in ((before, join), (after, leave)):
        kept = [header, *(row for x, row in enumerate(rows) if x not in gone)]
        replace_folder(target, partial(_write, scenario, kept), kind=MADE_UP)
    return DriftSummary(stay=len(rows) - 2 * moving, leave=moving, join=moving)


def _write(scenario: Path, rows: list[list[str]], folder: Path) -> None:
    for source in scenario.iterdir():
        if source.is_file() and source.name != RIDERS:
            shutil.copy2(source, folder / source.name)
    with (folder / RIDERS).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
