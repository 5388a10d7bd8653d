"""Note what nobody knows of an account, from a request without an answer to a later one that settles it."""

import json
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update

from adapters.database.changes_moves import these, within
from adapters.database.changes_rows import AnyRow, known_content
from adapters.database.session import Session
from adapters.database.statements import one_of
from adapters.database.tables import LINKS
from adapters.database.tables_changes import CHANGES
from domain.changes import GIVING, Action, ChangeState
from domain.doubts import MAKING, left_open, second
from domain.ids import ChangeId, PersonId, TenantId
from domain.link import OPEN, Link

Doubts = Mapping[str, frozenset[str]]
"""What is in doubt, by person."""

DEAD = frozenset({ChangeState.DEAD})
NOTHING: frozenset[str] = frozenset()


def doubt(session: Session, tenant_id: TenantId, rows: Iterable[AnyRow]) -> None:
    """Note what the requests of these rows may have changed, whatever becomes of the rows."""
    found: dict[str, frozenset[str]] = {}
    for row in rows:
        content = known_content(session, row) or {}
        unsure = left_open(Action(row.action), content.get("before", {}), content.get("after", {}))
        if unsure:
            found[row.person_id] = found.get(row.person_id, NOTHING) | unsure
    doubt_more(session, tenant_id, found)


def doubt_more(session: Session, tenant_id: TenantId, found: Doubts) -> None:
    """Note what is in doubt beside what was so already."""
    for person_id, known in _standing(session, tenant_id, found).items():
        _store(session, tenant_id, person_id, known | found[person_id])


def doubt_these(session: Session, tenant_id: TenantId, change_ids: Sequence[str]) -> None:
    """Note the same of rows by their ids, in whatever state they are by now."""
    if change_ids:
        rows = session.connection.execute(select(CHANGES).where(*these(tenant_id, change_ids)))
        doubt(session, tenant_id, rows.all())


def doubt_seconds(session: Session, tenant_id: TenantId, made: Mapping[ChangeId, Link]) -> Sequence[ChangeId]:
    """Note accounts that late rows made of people who have another one by now; return whose have none.

    Who came back to an account that was removed by hand is made anew, too.
    """
    if not made:
        return ()
    creates = (CHANGES.c.action.in_(sorted(MAKING)), *these(tenant_id, sorted(made)))
    late = [
        ChangeId(each) for each in session.connection.scalars(select(CHANGES.c.change_id).where(*creates))
    ]
    people = {made[each].person_id: made[each].account_id for each in late}
    theirs = (LINKS.c.tenant_id == tenant_id, LINKS.c.person_id.in_(sorted(people)))
    linked = dict(
        session.connection.execute(select(LINKS.c.person_id, LINKS.c.account_id).where(*theirs)).all()
    )
    for person_id, known in _standing(session, tenant_id, linked).items():
        account_id = people[PersonId(person_id)]
        if linked[person_id] != account_id:
            _store(session, tenant_id, person_id, known | second(account_id))
    return [each for each in late if made[each].person_id not in linked]


def believe(session: Session, tenant_id: TenantId, settled: Doubts) -> None:
    """Note what is known again."""
    for person_id, known in _standing(session, tenant_id, settled).items():
        _store(session, tenant_id, person_id, known - settled[person_id])


def perhaps_open() -> ColumnElement[bool]:
    """Say that an account is open, or that a request without an answer may have opened or closed it.

    Never null, so that it may be negated. Compared by `replace`, which minds capitals in both databases.
    """
    stored = func.coalesce(LINKS.c.doubts, "")
    return or_(LINKS.c.active.is_(True), func.replace(stored, json.dumps(OPEN), "") != stored)


def perhaps_made() -> ColumnElement[bool]:
    """Say that a dead row may have given somebody an account that nobody links."""
    linked = exists().where(
        LINKS.c.tenant_id == CHANGES.c.tenant_id, LINKS.c.person_id == CHANGES.c.person_id
    )
    tried = and_(one_of(CHANGES.c.action, GIVING), CHANGES.c.intent_at.is_not(None))
    return and_(within(CHANGES, DEAD), tried, ~linked)


def opened(stored: str | None) -> frozenset[str]:
    """Read what is in doubt of one account."""
    return frozenset(json.loads(stored)) if stored else NOTHING


def _standing(session: Session, tenant_id: TenantId, people: Iterable[str]) -> Doubts:
    asked = sorted(people)
    if not asked:
        return {}
    theirs = (LINKS.c.tenant_id == tenant_id, LINKS.c.person_id.in_(asked))
    rows = session.connection.execute(select(LINKS.c.person_id, LINKS.c.doubts).where(*theirs))
    return {person_id: opened(stored) for person_id, stored in rows}


def _store(session: Session, tenant_id: TenantId, person_id: str, doubts: frozenset[str]) -> None:
    stored = json.dumps(sorted(doubts)) if doubts else None
    this = (LINKS.c.tenant_id == tenant_id, LINKS.c.person_id == person_id)
    session.connection.execute(update(LINKS).where(*this).values(doubts=stored))
