"""What is asked of the store about dead letters."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from domain.codes import Code
from domain.ids import LetterId, TenantId
from domain.letters import Letter, LetterState


class Letters(Protocol):
    """Keep dead letters for months, not for the seven days of the queue.

    `INSTALLATION` stands for the tenant where a message named none.
    """

    def add(self, tenant_id: TenantId, letter_id: LetterId, code: Code, detail: str, message: bytes) -> bool:
        """Record a message that died outside of a row (undecodable, unknown actor).

        False if its letter is known: it is counted once more, and stands again.
        """
        ...

    def list(
        self,
        tenant_id: TenantId,
        limit: int,
        *,
        states: Sequence[LetterState] = (LetterState.STANDING,),
        code: Code | None = None,
    ) -> Sequence[Letter]:
        """List letters in these states, or all if none is named; the last seen first."""
        ...

    def get(self, tenant_id: TenantId, letter_id: LetterId) -> Letter | None:
        """Return one letter."""
        ...

    def message(self, tenant_id: TenantId, letter_id: LetterId) -> bytes | None:
        """Return the message of a letter as it was on the queue; None for the letter of a row."""
        ...

    def standing(self, tenant_id: TenantId) -> Mapping[Code, int]:
        """Count people and messages whose letter stands or is under way, by cause."""
        ...

    def requeued(self, tenant_id: TenantId, letter_ids: Sequence[LetterId], by: str, key: str = "") -> int:
        """Note who sent letters on their way again, and when; returns how many there were to send.

        `key` names the request, so that it is known when it comes a second time.
        """
        ...

    def first_requeued(self, tenant_id: TenantId, key: str) -> datetime | None:
        """Tell when the first letter was sent by the request of this key; None if it sent none."""
        ...

    def dismiss(self, tenant_id: TenantId, letter_ids: Sequence[LetterId], by: str) -> int:
        """Take letters off the list until the same dies again; returns how many were on it."""
        ...

    def forget(self, older: timedelta, most: int) -> int:
        """Remove so many letters of all tenants, last seen so long ago, that need nobody any more."""
        ...

    def close_unwanted(self, tenant_id: TenantId, before: datetime) -> int:
        """Close letters of before a complete reading that did not ask for the same again."""
        ...
