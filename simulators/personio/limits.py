"""How many requests are let through, per credential and per address."""

from collections import deque

from simulators.personio.switches import Switches


class Window:
    """Let so many through in any stretch of so many seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._passed: deque[float] = deque()

    def wait(self, limit: int, now: float) -> float:
        """Tell how long until one more may pass; 0 when it may pass now."""
        while self._passed and self._passed[0] <= now - self._seconds:
            self._passed.popleft()
        if len(self._passed) < limit:
            return 0.0
        return self._passed[len(self._passed) - limit] + self._seconds - now

    def passed(self, now: float) -> None:
        """Count one that passed; those turned away are not counted."""
        self._passed.append(now)


class Limits:
    """The limits of the v1 API: per address, per credential, and for logins."""

    def __init__(self) -> None:
        self._windows: dict[tuple[str, str], Window] = {}
        self._resting: dict[str, float] = {}

    def _window(self, name: str, who: str, seconds: float) -> Window:
        return self._windows.setdefault((name, who), Window(seconds))

    def address(self, address: str, switches: Switches, now: float) -> float:
        """Ask for any v1 request; the answer is the wait in seconds, 0 for go."""
        window = self._window("address", address, 60)
        return _take(switches.rate_limits, [(window, switches.ip_per_minute)], now)

    def employees(self, client_id: str, switches: Switches, now: float) -> float:
        """Ask for one page of the employee list."""
        minute = self._window("minute", client_id, 60)
        second = self._window("second", client_id, 1)
        asked = [(minute, switches.employees_per_minute), (second, switches.employees_per_second)]
        return _take(switches.rate_limits, asked, now)

    def login(self, address: str, switches: Switches, now: float) -> float:
        """Ask for one login; going over the limit starts a rest during which every login is refused."""
        rest = self._resting.get(address, 0.0) - now
        if switches.rate_limits and rest > 0:
            return rest
        window = self._window("login", address, 60)
        if _take(switches.rate_limits, [(window, switches.logins_per_minute)], now) == 0:
            return 0.0
        self._resting[address] = now + switches.login_cool_down_seconds
        return switches.login_cool_down_seconds


def _take(switched_on: bool, asked: list[tuple[Window, int]], now: float) -> float:
    if not switched_on:
        return 0.0
    wait = max(window.wait(limit, now) for window, limit in asked)
    if wait == 0:
        for window, _ in asked:
            window.passed(now)
    return wait
