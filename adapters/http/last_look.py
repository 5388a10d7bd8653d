"""Look once more, in the very moment before a write leaves, whether whoever began it may still send it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_ASKED: ContextVar[Callable[[], bool] | None] = ContextVar("asked", default=None)
"""Whom to ask before a write of this thread leaves; a call of the house lives in one thread."""


@contextmanager
def writing_while(may_leave: Callable[[], bool]) -> Iterator[None]:
    """Let no write of this thread leave in here once `may_leave` says no.

    Between a first look and the socket lie a gate, other requests, a name to resolve and a handshake: long
    enough for a process to be stopped in.
    """
    before = _ASKED.set(may_leave)
    try:
        yield
    finally:
        _ASKED.reset(before)


def last_look(*, writes: bool) -> Callable[[], bool]:
    """Return what to ask before a request of this thread leaves; reading harms nobody."""
    return (_ASKED.get() if writes else None) or _always


def _always() -> bool:
    return True
