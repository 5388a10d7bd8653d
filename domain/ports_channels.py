"""What we ask of a way to reach a human."""

from typing import Protocol

from domain.notices import Notice


class Channel(Protocol):
    """Carry notices to humans. Raises TemporaryError (try again) or PermanentError (it never will)."""

    def deliver(self, notice: Notice) -> None:
        """Tell this notice once: a `notice_id` that was delivered before is delivered no second time."""
        ...
