"""Tells subscribers what has happened: signed, at least once, and never inside our own network."""

import hmac
import ipaddress
import json
import socket
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from urllib.parse import urlsplit

import httpx

from api.clock import SECOND_MS, rfc3339
from api.desk import Desk
from api.errors import ApiError, FieldFault
from api.store.webhooks import Parcel, claim_deliveries, fan_out, settle_delivery

TIMEOUT_S = 10.0
AT_ONCE = 8
SIGNATURE = "Banche-Signature"
EVENT_ID = "Banche-Event-Id"


def sign(secret: bytes, at_s: int, event_id: str, body: bytes) -> str:
    """Return the signature header: HMAC-SHA256 over time, event id and body, so that none of them can be changed.

    A receiver computes the same, compares in constant time, and refuses old times and event ids seen before.
    """
    signed = f"{at_s}.{event_id}.".encode() + body
    return f"t={at_s},v1={hmac.new(secret, signed, sha256).hexdigest()}"


def check_url(url: str, *, private: bool) -> None:
    """Refuse a subscriber's address that we would not call.

    Raises
    ------
    ApiError
        ``invalid_request``.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port, httpx.URL(url)  # both read more of it than urlsplit does
    except (ValueError, httpx.InvalidURL) as error:
        raise _bad_url("it is no address") from error
    wrong = None
    if parts.scheme not in ({"https", "http"} if private else {"https"}) or not parts.hostname:
        wrong = "an https:// address is needed"
    elif parts.username or parts.password or parts.fragment:
        wrong = "neither a user nor a fragment may stand in it"
    elif not private and _literal(parts.hostname) is not None and not _is_public(parts.hostname):
        wrong = "the address is private"
    if wrong is not None:
        raise _bad_url(wrong)


def _bad_url(wrong: str) -> ApiError:
    fault = FieldFault(pointer="/url", code="bad_url", detail=wrong)
    return ApiError("invalid_request", "The address cannot be used.", "Give a public https address.", faults=[fault])


def public_address(host: str, port: int) -> str:
    """Return an address of a host, all of whose addresses must be public.

    Raises
    ------
    OSError
        When the host is unknown, or one of its addresses is private.
    """
    found = {str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    if not all(map(_is_public, found)):
        raise OSError("private address")
    return min(found)


def deliver_some(desk: Desk) -> int:
    """Put new events on their way, make deliveries whose time has come, and return how many were made."""
    now = desk.clock()
    desk.store.transact(lambda connection: fan_out(connection, now))
    parcels = desk.store.transact(lambda connection: claim_deliveries(connection, desk.sealer, now, AT_ONCE))
    if parcels:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(lambda parcel: _deliver(desk, parcel), parcels))
    return len(parcels)


def _deliver(desk: Desk, parcel: Parcel) -> None:
    status, error = None, None
    try:
        status = _post(parcel, desk.clock() // SECOND_MS, private=desk.settings.private_webhooks)
        if not 200 <= status < 300:
            error = f"answered {status}"
    # A name that no encoding of names knows is a ValueError; whatever it is, others wait for their events.
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as failed:
        ours = isinstance(failed, OSError | ValueError)
        error = f"address: {failed}"[:200] if ours else type(failed).__name__
    desk.store.transact(
        lambda connection: settle_delivery(connection, parcel, status=status, error=error, now=desk.clock())
    )


def _post(parcel: Parcel, at_s: int, *, private: bool) -> int:
    url = httpx.URL(parcel.url)
    told = {
        "event_id": parcel.event_id,
        "type": parcel.kind,
        "at": rfc3339(parcel.at),
        "subject": parcel.subject,
        "data": dict(parcel.data),
    }
    body = json.dumps(told, ensure_ascii=False).encode()
    headers = {
        "Content-Type": "application/json",
        "Host": url.netloc.decode(),
        "User-Agent": "banche",
        SIGNATURE: sign(parcel.secret, at_s, parcel.event_id, body),
        EVENT_ID: parcel.event_id,
    }
    extensions = {"sni_hostname": url.host}
    if not private:
        # The address that was checked is the one that is called: a name could lead elsewhere a moment later.
        url = url.copy_with(host=public_address(url.host, url.port or 443))
    with httpx.Client(timeout=TIMEOUT_S, follow_redirects=False, trust_env=False) as client:
        return client.post(url, content=body, headers=headers, extensions=extensions).status_code


def _literal(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _is_public(host: str) -> bool:
    address = _literal(host.split("%", maxsplit=1)[0])
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return address is not None and address.is_global and not address.is_multicast
