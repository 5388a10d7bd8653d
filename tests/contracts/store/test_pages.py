"""Pages: what a reading adds up to, told from its pages and from the people known before."""

from datetime import timedelta

import pytest

from adapters.database.store import SqlStore
from domain.feed import PageMark
from domain.ids import PersonId, RunId
from domain.records import PageRecord
from domain.run import Outcome, Run, RunKind
from tests.contracts.store.builders import ACME, NOON, OTHER, RUN, HandClock, add_run, add_tenant, page, seen

SECOND = RunId("run-2")


@pytest.fixture(autouse=True)
def run(store: SqlStore) -> None:
    add_tenant(store)
    add_run(store)


def get(store: SqlStore) -> Run:
    with store.read() as tx:
        run = tx.runs.get(ACME, RUN)
    assert run is not None
    return run


def add_pages(store: SqlStore, *pages: PageRecord, run_id: RunId = RUN) -> None:
    with store.write() as tx:
        for number, record in enumerate(pages):
            tx.runs.add_page(ACME, run_id, record, NOON + timedelta(seconds=number))


def read_before(store: SqlStore, clock: HandClock, *people: str) -> None:
    """Let the first run see these people, end it, and begin a second one."""
    with store.write() as tx:
        tx.people.put(ACME, RUN, [seen(person) for person in people], clock.now())
        tx.runs.end(ACME, RUN, Outcome.OK)
    clock.advance()
    add_run(store, SECOND)


def counts(store: SqlStore, run_id: RunId = RUN) -> tuple[int, int, int]:
    with store.read() as tx:
        reading = tx.runs.reading(ACME, run_id)
    return reading.distinct, reading.known, reading.found_again


def test_a_page_moves_the_run_on(store: SqlStore) -> None:
    add_pages(store, page(0, next_cursor="50"), page(1, ("3",), next_cursor="51"))
    run = get(store)
    assert (run.cursor, run.pages, run.first_page_asked_at) == ("51", 2, NOON)


def test_the_last_page_has_no_cursor(store: SqlStore) -> None:
    add_pages(store, page(0, next_cursor="50"), page(1, ("3",), next_cursor=None))
    assert get(store).cursor is None


def test_a_page_that_comes_again_changes_nothing(store: SqlStore) -> None:
    add_pages(store, page(0, next_cursor="50"), page(0, ("8", "9"), next_cursor="elsewhere"))
    assert (get(store).cursor, get(store).pages) == ("50", 1)
    assert counts(store) == (2, 0, 0)


def test_pages_are_told_in_their_order(store: SqlStore) -> None:
    add_pages(store, page(1, ("3",), total=4, telling=0), page(0, ("1", "2"), total=3))
    with store.read() as tx:
        assert tx.runs.reading(ACME, RUN).pages == [PageMark(0, 2, 3, 2), PageMark(1, 1, 4, 0)]


def test_a_source_may_tell_no_total(store: SqlStore) -> None:
    record = page()
    untold = PageRecord(PageMark(0, 2, None, 2), record.person_ids, 0, {}, {}, None)
    add_pages(store, untold)
    with store.read() as tx:
        assert tx.runs.reading(ACME, RUN).pages == [PageMark(0, 2, None, 2)]


def test_a_reading_without_pages_counts_nobody(store: SqlStore) -> None:
    assert counts(store) == (0, 0, 0)


def test_people_who_come_twice_count_once(store: SqlStore) -> None:
    add_pages(store, page(0, ("1", "2")), page(1, ("2", "3")))
    assert counts(store) == (3, 0, 0)


def test_people_first_seen_in_this_run_were_not_known_before(store: SqlStore) -> None:
    with store.write() as tx:
        tx.people.put(ACME, RUN, [seen("1"), seen("2")], NOON)
    add_pages(store, page(0, ("1", "2")))
    assert counts(store) == (2, 0, 0)


def test_people_known_before_are_counted_and_so_are_those_who_came_again(
    store: SqlStore, clock: HandClock
) -> None:
    read_before(store, clock, "1", "2", "3")
    add_pages(store, page(0, ("1", "2")), page(1, ("2", "4")), run_id=SECOND)
    assert counts(store, SECOND) == (3, 3, 2)


def test_people_who_changed_meanwhile_still_were_known_before(store: SqlStore, clock: HandClock) -> None:
    read_before(store, clock, "1", "2")
    with store.write() as tx:
        tx.people.put(ACME, SECOND, [seen("1", "married")], clock.advance())
    add_pages(store, page(0, ("1", "2")), run_id=SECOND)
    assert counts(store, SECOND) == (2, 2, 2)


def test_somebody_whom_another_run_met_only_after_this_one_began_was_not_known_before(
    store: SqlStore, clock: HandClock
) -> None:
    read_before(store, clock, "1")
    clock.advance()
    beside = add_run(store, "beside", kind=RunKind.PERSON, person_id="7")
    with store.write() as tx:
        tx.people.put(ACME, beside, [seen("7")], clock.now())
    add_pages(store, page(0, ("1",)), run_id=SECOND)
    assert counts(store, SECOND) == (1, 1, 1)


def test_readings_of_two_tenants_stay_apart(store: SqlStore) -> None:
    add_tenant(store, OTHER)
    add_run(store, tenant_id=OTHER)
    add_pages(store, page())
    with store.read() as tx:
        assert tx.runs.reading(OTHER, RUN).distinct == 0
        assert not tx.runs.page_ids_seen(OTHER, RUN, page().person_ids)


@pytest.mark.parametrize(
    ("people", "is_seen"),
    [(("1", "2"), True), (("2", "1"), True), (("1",), False), (("1", "2", "3"), False), (("12",), False)],
)
def test_a_page_that_loops_is_recognised(store: SqlStore, people: tuple[str, ...], *, is_seen: bool) -> None:
    add_pages(store, page(0, ("1", "2")))
    with store.read() as tx:
        assert tx.runs.page_ids_seen(ACME, RUN, [PersonId(person) for person in people]) == is_seen


def test_a_page_of_another_run_does_not_loop(store: SqlStore, clock: HandClock) -> None:
    add_pages(store, page())
    read_before(store, clock)
    with store.read() as tx:
        assert not tx.runs.page_ids_seen(ACME, SECOND, page().person_ids)


def test_what_pages_counted_adds_up(store: SqlStore) -> None:
    add_pages(
        store,
        page(0, ("1", "2"), unchanged=1, skipped={"person.left": 2}, warnings={"person.past-last-day": 1}),
        page(1, ("3",), unchanged=2, skipped={"person.left": 1, "person.bad-value": 1}),
        page(2, ()),
    )
    with store.read() as tx:
        figures = tx.runs.figures(ACME, RUN)
    assert (figures.people, figures.pages, figures.unchanged) == (3, 3, 3)
    assert figures.skipped == {"person.left": 3, "person.bad-value": 1}
    assert figures.warnings == {"person.past-last-day": 1}
