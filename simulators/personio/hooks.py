"""Changes of the company that wait for a page to be served: how a reading is made to drift."""

from typing import Annotated

import msgspec

from simulators.personio.changes import Change


class Hook(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """After the page with this number, counted from 0, let this happen."""

    after_page: Annotated[int, msgspec.Meta(ge=0)]
    change: Change


class Hooks:
    """Hooks that have not yet sprung, in the order in which they were set."""

    def __init__(self) -> None:
        self.waiting: list[Hook] = []

    def spring(self, page: int) -> list[Change]:
        """Take out what was waiting for this page."""
        due = [hook.change for hook in self.waiting if hook.after_page == page]
        self.waiting = [hook for hook in self.waiting if hook.after_page != page]
        return due
