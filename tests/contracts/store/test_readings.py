"""The second look at a feed: which pages were told twice, what is left to read, and who came."""

from datetime import timedelta

from adapters.database.store import SqlStore
from domain.ids import PersonId
from tests.contracts.store.builders import ACME, NOON, OTHER, RUN, HandClock, add_run, add_tenant, page


def first_look(store: SqlStore, *pages: tuple[str, ...]) -> None:
    add_tenant(store)
    add_run(store)
    with store.write() as tx:
        for number, people in enumerate(pages):
            tx.runs.add_page(ACME, RUN, page(number, people, total=5), NOON)


def test_pages_that_hold_somebody_of_an_earlier_page_are_named(store: SqlStore) -> None:
    first_look(store, ("1", "2"), ("3", "4"), ("4", "5"), ("5", "6"))
    with store.read() as tx:
        assert tx.readings.repeated(ACME, RUN, 20) == [2, 3]
        assert tx.readings.repeated(ACME, RUN, 1) == [2]
        assert tx.readings.repeated(OTHER, RUN, 20) == []


def test_a_page_stands_under_the_cursor_that_the_page_before_handed_out(store: SqlStore) -> None:
    first_look(store, ("1", "2"), ("3", "4"))
    with store.read() as tx:
        assert [tx.readings.cursor_of(ACME, RUN, number) for number in range(3)] == [None, "1", "2"]


def test_the_second_look_counts_its_people_beside_those_of_the_first(store: SqlStore) -> None:
    first_look(store, ("1", "2"), ("2", "3"))
    with store.write() as tx:
        tx.readings.add_again(ACME, RUN, 0, page(0, ("9", "1"), total=4), NOON)
        tx.readings.add_again(ACME, RUN, 2, page(2, (), total=4), NOON)
    with store.read() as tx:
        reading = tx.runs.reading(ACME, RUN)
        assert tx.readings.read_again(ACME, RUN) == {0, 2}
        people = [PersonId(name) for name in ("9", "3", "8")]
        assert tx.readings.on_pages(ACME, RUN, people) == {"9", "3"}
        run = tx.runs.get(ACME, RUN)
    assert [mark.total for mark in reading.again] == [4, 4]
    assert (reading.distinct, len(reading.pages)) == (4, 2)
    assert run is not None
    assert run.pages == 2, "the second look does not move the first one's cursor"


def test_a_page_is_read_again_once_however_often_it_is_stored(store: SqlStore, clock: HandClock) -> None:
    first_look(store, ("1", "2"))
    for people in (("1", "2"), ("3",)):
        clock.advance(timedelta(seconds=1))
        with store.write() as tx:
            tx.readings.add_again(ACME, RUN, 0, page(0, people), clock.now())
    with store.read() as tx:
        assert len(tx.runs.reading(ACME, RUN).again) == 1
        assert tx.runs.reading(ACME, RUN).distinct == 2
