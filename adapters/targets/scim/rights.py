"""Tell a token that is refused from one account that may not be touched, and from a gateway that stumbled."""

from collections.abc import Callable

MOST_FORBIDDEN = 10
"""Writes about so many accounts in a row refused by 403 are no matter of single people: it may read only."""


class Rights:
    """Remember what was refused to one token. One instance may be used by many threads.

    A refusal proves something only if its request was sent after the token was seen to be good: what was in
    flight while a gateway stumbled comes back refused many times over, and is one stumble.
    """

    def __init__(self, may_read: Callable[[], bool]) -> None:
        self._may_read = may_read
        self._looks = 0
        self._doubted_since: int | None = None
        self._forbidden: set[str] = set()

    @property
    def looks(self) -> int:
        """Number the good looks so far: whoever sends a request notes it, and hands it in with a refusal."""
        return self._looks

    def agreed(self) -> None:
        """Take note of a write that was accepted."""
        self._doubted_since = None
        self._forbidden.clear()

    def forbids_one(self, subject: str) -> bool:
        """Say whether a 403 is about this account alone; the same one refused again tells nothing new."""
        self._forbidden.add(subject)
        return len(self._forbidden) <= MOST_FORBIDDEN and self._may_read()

    def may_be_a_stumble(self, sent_after: int, *, writes: bool) -> bool:
        """Say whether a 401 may pass: unless reading is refused too, or a second write after a good look."""
        doubted = self._doubted_since
        if writes and doubted is not None and sent_after >= doubted:
            return False
        if not self._may_read():
            return False
        if writes:
            self._looks += 1
            self._doubted_since = self._doubted_since or self._looks
        return True
