"""Part D of the fault catalogue, on the wire: what cannot be trusted proves nothing and is told once."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from socket import SHUT_RDWR, create_server
from threading import Thread

import pytest

from adapters.http import AddressPolicy, Outbound
from adapters.sources.personio import PersonioSource
from adapters.sources.personio.client import WHOLE_CALL
from bootstrap.accounts import StoreTokens, TenantAccounts
from domain.budget import Ask, Limits
from domain.changes import ChangeState
from domain.codes import Code
from domain.config import Configuration
from domain.ids import PersonId
from domain.ports_world import Budget, Source, Windows
from domain.run import Outcome, Run
from domain.tenant import TenantState
from simulators.personio.actions import Distort, DripFeed, GzipBomb, Redirect, Status
from simulators.personio.counters import LIST
from simulators.personio.handle import PersonioSimulator
from simulators.personio.switches import Switches
from tests.flow.misfortunes import harm, with_ends
from tests.flow.relay import ACME, Relay
from tests.flow.test_failures import pass_the_check
from tests.flow.test_feed_faults import (
    assert_evidence,
    ended,
    somebody_leaves_and_somebody_is_erased,
    spoil,
)
from tests.flow.test_main_job import live
from tests.flow.truth import differences
from tests.unit.http.test_tls import self_signed

__all__ = ["live"]

EVERYWHERE = AddressPolicy(allow_private=True)
OF_THE_SOURCE = {
    Code.SOURCE_CREDENTIALS_REFUSED,
    Code.SOURCE_NOT_PERSONIO,
    Code.SOURCE_UNREACHABLE,
    Code.FEED_BROKEN,
    Code.FEED_EMPTY,
}


def assert_nothing_was_concluded(live: Relay, run: Run, code: Code) -> None:
    """The run failed with its cause, wrote nothing, planned nothing, and a human hears of it once."""
    assert (run.outcome, run.code) == (Outcome.FAILED, code)
    assert live.app.counters.writes == 0
    assert live.rows(ChangeState.PLANNED, ChangeState.RELEASED, ChangeState.HELD) == []
    assert [incident.code for incident in live.incidents()].count(code) == 1
    assert harm(live) == []


def assert_healed(live: Relay, left: PersonId, erased: PersonId) -> None:
    """The next good feed removes whom the company let go, with the evidence on the rows."""
    assert_evidence(live, left, erased, live.sync())
    assert differences(live) == []
    assert not OF_THE_SOURCE & {incident.code for incident in live.incidents()}


# D1: the credentials


def test_d1_revoked_credentials_stop_everything_once_and_a_green_check_goes_on(live: Relay) -> None:
    left, erased = somebody_leaves_and_somebody_is_erased(live)
    live.personio.rotate()
    live.personio.expire_tokens()
    live.personio.reset_counters()
    run = live.sync()
    assert_nothing_was_concluded(live, run, Code.SOURCE_CREDENTIALS_REFUSED)
    assert live.state() is TenantState.BLOCKED
    assert live.personio.counters().total <= 3
    asked = live.personio.counters().total
    live.later(hours=2)
    assert live.personio.counters().total == asked
    with live.store.write() as tx:
        connection = tx.connections.get(ACME)
        assert connection is not None
        told = live.personio.client_id, live.personio.client_secret
        tx.connections.put(ACME, replace(connection, client_id=told[0], client_secret=told[1]))
    pass_the_check(live)
    assert live.state() is TenantState.ACTIVE
    with live.store.read() as tx:
        (goes_on, *_) = tx.runs.newest(ACME, 1)
    assert_evidence(live, left, erased, goes_on)
    assert differences(live) == []


# D4: the limits


def test_d4_a_long_reading_stays_within_what_personio_allows_a_credential(live: Relay) -> None:
    """The simulator refuses the sixteenth page of a second, and everything after too many of a minute."""
    left, erased = somebody_leaves_and_somebody_is_erased(live)
    live.personio.switch(rate_limits=True)
    spoil(live, Distort(page_rows=2))
    live.personio.reset_counters()
    kept = TenantAccounts(live.store, live.clock, policy=EVERYWHERE, rate_limits=True)
    live.desk = replace(live.desk, accounts=kept)
    run = live.sync()
    assert run.certificate.startswith("certified")
    assert live.personio.counters().of(LIST, "200") > 15
    assert live.personio.counters().of(LIST, "429") == 0
    assert_evidence(live, left, erased, run)


class LongWindows(Windows):
    """Let one request through, then ask for half a minute, and so on."""

    def __init__(self) -> None:
        self.full = True

    def take(self, limits: Limits, ask: Ask) -> float:
        """Alternate; a login is part of what it is needed for."""
        if ask is not Ask.LIST:
            return 0
        self.full = not self.full
        return 30 if self.full else 0


def test_d4_waits_for_the_limit_are_due_times_that_use_up_no_try(live: Relay) -> None:
    """More waits than a page has tries; the thread is free meanwhile, and the run goes on where it was."""
    left, erased = somebody_leaves_and_somebody_is_erased(live)
    spoil(live, Distort(page_rows=3))
    kept = TenantAccounts(live.store, live.clock, policy=EVERYWHERE, rate_limits=True, windows=LongWindows())
    live.desk = replace(live.desk, accounts=kept)
    run, waits = live.sync(), 0
    while run.outcome is None:
        assert run.tries == 0
        live.later(seconds=31)
        run, waits = live.run(run.run_id), waits + 1
    assert waits > 5
    assert run.outcome is Outcome.OK
    assert_evidence(live, left, erased, run)


# D14: the slow body


class LongWaits(Budget):
    """Stand for long waits for the rate limit: from the second call on, one second is left."""

    def __init__(self, live: Relay) -> None:
        self._live = live
        self._calls = 0

    def wait(self, ask: Ask, patience: timedelta) -> None:
        """Let the time pass."""
        self._calls += 1
        if self._calls > 1:
            self._live.clock.ahead += WHOLE_CALL - timedelta(seconds=1)


def hurried(live: Relay, config: Configuration) -> Source:
    """Build the tenant's Personio, whose calls are nearly over when they begin."""
    return PersonioSource(
        outbound=Outbound(live.personio.url, policy=EVERYWHERE),
        client_id=live.personio.client_id,
        client_secret=live.personio.client_secret,
        tokens=StoreTokens(live.store, ACME),
        clock=live.clock,
        budget=LongWaits(live),
        wanted=config.source_keys_with({}),
    )


