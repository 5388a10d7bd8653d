"""What every table adapter is given: one connection in one transaction, the vault, and the store's time."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, MetaData

from domain.ids import RunId, TenantId
from domain.news import News
from domain.ports_world import Vault
from domain.tenant import TenantState

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""All tables of the store; Alembic and the tests read it. Migrations drop constraints by name."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Session:
    """Carry one open transaction. `started_ms` is the store's time when it began, in ms since 1970 UTC."""

    connection: Connection
    vault: Vault
    started_ms: int
    turns: dict[TenantId, TenantState] = field(default_factory=dict)
    """The tenants whose turn this transaction has, with their state: nobody else can change it meanwhile."""
    counted: set[RunId] = field(default_factory=set)
    """The runs whose plan PostgreSQL has counted in this transaction, or need not."""
    news: list[News] = field(default_factory=list)
    """What is told once this transaction has committed."""

    def now(self) -> datetime:
        """Return the store's time, the same for the whole transaction."""
        return moment(self.started_ms)

    def digest(self, tenant_id: TenantId, purpose: str, text: str) -> bytes:
        """Fingerprint a text for look-up columns (HMAC, 16 bytes)."""
        return self.vault.digest(tenant_id, purpose, text.encode("utf-8", "surrogatepass"))


def moment(ms: int) -> datetime:
    """Read a stored moment."""
    return EPOCH + timedelta(milliseconds=ms)


def millis(at: datetime) -> int:
    """Write a moment for storing: whole milliseconds since 1970 UTC."""
    return (at - EPOCH) // MILLISECOND
