"""Bring the tables to the newest version, in one transaction that only one process at a time can hold."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, text

MIGRATIONS = Path(__file__).parent / "migrations"
OURS_ALONE = 0x5354_4146
"""Number of PostgreSQL's advisory lock for migrations; the letters STAF."""

WAIT_FOR_EVER = ("SET LOCAL lock_timeout = 0", "SET LOCAL statement_timeout = 0")


def migrate(engine: Engine) -> None:
    """Run every migration that is missing; a crash half-way leaves the tables as they were.

    Four processes may start at once: PostgreSQL lets them queue at an advisory lock, SQLite at
    BEGIN IMMEDIATE; whoever comes second finds nothing to do.
    """
    with engine.begin() as connection:
        _wait_for_turn(connection)
        command.upgrade(configuration(connection), "head")


def configuration(connection: Connection) -> Config:
    """Point Alembic at our migrations and at an open transaction; there is no alembic.ini."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _wait_for_turn(connection: Connection) -> None:
    if connection.dialect.name != "postgresql":
        return
    for patience in WAIT_FOR_EVER:
        connection.execute(text(patience))
    connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": OURS_ALONE})
