"""The statements about runs, each built once."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Update,
    and_,
    case,
    desc,
    exists,
    func,
    or_,
    select,
    update,
)

from adapters.database.changes_moves import within
from adapters.database.statements import built_once, one_of
from adapters.database.tables_changes import CHANGES
from adapters.database.tables_runs import BUSY_FEED, PAGES, RUNS, UNDER_WAY
from domain.changes import KEEPS_RUN_GOING, ChangeState
from domain.codes import Code
from domain.ids import RunId, TenantId
from domain.run import NEXT_PHASES, WENT_WELL, Phase, RunKind

BUSY = (Phase.READING.value, Phase.LISTING.value, Phase.CONCLUDING.value)
"""Phases in which a run needs turns."""

ENDED = {"phase": Phase.ENDED.value, "lease_token": None, "lease_until": None}


@built_once
def run(tenant_id: TenantId, run_id: RunId) -> Select[Any]:
    """Select one run."""
    return select(RUNS).where(*_here(tenant_id, run_id))


@built_once
def in_slot(tenant_id: TenantId, slot: str) -> Select[Any]:
    """Select the run of a slot."""
    return select(RUNS).where(RUNS.c.tenant_id == tenant_id, RUNS.c.slot == slot)


@built_once
def busy_feed(tenant_id: TenantId) -> Select[Any]:
    """Select the feed run of a tenant that is not over."""
    return select(RUNS).where(RUNS.c.tenant_id == tenant_id, BUSY_FEED)


@built_once
def successes(tenant_id: TenantId) -> Select[int]:
    """Select when the newest complete run that went well ended."""
    went_well = one_of(RUNS.c.outcome, WENT_WELL)
    complete = (RUNS.c.kind == RunKind.FEED.value, RUNS.c.plan_only.is_(False))
    asked = select(RUNS.c.ended_at).where(RUNS.c.tenant_id == tenant_id, *complete, went_well)
    return asked.order_by(desc(RUNS.c.created_at)).limit(1)


@built_once
def turn_taken(tenant_id: TenantId, run_id: RunId, token: str, now: int, until: int) -> Update:
    """Take the run's lease, if nobody else holds it."""
    mine = or_(_turn_is_free(now), RUNS.c.lease_token == token)
    left = case((RUNS.c.lease_token.is_not(None), 1), else_=0)
    taken = update(RUNS).where(*_here(tenant_id, run_id), one_of(RUNS.c.phase, BUSY), mine)
    return taken.values(lease_token=token, lease_until=until, tries=RUNS.c.tries + left).returning(RUNS)


@built_once
def turn_kept(tenant_id: TenantId, run_id: RunId, token: str, until: int) -> Update:
    """Renew the lease of whoever holds it."""
    held = (*_here(tenant_id, run_id), RUNS.c.lease_token == token)
    return update(RUNS).where(*held).values(lease_until=until)


@built_once
def turn_ended(tenant_id: TenantId, run_id: RunId, token: str, due_at: int) -> Update:
    """Give the lease back."""
    held = (*_here(tenant_id, run_id), RUNS.c.lease_token == token)
    return update(RUNS).where(*held).values(lease_token=None, lease_until=None, due_at=due_at)


@built_once
def failure(tenant_id: TenantId, run_id: RunId) -> Update:
    """Count one more failed try."""
    counted = update(RUNS).where(*_here(tenant_id, run_id)).values(tries=RUNS.c.tries + 1)
    return counted.returning(RUNS.c.tries)


@built_once
def attributes_learned(tenant_id: TenantId, run_id: RunId, universal: str, blind: str) -> Update:
    """Remember what may be read."""
    return update(RUNS).where(*_here(tenant_id, run_id)).values(universal=universal, blind=blind)


@built_once
def page_read(tenant_id: TenantId, run_id: RunId, cursor: str | None, asked_at: int) -> Update:
    """Advance a run by one page."""
    return (
        update(RUNS)
        .where(*_here(tenant_id, run_id))
        .values(
            cursor=cursor,
            pages=RUNS.c.pages + 1,
            tries=0,
            first_page_asked_at=func.coalesce(RUNS.c.first_page_asked_at, asked_at),
        )
    )


@built_once
def page_of_the_same(tenant_id: TenantId, run_id: RunId, digest: bytes) -> Select[int]:
    """Select a page that consists of the same people."""
    same = (PAGES.c.tenant_id == tenant_id, PAGES.c.run_id == run_id, PAGES.c.ids_digest == digest)
    return select(PAGES.c.number).where(*same).limit(1)


