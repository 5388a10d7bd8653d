"""Versions of what a tenant chose: proposed ones, which no run uses by itself, and the one that counts."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import CursorResult, Row, delete, desc, func, insert, literal, select, update
from sqlalchemy.sql.dml import Update

from adapters.database.changes_moves import within
from adapters.database.configurations import read_configuration, write_configuration
from adapters.database.configurations_guards import without_names
from adapters.database.people import NEWS
from adapters.database.readings import people_on_pages
from adapters.database.session import Session, moment
from adapters.database.statements import insert_into, touched
from adapters.database.tables import CONFIGURATIONS, PEOPLE, PEOPLE_PROPOSED, TENANTS
from adapters.database.tables_changes import CHANGES
from domain.changes import Aspect, ChangeState
from domain.config import Configuration, same_rules
from domain.errors import TenantBlockedError
from domain.ids import ConfigVersion, RunId, TenantId
from domain.scope import Standing
from domain.versions import VersionRecord

VERSION = CONFIGURATIONS.c.version


class SqlVersions:
    """Keep proposals apart from what counts, and the people that a proposal's plan saw."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def propose(self, tenant_id: TenantId, config: Configuration, by: str) -> ConfigVersion:
        """Store a version that waits to be adopted; what equals the one that counts adds none."""
        return store_version(self._session, tenant_id, config, by, adopt=False)

    def adopt(self, tenant_id: TenantId, version: ConfigVersion, by: str) -> bool:
        """Let a proposed version count; False if it waits no more, or was made for another one."""
        current = lock_current(self._session, tenant_id)
        here = (*_open(tenant_id), CONFIGURATIONS.c.version == version)
        based = CONFIGURATIONS.c.based_on == (current.version if current else None)
        adopted = update(CONFIGURATIONS).where(*here, based)
        values = {"adopted_at": self._session.started_ms, "adopted_by": by}
        return touched(self._session.connection, adopted.values(values)) == 1

    def discard(self, tenant_id: TenantId) -> int:
        """Discard what is proposed, and what its plan laid aside; tells how many versions."""
        lock_current(self._session, tenant_id)
        aside = delete(PEOPLE_PROPOSED).where(PEOPLE_PROPOSED.c.tenant_id == tenant_id)
        self._session.connection.execute(aside)
        return touched(self._session.connection, _discarded(self._session, tenant_id))

    def history(self, tenant_id: TenantId) -> Sequence[VersionRecord]:
        """List all versions, oldest first."""
        asked = select(CONFIGURATIONS).where(CONFIGURATIONS.c.tenant_id == tenant_id).order_by(VERSION)
        return [_record(row) for row in self._session.connection.execute(asked)]

    def standings(self, tenant_id: TenantId, run_id: RunId) -> Mapping[Standing, int]:
        """Count where the people on a run's pages stand, by what that run laid aside or was known before."""
        aside = (
            (PEOPLE_PROPOSED.c.tenant_id == PEOPLE.c.tenant_id)
            & (PEOPLE_PROPOSED.c.person_id == PEOPLE.c.person_id)
            & (PEOPLE_PROPOSED.c.run_id == run_id)
        )
        came = people_on_pages(self._session.connection.dialect.name, tenant_id, run_id)
        seen = select(func.coalesce(PEOPLE_PROPOSED.c.standing, PEOPLE.c.standing).label("standing"))
        known = seen.select_from(PEOPLE.outerjoin(PEOPLE_PROPOSED, aside)).where(
            PEOPLE.c.tenant_id == tenant_id, PEOPLE.c.person_id.in_(came)
        )
        before = select(PEOPLE.c.person_id).where(PEOPLE.c.tenant_id == tenant_id)
        new = select(PEOPLE_PROPOSED.c.standing).where(
            PEOPLE_PROPOSED.c.tenant_id == tenant_id,
            PEOPLE_PROPOSED.c.run_id == run_id,
            PEOPLE_PROPOSED.c.person_id.not_in(before),
        )
        everybody = known.union_all(new).subquery()
        counted = select(everybody.c.standing, func.count()).group_by(everybody.c.standing)
        return {Standing(row[0]): row[1] for row in self._session.connection.execute(counted)}

    def promote(self, tenant_id: TenantId, run_id: RunId) -> int:
        """Let the people that a plan laid aside replace those known; who was read again since stays."""
        mine = (PEOPLE_PROPOSED.c.tenant_id == tenant_id, PEOPLE_PROPOSED.c.run_id == run_id)
        columns = [column.name for column in PEOPLE.columns]
        aside = select(*(PEOPLE_PROPOSED.c[name] for name in columns)).where(*mine, literal(1) == 1)
        connection = self._session.connection
        new = insert_into(connection, PEOPLE).from_select(columns, aside)
        found: CursorResult[Any] = connection.execute(
            new.on_conflict_do_update(
                index_elements=["tenant_id", "person_id"],
                set_={name: new.excluded[name] for name in NEWS},
                where=PEOPLE.c.asked_at < new.excluded.asked_at,
            )
        )
        connection.execute(_names_follow(tenant_id, run_id))
        connection.execute(delete(PEOPLE_PROPOSED).where(PEOPLE_PROPOSED.c.tenant_id == tenant_id))
        return found.rowcount


