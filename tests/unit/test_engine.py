"""A store that is being switched by somebody else is waited for; one that has no room is not."""

import sqlite3
from typing import cast

import pytest

from adapters.database.engine import use_wal


class Moody:
    """Be a connection that refuses so many times, for one reason."""

    def __init__(self, code: int, times: int) -> None:
        self._code = code
        self._left = times
        self.asked = 0

    def execute(self, statement: str) -> None:
        """Refuse, or do nothing."""
        assert statement.startswith("PRAGMA journal_mode")
        self.asked += 1
        if self._left:
            self._left -= 1
            error = sqlite3.OperationalError("refused")
            error.sqlite_errorcode = self._code
            raise error


def test_whoever_meets_another_process_that_switches_asks_until_it_is_done() -> None:
    moody = Moody(sqlite3.SQLITE_BUSY_RECOVERY, times=2)
    use_wal(cast("sqlite3.Connection", moody))
    assert moody.asked == 3


@pytest.mark.parametrize(
    "code", [sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_CANTOPEN], ids=str
)
def test_c3_a_disk_without_room_is_told_at_once(code: int) -> None:
    moody = Moody(code, times=1)
    with pytest.raises(sqlite3.OperationalError):
        use_wal(cast("sqlite3.Connection", moody))
    assert moody.asked == 1
