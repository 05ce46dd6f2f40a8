"""Who is asking: bearer keys with scopes, remembered for seconds, and limits on how often they may ask."""

from collections import OrderedDict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.clock import SECOND_MS
from api.desk import AtDesk, Desk
from api.errors import ApiError
from api.store.audit import Deed
from api.store.keys import ApiKey, digest, find_key

REMEMBERED_MS = 5 * SECOND_MS
"""How long a key is believed without asking the database; a revoked key works for so long at most."""
REMEMBERED = 4_096
BURST_S = 2

bearer = HTTPBearer(auto_error=False, scheme_name="key", description="`Authorization: Bearer KEY`")


@dataclass(slots=True)
class Bucket:
    """A token bucket: ``rate`` tokens a second, at most ``BURST_S`` seconds' worth."""

    tokens: float
    at: int


@dataclass(slots=True)
class Doorkeeper:
    """Remembers keys and counts requests, for one application in one process."""

    keys: OrderedDict[str, tuple[int, ApiKey | None]] = field(default_factory=OrderedDict)
    buckets: OrderedDict[str, Bucket] = field(default_factory=OrderedDict)

    async def key_of(self, desk: Desk, secret: str) -> ApiKey | None:
        """Return the record of a key that may still be used, or None."""
        name, now = digest(secret), desk.clock()
        known = self.keys.get(name)
        if known is None or known[0] + REMEMBERED_MS <= now:
            found = await desk.store.reading(lambda connection: find_key(connection, secret))
            known = self.keys[name] = (now, found)
            self.keys.move_to_end(name)
            if len(self.keys) > REMEMBERED:
                self.keys.popitem(last=False)
        key = known[1]
        return key if key is not None and key.valid(now) else None

    def take(self, who: str, rate: int, now: int) -> None:
        """Take one token of somebody's bucket.

        Raises
        ------
        ApiError
            ``too_many_requests``, when it is empty.
        """
        if not rate:
            return
        bucket = self.buckets.get(who)
        if bucket is None:
            bucket = self.buckets[who] = Bucket(tokens=float(rate * BURST_S), at=now)
            if len(self.buckets) > REMEMBERED:
                self.buckets.popitem(last=False)
        bucket.tokens = min(float(rate * BURST_S), bucket.tokens + rate * (now - bucket.at) / SECOND_MS)
        bucket.at = now
        if bucket.tokens < 1:
            raise ApiError("too_many_requests", "Too many requests.", "Wait a second.", headers={"Retry-After": "1"})
        bucket.tokens -= 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A request's key, and what its deeds are noted under."""

    key: ApiKey
    trace_id: str
    at: int

    @property
    def deed(self) -> Deed:
        """What the audit log is told."""
        return Deed(actor=self.key.key_id, at=self.at, trace_id=self.trace_id)

    def may(self, scope: str) -> bool:
        """Tell whether the key has a scope."""
        return scope in self.key.scopes


async def caller_of(
    request: Request, desk: AtDesk, given: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
) -> Caller:
    """Return who asks.

    Raises
    ------
    ApiError
        ``key_missing``, ``key_invalid`` or ``too_many_requests``.
    """
    keeper: Doorkeeper = request.app.state.doorkeeper
    now = desk.clock()
    if given is None:
        raise ApiError(
            "key_missing",
            "The request carries no key.",
            "Send Authorization: Bearer KEY.",
            headers={"WWW-Authenticate": "Bearer"},
        )
    key = await keeper.key_of(desk, given.credentials)
    if key is None:
        address = request.client.host if request.client else "unknown"
        keeper.take(f"failures/{address}", desk.settings.failures_per_s, now)
        raise ApiError(
            "key_invalid",
            "The key is unknown, revoked or expired.",
            "Ask for another one.",
            headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
        )
    keeper.take(key.key_id, desk.settings.rate_per_s, now)
    return Caller(key=key, trace_id=request.state.trace_id, at=now)


AnyCaller = Annotated[Caller, Depends(caller_of)]


def allow(*scopes: str) -> Callable[[Caller], Coroutine[Any, Any, Caller]]:
    """Return a dependency that lets in keys with every one of some scopes."""

    async def check(caller: AnyCaller) -> Caller:
        missing = [scope for scope in scopes if not caller.may(scope)]
        if missing:
            raise ApiError("scope_missing", f"The key lacks the scope {missing[0]}.", "Use a key that has it.")
        return caller

    return check


PlanReader = Annotated[Caller, Depends(allow("plan:read"))]
PlanWriter = Annotated[Caller, Depends(allow("plan:write"))]
Booker = Annotated[Caller, Depends(allow("booking"))]
HomeReader = Annotated[Caller, Depends(allow("pii:read"))]
