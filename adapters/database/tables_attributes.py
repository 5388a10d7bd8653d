"""The tables of attributes: what each is called, what is normal for it, and what was lost by which run."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, Text

from adapters.database.session import METADATA
from adapters.database.tables import of_tenant

ATTRIBUTES = Table(
    "attributes",
    METADATA,
    of_tenant(key=True),
    Column("key", Text, primary_key=True),
    Column("label", Text, nullable=False),
    Column("universal_id", Text),
    Column("counted", Boolean, nullable=False),  # False: only its label is known
    Column("people", Integer, nullable=False),
    Column("present", Integer, nullable=False),
    Column("filled", Integer, nullable=False),
    Column("run_id", Text),
    Column("counted_at", BigInteger),
)

ATTRIBUTE_LOSSES = Table(
    "attribute_losses",
    METADATA,
    of_tenant(key=True),
    Column("run_id", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("how", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("before", Integer, nullable=False),
    Column("now", Integer, nullable=False),
    Column("standing", Boolean, nullable=False),  # what the newest feed run lost and nobody accepted
    Column("at", BigInteger, nullable=False),
    Column("accepted_by", Text),
    Column("accepted_at", BigInteger),
    Index(None, "tenant_id", "standing"),
)
