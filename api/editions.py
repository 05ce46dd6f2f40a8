"""Editions kept on disk, so that a server that starts again answers at once; sealed, as they tell who rides where.

The seal is also what makes it safe to read them back with `pickle`: only somebody with the data key can write one.
"""

import os
import pickle
from contextlib import suppress
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import platformdirs

import routing
from api.errors import ApiError
from api.sealing import Sealer

SOURCES = ("offers/*.py", "geo/catchment.py", "geo/sphere.py", "model/*.py")
"""What an edition is made of; another version of it reads no edition of this one."""


def edition_folder() -> Path:
    """Return the user's cache folder of editions."""
    return Path(platformdirs.user_cache_dir("banche")) / "offers"


@lru_cache
def code_digest() -> str:
    """Return a digest of the code whose objects an edition holds."""
    root = Path(routing.__file__).parent
    digest = sha256(Path(__file__).with_name("published.py").read_bytes())
    for pattern in SOURCES:
        for source in sorted(root.glob(pattern)):
            digest.update(source.read_bytes())
    return digest.hexdigest()


def edition_name(document: bytes, scenario_digest: str) -> str:
    """Return the file name of the edition of a plan document and a scenario."""
    parts = (document, scenario_digest.encode(), code_digest().encode())
    return sha256(b"\n".join(sha256(part).digest() for part in parts)).hexdigest()


def keep_edition(folder: Path, name: str, sealer: Sealer, edition: object) -> None:
    """Write an edition; a disk that is full or not ours is no reason to fail."""
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = folder / f"{name}.{uuid4().hex}"
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(sealer.seal(pickle.dumps(edition), _about(name)))
        part.replace(folder / name)


def find_edition(folder: Path, name: str, sealer: Sealer) -> object | None:
    """Return an edition that was kept, or None where there is none that our key opens."""
    try:
        sealed = (folder / name).read_bytes()
        found: object = pickle.loads(sealer.open(sealed, _about(name)))  # noqa: S301 - sealed by ourselves
    except (OSError, ApiError, ValueError):  # cut short, sealed by another key, or not there
        return None
    return found


def _about(name: str) -> str:
    return f"edition/{name}"
