"""Random numbers for compiled code: one state per search, so that threads cannot disturb each other."""
# ruff: noqa: ANN001, ANN201
# mypy: allow-untyped-defs, allow-untyped-calls
# Numba infers the types from those of `Given` and `State`.

import numpy as np

from routing.solver.kernel import inlined


@inlined
def draw(state):
    """Advance a xorshift64* state and return 53 random bits as an integer."""
    x = state[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    state[0] = x
    return np.int64((x * np.uint64(2685821657736338717)) >> np.uint64(11))


@inlined
def uniform(state):
    """Return a random float in [0, 1)."""
    return draw(state) * (1.0 / 9007199254740992.0)


@inlined
def below(state, bound):
    """Return a random integer in [0, bound)."""
    return np.int64(uniform(state) * bound)
