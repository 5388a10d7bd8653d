"""Say how a tenant that rests comes back: the exact command that fixes it, and what we do ourselves."""

from collections.abc import Mapping
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

_BOTH_ENDS = (
    "Die Zugangsdaten beider Seiten, neu hinterlegt und geprüft, setzen sie fort.",
    "The credentials of both ends, entered again and checked, let it go on.",
)
_ADDRESS = (
    "Eine brauchbare Adresse, hinterlegt und geprüft, setzt sie fort.",
    "An address that serves, entered and checked, lets it go on.",
)
_ALLOWED_ADDRESS = (
    "Eine erlaubte Adresse und eine grüne Prüfung, oder unsere tägliche Probe, setzen sie fort.",
    "An address that is allowed and a green check let it go on, or our daily probe.",
)

BACK_OF: dict[Code, tuple[str, str]] = {
    Code.CREDENTIALS_UNREADABLE: _BOTH_ENDS,
    Code.CONNECTION_MISSING: _BOTH_ENDS,
    Code.SOURCE_ADDRESS_UNFIT: _ADDRESS,
    Code.TARGET_ADDRESS_UNFIT: _ADDRESS,
    Code.SOURCE_FORBIDDEN_ADDRESS: _ALLOWED_ADDRESS,
    Code.TARGET_FORBIDDEN_ADDRESS: _ALLOWED_ADDRESS,
    Code.TARGET_TOKEN_UNFIT: (
        "Das Token der Anwendung, neu hinterlegt und geprüft, setzt sie fort.",
        "The application's token, entered again and checked, lets it go on.",
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


_CLIENT = "--client-id ID --client-secret-file FILE"
_SOURCE_ADDRESS = "--source-url URL --client-secret-file FILE"
_TARGET_TOKEN = "--target-token-file FILE"  # noqa: S105  the name of an option
_TARGET_ADDRESS = f"--target-url URL {_TARGET_TOKEN}"
_EVERYTHING = f"--source-url URL {_CLIENT} {_TARGET_ADDRESS}"

GIVEN_ANEW: Mapping[Code, str] = {
    Code.SOURCE_CREDENTIALS_REFUSED: _CLIENT,
    Code.SOURCE_CREDENTIALS_WRONG: _CLIENT,
    Code.SOURCE_FORBIDDEN_ADDRESS: _SOURCE_ADDRESS,
    Code.SOURCE_ADDRESS_UNFIT: _SOURCE_ADDRESS,
    Code.TARGET_CREDENTIALS_REFUSED: _TARGET_TOKEN,
    Code.TARGET_TOKEN_UNFIT: _TARGET_TOKEN,
    Code.TARGET_FORBIDDEN_ADDRESS: _TARGET_ADDRESS,
    Code.TARGET_ADDRESS_UNFIT: _TARGET_ADDRESS,
    Code.CONNECTION_MISSING: _EVERYTHING,
    Code.CREDENTIALS_UNREADABLE: _EVERYTHING,
}
"""Causes that `tenant credentials` cures, and what it is to be given."""

CREDENTIALS = frozenset(GIVEN_ANEW)

FIXED_BY_COMMAND = CREDENTIALS | {
    Code.PAUSE_RUNS,
    Code.PAUSE_ERRORS,
    Code.PAUSE_STRICT,
    Code.PAUSE_ENDED,
    Code.CONFIG_INVALID,
}
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
    if code is not None and code in GIVEN_ANEW:
        return f"staffetta tenant credentials {tenant_id} {GIVEN_ANEW[code]}"
    match code:
        case Code.PAUSE_RUNS | Code.PAUSE_STRICT:
            return f"staffetta sync {tenant_id}"
        case Code.PAUSE_ERRORS:
            return f"staffetta letters requeue {tenant_id} --all"
        case Code.CONFIG_INVALID:
            return f"staffetta tenant configure {tenant_id} --file FILE"
        case None | Code.TENANT_PAUSED | Code.TENANT_STOPPED | Code.PAUSE_ENDED | Code.PAUSE_ENDING:
            return f"staffetta resume {tenant_id}"
        case _:
            return f"staffetta check {tenant_id}"


def _said(reason: Reason, code: Code | None, language: Language) -> str:
    german, english = BACK_OF.get(code, BACK[reason]) if code else BACK[reason]
    return german if language is Language.DE else english
