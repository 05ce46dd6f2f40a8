"""A lean HTTP/1.1 client over one connection, so that the load costs less than what it measures."""

import asyncio
import json
from typing import Any


class Wire:
    """One keep-alive connection; opened anew after the server has gone away."""

    def __init__(self, port: int, secret: str) -> None:
        self.port = port
        self.secret = secret
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def call(self, method: str, path: str, body: bytes = b"", key: str | None = None) -> tuple[int, bytes]:
        """Send one request and return status and body; raises `OSError` or `EOFError` when the server goes away."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self._streams
        lines = [
            f"{method} {path} HTTP/1.1",
            "Host: banche.test",
            f"Authorization: Bearer {self.secret}",
            f"Content-Length: {len(body)}",
            "Content-Type: application/json",
            *([f"Idempotency-Key: {key}"] if key else []),
        ]
        try:
            writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(
                (
                    int(line.split(b":")[1])
                    for line in head.split(b"\r\n")
                    if line.lower().startswith(b"content-length")
                ),
                0,
            )
            return int(head[9:12]), await reader.readexactly(length)
        except (OSError, EOFError, asyncio.CancelledError):
            self.close()
            raise

    async def insist(self, path: str, body: bytes, key: str, patience_s: float = 900.0) -> tuple[int, bytes]:
        """Send a POST until it is answered, always under one key: what a booking system does when a server dies."""
        deadline = asyncio.get_running_loop().time() + patience_s
        while True:
            try:
                status, answer = await asyncio.wait_for(self.call("POST", path, body, key), 60.0)
                if status not in {409, 503} or json.loads(answer).get("code") not in {
                    "in_flight",
                    "store_busy",
                    "not_ready",
                }:
                    return status, answer
            except (OSError, EOFError, TimeoutError):
                self.close()
            if asyncio.get_running_loop().time() > deadline:
                raise TimeoutError(path)
            await asyncio.sleep(0.05)

    def close(self) -> None:
        """Let the connection go."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


def dump(document: dict[str, Any]) -> bytes:
    """Return a request body."""
    return json.dumps(document, separators=(",", ":")).encode()
