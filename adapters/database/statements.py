"""The statements that SQLite and PostgreSQL spell alike but SQLAlchemy keeps apart."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, cast

from sqlalchemy import Connection, CursorResult, Executable, Table
from sqlalchemy.dialects.postgresql import Insert
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

Row: TypeAlias = Mapping[str, object]
KEEP_COUNT = {"preserve_rowcount": True}


def insert_into(connection: Connection, table: Table) -> Insert:
    """Start an insert that knows `on_conflict_do_nothing` and `on_conflict_do_update` on either database."""
    return insert_for(connection.dialect.name, table)


def insert_for(dialect: str, table: Table) -> Insert:
    """Start the same insert for a dialect by name, for statements that are built once and kept."""
    if dialect == "postgresql":
        return insert_postgresql(table)
    return cast("Insert", insert_sqlite(table))  # same methods; SQLAlchemy has no common type for them


def touched(connection: Connection, statement: Executable, rows: Sequence[Row] | Row | None = None) -> int:
    """Execute a statement that changes rows and tell how many it changed.

    SQLAlchemy forgets the count of inserts unless it is told to keep it.
    """
    result = cast(
        "CursorResult[Any]",
        connection.execute(statement, cast("Any", rows), execution_options=KEEP_COUNT),
    )
    return result.rowcount
