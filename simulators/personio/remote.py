"""A simulator in a process of its own: what a demo or a benchmark starts, so that it has a core to itself."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from urllib.parse import urlsplit

import msgspec

from simulators.personio.control import Control

_PATIENCE = 30.0


class RemotePersonio(Control):
    """Speak to a simulator that somebody else has started."""

    def __init__(self, url: str, client_id: str, client_secret: str) -> None:
        self.url, self.client_id, self.client_secret = url, client_id, client_secret

    def _send(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        connection = HTTPConnection(urlsplit(self.url).netloc, timeout=_PATIENCE)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


class _Introduction(msgspec.Struct):
    url: str
    client_id: str
    client_secret: str


@contextmanager
def spawned(arguments: Sequence[str]) -> Iterator[RemotePersonio]:
    """Start `python -m simulators.personio` with these arguments, and stop it at the end."""
    command = [sys.executable, "-m", "simulators.personio", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:  # noqa: S603  our own module, by absolute path
        try:
            yield _introduced(process)
        finally:
            process.terminate()
            process.wait(_PATIENCE)


def _introduced(process: "subprocess.Popen[bytes]") -> RemotePersonio:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise RuntimeError("the simulator ended before it could serve; what it wrote to stderr says why")
    told = msgspec.json.decode(line, type=_Introduction)
    return RemotePersonio(told.url, told.client_id, told.client_secret)
