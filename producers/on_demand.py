"""Make the runs that a human, a webhook or a stale row asks for."""

from dataclasses import dataclass
from typing import assert_never

from domain.audit import About, Deed, Note
from domain.events import RunDue
from domain.ids import PersonId, RunId, TenantId
from domain.ports import Ids, Publisher, Store, Transaction
from domain.records import NewRun
from domain.run import Run, RunKind
from domain.tenant import TenantState, may_read


class NotPossibleError(Exception):
    """Say why a run cannot be made now, and what to do about it."""


class NotNowError(NotPossibleError):
    """Say that the tenant's state forbids it: stopped, blocked, or not active yet."""


class NotThereError(NotPossibleError):
    """Say that what was named does not exist."""


class MisnamedError(NotPossibleError):
    """Say that what was named cannot be meant, whatever the tenant's state: only other words help."""


def no_write_now(tenant_id: TenantId, state: TenantState) -> NotNowError:
    """Say why nothing may be written for a tenant, with the command that changes that."""
    match state:
        case TenantState.STOPPED:
            cure = f"Start it again with: staffetta resume {tenant_id}"
        case TenantState.BLOCKED:
            cure = f"See what must be cured with: staffetta check {tenant_id}"
        case TenantState.SETUP:
            cure = f"First comes: staffetta check {tenant_id}"
        case TenantState.READY:
            cure = f"Let it begin with: staffetta activate {tenant_id} --confirm={tenant_id}"
        case TenantState.ACTIVE | TenantState.PAUSED:
            cure = f"See why with: staffetta tenant show {tenant_id}"
        case _:
            assert_never(state)
    return NotNowError(f"«{tenant_id}» is {state.value} and may not write. {cure}")


@dataclass(frozen=True, slots=True)
class Asked:
    """The run that answers a request. `joined`: it was there already and had not begun to read.

    `late`: it was reading already, so what the asker wants to see may be behind it; ask again when it ended.
    """

    run: Run
    joined: bool = False
    late: bool = False


def ask_for_feed(
    tenant_id: TenantId, *, by: str, key: str, plan_only: bool, store: Store, publisher: Publisher, ids: Ids
) -> Asked:
    """Ask for a complete run. The same key twice is the same run."""
    with store.write() as tx:
        reading = tx.runs.reading_now(tenant_id)
        if reading is not None:
            return Asked(reading, joined=True, late=reading.first_page_asked_at is not None)
        asked = _add(tx, tenant_id, NewRun(RunKind.FEED, f"manual:{key}", by, plan_only), ids)
        _note(tx, tenant_id, asked, by)
    publisher.ring([RunDue(tenant_id, asked.run.run_id)])
    return asked


def ask_for_person(
    tenant_id: TenantId,
    person_id: PersonId,
    *,
    by: str,
    key: str,
    plan_only: bool,
    store: Store,
    publisher: Publisher,
    ids: Ids,
) -> Asked:
    """Ask for a run of one; it needs no feed and waits for none."""
    new = NewRun(RunKind.PERSON, f"person:{person_id}:{key}", by, plan_only, person_id)
    with store.write() as tx:
        asked = _add(tx, tenant_id, new, ids)
        _note(tx, tenant_id, asked, by)
    publisher.ring([RunDue(tenant_id, asked.run.run_id)])
    return asked


def _note(tx: Transaction, tenant_id: TenantId, asked: Asked, by: str) -> None:
    """Tell the audit of a run that may write; whoever only looks, or joins, did nothing to the tenant."""
    if not asked.joined and not asked.run.plan_only:
        meant = asked.run.person_id or ""
        tx.audit.write(tenant_id, Note(Deed.RUN_ASKED, by, About.RUN, asked.run.run_id, meant=meant))


def _add(tx: Transaction, tenant_id: TenantId, new: NewRun, ids: Ids) -> Asked:
    tenant = tx.tenants.get(tenant_id)
    config = tx.tenants.configuration(tenant_id)
    if tenant is None or config is None:
        raise NotPossibleError(f"There is no tenant «{tenant_id}». List tenants with: staffetta tenant list")
    if not may_read(tenant.state):
        raise NotNowError(
            f"«{tenant_id}» is stopped; nothing runs. Start it again with: staffetta resume {tenant_id}"
        )
    run = tx.runs.add(tenant_id, RunId(ids.new()), new, config.version)
    if run is not None:
        return Asked(run)
    known = tx.runs.by_slot(tenant_id, new.slot)
    if known is None:
        raise NotPossibleError(f"Another run of «{tenant_id}» began at this very moment; ask again.")
    return Asked(known, joined=True)
