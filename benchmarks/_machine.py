"""On what something was measured: the machine, the versions, the commit."""

import os
import platform
import subprocess
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("banche", "numba", "numpy", "ortools", "pyvroom", "pyvrp", "scipy")


def describe(root: Path) -> dict[str, object]:
    """Return cores, processor, memory [GiB], Python, versions of what computes, and the commit of a checkout."""
    return {
        "cores": os.cpu_count(),
        "processor": _processor(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "python": platform.python_version(),
        "versions": versions(PACKAGES),
        "commit": _commit(root),
    }


def versions(packages: Iterable[str]) -> dict[str, str]:
    """Return the versions of those distributions that are installed."""
    found = {}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf-8").splitlines() if info.exists() else []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.machine()


def _commit(root: Path) -> str | None:
    """Return the commit, marked where files differ from it; None outside a checkout."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
    told = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)  # noqa: S603
    return told.stdout.strip() or None
