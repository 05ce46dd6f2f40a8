"""Compile the search's inner functions without reference counts: they make no arrays, only index them.

Counting references to the arrays that are passed about took 44 % of the kernel's time.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from routing.jit import compiled

F = TypeVar("F", bound=Callable[..., Any])


def inner(function: F) -> F:
    """Compile a function as `routing.jit.compiled` does, for use by compiled code that allocates nothing."""
    dispatcher = cast("Any", compiled(function))
    dispatcher.targetoptions["_nrt"] = False
    return cast("F", dispatcher)
