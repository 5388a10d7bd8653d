"""Shapes on the queue, one per event and version. Add versions; never edit one that was released."""

from typing import Annotated, TypeAlias

import msgspec

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Whose = Annotated[str, msgspec.Meta(max_length=100)]
"""A tenant, or nobody: the installation has incidents of its own."""
Page = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
Changes = Annotated[tuple[Id, ...], msgspec.Meta(max_length=200)]
"""An envelope carries up to 25 people, who have a few rows each."""


class RunDueV1(msgspec.Struct, frozen=True, tag="run-due/1"):
    """A run wants its first page."""

    tenant: Id
    run: Id


class PageDueV1(msgspec.Struct, frozen=True, tag="page-due/1"):
    """A run wants its next page."""

    tenant: Id
    run: Id
    page: Page


class ConcludeDueV1(msgspec.Struct, frozen=True, tag="conclude-due/1"):
    """A run was read and can be concluded."""

    tenant: Id
    run: Id


class EmployeeChangedV1(msgspec.Struct, frozen=True, tag="employee-changed/1"):
    """Rows of up to 25 people are due."""

    tenant: Id
    run: Id
    envelope: Id
    changes: Changes
    queue: Id


class IncidentChangedV1(msgspec.Struct, frozen=True, tag="incident-changed/1"):
    """A human must hear of an incident."""

    tenant: Whose
    incident: Id


class NoticesDueV1(msgspec.Struct, frozen=True, tag="notices-due/1"):
    """Messages about a tenant are due."""

    tenant: Whose


class ProbeDueV1(msgspec.Struct, frozen=True, tag="probe-due/1"):
    """A tenant that rests is to be looked at."""

    tenant: Id
    setback: Id
    number: int


Message: TypeAlias = (
    RunDueV1 | PageDueV1 | ConcludeDueV1 | EmployeeChangedV1 | IncidentChangedV1 | NoticesDueV1 | ProbeDueV1
)
