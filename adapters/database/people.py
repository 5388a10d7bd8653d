"""Who was seen, where they stand, and a sealed snapshot of those in scope."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, delete, exists, or_, select, union
from sqlalchemy.dialects.postgresql import Insert

from adapters.database.session import Session, millis
from adapters.database.statements import built_once, insert_for
from adapters.database.tables import CONFIGURATIONS, LINKS, PEOPLE, PEOPLE_PROPOSED
from adapters.database.tables_runs import RUNS
from adapters.database.values import open_known, seal_values
from domain.account import Scalar
from domain.codes import Code
from domain.ids import PersonId, RunId, TenantId
from domain.mapping import same_key
from domain.records import Known, Seen
from domain.scope import Standing

KEY = "key"
"""The purpose of fingerprints of unique names, on people and links alike."""

NEWS = ("digest", "standing", "why", "detail", "warning", "sealed", "supervisor", "key", "asked_at", "run_id")
"""Columns that a newer reading replaces; where and when a person came first stays."""


class SqlPeople:
    """Keep people; those out of scope without any value."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def known(self, tenant_id: TenantId, people: Sequence[PersonId]) -> Mapping[PersonId, Known]:
        """Return what we knew of these people, in one query."""
        rows = self._session.connection.execute(*_known(tenant_id, people))
        return {PersonId(row[0]): Known(row[1], Standing(row[2])) for row in rows}

    def put(
        self,
        tenant_id: TenantId,
        run_id: RunId,
        seen: Sequence[Seen],
        asked_at: datetime,
        *,
        proposed: bool = False,
    ) -> None:
        """Store people, each only over a snapshot whose request was sent earlier; or lay them aside."""
        if not seen:
            return
        path, at = self._unique_path(tenant_id, run_id), millis(asked_at)
        rows = [self._row(tenant_id, run_id, person, path, at) for person in seen]
        upsert = _upsert(self._session.connection.dialect.name, proposed=proposed)
        self._session.connection.execute(upsert, rows)

    def snapshot(self, tenant_id: TenantId, person_id: PersonId) -> Seen | None:
        """Return what is stored of one person, opened."""
        row = self._session.connection.execute(
            select(PEOPLE).where(PEOPLE.c.tenant_id == tenant_id, PEOPLE.c.person_id == person_id)
        ).one_or_none()
        return self._seen(tenant_id, row) if row else None

    def snapshots(self, tenant_id: TenantId, people: Sequence[PersonId]) -> Mapping[PersonId, Seen]:
        """Return what is stored of these people, opened."""
        if not people:
            return {}
        rows = self._session.connection.execute(*_snapshots(tenant_id, people))
        return {PersonId(row.person_id): self._seen(tenant_id, row) for row in rows}

    def digests(self, tenant_id: TenantId, people: Sequence[PersonId]) -> Mapping[PersonId, bytes]:
        """Return the digest of each person's newest snapshot."""
        rows = self._session.connection.execute(*_known(tenant_id, people))
        return {PersonId(row[0]): row[1] for row in rows}

    def troubled_by(self, tenant_id: TenantId, codes: Sequence[Code]) -> frozenset[Code]:
        """Tell which of these causes is the reason or the warning of at least one person."""
        found = set()
        for code in codes:
            says = or_(PEOPLE.c.why == code.value, PEOPLE.c.warning == code.value)
            asked = select(PEOPLE.c.person_id).where(PEOPLE.c.tenant_id == tenant_id, says).limit(1)
            found |= {code} if self._session.connection.scalar(asked) is not None else set()
        return frozenset(found)

    def lacking(self, tenant_id: TenantId, code: Code) -> Sequence[str]:
        """Name the attributes that somebody lacks who is skipped for this cause, as sources, sorted."""
        asked = select(PEOPLE.c.detail).where(PEOPLE.c.tenant_id == tenant_id, PEOPLE.c.why == code.value)
        found = self._session.connection.scalars(asked.distinct())
        return sorted({key for detail in found for key in detail.split(", ") if key})

    def search(self, tenant_id: TenantId, text: str) -> Sequence[PersonId]:
        """Find people by Personio id, or by the exact unique name that they have or whose account has it."""
        if not text.isprintable():
            return []  # no id and no name; PostgreSQL would refuse to compare some of these
        key = self._session.digest(tenant_id, KEY, same_key(text))
        mine = select(PEOPLE.c.person_id).where(PEOPLE.c.tenant_id == tenant_id)
        by_id, by_name = mine.where(PEOPLE.c.person_id == text.strip()), mine.where(PEOPLE.c.key == key)
        linked = select(LINKS.c.person_id).where(LINKS.c.tenant_id == tenant_id, LINKS.c.key == key)
        found = self._session.connection.scalars(union(by_id, by_name, linked))
        return sorted(PersonId(person_id) for person_id in found)

    def _unique_path(self, tenant_id: TenantId, run_id: RunId) -> str | None:
        """Ask which path names people, in the configuration that this run uses."""
        return self._session.connection.scalar(*_unique_path(tenant_id, run_id))

    def _row(
        self, tenant_id: TenantId, run_id: RunId, seen: Seen, path: str | None, at: int
    ) -> dict[str, object]:
        return {
            "tenant_id": tenant_id,
            "person_id": seen.person_id,
            "digest": seen.digest,
            "standing": seen.standing.value,
            "why": seen.why,
            "detail": seen.detail,
            "warning": seen.warning,
            "sealed": self._sealed(tenant_id, seen.person_id, seen.values),
            "supervisor": seen.supervisor,
            "key": self._key(tenant_id, seen.values, path),
            "asked_at": at,
            "run_id": run_id,
            "first_run_id": run_id,
            "first_asked_at": at,
        }

    def _sealed(
        self, tenant_id: TenantId, person_id: PersonId, values: Mapping[str, Scalar] | None
    ) -> bytes | None:
        return None if values is None else seal_values(self._session, tenant_id, field(person_id), values)

    def _opened(
        self, tenant_id: TenantId, person_id: PersonId, sealed: bytes | None
    ) -> Mapping[str, Scalar] | None:
        return None if sealed is None else open_known(self._session, tenant_id, field(person_id), sealed)

    def _key(
        self, tenant_id: TenantId, values: Mapping[str, Scalar] | None, path: str | None
    ) -> bytes | None:
        name = values.get(path) if values and path else None
        if not isinstance(name, str) or not name:
            return None
        return self._session.digest(tenant_id, KEY, same_key(name))

    def _seen(self, tenant_id: TenantId, row: Row[Any]) -> Seen:
        person_id = PersonId(row.person_id)
        return Seen(
            person_id=person_id,
            digest=row.digest,
            standing=Standing(row.standing),
            why=Code(row.why) if row.why else None,
            detail=row.detail,
            warning=Code(row.warning) if row.warning else None,
            values=self._opened(tenant_id, person_id, row.sealed),
            supervisor=PersonId(row.supervisor) if row.supervisor else None,
        )


