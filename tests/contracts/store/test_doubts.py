"""What nobody knows of an account after a request without an answer, and until when."""

from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.database.store import SqlStore
from domain.changes import ChangeState
from domain.codes import Code
from domain.ids import PersonId
from domain.link import MANAGER, OPEN
from domain.records import Refused
from tests.contracts.store.builders import ACME, LEASE, HandClock, link
from tests.contracts.store.plans import Plans, deactivate, done, keep, later, manage, reactivate, update

NAMES = frozenset({"userName", "name.givenName"})
"""What a row changes that gives somebody another name."""


@pytest.fixture
def plans(store: SqlStore, clock: HandClock) -> Plans:
    made = Plans(store, clock)
    made.linked(link("1"), link("9", "boss"))
    return made


def doubts(plans: Plans, person: str = "1") -> frozenset[str]:
    stored = plans.link_of(person)
    assert stored is not None
    with plans.store.read() as tx:
        assert tx.links.marks(ACME, [PersonId(person)])[PersonId(person)].doubts == stored.doubts
    return stored.doubts


def test_an_answer_that_was_lost_leaves_in_doubt_what_the_row_would_change(plans: Plans) -> None:
    [row] = plans.released("r1", update("1", "ada", "eve"))
    plans.take(row)
    plans.settle(later(row, intent=True))
    assert doubts(plans) == NAMES
    assert doubts(plans, "9") == frozenset()


def test_a_request_that_was_not_sent_leaves_nothing_in_doubt(plans: Plans) -> None:
    [row] = plans.released("r1", update("1", "ada", "eve"))
    plans.take(row)
    plans.settle(later(row))
    assert doubts(plans) == frozenset()


def test_a_closing_and_a_manager_are_in_doubt_as_such(plans: Plans) -> None:
    rows = plans.released("r1", manage("1"))
    plans.take(rows[0])
    plans.settle(later(rows[0], intent=True))
    rows = plans.released("r2", deactivate("1"))
    plans.take(rows[0])
    plans.settle(later(rows[0], intent=True))
    assert doubts(plans) == {OPEN, MANAGER}


def test_doubts_stay_when_the_row_is_not_wanted_any_more(plans: Plans) -> None:
    [row] = plans.released("r1", deactivate("1"))
    plans.take(row)
    plans.settle(later(row, intent=True))
    plans.released("r2", keep("1"))
    assert plans.state(row) is ChangeState.DROPPED
    assert doubts(plans) == {OPEN}


def test_a_row_that_is_done_takes_away_the_doubts_that_it_settles(plans: Plans) -> None:
    [row] = plans.released("r1", update("1", "ada", "eve"))
    plans.take(row)
    plans.settle(later(row, intent=True))
    [row] = plans.released("r2", manage("1"))
    plans.take(row)
    plans.settle(later(row, intent=True))
    [row] = plans.released("r3", update("1", "ada", "ida"))
    plans.settle(replace(done(plans.take(row)), believed=NAMES))
    assert doubts(plans) == {MANAGER}


def test_a_worker_that_died_leaves_in_doubt_what_it_had_in_hand(plans: Plans) -> None:
    plans.linked(link("1", active=False))
    [row] = plans.released("r1", reactivate("1"))
    plans.crash(row)
    assert OPEN in doubts(plans)


def test_what_was_sent_after_the_lease_had_ended_is_in_doubt(plans: Plans, clock: HandClock) -> None:
    [row] = plans.released("r1", manage("1"))
    job = plans.take(row)
    clock.advance(LEASE + timedelta(seconds=1))
    plans.expire()
    plans.released("r2", keep("1", job.change.aspect))
    assert plans.state(row) is ChangeState.DROPPED
    plans.settle(done(job))
    stored = plans.link_of("1")
    assert stored is not None
    assert (stored.manager, stored.doubts) == (None, frozenset({MANAGER}))


def test_a_row_that_died_with_a_request_that_may_have_arrived_leaves_its_doubt(plans: Plans) -> None:
    [row] = plans.released("r1", deactivate("1"))
    plans.take(row)
    plans.settle(Refused(row, Code.TARGET_UNREACHABLE, "tried 12 times", intent_kept=True))
    assert doubts(plans) == {OPEN}
