"""Kill whoever tells humans in the worst moment: the mail server has the mail, and nobody wrote it down."""

import multiprocessing
import os
import signal
import ssl
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.channels.file import FileChannel
from adapters.channels.smtp import EmailChannel, MailServer, Security
from adapters.clock import SystemIds
from adapters.database.store import SqlStore, open_store
from adapters.vault import TenantVault
from domain.codes import Code
from domain.dispatches import LEASE, DispatchState
from domain.events import IncidentChanged
from domain.ids import IncidentId, TenantId
from domain.ports_channels import Ways
from domain.reminders import Reminders
from tests.contracts.store.builders import HandClock
from tests.contracts.store.conftest import MASTER
from tests.fakes.mail_server import MailServerScript, mail_server
from tests.quick_store import new_sqlite
from workers.notify import Notifier, notify

ACME, INCIDENT = TenantId("acme"), IncidentId("inc-1")
START = datetime(2026, 3, 2, 12, tzinfo=UTC)
SENDER, OPERATOR = "staffetta@relay.test", "operator@relay.test"
ALARM = "alarm"


def opened(folder: Path, after: timedelta) -> SqlStore:
    return open_store(f"sqlite:///{folder / 'store.db'}", TenantVault(MASTER), clock=HandClock(START + after))


def note(folder: Path, notice_id: str) -> None:
    (folder / ALARM).write_text(notice_id)


def tell(folder: Path, port: int, after: timedelta) -> None:
    """Do what a notify worker does with the bell of one incident; in a process of its own or in this one."""
    server = MailServer("127.0.0.1", port, Security.PLAIN)
    mail = EmailChannel(server, SENDER, OPERATOR, ssl.create_default_context())
    files = FileChannel(folder / "outbox", SENDER, OPERATOR)
    with closing(opened(folder, after)) as store:
        notifier = Notifier(
            store=store,
            ways=Ways((mail,), files),
            ids=SystemIds(),
            alarm=lambda taken, _code, _detail: note(folder, taken.notice_id),
            rules=Reminders(),
        )
        notify(IncidentChanged(ACME, INCIDENT), notifier)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    new_sqlite(tmp_path / "store.db")
    with closing(opened(tmp_path, timedelta(0))) as store, store.write() as tx:
        tx.tenants.add(ACME, "Acme", "en", ["ada@acme.test"])
        tx.incidents.open(ACME, INCIDENT, Code.TARGET_KEY_TAKEN, "", 3, None)
    return tmp_path


def tell_and_die(folder: Path, port: int, script: MailServerScript, after: timedelta) -> int | None:
    """Tell in a process that is killed by kill -9 as soon as the server has the mail, before it says so."""
    process = multiprocessing.get_context("spawn").Process(target=tell, args=(folder, port, after))
    process.start()
    assert process.pid is not None
    pid = process.pid
    script.on_taken = lambda: os.kill(pid, signal.SIGKILL)
    process.join(60)
    script.on_taken = lambda: None
    return process.exitcode


def state(folder: Path) -> list[DispatchState]:
    with closing(opened(folder, timedelta(0))) as store, store.read() as tx:
        return [row.state for row in tx.dispatches.of(ACME, 10) if row.channel == "email"]


def test_l2_a_worker_killed_after_the_mail_was_taken_doubles_it_once_under_the_same_id(folder: Path) -> None:
    script = MailServerScript()
    with mail_server(script) as port:
        assert tell_and_die(folder, port, script, timedelta(0)) == -signal.SIGKILL
        assert (len(script.taken), state(folder)) == (1, [DispatchState.DUE])
        tell(folder, port, timedelta(seconds=30))
        assert len(script.taken) == 1, "the lease of the dead holds"
        tell(folder, port, LEASE + timedelta(seconds=1))
    assert (len(script.taken), state(folder)) == (2, [DispatchState.SENT])
    assert script.ids == ["inc-1-opened"]
    assert not (folder / ALARM).exists()


def test_l2_a_worker_killed_twice_sends_no_third_mail_and_somebody_hears_of_it(folder: Path) -> None:
    script = MailServerScript()
    with mail_server(script) as port:
        for number in range(2):
            tell_and_die(folder, port, script, number * (LEASE + timedelta(seconds=1)))
        tell(folder, port, 3 * LEASE)
    opened_ones = [each for each in script.taken if "inc-1-opened" in str(each.mail["Message-ID"])]
    assert len(opened_ones) == 2
    assert (folder / ALARM).read_text() == "inc-1-opened"
    assert (folder / "outbox" / "inc-1-opened.eml").exists()
