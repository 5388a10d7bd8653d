"""The queue of scripted misfortunes: which request is hit by what, and how often."""

from itertools import count
from typing import Annotated

import msgspec

from simulators.personio.actions import Action
from simulators.personio.reply import Ask


class Match(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which requests are meant; everything given must fit."""

    method: str | None = None
    path: str = "/v1/"
    """The beginning of the path."""
    offset: int | None = None
    """The `offset` of a list request; one that sends none has 0."""
    query: dict[str, str] = {}

    def fits(self, ask: Ask) -> bool:
        """Say whether a request is meant."""
        return (
            (self.method is None or self.method == ask.method)
            and ask.path.startswith(self.path)
            and (self.offset is None or (ask.first("offset") or "0") == str(self.offset))
            and all(ask.first(name) == value for name, value in self.query.items())
        )


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One scripted misfortune: from the nth fitting request on, so many times, then it is gone."""

    action: Action
    match: Match = Match()
    nth: Annotated[int, msgspec.Meta(ge=1)] = 1
    count: Annotated[int, msgspec.Meta(ge=1)] | None = 1
    """None means for ever."""


class _Armed:
    def __init__(self, number: int, rule: Rule) -> None:
        self.number = number
        self.rule = rule
        self.seen = 0
        self.left = rule.count


class Faults:
    """Rules in the order in which they were scripted; a request is hit by the first that is due."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._armed: list[_Armed] = []

    def script(self, rule: Rule) -> int:
        """Put a rule at the end of the queue and give its number."""
        armed = _Armed(next(self._numbers), rule)
        self._armed.append(armed)
        return armed.number

    def take(self, ask: Ask) -> Action | None:
        """Tell what happens to this request; a rule that has hit often enough disappears."""
        due: _Armed | None = None
        for armed in self._armed:
            if not armed.rule.match.fits(ask):
                continue
            armed.seen += 1
            if due is None and armed.seen >= armed.rule.nth:
                due = armed
        return self._spend(due) if due else None

    def _spend(self, armed: _Armed) -> Action:
        if armed.left is not None:
            armed.left -= 1
            if armed.left == 0:
                self._armed.remove(armed)
        return armed.rule.action

    def pending(self) -> list[dict[str, object]]:
        """List what is still to come."""
        return [{"number": armed.number, "left": armed.left, "rule": armed.rule} for armed in self._armed]

    def clear(self) -> None:
        """Forget every rule."""
        self._armed.clear()
