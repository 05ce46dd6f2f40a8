"""Compiled functions: one decorator, and a cache that never serves stale code.

Numba keys its on-disk cache by the file of the compiled function alone, so an edit in a callee's
file would go unseen. Here the cache folder is named by a hash of all sources of the room.
"""

import hashlib
import os
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import platformdirs

F = TypeVar("F", bound=Callable[..., Any])


@lru_cache
def cache_folder(room: Path) -> Path:
    """Return the folder that holds the machine code of this version of a room's sources.

    Parameters
    ----------
    room : Path
        Folder of the sources; compiled functions call only others of the same room.
    """
    digest = hashlib.sha256(numba.__version__.encode())
    for source in (Path(__file__), *sorted(room.glob("*.py"))):
        digest.update(source.read_bytes())
    base = os.environ.get("NUMBA_CACHE_DIR") or platformdirs.user_cache_dir("banche")
    return Path(base) / f"numba-{room.name}-{digest.hexdigest()[:12]}"


def compiled(function: F) -> F:
    """Compile a function to machine code that releases the interpreter lock and is cached on disk."""
    folder = cache_folder(Path(function.__code__.co_filename).parent)
    folder.mkdir(parents=True, exist_ok=True)
    setattr(numba.config, "CACHE_DIR", str(folder))  # noqa: B010 - numba's settings are made at run time
    return cast("F", numba.njit(cache=True, nogil=True)(function))
