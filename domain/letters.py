"""Dead letters: what nobody tries again by itself, where each one stands, and what a human did about it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.codes import Code
from domain.ids import ChangeId, LetterId, PersonId, TenantId


class LetterState(StrEnum):
    """Name where a letter stands. Only a standing one needs somebody.

    standing    the change is dead, or the message was not understood
    under-way   somebody sent the change on its way again, or a newer one of the same kind is on its way
    over        it was carried out in the meantime, or is not wanted any more
    dismissed   somebody took it off the list; it comes back if the same dies again
    """

    STANDING = "standing"
    UNDER_WAY = "under-way"
    OVER = "over"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One change of one person, or one message, that died of one cause, however often it did so.

    `requeued_at` and `requeued_by` tell of the last time somebody sent it again, and stay.
    """

    letter_id: LetterId
    tenant_id: TenantId
    code: Code
    detail: str
    state: LetterState
    first_at: datetime
    last_at: datetime
    count: int = 1
    change_id: ChangeId | None = None
    person_id: PersonId | None = None
    requeued_at: datetime | None = None
    requeued_by: str = ""
    dismissed_at: datetime | None = None
    dismissed_by: str = ""
