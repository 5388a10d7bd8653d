"""The one actor of the queue: decode, hand over to the right handler, tell it in one log line."""

from collections.abc import Callable
from datetime import timedelta
from typing import assert_never

import dramatiq

from domain.errors import TemporaryError, TenantBlockedError
from domain.events import (
    ConcludeDue,
    EmployeeChanged,
    Event,
    IncidentChanged,
    NoticesDue,
    PageDue,
    ProbeDue,
    Queue,
    RunDue,
    queue_of,
)
from domain.outcomes import Did, Failed, HandlerOutcome, Later, Nothing
from schemas.log_line import Action, Fields, LogEvent
from workers.block import block_tenant
from workers.conclude import LISTED_IN_PART, conclude
from workers.desk import Desk
from workers.fetch import fetch
from workers.probing import probe
from workers.reconcile import reconcile

ACTOR = "staffetta"

Notify = Callable[[IncidentChanged | NoticesDue], HandlerOutcome]


def declare(
    broker: dramatiq.Broker,
    desk: Desk,
    notify: Notify,
    decode: Callable[[object], Event],
    give_up: Callable[[object, Exception], None],
    log: LogEvent,
) -> None:
    """Declare the actor on a broker. `give_up` keeps payloads that this release does not understand."""

    def staffetta(payload: object) -> None:
        """Process one message. A store that is away costs the message nothing: the sweeper rings again."""
        try:
            event = decode(payload)
        except Exception as error:  # noqa: BLE001  whatever is wrong with a payload, it must not jam the queue
            give_up(payload, error)
            return
        began = desk.clock.now()
        try:
            outcome = handle(event, desk, notify)
        except TemporaryError as error:
            outcome = Later(error.code, error.detail)
        _tell(log, event, outcome, desk.clock.now() - began)

    dramatiq.Actor(
        staffetta, broker=broker, actor_name=ACTOR, queue_name=Queue.FETCH.value, priority=0, options={}
    )


def handle(event: Event, desk: Desk, notify: Notify) -> HandlerOutcome:
    """Hand an event to its handler. A tenant of whom nothing opens is blocked, whoever met it first."""
    try:
        return _handed(event, desk, notify)
    except TenantBlockedError as error:
        with desk.store.write() as tx:
            events = block_tenant(tx, event.tenant_id, error, desk.ids)
        desk.publisher.ring(events)
        return Failed(error.code, error.detail)


def _handed(event: Event, desk: Desk, notify: Notify) -> HandlerOutcome:
    match event:
        case RunDue() | PageDue():
            return fetch(event, desk)
        case ConcludeDue():
            return conclude(event, desk)
        case EmployeeChanged():
            return reconcile(event, desk)
        case IncidentChanged() | NoticesDue():
            return notify(event)
        case ProbeDue():
            return probe(event, desk)
        case _:
            assert_never(event)


def _tell(log: LogEvent, event: Event, outcome: HandlerOutcome, spent: timedelta) -> None:
    """Write the one line of a message: whose, what came of it, how long it took."""
    fields: Fields = {
        "tenant_id": event.tenant_id,
        "queue": queue_of(event).value,
        "operation": "process",
        "duration_ns": int(spent.total_seconds() * 1e9),
    }
    match event:
        case IncidentChanged():
            fields["incident_id"] = event.incident_id
        case EmployeeChanged():
            fields["run_id"], fields["envelope_id"] = event.run_id, event.envelope_id
        case RunDue() | PageDue() | ConcludeDue():
            fields["run_id"] = event.run_id
        case NoticesDue():
            pass
        case ProbeDue():
            fields["attempt"] = event.number + 1
        case _:
            assert_never(event)
    _outcome(log, ACTIONS[type(event)], outcome, fields)


def _outcome(log: LogEvent, action: Action, outcome: HandlerOutcome, fields: Fields) -> None:
    match outcome:
        case Did(what, figures):
            fields["outcome"], fields["reason"], fields["counts"] = "success", what, dict(figures)
            log(TOLD_APART.get(what, action), **fields)
        case Nothing(why):
            fields["outcome"], fields["reason"] = "success", why
            log(Action.EVENT_HANDLED, **fields)
        case Later(code, detail):
            fields["outcome"], fields["error_code"], fields["error_message"] = "unknown", code.value, detail
            log(Action.EVENT_POSTPONED, **fields)
        case Failed(code, detail):
            fields["outcome"], fields["error_code"], fields["error_message"] = "failure", code.value, detail
            log(Action.EVENT_FAILED, **fields)
        case _:
            assert_never(outcome)


TOLD_APART = {LISTED_IN_PART: Action.TARGET_LISTED}
"""What a message did that is not what messages of its kind are there for."""

ACTIONS: dict[type[Event], Action] = {
    RunDue: Action.PAGE_FETCHED,
    PageDue: Action.PAGE_FETCHED,
    ConcludeDue: Action.RUN_CONCLUDED,
    EmployeeChanged: Action.ENVELOPE_PROCESSED,
    IncidentChanged: Action.INCIDENT_TOLD,
    NoticesDue: Action.NOTICE_DELIVERED,
    ProbeDue: Action.TENANT_PROBED,
}
