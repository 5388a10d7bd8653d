"""Where many are due at once and threads are few, each turn is one page, so that all get on alike."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bootstrap.accounts import TenantAccounts
from domain.budget import Ask, Limits
from domain.events import PageDue, RunDue
from domain.ids import ConfigVersion, RunId, TenantId
from domain.ports_world import Windows
from domain.records import NewRun
from domain.run import RunKind
from producers.on_demand import ask_for_person
from simulators.personio.handle import PersonioSimulator
from simulators.personio.switches import Switches
from tests.builders import configuration
from tests.flow.relay import ACME, Relay
from tests.flow.test_failures import begin, somebody
from tests.flow.test_faults_source import EVERYWHERE
from tests.flow.unharmed import relay

__all__ = ["relay"]

PAGES = 4


@pytest.fixture
def personio() -> Iterator[PersonioSimulator]:
    with PersonioSimulator.start(employees=350, seed=7, switches=Switches(rate_limits=False)) as running:
        yield running


def pages(relay: Relay) -> int:
    with relay.store.read() as tx:
        reading = tx.runs.reading_now(ACME)
    return reading.pages if reading else PAGES


def test_whoever_is_waited_for_by_another_ends_the_turn_after_a_page(relay: Relay) -> None:
    begin(relay)
    ask_for_person(
        ACME,
        somebody(relay),
        by="test",
        key="1",
        plan_only=False,
        store=relay.store,
        publisher=relay.bells,
        ids=relay.desk.ids,
    )
    feed = relay.bells.rung.pop(0)
    relay.take(feed)
    assert pages(relay) == 1
    assert [type(bell) for bell in relay.bells.rung] == [RunDue, PageDue], "it stands behind whoever waits"
    relay.drain()
    assert pages(relay) == PAGES, "it is read to its end"


def test_whoever_is_alone_reads_on(relay: Relay) -> None:
    begin(relay)
    relay.take(relay.bells.rung.pop(0))
    assert pages(relay) == PAGES


class AllowsEverything(Windows):
    """Let everybody through, and remember among how many the address was shared at each page."""

    def __init__(self) -> None:
        self.among: list[int] = []

    def take(self, limits: Limits, ask: Ask) -> float:
        """Note it."""
        if ask is Ask.LIST:
            self.among.append(limits.hungry)
        return 0


def become_due(relay: Relay, tenant_id: TenantId) -> None:
    with relay.store.write() as tx:
        assert tx.tenants.add(tenant_id, tenant_id, "en", ["owner@example.com"])
        tx.tenants.configure(tenant_id, configuration(), "test")
        new = NewRun(RunKind.FEED, "at-four", "test")
        assert tx.runs.add(tenant_id, RunId(tenant_id), new, ConfigVersion(1))


def test_d4_who_asks_first_of_fifty_asks_as_one_of_fifty(relay: Relay) -> None:
    """The other 49 have asked for nothing yet: their runs tell that they will."""
    windows = AllowsEverything()
    counting = TenantAccounts(
        relay.store, relay.desk.clock, policy=EVERYWHERE, rate_limits=True, windows=windows
    )
    relay.desk = replace(relay.desk, accounts=counting)
    begin(relay)
    relay.take(relay.bells.rung.pop(0))
    assert set(windows.among) == {1}, "alone, the address is not shared"
    relay.drain()
    for number in range(49):
        become_due(relay, TenantId(f"other-{number}"))
    begin(relay)
    windows.among.clear()
    relay.take(relay.bells.rung.pop(0))
    assert windows.among == [50], "one page, as one of fifty"
