"""Dead rows that may have given somebody an account: looked for once nobody shall have one, at most daily."""

from datetime import timedelta

import pytest

from adapters.database.store import SqlStore
from domain.changes import ChangeState
from domain.codes import Code
from domain.ids import ChangeId, ConfigVersion, PersonId, RunId
from domain.overrides import Override, OverrideKind
from domain.records import NewRun, Refused
from domain.run import Phase, RunKind
from domain.scope import Standing
from tests.contracts.store.builders import ACME, HandClock, connection, link, page, seen
from tests.contracts.store.plans import Plans, create, later

DAY = timedelta(days=1)


@pytest.fixture
def plans(store: SqlStore, clock: HandClock) -> Plans:
    return Plans(store, clock)


def lose(plans: Plans, person: str = "1", run: str = "r1", *, sent: bool = True) -> ChangeId:
    """Let a create of somebody die; whether its request may have arrived is told."""
    [row] = plans.released(run, create(person, f"p{person}"))
    plans.take(row)
    plans.settle(Refused(row, Code.TARGET_REFUSED, "403", intent_kept=sent))
    return row


def stand(plans: Plans, standing: Standing, person: str = "1") -> None:
    with plans.store.write() as tx:
        tx.people.put(ACME, RunId("r1"), [seen(person, f"p{person}", standing=standing)], plans.clock.now())


def look_again(plans: Plans) -> int:
    with plans.store.write() as tx:
        return tx.changes.look_again(ACME)


@pytest.mark.parametrize(
    ("standing", "looked"),
    [
        (Standing.LEFT, 1),
        (Standing.FILTERED, 1),
        (Standing.KEPT, 1),
        (Standing.WANTED, 0),
        (Standing.UNKNOWN, 0),
    ],
)
def test_only_the_account_of_somebody_who_shall_have_none_is_looked_for(
    plans: Plans, standing: Standing, looked: int
) -> None:
    row = lose(plans)
    stand(plans, standing)
    assert look_again(plans) == looked
    assert (plans.state(row) is ChangeState.RELEASED) is bool(looked)


def test_a_create_of_which_nothing_was_sent_is_not_looked_for(plans: Plans) -> None:
    lose(plans, sent=False)
    stand(plans, Standing.LEFT)
    assert look_again(plans) == 0


def test_whoever_has_an_account_by_now_is_not_looked_for(plans: Plans) -> None:
    lose(plans)
    plans.linked(link("1", "p1"))
    stand(plans, Standing.LEFT)
    assert look_again(plans) == 0


def test_a_look_that_failed_is_repeated_a_day_later(plans: Plans) -> None:
    row = lose(plans)
    stand(plans, Standing.LEFT)
    assert look_again(plans) == 1
    plans.take(row)
    plans.settle(Refused(row, Code.TARGET_REFUSED, "403", intent_kept=True))
    assert look_again(plans) == 0
    plans.clock.advance(DAY)
    assert look_again(plans) == 1


def test_a_look_that_is_under_way_is_not_begun_again(plans: Plans) -> None:
    row = lose(plans)
    stand(plans, Standing.LEFT)
    assert look_again(plans) == 1
    plans.take(row)
    plans.settle(later(row, intent=True))
    plans.clock.advance(DAY)
    assert look_again(plans) == 0


def test_whoever_is_pinned_inactive_is_looked_for_until_the_day_of_that_has_come(
    plans: Plans, clock: HandClock
) -> None:
    lose(plans)
    pin = OverrideKind.PIN_INACTIVE
    until = clock.now() + timedelta(hours=1)
    pinned = Override("o1", PersonId("1"), pin, reason="lost", by="eve", at=clock.now(), until=until)
    with plans.store.write() as tx:
        tx.overrides.put(ACME, pinned)
    clock.advance(timedelta(hours=2))
    assert look_again(plans) == 0
    clock.advance(timedelta(minutes=-90))
    assert look_again(plans) == 1


def test_whoever_a_certified_feed_lacks_is_missing_until_somebody_sees_them(
    plans: Plans, clock: HandClock
) -> None:
    lose(plans, "1")
    lose(plans, "2", "r2")
    for person in ("1", "2"):
        stand(plans, Standing.WANTED, person)
    read(plans, "f1", "2")
    people = [PersonId("1"), PersonId("2")]
    with plans.store.read() as tx:
        assert tx.absences.missing(ACME, people) == {"1"}
    assert look_again(plans) == 1
    read(plans, "f2", "1", "2")
    with plans.store.read() as tx:
        assert tx.absences.missing(ACME, people) == frozenset()
        assert tx.absences.missing(ACME, []) == frozenset()


def read(plans: Plans, name: str, *people: str) -> None:
    """Read people in one certified feed."""
    run = RunId(name)
    with plans.store.write() as tx:
        tx.connections.put(ACME, connection())
        assert tx.runs.add(ACME, run, NewRun(RunKind.FEED, name, "test"), ConfigVersion(1))
        tx.runs.add_page(ACME, run, page(0, people), plans.clock.now())
        tx.absences.forget_seen(ACME, run)
        tx.runs.certify(ACME, run, "certified")
        tx.absences.note(ACME, run)
        tx.runs.enter(ACME, run, Phase.CONCLUDING)
        tx.runs.enter(ACME, run, Phase.APPLYING)
