"""Whoever a yes to older news would close is asked for once more; a silent Personio holds nobody up."""

from collections.abc import Callable

import pytest

from domain.changes import ChangeState
from domain.codes import Code
from simulators.personio.actions import Status
from tests.flow.relay import Relay
from tests.flow.test_guards import leave_at_once
from tests.flow.test_main_job import live
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
