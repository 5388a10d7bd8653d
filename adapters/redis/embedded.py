"""Start a Redis-compatible server for this machine, or join the one that already runs in the folder.

    nobody holds redis.lock  → launch; we own it
    held, the server answers → adopt; we own it only if its former owner is gone
    held, no answer yet      → somebody is launching or stopping it: wait

Only the owner stops the server, so whoever joined loses it when the owner ends.
"""

import os
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from adapters.redis.embedded_binary import EmbeddedServerError, find_binary
from adapters.redis.embedded_folder import (
    ServerFolder,
    ServerRecord,
    admit,
    choose_socket,
    clear,
    prepare_folder,
    read_record,
    write_record,
)
from adapters.redis.embedded_lock import is_the_file, take_fresh_lock, take_lock
from adapters.redis.embedded_process import (
    GLANCE,
    STARTING,
    STOPPING,
    answering,
    await_answer,
    comes_true,
    end_child,
    process_number,
    shut_down,
    spawn,
)

__all__ = ["EmbeddedServer", "EmbeddedServerError", "answering", "start_embedded"]

_LEAVING = b"leaving"


class EmbeddedServer:
    """Hold a running server by its address; `stop` ends it if this process owns it."""

    def __init__(
        self,
        folder: ServerFolder,
        url: str,
        pid: int,
        owner_lock: int | None,
        child: "subprocess.Popen[bytes] | None" = None,
    ) -> None:
        self.url = url
        self.pid = pid
        self.owned = owner_lock is not None
        self._folder = folder
        self._owner_lock = owner_lock
        self._child = child

    @property
    def alive(self) -> bool:
        """Say whether the server still runs; one that another process started, by the lock in its hands."""
        if self._child is not None:
            return self._child.poll() is None
        return self._folder.lock.exists() and not _is_free(self._folder)

    def stop(self) -> None:
        """End the server and leave no socket and no lock; a guest, or a second call, does nothing."""
        owner_lock, self._owner_lock = self._owner_lock, None
        if owner_lock is None:
            return
        os.pwrite(owner_lock, _LEAVING, 0)
        try:
            self._end(owner_lock)
            self._sweep(owner_lock)
        finally:
            os.close(owner_lock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _end(self, owner_lock: int) -> None:
        if self._child is not None:
            end_child(self._child)
        elif is_the_file(owner_lock, self._folder.owner):
            shut_down(self.url)
            if not comes_true(lambda: _is_free(self._folder), STOPPING):
                raise EmbeddedServerError(f"server {self.pid} does not stop: end it with kill -9 {self.pid}")

    def _sweep(self, owner_lock: int) -> None:
        lock = take_lock(self._folder.lock)
        if lock is None:
            return  # somebody has launched the next one already, and the files are theirs
        if is_the_file(owner_lock, self._folder.owner):
            clear(self._folder)
        os.close(lock)


def start_embedded(folder: Path, *, binary: Path | None = None, patience: float = STARTING) -> EmbeddedServer:
    """Give the folder its one server, durable and reachable only through a socket of ours.

    `patience`: seconds to wait for a server that holds the folder and does not answer.
    """
    home = prepare_folder(folder)
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        lock = take_lock(home.lock)
        if lock is not None:
            return _launch(home, lock, binary)
        adopted = _adopt(home)
        if adopted is not None:
            return adopted
        time.sleep(GLANCE)
    raise EmbeddedServerError(
        f"a server holds {home.lock} but does not answer: read {home.log}, end the process in {home.pidfile}"
    )


def _adopt(home: ServerFolder) -> EmbeddedServer | None:
    record = read_record(home)
    pid = process_number(record.url) if record else None
    if record is None or pid is None:
        return None
    owner_lock = take_lock(home.owner, create=False)
    if owner_lock is not None:  # its owner was killed: an orphan, and ours from now on
        os.ftruncate(owner_lock, 0)
        return EmbeddedServer(home, record.url, pid, owner_lock)
    return None if _is_being_stopped(home) else EmbeddedServer(home, record.url, pid, None)


def _launch(home: ServerFolder, lock: int, given: Path | None) -> EmbeddedServer:
    try:
        server, child = _spawn(home, lock, given)
    except (OSError, EmbeddedServerError) as error:
        home.lock.unlink(missing_ok=True)  # no server has it
        if isinstance(error, EmbeddedServerError):
            raise
        raise EmbeddedServerError(f"no server can start in {home.path} ({error.strerror})") from error
    finally:
        os.close(lock)  # the server holds its own copy; ours would outlive it
    try:
        await_answer(child, server.url, home.log)
    except BaseException:
        server.stop()
        raise
    return server


def _spawn(
    home: ServerFolder, lock: int, given: Path | None
) -> "tuple[EmbeddedServer, subprocess.Popen[bytes]]":
    found = find_binary(given)
    admit(home, found.edition)
    record = ServerRecord(found.edition, choose_socket(home))
    write_record(home, record)
    owner_lock = take_fresh_lock(home.owner)
    try:
        child = spawn(home, found, record.socket, lock)
    except BaseException:
        os.close(owner_lock)
        raise
    return EmbeddedServer(home, record.url, child.pid, owner_lock, child), child


def _is_being_stopped(home: ServerFolder) -> bool:
    try:
        return home.owner.read_bytes() == _LEAVING
    except FileNotFoundError:
        return True


def _is_free(home: ServerFolder) -> bool:
    lock = take_lock(home.lock)
    if lock is None:
        return False
    os.close(lock)
    return True
