"""Since when somebody is missing in certified feeds, and which unit nobody came of."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from sqlalchemy import update

from adapters.database.store import SqlStore
from adapters.database.tables import LINKS
from domain.changes import Action, Aspect
from domain.codes import Code
from domain.compare import Wish
from domain.config import Configuration
from domain.employee import Reference
from domain.guards import ACCOUNT_PREFIX, protected_by
from domain.ids import ChangeId, ConfigVersion, PersonId, RunId
from domain.records import NewRun
from domain.run import Outcome, RunKind
from domain.scope import Standing
from domain.units import UnitKind, Units, VanishedUnit
from tests.contracts.store.builders import (
    ACME,
    HandClock,
    add_tenant,
    configuration,
    connection,
    link,
    page,
    put_link,
    seen,
)
from tests.contracts.store.plans import Plans, deactivate, later, reactivate

HOUR = timedelta(hours=1)
LAB, SHOP = Reference("7", "Lab"), Reference("8", "Shop")
NOWHERE: Mapping[str, Units] = {}


def company(store: SqlStore, *people: str, config: Configuration | None = None) -> None:
    """Store a tenant whose people have an open account each."""
    add_tenant(store, config=config)
    with store.write() as tx:
        tx.connections.put(ACME, connection())
        for person in people:
            put_link(tx, link(person, f"p{person}"))


def feed(
    store: SqlStore,
    clock: HandClock,
    run_id: str,
    *people: str,
    units: Mapping[str, Units] = NOWHERE,
    version: int = 1,
) -> RunId:
    """Read people in one certified feed, a minute after whatever was before."""
    clock.advance(timedelta(minutes=1))
    run = RunId(run_id)
    with store.write() as tx:
        assert tx.runs.add(ACME, run, NewRun(RunKind.FEED, run_id, "test"), ConfigVersion(version))
        tx.people.put(ACME, run, [seen(person, f"p{person}") for person in people], clock.now())
        tx.absences.note_units(ACME, {PersonId(one): told for one, told in units.items()}, clock.now())
        tx.runs.add_page(ACME, run, page(0, people), clock.now())
        tx.absences.forget_seen(ACME, run)
        tx.runs.certify(ACME, run, f"certified: {run_id}")
        tx.absences.note(ACME, run)
        tx.runs.end(ACME, run, Outcome.OK)
    return run


def earlier(store: SqlStore, run: RunId, apart: timedelta = HOUR) -> list[tuple[str, str, str]]:
    with store.read() as tx:
        found = tx.absences.earlier(ACME, run, apart)
    return [(each.person_id, each.run_id, each.certificate) for each in found]


def test_whoever_two_feeds_lack_is_named_with_the_first_of_them(store: SqlStore, clock: HandClock) -> None:
    company(store, "1", "2")
    feed(store, clock, "a", "1", "2")
    first = feed(store, clock, "b", "1")
    assert earlier(store, first) == []
    feed(store, clock, "c", "1")
    clock.advance(HOUR)
    last = feed(store, clock, "d", "1")
    assert earlier(store, last) == [("2", "b", "certified: b")]
    assert earlier(store, last, 2 * HOUR) == []


def test_whoever_is_seen_again_begins_anew(store: SqlStore, clock: HandClock) -> None:
    company(store, "1", "2")
    for name, people in {"a": ("1", "2"), "b": ("1",), "c": ("1", "2"), "d": ("1",)}.items():
        feed(store, clock, name, *people)
        clock.advance(HOUR)
    assert earlier(store, feed(store, clock, "e", "1")) == [("2", "d", "certified: d")]


def test_another_configuration_or_credential_begins_anew(store: SqlStore, clock: HandClock) -> None:
    company(store, "1", "2")
    feed(store, clock, "a", "1", "2")
    feed(store, clock, "b", "1")
    with store.write() as tx:
        tx.tenants.configure(ACME, configuration(sync_managers=False), "test")
    clock.advance(HOUR)
    assert earlier(store, feed(store, clock, "c", "1", version=2)) == []
    with store.write() as tx:
        tx.connections.put(ACME, connection(client_id="another"))
    clock.advance(HOUR)
    assert earlier(store, feed(store, clock, "d", "1", version=2)) == []


def test_people_who_left_or_whose_account_is_closed_are_not_waited_for(
    store: SqlStore, clock: HandClock
) -> None:
    company(store, "1", "2", "3")
    feed(store, clock, "a", "1", "2", "3")
    with store.write() as tx:
        put_link(tx, link("2", "p2", active=False, version=2))
        left = [seen("3", "p3", standing=Standing.LEFT, digest=b"left")]
        tx.people.put(ACME, RunId("a"), left, clock.advance())
    feed(store, clock, "b", "1")
    clock.advance(HOUR)
    assert earlier(store, feed(store, clock, "c", "1")) == []


def lose_a_reopening(store: SqlStore, clock: HandClock, *people: str) -> Plans:
    """Close the accounts of these people, and lose the answer when they are opened again."""
    plans = Plans(store, clock)
    plans.linked(link("1", "p1"), *(link(person, f"p{person}", active=False) for person in people))
    with store.write() as tx:
        tx.connections.put(ACME, connection())
    for row in plans.released("r", *(reactivate(person, f"p{person}") for person in people)):
        plans.take(row)
        plans.settle(later(row, intent=True))
    return plans


def absent(store: SqlStore, run: RunId) -> Sequence[str]:
    with store.read() as tx:
        return tx.runs.absent(ACME, run)


def test_f1_somebody_whose_reopening_got_no_answer_is_missed_and_waited_for(
    store: SqlStore, clock: HandClock
) -> None:
    lose_a_reopening(store, clock, "2")
    feed(store, clock, "a", "1", "2")
    first = feed(store, clock, "b", "1")
    assert absent(store, first) == ["2"]
    clock.advance(HOUR)
    assert earlier(store, feed(store, clock, "c", "1")) == [("2", "b", "certified: b")]


def test_f1_somebody_whose_reopening_got_no_answer_counts_as_known(store: SqlStore, clock: HandClock) -> None:
    lose_a_reopening(store, clock, "2")
    feed(store, clock, "a", "1", "2")
    run = feed(store, clock, "b", "1")
    with store.read() as tx:
        reading = tx.runs.reading(ACME, run)
    assert (reading.known, reading.found_again) == (2, 1)


def test_a_closed_account_with_another_doubt_is_not_missed(store: SqlStore, clock: HandClock) -> None:
    company(store, "1", "2")
    feed(store, clock, "a", "1", "2")
    with store.write() as tx:
        put_link(tx, link("2", "p2", active=False, version=2))
        unsure = {"doubts": '["Active", "inactive", "nickName"]'}
        tx.session.connection.execute(update(LINKS).where(LINKS.c.person_id == "2").values(**unsure))
    assert absent(store, feed(store, clock, "b", "1")) == []


def test_f1_a_protected_account_that_may_be_open_is_protected_too(store: SqlStore, clock: HandClock) -> None:
    plans = lose_a_reopening(store, clock, "2")
    [row] = plans.plan("c", deactivate("2", "p2"))
    with store.read() as tx:
        whom = protected_by([f"{ACCOUNT_PREFIX}account-2"])
        assert tx.brakes.protected(ACME, RunId("c"), whom) == [row]


def vanished(store: SqlStore, run: RunId, *removed: str) -> list[tuple[str, str, int]]:
    wishes = [(ChangeId(f"{run}-{one}"), _removal(PersonId(one))) for one in removed]
    with store.write() as tx:
        tx.changes.plan(ACME, run, wishes, ConfigVersion(1), {})
        found = tx.absences.vanished(ACME, run)
    return sorted((each.kind.value, each.name, each.people) for each in found)


def test_f1_a_unit_vanishes_whole_although_the_reopening_of_one_got_no_answer(
    store: SqlStore, clock: HandClock
) -> None:
    lose_a_reopening(store, clock, "2", "3")
    lab: dict[str, Units] = {person: {UnitKind.OFFICE: LAB} for person in ("2", "3")}
    feed(store, clock, "a", "1", "2", "3", units=lab)
    run = feed(store, clock, "b", "1")
    assert vanished(store, run, "2", "3") == [("office", "Lab", 2)]


def _removal(person_id: PersonId) -> Wish:
    return Wish(person_id, Aspect.ACCOUNT, Action.DEACTIVATE, cause=Code.PERSON_NOT_SEEN)


def test_a_unit_of_whom_nobody_came_is_named_with_those_who_would_lose_their_account(
    store: SqlStore, clock: HandClock
) -> None:
    company(store, "1", "2", "3")
    units: dict[str, Units] = {
        "1": {UnitKind.OFFICE: SHOP, UnitKind.DEPARTMENT: None},
        "2": {UnitKind.OFFICE: LAB, UnitKind.DEPARTMENT: None},
        "3": {UnitKind.OFFICE: LAB},
    }
    feed(store, clock, "a", "1", "2", "3", units=units)
    run = feed(store, clock, "b", "1")
    assert vanished(store, run, "2") == [("office", "Lab", 2)]


def test_leavers_whose_records_went_in_the_same_reading_are_counted_and_no_others(
    store: SqlStore, clock: HandClock
) -> None:
    company(store, "1", "2", "3", "4")
    lab: dict[str, Units] = {each: {UnitKind.OFFICE: LAB} for each in ("2", "3", "4")}
    feed(store, clock, "a", "1", "2", "3", "4", units=lab)
    with store.write() as tx:
        for leaver in ("3", "4"):
            put_link(tx, link(leaver, f"p{leaver}", active=False, version=2))
    feed(store, clock, "b", "1", "2", "3")
    run = feed(store, clock, "c", "1")
    assert vanished(store, run, "2") == [("office", "Lab", 2)], "4 was erased a reading before"
    with store.write() as tx:
        tx.tenants.configure(ACME, configuration(sync_managers=False), "test")
    again = feed(store, clock, "d", "1", version=2)
    assert vanished(store, again, "2") == [("office", "Lab", 2)], (
        "since when begins anew, what was told does not"
    )


def test_a_unit_that_is_not_told_any_more_stays_as_it_was(store: SqlStore, clock: HandClock) -> None:
    company(store, "1", "2", "3")
    lab = {UnitKind.ENTITY: LAB}
    feed(store, clock, "a", "1", "2", "3", units={"1": lab, "2": lab, "3": lab})
    feed(store, clock, "b", "1", "2", "3", units={"1": {}, "2": {UnitKind.ENTITY: None}, "3": {}})
    run = feed(store, clock, "c", "2")
    assert vanished(store, run, "1", "3") == [("legal entity", "Lab", 2)]
    seen_in_it = feed(store, clock, "d", "1")
    assert vanished(store, seen_in_it, "3") == []


def test_older_news_of_a_unit_never_overwrites_newer(store: SqlStore, clock: HandClock) -> None:
    company(store, "1", "2")
    feed(store, clock, "a", "1", "2", units={"1": {UnitKind.OFFICE: LAB}, "2": {UnitKind.OFFICE: LAB}})
    with store.write() as tx:
        late = {PersonId("1"): {UnitKind.OFFICE: SHOP}}
        tx.absences.note_units(ACME, late, clock.now() - HOUR)
    assert vanished(store, feed(store, clock, "b", "3"), "1", "2") == [("office", "Lab", 2)]


def test_a_unit_says_what_it_is_called_and_does_without_a_name() -> None:
    assert VanishedUnit(UnitKind.OFFICE, "Lab", 2, ()).sentence == "office «Lab», 2 people"
    assert VanishedUnit(UnitKind.OFFICE, "", 3, ()).sentence == "one office, 3 people"
