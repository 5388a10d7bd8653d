"""Who belongs to which legal entity, office and department, as fingerprints; and what these are called."""

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, Update, func, select
from sqlalchemy.dialects.postgresql import Insert

from adapters.database.changes_moves import into, within
from adapters.database.changes_rows import AnyRow
from adapters.database.readings import people_on_pages
from adapters.database.session import Session
from adapters.database.statements import built_once, insert_for, touched
from adapters.database.tables_absences import ABSENCES, UNITS, UNITS_OF_PEOPLE
from adapters.database.tables_changes import CHANGES
from adapters.database.units_missing import count_missing
from adapters.database.values import open_known, seal_values
from domain.changes import Action, ChangeState
from domain.codes import Code
from domain.employee import Reference
from domain.ids import ChangeId, PersonId, RunId, TenantId
from domain.units import FEWEST, UnitKind, Units, VanishedUnit

COLUMNS: Mapping[UnitKind, str] = {
    UnitKind.ENTITY: "entity",
    UnitKind.OFFICE: "office",
    UnitKind.DEPARTMENT: "department",
}
NONE = b""
"""The mark of somebody who is told to be in no unit of a kind."""

Marks = dict[str, bytes | None]


def note_units(session: Session, tenant_id: TenantId, told: Mapping[PersonId, Units], asked_ms: int) -> None:
    """Store the marks of people whose units are not those that are stored, and the names of these units."""
    known = _known(session, tenant_id, list(told))
    fresh = _Marker(session, tenant_id)
    rows: list[dict[str, object]] = []
    for person_id, units in told.items():
        marks = fresh.marks(units)
        before = known.get(person_id)
        if any(mark is not None and (before is None or before[name] != mark) for name, mark in marks.items()):
            fresh.name(units)
            rows.append({"tenant_id": tenant_id, "person_id": person_id, "asked_at": asked_ms, **marks})
    if rows:
        dialect = session.connection.dialect.name
        session.connection.execute(_upsert_people(dialect), rows)
        if named := fresh.rows():
            session.connection.execute(_upsert_units(dialect), named)


class _Marker:
    """Fingerprint the units of one page, each once."""

    def __init__(self, session: Session, tenant_id: TenantId) -> None:
        self._session = session
        self._tenant_id = tenant_id
        self._marks: dict[tuple[UnitKind, str], bytes] = {}
        self._named: dict[tuple[UnitKind, bytes], str] = {}

    def marks(self, units: Units) -> Marks:
        """Give the mark of each kind; None where nothing is told."""
        return {name: self._of(kind, units) for kind, name in COLUMNS.items()}

    def name(self, units: Units) -> None:
        """Remember what these units are called."""
        for kind, unit in units.items():
            if unit is not None:
                self._named[kind, self._mark(kind, unit)] = unit.name

    def rows(self) -> list[dict[str, object]]:
        """Write the names that were remembered, sealed."""
        return [
            {"tenant_id": self._tenant_id, "kind": kind.value, "mark": mark, "sealed": self._seal(mark, name)}
            for (kind, mark), name in self._named.items()
        ]

    def _of(self, kind: UnitKind, units: Units) -> bytes | None:
        if kind not in units:
            return None
        unit = units[kind]
        return NONE if unit is None else self._mark(kind, unit)

    def _mark(self, kind: UnitKind, unit: Reference) -> bytes:
        key = (kind, unit.id)
        if key not in self._marks:
            self._marks[key] = self._session.digest(self._tenant_id, "unit", f"{kind}|{unit.id}")
        return self._marks[key]

    def _seal(self, mark: bytes, name: str) -> bytes:
        return seal_values(self._session, self._tenant_id, _field(mark), {"name": name})


def vanished(session: Session, tenant_id: TenantId, run_id: RunId) -> Sequence[VanishedUnit]:
    """List units that would lose somebody for absence, and of which nobody came in this run."""
    found: list[VanishedUnit] = []
    for kind, name in COLUMNS.items():
        losing = _losing(session, tenant_id, run_id, name)
        here = _seen(session, tenant_id, run_id, UNITS_OF_PEOPLE.c[name], list(losing)) if losing else set()
        for mark, rows in losing.items():
            people = 0 if mark in here else count_missing(session, tenant_id, name, mark, rows)
            if people >= FEWEST:
                ids = tuple(ChangeId(row.change_id) for row in rows)
                found.append(VanishedUnit(kind, _called(session, tenant_id, kind, mark), people, ids))
    return found


def _known(session: Session, tenant_id: TenantId, people: Sequence[PersonId]) -> dict[PersonId, Marks]:
    rows = session.connection.execute(*_marks_of(tenant_id, people))
    return {
        PersonId(row[0]): {
            name: None if mark is None else bytes(mark)
            for name, mark in zip(COLUMNS.values(), row[1:], strict=True)
        }
        for row in rows
    }


