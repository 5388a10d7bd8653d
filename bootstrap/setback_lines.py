"""Write one line of the log for each step of a tenant's pause, from its beginning to its return."""

from datetime import UTC, datetime
from typing import assert_never

from bootstrap.logging import log_event
from domain.setback_words import command_of
from domain.setbacks import Step
from domain.tenant import TenantState
from producers.setbacks import Stepped
from schemas.log_line import Action


def log_step(done: Stepped) -> None:
    """Tell what was done about a setback; a probe is told by the worker that makes it."""
    tenant_id, code, said = done.tenant_id, done.setback.code.value, _said(done)
    match done.step:
        case Step.ANNOUNCE if done.state is TenantState.BLOCKED:
            log_event(Action.TENANT_BLOCKED, tenant_id=tenant_id, error_code=code, reason=said)
        case Step.ANNOUNCE:
            log_event(Action.TENANT_PAUSED, tenant_id=tenant_id, error_code=code, reason=said)
        case Step.RETRY:
            run_id = done.run_id or ""
            log_event(Action.SCHEDULE_FIRED, tenant_id=tenant_id, run_id=run_id, reason="made again")
        case Step.WARN:
            log_event(Action.TENANT_ENDING, tenant_id=tenant_id, error_code=code, reason=said)
        case Step.STOP:
            log_event(Action.TENANT_STOPPED, tenant_id=tenant_id, error_code=code, reason=said)
        case Step.FORGET if done.state is TenantState.ACTIVE:
            log_event(Action.TENANT_RESUMED, tenant_id=tenant_id, error_code=code)
        case Step.FORGET | Step.PROBE | Step.REST:
            pass
        case _:
            assert_never(done.step)


def _said(done: Stepped) -> str:
    """Say why in one word, when we look again, when it ends, and what fixes it."""
    setback = done.setback
    parts = [setback.reason.value]
    parts += [f"next probe {_moment(setback.due_at)}"] if setback.due_at is not None else []
    parts += [f"ends {_moment(setback.ends_at)}"] if setback.ends_at is not None else []
    return "; ".join([*parts, command_of(setback, done.tenant_id)])


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%MZ}"
