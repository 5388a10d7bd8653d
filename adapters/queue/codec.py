"""Event ↔ message. The payload is versioned and decoded inside the actor, so an unknown one jams nothing."""

import re
from typing import assert_never

import msgspec

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
)
from domain.ids import ChangeId, EnvelopeId, IncidentId, RunId, SetbackId, TenantId
from schemas.messages import (
    ConcludeDueV1,
    EmployeeChangedV1,
    IncidentChangedV1,
    Message,
    NoticesDueV1,
    PageDueV1,
    ProbeDueV1,
    RunDueV1,
)

PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,39}")


class UnknownMessageError(Exception):
    """Say that a payload is of no version that this release knows."""


def encode(event: Event) -> dict[str, object]:
    """Write an event as the plain object that dramatiq's own JSON envelope carries."""
    built: dict[str, object] = msgspec.to_builtins(_message(event))
    return built


def decode(payload: object) -> Event:
    """Read a payload of any known version; raises UnknownMessageError without repeating the payload."""
    try:
        message = msgspec.convert(payload, type=Message)
    except (msgspec.ValidationError, RecursionError):
        raise UnknownMessageError(f"a payload {_tag(payload)} is not known here") from None
    return _event(message)


def _message(event: Event) -> Message:
    match event:
        case RunDue(tenant, run):
            return RunDueV1(tenant, run)
        case PageDue(tenant, run, page):
            return PageDueV1(tenant, run, page)
        case ConcludeDue(tenant, run):
            return ConcludeDueV1(tenant, run)
        case EmployeeChanged(tenant, run, envelope, changes, queue):
            return EmployeeChangedV1(tenant, run, envelope, changes, queue.value)
        case IncidentChanged(tenant, incident):
            return IncidentChangedV1(tenant, incident)
        case NoticesDue(tenant):
            return NoticesDueV1(tenant)
        case ProbeDue(tenant, setback, number):
            return ProbeDueV1(tenant, setback, number)
        case _:
            assert_never(event)


def _event(message: Message) -> Event:
    match message:
        case RunDueV1(tenant, run):
            return RunDue(TenantId(tenant), RunId(run))
        case PageDueV1(tenant, run, page):
            return PageDue(TenantId(tenant), RunId(run), page)
        case ConcludeDueV1(tenant, run):
            return ConcludeDue(TenantId(tenant), RunId(run))
        case EmployeeChangedV1(tenant, run, envelope, changes, queue):
            ids = tuple(ChangeId(change) for change in changes)
            return EmployeeChanged(TenantId(tenant), RunId(run), EnvelopeId(envelope), ids, Queue(queue))
        case IncidentChangedV1(tenant, incident):
            return IncidentChanged(TenantId(tenant), IncidentId(incident))
        case NoticesDueV1(tenant):
            return NoticesDue(TenantId(tenant))
        case ProbeDueV1(tenant, setback, number):
            return ProbeDue(TenantId(tenant), SetbackId(setback), number)
        case _:
            assert_never(message)


def _tag(payload: object) -> str:
    """Name a payload's type where it is a plain word: whatever else it is, nobody wants to read it."""
    tag = payload.get("type") if isinstance(payload, dict) else None
    readable = isinstance(tag, str) and PLAIN_NAME.fullmatch(tag)
    return f"of type «{tag}»" if readable else "without a readable type"
