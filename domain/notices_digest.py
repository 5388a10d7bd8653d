"""The daily digest of what is still open, and the message with which an operator tries the channels."""

from collections.abc import Sequence
from datetime import datetime

from domain.cause import Concerns, Language, Severity
from domain.causes import cause_of, say
from domain.notices import (
    Audience,
    Notice,
    Stage,
    addressees_of,
    language_for,
    moment,
    shown_name,
    subject,
)
from domain.notices_words import Phrases, phrases
from domain.records import Incident
from domain.tenant import Tenant

MOST_CAUSES = 10


def digest_of(
    still: Sequence[Incident],
    tenant: Tenant,
    *,
    notice_id: str,
    to: Audience,
    operator: Language,
    now: datetime,
) -> Notice:
    """Write what is still open, the worst first, as `domain.reminders.to_digest` orders it."""
    language = language_for(to, tenant, operator)
    words = phrases(language)
    head = words.digest_head.format(len(still), moment(min(each.opened_at for each in still)))
    lines = [_line(each, language, words) for each in still[:MOST_CAUSES]]
    lines += [words.digest_more.format(len(still) - MOST_CAUSES)] if len(still) > MOST_CAUSES else []
    body = [head, *lines, f"{words.look_further}\n  staffetta incidents {tenant.tenant_id}"]
    return Notice(
        notice_id=notice_id,
        tenant_id=tenant.tenant_id,
        incident_id=None,
        run_id=None,
        stage=Stage.DIGEST,
        code=None,
        severity=cause_of(still[0].code).severity,
        language=language,
        count=len(still),
        written_at=now,
        subject=subject(tenant, words.digest, head),
        body="\n\n".join([*body, words.digest_each_day]) + "\n",
        addressees=addressees_of(to, tenant),
    )


def _line(incident: Incident, language: Language, words: Phrases) -> str:
    cause, told = cause_of(incident.code), say(incident.code, language, incident.detail)
    facts = [f"{words.people}: {incident.count}"] if cause.concerns is Concerns.PEOPLE else []
    facts += [f"{words.since}: {moment(incident.opened_at)}"]
    facts += [
        f"{words.for_whom}: {words.addressees[cause.addressee]}",
        f"{words.code}: {incident.code.value}",
    ]
    return f"{words.severities[cause.severity]}: {told.sentence}\n" + " · ".join(facts)


def trial_of(tenant: Tenant, *, notice_id: str, to: Audience, operator: Language, now: datetime) -> Notice:
    """Write the message that `staffetta notify test` sends."""
    language = language_for(to, tenant, operator)
    words = phrases(language)
    return Notice(
        notice_id=notice_id,
        tenant_id=tenant.tenant_id,
        incident_id=None,
        run_id=None,
        stage=Stage.TEST,
        code=None,
        severity=Severity.NOTICE,
        language=language,
        count=0,
        written_at=now,
        subject=subject(tenant, words.test, words.test_body),
        body=f"{words.test_body}\n\n{words.tenant}: {shown_name(tenant)} ({tenant.tenant_id})\n",
        addressees=addressees_of(to, tenant),
    )
