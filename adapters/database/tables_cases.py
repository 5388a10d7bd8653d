"""The tables of identities in doubt: cases, further keys to recognise an account by, and former owners."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, SmallInteger, Table, Text

from adapters.database.session import METADATA
from adapters.database.tables import FINGERPRINT, of_tenant

CASES = Table(
    "cases",
    METADATA,
    of_tenant(key=True),
    Column("case_id", Text, primary_key=True),
    Column("person_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("facts", FINGERPRINT, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("run_id", Text, nullable=False),  # the newest run that found the same doubt
    Column("closed_at", BigInteger),
    Column("answer", Text),
    Column("account_id", Text),
    Column("ruled_by", Text),
    Column("ruled_at", BigInteger),
    Column("reason", LargeBinary),
    Index("uq_cases_facts", "tenant_id", "person_id", "facts", unique=True),
)

MATCH_KEYS = Table(
    "match_keys",
    METADATA,
    of_tenant(key=True),
    Column("key", FINGERPRINT, primary_key=True),
    Column("account_id", Text, primary_key=True),
)
"""Keys of listed accounts for the second and further rules; the first rule's stands on the account itself."""

FORMER_OWNERS = Table(
    "former_owners",
    METADATA,
    of_tenant(key=True),
    Column("kind", SmallInteger, primary_key=True),
    Column("mark", FINGERPRINT, primary_key=True),
    Column("person_id", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
)
"""Who lost an account (kind 1) or a unique name (kind 2), and a forgotten account's manager (kind 3)."""
