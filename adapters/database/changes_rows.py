"""Read rows of plans: sealed values in, opened changes out."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from sqlalchemy import Row, Select, func, select

from adapters.database.changes_moves import chunks, these, within
from adapters.database.session import Session, moment
from adapters.database.statements import built_once
from adapters.database.tables_changes import CHANGES
from adapters.database.values import pack
from adapters.vault import SealedElsewhereError
from domain.account import Scalar
from domain.changes import OPEN, Action, Aspect, Change, ChangeState
from domain.codes import Code
from domain.ids import AccountId, ChangeId, ConfigVersion, PersonId, RunId, TenantId

Values = Mapping[str, Scalar] | None
AnyRow: TypeAlias = Row[*tuple[Any, ...]]


def seal_content(
    session: Session,
    tenant_id: TenantId,
    change_id: ChangeId,
    before: Values,
    after: Values,
    evidence: Values,
    untold: Values = None,
) -> bytes:
    """Seal what a row says about a person, for this row only."""
    told = {"before": before, "after": after, "evidence": evidence, "untold": untold or None}
    content = {name: dict(values) for name, values in told.items() if values is not None}
    return session.vault.seal(tenant_id, _field(change_id), pack(content))


def open_content(session: Session, row: AnyRow) -> dict[str, dict[str, Scalar]]:
    """Open what `seal_content` sealed; a row whose values were forgotten says nothing."""
    if not row.sealed:
        return {}
    opened = session.vault.open(TenantId(row.tenant_id), _field(row.change_id), row.sealed)
    content: dict[str, dict[str, Scalar]] = json.loads(opened)
    return content


def known_content(session: Session, row: AnyRow) -> dict[str, dict[str, Scalar]] | None:
    """Open what a row says, or return None where it was forgotten, or cannot be opened any more."""
    try:
        return open_content(session, row) if row.sealed else None
    except SealedElsewhereError:
        return None


def open_row(session: Session, row: AnyRow) -> Change:
    """Turn a stored row into a change, values opened; a damaged row says nothing, so that others are listed.

    Whoever writes content anew asks `open_content`, which refuses what does not open.
    """
    content = known_content(session, row)
    told = content or {}
    return Change(
        change_id=ChangeId(row.change_id),
        run_id=RunId(row.run_id),
        person_id=PersonId(row.person_id),
        action=Action(row.action),
        state=ChangeState(row.state),
        config_version=ConfigVersion(row.config_version),
        cause=Code(row.cause) if row.cause else None,
        why=Code(row.why) if row.why else None,
        detail=row.detail,
        before=told.get("before"),
        after=told.get("after"),
        after_manager=PersonId(row.after_manager) if row.after_manager else None,
        account_id=AccountId(row.account_id) if row.account_id else None,
        link_version=row.link_version,
        snapshot=row.snapshot,
        strict=row.strict,
        tries=row.tries,
        crashes=row.crashes,
        due_at=None if row.due_at is None else moment(row.due_at),
        intent_at=None if row.intent_at is None else moment(row.intent_at),
        sent_at=None if row.sent_at is None else moment(row.sent_at),
        blocked_on=row.blocked_on,
        evidence=told.get("evidence"),
        untold=told.get("untold"),
        before_manager=PersonId(row.before_manager) if row.before_manager else None,
        undoes=ChangeId(row.undoes) if row.undoes else None,
        done_version=row.done_version,
        planned_at=moment(row.planned_at),
        settled_at=None if row.settled_at is None else moment(row.settled_at),
        carried_by=RunId(row.carried_by) if row.carried_by else None,
        forgotten=content is None,
        pruned=not row.sealed,
        kept=Aspect(row.aspect) if row.action == Action.KEEP.value else None,
    )


def rows(
    session: Session,
    tenant_id: TenantId,
    run_id: RunId | None,
    person_id: PersonId | None,
    states: Sequence[ChangeState],
    limit: int,
    actions: Sequence[Action] = (),
    change_ids: Sequence[ChangeId] = (),
) -> Sequence[Change]:
    """List rows, opened, oldest first."""
    words = [action.value for action in actions]
    given = {
        "run_id": run_id is not None,
        "person_id": person_id is not None,
        "action": bool(actions),
        "change_id": bool(change_ids),
    }
    by = frozenset(name for name, is_given in given.items() if is_given)
    asked = _rows(tenant_id, run_id, person_id, words, change_ids, limit, by=by, states=frozenset(states))
    return [open_row(session, row) for row in session.connection.execute(*asked)]


@built_once
def _rows(
    tenant_id: TenantId,
    run_id: RunId | None,
    person_id: PersonId | None,
    actions: Sequence[str],
    change_ids: Sequence[ChangeId],
    most: int,
    *,
    by: frozenset[str],
    states: frozenset[ChangeState],
) -> Select[Any]:
    """Narrow a tenant's rows by the columns that are named, and by states if there are any."""
    narrow = {
        "run_id": CHANGES.c.run_id == run_id,
        "person_id": CHANGES.c.person_id == person_id,
        "action": CHANGES.c.action.in_(actions),
        "change_id": CHANGES.c.change_id.in_(change_ids),
    }
    here = [CHANGES.c.tenant_id == tenant_id, *(narrow[name] for name in sorted(by))]
    here += [within(CHANGES, states)] if states else []
    return select(CHANGES).where(*here).order_by(CHANGES.c.change_id).limit(most)


def opened(session: Session, tenant_id: TenantId, change_ids: Sequence[ChangeId]) -> dict[ChangeId, Change]:
    """Open the rows with these ids."""
    found: dict[ChangeId, Change] = {}
    for some in chunks(change_ids):
        asked = select(CHANGES).where(*these(tenant_id, some))
        found |= {row.change_id: open_row(session, row) for row in session.connection.execute(asked)}
    return found


def open_aspects(
    session: Session, tenant_id: TenantId, people: Sequence[PersonId]
) -> Mapping[PersonId, frozenset[Aspect]]:
    """Tell which aspects of these people have an open or a working row."""
    found: dict[PersonId, frozenset[Aspect]] = {}
    for some in chunks(people):
        for states in (OPEN, {ChangeState.WORKING}):
            for row in session.connection.execute(*_aspects(tenant_id, some, states=frozenset(states))):
                known = found.get(row.person_id, frozenset())
                found[row.person_id] = known | {Aspect(row.aspect)}
    return found


def creates_planned(session: Session, tenant_id: TenantId, run_id: RunId) -> int:
    """Count the run's planned rows that would create an account."""
    return session.connection.scalar(*_creates_planned(tenant_id, run_id)) or 0


@built_once
def _creates_planned(tenant_id: TenantId, run_id: RunId) -> Select[int]:
    return select(func.count()).where(
        CHANGES.c.tenant_id == tenant_id,
        CHANGES.c.run_id == run_id,
        within(CHANGES, {ChangeState.PLANNED}),
        CHANGES.c.action == Action.CREATE.value,
    )


@built_once
def _aspects(
    tenant_id: TenantId, people: Sequence[PersonId], *, states: frozenset[ChangeState]
) -> Select[str, str]:
    here = (CHANGES.c.tenant_id == tenant_id, CHANGES.c.person_id.in_(people), within(CHANGES, states))
    return select(CHANGES.c.person_id, CHANGES.c.aspect).where(*here)


def _field(change_id: str) -> str:
    return f"changes.{change_id}"
