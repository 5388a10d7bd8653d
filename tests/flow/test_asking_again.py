"""Whoever older news would close is asked for once more; a silent Personio holds up what no human saw."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from domain.changes import Action, ChangeState
from domain.codes import Code
from simulators.personio.actions import Status
from simulators.scim.effects import server_error
from tests.flow.relay import Relay
from tests.flow.test_failures import WRITES
from tests.flow.test_guards import leave_at_once
from tests.flow.test_main_job import live, somebody
from tests.flow.test_second_feed import FORBIDDEN, LIST
from tests.flow.truth import accounts

__all__ = ["live"]

Meanwhile = Callable[[Relay, int], object]


def closed(live: Relay, people: list[str]) -> list[str]:
    return [person for person in people if not accounts(live)[person]["active"]]


def test_a_re_hire_of_this_minute_is_not_closed_by_a_yes_to_older_news(live: Relay) -> None:
    leavers = leave_at_once(live)
    live.later(minutes=11)
    live.personio.company.rehire(int(leavers[0]))
    live.app.counters.reset()
    live.approve()
    assert closed(live, leavers) == leavers[1:]
    assert live.app.counters.effective_writes() == len(leavers) - 1, "not closed and opened again"
    (stale,) = live.rows(ChangeState.STALE)
    assert (stale.person_id, stale.why) == (leavers[0], Code.PLAN_STALE)
    assert "again" in stale.detail
    assert live.rows(ChangeState.HELD) == []


def test_a_re_hire_as_a_contractor_is_judged_anew_as_somebody_out_of_the_filter(live: Relay) -> None:
    leavers = leave_at_once(live)
    live.later(minutes=11)
    live.personio.company.rehire(int(leavers[0]), employment_type="external")
    live.approve()
    (stale,) = live.rows(ChangeState.STALE)
    assert stale.person_id == leavers[0]
    causes = {row.cause for row in live.rows() if row.person_id == leavers[0]}
    assert Code.PERSON_LEFT_FILTER in causes


@pytest.mark.parametrize(
    "meanwhile",
    [
        pytest.param(
            lambda live, _: live.personio.fault(Status(status=503), count=None), id="Personio is away"
        ),
        pytest.param(lambda live, _: live.personio.fault(Status(status=401), count=None), id="it refuses us"),
        pytest.param(lambda live, person: live.personio.company.erase(person), id="the leaver was erased"),
        pytest.param(lambda live, _: live.personio.set_readable(["first_name"]), id="the status is not told"),
    ],
)
def test_a_leaver_whom_nobody_can_ask_for_is_closed_as_a_human_said(
    live: Relay, meanwhile: Meanwhile
) -> None:
    leavers = leave_at_once(live)
    live.later(minutes=11)
    meanwhile(live, int(leavers[0]))
    live.approve()
    assert closed(live, leavers) == leavers
    assert live.rows(ChangeState.STALE) == []


def test_a_yes_to_what_was_planned_just_now_asks_nobody(live: Relay) -> None:
    leavers = leave_at_once(live)
    live.personio.reset_counters()
    live.approve()
    assert closed(live, leavers) == leavers
    assert live.personio.counters().requests == {}


def left_while_the_application_is_away(live: Relay, methods: tuple[str, ...] = WRITES) -> str:
    """Let somebody leave whose account cannot be closed yet."""
    leaver = somebody(live)
    live.personio.company.terminate(int(leaver))
    live.app.quirks.add(server_error(503), methods=methods, times=None)
    live.sync()
    return leaver


def there_again(live: Relay) -> None:
    """Let the application answer well for a while, more than an hour later."""
    live.app.quirks.clear()
    for minutes in (61, 1, 1, 1):
        live.later(minutes=minutes)


def whys(live: Relay, person: str) -> list[tuple[ChangeState, Code | None]]:
    rows = [row for row in live.rows() if row.person_id == person and row.action is Action.DEACTIVATE]
    return [(row.state, row.why) for row in rows]


@pytest.mark.parametrize("methods", [WRITES, ()], ids=["the row waited", "the run waited"])
def test_who_is_employed_again_is_not_closed_by_what_waited_for_the_application(
    live: Relay, methods: tuple[str, ...]
) -> None:
    leaver = left_while_the_application_is_away(live, methods)
    live.personio.company.rehire(int(leaver))
    there_again(live)
    assert closed(live, [leaver]) == []
    assert live.app.counters.effective_writes() == 0, "not closed and opened again"
    (stale,) = live.rows(ChangeState.STALE)
    assert stale.detail == "Personio shows the person as one with an account again"


def test_who_left_is_closed_as_soon_as_the_application_is_there_again(live: Relay) -> None:
    leaver = left_while_the_application_is_away(live)
    there_again(live)
    assert closed(live, [leaver]) == [leaver]


def test_what_waited_goes_on_to_wait_while_personio_does_not_answer(live: Relay) -> None:
    leaver = left_while_the_application_is_away(live)
    live.personio.fault(Status(status=503), count=None)
    there_again(live)
    assert closed(live, [leaver]) == []
    assert whys(live, leaver) == [(ChangeState.WAITING, Code.REMOVAL_UNCONFIRMED)]
    live.personio.clear_faults()
    live.later(minutes=6)
    assert closed(live, [leaver]) == [leaver]


def test_a_later_reading_confirms_what_nobody_can_be_asked_for(live: Relay) -> None:
    leaver = left_while_the_application_is_away(live)
    live.personio.fault(FORBIDDEN, path=f"{LIST}/1", count=None)
    there_again(live)
    assert closed(live, [leaver]) == []
    live.sync()
    live.later(minutes=6)
    assert closed(live, [leaver]) == [leaver]


def test_two_readings_close_an_account_hours_later_where_nobody_can_be_asked_for(live: Relay) -> None:
    leaver = left_while_the_application_is_away(live)
    live.personio.fault(FORBIDDEN, path=f"{LIST}/1", count=None)
    live.clock.ahead += timedelta(hours=2)
    live.sync()
    live.clock.ahead += timedelta(hours=2)
    there_again(live)
    assert closed(live, [leaver]) == [leaver]


def test_a_closing_of_this_hour_asks_nobody(live: Relay) -> None:
    leaver = left_while_the_application_is_away(live)
    live.personio.reset_counters()
    live.app.quirks.clear()
    for _ in range(3):
        live.later(minutes=10)
    assert closed(live, [leaver]) == [leaver]
    assert live.personio.counters().requests == {}
