"""Everything a misfortune can reach: the house, its servers, both simulators, and the wires between them."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from bootstrap.container import house
from bootstrap.settings import read_settings
from domain.guards import OFF, Guards
from tests.chaos.household import Household, Supervised
from tests.chaos.servers import PostgresServer, RedisServer, postgres
from tests.e2e.house import Town, Window, town
from tests.fakes.tcp_proxy import Dial, TcpProxy


@dataclass
class Stage:
    """One house in one world; whoever looks in from outside comes past every wire."""

    town: Town
    redis: RedisServer
    postgres: PostgresServer | None
    wires: Mapping[str, TcpProxy]
    house: Household
    _later: list[threading.Timer] = field(default_factory=list)

    @contextlib.contextmanager
    def window(self) -> Iterator[Window]:
        """Look into the store, and ask for runs, past every wire."""
        with house(read_settings(self._past_the_wires()), self._redis_url()) as here:
            yield Window(here)

    def connect(self, window: Window) -> None:
        """Connect the tenant through the wires. Many changes are how work is made here: they are not held."""
        ways = {"personio": self.town.personio.url, "app": self.town.app.url}
        personio, app = (_moved(url, self.wires[name]) for name, url in ways.items())
        window.connect(self.town, through=(personio, app), guards=Guards(updates=OFF, renames=OFF))

    @property
    def database_url(self) -> str:
        """Name the database, past its wire."""
        return read_settings(self._past_the_wires()).database_url

    def later(self, seconds: float, act: Callable[[], object]) -> None:
        """Do something in a while, from another thread."""
        timer = threading.Timer(seconds, act)
        self._later.append(timer)
        timer.start()

    def calm(self) -> None:
        """Wait for all that was put off."""
        for timer in self._later:
            timer.join()

    def _redis_url(self) -> str:
        return f"unix://{self.redis.socket}?db=0"

    def _past_the_wires(self) -> dict[str, str]:
        told = {**self.town.environ, "STAFFETTA_REDIS_URL": self._redis_url()}
        if self.postgres is not None:
            told["STAFFETTA_DATABASE_URL"] = self.postgres.running.get_uri()
        return told


@contextlib.contextmanager
def stage(
    folder: Path,
    people: int,
    database: str = "sqlite",
    keep: Callable[[Town], Household] = Supervised,
    *,
    write_latency_ms: float = 0,
    **settings: str,
) -> Iterator[Stage]:
    """Build the world and a house that is not started yet; at the end everything is stopped."""
    with ExitStack() as stack:
        cluster = stack.enter_context(postgres()) if database == "postgres" else None
        redis = RedisServer(folder / "redis")
        stack.callback(redis.stop)
        wires = {"redis": stack.enter_context(TcpProxy(_to_socket(redis.socket)))}
        settings["redis_url"] = f"redis://127.0.0.1:{wires['redis'].port}/0"
        if cluster is not None:
            wires["postgres"] = stack.enter_context(TcpProxy(_to_socket(cluster.socket)))
            settings["database_url"] = cluster.url("127.0.0.1", wires["postgres"].port)
        here = stack.enter_context(
            town(folder, people, write_latency_ms=write_latency_ms, token=None, seed=7, **settings)
        )
        for name, url in (("personio", here.personio.url), ("app", here.app.url)):
            wires[name] = stack.enter_context(TcpProxy(_to_host(url)))
        kept = keep(here)
        built = Stage(here, redis, cluster, wires, kept)
        stack.callback(kept.end)
        stack.callback(built.calm)
        yield built


def _to_socket(path: Path) -> Dial:
    def dial() -> socket.socket:
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(str(path))
        except OSError:
            connection.close()
            raise
        return connection

    return dial


def _to_host(url: str) -> Dial:
    parts = urlsplit(url)
    assert parts.hostname is not None
    assert parts.port is not None
    address = parts.hostname, parts.port
    return lambda: socket.create_connection(address)


def _moved(url: str, wire: TcpProxy) -> str:
    return urlunsplit(urlsplit(url)._replace(netloc=f"127.0.0.1:{wire.port}"))
