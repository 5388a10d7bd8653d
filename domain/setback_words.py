"""Say how a tenant that rests comes back: the exact command that fixes it, and what we do ourselves."""

from dataclasses import dataclass
from datetime import datetime

from domain.cause import Language
from domain.causes import unquoted
from domain.codes import Code
from domain.ids import TenantId
from domain.setbacks import Reason, Setback, reason_of_block
from domain.tenant import Tenant, TenantState

BACK: dict[Reason, tuple[str, str]] = {
    Reason.RETRY: (
        "Der Lauf wird von selbst wiederholt.",
        "The run is made again by itself.",
    ),
    Reason.CREDENTIALS: (
        "Gültige Zugangsdaten und eine grüne Prüfung, oder unsere tägliche Probe, setzen sie fort.",
        "Valid credentials and a green check let it go on, or our daily probe.",
    ),
    Reason.SOURCE: (
        "Ein sauberer Lauf von Hand setzt sie fort, oder unsere nächste Probe.",
        "A clean run by hand lets it go on, or our next probe.",
    ),
    Reason.TARGET: (
        "Ein sauberer Lauf von Hand setzt sie fort, oder unsere nächste Probe.",
        "A clean run by hand lets it go on, or our next probe.",
    ),
    Reason.ERRORS: (
        "Wieder eingereihte Änderungen, die gelingen, setzen sie fort, oder unsere nächste Probe mit fünf.",
        "Requeued changes that succeed let it go on, or our next probe of five.",
    ),
    Reason.CONFIG: (
        "Gültige Einstellungen, gespeichert und geprüft, setzen sie fort.",
        "A valid configuration, stored and checked, lets it go on.",
    ),
    Reason.STRICT: (
        "Ein sauberer Lauf von Hand zeigt, dass der Fehler behoben ist, und setzt sie fort.",
        "A clean run by hand shows that the error is fixed, and lets it go on.",
    ),
    Reason.BY_HAND: (
        "Nur ein Mensch setzt sie fort.",
        "Only a human lets it go on.",
    ),
}
"""What ends each, German and English."""

BACK_OF: dict[Code, tuple[str, str]] = {
    Code.CREDENTIALS_UNREADABLE: (
        "Die Zugangsdaten beider Seiten, neu hinterlegt und geprüft, setzen sie fort.",
        "The credentials of both ends, entered again and checked, let it go on.",
    ),
    Code.KEYS_UNREADABLE: (
        "Die wiederhergestellten Schlüssel und eine grüne Prüfung setzen sie fort.",
        "The restored keys and a green check let it go on.",
    ),
}
"""What ends a rest with one of these causes, whatever its reason."""


@dataclass(frozen=True, slots=True)
class WayBack:
    """Everything that a human wants to know of a tenant that rests, as data.

    `command` is the exact one that fixes it. `probe_at` and `ends_at` are None where nothing happens alone.
    """

    reason: str
    code: Code | None
    detail: str
    since: datetime
    ended_by: str
    command: str
    probe_at: datetime | None = None
    ends_at: datetime | None = None
    on_trial: bool = False


FIXED_BY_COMMAND = frozenset(
    {
        Code.PAUSE_RUNS,
        Code.PAUSE_ERRORS,
        Code.PAUSE_STRICT,
        Code.PAUSE_ENDED,
        Code.CONFIG_INVALID,
        Code.CREDENTIALS_UNREADABLE,
        Code.SOURCE_CREDENTIALS_REFUSED,
        Code.SOURCE_CREDENTIALS_WRONG,
        Code.TARGET_CREDENTIALS_REFUSED,
    }
)
"""Causes with one command that fixes them; all others are found out with a check first."""


def way_back(tenant: Tenant, setback: Setback | None, language: Language) -> WayBack | None:
    """Tell how a tenant comes back; None where nothing keeps it from syncing, or it was never active."""
    if tenant.state is TenantState.STOPPED:
        ended = tenant.why is Code.PAUSE_ENDED
        said = _said(Reason.BY_HAND, None, language)
        command = fix(tenant.why, tenant.tenant_id)
        return WayBack("ended" if ended else "stopped", tenant.why, "", tenant.since, said, command)
    if setback is None:
        return _unexplained(tenant, language)
    return WayBack(
        reason=setback.reason.value,
        code=setback.code,
        detail=unquoted(setback.detail, language),
        since=setback.since,
        ended_by=_said(setback.reason, setback.code, language),
        command=command_of(setback, tenant.tenant_id),
        probe_at=setback.due_at,
        ends_at=setback.ends_at,
        on_trial=setback.on_trial,
    )


def _unexplained(tenant: Tenant, language: Language) -> WayBack | None:
    """Tell of a tenant that was paused or blocked before setbacks were written down."""
    if tenant.state not in {TenantState.PAUSED, TenantState.BLOCKED}:
        return None
    blocked = tenant.state is TenantState.BLOCKED and tenant.why is not None
    reason = reason_of_block(tenant.why) if blocked and tenant.why is not None else Reason.BY_HAND
    command = fix(tenant.why, tenant.tenant_id)
    said = _said(reason, tenant.why, language)
    return WayBack(reason.value, tenant.why, "", tenant.since, said, command)


def command_of(setback: Setback, tenant_id: TenantId) -> str:
    """Name the exact command that fixes it."""
    if setback.reason is Reason.RETRY:
        return f"staffetta check {tenant_id}"
    return fix(setback.code, tenant_id)


def fix(code: Code | None, tenant_id: TenantId) -> str:
    """Name the exact command that ends a rest with this cause."""
    match code:
        case Code.PAUSE_RUNS | Code.PAUSE_STRICT:
            return f"staffetta sync {tenant_id}"
        case Code.PAUSE_ERRORS:
            return f"staffetta letters requeue {tenant_id} --all"
        case Code.CONFIG_INVALID:
            return f"staffetta tenant configure {tenant_id} --file FILE"
        case Code.CREDENTIALS_UNREADABLE:
            ends = "--client-id ID --client-secret-file FILE --target-url URL --target-token-file FILE"
            return f"staffetta tenant credentials {tenant_id} {ends}"
        case Code.SOURCE_CREDENTIALS_REFUSED | Code.SOURCE_CREDENTIALS_WRONG:
            given = "--client-id ID --client-secret-file FILE"
            return f"staffetta tenant credentials {tenant_id} {given}"
        case Code.TARGET_CREDENTIALS_REFUSED:
            return f"staffetta tenant credentials {tenant_id} --target-token-file FILE"
        case None | Code.TENANT_PAUSED | Code.TENANT_STOPPED | Code.PAUSE_ENDED | Code.PAUSE_ENDING:
            return f"staffetta resume {tenant_id}"
        case _:
            return f"staffetta check {tenant_id}"


def _said(reason: Reason, code: Code | None, language: Language) -> str:
    german, english = BACK_OF.get(code, BACK[reason]) if code else BACK[reason]
    return german if language is Language.DE else english
