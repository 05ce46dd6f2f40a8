"""Compiled functions: one decorator, and a cache that never serves stale code.

Numba keys its on-disk cache by the file of the compiled function alone, so an edit in a callee's
file would go unseen. Here the cache folder is named by a hash of all sources that compile anything.
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


@lru_cache(maxsize=1)
def cache_folder() -> Path:
    """Return the folder that holds the machine code of this version of the sources."""
    digest = hashlib.sha256(numba.__version__.encode())
    package = Path(__file__).parent
    for source in sorted(package.rglob("*.py")):
        text = source.read_bytes()
        if b"routing.jit" in text or source == Path(__file__):
            digest.update(text)
    base = os.environ.get("NUMBA_CACHE_DIR") or platformdirs.user_cache_dir("banche")
    return Path(base) / f"numba-{digest.hexdigest()[:12]}"


def compiled(function: F) -> F:
    """Compile a function to machine code that releases the interpreter lock and is cached on disk."""
    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    setattr(numba.config, "CACHE_DIR", str(folder))  # noqa: B010 - numba's settings are made at run time
    return cast("F", numba.njit(cache=True, nogil=True)(function))
