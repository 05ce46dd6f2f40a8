"""When a line opens, is watched, and is suspended, by published rules that are data: thresholds, days, hysteresis."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class LineState(StrEnum):
    """Where a line stands (征集, 预售, 运行, 观察, 停运)."""

    COLLECTING = "collecting"
    PRESALE = "presale"
    RUNNING = "running"
    WATCH = "watch"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCount:
    """People of one line on one day.

    Attributes
    ----------
    booked : int
        With a seat booked or paid for.
    boarded : int or None
        Who rode; None where nobody counted, so that bookings stand for them.
    """

    booked: int
    boarded: int | None = None

    @property
    def rode(self) -> int:
        """People who rode, as far as known."""
        return self.booked if self.boarded is None else self.boarded


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """A limit that holds over some days.

    Attributes
    ----------
    people : int or None
        On a day.
    share : float or None
        Of the line's seats; exactly one of both is given.
    days : int
        How many of the last days it concerns; with fewer days known it does not hold.
    mean : bool
        Of the days together, in the place of each of them.
    """

    people: int | None = None
    share: float | None = None
    days: int = 1
    mean: bool = False

    def __post_init__(self) -> None:
        if (self.people is None) == (self.share is None):
            raise ValueError("a threshold is either people or a share of the seats")
        if self.days < 1:
            raise ValueError("a threshold holds over at least one day")
        if (self.people or 0) < 0 or not 0 <= (self.share or 0) <= 1:
            raise ValueError("a threshold is some people, or a share from 0 to 1")

    def limit(self, seats: int) -> float:
        """Return the limit in people."""
        # Rounded, because 7 % of 100 seats are 7 people and the product of the two floats is a little more.
        return float(self.people) if self.people is not None else round((self.share or 0.0) * seats, 9)

    def is_undercut(self, counts: Sequence[int], seats: int) -> bool:
        """Tell whether people of the last days, the latest last, all stay below; with `mean`, their mean does."""
        last = counts[-self.days :]
        if len(last) < self.days:
            return False
        return (sum(last) / len(last) if self.mean else max(last)) < self.limit(seats)

    def is_reached(self, counts: Sequence[int], seats: int) -> bool:
        """Tell whether people of the last days all reach it; with `mean`, their mean does."""
        last = counts[-self.days :]
        if len(last) < self.days:
            return False
        return (sum(last) / len(last) if self.mean else min(last)) >= self.limit(seats)

    def __str__(self) -> str:
        what = f"{self.people} people" if self.people is not None else f"{self.share:.0%} of the seats"
        if self.mean:
            return f"{what} in the mean of {self.days} days"
        return what if self.days == 1 else f"{what} on {self.days} days running"


Rules = tuple[Threshold, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Limits between the states; of several for one change, any is enough.

    Attributes
    ----------
    presale : tuple of Threshold
        Reached by bookings: a collecting line goes into presale.
    open : tuple of Threshold
        Reached by bookings: a collecting line or one in presale runs.
    watch : tuple of Threshold
        Undercut by those who ride: a running line is watched.
    recover : tuple of Threshold
        Reached by those who ride: a watched line runs as before.
    suspend : tuple of Threshold
        Undercut by those who ride: a running or watched line is suspended.
    reopen : tuple of Threshold
        Reached by bookings: a suspended line collects again.
    """

    name: str
    presale: Rules = ()
    open: Rules = ()
    watch: Rules = ()
    recover: Rules = ()
    suspend: Rules = ()
    reopen: Rules = ()

    def __post_init__(self) -> None:
        if not self.open:
            raise ValueError("a policy must say when a line opens")
        for up in self.recover:
            for down in self.watch:
                if (up.people is None) == (down.people is None) and up.limit(100) < down.limit(100):
                    raise ValueError("a watched line would recover below the limit at which it is watched")


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What is proposed for one line.

    Attributes
    ----------
    missing : int or None
        People more who must book before a line that does not run yet opens.
    """

    line_id: str
    state: LineState
    proposed: LineState
    reason: str
    missing: int | None = None


def review(line_id: str, state: LineState, counts: Sequence[DayCount], seats: int, policy: Policy) -> Review:
    """Propose the state of one line.

    Parameters
    ----------
    counts : sequence of DayCount
        By day, the latest last.
    seats : int
        Of one trip of the line.
    """
    booked, rode = [c.booked for c in counts], [c.rode for c in counts]
    for target, rules, people, below in _ways(state, policy, booked, rode):
        for rule in rules:
            if rule.is_undercut(people, seats) if below else rule.is_reached(people, seats):
                side = "fewer than" if below else "at least"
                return Review(line_id=line_id, state=state, proposed=target, reason=f"{side} {rule}")
    missing = None
    if state in {LineState.COLLECTING, LineState.PRESALE}:
        latest = booked[-1] if booked else 0
        missing = max(0, min(-int(-rule.limit(seats) // 1) for rule in policy.open) - latest)
    return Review(line_id=line_id, state=state, proposed=state, reason="no limit is passed", missing=missing)


def _ways(
    state: LineState, policy: Policy, booked: list[int], rode: list[int]
) -> Iterable[tuple[LineState, Rules, list[int], bool]]:
    """Yield target, rules, whom they count, and whether they must be undercut; the gravest first."""
    match state:
        case LineState.COLLECTING:
            yield LineState.RUNNING, policy.open, booked, False
            yield LineState.PRESALE, policy.presale, booked, False
        case LineState.PRESALE:
            yield LineState.RUNNING, policy.open, booked, False
        case LineState.RUNNING:
            yield LineState.SUSPENDED, policy.suspend, rode, True
            yield LineState.WATCH, policy.watch, rode, True
        case LineState.WATCH:
            yield LineState.SUSPENDED, policy.suspend, rode, True
            yield LineState.RUNNING, policy.recover, rode, False
        case LineState.SUSPENDED:
            yield LineState.COLLECTING, policy.reopen, booked, False


def _people(count: int, days: int = 1) -> Threshold:
    return Threshold(people=count, days=days)


PRESETS: Mapping[str, Policy] = {
    "nanchang": Policy(
        name="nanchang",
        open=(_people(20),),
        watch=(_people(10),),
        recover=(_people(12, days=3),),
        suspend=(_people(5, days=3), _people(10, days=5), Threshold(people=10, days=30, mean=True)),
        reopen=(_people(20),),
    ),
    "hangzhou": Policy(name="hangzhou", presale=(Threshold(share=0.3),), open=(Threshold(share=0.6),)),
    "changchun": Policy(name="changchun", open=(Threshold(share=0.6),), suspend=(Threshold(share=0.6),)),
    "beijing": Policy(name="beijing", open=(_people(12),)),
    "shanghai": Policy(name="shanghai", presale=(_people(15),), open=(_people(20),)),
}
"""Rules as cities published them; limits for watching, recovering and presale that they do not tell are ours."""
