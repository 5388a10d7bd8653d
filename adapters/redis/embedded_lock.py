"""File locks that end with their holder, however it ends, and whose files may be removed."""

import fcntl
import os
from pathlib import Path

from adapters.redis.embedded_binary import EmbeddedServerError

_FLAGS = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW


def take_lock(path: Path, *, create: bool = True) -> int | None:
    """Lock the file and answer its descriptor, or None while somebody else holds it.

    The kernel lets go when the last copy of the descriptor closes: a kill -9 leaves nothing to clean up.
    """
    try:
        descriptor = os.open(path, _FLAGS | (os.O_CREAT if create else 0), 0o600)
    except FileNotFoundError:
        return None
    if _locked(descriptor, path) and is_the_file(descriptor, path):
        return descriptor
    os.close(descriptor)
    return None


def take_fresh_lock(path: Path) -> int:
    """Put a new, locked file in place of the old one, whoever may still hold that."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, _FLAGS | os.O_CREAT | os.O_EXCL, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    draft.replace(path)
    return descriptor


def is_the_file(descriptor: int, path: Path) -> bool:
    """Say whether the path still names what was opened: a lock on a removed file protects nothing."""
    try:
        there = path.stat()
    except FileNotFoundError:
        return False
    return os.path.samestat(os.fstat(descriptor), there)


def _locked(descriptor: int, path: Path) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        os.close(descriptor)
        raise EmbeddedServerError(
            f"{path.parent} cannot lock files ({error.strerror}): put the data on a local disk"
        ) from error
    return True
