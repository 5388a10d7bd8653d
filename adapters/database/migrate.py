"""Bring the tables to the newest version, in one transaction that only one process at a time can hold."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from adapters.database.migrations import NEWEST

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
OURS_ALONE = 0x5354_4146
"""Number of PostgreSQL's advisory lock for migrations; the letters STAF."""

WAIT_FOR_EVER = ("SET LOCAL lock_timeout = 0", "SET LOCAL statement_timeout = 0")


def migrate(engine: Engine) -> None:
    """Run every migration that is missing; a crash half-way leaves the tables as they were.

    Four processes may start at once: PostgreSQL lets them queue at an advisory lock, SQLite at
    BEGIN IMMEDIATE; whoever comes second finds nothing to do. Tables that are new already cost one question.
    """
    if _is_newest(engine):
        return
    from alembic import command  # noqa: PLC0415  0.2 s of a core, which most starts of a process do not need

    with engine.begin() as connection:
        _wait_for_turn(connection)
        command.upgrade(configuration(connection), "head")


def configuration(connection: Connection) -> "Config":
    """Point Alembic at our migrations and at an open transaction; there is no alembic.ini."""
    from alembic.config import Config  # noqa: PLC0415  as above

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _is_newest(engine: Engine) -> bool:
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        held = connection.execute(text("SELECT version_num FROM alembic_version")).scalars()
        return list(held) == [NEWEST]


def _wait_for_turn(connection: Connection) -> None:
    if connection.dialect.name != "postgresql":
        return
    for patience in WAIT_FOR_EVER:
        connection.execute(text(patience))
    connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": OURS_ALONE})
