"""What guards count: each person once, what went without a yes, and never behind another run's back."""

import threading
from datetime import timedelta

from adapters.database.store import SqlStore
from domain.guards import Guarded
from domain.ids import PersonId, RunId
from domain.run import RunKind
from tests.contracts.store.builders import ACME, HandClock, link
from tests.contracts.store.plans import Plans, create, deactivate


def wanted(store: SqlStore, run: str) -> tuple[int, int, int, int]:
    with store.read() as tx:
        found = tx.brakes.tally(ACME, RunId(run), Guarded.REMOVALS)
    return found.wanted, found.day, found.week, found.month


def company(store: SqlStore, clock: HandClock, people: int) -> Plans:
    plans = Plans(store, clock)
    plans.linked(*(link(PersonId(str(each))) for each in range(1, people + 1)))
    return plans


def test_kinds_are_counted_apart(store: SqlStore, clock: HandClock) -> None:
    plans = company(store, clock, 3)
    plans.plan("run", deactivate("1"), deactivate("2"), create("9", "new"))
    with store.read() as tx:
        found = tx.brakes.wanted(ACME, RunId("run"))
        assert tx.brakes.open_accounts(ACME) == 3
    assert (found[Guarded.REMOVALS], found[Guarded.CREATES]) == (2, 1)
    assert Guarded.UPDATES not in found


def test_windows_forget_what_is_older(store: SqlStore, clock: HandClock) -> None:
    plans = company(store, clock, 9)
    plans.released("old", deactivate("1"))
    clock.advance(timedelta(days=2))
    plans.released("newer", deactivate("2"))
    clock.advance(timedelta(days=6))
    plans.released("newest", deactivate("3"))
    plans.plan("run", deactivate("4"))
    assert wanted(store, "run") == (1, 1, 2, 3)
    clock.advance(timedelta(days=31))
    assert wanted(store, "run") == (1, 0, 0, 0)


def test_what_is_wanted_again_is_counted_once(store: SqlStore, clock: HandClock) -> None:
    plans = company(store, clock, 9)
    plans.released("first", deactivate("1"), deactivate("2"))
    plans.plan("run", deactivate("1"))
    assert wanted(store, "run") == (1, 1, 1, 1)


def test_of_two_runs_at_the_same_time_the_second_counts_what_the_first_let_go(
    store: SqlStore, clock: HandClock
) -> None:
    plans = company(store, clock, 9)
    plans.plan("one", deactivate("1"), kind=RunKind.PERSON)
    plans.plan("two", deactivate("2"), kind=RunKind.PERSON)
    counted: dict[str, int] = {}
    entered, may_go_on = threading.Event(), threading.Event()

    def let_go(run: str) -> None:
        with store.write() as tx:
            tx.changes.merge(ACME, RunId(run))
            counted[run] = tx.brakes.tally(ACME, RunId(run), Guarded.REMOVALS).day
            if run == "one":
                entered.set()
                assert may_go_on.wait(timeout=10)
            tx.changes.release(ACME, RunId(run))

    first = threading.Thread(target=let_go, args=("one",))
    second = threading.Thread(target=let_go, args=("two",))
    first.start()
    assert entered.wait(timeout=10)
    second.start()
    second.join(timeout=0.3)
    assert "two" not in counted
    may_go_on.set()
    first.join(timeout=10)
    second.join(timeout=10)
    assert counted == {"one": 0, "two": 1}
