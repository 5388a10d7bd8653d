"""The tables of tenants that rest, and of targets that do not answer."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, Text

from adapters.database.session import METADATA
from adapters.database.tables import of_tenant

SETBACKS = Table(
    "setbacks",
    METADATA,
    of_tenant(key=True),
    Column("setback_id", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("failure", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("probes", Integer, nullable=False),
    Column("due_at", BigInteger),
    Column("warned", Boolean, nullable=False),
    Column("on_trial", Boolean, nullable=False),
    Column("by_hand", Boolean, nullable=False),
    Column("announced", Boolean, nullable=False),
    Column("over", Boolean, nullable=False),
    Column("run_id", Text),
    Column("rows", Text, nullable=False),
    Column("look_at", BigInteger),
    Index("ix_setbacks_look_at", "look_at"),
)

OUTAGES = Table(
    "outages",
    METADATA,
    of_tenant(key=True),
    Column("since", BigInteger, nullable=False),
    Column("told", Boolean, nullable=False),
)
