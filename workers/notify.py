"""Tell humans of an incident, or of its end, over every channel; mark it as told when all have it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from domain.codes import Code
from domain.errors import PermanentError, StaffettaError, TemporaryError
from domain.events import IncidentChanged
from domain.notices import Notice, Stage, notice_of, stage_to_tell
from domain.ports import Store
from domain.ports_channels import Channel


@dataclass(frozen=True, slots=True)
class Failure:
    """Say which channel could not deliver, and why; `final` failures are not tried again."""

    channel: str
    code: Code
    detail: str
    final: bool


@dataclass(frozen=True, slots=True)
class Delivered:
    """Humans were told. `failures` names channels that will never carry this notice."""

    notice_id: str
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True)
class Undelivered:
    """At least one channel has to be tried again; the incident stays untold and the sweeper rings."""

    notice_id: str
    failures: tuple[Failure, ...]


@dataclass(frozen=True, slots=True)
class NothingToTell:
    """Somebody told it before, or the incident or its tenant is gone."""


NotifyOutcome: TypeAlias = Delivered | Undelivered | NothingToTell


def notify(event: IncidentChanged, *, store: Store, channels: Sequence[Channel]) -> NotifyOutcome:
    """Deliver first, mark afterwards: a crash in between repeats a notice that channels know by its id."""
    notice = _notice(event, store)
    if notice is None:
        return NothingToTell()
    failures = tuple(failure for channel in channels if (failure := _deliver(channel, notice)))
    if not _is_told(failures, len(channels)):
        return Undelivered(notice.notice_id, failures)
    return Delivered(notice.notice_id, failures) if _mark(event, notice, store) else NothingToTell()


def _notice(event: IncidentChanged, store: Store) -> Notice | None:
    with store.read() as tx:
        incident = tx.incidents.get(event.tenant_id, event.incident_id)
        tenant = tx.tenants.get(event.tenant_id)
    stage = stage_to_tell(incident) if incident else None
    return notice_of(incident, tenant, stage) if incident and tenant and stage else None


def _deliver(channel: Channel, notice: Notice) -> Failure | None:
    try:
        channel.deliver(notice)
    except TemporaryError as error:
        return _failure(channel, error, final=False)
    except PermanentError as error:
        return _failure(channel, error, final=True)
    return None


def _failure(channel: Channel, error: StaffettaError, *, final: bool) -> Failure:
    return Failure(type(channel).__name__, error.code, error.detail, final)


def _is_told(failures: Sequence[Failure], channels: int) -> bool:
    """Judge whether somebody got it and nobody may still get it."""
    return len(failures) < channels and all(failure.final for failure in failures)


def _mark(event: IncidentChanged, notice: Notice, store: Store) -> bool:
    with store.write() as tx:
        incident = tx.incidents.get(event.tenant_id, event.incident_id)
        if incident is not None and notice.stage is Stage.RESOLVED and incident.told_open_at is None:
            tx.incidents.told(event.tenant_id, event.incident_id, resolved=False)
        return tx.incidents.told(event.tenant_id, event.incident_id, resolved=notice.stage is Stage.RESOLVED)
