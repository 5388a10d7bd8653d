"""People: a newer reading replaces an older one, never the other way round."""

from datetime import timedelta

import pytest

from adapters.database.store import SqlStore
from adapters.database.tables import PEOPLE
from domain.codes import Code
from domain.ids import PersonId
from domain.records import Known, Seen
from domain.scope import Standing
from tests.contracts.store.builders import (
    ACME,
    NOON,
    OTHER,
    RUN,
    add_run,
    add_tenant,
    link,
    put_link,
    seen,
    values,
)

ADA, BOB = PersonId("1"), PersonId("2")
SKIPPED = Seen(BOB, b"digest", Standing.FILTERED, Code.PERSON_OUT_OF_SCOPE, "external")


@pytest.fixture(autouse=True)
def run(store: SqlStore) -> None:
    add_tenant(store)
    add_run(store)


def put(store: SqlStore, *people: Seen, seconds: int = 0) -> None:
    with store.write() as tx:
        tx.people.put(ACME, RUN, people, NOON + timedelta(seconds=seconds))


def snapshot(store: SqlStore, person_id: PersonId = ADA) -> Seen | None:
    with store.read() as tx:
        return tx.people.snapshot(ACME, person_id)


@pytest.mark.parametrize(
    "person",
    [
        seen(),
        seen(supervisor=PersonId("9"), warning=Code.PERSON_PAST_LAST_DAY, detail="2026-01-31"),
        seen(values={"text": "Zoë 👩‍💻 \ud800", "none": None, "yes": True, "n": 7, "f": 0.5}),
        seen(values={}),
        seen(values=None, standing=Standing.UNKNOWN, why=Code.PERSON_SCOPE_UNKNOWN),
    ],
    ids=["plain", "with everything", "every kind of value", "no values", "out of scope"],
)
def test_a_person_comes_back_as_they_were(store: SqlStore, person: Seen) -> None:
    put(store, person)
    assert snapshot(store) == person


def test_what_somebody_lacks_is_told_by_cause(store: SqlStore) -> None:
    lacks, untold = Code.PERSON_WITHOUT_REQUIRED, Code.PERSON_SCOPE_UNKNOWN
    put(
        store,
        seen(why=lacks, detail="last_name, email"),
        seen(person_id=BOB, why=untold, detail="office"),
    )
    with store.read() as tx:
        assert tx.people.lacking(ACME, lacks) == ["email", "last_name"]
        assert tx.people.lacking(ACME, untold) == ["office"]


def test_nobody_has_no_snapshot(store: SqlStore) -> None:
    assert snapshot(store) is None


def test_a_page_asks_only_for_what_it_needs(store: SqlStore) -> None:
    put(store, seen(), SKIPPED)
    with store.read() as tx:
        asked = [ADA, BOB, PersonId("3")]
        assert tx.people.known(ACME, asked) == {
            ADA: Known(seen().digest, Standing.WANTED),
            BOB: Known(b"digest", Standing.FILTERED),
        }
        assert tx.people.digests(ACME, asked) == {ADA: seen().digest, BOB: b"digest"}
        assert tx.people.known(ACME, []) == {}


def test_a_newer_reading_replaces_everything(store: SqlStore) -> None:
    put(store, seen(supervisor=BOB, warning=Code.PERSON_PAST_LAST_DAY, detail="x"))
    newer = Seen(ADA, b"new", Standing.LEFT, Code.PERSON_LEFT)
    put(store, newer, seconds=1)
    assert snapshot(store) == newer


@pytest.mark.parametrize("seconds", [0, -1], ids=["same moment", "older"])
def test_a_late_answer_never_overwrites_a_newer_one(store: SqlStore, seconds: int) -> None:
    put(store, seen())
    put(store, seen(name="late"), seconds=seconds)
    assert snapshot(store) == seen()


def test_one_page_may_hold_new_and_late_people(store: SqlStore) -> None:
    put(store, seen(), seconds=5)
    put(store, seen(name="late"), seen("2", "bob"), seconds=1)
    assert snapshot(store) == seen()
    assert snapshot(store, BOB) == seen("2", "bob")


def test_an_empty_page_stores_nothing(store: SqlStore) -> None:
    put(store)
    assert snapshot(store) is None


@pytest.mark.parametrize("text", ["1", " 1 ", "ada@acme.example", " ADA@Acme.Example"])
def test_a_person_is_found_by_id_or_by_exact_name(store: SqlStore, text: str) -> None:
    put(store, seen(), seen("2", "bob"))
    with store.read() as tx:
        assert tx.people.search(ACME, text) == [ADA]


@pytest.mark.parametrize("text", ["ada", "ada@", "", "%", "Ada", "1\x00", "\ud800"])
def test_a_part_of_a_name_or_nonsense_finds_nobody(store: SqlStore, text: str) -> None:
    put(store, seen())
    with store.read() as tx:
        assert tx.people.search(ACME, text) == []


def test_a_person_is_also_found_by_the_name_that_their_account_still_has(store: SqlStore) -> None:
    put(store, seen(name="ada.married"))
    with store.write() as tx:
        put_link(tx, link())
        assert tx.people.search(ACME, "ada@acme.example") == [ADA]
        assert tx.people.search(ACME, "ada.married@acme.example") == [ADA]


def test_people_without_a_name_are_stored_all_the_same(store: SqlStore) -> None:
    put(store, seen(values=values() | {"userName": None}))
    with store.read() as tx:
        assert tx.people.search(ACME, "1") == [ADA]


def test_people_of_two_tenants_stay_apart(store: SqlStore) -> None:
    add_tenant(store, OTHER)
    put(store, seen())
    with store.read() as tx:
        assert tx.people.snapshot(OTHER, ADA) is None
        assert tx.people.known(OTHER, [ADA]) == {}
        assert tx.people.search(OTHER, "1") == []


def test_k12_values_moved_to_another_persons_row_stay_shut_and_hide_nobody(store: SqlStore) -> None:
    put(store, seen(), seen("2", "bob"))
    with store.write() as tx:
        sealed = tx.session.connection.scalar(PEOPLE.select().with_only_columns(PEOPLE.c.sealed).limit(1))
        tx.session.connection.execute(PEOPLE.update().values(sealed=sealed))
    with store.read() as tx:
        found = tx.people.snapshots(ACME, [ADA, BOB])
    assert set(found) == {ADA, BOB}
    assert [each.values for each in found.values()].count({}) == 1, "one of the two is its own"
