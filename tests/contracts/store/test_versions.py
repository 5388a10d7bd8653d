"""Proposed versions wait, are adopted or discarded, and lay aside what their plan saw of people."""

from dataclasses import replace
from datetime import time

from adapters.database.store import SqlStore
from domain.config import Scope
from domain.ids import ConfigVersion, PersonId
from domain.records import Seen
from domain.schedule import Daily, Schedule
from domain.scope import Standing
from domain.versions import counting, waiting
from tests.contracts.store.builders import ACME, add_run, add_tenant, configuration

TWO, THREE = ConfigVersion(2), ConfigVersion(3)
EVERYBODY = Scope(employment_types=frozenset())
ANYBODY = Scope(statuses=frozenset({"active"}))


def test_a_proposal_does_not_count_until_it_is_adopted(store: SqlStore) -> None:
    add_tenant(store)
    config = configuration()
    with store.write() as tx:
        assert tx.versions.propose(ACME, replace(config, scope=EVERYBODY), "eve") == TWO
        now = tx.tenants.configuration(ACME)
        assert now is not None
        assert now.version == 1
        assert tx.versions.adopt(ACME, TWO, "bob")
        assert not tx.versions.adopt(ACME, TWO, "bob")
        now = tx.tenants.configuration(ACME)
    assert now is not None
    assert (now.version, now.scope) == (2, EVERYBODY)
    with store.read() as tx:
        record = counting(tx.versions.history(ACME))
    assert record is not None
    assert (record.made_by, record.adopted_by, record.based_on) == ("eve", "bob", 1)


def test_equal_content_is_not_proposed_and_a_new_proposal_discards_the_old_one(store: SqlStore) -> None:
    add_tenant(store)
    config = configuration()
    with store.write() as tx:
        assert tx.versions.propose(ACME, config, "eve") == 1
        assert tx.versions.propose(ACME, replace(config, scope=EVERYBODY), "eve") == TWO
        assert tx.versions.propose(ACME, replace(config, scope=EVERYBODY), "eve") == TWO
        assert tx.versions.propose(ACME, replace(config, scope=ANYBODY), "eve") == THREE
        assert not tx.versions.adopt(ACME, TWO, "eve")
        found = waiting(tx.versions.history(ACME))
        assert found is not None
        assert found.version == THREE
        assert tx.versions.discard(ACME) == 1
        assert waiting(tx.versions.history(ACME)) is None


def test_what_counts_at_once_discards_what_was_proposed_over_the_old(store: SqlStore) -> None:
    add_tenant(store)
    config = configuration()
    with store.write() as tx:
        tx.versions.propose(ACME, replace(config, scope=EVERYBODY), "eve")
        assert tx.tenants.configure(ACME, replace(config, scope=ANYBODY), "bob") == THREE
        assert not tx.versions.adopt(ACME, TWO, "eve")


def test_a_new_schedule_keeps_the_rules_of_the_version_before(store: SqlStore) -> None:
    add_tenant(store)
    config = configuration()
    with store.write() as tx:
        tx.tenants.configure(ACME, replace(config, schedule=Schedule(Daily(time(23, 7)))), "eve")
        now = tx.tenants.configuration(ACME)
        assert now is not None
        assert (now.version, now.rules_version) == (2, 1)
        tx.tenants.configure(ACME, replace(config, scope=EVERYBODY), "eve")
        now = tx.tenants.configuration(ACME)
    assert now is not None
    assert (now.version, now.rules_version) == (3, 3)


def seen(person: str, digest: bytes, standing: Standing) -> Seen:
    return Seen(PersonId(person), digest, standing, None, values={"userName": person})


def test_people_laid_aside_change_nothing_until_they_are_promoted(store: SqlStore) -> None:
    add_tenant(store)
    run = add_run(store, "one")
    one, two = PersonId("1"), PersonId("2")
    with store.write() as tx:
        before = tx.now()
        tx.people.put(ACME, run, [seen("1", b"old", Standing.WANTED)], before)
        later = before.replace(year=before.year + 1)
        aside = [seen("1", b"new", Standing.FILTERED), seen("2", b"two", Standing.WANTED)]
        tx.people.put(ACME, run, aside, later, proposed=True)
        assert tx.people.digests(ACME, [one, two]) == {one: b"old"}
        tx.versions.promote(ACME, run)
        assert tx.people.digests(ACME, [one, two]) == {one: b"new", two: b"two"}
        tx.versions.promote(ACME, run)


def test_whoever_was_read_again_since_is_not_overwritten_by_what_was_laid_aside(store: SqlStore) -> None:
    add_tenant(store)
    run = add_run(store, "one")
    with store.write() as tx:
        now = tx.now()
        tx.people.put(ACME, run, [seen("1", b"aside", Standing.FILTERED)], now, proposed=True)
        again = now.replace(year=now.year + 1)
        tx.people.put(ACME, run, [seen("1", b"again", Standing.WANTED)], again)
        tx.versions.promote(ACME, run)
        assert tx.people.digests(ACME, [PersonId("1")]) == {PersonId("1"): b"again"}
