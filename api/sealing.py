"""Encryption at rest of what tells where somebody lives; the key is never in the database."""

import base64
import binascii
import json
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.engine import Connection

from api.errors import ApiError
from api.settings import Settings
from api.store.schema import facts

KEY_BYTES = 32
NONCE_BYTES = 12
FACT = "data_keys"


@dataclass(frozen=True, slots=True)
class Sealer:
    """Seals with the first of its keys, opens with any: that is how keys are changed.

    A sealed value is the key's id, a blank, a nonce and AES-256-GCM's output; ``about`` is authenticated
    with it, so that a value copied into another rider's row does not open there.
    """

    keys: Mapping[str, bytes]

    def seal(self, plain: bytes, about: str) -> bytes:
        """Return a value encrypted."""
        name, key = next(iter(self.keys.items()))
        nonce = secrets.token_bytes(NONCE_BYTES)
        return name.encode() + b" " + nonce + AESGCM(key).encrypt(nonce, plain, about.encode())

    def open(self, sealed: bytes, about: str) -> bytes:
        """Return a value as it was before it was sealed.

        Raises
        ------
        ApiError
            ``data_key_wrong``, when no key of ours opens it for this purpose, or it was changed or cut short.
        """
        name, _, rest = sealed.partition(b" ")
        key = self.keys.get(name.decode("ascii", "replace"))
        if key is None:
            raise _wrong()
        try:
            return AESGCM(key).decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], about.encode())
        except (InvalidTag, ValueError) as error:  # the latter for a nonce cut short
            raise _wrong() from error

    def seal_json(self, value: Mapping[str, Any], about: str) -> bytes:
        """Return an object encrypted."""
        return self.seal(json.dumps(value, separators=(",", ":")).encode(), about)

    def open_json(self, sealed: bytes, about: str) -> dict[str, Any]:
        """Return an object as it was before it was sealed."""
        opened: dict[str, Any] = json.loads(self.open(sealed, about))
        return opened


def about_rider(service: str, rider_id: str) -> str:
    """Return what a sealed home is bound to."""
    return f"rider/{service}/{rider_id}"


def open_sealer(settings: Settings) -> Sealer:
    """Return the sealer of a process; makes the key file where neither it nor the variable is there.

    Raises
    ------
    ApiError
        ``data_key_missing``, when the keys cannot be read or are no keys.
    """
    text = settings.data_keys or _read_file(Path(settings.data_key_file))
    keys: dict[str, bytes] = {}
    for part in text.replace("\n", ",").split(","):
        if not part.strip():
            continue
        name, _, encoded = part.strip().partition(":")
        try:
            keys[name] = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError) as error:
            raise _missing("A data key is not base64.") from error
        if len(keys[name]) != KEY_BYTES or not name.isalnum():
            raise _missing(f"The data key {name!r} has no {KEY_BYTES} bytes, or its id is no word.")
    if not keys:
        raise _missing("There is no data key.")
    return Sealer(keys)


def new_data_key() -> str:
    """Return a new key as the setting and the file spell it."""
    name = secrets.token_hex(4)
    return f"{name}:{base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}"


def check_data_keys(connection: Connection, sealer: Sealer) -> None:
    """Note which key seals this database, or refuse keys that cannot open it.

    Raises
    ------
    ApiError
        ``data_key_wrong``: a server that started with a wrong key would lose homes.
    """
    noted = connection.execute(sa.select(facts.c.value).where(facts.c.name == FACT)).scalar_one_or_none()
    if noted is None:
        value = base64.b64encode(sealer.seal(b"banche", FACT)).decode()
        connection.execute(sa.insert(facts).values(name=FACT, value=value))
    else:
        sealer.open(base64.b64decode(noted), FACT)


def _read_file(path: Path) -> str:
    try:
        with suppress(FileExistsError):
            path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(new_data_key() + "\n")
        return path.read_text("ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise _missing("The file of the data keys cannot be read or made.") from error


def _missing(cause: str) -> ApiError:
    return ApiError(
        "data_key_missing", cause, "Set BANCHE_DATA_KEYS to id:base64 of 32 bytes, or BANCHE_DATA_KEY_FILE to a file."
    )


def _wrong() -> ApiError:
    return ApiError(
        "data_key_wrong",
        "The data keys do not open what this database holds.",
        "Give the key that sealed it; older keys stand behind the newest, separated by commas.",
    )
