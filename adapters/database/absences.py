"""Since when somebody is missing in certified feeds; forgotten as soon as anybody sees them again."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Delete,
    Integer,
    LargeBinary,
    Select,
    Text,
    Update,
    delete,
    exists,
    or_,
    select,
    type_coerce,
    update,
)
from sqlalchemy.dialects.postgresql import Insert

from adapters.database.changes_rows import AnyRow
from adapters.database.doubts import perhaps_open
from adapters.database.readings import people_on_pages
from adapters.database.runs_rows import text_of
from adapters.database.runs_statements import run as run_asked
from adapters.database.session import MILLISECOND, Session, millis, moment
from adapters.database.statements import built_once, insert_for
from adapters.database.tables import CONNECTIONS, LINKS, PEOPLE
from adapters.database.tables_absences import ABSENCES
from adapters.database.tables_runs import RUNS
from adapters.database.units import note_units, planned, take_back, vanished
from domain.absence import AbsentSince
from domain.codes import Code
from domain.ids import ChangeId, ConfigVersion, PersonId, RunId, TenantId
from domain.scope import Standing
from domain.units import Units, VanishedUnit


class SqlAbsences:
    """Keep absences and units; `domain.ports_absences.Absences` says what each method promises."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def note_units(self, tenant_id: TenantId, told: Mapping[PersonId, Units], asked_at: datetime) -> None:
        """Remember people's units, each only over older news."""
        note_units(self._session, tenant_id, told, millis(asked_at))

    def note(self, tenant_id: TenantId, run_id: RunId) -> None:
        """Remember who of the known people a certified run lacks."""
        run = self._run(tenant_id, run_id)
        rights = self._rights(tenant_id, run)
        self._session.connection.execute(*_under_other_rights(tenant_id, run.config_version, rights))
        since = run.first_page_asked_at or run.created_at
        told = (since, run.config_version, rights, run.certificate)
        dialect = self._session.connection.dialect.name
        self._session.connection.execute(*_missing(tenant_id, run_id, *told, dialect=dialect))

    def forget_seen(self, tenant_id: TenantId, run_id: RunId) -> None:
        """Forget the absence of everybody who is on a page of this run."""
        dialect = self._session.connection.dialect.name
        self._session.connection.execute(*_seen(tenant_id, run_id, dialect=dialect))

    def earlier(self, tenant_id: TenantId, run_id: RunId, apart: timedelta) -> Sequence[AbsentSince]:
        """List people whose account is or may be open, missing in another certified run that much before."""
        run = self._run(tenant_id, run_id)
        since = (run.first_page_asked_at or run.created_at) - apart // MILLISECOND
        told = (run.config_version, self._rights(tenant_id, run), since)
        asked = _missing_before(tenant_id, run_id, *told, dialect=self._session.connection.dialect.name)
        return [_absent(row) for row in self._session.connection.execute(*asked)]

    def vanished(self, tenant_id: TenantId, run_id: RunId) -> Sequence[VanishedUnit]:
        """List units that would lose somebody for absence, and of which nobody came."""
        return vanished(self._session, tenant_id, run_id)

    def planned(self, tenant_id: TenantId, run_id: RunId) -> Sequence[ChangeId]:
        """List rows of this run that would close an account for absence."""
        return planned(self._session, tenant_id, run_id)

    def take_back(self, tenant_id: TenantId, run_id: RunId, still: Collection[PersonId]) -> int:
        """Drop planned closings for absence of everybody who is not proven gone any more."""
        return take_back(self._session, tenant_id, run_id, still)

    def missing(self, tenant_id: TenantId, people: Collection[PersonId]) -> frozenset[PersonId]:
        """Find those of these people whom a certified run lacked, and nobody saw since."""
        theirs = (ABSENCES.c.tenant_id == tenant_id, ABSENCES.c.person_id.in_(sorted(people)))
        found = self._session.connection.scalars(select(ABSENCES.c.person_id).where(*theirs))
        return frozenset(PersonId(each) for each in found)

    def say(
        self, tenant_id: TenantId, run_id: RunId, words: str, unproven: int = 0, why: Code | None = None
    ) -> None:
        """Remember in words what a run concluded from absence."""
        named = None if why is None else why.value
        self._session.connection.execute(
            *_said(tenant_id, run_id, words, unproven, named, self._session.started_ms)
        )

    def _run(self, tenant_id: TenantId, run_id: RunId) -> AnyRow:
        return self._session.connection.execute(*run_asked(tenant_id, run_id)).one()

    def _rights(self, tenant_id: TenantId, run: AnyRow) -> bytes:
        """Fingerprint the credential, and which mapped attributes it could not read."""
        credential = self._session.connection.scalar(*_credential(tenant_id))
        return self._session.digest(tenant_id, "rights", text_of([(credential or b"").hex(), run.blind]))


