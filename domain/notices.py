"""From an incident to what a human reads: what happened, to how many, since when, and what to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import assert_never

from domain.cause import Addressee, Concerns, Language, Severity, Told
from domain.causes import cause_of, for_tenant, language_of, say
from domain.codes import Code
from domain.ids import INSTALLATION, IncidentId, RunId, TenantId
from domain.notices_words import Phrases, phrases
from domain.plain import one_line, without_addresses
from domain.records import Incident
from domain.remedies import remedy
from domain.setback_words import FIXED_BY_COMMAND, fix
from domain.setbacks import Setback
from domain.tenant import Tenant, TenantState

LONGEST_NAME = 80
TOLD_TO_BOTH = frozenset({Code.LEAVERS_WAIT})
"""A door that stays open is everybody's business."""

OURSELVES = Tenant(
    INSTALLATION, "this installation", TenantState.ACTIVE, None, datetime(1970, 1, 1, tzinfo=UTC), "en", ()
)
"""Whose incidents concern no tenant: without owners, so that they are the operator's."""


class Stage(StrEnum):
    """Name what a notice tells of: a beginning, that it goes on, an end, all that is open, or a test."""

    OPENED = "opened"
    ESCALATED = "escalated"
    RESOLVED = "resolved"
    DIGEST = "digest"
    TEST = "test"


class Audience(StrEnum):
    """Name whom one message addresses; everybody means whoever reads a channel without addresses."""

    OWNERS = "owners"
    OPERATOR = "operator"
    EVERYBODY = "everybody"


@dataclass(frozen=True, slots=True)
class Notice:
    """One message to humans. `addressees` are e-mail addresses; none means: the operator.

    Subject and body name causes, counts and ids, never a person or a secret.
    """

    notice_id: str
    tenant_id: TenantId
    incident_id: IncidentId | None
    run_id: RunId | None
    stage: Stage
    code: Code | None
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


def audience_of(code: Code) -> Audience:
    """Tell who can cure a cause."""
    return Audience.OPERATOR if cause_of(code).addressee is Addressee.OPERATOR else Audience.OWNERS


def audiences(stage: Stage, about: Sequence[Incident]) -> tuple[Audience, ...]:
    """List who is told of incidents at this stage; owners and operator get a message each.

    What stays open is told to both: somebody did not hear, or could not help.
    """
    if stage in {Stage.ESCALATED, Stage.TEST}:
        return (Audience.OWNERS, Audience.OPERATOR)
    found = {audience_of(incident.code) for incident in about}
    if any(incident.code in TOLD_TO_BOTH for incident in about):
        found |= {Audience.OWNERS, Audience.OPERATOR}
    return tuple(audience for audience in Audience if audience in found)


def language_for(audience: Audience, tenant: Tenant, operator: Language) -> Language:
    """Choose the language: owners read that of their company, everybody else that of the operator."""
    return language_of(tenant.language) if audience is Audience.OWNERS else operator


def addressees_of(audience: Audience, tenant: Tenant) -> tuple[str, ...]:
    """List addresses; none means the operator."""
    return tenant.owners if audience is Audience.OWNERS else ()


def notice_of(
    incident: Incident,
    tenant: Tenant,
    stage: Stage,
    *,
    to: Audience | None = None,
    operator: Language | None = None,
    now: datetime | None = None,
    setback: Setback | None = None,
) -> Notice:
    """Write the notice of one stage of an incident; unless told otherwise to whoever can cure it.

    Without an operator's language everybody is told in the tenant's. `setback` is what keeps the tenant from
    syncing by itself: where the incident tells of it, the notice also says when we look again.
    """
    audience = to or audience_of(incident.code)
    language = language_for(audience, tenant, operator or language_of(tenant.language))
    written_at = _written_at(incident, stage, now)
    return Notice(
        notice_id=f"{incident.incident_id}-{stage}",
        tenant_id=incident.tenant_id,
        incident_id=incident.incident_id,
        run_id=incident.run_id,
        stage=stage,
        code=incident.code,
        severity=Severity.NOTICE if stage is Stage.RESOLVED else cause_of(incident.code).severity,
        language=language,
        count=incident.count,
        written_at=written_at,
        subject=_subject(incident, tenant, stage, language),
        body=_body(incident, tenant, stage, language, written_at, setback),
        addressees=addressees_of(audience, tenant),
    )


