"""Each step of a tenant's pause is one line of the log, with the reason, the next probe and the command."""

from datetime import timedelta

import pytest

from bootstrap.setback_lines import log_step
from domain.codes import Code
from domain.ids import RunId, SetbackId, TenantId
from domain.setbacks import Reason, Setback, Step
from domain.tenant import TenantState
from producers.setbacks import Stepped
from schemas.log_line import Action
from tests.builders import MONDAY
from tests.fakes.log import lines_of, logged

RESTS = Setback(
    setback_id=SetbackId("s1"),
    reason=Reason.SOURCE,
    code=Code.PAUSE_RUNS,
    failure=Code.FEED_EMPTY,
    detail="",
    since=MONDAY,
    due_at=MONDAY + timedelta(hours=6),
)


@pytest.mark.parametrize(
    ("step", "state", "action"),
    [
        (Step.ANNOUNCE, TenantState.PAUSED, Action.TENANT_PAUSED),
        (Step.ANNOUNCE, TenantState.BLOCKED, Action.TENANT_BLOCKED),
        (Step.RETRY, TenantState.ACTIVE, Action.SCHEDULE_FIRED),
        (Step.WARN, TenantState.PAUSED, Action.TENANT_ENDING),
        (Step.STOP, TenantState.PAUSED, Action.TENANT_STOPPED),
        (Step.FORGET, TenantState.ACTIVE, Action.TENANT_RESUMED),
    ],
)
def test_each_step_has_its_line(step: Step, state: TenantState, action: Action) -> None:
    with logged() as stream:
        log_step(Stepped(TenantId("acme"), step, RESTS, state, RunId("r1")))
    (line,) = lines_of(stream)
    assert line.action is action


def test_the_line_of_a_pause_says_when_we_look_again_and_what_fixes_it() -> None:
    with logged() as stream:
        log_step(Stepped(TenantId("acme"), Step.ANNOUNCE, RESTS, TenantState.PAUSED))
    text = stream.getvalue()
    for word in ("pause.runs-failed", "2026-11-23T15:00Z", "2026-12-21T09:00Z", "staffetta sync acme"):
        assert word in text


@pytest.mark.parametrize("step", [Step.PROBE, Step.REST])
def test_what_the_worker_tells_is_not_told_twice(step: Step) -> None:
    with logged() as stream:
        log_step(Stepped(TenantId("acme"), step, RESTS, TenantState.PAUSED))
    assert stream.getvalue() == ""
