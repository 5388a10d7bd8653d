"""The table of lists that were shown to humans, with what they said of each."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Table, Text, text

from adapters.database.session import METADATA
from adapters.database.tables import of_tenant

OPEN_LISTS = text("state IN ('first-yes', 'shown')")

APPROVALS = Table(
    "approvals",
    METADATA,
    of_tenant(key=True),
    Column("approval_id", Text, primary_key=True),
    Column("hash", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("rows", LargeBinary, nullable=False),  # ids of changes with fingerprints, no value of anybody
    Column("shown_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("first_by", Text),
    Column("first_at", BigInteger),
    Column("second_by", Text),
    Column("settled_at", BigInteger),
    Column("run_id", Text),
    Index(
        "uq_approvals_open",
        "tenant_id",
        "hash",
        unique=True,
        sqlite_where=OPEN_LISTS,
        postgresql_where=OPEN_LISTS,
    ),
    Index("ix_approvals_end", "expires_at", sqlite_where=OPEN_LISTS, postgresql_where=OPEN_LISTS),
)
