"""What `doctor` finds in the store: key, database, work, messages to humans, and each tenant."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from adapters.database.store import SqlStore
from bootstrap.cli.changes_view import cause_data
from bootstrap.cli.findings import Finding, Health, clock
from bootstrap.cli.rest_view import rest_words, what_ends_it
from bootstrap.cli.rooms import Here, open_store
from bootstrap.cli.shut_view import shut
from bootstrap.cli.voice import counted
from domain.cause import Language
from domain.codes import Code
from domain.dispatches import DispatchState
from domain.errors import TenantBlockedError
from domain.ids import INSTALLATION
from domain.ports import Transaction
from domain.remedies import remedy
from domain.setback_words import way_back
from domain.setbacks import Reason
from domain.tenant import Tenant, TenantState
from producers.silence import is_silent

LONG_WAIT = timedelta(minutes=10)
LATE_MESSAGE = timedelta(hours=1)


def look_at_store(at: Here) -> Iterable[Finding]:
    """Look at everything that stands in the store; a tenant that does not open hides no other."""
    with open_store(at.settings) as store:
        yield Finding("master key", Health.WELL, "opens the store")
        with store.read() as tx:
            now, tenants = tx.now(), tx.tenants.everyone()
        yield Finding("database", Health.WELL, f"answers, {store.product()}; {len(tenants)} tenants")
        yield from clock("clock of the database", now)
        yield from _work(store, now)
        yield _messages(store, now)
        yield from _house(store)
        for tenant in tenants:
            yield from _readable(store, tenant)
            yield from _tenant(store, tenant)
            yield from _target(store, tenant, now)


def _work(store: SqlStore, now: datetime) -> Iterable[Finding]:
    """Count what is due, and how long the oldest of it has been waiting."""
    with store.read() as tx:
        count, oldest = tx.changes.due_now()
    waited = now - (oldest or now)
    if not count:
        yield Finding("work", Health.WELL, "nothing is due")
    elif waited < LONG_WAIT:
        yield Finding("work", Health.WELL, f"{count} changes due, the oldest for {_spoken(waited)}")
    else:
        cure = "See whether all processes are alive below, and why: staffetta logs --level warning"
        yield Finding("work", Health.PROBLEM, f"{count} changes due, the oldest for {_spoken(waited)}", cure)


def _house(store: SqlStore) -> Iterable[Finding]:
    """Name what stands about the installation itself; such an incident is shown by no tenant."""
    with store.read() as tx:
        standing = tx.incidents.standing(INSTALLATION)
    for incident in standing:
        told = cause_data(incident.code, incident.detail) or {}
        cure = f"{told['cure']} See: {remedy(incident.code, INSTALLATION)}"
        yield Finding("installation", Health.NOTICE, told["sentence"], cure)


def _messages(store: SqlStore, now: datetime) -> Finding:
    """Tell of messages to humans that will not arrive, or have been on their way for too long."""
    with store.read() as tx:
        found = tx.dispatches.open_ones()
    lost = [each for each in found if each.state is DispatchState.UNDELIVERED]
    late = [each for each in found if each.state is DispatchState.DUE and now - each.made_at > LATE_MESSAGE]
    if lost or late:
        channels = ", ".join(sorted({each.channel for each in (*lost, *late)}))
        what = f"{len(lost)} undelivered, {len(late)} on their way for more than an hour ({channels})"
        tenant = (lost or late)[0].tenant_id
        cure = f"See: staffetta notify list; try the channels: staffetta notify test {tenant}"
        return Finding("messages", Health.PROBLEM, what, cure)
    return Finding("messages", Health.WELL, f"{len(found)} on their way" if found else "all arrived")


def _tenant(store: SqlStore, tenant: Tenant) -> Iterable[Finding]:
    about = f"tenant {tenant.tenant_id}"
    with store.read() as tx:
        standing, silent = len(tx.incidents.standing(tenant.tenant_id)), _silent(tx, tenant)
        back = way_back(tenant, tx.setbacks.get(tenant.tenant_id), Language.EN)
    if back is not None and back.reason != Reason.RETRY:
        chosen = back.reason in {Reason.BY_HAND, "stopped"}
        why = cause_data(tenant.why) or {"sentence": f"{tenant.state}."}
        probe = f" Next probe {back.probe_at:%Y-%m-%d %H:%M} UTC." if back.probe_at else ""
        health = Health.NOTICE if chosen or back.on_trial else Health.PROBLEM
        then = f", then: staffetta check {tenant.tenant_id}" if tenant.state is TenantState.BLOCKED else ""
        cure = f"{back.ended_by} Run: {back.command}{then}"
        yield Finding(about, health, f"{tenant.state}: {why['sentence']}{probe}", cure)
    elif silent:
        told = cause_data(Code.NO_SUCCESS) or {"sentence": "silent"}
        cure = f"Repair what else is red here; then see: staffetta schedule {tenant.tenant_id}"
        yield Finding(about, Health.PROBLEM, told["sentence"], cure)
    elif standing:
        cure = f"See: staffetta incidents {tenant.tenant_id}"
        yield Finding(about, Health.NOTICE, f"{tenant.state}, {counted(standing, 'open incident')}", cure)
    else:
        yield Finding(about, Health.WELL, tenant.state.value)


def _readable(store: SqlStore, tenant: Tenant) -> Iterable[Finding]:
    """Open what a tenant's keys protect; what opens needs no line."""
    about = f"secrets of {tenant.tenant_id}"
    with store.read() as tx:
        closed = shut(tx, tenant.tenant_id)
        if closed is not None:
            yield Finding(about, Health.PROBLEM, closed["sentence"], closed["cure"])
            return
        try:
            tx.tenants.configuration(tenant.tenant_id)
        except TenantBlockedError as error:
            cure = f"Load it anew: staffetta tenant configure {tenant.tenant_id} --file FILE"
            yield Finding(about, Health.PROBLEM, error.detail, cure)


def _target(store: SqlStore, tenant: Tenant, now: datetime) -> Iterable[Finding]:
    """Name an application that does not answer well; one that is well needs no line."""
    with store.read() as tx:
        condition = tx.conditions.get(tenant.tenant_id)
    what = rest_words(condition, now)
    if what is not None:
        health = Health.PROBLEM if condition.open_since else Health.NOTICE
        yield Finding(f"application of {tenant.tenant_id}", health, what, what_ends_it(condition))


def _silent(tx: Transaction, tenant: Tenant) -> bool:
    """Take a schedule that cannot be computed here for a silent one: so it is."""
    try:
        return is_silent(tx, tenant)
    except (ValueError, LookupError, TenantBlockedError):
        return True


def _spoken(span: timedelta) -> str:
    return str(timedelta(seconds=round(span.total_seconds())))
