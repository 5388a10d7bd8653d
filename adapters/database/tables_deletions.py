"""The table of closed accounts that will be removed for good."""

from sqlalchemy import BigInteger, Column, Index, Table, Text

from adapters.database.session import METADATA
from adapters.database.tables import of_tenant

DELETIONS = Table(
    "deletions",
    METADATA,
    of_tenant(key=True),
    Column("person_id", Text, primary_key=True),
    Column("account_id", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("closed_at", BigInteger, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("run_id", Text, nullable=False),
    Column("cancelled_at", BigInteger),
    Index("ix_deletions_due", "due_at"),
)
