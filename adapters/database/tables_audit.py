"""The tables of the audit: what humans did, and where each tenant's chain of that begins and ends."""

from sqlalchemy import BigInteger, Column, Table, Text

from adapters.database.session import METADATA
from adapters.database.tables import of_tenant

AUDIT = Table(
    "audit",
    METADATA,
    of_tenant(key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("by", Text, nullable=False),
    Column("deed", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("about_id", Text, nullable=False),
    Column("how_many", BigInteger, nullable=False),
    Column("meant", Text, nullable=False),  # fingerprint
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
)

AUDIT_CHAINS = Table(
    "audit_chains",
    METADATA,
    of_tenant(key=True),
    Column("anchor_number", BigInteger, nullable=False),
    Column("anchor_hash", Text, nullable=False),
    Column("tip_number", BigInteger, nullable=False),
    Column("tip_hash", Text, nullable=False),
    Column("seal", Text, nullable=False),
)
