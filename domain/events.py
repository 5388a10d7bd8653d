"""The news that travels through the queue: ids only, never a name, an address or a value."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from domain.ids import ChangeId, EnvelopeId, IncidentId, RunId, SetbackId, TenantId


class Queue(StrEnum):
    """Name the queues; each has its own worker process and a visible dead-letter twin."""

    FETCH = "fetch"
    URGENT = "urgent"
    RECONCILE = "reconcile"
    SUSPECTS = "suspects"
    NOTIFY = "notify"


@dataclass(frozen=True, slots=True)
class RunDue:
    """Say that a run was created and wants its first page."""

    tenant_id: TenantId
    run_id: RunId


@dataclass(frozen=True, slots=True)
class PageDue:
    """Say that a run wants its next page; `page` is the number of pages read so far."""

    tenant_id: TenantId
    run_id: RunId
    page: int


@dataclass(frozen=True, slots=True)
class ConcludeDue:
    """Say that a run was read to its end, or wants the target's list, and can be concluded."""

    tenant_id: TenantId
    run_id: RunId


@dataclass(frozen=True, slots=True)
class EmployeeChanged:
    """Carry the released rows of up to 25 people of one run to a reconcile worker."""

    tenant_id: TenantId
    run_id: RunId
    envelope_id: EnvelopeId
    change_ids: tuple[ChangeId, ...]
    queue: Queue = Queue.RECONCILE


@dataclass(frozen=True, slots=True)
class IncidentChanged:
    """Say that a human must hear of an incident, or of its end."""

    tenant_id: TenantId
    incident_id: IncidentId


@dataclass(frozen=True, slots=True)
class NoticesDue:
    """Say that messages about a tenant are due, or that it is time to remind of something."""

    tenant_id: TenantId


@dataclass(frozen=True, slots=True)
class ProbeDue:
    """Say that a tenant that rests is to be looked at: is the reason over? `number` counts failed probes."""

    tenant_id: TenantId
    setback_id: SetbackId
    number: int


Event: TypeAlias = RunDue | PageDue | ConcludeDue | EmployeeChanged | IncidentChanged | NoticesDue | ProbeDue


def queue_of(event: Event) -> Queue:
    """Tell on which queue an event travels."""
    match event:
        case RunDue() | PageDue() | ConcludeDue() | ProbeDue():
            return Queue.FETCH
        case EmployeeChanged(queue=queue):
            return queue
        case IncidentChanged() | NoticesDue():
            return Queue.NOTIFY
