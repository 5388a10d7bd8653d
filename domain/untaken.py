"""Name what an application agreed to and did not do, so that whoever asks why is told."""

from collections.abc import Mapping

from domain.account import Account, Scalar
from domain.mapping import same_key


def untaken(before: Mapping[str, Scalar], sent: Mapping[str, Scalar], told: Account | None) -> str:
    """Say which values the application shows as they were, though others were sent; "" where none.

    A value that it rewrote, trimmed for instance, was taken. Who tells nothing afterwards is believed.
    """
    if told is None:
        return ""
    kept = [path for path in sorted(sent) if _is_kept(before.get(path), sent[path], told.values.get(path))]
    return f"the application agreed, and kept what it had at: {', '.join(kept)}" if kept else ""


def still_closed(told: Account | None) -> str:
    """Say that an account which was opened is shown as closed: its owner may have to accept an invitation."""
    return "" if told is None or told.active else "the application agreed, and still shows the account closed"


def _is_kept(old: Scalar, sent: Scalar, now: Scalar) -> bool:
    return _plain(now) != _plain(sent) and _plain(now) == _plain(old)


def _plain(value: Scalar) -> Scalar:
    return (same_key(value) or None) if isinstance(value, str) else value