def test_d14_a_body_that_drips_is_cut_by_one_deadline_for_the_whole_call(
    live: Relay, config: Configuration
) -> None:
    """Each byte comes in time for a limit between two bytes."""
    left, erased = somebody_leaves_and_somebody_is_erased(live)
    spoil(live, DripFeed(bytes_per_second=20))
    with with_ends(live, source=hurried(live, config)):
        assert_nothing_was_concluded(live, ended(live, live.sync()), Code.SOURCE_UNREACHABLE)
    live.personio.clear_faults()
    assert_healed(live, left, erased)


# D15: the bomb


def test_d15_an_answer_that_inflates_beyond_measure_fails_the_run(live: Relay) -> None:
    left, erased = somebody_leaves_and_somebody_is_erased(live)
    spoil(live, GzipBomb(megabytes=160))
    assert_nothing_was_concluded(live, ended(live, live.sync()), Code.FEED_BROKEN)
    live.personio.clear_faults()
    assert_healed(live, left, erased)


# D20, D21: elsewhere


@pytest.fixture
def stranger() -> Iterator[PersonioSimulator]:
    """Another Personio, which must never hear of us."""
    with PersonioSimulator.start(employees=30, seed=8, switches=Switches(rate_limits=False)) as running:
        yield running


@pytest.mark.parametrize("status", [302, 307])
@pytest.mark.parametrize("path", ["/v1/company/employees", "/v1/auth"])
def test_d21_a_redirect_to_another_host_is_never_followed(
    live: Relay, stranger: PersonioSimulator, path: str, status: int
) -> None:
    left, erased = somebody_leaves_and_somebody_is_erased(live)
    live.personio.expire_tokens()
    live.personio.fault(Redirect(location=f"{stranger.url}{path}", status=status), path=path, count=None)
    assert_nothing_was_concluded(live, ended(live, live.sync()), Code.SOURCE_NOT_PERSONIO)
    assert stranger.counters().total == 0
    live.personio.clear_faults()
    assert_healed(live, left, erased)


def test_d20_a_next_link_that_leads_elsewhere_is_never_followed(
    live: Relay, stranger: PersonioSimulator
) -> None:
    """v1 has no links; a page that brings one all the same is read by its rows alone."""
    left, erased = somebody_leaves_and_somebody_is_erased(live)
    link = {"href": f"{stranger.url}/v1/company/employees?cursor=2"}
    page = {
        "success": True,
        "metadata": {"total_elements": 0},
        "data": [],
        "_meta": {"links": {"next": link}},
    }
    spoil(live, Status(status=200, json=page))
    assert_nothing_was_concluded(live, ended(live, live.sync()), Code.FEED_EMPTY)
    assert stranger.counters().total == 0
    live.personio.clear_faults()
    assert_healed(live, left, erased)


# D25: a certificate that nobody vouches for


@contextmanager
def man_in_the_middle(folder: Path, heard: list[bytes]) -> Iterator[str]:
    """Answer https with a certificate of one's own, and note what is said after the greeting."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(folder))
    with create_server(("127.0.0.1", 0)) as server:

        def listen() -> None:
            while True:
                try:
                    plain, _ = server.accept()
                except OSError:
                    return
                try:
                    with context.wrap_socket(plain, server_side=True) as secured:
                        heard.append(secured.recv(65_536))
                except OSError:
                    heard.append(b"")

        thread = Thread(target=listen, daemon=True)
        thread.start()
        yield f"https://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(SHUT_RDWR)
    thread.join(10)


def test_d25_a_certificate_that_nobody_vouches_for_gets_no_credentials(live: Relay, tmp_path: Path) -> None:
    left, erased = somebody_leaves_and_somebody_is_erased(live)
    heard: list[bytes] = []
    with live.store.read() as tx:
        connection = tx.connections.get(ACME)
    assert connection is not None
    with man_in_the_middle(tmp_path, heard) as url:
        with live.store.write() as tx:
            tx.connections.put(ACME, replace(connection, source_url=url))
        assert_nothing_was_concluded(live, ended(live, live.sync()), Code.SOURCE_UNREACHABLE)
    assert set(heard) == {b""}
    with live.store.write() as tx:
        tx.connections.put(ACME, connection)
    assert_healed(live, left, erased)
