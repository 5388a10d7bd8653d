"""Hand out each tenant's Personio and application; rebuild them when a connection or mapping changes."""

import hashlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

from adapters.budgets import LocalWindows, PacedBudget
from adapters.http import AddressPolicy, ForbiddenAddress, Outbound, Reply, split_url, writing_while
from adapters.sources.personio import ADDRESS, CREDENTIAL, LOGINS, PersonioSource
from bootstrap.catalogue import OVER_HTTP, TARGETS
from bootstrap.gate import Gate
from domain.budget import Ask, Limits, Rule
from domain.check import Side
from domain.codes import Code
from domain.config import Configuration
from domain.errors import TenantBlockedError
from domain.ids import ConfigVersion, TenantId
from domain.ports import Store, Transaction
from domain.ports_world import Budget, Clock, Source, Target, Token, Windows
from domain.records import Connection
from domain.units import UNIT_KEYS

TARGET_DEADLINE = timedelta(seconds=30)
"""Below the lease of 45 s, so that a late write cannot land after somebody else's newer one."""

SOURCE_DEADLINE = timedelta(seconds=70)
"""Personio: slow pages are reported up to a minute; below the page lease of 75 s."""


FORBIDDEN: Mapping[Side, Code] = {
    Side.SOURCE: Code.SOURCE_FORBIDDEN_ADDRESS,
    Side.TARGET: Code.TARGET_FORBIDDEN_ADDRESS,
}
UNFIT: Mapping[Side, Code] = {
    Side.SOURCE: Code.SOURCE_ADDRESS_UNFIT,
    Side.TARGET: Code.TARGET_ADDRESS_UNFIT,
}
"""What an address is called that is one and may not be used, and one that is none, on each side."""

SHARED_ADDRESS = "all"
"""The name of the one address from which all machines reach Personio, unless somebody names another."""


class CountedOutbound(Outbound):
    """Count every request of one tenant to one side; a gate keeps requests from a target that rests."""

    counter: Counter[tuple[TenantId, Side]]
    lock: threading.Lock
    booked_on: tuple[TenantId, Side]
    gate: Gate | None = None

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] = {},
        body: bytes | None = None,
        content_type: str | None = None,
        deadline: timedelta | None = None,
    ) -> Reply:
        """Book the request, then send it."""

        def leave() -> Reply:
            with self.lock:
                self.counter[self.booked_on] += 1
            return Outbound.send(
                self,
                method,
                path,
                params=params,
                headers=headers,
                body=body,
                content_type=content_type,
                deadline=deadline,
            )

        return leave() if self.gate is None else self.gate.pass_through(method, leave)


class NoBudget:
    """Hold nothing back: for simulators, and where a proxy keeps the limits."""

    def wait(self, ask: Ask, patience: timedelta) -> None:
        """Return at once."""


@dataclass(slots=True)
class Built:
    """The adapters of one tenant, each built when it is asked for, and what they are built from.

    An end whose address is of no use stands in nobody's way to the other one.
    """

    connection: Connection
    config: Configuration
    sources: dict[frozenset[str], Source] = field(default_factory=dict)
    target: Target | None = None


class StoreTokens:
    """Share one tenant's token through the store."""

    def __init__(self, store: Store, tenant_id: TenantId) -> None:
        self._store = store
        self._tenant_id = tenant_id

    def read(self) -> Token | None:
        """Return the stored token."""
        with self._store.read() as tx:
            return tx.connections.token(self._tenant_id)

    def write(self, token: Token | None) -> None:
        """Store a new token, or forget a refused one."""
        with self._store.write() as tx:
            tx.connections.put_token(self._tenant_id, token)

    def worked(self) -> bool:
        """Tell whether a run ever read a page with this credential."""
        with self._store.read() as tx:
            return tx.connections.worked(self._tenant_id)


