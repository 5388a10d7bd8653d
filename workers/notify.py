"""Tell humans of an incident, or of its end, over every channel; mark it as told when all have it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from domain.codes import Code
from domain.errors import PermanentError, StaffettaError, TemporaryError
from domain.events import IncidentChanged
from domain.ids import INSTALLATION
from domain.notices import OURSELVES, Notice, Stage, notice_of, stage_to_tell
from domain.outcomes import Did, Failed, HandlerOutcome, Later, Nothing
from domain.ports import Store
from domain.ports_channels import Channel


@dataclass(frozen=True, slots=True)
class Failure:
    """Say which channel could not deliver, and why; `final` failures are not tried again."""

    channel: str
    code: Code
    detail: str
    final: bool


NotifyOutcome: TypeAlias = HandlerOutcome


def notify(event: IncidentChanged, *, store: Store, channels: Sequence[Channel]) -> NotifyOutcome:
    """Deliver first, mark afterwards: a crash in between repeats a notice that channels know by its id.

    all channels have it           Did, told
    one may still get it           Later, untold: the sweeper rings again
    one never will, another did    Failed, told
    no channel will ever carry it  Failed, untold: it is tried again until somebody mends a channel
    """
    notice = _notice(event, store)
    if notice is None:
        return Nothing("told before, or gone")
    failures = tuple(failure for channel in channels if (failure := _deliver(channel, notice)))
    told = len(failures) < len(channels) and all(failure.final for failure in failures)
    if told and not _mark(event, notice, store):
        return Nothing("told by another worker meanwhile")
    return _outcome(notice, failures, len(channels))


def _outcome(notice: Notice, failures: Sequence[Failure], channels: int) -> NotifyOutcome:
    waiting = next((failure for failure in failures if not failure.final), None)
    if waiting is not None:
        return Later(waiting.code, f"{waiting.channel}: {waiting.detail}")
    if failures:
        return Failed(failures[0].code, f"{failures[0].channel}: {failures[0].detail}")
    if not channels:
        return Failed(Code.CONFIG_INVALID, "there is no channel to tell anybody")
    return Did(f"{notice.stage} told", (("channels", channels),))


def _notice(event: IncidentChanged, store: Store) -> Notice | None:
    with store.read() as tx:
        incident = tx.incidents.get(event.tenant_id, event.incident_id)
        tenant = OURSELVES if event.tenant_id == INSTALLATION else tx.tenants.get(event.tenant_id)
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


def _mark(event: IncidentChanged, notice: Notice, store: Store) -> bool:
    with store.write() as tx:
        incident = tx.incidents.get(event.tenant_id, event.incident_id)
        if incident is not None and notice.stage is Stage.RESOLVED and incident.told_open_at is None:
            tx.incidents.told(event.tenant_id, event.incident_id, resolved=False)
        return tx.incidents.told(event.tenant_id, event.incident_id, resolved=notice.stage is Stage.RESOLVED)
