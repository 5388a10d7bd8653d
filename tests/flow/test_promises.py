"""An application that answers 202 has done nothing yet: nobody is called done, doubled or let out of sight.

WSO2 Identity Server answers so where a workflow has to approve a user, and once where it failed
(wso2/product-is#26596, #25888); of two requests before the approval it makes two tasks (#25731).
"""

from collections.abc import Iterator
from datetime import datetime

import pytest

from domain.changes import Action, ChangeState
from domain.codes import Code
from domain.ids import PersonId
from simulators.scim.handle import ScimSimulator
from tests.flow.relay import Relay, ShiftedClock
from tests.flow.test_failures import hire_many, live, somebody
from tests.flow.truth import accounts, differences

__all__ = ["live"]

FIVE_MINUTES = {"promises": "kept", "promise_seconds": 300.0}
NEVER = {"promises": "broken"}
A_DAY_AND_MORE = 26


class Theirs:
    """The application's clock, which goes with ours as soon as it is set, so that promises become due."""

    def __init__(self) -> None:
        self.clock = ShiftedClock()

    def now(self) -> datetime:
        return self.clock.now()


@pytest.fixture
def theirs() -> Theirs:
    return Theirs()


@pytest.fixture
def app(theirs: Theirs) -> Iterator[ScimSimulator]:
    with ScimSimulator.start(clock=theirs.now) as running:
        yield running


@pytest.fixture
def slow(live: Relay, theirs: Theirs) -> Relay:
    theirs.clock = live.clock
    return live


def wait(slow: Relay, minutes: int, step: int = 4) -> None:
    for _ in range(0, minutes, step):
        slow.later(minutes=step)


def waiting(slow: Relay) -> dict[Action, Code | None]:
    return {row.action: row.why for row in slow.rows(ChangeState.WAITING)}


def told(slow: Relay) -> set[Code]:
    return {each.code for each in slow.incidents() if each.resolved_at is None}


def leave_and_join(slow: Relay) -> tuple[PersonId, PersonId, PersonId]:
    """Let somebody leave, somebody join, and somebody be promoted."""
    joiner = PersonId(hire_many(slow, 1)[0])
    promoted, leaver = sorted(int(key) for key, account in accounts(slow).items() if account["active"])[:2]
    slow.personio.company.terminate(leaver)
    slow.personio.company.change(promoted, position="Head of Things")
    return joiner, PersonId(str(leaver)), PersonId(str(promoted))


def test_f9_what_is_agreed_to_for_later_is_done_when_the_application_shows_it_and_asked_for_once(
    slow: Relay,
) -> None:
    slow.app.quirks.switch(**FIVE_MINUTES)
    joiner, leaver, _ = leave_and_join(slow)
    slow.app.counters.reset()
    slow.sync()
    assert waiting(slow) == {
        Action.CREATE: Code.TARGET_PROMISED,
        Action.UPDATE: Code.TARGET_PROMISED,
        Action.DEACTIVATE: Code.TARGET_STILL_OPEN,
    }
    assert {Code.TARGET_PROMISED, Code.TARGET_STILL_OPEN} <= told(slow)
    wait(slow, 40)
    assert differences(slow) == []
    assert not accounts(slow)[leaver]["active"]
    assert slow.app.counters.creates(joiner) == 1
    assert slow.app.counters.requests(method="POST") == 1
    slow.sync()
    assert told(slow).isdisjoint({Code.TARGET_PROMISED, Code.TARGET_STILL_OPEN})


def test_f9_an_account_that_is_promised_and_never_made_is_told_and_asked_for_again_only_after_a_day(
    slow: Relay,
) -> None:
    slow.app.quirks.switch(**NEVER)
    hire_many(slow, 1)
    slow.app.counters.reset()
    slow.sync()
    for _ in range(20):
        slow.later(hours=1)
        slow.sync()
    assert slow.app.counters.requests(method="POST") == 1
    assert slow.rows(ChangeState.DEAD) == []
    assert Code.TARGET_PROMISED in told(slow)
    wait(slow, 60 * (A_DAY_AND_MORE - 20), 60)
    assert slow.app.counters.requests(method="POST") == 2
    slow.app.quirks.switch(promises="none")
    wait(slow, 60 * A_DAY_AND_MORE, 60)
    assert differences(slow) == []


