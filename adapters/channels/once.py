"""Remember what this process has delivered: a row whose record was lost is not told a second time by it."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

REMEMBERED = 512


class Once:
    """Remember ids of notices; one is delivered at a time, so that two threads never tell the same."""

    def __init__(self) -> None:
        self._told: deque[str] = deque(maxlen=REMEMBERED)
        self._lock = Lock()

    @contextmanager
    def first(self, notice_id: str) -> Iterator[bool]:
        """Say whether it was not delivered before; it counts as delivered when the block ends well."""
        with self._lock:
            before = notice_id in self._told
            yield not before
            if not before:
                self._told.append(notice_id)
