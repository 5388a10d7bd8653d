"""From an incident to what a human reads: what happened, to how many, since when, and what to do."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from domain.cause import Addressee, Cause, Concerns, Language, Severity, Told
from domain.causes import cause_of, language_of, say
from domain.codes import Code
from domain.ids import INSTALLATION, IncidentId, RunId, TenantId
from domain.notices_words import Phrases, phrases
from domain.plain import one_line, without_addresses
from domain.records import Incident
from domain.tenant import Tenant, TenantState

LONGEST_NAME = 80

OURSELVES = Tenant(
    INSTALLATION, "this installation", TenantState.ACTIVE, None, datetime(1970, 1, 1, tzinfo=UTC), "en", ()
)
"""Whose incidents concern no tenant: without owners, so that they are the operator's."""


class Stage(StrEnum):
    """Name which end of an incident a notice tells of."""

    OPENED = "opened"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Notice:
    """One message to humans. `addressees` are e-mail addresses; none means: the operator.

    Subject and body name causes, counts and ids, never a person or a secret.
    """

    notice_id: str
    tenant_id: TenantId
    incident_id: IncidentId
    run_id: RunId | None
    stage: Stage
    code: Code
    severity: Severity
    language: Language
    count: int
    written_at: datetime
    subject: str
    body: str
    addressees: tuple[str, ...]


def stage_to_tell(incident: Incident) -> Stage | None:
    """Choose what is still to be told; an incident that ended untold is told once, as ended."""
    if incident.resolved_at is not None:
        return Stage.RESOLVED if incident.told_resolved_at is None else None
    return Stage.OPENED if incident.told_open_at is None else None


def notice_of(incident: Incident, tenant: Tenant, stage: Stage) -> Notice:
    """Write the notice of one end of an incident in the tenant's language."""
    cause = cause_of(incident.code)
    language = language_of(tenant.language)
    return Notice(
        notice_id=f"{incident.incident_id}-{stage}",
        tenant_id=incident.tenant_id,
        incident_id=incident.incident_id,
        run_id=incident.run_id,
        stage=stage,
        code=incident.code,
        severity=cause.severity if stage is Stage.OPENED else Severity.NOTICE,
        language=language,
        count=incident.count,
        written_at=incident.opened_at
        if stage is Stage.OPENED
        else incident.resolved_at or incident.last_seen_at,
        subject=_subject(incident, tenant, stage, language),
        body=_body(incident, tenant, stage, language),
        addressees=() if cause.addressee is Addressee.OPERATOR else tenant.owners,
    )


def _subject(incident: Incident, tenant: Tenant, stage: Stage, language: Language) -> str:
    told = say(incident.code, language)
    words = phrases(language)
    mark = words.resolved if stage is Stage.RESOLVED else words.severities[cause_of(incident.code).severity]
    return one_line(f"[Staffetta] {_name(tenant)}: {mark}: {told.sentence}", 200)


def _body(incident: Incident, tenant: Tenant, stage: Stage, language: Language) -> str:
    words, cause = phrases(language), cause_of(incident.code)
    told = say(incident.code, language, incident.detail)
    parts = [_happened(told, stage, words), _facts(incident, tenant, cause, words)]
    parts += [f"{words.what_to_do}\n{told.cure}"] if stage is Stage.OPENED else []
    parts += [f"{words.look_further}\n" + "\n".join(f"  {line}" for line in commands(incident))]
    parts += [words.once] if stage is Stage.OPENED else []
    return "\n\n".join(parts) + "\n"


def _happened(told: Told, stage: Stage, words: Phrases) -> str:
    return f"{words.over}\n{told.sentence}" if stage is Stage.RESOLVED else told.sentence


def _facts(incident: Incident, tenant: Tenant, cause: Cause, words: Phrases) -> str:
    whose = f"{_name(tenant)} ({incident.tenant_id})" if incident.tenant_id else _name(tenant)
    rows = [(words.tenant, whose)]
    rows += [(words.people, str(incident.count))] if cause.concerns is Concerns.PEOPLE else []
    rows.append((words.since, _moment(incident.opened_at)))
    rows.append(
        (words.last_seen, _moment(incident.last_seen_at))
        if incident.resolved_at is None
        else (words.until, _moment(incident.resolved_at))
    )
    rows += [(words.for_whom, words.addressees[cause.addressee]), (words.code, incident.code.value)]
    return "\n".join(f"{name}: {value}" for name, value in rows)


def commands(incident: Incident) -> tuple[str, ...]:
    """List the commands with which an operator looks further, the closest first."""
    tenant_id = incident.tenant_id
    show = (f"staffetta run {incident.run_id}",) if incident.run_id else ()
    if tenant_id == INSTALLATION:
        return ("staffetta letters", "staffetta doctor")
    area = incident.code.partition(".")[0]
    nearest = "staffetta doctor" if area == "self" else f"staffetta check {tenant_id}"
    return (*show, nearest)


def _name(tenant: Tenant) -> str:
    return one_line(without_addresses(tenant.name), LONGEST_NAME) or tenant.tenant_id


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
