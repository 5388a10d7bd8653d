"""Windows that remember everything and count it each time: the plainest thing that keeps the rules."""

from dataclasses import dataclass, field

from domain.budget import Ask, Limits, Rule, room
from domain.ports_world import Windows


@dataclass
class SetTime:
    """A moment in milliseconds that only tests move."""

    ms: int = 1_800_000_000_000

    def seconds(self) -> float:
        """Return it in seconds, as a process's own clock would."""
        return self.ms / 1000

    def moment(self) -> int:
        """Return it as Redis would."""
        return self.ms

    def sleep(self, seconds: float) -> None:
        """Let the time pass."""
        self.ms += round(seconds * 1000)


@dataclass
class MemoryWindows(Windows):
    """Keep the moments of each name in a list."""

    time: SetTime
    left: dict[str, list[int]] = field(default_factory=dict)

    def take(self, limits: Limits, ask: Ask) -> float:
        """Count what lies within each window."""
        pause = max(self._pause(rule, ask) for rule in limits.rules(ask))
        if pause == 0:
            for name in {rule.name for rule in limits.rules(ask)}:
                self.left.setdefault(name, []).append(self.time.ms)
        return pause

    def _pause(self, rule: Rule, ask: Ask) -> float:
        span = round(rule.allowance.seconds * 1000)
        within = [moment for moment in self.left.get(rule.name, []) if moment > self.time.ms - span]
        most = room(rule.allowance, ask)
        return 0 if len(within) < most else (within[-most] + span - self.time.ms) / 1000
