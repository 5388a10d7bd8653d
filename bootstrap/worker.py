"""One worker process: consume some queues until asked to stop. `python -m bootstrap.worker fetch`."""

import argparse
import os
import sys
from datetime import timedelta
from functools import partial

from dramatiq import Worker

from adapters.queue.codec import decode
from bootstrap.accounts import TARGET_DEADLINE
from bootstrap.channels import alarm, build_ways
from bootstrap.container import House, give_up, house
from bootstrap.logging import log_event
from bootstrap.process import alive, look_at_redis, start_logging, stop_event, wait_until_asked
from bootstrap.redis_server import redis_url_of
from bootstrap.settings import read_settings
from domain.events import Queue
from domain.outcomes import HandlerOutcome
from schemas.log_line import Action
from workers.actors import declare
from workers.desk import USUAL_LIMITS, Limits
from workers.notify import Notifier, NotifyEvent, notify

ROLES: dict[str, tuple[tuple[Queue, ...], int]] = {
    "fetch": ((Queue.FETCH,), 4),
    "reconcile": ((Queue.URGENT, Queue.RECONCILE), 6),
    "suspects": ((Queue.SUSPECTS,), 1),
    "notify": ((Queue.NOTIFY,), 1),
}
"""Role → its queues and threads. Suspects run alone, so that a crash there has one possible culprit."""

IDLE_LOOK_MS = 500
"""An idle process that no bell wakes looks for messages so often: for those of a process that died."""

PATIENCE = TARGET_DEADLINE + timedelta(seconds=5)
"""For so long calls in flight may end and be recorded after SIGTERM; who is idle ends at once."""

MEANWHILE_S = 0.001
"""So soon a thread that compares lets the one go on that asks for the next page; Python by itself: 5 ms."""


def main(argv: list[str] | None = None, limits: Limits = USUAL_LIMITS) -> None:
    """Run one role until SIGTERM; what is in hand is finished, the rest goes back to its queue."""
    parser = argparse.ArgumentParser(prog="python -m bootstrap.worker", description=__doc__)
    parser.add_argument("role", choices=sorted(ROLES))
    parser.add_argument("--processor", type=int, help="stay on this one of the processors, counted from 0")
    arguments = parser.parse_args(argv)
    role = arguments.role
    if arguments.processor is not None:
        stay_on(arguments.processor)
    if role == "fetch":
        sys.setswitchinterval(MEANWHILE_S)
    settings = read_settings()
    start_logging(settings, role)
    stop = stop_event()
    with (
        house(settings, redis_url_of(settings), limits, stop.is_set) as here,
        alive(here.redis, role, stop, here.ids),
    ):
        look_at_redis(here.redis, production=settings.production)
        worker = start(here, role)
        wait_until_asked(stop)
        worker.stop(timeout=PATIENCE // timedelta(milliseconds=1))
        log_event(Action.PROCESS_STOPPED)


def stay_on(number: int) -> None:
    """Use one of the processors that this process may use; where there are fewer, or no say in it, any."""
    if not hasattr(os, "sched_setaffinity"):
        return
    mine = sorted(os.sched_getaffinity(0))
    if number < len(mine):
        os.sched_setaffinity(0, {mine[number]})


def start(here: House, role: str) -> Worker:
    """Declare the actor and start consuming the queues of a role."""
    queues, threads = ROLES[role]
    notifier = Notifier(
        store=here.store,
        ways=build_ways(here.settings),
        ids=here.ids,
        alarm=alarm,
        rules=here.settings.notices.reminders,
    )

    def tell(event: NotifyEvent) -> HandlerOutcome:
        return notify(event, notifier)

    declare(here.broker, here.desk, tell, decode, partial(give_up, here.store, here.ids), log_event)
    names = {queue.value for queue in queues}
    worker = Worker(here.broker, queues=names, worker_timeout=IDLE_LOOK_MS, worker_threads=threads)
    worker.queue_prefetch = threads
    worker.delay_prefetch = threads
    worker.start()
    return worker


if __name__ == "__main__":
    main()
