"""A run's row and a page's row, translated."""

import json
from typing import Any

from sqlalchemy import Row

from adapters.database.session import Session, moment
from adapters.database.values import pack
from domain.codes import Code
from domain.ids import ConfigVersion, PersonId, RunId, TenantId
from domain.records import NewRun, PageRecord
from domain.run import Outcome, Phase, Run, RunKind


def first_row(
    session: Session, tenant_id: TenantId, run_id: RunId, new: NewRun, config: ConfigVersion
) -> dict[str, object]:
    """Write a run that begins; approvals and deletions read nothing, an undo has only to be concluded."""
    begins = {
        RunKind.APPROVAL: Phase.APPLYING,
        RunKind.DELETION: Phase.APPLYING,
        RunKind.UNDO: Phase.CONCLUDING,
    }
    phase = begins.get(new.kind, Phase.READING)
    return {
        "tenant_id": tenant_id,
        "run_id": run_id,
        "kind": new.kind.value,
        "slot": new.slot,
        "asked_by": new.by,
        "phase": phase.value,
        "plan_only": new.plan_only,
        "config_version": config,
        "person_id": new.person_id,
        "created_at": session.started_ms,
        "due_at": session.started_ms,
        "missed": new.missed,
    }


def run_of(row: Row[Any]) -> Run:
    """Read a run."""
    return Run(
        run_id=RunId(row.run_id),
        tenant_id=TenantId(row.tenant_id),
        kind=RunKind(row.kind),
        slot=row.slot,
        by=row.asked_by,
        phase=Phase(row.phase),
        plan_only=row.plan_only,
        config_version=ConfigVersion(row.config_version),
        created_at=moment(row.created_at),
        person_id=PersonId(row.person_id) if row.person_id else None,
        cursor=row.cursor,
        pages=row.pages,
        universal=None if row.universal is None else json.loads(row.universal),
        blind=() if row.blind is None else tuple(json.loads(row.blind)),
        tries=row.tries,
        outcome=Outcome(row.outcome) if row.outcome else None,
        code=Code(row.code) if row.code else None,
        detail=row.detail,
        certificate=row.certificate,
        absence=row.absence,
        absence_at=None if row.absence_at is None else moment(row.absence_at),
        unproven=row.unproven,
        unproven_why=None if row.unproven_why is None else Code(row.unproven_why),
        ended_at=None if row.ended_at is None else moment(row.ended_at),
        first_page_asked_at=None if row.first_page_asked_at is None else moment(row.first_page_asked_at),
        missed=row.missed,
    )


def page_row(
    tenant_id: TenantId, run_id: RunId, page: PageRecord, digest: bytes, asked_ms: int
) -> dict[str, object]:
    """Write a page."""
    return {
        "tenant_id": tenant_id,
        "run_id": run_id,
        "number": page.mark.number,
        "ids": text_of(page.person_ids),
        "ids_digest": digest,
        "received": page.mark.received,
        "total": page.mark.total,
        "telling": page.mark.telling,
        "unchanged": page.unchanged,
        "skipped": text_of(dict(page.skipped)),
        "warnings": text_of(dict(page.warnings)),
        "fills": text_of({key: [fill.present, fill.filled] for key, fill in page.fills.items()}),
        "next_cursor": page.next_cursor,
        "asked_at": asked_ms,
    }


def text_of(content: object) -> str:
    """Write compact JSON for a readable column."""
    return pack(content).decode("ascii")
