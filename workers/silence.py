"""Notice that a target answers nobody, and that it is there again."""

from collections.abc import Sequence
from typing import assert_never

from domain.codes import Code
from domain.config import Configuration
from domain.errors import PermanentError, TemporaryError
from domain.events import Event, IncidentChanged
from domain.ids import TenantId
from domain.mapping import external_id
from domain.outages import SILENT, Heard, heard
from domain.ports import Transaction
from domain.ports_world import Lookup, Target
from domain.records import Job, Settlement


def note_silence(tx: Transaction, tenant_id: TenantId, settlements: Sequence[Settlement]) -> list[Event]:
    """Remember since when a target is silent; its first answer ends that, and the incident about it."""
    match heard(settlements):
        case Heard.NOTHING_ASKED:
            return []
        case Heard.SILENCE:
            tx.outages.begin(tenant_id)
            return []
        case Heard.AN_ANSWER:
            if not tx.outages.end(tenant_id):
                return []
            over = tx.incidents.resolve(tenant_id, [Code.TARGET_DOWN])
            return [IncidentChanged(tenant_id, incident.incident_id) for incident in over]
        case _ as unheard:
            assert_never(unheard)


def is_down(error: TemporaryError, job: Job, config: Configuration, target: Target) -> bool:
    """Ask a target something easy: does it answer nobody, or only never do what this row wants?"""
    if error.code not in SILENT:
        return False
    try:
        target.find(Lookup(external_id=external_id(job.change.person_id, config)))
    except TemporaryError:
        return True
    except PermanentError:
        return False
    return False
