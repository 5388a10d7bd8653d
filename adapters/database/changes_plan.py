"""Put rows into a plan: what pages wished for, and what concluding adds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select, update

from adapters.database.changes_fingerprints import Fingerprint, digest_of, essence_of
from adapters.database.changes_moves import tenants_turn, within
from adapters.database.changes_rows import open_content, seal_content
from adapters.database.configurations import configuration_of
from adapters.database.decisions import any_live, matching
from adapters.database.match_keys import rule_key
from adapters.database.people import KEY, SqlPeople
from adapters.database.session import Session
from adapters.database.statements import built_once, insert_new, touched
from adapters.database.tables_changes import CHANGES
from adapters.database.tables_runs import RUNS
from adapters.database.target_list import external_key
from domain.account import Account, Scalar
from domain.changes import LANE_OF, OPEN, Action, ChangeState
from domain.compare import Wish
from domain.config import Configuration
from domain.events import Queue
from domain.guards import left_by_date
from domain.ids import ChangeId, ConfigVersion, PersonId, RunId, TenantId
from domain.mapping import external_id
from domain.records import Planned
from domain.run import RunKind

AHEAD = frozenset(kind.value for kind in (RunKind.PERSON, RunKind.APPROVAL, RunKind.DELETION, RunKind.UNDO))
"""Runs whose rows do not stand behind a whole company."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What all rows have in common that are planned together."""

    session: Session
    tenant_id: TenantId
    run_id: RunId
    config: Configuration
    queue: Queue

    def row(
        self, change_id: ChangeId, wish: Wish, snapshot: bytes, blocked_on: str | None = None
    ) -> dict[str, object]:
        """Write one wish as a planned row."""
        return {
            "change_id": change_id,
            "tenant_id": self.tenant_id,
            "run_id": self.run_id,
            "person_id": wish.person_id,
            "aspect": wish.aspect.value,
            "action": wish.action.value,
            "lane": LANE_OF[wish.action].value,
            "queue": self.queue.value,
            "state": ChangeState.PLANNED.value,
            "to_hold": wish.doubt is not None,
            "why": wish.doubt.value if wish.doubt else None,
            "blocked_on": blocked_on,
            "cause": wish.cause.value if wish.cause else None,
            "config_version": self.config.rules_version,
            "link_version": wish.link_version,
            "snapshot": snapshot,
            "digest": digest_of(self.session, self.tenant_id, wish, self.config),
            "essence": essence_of(self.session, self.tenant_id, wish, self.config),
            "takes_key": self._key(wish.takes_key),
            "frees_key": self._key(wish.frees_key),
            "external_key": self._external(wish),
            "match_key": self._match(wish),
            "sealed": seal_content(
                self.session, self.tenant_id, change_id, wish.before, wish.after, wish.evidence, wish.untold
            ),
            "before_manager": wish.before_manager,
            "after_manager": wish.after_manager,
            "undoes": wish.undoes,
            "strict": wish.undoes is not None,
            "dated": left_by_date(wish.cause, wish.evidence or {}, self.session.now().date()),
            "tries": 0,
            "crashes": 0,
            "planned_at": self.session.started_ms,
        }

    def _key(self, name: str | None) -> Fingerprint | None:
        return None if name is None else self.session.digest(self.tenant_id, KEY, name)

    def _external(self, wish: Wish) -> Fingerprint | None:
        if wish.action is not Action.CREATE:
            return None
        return external_key(self.session, self.tenant_id, external_id(wish.person_id, self.config))

    def _match(self, wish: Wish) -> Fingerprint | None:
        """Fingerprint the value by which an account of this person would be recognised."""
        if wish.action is not Action.CREATE or wish.after is None:
            return None
        return rule_key(self.session, self.tenant_id, self.config.match_rules, 0, wish.after)


