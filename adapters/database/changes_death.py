"""Let rows die: a letter tells why, and a decision keeps the next plans from trying the same at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, or_, select, text, tuple_

from adapters.database.changes_moves import (
    DUE_NOW,
    UNLEASED,
    UNRUNG,
    chunks,
    into,
    tenants_turn,
    these,
    these_into,
    within,
)
from adapters.database.changes_rows import AnyRow
from adapters.database.decisions import decide
from adapters.database.letters import of_its_decision
from adapters.database.letters_of_rows import of_deaths
from adapters.database.session import Session
from adapters.database.statements import built_once
from adapters.database.tables import LETTERS
from adapters.database.tables_changes import CHANGES, DECISIONS, TELLING
from domain.cases import IDENTITY
from domain.causes import CATALOGUE
from domain.changes import OPEN, ChangeState, on_change
from domain.codes import Code
from domain.decisions import DecisionKind
from domain.ids import ChangeId, LetterId, TenantId

REFUSED = DecisionKind.REFUSED.value

DEAD = frozenset({ChangeState.DEAD})
BLOCKED = frozenset({ChangeState.BLOCKED})
RIVAL = CHANGES.alias("rival")

Death = tuple[AnyRow, Code, str]
"""A working row, and why it dies."""


def bury(session: Session, tenant_id: TenantId, deaths: Sequence[Death]) -> Sequence[LetterId]:
    """Settle working rows as dead, and return their letters.

    A refusal is remembered, so that it is not asked for in each run; what only came at a bad time is planned
    again by the next one, and so is a doubt about an identity, which the next one makes a case of.
    What waited for such a row waits on, except its own successor, which nothing else holds back.
    """
    for row, code, detail in deaths:
        session.connection.execute(
            into(tenant_id, ChangeState.DEAD, {ChangeState.WORKING})
            .where(CHANGES.c.change_id == row.change_id)
            .values(why=code.value, detail=detail, settled_at=session.started_ms, **UNRUNG, **UNLEASED)
        )
        _wake_successor(session, tenant_id, row)
    final = [(row, code) for row, code, _ in deaths if not CATALOGUE[code].temporary and code not in IDENTITY]
    decide(session, tenant_id, final, DecisionKind.REFUSED)
    return of_deaths(session, tenant_id, deaths)


def requeue(
    session: Session, tenant_id: TenantId, change_ids: Sequence[ChangeId], *, pruned: bool = False
) -> Sequence[ChangeId]:
    """Release dead rows again and end their refusals; one that newer rows of its aspect overtook stays dead.

    They go as strict rows: whoever changed since is not sent an old change, but looked at afresh. One whose
    values are not kept any more goes only if there is something left to do with `pruned` ones.
    """
    tenants_turn(session, tenant_id)
    again: list[ChangeId] = []
    for some in chunks(sorted(set(change_ids), reverse=True)):
        _end_refusals(session, tenant_id, some)
        may_go = (~exists().where(_newer_or_open(some)), *(() if pruned else (text(TELLING),)))
        move = these_into(tenant_id, ChangeState.RELEASED, some, DEAD).where(*may_go)
        released = move.values(settled_at=None, strict=True, tries=0, **DUE_NOW).returning(
            CHANGES.c.change_id
        )
        again += [ChangeId(each) for each in session.connection.scalars(released)]
    return again


def refusals(session: Session, tenant_id: TenantId) -> Mapping[Code, int]:
    """Count the people of whom something was refused lately, by cause; not those that somebody dismissed."""
    found = session.connection.execute(*_refused(tenant_id, session.started_ms))
    return {Code(why): people for why, people in found}


@built_once
def _refused(tenant_id: TenantId, now: int) -> Select[Any]:
    dismissed = exists().where(
        LETTERS.c.tenant_id == tenant_id,
        *of_its_decision(),
        LETTERS.c.dismissed_at.is_not(None),
    )
    refused = (DECISIONS.c.tenant_id == tenant_id, DECISIONS.c.kind == REFUSED, DECISIONS.c.until > now)
    asked = select(DECISIONS.c.why, func.count(DECISIONS.c.person_id.distinct()))
    return asked.where(*refused, ~dismissed).group_by(DECISIONS.c.why)


def _wake_successor(session: Session, tenant_id: TenantId, row: AnyRow) -> None:
    session.connection.execute(
        into(tenant_id, ChangeState.RELEASED, BLOCKED)
        .where(
            CHANGES.c.blocked_on == on_change(ChangeId(row.change_id)),
            CHANGES.c.person_id == row.person_id,
            CHANGES.c.aspect == row.aspect,
        )
        .values(**DUE_NOW)
    )


def _newer_or_open(change_ids: Sequence[ChangeId]) -> ColumnElement[bool]:
    """Say that another row of the same aspect is open, newer among these, or newer and carried out."""
    newer = and_(
        within(RIVAL, DEAD), RIVAL.c.change_id.in_(change_ids), RIVAL.c.change_id > CHANGES.c.change_id
    )
    done = {ChangeState.APPLIED, ChangeState.ALREADY_SO, ChangeState.WORKING}
    overtaken = and_(within(RIVAL, done), RIVAL.c.change_id > CHANGES.c.change_id)
    return and_(
        RIVAL.c.tenant_id == CHANGES.c.tenant_id,
        RIVAL.c.person_id == CHANGES.c.person_id,
        RIVAL.c.aspect == CHANGES.c.aspect,
        or_(within(RIVAL, OPEN), newer, overtaken),
    )


def _end_refusals(session: Session, tenant_id: TenantId, change_ids: Sequence[ChangeId]) -> None:
    subjects = select(CHANGES.c.person_id, CHANGES.c.aspect, CHANGES.c.digest).where(
        *these(tenant_id, change_ids), CHANGES.c.state == ChangeState.DEAD.value
    )
    decided = tuple_(DECISIONS.c.person_id, DECISIONS.c.aspect, DECISIONS.c.digest).in_(subjects)
    here = (DECISIONS.c.tenant_id == tenant_id, DECISIONS.c.kind == REFUSED)
    session.connection.execute(delete(DECISIONS).where(*here, decided))
