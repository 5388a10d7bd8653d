"""How statements are built once and given values each time, and those that the two databases spell alike."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache, partial, wraps
from inspect import Parameter, signature
from typing import Any, ParamSpec, TypeAlias, TypeVar, cast

from sqlalchemy import (
    ColumnElement,
    Connection,
    CursorResult,
    Executable,
    Table,
    bindparam,
    false,
    literal_column,
)
from sqlalchemy.dialects.postgresql import Insert
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

Row: TypeAlias = Mapping[str, object]
KEEP_COUNT = {"preserve_rowcount": True}

P = ParamSpec("P")
S = TypeVar("S", bound=Executable)
Asked: TypeAlias = tuple[Executable, Row]
"""A statement and the values to execute it with."""


def built_once(build: Callable[P, S]) -> Callable[P, tuple[S, Row]]:
    """Build a statement at its first use only; each call returns it with the values to execute it with.

    Write the function as if the values were there: `select(RUNS).where(RUNS.c.run_id == run_id)`. It sees a
    stand-in for each, which it may hand on and compare columns with, but not look at; None is not `IS NULL`.
    What it is given by name chooses between shapes of the statement, and is seen as it is.
    """
    names = [f"given_{name}" for name, each in signature(build).parameters.items() if _is_value(each)]
    stand_ins: Any = [bindparam(name) for name in names]
    kept: Callable[..., S] = cache(partial(build, *stand_ins))

    @wraps(build)
    def asked(*values: P.args, **shape: P.kwargs) -> tuple[S, Row]:
        return kept(**shape), dict(zip(names, values, strict=True))

    return asked


def _is_value(given: Parameter) -> bool:
    """Tell a value from what chooses a shape: the latter stands behind a star."""
    return given.kind is not Parameter.KEYWORD_ONLY


def one_of(column: ColumnElement[Any], words: Collection[str]) -> ColumnElement[bool]:
    """Say «it is one of these words of ours» in literals, never in values that came from outside.

    Only so does SQLite see that a partial index serves; and a list of values is spelled out anew each time
    that its statement is executed.
    """
    literals: list[ColumnElement[Any]] = [literal_column(f"'{word}'") for word in sorted(words)]
    if not literals:
        return false()
    return column == literals[0] if len(literals) == 1 else column.in_(literals)


def insert_into(connection: Connection, table: Table) -> Insert:
    """Start an insert that knows `on_conflict_do_nothing` and `on_conflict_do_update` on either database."""
    return insert_for(connection.dialect.name, table)


def insert_for(dialect: str, table: Table) -> Insert:
    """Start the same insert for a dialect by name, for statements that are built once and kept."""
    if dialect == "postgresql":
        return insert_postgresql(table)
    return cast("Insert", insert_sqlite(table))  # same methods; SQLAlchemy has no common type for them


def insert_new(connection: Connection, table: Table) -> Insert:
    """Return the insert that leaves alone what is there already."""
    return _insert_new(connection.dialect.name, table)


@cache
def _insert_new(dialect: str, table: Table) -> Insert:
    return insert_for(dialect, table).on_conflict_do_nothing()


def upsert_into(connection: Connection, table: Table, key: tuple[str, ...], news: tuple[str, ...]) -> Insert:
    """Return the insert that gives these columns of a row which is there already their new values."""
    return _upsert_into(connection.dialect.name, table, key, news)


@cache
def _upsert_into(dialect: str, table: Table, key: tuple[str, ...], news: tuple[str, ...]) -> Insert:
    insert = insert_for(dialect, table)
    return insert.on_conflict_do_update(
        index_elements=key, set_={name: insert.excluded[name] for name in news}
    )


def touched(connection: Connection, statement: Executable, rows: Sequence[Row] | Row | None = None) -> int:
    """Execute a statement that changes rows and tell how many it changed.

    SQLAlchemy forgets the count of inserts unless it is told to keep it.
    """
    result = cast(
        "CursorResult[Any]",
        connection.execute(statement, cast("Any", rows), execution_options=KEEP_COUNT),
    )
    return result.rowcount
