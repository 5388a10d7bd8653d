"""Shapes on the queue, one per event and version. Add versions; never edit one that was released."""

from typing import TypeAlias

import msgspec


class RunDueV1(msgspec.Struct, frozen=True, tag="run-due/1"):
    """A run wants its first page."""

    tenant: str
    run: str


class PageDueV1(msgspec.Struct, frozen=True, tag="page-due/1"):
    """A run wants its next page."""

    tenant: str
    run: str
    page: int


class ConcludeDueV1(msgspec.Struct, frozen=True, tag="conclude-due/1"):
    """A run was read and can be concluded."""

    tenant: str
    run: str


class EmployeeChangedV1(msgspec.Struct, frozen=True, tag="employee-changed/1"):
    """Rows of up to 25 people are due."""

    tenant: str
    run: str
    envelope: str
    changes: tuple[str, ...]
    queue: str


class IncidentChangedV1(msgspec.Struct, frozen=True, tag="incident-changed/1"):
    """A human must hear of an incident."""

    tenant: str
    incident: str


class NoticesDueV1(msgspec.Struct, frozen=True, tag="notices-due/1"):
    """Messages about a tenant are due."""

    tenant: str


class ProbeDueV1(msgspec.Struct, frozen=True, tag="probe-due/1"):
    """A tenant that rests is to be looked at."""

    tenant: str
    setback: str
    number: int


Message: TypeAlias = (
    RunDueV1 | PageDueV1 | ConcludeDueV1 | EmployeeChangedV1 | IncidentChangedV1 | NoticesDueV1 | ProbeDueV1
)
