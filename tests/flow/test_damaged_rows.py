"""A sealed value that was damaged or swapped costs its own row or its own tenant, never anybody beside it."""

from collections.abc import Callable

import pytest
from sqlalchemy import Table, update

from adapters.database.tables import CONNECTIONS, LINKS, PEOPLE, TENANTS
from adapters.database.tables_changes import CHANGES
from adapters.database.tables_overrides import OVERRIDES
from domain.cause import Language
from domain.changes import ChangeState
from domain.codes import Code
from domain.events import EmployeeChanged
from domain.ids import ChangeId, TenantId
from domain.letters import LetterState
from domain.overrides import OverrideKind
from domain.setback_words import way_back
from domain.setbacks import Step
from domain.tenant import TenantState
from producers.override import Wanted, set_override
from producers.resume import probe_soon
from tests.flow.relay import ACME, Relay
from tests.flow.test_failures import begin, codes, hire_many, somebody
from tests.flow.truth import accounts, differences
from tests.flow.unharmed import live, relay

__all__ = ["live", "relay"]

OTHER = TenantId("other")
DAMAGED = b"v1....no ciphertext of anybody"


def damage(relay: Relay, table: Table, column: str, value: bytes = DAMAGED, **which: str) -> None:
    """Write past Staffetta, as a failing disk or somebody with access to the database does."""
    here = update(table).where(*(table.c[name] == asked for name, asked in which.items()))
    with relay.store.write() as tx:
        assert tx.session.connection.execute(here.values({column: value})).rowcount >= 1


def sealed_by(relay: Relay, whose: TenantId, field: str) -> bytes:
    """Seal something that opens, but for somebody else or for another row."""
    if whose == OTHER:
        with relay.store.write() as tx:
            tx.tenants.add(OTHER, "Other", "en", [])
    return relay.store.vault.seal(whose, field, b'{"after": {"userName": "eve@evil.example"}}')


def until_rows_are_due(relay: Relay) -> list[ChangeId]:
    """Read and plan, and stop before the first envelope is taken."""
    begin(relay)
    while not isinstance(relay.bells.rung[0], EmployeeChanged):
        relay.take(relay.bells.rung.pop(0))
    return sorted(row.change_id for row in relay.rows(ChangeState.RELEASED))


Swap = Callable[[Relay, ChangeId, ChangeId], bytes]


@pytest.mark.parametrize(
    "sealed",
    [
        pytest.param(lambda *_: DAMAGED, id="K12 damaged"),
        pytest.param(lambda at, this, _: sealed_by(at, OTHER, f"changes.{this}"), id="K12 of another tenant"),
        pytest.param(lambda at, _, other: sealed_by(at, ACME, f"changes.{other}"), id="K12 of another row"),
    ],
)
def test_a_row_that_does_not_open_dies_alone_and_the_next_run_plans_it_anew(
    live: Relay, sealed: Swap
) -> None:
    hire_many(live, 16)
    due = until_rows_are_due(live)
    damage(live, CHANGES, "sealed", sealed(live, due[7], due[8]), change_id=due[7])
    live.drain()
    (dead,) = live.rows(ChangeState.DEAD)
    assert (dead.change_id, dead.why, dead.after) == (due[7], Code.VALUE_UNREADABLE, None)
    assert len(differences(live)) == 1, "only whoever the row was about waits"
    assert live.app.counters.requests(method="POST") == 15
    assert Code.VALUE_UNREADABLE in codes(live)
    with live.store.read() as tx:
        (letter,) = tx.letters.list(ACME, 10)
    assert (letter.code, letter.state) == (Code.VALUE_UNREADABLE, LetterState.STANDING)
    assert live.requeue().changes == 1
    live.drain()
    assert len(live.rows(ChangeState.DEAD)) == 1, "what does not open is not sent, whoever asks for it"
    live.sync()
    live.later(seconds=1)
    assert differences(live) == []
    assert Code.VALUE_UNREADABLE not in codes(live)


