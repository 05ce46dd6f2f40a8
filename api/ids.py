"""Type-prefixed ULIDs: ids that sort by the time of their making and say what they name."""

import secrets
import threading
import time

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32, without letters that are read as digits (https://github.com/ulid/spec)."""
RANDOM_BITS = 80
ULID_DIGITS = 26


class Mint:
    """Makes ids; within one process each is larger than the one before.

    Notes
    -----
    Within a millisecond the random part counts up, as the ULID specification asks of a monotonic factory.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = (0, 0)

    def new(self, prefix: str) -> str:
        """Return an id such as ``hold_01J9Z3…``."""
        now = time.time_ns() // 1_000_000
        with self._lock:
            before, tail = self._last
            if now <= before:
                now, tail = before, tail + 1
            else:
                tail = secrets.randbits(RANDOM_BITS - 1)
            self._last = (now, tail)
        return f"{prefix}_{base32(now << RANDOM_BITS | tail, ULID_DIGITS)}"


def base32(number: int, digits: int) -> str:
    """Return a number in Crockford's base 32, most significant digit first."""
    return "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(digits)))


_MINT = Mint()
new_id = _MINT.new
