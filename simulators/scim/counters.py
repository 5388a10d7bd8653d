"""Count what was asked and what it changed, so that lost and doubled writes can be proved."""

import threading
from collections import Counter
from typing import TypeAlias

from simulators.scim.flatten import Flat, Scalar, differences
from simulators.scim.wire import WRITES, Json

Change: TypeAlias = tuple[str, str, Scalar | None]
NO_ANSWER = 0


class Counters:
    """Keep every count of one simulator; `status` 0 stands for a request that got no answer."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._in_flight: Counter[str] = Counter()
        self.reset()

    def reset(self) -> None:
        """Begin at zero; writes in flight stay known."""
        with self._lock:
            self._requests: Counter[tuple[str, str, int]] = Counter()
            self._effective: Counter[str] = Counter()
            self._creates: Counter[str] = Counter()
            self._changes: Counter[Change] = Counter()
            self._overlaps: Counter[str] = Counter()

    def request(self, method: str, route: str, status: int) -> None:
        """Count one request by what was answered."""
        with self._lock:
            self._requests[method, route, status] += 1

    def created(self, resource_id: str, external_id: str | None, after: Flat) -> None:
        """Count a create and everything it set."""
        with self._lock:
            self._creates[external_id or ""] += 1
        self.changed(resource_id, {}, after)

    def changed(self, resource_id: str, before: Flat, after: Flat) -> None:
        """Count a write that changed the state, and each attribute that it changed."""
        with self._lock:
            self._effective[resource_id] += 1
            for name, value in differences(before, after):
                self._changes[resource_id, name, value] += 1

    def begin_write(self, key: str) -> None:
        """Note a write in flight; a second one on the same account is an overlap."""
        with self._lock:
            if self._in_flight[key]:
                self._overlaps[key] += 1
            self._in_flight[key] += 1

    def end_write(self, key: str) -> None:
        """Note that a write has taken effect or failed."""
        with self._lock:
            self._in_flight[key] -= 1
            if not self._in_flight[key]:
                del self._in_flight[key]

    def requests(self, method: str | None = None, route: str | None = None, status: int | None = None) -> int:
        """Count requests; what is not named counts whatever it was."""
        with self._lock:
            return sum(
                count
                for (one_method, one_route, one_status), count in self._requests.items()
                if method in (None, one_method)
                and route in (None, one_route)
                and status in (None, one_status)
            )

    @property
    def writes(self) -> int:
        """Count the write requests, whatever was answered."""
        with self._lock:
            return sum(count for (method, _, _), count in self._requests.items() if method in WRITES)

    def effective_writes(self, resource_id: str | None = None) -> int:
        """Count the writes that changed something, of one resource or of all."""
        with self._lock:
            return self._effective.total() if resource_id is None else self._effective[resource_id]

    def creates(self, external_id: str) -> int:
        """Count how often an account was created for one externalId; "" counts those without."""
        with self._lock:
            return self._creates[external_id]

    @property
    def creates_by_external_id(self) -> dict[str, int]:
        """Show the creates of every externalId."""
        with self._lock:
            return dict(self._creates)

    @property
    def state_changes(self) -> dict[Change, int]:
        """Show how often each (id, attribute, value) was written over something else; None is «removed»."""
        with self._lock:
            return dict(self._changes)

    @property
    def overlapping_writes(self) -> dict[str, int]:
        """Show the accounts on which two writes were in flight at once."""
        with self._lock:
            return dict(self._overlaps)

    @property
    def writes_in_flight(self) -> dict[str, int]:
        """Show the accounts that are being written right now."""
        with self._lock:
            return dict(self._in_flight)

    def report(self) -> Json:
        """Show every count as JSON."""
        with self._lock:
            return {
                "requests": [
                    {"method": method, "route": route, "status": status, "count": count}
                    for (method, route, status), count in sorted(self._requests.items())
                ],
                "effectiveWrites": dict(self._effective),
                "createsByExternalId": dict(self._creates),
                "stateChanges": [
                    {"id": resource_id, "attribute": attribute, "value": value, "count": count}
                    for (resource_id, attribute, value), count in self._changes.items()
                ],
                "overlappingWrites": dict(self._overlaps),
            }
