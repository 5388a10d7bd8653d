"""The fake, the windows of one process, and those in Redis: one contract."""

import pytest

from adapters.budgets import LocalWindows
from tests.contracts.windows_contract import WindowsContract
from tests.fakes.windows import MemoryWindows, SetTime


class TestMemoryWindows(WindowsContract):
    @pytest.fixture
    def windows(self, time: SetTime) -> MemoryWindows:
        return MemoryWindows(time)


class TestLocalWindows(WindowsContract):
    @pytest.fixture
    def windows(self, time: SetTime) -> LocalWindows:
        return LocalWindows(time.seconds)
