"""API keys: only their digests are kept."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from api.errors import not_found
from api.ids import ULID_DIGITS, base32, new_id
from api.store.schema import api_keys

SCOPES = {
    "plan:read": "Plans, jobs, comparisons, exports.",
    "plan:write": "Scenarios, jobs, the life of plans, riders, webhooks.",
    "booking": "Offers, holds, bookings, seats, waiting list; never a home.",
    "pii:read": "Homes and needs of riders.",
}
"""What a key may be allowed to do."""

SECRET_BITS = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """Who may do what, until when [ms since the epoch]."""

    key_id: str
    name: str
    scopes: frozenset[str]
    created_at: int
    expires_at: int | None
    revoked_at: int | None

    def valid(self, now: int) -> bool:
        """Tell whether the key may still be used."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


def create_key(
    connection: Connection, *, name: str, scopes: Collection[str], now: int, expires_at: int | None = None
) -> tuple[ApiKey, str]:
    """Return a new key's record and the key itself, which nobody can find out later."""
    # 160 random bits need no slow hash: there is nothing to guess.
    secret = "banche_" + base32(secrets.randbits(SECRET_BITS), ULID_DIGITS + 6)
    key = ApiKey(
        key_id=new_id("key"),
        name=name,
        scopes=frozenset(scopes),
        created_at=now,
        expires_at=expires_at,
        revoked_at=None,
    )
    connection.execute(
        sa.insert(api_keys).values(
            key_id=key.key_id,
            name=name,
            digest=digest(secret),
            scopes=" ".join(sorted(scopes)),
            created_at=now,
            expires_at=expires_at,
        )
    )
    return key, secret


def find_key(connection: Connection, secret: str) -> ApiKey | None:
    """Return the record of a key, or None where there is none."""
    row = connection.execute(sa.select(api_keys).where(api_keys.c.digest == digest(secret))).one_or_none()
    return None if row is None else _key(row)


def list_keys(connection: Connection) -> tuple[ApiKey, ...]:
    """Return every key, the oldest first."""
    return tuple(_key(row) for row in connection.execute(sa.select(api_keys).order_by(api_keys.c.key_id)))


def revoke_key(connection: Connection, key_id: str, now: int) -> None:
    """End a key's validity; revoking it again changes nothing.

    Raises
    ------
    ApiError
        ``not_found``.
    """
    known = connection.execute(sa.select(api_keys.c.key_id).where(api_keys.c.key_id == key_id)).one_or_none()
    if known is None:
        raise not_found("key", key_id)
    connection.execute(
        sa.update(api_keys).where(api_keys.c.key_id == key_id, api_keys.c.revoked_at.is_(None)).values(revoked_at=now)
    )


def digest(secret: str) -> str:
    """Return the SHA-256 of a key in hex."""
    return sha256(secret.encode()).hexdigest()


def _key(row: Row[tuple[object, ...]]) -> ApiKey:
    return ApiKey(
        key_id=row.key_id,
        name=row.name,
        scopes=frozenset(row.scopes.split()),
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )
