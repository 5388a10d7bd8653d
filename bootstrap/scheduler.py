"""The scheduler process: make due runs once a second, and sweep every few seconds."""

import itertools
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial

from adapters.redis.memory import fullness
from bootstrap.container import House, house
from bootstrap.logging import log_event
from bootstrap.process import alive, look_at_redis, start_logging, stop_event, until_stopped
from bootstrap.redis_server import redis_url_of
from bootstrap.setback_lines import log_step
from bootstrap.settings import read_settings
from domain.errors import TenantBlockedError
from domain.events import Event
from domain.ids import TenantId
from domain.run import Run
from domain.tenant import TenantState
from producers.alarms import raise_alarms, watch_the_queue
from producers.apart import Failed, apart
from producers.deletions import remove_due
from producers.override import look_at_expired
from producers.prune import counted, prune
from producers.schedule import tick
from producers.setbacks import look_after
from producers.silence import tell_silence
from schemas.log_line import Action
from workers.block import block_tenant
from workers.desk import USUAL_LIMITS, Limits
from workers.farewell import announce

TICK_SECONDS = 1.0
SILENCE_ROUNDS = 15
PRUNE_SECONDS = 24 * 3600.0
BREATH_SECONDS = 0.5
"""Between two steps of forgetting, so that whoever writes comes in between."""


def main(limits: Limits = USUAL_LIMITS) -> None:
    """Run until SIGTERM. Any number of schedulers may run; the store makes each slot one run."""
    settings = read_settings()
    start_logging(settings, "scheduler")
    stop = stop_event()
    with (
        house(settings, redis_url_of(settings), limits) as here,
        alive(here.redis, "scheduler", stop, here.ids),
    ):
        look_at_redis(here.redis, production=settings.production)
        sweeper = threading.Thread(
            target=until_stopped,
            args=(stop, settings.sweep_seconds, partial(_sweep, here), _sweep_failed),
            name="sweeper",
        )
        pruner = threading.Thread(
            target=until_stopped,
            args=(stop, PRUNE_SECONDS, partial(_prune, here, stop), _prune_failed),
            name="pruner",
        )
        sweeper.start()
        pruner.start()
        until_stopped(stop, TICK_SECONDS, partial(_tick, here, itertools.count()), _tick_failed)
        sweeper.join()
        pruner.join()
        log_event(Action.PROCESS_STOPPED)


def _tick(here: House, rounds: Iterator[int]) -> None:
    """Do each step; one that fails is told, and keeps the others from nothing."""
    steps = (_remove, _look_at_overrides, _look_after, _make_runs)
    for step in (*steps, _tell_silence) if next(rounds) % SILENCE_ROUNDS == 0 else steps:
        try:
            step(here)
        except Exception as error:  # noqa: BLE001  removals that fail must not stop everybody's runs
            _tick_failed(error)


def _remove(here: House) -> None:
    failed: Failed = {}
    removed = remove_due(
        store=here.store,
        publisher=here.desk.publisher,
        ids=here.ids,
        ring_more=here.ring_more,
        announce=announce,
        failed=failed,
    )
    for tenant_id, count in removed.items():
        log_event(Action.DELETIONS_DUE, tenant_id=tenant_id, count=count)
    _tell_failed(here, failed)


def _look_at_overrides(here: House) -> None:
    failed: Failed = {}
    due_runs = look_at_expired(store=here.store, publisher=here.desk.publisher, ids=here.ids, failed=failed)
    for due in due_runs:
        log_event(
            Action.SCHEDULE_FIRED, tenant_id=due.tenant_id, run_id=due.run_id, reason="override is over"
        )
    _tell_failed(here, failed)


def _look_after(here: House) -> None:
    failed: Failed = {}
    for stepped in look_after(store=here.store, publisher=here.desk.publisher, ids=here.ids, failed=failed):
        log_step(stepped)
    _tell_failed(here, failed)


def _make_runs(here: House) -> None:
    ticked = tick(store=here.store, publisher=here.desk.publisher, ids=here.ids)
    for run in ticked.made:
        _tell_made(run)
    _tell_failed(here, ticked.failed)


def _tell_failed(here: House, failed: Mapping[TenantId, Exception]) -> None:
    """Tell who could not be looked at, and block whose configuration or keys cannot be read."""
    for tenant_id, error in failed.items():
        log_event(Action.SCHEDULE_FAILED, tenant_id=tenant_id, failure=error)
    _block_unreadable(here, failed)


def _block_unreadable(here: House, failed: Mapping[TenantId, Exception]) -> None:
    for tenant_id, error in failed.items():
        if isinstance(error, TenantBlockedError):
            _block(here, tenant_id, error)


def _block(here: House, tenant_id: TenantId, error: TenantBlockedError) -> None:
    """Block a tenant whose configuration cannot be read, instead of stumbling over it every second."""
    unable, events = Failed(), list[Event]()
    with apart(here.store, tenant_id, unable) as tx:
        tenant = tx.tenants.get(tenant_id)
        stands = tenant is None or tenant.state is TenantState.BLOCKED
        events = [] if stands else block_tenant(tx, tenant_id, error, here.ids)
    here.desk.publisher.ring(events)
    for failure in unable.values():
        log_event(Action.SCHEDULE_FAILED, tenant_id=tenant_id, failure=failure)


def _tell_silence(here: House) -> None:
    """Come after the runs that are due: a scheduler that was away catches up before anybody is told."""
    for tenant_id in tell_silence(store=here.store, publisher=here.desk.publisher, ids=here.ids):
        log_event(Action.SCHEDULE_SILENT, tenant_id=tenant_id)


def _tell_made(run: Run) -> None:
    if run.missed:
        why = "slots were missed; this run catches up"
        log_event(
            Action.SCHEDULE_FIRED, tenant_id=run.tenant_id, run_id=run.run_id, count=run.missed, reason=why
        )
    else:
        log_event(Action.SCHEDULE_FIRED, tenant_id=run.tenant_id, run_id=run.run_id)


def _tick_failed(error: Exception) -> None:
    log_event(Action.SCHEDULE_FAILED, failure=error)


def _sweep(here: House) -> None:
    """Sweep, and say so only when something had been forgotten: in calm weather that is never."""
    try:
        found = here.sweep()
    finally:
        here.remind()  # humans must hear of what goes wrong, also where sweeping does
    for tenant_id, error in found.failed.items():
        log_event(Action.SWEEP_FAILED, tenant_id=tenant_id, failure=error)
    _block_unreadable(here, found.failed)
    raise_alarms(store=here.store, publisher=here.desk.publisher, ids=here.ids)
    watch_the_queue(fullness(here.redis), store=here.store, publisher=here.desk.publisher, ids=here.ids)
    if found.lost_redis:
        log_event(Action.QUEUE_LOST)
    if found.expired or found.rung:
        log_event(Action.SWEEP_REEMITTED, count=found.rung, reason=f"{found.expired} leases had run out")


def _prune(here: House, stop: threading.Event) -> None:
    """Forget step by step until nothing is left to forget, and say how much it was."""
    total = Counter[str]()
    while True:
        step = prune(store=here.store)
        total.update(counted(step))
        for tenant_id, error in step.failed.items():
            log_event(Action.HISTORY_PRUNE_FAILED, tenant_id=tenant_id, failure=error)
        _block_unreadable(here, step.failed)
        if not step.more or stop.wait(BREATH_SECONDS):
            break
    if total:
        told = ", ".join(f"{count} {what}" for what, count in total.items())
        log_event(Action.HISTORY_PRUNED, count=total.total(), reason=told)


def _prune_failed(error: Exception) -> None:
    log_event(Action.HISTORY_PRUNE_FAILED, failure=error)


def _sweep_failed(error: Exception) -> None:
    log_event(Action.SWEEP_FAILED, failure=error)


if __name__ == "__main__":
    main()
