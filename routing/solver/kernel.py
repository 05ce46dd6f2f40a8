"""How the search's functions are compiled: without reference counts, and into their callers where they are hot.

Counting references to the arrays that are passed about took 44 % of the kernel's time, and passing
them on the stack more than half of the rest.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from routing.jit import compiled, internal

F = TypeVar("F", bound=Callable[..., Any])


def entry(function: F) -> F:
    """Compile a function that Python calls, as `routing.jit.compiled` does, but that makes no arrays."""
    return _with(compiled(function), _nrt=False, no_cfunc_wrapper=True)


def inner(function: F) -> F:
    """Compile a function that only compiled code calls."""
    return _with(internal(function), _nrt=False)


def inlined(function: F) -> F:
    """Compile a hot function that only compiled code calls, into every caller."""
    return _with(internal(function), _nrt=False, forceinline=True)


def _with(function: F, **options: bool) -> F:
    dispatcher = cast("Any", function)
    dispatcher.targetoptions.update(options)
    return cast("F", dispatcher)
