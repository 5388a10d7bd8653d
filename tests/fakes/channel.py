"""A channel that keeps what it was told, and fails by appointment."""

from collections.abc import Callable

from domain.errors import StaffettaError
from domain.notices import Notice


class FakeChannel:
    """Remember notices by id; `failures` are raised one after the other before anything is kept."""

    def __init__(self, *failures: StaffettaError, before: Callable[[], None] = lambda: None) -> None:
        self.notices: dict[str, Notice] = {}
        self.calls = 0
        self._failures = list(failures)
        self._before = before

    def deliver(self, notice: Notice) -> None:
        self.calls += 1
        self._before()
        if self._failures:
            raise self._failures.pop(0)
        self.notices.setdefault(notice.notice_id, notice)
