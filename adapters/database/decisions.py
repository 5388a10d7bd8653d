"""What was refused, rejected or undone, so that the next plan does not ask for the same again."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, delete, or_, select, tuple_

from adapters.database.changes_fingerprints import digest_of, essence_of
from adapters.database.changes_moves import chunks
from adapters.database.changes_rows import AnyRow
from adapters.database.configurations import configuration_of
from adapters.database.session import MILLISECOND, Session, millis, moment
from adapters.database.statements import built_once, touched, upsert_into
from adapters.database.tables_changes import CHANGES, DECISIONS
from adapters.database.tables_runs import RUNS
from domain.changes import Action, Aspect
from domain.codes import Code
from domain.compare import Judged, Wish
from domain.config import Configuration
from domain.decisions import HUMAN, LASTING, Decision, DecisionKind
from domain.ids import ChangeId, ConfigVersion, PersonId, TenantId

Named = Sequence[tuple[ChangeId, Wish]]
Key = tuple[str, str, bytes]
SUBJECT = ("tenant_id", "person_id", "aspect", "digest")
RENEWED = ("kind", "why", "change_id", "action", "decided_by", "until", "at")


class SqlDecisions:
    """Keep decisions; `domain.ports_decisions.Decisions` says what each method promises."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def matching(
        self, tenant_id: TenantId, wishes: Named, config: ConfigVersion
    ) -> Mapping[ChangeId, Decision]:
        """Pair each of these wishes that was decided against with the decision."""
        if not wishes or not any_live(self._session, tenant_id):
            return {}
        return matching(self._session, tenant_id, wishes, configuration_of(self._session, tenant_id, config))

    def overtaken(
        self,
        tenant_id: TenantId,
        judged: Mapping[tuple[PersonId, Aspect], Judged],
        wishes: Sequence[Wish],
        config: ConfigVersion,
        asked_at: datetime,
    ) -> int:
        """End what humans decided before this moment and what these records do not ask for any more."""
        session = self._session
        if not judged or not any_live(session, tenant_id):
            return 0
        chosen = configuration_of(session, tenant_id, config)
        still = {_key(wish, essence_of(session, tenant_id, wish, chosen)) for wish in wishes}
        kinds = DECISIONS.c.kind.in_([kind.value for kind in HUMAN])
        before = DECISIONS.c.at < millis(asked_at)
        whole = {(str(person), aspect.value): how for (person, aspect), how in judged.items()}
        over = [
            key
            for row in _of_people(session, tenant_id, sorted({person for person, _ in judged}), kinds, before)
            if (key := _row_key(row)) not in still and _is_over(whole.get(key[:2]), Action(row.action))
        ]
        return _end(session, tenant_id, over)

    def standing(self, tenant_id: TenantId, person_id: PersonId | None = None) -> Sequence[Decision]:
        """List the live decisions of a tenant, or of one person, newest first."""
        asked = select(DECISIONS).where(*_live(tenant_id, self._session.started_ms))
        if person_id is not None:
            asked = asked.where(DECISIONS.c.person_id == person_id)
        ordered = asked.order_by(DECISIONS.c.at.desc(), DECISIONS.c.person_id, DECISIONS.c.aspect)
        return [_decision(row) for row in self._session.connection.execute(ordered)]

    def end(
        self, tenant_id: TenantId, *, change_id: ChangeId | None = None, person_id: PersonId | None = None
    ) -> int:
        """End the decision over one row, or all over one person; returns how many."""
        if change_id is None and person_id is None:
            return 0
        ended = delete(DECISIONS).where(*_live(tenant_id, self._session.started_ms))
        if change_id is not None:
            ended = ended.where(DECISIONS.c.change_id == change_id)
        if person_id is not None:
            ended = ended.where(DECISIONS.c.person_id == person_id)
        return touched(self._session.connection, ended)


def _is_over(judged: Judged | None, action: Action) -> bool:
    """Say that a decision over what is not asked for any more ends; no record ever asks for a removal.

    A record told in part says nothing of values, but all of whether an account is to be closed.
    """
    if judged is None or action is Action.DELETE:
        return False
    return judged is Judged.WHOLLY or action is Action.DEACTIVATE


def any_live(session: Session, tenant_id: TenantId) -> bool:
    """Tell whether the tenant has any live decision at all; most have none."""
    return session.connection.scalar(*_any(tenant_id, session.started_ms)) is not None


