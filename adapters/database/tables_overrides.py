"""The table of what humans fixed about single people; what has ended stays as history."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Table, Text, text

from adapters.database.session import METADATA
from adapters.database.tables import of_tenant

IN_FORCE = text("ended_at IS NULL")

OVERRIDES = Table(
    "overrides",
    METADATA,
    of_tenant(key=True),
    Column("override_id", Text, primary_key=True),
    Column("person_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("reason", LargeBinary, nullable=False),  # sealed
    Column("set_by", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("until", BigInteger),
    Column("ended_at", BigInteger),
    Column("ended_by", Text),
    Index(
        "uq_overrides_in_force",
        "tenant_id",
        "person_id",
        "kind",
        "path",
        unique=True,
        sqlite_where=IN_FORCE,
        postgresql_where=IN_FORCE,
    ),
)
