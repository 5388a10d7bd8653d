"""How long to wait after a temporary failure, and when to stop hoping."""

from datetime import timedelta

FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=15)
LONGEST_ASKED = timedelta(hours=6)
"""A target may ask for a longer pause than ours, but not for silence for ever."""

MOST_TRIES = 12
"""With the waits above, a bit more than an hour; the next run plans the change again anyway."""


def wait_before(next_try: int, asked: timedelta | None, jitter: float) -> timedelta:
    """Return the pause before a try (the second is `next_try` 2). `jitter` in [0, 1) spreads the herd.

    What the other side asked for is obeyed, never shortened, up to six hours.
    """
    doubled = FIRST_WAIT * (1 << min(max(next_try - 2, 0), 10))
    own = min(doubled, LONGEST_WAIT) * (0.5 + jitter / 2)
    return own if asked is None else max(own, min(asked, LONGEST_ASKED))


def gives_up(tries: int) -> bool:
    """Tell whether a row that failed this often dies instead of waiting again."""
    return tries >= MOST_TRIES