def matching(
    session: Session, tenant_id: TenantId, wishes: Named, config: Configuration
) -> dict[ChangeId, Decision]:
    """Find decided wishes; a wish that takes a row back was asked for by a human now, and is none of them."""
    people = sorted({wish.person_id for _, wish in wishes if wish.undoes is None})
    decided = {_row_key(row): _decision(row) for row in _of_people(session, tenant_id, people)}
    found: dict[ChangeId, Decision] = {}
    for change_id, wish in wishes if decided else ():
        if wish.undoes is not None:
            continue
        for fingerprint in (
            essence_of(session, tenant_id, wish, config),
            digest_of(session, tenant_id, wish, config),
        ):
            decision = decided.get(_key(wish, fingerprint))
            if decision is not None:
                found.setdefault(change_id, decision)
    return found


def decide(
    session: Session,
    tenant_id: TenantId,
    decided: Sequence[tuple[AnyRow, Code | None]],
    kind: DecisionKind,
    by: str = "",
) -> None:
    """Remember for some time that what these rows wished is not to be made rows of again.

    A refusal binds to the configuration as well: with another one the target may agree.
    """
    if not decided:
        return
    until = session.started_ms + LASTING[kind] // MILLISECOND
    rows = [
        {
            "tenant_id": tenant_id,
            "person_id": row.person_id,
            "aspect": row.aspect,
            "digest": row.digest if kind is DecisionKind.REFUSED else row.essence,
            "kind": kind.value,
            "why": code.value if code else None,
            "change_id": row.change_id,
            "action": row.action,
            "decided_by": by,
            "until": until,
            "at": session.started_ms,
        }
        for row, code in decided
    ]
    session.connection.execute(upsert_into(session.connection, DECISIONS, SUBJECT, RENEWED), rows)


def remember_undone(session: Session, tenant_id: TenantId, done: Sequence[AnyRow]) -> None:
    """Remember of each row that took another one back that the other one's wish is not made again."""
    by_run: dict[str, list[str]] = {}
    for row in done:
        if row.undoes is not None:
            by_run.setdefault(row.run_id, []).append(row.undoes)
    for run_id, undone in by_run.items():
        who = select(RUNS.c.asked_by).where(RUNS.c.tenant_id == tenant_id, RUNS.c.run_id == run_id)
        by = session.connection.scalar(who) or ""
        for some in chunks(undone):
            asked = select(CHANGES).where(CHANGES.c.tenant_id == tenant_id, CHANGES.c.change_id.in_(some))
            rows = [(row, None) for row in session.connection.execute(asked)]
            decide(session, tenant_id, rows, DecisionKind.UNDONE, by)


def _end(session: Session, tenant_id: TenantId, keys: Sequence[Key]) -> int:
    ended = 0
    for some in chunks(keys):
        these = tuple_(DECISIONS.c.person_id, DECISIONS.c.aspect, DECISIONS.c.digest).in_(some)
        ended += touched(
            session.connection, delete(DECISIONS).where(DECISIONS.c.tenant_id == tenant_id, these)
        )
    return ended


def _of_people(
    session: Session, tenant_id: TenantId, people: Sequence[PersonId], *more: ColumnElement[bool]
) -> list[AnyRow]:
    found: list[AnyRow] = []
    for some in chunks(people):
        here = (*_live(tenant_id, session.started_ms), *more, DECISIONS.c.person_id.in_(some))
        found += session.connection.execute(select(DECISIONS).where(*here)).all()
    return found


@built_once
def _any(tenant_id: TenantId, now: int) -> Select[str]:
    return select(DECISIONS.c.person_id).where(*_live(tenant_id, now)).limit(1)


def _live(tenant_id: TenantId, now: int) -> tuple[ColumnElement[bool], ...]:
    lasting = or_(DECISIONS.c.until.is_(None), DECISIONS.c.until > now)
    return (DECISIONS.c.tenant_id == tenant_id, lasting)


def _key(wish: Wish, fingerprint: bytes) -> Key:
    return (wish.person_id, wish.aspect.value, fingerprint)


def _row_key(row: AnyRow) -> Key:
    return (row.person_id, row.aspect, bytes(row.digest))


def _decision(row: AnyRow) -> Decision:
    return Decision(
        change_id=ChangeId(row.change_id),
        person_id=PersonId(row.person_id),
        aspect=Aspect(row.aspect),
        kind=DecisionKind(row.kind),
        why=Code(row.why) if row.why else None,
        by=row.decided_by,
        at=moment(row.at),
        until=None if row.until is None else moment(row.until),
    )