def _written_at(incident: Incident, stage: Stage, now: datetime | None) -> datetime:
    match stage:
        case Stage.OPENED | Stage.DIGEST | Stage.TEST:
            return incident.opened_at
        case Stage.ESCALATED:
            return now or incident.last_seen_at
        case Stage.RESOLVED:
            return incident.resolved_at or incident.last_seen_at
        case _:
            assert_never(stage)


def _subject(incident: Incident, tenant: Tenant, stage: Stage, language: Language) -> str:
    told = say(incident.code, language)
    return subject(tenant, _mark(incident.code, stage, phrases(language)), told.sentence)


def subject(tenant: Tenant, mark: str, words: str) -> str:
    """Write a subject line: whose, how urgent, what."""
    return one_line(f"[Staffetta] {shown_name(tenant)}: {mark}: {words}", 200)


def _mark(code: Code, stage: Stage, words: Phrases) -> str:
    if stage is Stage.RESOLVED:
        return words.resolved
    return words.still_open if stage is Stage.ESCALATED else words.severities[cause_of(code).severity]


def _body(
    incident: Incident,
    tenant: Tenant,
    stage: Stage,
    language: Language,
    at: datetime,
    setback: Setback | None,
) -> str:
    words = phrases(language)
    told, over = say(incident.code, language, incident.detail), stage is Stage.RESOLVED
    facts = _facts(incident, tenant, stage, words, setback)
    parts = [_happened(told, incident, stage, words, at), facts]
    parts += [] if over else [f"{words.what_to_do}\n{for_tenant(told.cure, incident.tenant_id)}"]
    parts += [f"{words.look_further}\n" + "\n".join(f"  {line}" for line in commands(incident, over=over))]
    parts += [words.once] if stage is Stage.OPENED else []
    return "\n\n".join(parts) + "\n"


def _happened(told: Told, incident: Incident, stage: Stage, words: Phrases, at: datetime) -> str:
    if stage is Stage.RESOLVED:
        return f"{words.over}\n{told.sentence}"
    if stage is Stage.ESCALATED:
        hours = max(at - incident.opened_at, timedelta(0)) // timedelta(hours=1)
        return f"{words.open_for.format(hours)}\n{told.sentence}"
    return told.sentence


def _facts(incident: Incident, tenant: Tenant, stage: Stage, words: Phrases, setback: Setback | None) -> str:
    """List what is known; the first message is written while the run goes on, so it counts «so far»."""
    cause = cause_of(incident.code)
    people = words.people_so_far if stage is Stage.OPENED else words.people
    whose = f"{shown_name(tenant)} ({incident.tenant_id})" if incident.tenant_id else shown_name(tenant)
    rows = [(words.tenant, whose)]
    rows += [(people, str(incident.count))] if cause.concerns is Concerns.PEOPLE else []
    rows.append((words.since, moment(incident.opened_at)))
    rows.append(
        (words.last_seen, moment(incident.last_seen_at))
        if incident.resolved_at is None
        else (words.until, moment(incident.resolved_at))
    )
    rows += _ahead(incident, setback, words)
    rows += [(words.for_whom, words.addressees[cause.addressee]), (words.code, incident.code.value)]
    return "\n".join(f"{name}: {value}" for name, value in rows)


def _ahead(incident: Incident, setback: Setback | None, words: Phrases) -> list[tuple[str, str]]:
    """Say when we look again at a tenant that rests, and when its rest ends for good."""
    if setback is None or not setback.pauses or setback.code is not incident.code:
        return []
    moments = [(words.next_probe, setback.due_at), (words.ends, setback.ends_at)]
    return [(name, moment(at)) for name, at in moments if at is not None]


def commands(incident: Incident, *, over: bool = False) -> tuple[str, ...]:
    """List what fixes it, where one command does, and then what looks further, the closest first.

    Of what is over nothing is named that does something: whoever typed it would do so for no reason.
    """
    tenant_id = incident.tenant_id
    fixes = (fix(incident.code, tenant_id),) if incident.code in FIXED_BY_COMMAND else ()
    show = (f"staffetta run {incident.run_id}",) if incident.run_id else ()
    if tenant_id == INSTALLATION:
        return ("staffetta letters", "staffetta doctor")
    nearest = f"staffetta check {tenant_id}" if fixes else remedy(incident.code, tenant_id)
    return (*(() if over else fixes), *show, nearest)


def shown_name(tenant: Tenant) -> str:
    """Write the name of a company so that it does no harm anywhere."""
    return one_line(without_addresses(tenant.name), LONGEST_NAME) or tenant.tenant_id


def moment(at: datetime) -> str:
    """Write a moment for people."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
