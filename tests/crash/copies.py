"""Keep what a database holds at one moment, and bring it back any number of times."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sqlalchemy import Engine, Table, create_engine, select
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from adapters.database.session import METADATA

Rows = Sequence[tuple[Table, Sequence[Mapping[str, object]]]]
Copy = bytes | Rows


class Shelf(Protocol):
    """Keep copies of one database, to which nobody is connected meanwhile."""

    def keep(self) -> Copy:
        """Copy everything."""
        ...

    def bring_back(self, kept: Copy) -> None:
        """Hold exactly what was copied."""
        ...


def shelf_of(url: str) -> Shelf:
    """Choose how a database is copied."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        return FileShelf(Path(str(address.database)))
    return RowShelf(create_engine(url, poolclass=NullPool))


@dataclass(frozen=True, slots=True)
class FileShelf:
    """Copy the file of an SQLite store; whoever died left a journal beside it."""

    path: Path

    def keep(self) -> Copy:
        """Read the file, which is whole where the last process closed its connections."""
        assert not self._journal("-wal").exists(), "somebody is connected, or died"
        return self.path.read_bytes()

    def bring_back(self, kept: Copy) -> None:
        """Write the file, and forget the journal of another time."""
        assert isinstance(kept, bytes)
        for name in ("-wal", "-shm"):
            self._journal(name).unlink(missing_ok=True)
        self.path.write_bytes(kept)

    def _journal(self, name: str) -> Path:
        return self.path.with_name(self.path.name + name)


@dataclass(frozen=True, slots=True)
class RowShelf:
    """Copy the rows of all tables: for a small company that is quicker than copying a database."""

    engine: Engine

    def keep(self) -> Copy:
        """Read all rows."""
        with self.engine.connect() as connection:
            return [
                (table, [dict(row) for row in connection.execute(select(table)).mappings()])
                for table in METADATA.sorted_tables
            ]

    def bring_back(self, kept: Copy) -> None:
        """Replace all rows, in an order that no reference minds."""
        assert not isinstance(kept, bytes)
        with self.engine.begin() as connection:
            for table, _ in reversed(kept):
                connection.execute(table.delete())
            for table, rows in kept:
                if rows:
                    connection.execute(table.insert(), rows)
