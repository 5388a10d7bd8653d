"""Cut one page out of a list, as RFC 7644 §3.4.2.4 counts: from one."""

from collections.abc import Mapping
from dataclasses import dataclass

from simulators.scim.switches import Switches
from simulators.scim.wire import LIST_RESPONSE, Json, ScimError

DEFAULT_COUNT = 100


@dataclass(frozen=True, slots=True)
class Page:
    """Say where a page starts (from one) and how many resources it may hold."""

    start: int
    count: int
    cursor: str | None = None

    @property
    def slice(self) -> slice:
        """Name the resources of the page in a list that counts from zero."""
        return slice(self.start - 1, self.start - 1 + self.count)


def read_page(query: Mapping[str, str], switches: Switches) -> Page:
    """Read startIndex and count; too small ones are lifted, too large ones cut."""
    cursor = query.get("cursor") if switches.cursors else None
    count = max(0, _integer(query, "count", DEFAULT_COUNT))
    return Page(_start(query, cursor, switches), min(count, switches.max_page_size), cursor)


def _start(query: Mapping[str, str], cursor: str | None, switches: Switches) -> int:
    if cursor is not None:
        return int(cursor or "0") + 1
    if switches.cursors or switches.start_index == "ignored":
        return 1
    if switches.start_index == "from_zero":
        return max(0, _integer(query, "startIndex", 0)) + 1
    return max(1, _integer(query, "startIndex", 1))


def list_response(documents: list[Json], total: int, start: int) -> Json:
    """Wrap the documents of one page."""
    return {
        "schemas": [LIST_RESPONSE],
        "totalResults": max(0, total),
        "startIndex": start,
        "itemsPerPage": len(documents),
        "Resources": documents,
    }


def _integer(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name)
    if text is None:
        return default
    try:
        return int(text)
    except ValueError as error:
        raise ScimError(400, f"{name} must be a whole number", "invalidValue") from error