def plan(
    session: Session,
    tenant_id: TenantId,
    run_id: RunId,
    wishes: Sequence[tuple[ChangeId, Wish]],
    config: ConfigVersion,
    snapshots: Mapping[PersonId, bytes],
) -> int:
    """Insert planned rows and tell how many, but none that is there already or decided against."""
    if not wishes:
        return 0
    made = _plan(session, tenant_id, run_id, config)
    decided = matching(session, tenant_id, wishes, made.config) if any_live(session, tenant_id) else {}
    rows = [
        made.row(change_id, wish, snapshots.get(wish.person_id, b""))
        for change_id, wish in wishes
        if change_id not in decided
    ]
    return _insert(session, rows)


def insert(
    session: Session,
    tenant_id: TenantId,
    run_id: RunId,
    change_id: ChangeId,
    planned: Planned,
    config: ConfigVersion,
) -> bool:
    """Insert a planned row made by concluding, unless the person has an open row of that aspect."""
    tenants_turn(session, tenant_id)
    wish = planned.wish
    for states in (OPEN, {ChangeState.WORKING}):
        same = select(CHANGES.c.change_id).where(
            CHANGES.c.tenant_id == tenant_id,
            CHANGES.c.person_id == wish.person_id,
            CHANGES.c.aspect == wish.aspect.value,
            within(CHANGES, states),
        )
        if session.connection.scalar(same):
            return False
    snapshot = SqlPeople(session).digests(tenant_id, [wish.person_id]).get(wish.person_id, b"")
    row = _plan(session, tenant_id, run_id, config).row(change_id, wish, snapshot, planned.blocked_on)
    return _insert(session, [row]) == 1


def turn_into_link(
    session: Session,
    tenant_id: TenantId,
    change_id: ChangeId,
    account: Account,
    after: Mapping[str, Scalar] | None,
    evidence: Mapping[str, Scalar] | None,
) -> None:
    """Make a planned create a planned link to this account.

    The row keeps the fingerprint of the wish that made it: the next plan wishes for a create again, and must
    find that the same is already under way, or was refused.
    """
    here = (
        CHANGES.c.tenant_id == tenant_id,
        CHANGES.c.change_id == change_id,
        within(CHANGES, {ChangeState.PLANNED}),
        CHANGES.c.action.in_([Action.CREATE.value, Action.LINK.value]),
    )
    row = session.connection.execute(select(CHANGES).where(*here)).one_or_none()
    if row is None:
        return
    before: dict[str, Scalar] = dict(account.values)
    content = open_content(session, row)
    shown = {**content.get("evidence", {}), **(evidence or {})}
    session.connection.execute(
        update(CHANGES)
        .where(*here)
        .values(
            action=Action.LINK.value,
            lane=LANE_OF[Action.LINK].value,
            account_id=account.account_id,
            sealed=seal_content(
                session,
                tenant_id,
                change_id,
                before,
                content.get("after") if after is None else after,
                shown or None,
            ),
        )
    )


def queue_for(session: Session, tenant_id: TenantId, run_id: RunId) -> Queue:
    """Tell on which queue a run's rows travel: people and approvals do not stand behind a whole company."""
    kind = session.connection.scalar(*_kind(tenant_id, run_id))
    return Queue.URGENT if kind in AHEAD else Queue.RECONCILE


@built_once
def _kind(tenant_id: TenantId, run_id: RunId) -> Select[str]:
    return select(RUNS.c.kind).where(RUNS.c.tenant_id == tenant_id, RUNS.c.run_id == run_id)


def _plan(session: Session, tenant_id: TenantId, run_id: RunId, version: ConfigVersion) -> Plan:
    queue = queue_for(session, tenant_id, run_id)
    return Plan(session, tenant_id, run_id, configuration_of(session, tenant_id, version), queue)


def _insert(session: Session, rows: Sequence[Mapping[str, object]]) -> int:
    if not rows:
        return 0
    return touched(session.connection, insert_new(session.connection, CHANGES), rows)
