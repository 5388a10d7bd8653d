"""Let many companies be due at the same second behind one address, and print how they share the limit.

`python -m tests.e2e.morning --tenants 50 --people 1000 --minute 200`; exit 1 if somebody got more than twice
the pages of somebody else, or if Personio had to say 429. What is looked at: every five seconds, from the
moment at which the pages that all have together would be two for each, and while all are hungry. The limit
per address is scaled down from 2,000 a minute, on both sides, so that it binds.
"""

import argparse
import signal
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from adapters.redis.embedded import start_embedded
from domain.config import Scope
from domain.events import RunDue
from domain.ids import RunId, TenantId
from domain.records import Connection, NewRun
from domain.run import Outcome, Run, RunKind
from domain.scope_tree import Clause, Operator
from domain.tenant import TenantState
from simulators.personio.remote import RemotePersonio, spawned
from tests.builders import configuration
from tests.chaos.household import Contained
from tests.e2e.fairness import say
from tests.e2e.house import Town, Window, town
from tests.flow.conftest import SCIM_LINES

FAIR_FROM = 2
"""From so many pages for each on, if all had the same, shares say something: nobody has half a page."""

MOST_TIMES = 2.0
LOOK_SECONDS = 5.0
WARM_UP_SECONDS = 65.0
PATIENCE_SECONDS = 900.0
ROLES = ("scheduler", "fetch", "suspects")
NOBODY = Scope(where=Clause("id", Operator.IN, ("0",)))
"""Reading is what is measured: no change is planned, and no application asked."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one look saw: the pages of each tenant, and how many tenants are hungry."""

    seconds: float
    pages: tuple[int, ...]
    hungry: int

    @property
    def fewest(self) -> int:
        """Return what the last one has."""
        return min(self.pages)

    @property
    def most(self) -> int:
        """Return what the first one has."""
        return max(self.pages)

    @property
    def counts(self) -> bool:
        """Tell whether all are hungry and each could have two pages by now."""
        return self.hungry == len(self.pages) and sum(self.pages) >= FAIR_FROM * len(self.pages)

    @property
    def share(self) -> float:
        """Divide the most by the fewest."""
        return self.most / max(self.fewest, 1)


def main(words: list[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.morning", description=__doc__)
    parser.add_argument("--tenants", type=int, default=50)
    parser.add_argument("--people", type=int, default=1_000)
    parser.add_argument("--minute", type=int, default=200, help="requests a minute from one address")
    told = parser.parse_args(words)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, leave)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(start_embedded(folder / "redis"))
        here = stack.enter_context(town(folder, 1, redis_url=server.url, rate_limits="on"))
        limits = [f"--switch=ip_per_minute={told.minute}"]
        personio = stack.enter_context(spawned(["--employees", str(told.people), "--seed", "7", *limits]))
        commands = {
            role: (sys.executable, "-m", "tests.e2e.scaled", str(told.minute), role) for role in ROLES
        }
        house = Contained(here, commands=commands)
        window = stack.enter_context(here.window())
        tenants = [TenantId(f"company-{number:02}") for number in range(told.tenants + 1)]
        connect(window, here, personio, tenants)
        house.start()
        stack.callback(house.end)
        warm_up(window, [tenants.pop()])
        return measure(window, personio, tenants)


def leave(number: int, _frame: object) -> None:
    """End through all that must be stopped, and let nobody interrupt that."""
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)
    sys.exit(128 + number)


def connect(window: Window, here: Town, personio: RemotePersonio, tenants: list[TenantId]) -> None:
    """Give each tenant a credential of its own at the same Personio."""
    config = replace(configuration(lines=SCIM_LINES), scope=NOBODY)
    for tenant_id in tenants:
        issued = personio.issue()
        with window.here.store.write() as tx:
            assert tx.tenants.add(tenant_id, tenant_id, "en", ["owner@example.com"])
            tx.tenants.configure(tenant_id, config, "test")
            ends = (personio.url, issued.client_id, issued.client_secret)
            tx.connections.put(tenant_id, Connection(*ends, "scim", here.app.url, here.app.token))
            assert tx.tenants.move(tenant_id, TenantState.READY, None)


def all_at_once(window: Window, tenants: list[TenantId]) -> None:
    """Make everybody due in one transaction, and ring for all of them."""
    ids, bells = window.here.ids, []
    with window.here.store.write() as tx:
        for tenant_id in tenants:
            config = tx.tenants.configuration(tenant_id)
            assert config is not None
            new = NewRun(RunKind.FEED, "at-four", "test")
            run = tx.runs.add(tenant_id, RunId(ids.new()), new, config.version)
            assert run is not None
            bells.append(RunDue(tenant_id, run.run_id))
    window.here.desk.publisher.ring(bells)


def warm_up(window: Window, early: list[TenantId]) -> None:
    """Let the memory of the windows become older than a minute: one that is younger allows a fifth only."""
    all_at_once(window, early)
    say(f"waiting for {WARM_UP_SECONDS:.0f} s")
    time.sleep(WARM_UP_SECONDS)


def measure(window: Window, personio: RemotePersonio, tenants: list[TenantId]) -> int:
    """Look every few seconds until all are done."""
    personio.reset_counters()
    all_at_once(window, tenants)
    began, looks, done_in = time.monotonic(), list[Look](), dict[TenantId, float]()
    while len(done_in) < len(tenants):
        assert time.monotonic() - began < PATIENCE_SECONDS, "not everybody is done"
        time.sleep(LOOK_SECONDS)
        seconds = time.monotonic() - began
        runs = newest(window, tenants)
        pages = tuple(run.pages for run in runs.values())
        done_in |= {each: seconds for each, run in runs.items() if run.outcome and each not in done_in}
        looks.append(Look(seconds, pages, len(tenants) - len(done_in)))
        tell(looks[-1])
    return judge(looks, personio, done_in, newest(window, tenants))


def newest(window: Window, tenants: list[TenantId]) -> Mapping[TenantId, Run]:
    """Return the one run of each tenant."""
    with window.here.store.read() as tx:
        return {run.tenant_id: run for run in tx.runs.newest(None, len(tenants))}


def tell(look: Look) -> None:
    """Write one line, every so often."""
    mean = sum(look.pages) / len(look.pages)
    counts = f", {look.share:.2f} times" if look.counts else ""
    say(
        f"{look.seconds:6.0f} s: {look.fewest} to {look.most} pages, {mean:.1f} on average{counts}; "
        f"{look.hungry} hungry"
    )


def judge(
    looks: list[Look],
    personio: RemotePersonio,
    done_in: Mapping[TenantId, float],
    runs: Mapping[TenantId, Run],
) -> int:
    """Say what came of it."""
    told = personio.counters()
    refused = sum(by.get("429", 0) for by in told.requests.values())
    among = [look for look in looks if look.counts]
    worst = max((look.share for look in among), default=0.0)
    bad = [tenant_id for tenant_id, run in runs.items() if run.outcome is not Outcome.PLANNED]
    first, last = min(done_in.values()), max(done_in.values())
    say(f"{told.total} requests, {told.pages} pages, {refused} answered 429; failed: {bad or 'none'}")
    say(f"the first company was done after {first:.0f} s, the last after {last:.0f} s")
    say(f"most over fewest pages, while all were hungry: at worst {worst:.2f} in {len(among)} looks")
    return 0 if among and worst <= MOST_TIMES and not refused and not bad else 1


if __name__ == "__main__":
    sys.exit(main())
