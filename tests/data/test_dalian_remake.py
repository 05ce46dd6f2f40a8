"""The scenario is what its script makes, byte for byte."""

import filecmp
import os
import subprocess
import sys
from pathlib import Path

from tests.data.conftest import DALIAN

ROOT = Path(__file__).parents[2]


def test_the_script_makes_the_committed_files_again(tmp_path: Path) -> None:
    """Another hash seed, another folder, one thread: the same bytes in every file."""
    environment = {**os.environ, "PYTHONHASHSEED": "4711", "OMP_NUM_THREADS": "1"}
    subprocess.run(
        [sys.executable, "-m", "data.dalian.make", "-o", str(tmp_path)], cwd=ROOT, check=True, env=environment
    )
    made = sorted(path.name for path in tmp_path.iterdir())
    assert made == sorted(p.name for p in DALIAN.iterdir() if p.is_file() and p.name != "README.md")
    assert filecmp.cmpfiles(DALIAN, tmp_path, made, shallow=False) == (made, [], [])
