"""The one command with which an operator takes up a cause: where to look, or what ends it."""

from domain.cases import IDENTITY
from domain.causes import CATALOGUE, FOR_A_HUMAN
from domain.codes import Code
from domain.ids import INSTALLATION, TenantId
from domain.setback_words import CREDENTIALS

LOST_ATTRIBUTES = frozenset({Code.SOURCE_ATTRIBUTE_MISSING, Code.SOURCE_ATTRIBUTE_COLLAPSED})
DIE = frozenset(
    {
        Code.TARGET_REFUSED,
        Code.TARGET_KEY_TAKEN,
        Code.TARGET_ACCOUNT_GONE,
        Code.TARGET_STILL_OPEN,
        Code.TARGET_FILTER_IGNORED,
        Code.TARGET_ATTRIBUTE_UNKNOWN,
        Code.TARGET_NOT_SCIM,
        Code.CRASHED_TWICE,
        Code.VALUE_UNREADABLE,
        Code.MESSAGE_UNKNOWN,
        Code.INTERNAL,
    }
)
"""Causes that leave letters: the cure ends with sending them again."""


def remedy(code: Code, tenant_id: TenantId) -> str:
    """Name the command for a cause of a tenant, or of this installation."""
    if tenant_id == INSTALLATION:
        return "staffetta doctor" if code is Code.QUEUE_FILLING else f"staffetta letters - --cause {code}"
    if code in CREDENTIALS:
        return f"staffetta tenant credentials {tenant_id} --help"
    if code in LOST_ATTRIBUTES:
        return f"staffetta accept-feed {tenant_id}"
    if code is Code.DELETION_AHEAD:
        return f"staffetta deletions {tenant_id}"
    if code in IDENTITY:
        return f"staffetta cases {tenant_id}"
    if code in FOR_A_HUMAN or code.value.startswith(("guard.", "key.", "person.re")):
        return f"staffetta holds {tenant_id}"
    if code in DIE:
        return f"staffetta letters {tenant_id} --cause {code}"
    return _further(code, tenant_id)


def sends_again(code: Code, tenant_id: TenantId) -> str:
    """Name the command that sends everything of a cause on its way again."""
    return f"staffetta letters requeue {tenant_id or '-'} --cause {code}"


def _further(code: Code, tenant_id: TenantId) -> str:
    """Look at the run for managers and promises, at the house for its own troubles, else at both ends."""
    if code in {Code.NO_SUCCESS, Code.TARGET_PROMISED}:
        return f"staffetta runs {tenant_id}"
    if code.value.startswith("manager.") and CATALOGUE[code].opens_incident:
        return f"staffetta runs {tenant_id}"
    if code is Code.NOTICE_OWNERS:
        return f"staffetta tenant owners {tenant_id}"
    if code.value.startswith("notice."):
        return "staffetta notify list"
    ours = code.value.startswith("self.") or code is Code.KEYS_UNREADABLE
    return "staffetta doctor" if ours else f"staffetta check {tenant_id}"