@built_once
def _known(tenant_id: TenantId, people: Sequence[PersonId]) -> Select[str, bytes, str]:
    here = (PEOPLE.c.tenant_id == tenant_id, PEOPLE.c.person_id.in_(people))
    return select(PEOPLE.c.person_id, PEOPLE.c.digest, PEOPLE.c.standing).where(*here)


@built_once
def _snapshots(tenant_id: TenantId, people: Sequence[PersonId]) -> Select[Any]:
    return select(PEOPLE).where(PEOPLE.c.tenant_id == tenant_id, PEOPLE.c.person_id.in_(people))


@built_once
def _unique_path(tenant_id: TenantId, run_id: RunId) -> Select[str]:
    this = (RUNS.c.tenant_id == tenant_id) & (RUNS.c.run_id == run_id)
    used = (CONFIGURATIONS.c.tenant_id == tenant_id, CONFIGURATIONS.c.version == RUNS.c.config_version)
    return select(CONFIGURATIONS.c.unique_path).join(RUNS, this).where(*used)


def forget_newcomers(session: Session, tenant_id: TenantId, run_id: RunId) -> None:
    """Forget whom only this run saw, because it failed: they may be another company's people.

    Known people are counted on to come again; strangers never would. Who is ours is read anew.
    """
    linked = exists().where(LINKS.c.tenant_id == PEOPLE.c.tenant_id, LINKS.c.person_id == PEOPLE.c.person_id)
    session.connection.execute(
        delete(PEOPLE).where(
            PEOPLE.c.tenant_id == tenant_id,
            PEOPLE.c.first_run_id == run_id,
            PEOPLE.c.run_id == run_id,
            ~linked,
        )
    )


@cache
def _upsert(dialect: str, *, proposed: bool) -> Insert:
    """Build the statement once: naming fourteen columns for every page costs more than running it."""
    table = PEOPLE_PROPOSED if proposed else PEOPLE
    insert = insert_for(dialect, table)
    return insert.on_conflict_do_update(
        index_elements=["tenant_id", "person_id"],
        set_={name: insert.excluded[name] for name in NEWS},
        where=table.c.asked_at < insert.excluded.asked_at,
    )


def field(person_id: PersonId) -> str:
    """Name the sealed values of one person, so that they open in no other row."""
    return f"people.sealed:{person_id}"