class TenantAccounts:
    """Build adapters from the store's rows, once per connection and configuration.

    `windows` counts requests for all processes (None: each for itself), `address` names the address from
    which this machine reaches Personio. `patient` is for a human who waits: it
    sleeps through long waits for a limit, and asks a target also while it rests.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        policy: AddressPolicy,
        rate_limits: bool,
        windows: Windows | None = None,
        address: str = SHARED_ADDRESS,
        patient: bool = False,
    ) -> None:
        self._store = store
        self._clock = clock
        self._policy = policy
        self._rate_limits = rate_limits
        self._windows = windows or LocalWindows(time.monotonic)
        self._address = address
        self._patient = patient
        self._hungry = 1
        self._built: dict[TenantId, Built] = {}
        self._gates: dict[TenantId, Gate] = {}
        self._counter: Counter[tuple[TenantId, Side]] = Counter()
        self._lock = threading.Lock()

    def source(
        self,
        tenant_id: TenantId,
        universal: Mapping[str, str] | None = None,
        version: ConfigVersion | None = None,
        *,
        also: Collection[str] = (),
    ) -> Source:
        """Return this tenant's Personio, as its connection says now.

        Records are read only as far as they are wanted, so universal ids need their keys. Among how many
        tenants the address is shared is counted with each turn of reading, which begins here.
        """
        with self._store.read() as tx:
            if self._rate_limits:
                self._hungry = tx.runs.hungry(timedelta(seconds=ADDRESS.seconds))
            current = self._current(tx, tenant_id)
        config = self._configuration(tenant_id, version, current.config)
        wanted = config.source_keys_with(universal or {}) | UNIT_KEYS | frozenset(also)
        if wanted not in current.sources:
            current.sources[wanted] = self._source(tenant_id, current.connection, wanted)
        return current.sources[wanted]

    def target(self, tenant_id: TenantId) -> Target:
        """Return this tenant's application, as its connection says now."""
        with self._store.read() as tx:
            current, condition = self._current(tx, tenant_id), tx.conditions.get(tenant_id)
        if current.target is None:
            current.target = self._target(tenant_id, current)
        if tenant_id in self._gates:
            self._gates[tenant_id].see(condition)
        return current.target

    def writing_while(self, may_leave: Callable[[], bool]) -> AbstractContextManager[None]:
        """Let no write of this thread leave in there once `may_leave` says no."""
        return writing_while(may_leave)

    def take_requests(self, tenant_id: TenantId) -> tuple[int, int]:
        """Return and forget the requests counted for a tenant."""
        with self._lock:
            source, target = ((tenant_id, side) for side in (Side.SOURCE, Side.TARGET))
            return self._counter.pop(source, 0), self._counter.pop(target, 0)

    def _current(self, tx: Transaction, tenant_id: TenantId) -> Built:
        connection, config = tx.connections.get(tenant_id), tx.tenants.configuration(tenant_id)
        if connection is None:
            raise TenantBlockedError(Code.CONNECTION_MISSING, "")
        if config is None:
            raise TenantBlockedError(Code.CONFIG_INVALID, "there is none")
        built = self._built.get(tenant_id)
        if built is None or built.connection != connection or built.config != config:
            built = Built(connection, config)
            with self._lock:
                self._built[tenant_id] = built
        return built

    def _configuration(
        self, tenant_id: TenantId, version: ConfigVersion | None, current: Configuration
    ) -> Configuration:
        """Return what a run uses: what counts, or a version that is only tried."""
        if version is None or version == current.version:
            return current
        with self._store.read() as tx:
            return tx.tenants.configuration(tenant_id, version) or current

    def _target(self, tenant_id: TenantId, current: Built) -> Target:
        connection, outbound = current.connection, None
        if connection.target_kind in OVER_HTTP:
            outbound = self._outbound(tenant_id, Side.TARGET, connection.target_url, TARGET_DEADLINE)
        return TARGETS[connection.target_kind](connection, current.config, outbound, self._clock)

    def _source(self, tenant_id: TenantId, connection: Connection, wanted: frozenset[str]) -> Source:
        return PersonioSource(
            outbound=self._outbound(tenant_id, Side.SOURCE, connection.source_url, SOURCE_DEADLINE),
            client_id=connection.client_id,
            client_secret=connection.client_secret,
            tokens=StoreTokens(self._store, tenant_id),
            clock=self._clock,
            budget=self._budget(connection),
            wanted=wanted,
            patient=self._patient,
        )

    def _outbound(self, tenant_id: TenantId, side: Side, url: str, deadline: timedelta) -> Outbound:
        try:
            outbound = CountedOutbound(split_url(url)[0], policy=self._policy, deadline=deadline)
        except ForbiddenAddress as error:
            raise TenantBlockedError(FORBIDDEN[side], str(error)) from None
        except ValueError:
            raise TenantBlockedError(UNFIT[side], "it is no URL") from None
        outbound.counter, outbound.lock, outbound.booked_on = self._counter, self._lock, (tenant_id, side)
        if side is Side.TARGET and not self._patient:
            outbound.gate = self._gates[tenant_id] = Gate(self._store, self._clock, tenant_id)
        return outbound

    def _budget(self, connection: Connection) -> Budget:
        if not self._rate_limits:
            return NoBudget()
        limits = limits_of(connection, self._address)
        return PacedBudget(self._windows, limits, time.monotonic, time.sleep, lambda: self._hungry)


def limits_of(connection: Connection, address: str = SHARED_ADDRESS) -> Limits:
    """Say what the requests of one credential must keep, under names that give nothing away."""
    origin, _ = split_url(connection.source_url)
    who = hashlib.sha256(f"{origin} {connection.client_id}".encode()).hexdigest()[:16]
    there = f"{urlsplit(origin).netloc}:{address}"
    return Limits(
        who=who,
        own=tuple(Rule(f"credential:{who}", allowance) for allowance in CREDENTIAL),
        shared=Rule(f"address:{there}", ADDRESS),
        logins=Rule(f"logins:{there}", LOGINS),
    )
