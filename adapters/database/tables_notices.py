"""The table of messages to humans: one row for each notice and channel, ids and moments only."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, Text, text

from adapters.database.session import METADATA

DUE = text("state = 'due'")

DISPATCHES = Table(
    "dispatches",
    METADATA,
    Column("whose", Text, primary_key=True),  # the tenant's id, or empty
    Column("tenant_id", Text, ForeignKey("tenants.tenant_id", ondelete="CASCADE")),
    Column("notice_id", Text, primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("stage", Text, nullable=False),
    Column("about", Text, nullable=False),  # an incident, or the day of a digest
    Column("audience", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("doubtful", Integer, nullable=False),  # tries that may have arrived without our knowing
    Column("made_at", BigInteger, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("lease_token", Text),
    Column("settled_at", BigInteger),
    Column("code", Text),
    Column("detail", Text, nullable=False),
    Index(None, "tenant_id", "about", "stage"),
    Index(None, "state", "made_at"),
    Index("ix_dispatches_due", "tenant_id", "due_at", sqlite_where=DUE, postgresql_where=DUE),
)
"""Without a tenant: of what concerns the installation.

A lease moves `due_at` behind its end, so that one index answers what may be taken.
"""
