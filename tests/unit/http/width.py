"""Measure how long after the last look the first byte of a write leaves: python -m tests.unit.http.width."""

import sys
import time
from collections.abc import Sequence
from typing import Any

from httpcore._backends.sync import SyncStream

from adapters.http import AddressPolicy, Outbound, writing_while
from tests.unit.http.raw_server import reply, serving

REQUESTS = 2000


class WatchedSocket:
    """Note when something is sent."""

    def __init__(self, inner: Any, sent: list[int]) -> None:  # noqa: ANN401  whatever httpcore keeps
        self._inner = inner
        self._sent = sent

    def send(self, *given: Any) -> int:  # noqa: ANN401  a socket's own signature
        """Note the moment, then send."""
        self._sent.append(time.perf_counter_ns())
        return int(self._inner.send(*given))

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)


def measured() -> Sequence[int]:
    """Send many requests over one connection; return the nanoseconds between look and socket, sorted."""
    looked: list[int] = []
    sent: list[int] = []
    plain = SyncStream.write

    def write(self: Any, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ANN401  as above
        if not isinstance(self._sock, WatchedSocket):
            self._sock = WatchedSocket(self._sock, sent)
        plain(self, buffer, timeout)

    def look() -> bool:
        looked.append(time.perf_counter_ns())
        return True

    SyncStream.write = write  # type: ignore[method-assign]  # it is measured, in a process of its own
    with serving(reply()) as server:
        outbound = Outbound(server.origin, policy=AddressPolicy(allow_private=True))
        with writing_while(look):
            for _ in range(REQUESTS):
                outbound.send("PATCH", "/a", body=b"{}")
    return sorted(after - before for before, after in zip(looked, sent, strict=True))


if __name__ == "__main__":
    found = measured()
    shown = [
        ("median", found[len(found) // 2]),
        ("99 of 100", found[len(found) * 99 // 100]),
        ("most", found[-1]),
    ]
    sys.stdout.write(", ".join(f"{name} {each / 1000:.1f} µs" for name, each in shown) + "\n")
