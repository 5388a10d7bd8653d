"""The tables of runs and of the pages that they read."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from adapters.database.session import METADATA
from adapters.database.tables import FINGERPRINT, of_tenant

BUSY_FEED = text("kind = 'feed' AND phase IN ('reading', 'listing', 'concluding')")
"""A feed run that reads; the index over it allows one per tenant."""

UNDER_WAY = text("phase <> 'ended'")

RUNS = Table(
    "runs",
    METADATA,
    of_tenant(key=True),
    Column("run_id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("slot", Text, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("phase", Text, nullable=False),
    Column("plan_only", Boolean, nullable=False),
    Column("config_version", Integer, nullable=False),
    Column("person_id", Text),
    Column("created_at", BigInteger, nullable=False),
    Column("cursor", Text),
    Column("pages", Integer, nullable=False, server_default="0"),
    Column("universal", Text),
    Column("blind", Text),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("lease_token", Text),
    Column("lease_until", BigInteger),
    Column("due_at", BigInteger, nullable=False),
    Column("outcome", Text),
    Column("code", Text),
    Column("detail", Text, nullable=False, server_default=""),
    Column("certificate", Text, nullable=False, server_default=""),
    Column("absence", Text, nullable=False, server_default=""),  # what was concluded from absence, in words
    Column("absence_at", BigInteger),  # when that was concluded
    Column("unproven", Integer, nullable=False, server_default="0"),  # missing, and cannot be judged
    Column("unproven_why", Text),
    Column("ended_at", BigInteger),
    Column("first_page_asked_at", BigInteger),
    Column("source_requests", Integer, nullable=False, server_default="0"),
    Column("target_requests", Integer, nullable=False, server_default="0"),
    Column("carried", Text),  # what earlier runs planned and this one wanted just the same, as it ended
    Column("missed", Integer, nullable=False, server_default="0"),  # slots that passed before without a run
    UniqueConstraint("tenant_id", "slot"),
    Index(None, "created_at"),
    Index(None, "tenant_id", "created_at"),
    Index("uq_runs_busy_feed", "tenant_id", unique=True, sqlite_where=BUSY_FEED, postgresql_where=BUSY_FEED),
    Index("ix_runs_under_way", "phase", sqlite_where=UNDER_WAY, postgresql_where=UNDER_WAY),
)

PAGES = Table(
    "pages",
    METADATA,
    of_tenant(key=True),
    Column("run_id", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("ids", Text, nullable=False),
    Column("ids_digest", FINGERPRINT, nullable=False),
    Column("received", Integer, nullable=False),
    Column("total", Integer),
    Column("telling", Integer, nullable=False),
    Column("unchanged", Integer, nullable=False),
    Column("skipped", Text, nullable=False),
    Column("warnings", Text, nullable=False),
    Column("fills", Text, nullable=False, server_default="{}"),  # attribute: [present, filled]
    Column("next_cursor", Text),
    Column("asked_at", BigInteger, nullable=False),
    Column("again_of", Integer),  # the second look at the page with this number
    ForeignKeyConstraint(["tenant_id", "run_id"], ["runs.tenant_id", "runs.run_id"], ondelete="CASCADE"),
    Index(None, "tenant_id", "run_id", "ids_digest"),
)
