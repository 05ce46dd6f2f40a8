"""One unit per dimension inside (s, m, fen, degrees), and the conversions used at the doors."""

import re

DAY_S = 86_400
HOUR_S = 3_600
MINUTE_S = 60
METRES_PER_KM = 1_000
FEN_PER_YUAN = 100
LATEST_CLOCK_S = 3 * DAY_S

_CLOCK = re.compile(r"(\d{1,2}):([0-5]\d)(?::([0-5]\d))?")


def parse_clock(text: str) -> int:
    """Return the seconds [s] since the service day's midnight of ``HH:MM`` or ``HH:MM:SS``.

    Hours may pass 24, as in GTFS: ``25:10`` is ten past one of the next morning.

    Raises
    ------
    ValueError
        When the text is not a clock time below 72:00.
    """
    match = _CLOCK.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a clock time such as 08:30 or 24:15")
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    clock = hours * HOUR_S + minutes * MINUTE_S + seconds
    if clock >= LATEST_CLOCK_S:
        raise ValueError(f"{text!r} lies beyond 72:00")
    return clock


def format_clock(seconds: int) -> str:
    """Return ``HH:MM:SS`` for seconds [s] since midnight; hours may pass 24."""
    sign = "-" if seconds < 0 else ""
    minutes, second = divmod(abs(int(seconds)), MINUTE_S)
    hour, minute = divmod(minutes, 60)
    return f"{sign}{hour:02d}:{minute:02d}:{second:02d}"


def yuan_to_fen(yuan: float) -> int:
    """Return whole fen for an amount in yuan."""
    return round(yuan * FEN_PER_YUAN)


def fen_to_yuan(fen: float) -> float:
    """Return yuan for an amount in fen."""
    return fen / FEN_PER_YUAN


def minutes_to_s(minutes: float) -> int:
    """Return whole seconds [s] for minutes."""
    return round(minutes * MINUTE_S)
