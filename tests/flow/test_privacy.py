"""What is remembered of people whom nobody wanted to sync: that they were judged, and nothing about them."""

from pathlib import Path

from domain.ids import PersonId
from domain.scope import Standing
from domain.tenant import TenantState
from tests.flow.relay import ACME, Relay
from tests.flow.truth import people


def test_of_people_outside_the_scope_only_id_fingerprint_and_reason_are_kept(relay: Relay) -> None:
    with relay.store.write() as tx:
        tx.tenants.move(ACME, TenantState.READY, None)
    relay.sync()
    with relay.store.read() as tx:
        seen = [tx.people.snapshot(ACME, PersonId(str(person.id))) for person in people(relay)]
    outside = [each for each in seen if each and each.standing not in {Standing.WANTED, Standing.KEPT}]
    assert {each.standing for each in outside} == {Standing.LEFT, Standing.FILTERED}
    assert {(each.values, each.supervisor, each.detail) for each in outside} == {(None, None, "")}
    assert all(each.why for each in outside)


def test_no_name_and_no_address_is_readable_in_the_database_files(relay: Relay, tmp_path: Path) -> None:
    relay.go_live()
    told = [(person.email or "", person.last_name or "") for person in people(relay)]
    files = [path.read_bytes() for path in tmp_path.rglob("*.sqlite*")]
    assert sum(map(len, files)) > 100_000
    addresses = [email.encode() for email, _ in told if email]
    names = [name.encode() for _, name in told if len(name.encode()) >= 6]
    assert [word for word in (*addresses, *names) if any(word in file for file in files)] == []
