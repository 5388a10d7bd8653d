"""Since when somebody is missing in certified feeds; forgotten as soon as anybody sees them again."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Text, delete, exists, literal, or_, select, update

from adapters.database.changes_rows import AnyRow
from adapters.database.readings import people_on_pages
from adapters.database.runs_rows import text_of
from adapters.database.session import Session, millis, moment
from adapters.database.statements import insert_into
from adapters.database.tables import CONNECTIONS, LINKS, PEOPLE
from adapters.database.tables_absences import ABSENCES
from adapters.database.tables_runs import RUNS
from adapters.database.units import note_units, planned, vanished
from domain.absence import AbsentSince
from domain.ids import ChangeId, PersonId, RunId, TenantId
from domain.scope import Standing
from domain.units import Units, VanishedUnit

MILLISECOND = timedelta(milliseconds=1)


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
        other = or_(ABSENCES.c.config_version != run.config_version, ABSENCES.c.rights != rights)
        self._session.connection.execute(delete(ABSENCES).where(ABSENCES.c.tenant_id == tenant_id, other))
        missing = select(
            PEOPLE.c.tenant_id,
            PEOPLE.c.person_id,
            literal(run_id, Text),
            literal(run.first_page_asked_at or run.created_at, ABSENCES.c.since.type),
            literal(run.config_version, ABSENCES.c.config_version.type),
            literal(rights, ABSENCES.c.rights.type),
            literal(run.certificate, Text),
        ).where(*self._awaited(tenant_id, run_id))
        insert = insert_into(self._session.connection, ABSENCES)
        names = ["tenant_id", "person_id", "run_id", "since", "config_version", "rights", "certificate"]
        self._session.connection.execute(insert.from_select(names, missing).on_conflict_do_nothing())

    def forget_seen(self, tenant_id: TenantId, run_id: RunId) -> None:
        """Forget the absence of everybody who is on a page of this run."""
        came = people_on_pages(self._session, tenant_id, run_id)
        self._session.connection.execute(
            delete(ABSENCES).where(ABSENCES.c.tenant_id == tenant_id, ABSENCES.c.person_id.in_(came))
        )

    def earlier(self, tenant_id: TenantId, run_id: RunId, apart: timedelta) -> Sequence[AbsentSince]:
        """List people with an open account who were missing in another certified run, that much before."""
        run = self._run(tenant_id, run_id)
        asked = (
            select(ABSENCES)
            .join(
                LINKS,
                (LINKS.c.tenant_id == ABSENCES.c.tenant_id) & (LINKS.c.person_id == ABSENCES.c.person_id),
            )
            .where(
                ABSENCES.c.tenant_id == tenant_id,
                LINKS.c.active.is_(True),
                ABSENCES.c.run_id != run_id,
                ABSENCES.c.config_version == run.config_version,
                ABSENCES.c.rights == self._rights(tenant_id, run),
                ABSENCES.c.since <= (run.first_page_asked_at or run.created_at) - apart // MILLISECOND,
                ABSENCES.c.person_id.not_in(people_on_pages(self._session, tenant_id, run_id)),
            )
            .order_by(ABSENCES.c.person_id)
        )
        return [_absent(row) for row in self._session.connection.execute(asked)]

    def vanished(self, tenant_id: TenantId, run_id: RunId) -> Sequence[VanishedUnit]:
        """List units that would lose somebody for absence, and of which nobody came."""
        return vanished(self._session, tenant_id, run_id)

    def planned(self, tenant_id: TenantId, run_id: RunId) -> Sequence[ChangeId]:
        """List rows of this run that would close an account for absence."""
        return planned(self._session, tenant_id, run_id)

    def say(self, tenant_id: TenantId, run_id: RunId, words: str, unproven: int = 0) -> None:
        """Remember in words what a run concluded from absence."""
        here = (RUNS.c.tenant_id == tenant_id, RUNS.c.run_id == run_id)
        self._session.connection.execute(update(RUNS).where(*here).values(absence=words, unproven=unproven))

    def _run(self, tenant_id: TenantId, run_id: RunId) -> AnyRow:
        here = (RUNS.c.tenant_id == tenant_id, RUNS.c.run_id == run_id)
        return self._session.connection.execute(select(RUNS).where(*here)).one()

    def _rights(self, tenant_id: TenantId, run: AnyRow) -> bytes:
        """Fingerprint the credential, and which mapped attributes it could not read."""
        credential = self._session.connection.scalar(
            select(CONNECTIONS.c.credential).where(CONNECTIONS.c.tenant_id == tenant_id)
        )
        return self._session.digest(tenant_id, "rights", text_of([(credential or b"").hex(), run.blind]))

    def _awaited(self, tenant_id: TenantId, run_id: RunId) -> tuple[ColumnElement[bool], ...]:
        """Say that somebody is known, has not left, and is on no page of a run."""
        closed = (
            LINKS.c.tenant_id == PEOPLE.c.tenant_id,
            LINKS.c.person_id == PEOPLE.c.person_id,
            LINKS.c.active.is_(False),
        )
        return (
            PEOPLE.c.tenant_id == tenant_id,
            PEOPLE.c.standing != Standing.LEFT.value,
            PEOPLE.c.person_id.not_in(people_on_pages(self._session, tenant_id, run_id)),
            ~exists().where(*closed),
        )


def _absent(row: AnyRow) -> AbsentSince:
    return AbsentSince(PersonId(row.person_id), RunId(row.run_id), moment(row.since), row.certificate)