def store_version(
    session: Session, tenant_id: TenantId, config: Configuration, by: str, *, adopt: bool
) -> ConfigVersion:
    """Insert a version unless it equals the one that counts, or the proposal that waits already."""
    current, known = lock_current(session, tenant_id), without_names(session, tenant_id, config)
    content = write_configuration(known)
    digest = session.digest(tenant_id, "configuration", content)
    waiting = session.connection.execute(select(CONFIGURATIONS).where(*_open(tenant_id))).first()
    if current and current.digest == digest and current.content == content:  # a damaged one is replaced
        return ConfigVersion(current.version)
    if not adopt and waiting and waiting.digest == digest and current and waiting.based_on == current.version:
        return ConfigVersion(waiting.version)
    session.connection.execute(_discarded(session, tenant_id))
    newest = select(func.max(VERSION)).where(CONFIGURATIONS.c.tenant_id == tenant_id)
    version = (session.connection.scalar(newest) or 0) + 1
    row = {
        "tenant_id": tenant_id,
        "version": version,
        "content": content,
        "digest": digest,
        "unique_path": config.unique_path,
        "made_by": by,
        "made_at": session.started_ms,
        "rules": _rules(current, known, version),
        "based_on": current.version if current else None,
        "adopted_at": session.started_ms if adopt else None,
        "adopted_by": by if adopt else None,
    }
    session.connection.execute(insert(CONFIGURATIONS), row)
    return ConfigVersion(version)


def lock_current(session: Session, tenant_id: TenantId) -> Row[Any] | None:
    """Let nobody else change this tenant's versions meanwhile, and return the one that counts."""
    tenant = select(TENANTS.c.tenant_id).where(TENANTS.c.tenant_id == tenant_id)
    session.connection.execute(tenant.with_for_update(key_share=True))
    adopted = select(CONFIGURATIONS).where(
        CONFIGURATIONS.c.tenant_id == tenant_id, CONFIGURATIONS.c.adopted_at.is_not(None)
    )
    return session.connection.execute(adopted.order_by(desc(VERSION)).limit(1)).first()


def _rules(current: Row[Any] | None, config: Configuration, version: int) -> int:
    if current is None:
        return version
    try:
        before = read_configuration(current.content, current.version, current.rules)
    except TenantBlockedError:  # it is being replaced by one that can be read
        return version
    return before.rules_version if same_rules(before, config) else version


def _open(tenant_id: TenantId) -> tuple[Any, ...]:
    columns = CONFIGURATIONS.c
    return (columns.tenant_id == tenant_id, columns.adopted_at.is_(None), columns.discarded_at.is_(None))


def _discarded(session: Session, tenant_id: TenantId) -> Update:
    return update(CONFIGURATIONS).where(*_open(tenant_id)).values(discarded_at=session.started_ms)


def _names_follow(tenant_id: TenantId, run_id: RunId) -> Update:
    """Let proposals that free a name, which a plan made from what was known, know what is known now."""
    now = select(PEOPLE.c.digest).where(
        PEOPLE.c.tenant_id == tenant_id,
        PEOPLE.c.person_id == CHANGES.c.person_id,
        PEOPLE.c.run_id == run_id,
    )
    mine = (CHANGES.c.tenant_id == tenant_id, CHANGES.c.run_id == run_id)
    freeing = (CHANGES.c.aspect == Aspect.NAME.value, within(CHANGES, {ChangeState.PROPOSED}))
    known = now.scalar_subquery()
    return update(CHANGES).where(*mine, *freeing, known.is_not(None)).values(snapshot=known)


def _record(row: Row[Any]) -> VersionRecord:
    return VersionRecord(
        version=ConfigVersion(row.version),
        made_by=row.made_by,
        made_at=moment(row.made_at),
        based_on=None if row.based_on is None else ConfigVersion(row.based_on),
        adopted_at=None if row.adopted_at is None else moment(row.adopted_at),
        adopted_by=row.adopted_by or "",
        discarded_at=None if row.discarded_at is None else moment(row.discarded_at),
    )