@built_once
def cursor_set(tenant_id: TenantId, run_id: RunId, cursor: str | None) -> Update:
    """Remember where listing goes on."""
    return update(RUNS).where(*_here(tenant_id, run_id)).values(cursor=cursor, tries=0)


@built_once
def certified(tenant_id: TenantId, run_id: RunId, certificate: str) -> Update:
    """Remember the verdict over the reading."""
    return update(RUNS).where(*_here(tenant_id, run_id)).values(certificate=certificate)


@built_once
def entered(tenant_id: TenantId, run_id: RunId, now: int, *, phase: Phase) -> Update:
    """Go to a phase from one that leads there; listing begins at the first page of the target."""
    news: dict[str, object] = {"phase": phase.value, "tries": 0, "due_at": now}
    news |= {"cursor": None} if phase is Phase.LISTING else {}
    news |= {"ended_at": now} if phase is Phase.ENDED else {}
    before = [earlier.value for earlier, later in NEXT_PHASES.items() if phase in later]
    return update(RUNS).where(*_here(tenant_id, run_id), one_of(RUNS.c.phase, before)).values(news)


@built_once
def ended(
    tenant_id: TenantId,
    run_id: RunId,
    outcome: str,
    code: Code | None,
    detail: str,
    carried: str | None,
    now: int,
) -> Update:
    """End a run, once."""
    going = (*_here(tenant_id, run_id), RUNS.c.phase != Phase.ENDED.value)
    told = {"outcome": outcome, "code": code, "detail": detail, "carried": carried, "ended_at": now}
    return update(RUNS).where(*going).values({**ENDED, **told}).returning(RUNS.c.kind)


@built_once
def plan_dropped(tenant_id: TenantId, run_id: RunId, why: Code | None, now: int) -> Update:
    """Drop the planned rows of a run."""
    mine = (CHANGES.c.tenant_id == tenant_id, CHANGES.c.run_id == run_id)
    planned = update(CHANGES).where(*mine, CHANGES.c.state == ChangeState.PLANNED.value)
    return planned.values(state=ChangeState.DROPPED.value, why=why, settled_at=now)


@built_once
def requests_added(tenant_id: TenantId, run_id: RunId, source: int, target: int) -> Update:
    """Add to the counts of requests."""
    more = {
        "source_requests": RUNS.c.source_requests + source,
        "target_requests": RUNS.c.target_requests + target,
    }
    return update(RUNS).where(*_here(tenant_id, run_id)).values(more)


@built_once
def hungry(until: int) -> Select[int]:
    """Count the feed runs that read and are due until then."""
    reads = (RUNS.c.kind == RunKind.FEED.value, RUNS.c.phase == Phase.READING.value)
    return select(func.count()).select_from(RUNS).where(UNDER_WAY, *reads, RUNS.c.due_at <= until)


@built_once
def without_a_turn(now: int) -> Select[str, str]:
    """Select busy runs of all tenants that are due and whose turn nobody has, the longest due first."""
    return _ids(_waits(now), RUNS.c.due_at)


@built_once
def somebody_without_a_turn(now: int) -> Select[str]:
    """Select one of them."""
    return select(RUNS.c.run_id).where(UNDER_WAY, _waits(now)).limit(1)


@built_once
def without_a_row() -> Select[str, str]:
    """Select applying runs of all tenants that no row keeps going."""
    going = exists().where(
        CHANGES.c.tenant_id == RUNS.c.tenant_id,
        CHANGES.c.run_id == RUNS.c.run_id,
        within(CHANGES, KEEPS_RUN_GOING),
    )
    return _ids(and_(RUNS.c.phase == Phase.APPLYING.value, ~going))


def _ids(where: ColumnElement[bool], *first: ColumnElement[int]) -> Select[str, str]:
    runs = select(RUNS.c.tenant_id, RUNS.c.run_id).where(UNDER_WAY, where)
    return runs.order_by(*first, RUNS.c.created_at, RUNS.c.run_id)


def _waits(now: int) -> ColumnElement[bool]:
    return and_(one_of(RUNS.c.phase, BUSY), _turn_is_free(now), RUNS.c.due_at <= now)


def _turn_is_free(now: int) -> ColumnElement[bool]:
    return or_(RUNS.c.lease_token.is_(None), RUNS.c.lease_until <= now)


def _here(tenant_id: TenantId, run_id: RunId) -> tuple[ColumnElement[bool], ...]:
    return RUNS.c.tenant_id == tenant_id, RUNS.c.run_id == run_id
