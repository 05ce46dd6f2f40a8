"""Run one benchmark: `python -m benchmarks NAME …`."""

import sys
from importlib import import_module
from pathlib import Path


def main(argv: list[str]) -> int:
    """Hand the arguments to the named benchmark's `main` and return its exit status."""
    here = Path(__file__).parent
    names = sorted(
        path.stem for path in [*here.glob("[a-z]*.py"), *(p.parent for p in here.glob("[a-z]*/__init__.py"))]
    )
    if not argv or argv[0] not in names:
        print(f"usage: python -m benchmarks {{{','.join(names)}}} …", file=sys.stderr)
        return 2
    return int(import_module(f"benchmarks.{argv[0]}").main(argv[1:]) or 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