@built_once
def _marks_of(tenant_id: TenantId, people: Sequence[PersonId]) -> Select[Any]:
    columns = [UNITS_OF_PEOPLE.c[name] for name in COLUMNS.values()]
    here = (UNITS_OF_PEOPLE.c.tenant_id == tenant_id, UNITS_OF_PEOPLE.c.person_id.in_(people))
    return select(UNITS_OF_PEOPLE.c.person_id, *columns).where(*here)


def _losing(session: Session, tenant_id: TenantId, run_id: RunId, name: str) -> dict[bytes, list[AnyRow]]:
    """Group the rows that would remove somebody for absence by the unit that the person belongs to."""
    grouped: dict[bytes, list[AnyRow]] = {}
    for row in session.connection.execute(*_removals(tenant_id, run_id, name=name)):
        grouped.setdefault(bytes(row.mark), []).append(row)
    return grouped


@built_once
def _removals(tenant_id: TenantId, run_id: RunId, *, name: str) -> Select[Any]:
    column = UNITS_OF_PEOPLE.c[name]
    return (
        select(CHANGES.c.change_id, CHANGES.c.person_id, ABSENCES.c.since, column.label("mark"))
        .join(
            UNITS_OF_PEOPLE,
            (UNITS_OF_PEOPLE.c.tenant_id == CHANGES.c.tenant_id)
            & (UNITS_OF_PEOPLE.c.person_id == CHANGES.c.person_id),
        )
        .join(
            ABSENCES,
            (ABSENCES.c.tenant_id == CHANGES.c.tenant_id) & (ABSENCES.c.person_id == CHANGES.c.person_id),
        )
        .where(*_removing(tenant_id, run_id), func.length(column) > 0)
        .order_by(CHANGES.c.change_id)
    )


def planned(session: Session, tenant_id: TenantId, run_id: RunId) -> Sequence[ChangeId]:
    """List rows that would close an account for absence."""
    asked = select(CHANGES.c.change_id).where(*_removing(tenant_id, run_id)).order_by(CHANGES.c.change_id)
    return [ChangeId(each) for each in session.connection.scalars(asked)]


def take_back(session: Session, tenant_id: TenantId, run_id: RunId, still: Collection[PersonId]) -> int:
    """Drop planned rows that would close an account for absence, but for these people."""
    return touched(session.connection, *_taken_back(tenant_id, run_id, sorted(still), session.started_ms))


@built_once
def _taken_back(tenant_id: TenantId, run_id: RunId, still: Sequence[str], now: int) -> Update:
    move = into(tenant_id, ChangeState.DROPPED, {ChangeState.PLANNED})
    move = move.where(*_removing(tenant_id, run_id), CHANGES.c.person_id.not_in(still))
    return move.values(detail="asked once more: not proven gone any more", settled_at=now)


def _removing(tenant_id: TenantId, run_id: RunId) -> tuple[ColumnElement[bool], ...]:
    """Say that a row of this run would close an account for absence."""
    return (
        CHANGES.c.tenant_id == tenant_id,
        CHANGES.c.run_id == run_id,
        within(CHANGES, {ChangeState.PLANNED}),
        CHANGES.c.action == Action.DEACTIVATE.value,
        CHANGES.c.cause == Code.PERSON_NOT_SEEN.value,
    )


def _seen(
    session: Session, tenant_id: TenantId, run_id: RunId, column: ColumnElement[Any], marks: Sequence[bytes]
) -> set[bytes]:
    """Tell which of these units somebody on a page of the run belongs to."""
    came = people_on_pages(session.connection.dialect.name, tenant_id, run_id)
    asked = select(column).where(
        UNITS_OF_PEOPLE.c.tenant_id == tenant_id,
        column.in_(marks),
        UNITS_OF_PEOPLE.c.person_id.in_(came),
    )
    return {bytes(mark) for mark in session.connection.scalars(asked.distinct())}


def _called(session: Session, tenant_id: TenantId, kind: UnitKind, mark: bytes) -> str:
    sealed = session.connection.scalar(
        select(UNITS.c.sealed).where(
            UNITS.c.tenant_id == tenant_id, UNITS.c.kind == kind.value, UNITS.c.mark == mark
        )
    )
    told = {} if sealed is None else open_known(session, tenant_id, _field(mark), sealed)
    return str(told.get("name") or "")


def _field(mark: bytes) -> str:
    return f"units.sealed:{mark.hex()}"


@cache
def _upsert_people(dialect: str) -> Insert:
    """Keep what is not told, and never store older news over newer."""
    insert = insert_for(dialect, UNITS_OF_PEOPLE)
    kept = {name: func.coalesce(insert.excluded[name], UNITS_OF_PEOPLE.c[name]) for name in COLUMNS.values()}
    return insert.on_conflict_do_update(
        index_elements=["tenant_id", "person_id"],
        set_={**kept, "asked_at": insert.excluded["asked_at"]},
        where=UNITS_OF_PEOPLE.c.asked_at < insert.excluded.asked_at,
    )


@cache
def _upsert_units(dialect: str) -> Insert:
    insert = insert_for(dialect, UNITS)
    return insert.on_conflict_do_update(
        index_elements=["tenant_id", "kind", "mark"], set_={"sealed": insert.excluded["sealed"]}
    )
