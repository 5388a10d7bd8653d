"""Agree to a write with 202 and do it later, or never, as where somebody has to approve it first."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from simulators.scim.quirks import Quirks
from simulators.scim.routes import Collection, Item, Route
from simulators.scim.store import Store
from simulators.scim.wire import Call


@dataclass(frozen=True, slots=True)
class Promised:
    """A write that was agreed to, and when it is carried out."""

    due: datetime
    call: Call
    route: Route


@dataclass(slots=True)
class Promises:
    """Hold what was agreed to and is not done yet, oldest first."""

    store: Store
    quirks: Quirks
    open: list[Promised] = field(default_factory=list)

    def take(self, call: Call, route: Route) -> bool:
        """Take a write on instead of doing it; False where it is to be done, or refused, at once."""
        switches = self.quirks.switches
        if switches.promises == "none" or not call.is_write or not self._is_there(route):
            return False
        if switches.promises == "kept":
            due = self.store.now() + timedelta(seconds=switches.promise_seconds)
            self.open.append(Promised(due, call, route))
        return True

    def due(self) -> Iterator[Promised]:
        """Give out what is to be done by now."""
        now = self.store.now()
        ready = [each for each in self.open if each.due <= now]
        self.open = [each for each in self.open if each.due > now]
        yield from ready

    def _is_there(self, route: Route) -> bool:
        if isinstance(route, Item):
            return self.store.get(route.kind, route.id) is not None
        return isinstance(route, Collection)
