"""Find dead rows that may have given an account to somebody who shall have none."""

from datetime import timedelta

from sqlalchemy import Select, exists, or_, select

from adapters.database.changes_death import requeue
from adapters.database.doubts import perhaps_made
from adapters.database.overrides import in_force
from adapters.database.session import MILLISECOND, Session
from adapters.database.statements import built_once, one_of
from adapters.database.tables import PEOPLE
from adapters.database.tables_absences import ABSENCES
from adapters.database.tables_changes import CHANGES
from adapters.database.tables_overrides import OVERRIDES
from domain.ids import ChangeId, TenantId
from domain.overrides import OverrideKind
from domain.scope import GETS_NONE

PINNED = OverrideKind.PIN_INACTIVE.value

AGAIN_AFTER = timedelta(hours=23)
"""What was looked for in vain is not looked for in each run of the same day."""


def look_again(session: Session, tenant_id: TenantId) -> int:
    """Release dead rows again whose request may have been acted upon, of people who shall have no account.

    Whether or not somebody dismissed their letter: what nobody wants to hear of may be an open door. Where
    the row's values are not kept any more, the account is looked for by our id for the person.
    """
    now = session.started_ms
    asked = _lost(tenant_id, now, now - AGAIN_AFTER // MILLISECOND)
    found = [ChangeId(each) for each in session.connection.scalars(*asked)]
    return len(requeue(session, tenant_id, found, pruned=True)) if found else 0


@built_once
def _lost(tenant_id: TenantId, now: int, before: int) -> Select[str]:
    """Find them. A row that was released before is strict: that one was looked for, and died once more."""
    theirs = (PEOPLE.c.tenant_id == CHANGES.c.tenant_id, PEOPLE.c.person_id == CHANGES.c.person_id)
    missing = (ABSENCES.c.tenant_id == CHANGES.c.tenant_id, ABSENCES.c.person_id == CHANGES.c.person_id)
    pinned = (OVERRIDES.c.person_id == CHANGES.c.person_id, OVERRIDES.c.kind == PINNED)
    has_none = or_(
        exists().where(*theirs, one_of(PEOPLE.c.standing, GETS_NONE)),
        exists().where(*missing),
        exists().where(*in_force(tenant_id, now), *pinned),
    )
    due = or_(CHANGES.c.strict.is_(False), CHANGES.c.settled_at <= before)
    return select(CHANGES.c.change_id).where(CHANGES.c.tenant_id == tenant_id, perhaps_made(), has_none, due)
