"""Which Redis our doorbells rang in."""

from sqlalchemy import Select, select

from adapters.database.session import Session
from adapters.database.statements import built_once, upsert_into
from adapters.database.tables import META

EPOCH_NAME = "redis-epoch"


class SqlBells:
    """Remember the epoch; another one in Redis means that Redis was lost."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def epoch(self) -> str | None:
        """Return the epoch that the store believes in."""
        value = self._session.connection.scalar(*_epoch())
        return None if value is None else bytes(value).decode()

    def set_epoch(self, epoch: str) -> None:
        """Believe in another one."""
        upsert = upsert_into(self._session.connection, META, ("name",), ("value",))
        self._session.connection.execute(upsert, {"name": EPOCH_NAME, "value": epoch.encode()})


@built_once
def _epoch() -> Select[bytes]:
    return select(META.c.value).where(META.c.name == EPOCH_NAME)
