"""Builders of incidents and tenants for everything that tells humans."""

from datetime import UTC, datetime, timedelta

from domain.cause import Language
from domain.codes import Code
from domain.ids import IncidentId, RunId, TenantId
from domain.notices import Audience, Notice, Stage, notice_of
from domain.notices_digest import digest_of, trial_of
from domain.records import Incident
from domain.tenant import Tenant, TenantState

ACME = TenantId("acme")
SINCE = datetime(2026, 3, 2, 8, 15, tzinfo=UTC)


def tenant(
    *, name: str = "Acme GmbH", language: str = "de", owners: tuple[str, ...] = ("owner@acme.test",)
) -> Tenant:
    return Tenant(ACME, name, TenantState.ACTIVE, None, SINCE, language, owners)


def incident(
    code: Code = Code.PERSON_WITHOUT_REQUIRED,
    *,
    detail: str = "",
    count: int = 3,
    run_id: str | None = "run-7",
    resolved: bool = False,
    told_open: bool = False,
    incident_id: str = "inc-1",
) -> Incident:
    return Incident(
        incident_id=IncidentId(incident_id),
        tenant_id=ACME,
        code=code,
        detail=detail,
        count=count,
        opened_at=SINCE,
        last_seen_at=SINCE + timedelta(hours=1),
        resolved_at=SINCE + timedelta(hours=2) if resolved else None,
        told_open_at=SINCE if told_open else None,
        told_resolved_at=None,
        run_id=RunId(run_id) if run_id else None,
    )


def notice(stage: Stage = Stage.OPENED, *, incident_id: str = "inc-1", language: str = "de") -> Notice:
    about = incident(incident_id=incident_id, resolved=stage is Stage.RESOLVED)
    return notice_of(about, tenant(language=language), stage)


def digest(*still: Incident, to: Audience = Audience.OWNERS, language: str = "de") -> Notice:
    about = still or (incident(), incident(Code.TARGET_BUSY, incident_id="inc-2"))
    return digest_of(
        about,
        tenant(language=language),
        notice_id="acme-digest-2026-03-03",
        to=to,
        operator=Language.EN,
        now=SINCE + timedelta(days=1),
    )


def trial(*, to: Audience = Audience.OWNERS) -> Notice:
    return trial_of(tenant(), notice_id="acme-test-1", to=to, operator=Language.EN, now=SINCE)