@built_once
def _under_other_rights(tenant_id: TenantId, version: ConfigVersion, rights: bytes) -> Delete:
    other = or_(ABSENCES.c.config_version != version, ABSENCES.c.rights != rights)
    return delete(ABSENCES).where(ABSENCES.c.tenant_id == tenant_id, other)


@built_once
def _missing(
    tenant_id: TenantId,
    run_id: RunId,
    since: int,
    version: ConfigVersion,
    rights: bytes,
    certificate: str,
    *,
    dialect: str,
) -> Insert:
    """Note whom of the known people this run lacks."""
    told = {
        "run_id": type_coerce(run_id, Text),
        "since": type_coerce(since, BigInteger),
        "config_version": type_coerce(version, Integer),
        "rights": type_coerce(rights, LargeBinary),
        "certificate": type_coerce(certificate, Text),
    }
    awaited = _awaited(tenant_id, run_id, dialect)
    missing = select(PEOPLE.c.tenant_id, PEOPLE.c.person_id, *told.values()).where(*awaited)
    insert = insert_for(dialect, ABSENCES).from_select(["tenant_id", "person_id", *told], missing)
    return insert.on_conflict_do_nothing()


@built_once
def _seen(tenant_id: TenantId, run_id: RunId, *, dialect: str) -> Delete:
    came = people_on_pages(dialect, tenant_id, run_id)
    return delete(ABSENCES).where(ABSENCES.c.tenant_id == tenant_id, ABSENCES.c.person_id.in_(came))


@built_once
def _missing_before(
    tenant_id: TenantId, run_id: RunId, version: ConfigVersion, rights: bytes, since: int, *, dialect: str
) -> Select[Any]:
    linked = (LINKS.c.tenant_id == ABSENCES.c.tenant_id) & (LINKS.c.person_id == ABSENCES.c.person_id)
    missing = (
        ABSENCES.c.tenant_id == tenant_id,
        perhaps_open(),
        ABSENCES.c.run_id != run_id,
        ABSENCES.c.config_version == version,
        ABSENCES.c.rights == rights,
        ABSENCES.c.since <= since,
        ABSENCES.c.person_id.not_in(people_on_pages(dialect, tenant_id, run_id)),
    )
    return select(ABSENCES).join(LINKS, linked).where(*missing).order_by(ABSENCES.c.person_id)


@built_once
def _said(tenant_id: TenantId, run_id: RunId, words: str, unproven: int, why: str | None, now: int) -> Update:
    here = (RUNS.c.tenant_id == tenant_id, RUNS.c.run_id == run_id)
    return (
        update(RUNS).where(*here).values(absence=words, absence_at=now, unproven=unproven, unproven_why=why)
    )


@built_once
def _credential(tenant_id: TenantId) -> Select[bytes]:
    return select(CONNECTIONS.c.credential).where(CONNECTIONS.c.tenant_id == tenant_id)


def _awaited(tenant_id: TenantId, run_id: RunId, dialect: str) -> tuple[ColumnElement[bool], ...]:
    """Say that somebody is known, has not left, and is on no page of a run."""
    closed = (
        LINKS.c.tenant_id == PEOPLE.c.tenant_id,
        LINKS.c.person_id == PEOPLE.c.person_id,
        ~perhaps_open(),
    )
    return (
        PEOPLE.c.tenant_id == tenant_id,
        PEOPLE.c.standing != Standing.LEFT.value,
        PEOPLE.c.person_id.not_in(people_on_pages(dialect, tenant_id, run_id)),
        ~exists().where(*closed),
    )


def _absent(row: AnyRow) -> AbsentSince:
    return AbsentSince(PersonId(row.person_id), RunId(row.run_id), moment(row.since), row.certificate)