def test_f9_a_closing_that_is_promised_and_never_done_is_told_at_once_and_asked_for_each_hour(
    slow: Relay,
) -> None:
    person = somebody(slow)
    slow.personio.company.terminate(int(person))
    slow.app.quirks.switch(**NEVER)
    slow.app.counters.reset()
    slow.sync()
    assert Code.TARGET_STILL_OPEN in told(slow)
    wait(slow, 56)
    assert slow.app.counters.requests(method="PATCH") == 1
    wait(slow, 30)
    assert slow.app.counters.requests(method="PATCH") == 2
    assert [row.action for row in slow.rows(ChangeState.APPLIED) if row.person_id == person][-1:] != [
        Action.DEACTIVATE
    ]
    slow.app.quirks.switch(promises="none")
    wait(slow, 75)
    assert not accounts(slow)[person]["active"]


def test_a2_a_change_of_somebody_whose_account_is_promised_asks_for_no_second_one(slow: Relay) -> None:
    slow.app.quirks.switch(**FIVE_MINUTES)
    (joiner,) = hire_many(slow, 1)
    slow.app.counters.reset()
    slow.sync()
    slow.personio.company.change(int(joiner), position="Head of Things")
    slow.later(minutes=2)
    slow.sync()
    wait(slow, 40)
    assert slow.app.counters.requests(method="POST") == 1
    assert differences(slow) == []


def test_f9_who_leaves_while_another_change_is_promised_is_closed_without_waiting_for_that(
    slow: Relay,
) -> None:
    person = somebody(slow)
    slow.app.quirks.switch(**NEVER)
    slow.personio.company.change(int(person), position="Head of Things")
    slow.sync()
    slow.later(minutes=2)
    slow.app.quirks.switch(promises="none")
    slow.personio.company.terminate(int(person))
    slow.sync()
    assert not accounts(slow)[person]["active"]


def test_f9_a_newer_value_is_sent_while_an_older_one_is_promised(slow: Relay) -> None:
    person = somebody(slow)
    slow.app.quirks.switch(**FIVE_MINUTES)
    slow.personio.company.change(int(person), position="Head of Things")
    slow.sync()
    slow.later(minutes=2)
    slow.personio.company.change(int(person), position="Head of Everything")
    slow.sync()
    wait(slow, 40)
    assert differences(slow) == []


def test_a2_who_leaves_before_the_promised_account_is_there_is_closed_when_it_comes(slow: Relay) -> None:
    slow.app.quirks.switch(promises="kept", promise_seconds=3 * 3600.0)
    (joiner,) = hire_many(slow, 1)
    slow.sync()
    slow.personio.company.terminate(int(joiner))
    for _ in range(4):
        slow.later(minutes=20)
        slow.sync()
    slow.app.quirks.switch(promises="none")
    for _ in range(8):
        slow.later(minutes=30)
    slow.sync()
    assert slow.app.counters.creates(joiner) == 1
    assert not accounts(slow)[joiner]["active"]


def test_a2_who_leaves_and_whose_account_comes_days_later_is_closed_all_the_same(slow: Relay) -> None:
    """A row that was promised is looked for once a day, after a human was told."""
    slow.app.quirks.switch(promises="kept", promise_seconds=60 * 3600.0)
    (joiner,) = hire_many(slow, 1)
    slow.sync()
    slow.personio.company.terminate(int(joiner))
    slow.app.quirks.switch(promises="none")
    for _ in range(16):
        slow.later(hours=6)
        slow.sync()
    assert slow.app.counters.creates(joiner) == 1
    assert not accounts(slow)[joiner]["active"]