def test_damaged_rows_ring_no_bell_for_ever(live: Relay) -> None:
    hire_many(live, 3)
    for each in until_rows_are_due(live):
        damage(live, CHANGES, "sealed", change_id=each)
    live.drain()
    live.bells.history.clear()
    for _ in range(5):
        live.later(minutes=2)
    assert [event for event in live.bells.history if isinstance(event, EmployeeChanged)] == []


def test_what_was_applied_is_sent_whole_where_its_record_does_not_open(live: Relay) -> None:
    person = somebody(live)
    damage(live, LINKS, "sealed", person_id=person)
    live.sync()
    assert live.app.counters.requests(method="PATCH") == 0, "the fingerprint still says that nothing changed"
    live.personio.company.change(int(person), position="Captain")
    live.sync()
    assert accounts(live)[person]["title"] == "Captain"
    assert differences(live) == []
    with live.store.read() as tx:
        assert tx.links.get(ACME, [person])[person].values["title"] == "Captain"


def test_a_leaver_whose_records_do_not_open_is_closed_all_the_same(live: Relay) -> None:
    person = somebody(live)
    damage(live, LINKS, "sealed", person_id=person)
    damage(live, PEOPLE, "sealed", person_id=person)
    live.personio.company.change(int(person), status="inactive")
    live.sync()
    assert accounts(live)[person]["active"] is False


def test_credentials_that_do_not_open_block_the_tenant_with_one_incident(live: Relay) -> None:
    hire_many(live, 3)
    until_rows_are_due(live)
    damage(live, CONNECTIONS, "sealed")
    live.drain()
    for _ in range(3):
        live.later(minutes=2)
    assert live.state() is TenantState.BLOCKED
    assert [incident.code for incident in live.incidents()].count(Code.CREDENTIALS_UNREADABLE) == 1
    assert len(live.rows(ChangeState.PARKED)) == 3, "they wait, nothing is lost"
    with live.store.read() as tx:
        tenant = tx.tenants.get(ACME)
        assert tenant is not None
        back = way_back(tenant, tx.setbacks.get(ACME), Language.DE)
    assert back is not None
    assert "neu hinterlegt und geprüft" in back.ended_by


def test_credentials_that_are_stored_anew_let_a_tenant_go_on_by_a_probe(live: Relay) -> None:
    hire_many(live, 3)
    until_rows_are_due(live)
    with live.store.read() as tx:
        good = tx.connections.get(ACME)
    assert good is not None
    damage(live, CONNECTIONS, "sealed")
    live.drain()
    assert live.state() is TenantState.BLOCKED
    with live.store.write() as tx:
        tx.connections.put(ACME, good)
        probe_soon(tx, ACME)
    looked = [done.step for _ in "12" for done in live.look_after(seconds=1)]
    assert looked == [Step.ANNOUNCE, Step.PROBE]
    assert live.state() is TenantState.ACTIVE
    assert differences(live) == []
    assert Code.CREDENTIALS_UNREADABLE not in {each.code for each in live.incidents()}


def test_keys_that_do_not_open_block_the_tenant_wherever_that_is_met(live: Relay) -> None:
    hire_many(live, 3)
    until_rows_are_due(live)
    damage(live, TENANTS, "keys")
    live.store.vault._ring.clear()  # as in a process that was started since
    live.drain()
    assert live.state() is TenantState.BLOCKED
    assert [incident.code for incident in live.incidents()].count(Code.KEYS_UNREADABLE) == 1
    with live.store.read() as tx:
        assert [each.tenant_id for each in tx.tenants.everyone()] == [ACME], "others are still found"


def test_a_reason_that_does_not_open_stops_nobody(live: Relay) -> None:
    person, position = somebody(live), {"position": "Captain"}
    wanted = Wanted(person, OverrideKind.PIN_ACTIVE, "on parental leave", by="ada")
    set_override(ACME, wanted, store=live.store, publisher=live.bells, ids=live.desk.ids)
    live.drain()
    damage(live, OVERRIDES, "reason")
    live.personio.company.change(int(person), **position)
    live.sync()
    assert differences(live) == []
