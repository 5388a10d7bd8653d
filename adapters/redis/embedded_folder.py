"""The folder of one embedded server: who may enter, what lies where, and which server wrote it."""

import contextlib
import hashlib
import json
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from adapters.redis.embedded_binary import OVERRIDE, Edition, EmbeddedServerError

# A Unix socket's path holds 108 bytes on Linux and 104 on macOS.
LONGEST_SOCKET_PATH = 100


@dataclass(frozen=True, slots=True)
class ServerFolder:
    """Name the files of one server."""

    path: Path

    @property
    def lock(self) -> Path:
        """Held by the server itself, exactly as long as it lives."""
        return self.path / "redis.lock"

    @property
    def owner(self) -> Path:
        """Held by the process that will stop the server."""
        return self.path / "redis.owner"

    @property
    def log(self) -> Path:
        """What the server says of itself, over all its starts."""
        return self.path / "redis.log"

    @property
    def pidfile(self) -> Path:
        """The server's process, for a human with a shell."""
        return self.path / "redis.pid"

    @property
    def record(self) -> Path:
        """Which server wrote the data, and where its socket is."""
        return self.path / "server.json"

    def holds_data(self) -> bool:
        """Say whether any server, of any age, has ever kept something here."""
        return any(self.path.glob("appendonly*")) or any(self.path.glob("*.rdb"))


@dataclass(frozen=True, slots=True)
class ServerRecord:
    """Remember which server opened a folder last."""

    edition: Edition
    socket: Path

    @property
    def url(self) -> str:
        """Address the server as redis-py reads it; its path may hold spaces and signs."""
        return f"unix://{quote(str(self.socket))}?db=0"


def prepare_folder(path: Path) -> ServerFolder:
    """Make the folder ours alone: whoever can enter it can read and change the queue."""
    try:
        whole = path.absolute()
        whole.mkdir(mode=0o700, parents=True, exist_ok=True)
        whole = whole.resolve()
        _close_to_others(whole)
    except OSError as error:
        raise EmbeddedServerError(f"{path} cannot be used as a folder ({error.strerror})") from error
    return ServerFolder(whole)


def choose_socket(folder: ServerFolder) -> Path:
    """Keep the socket beside the data, or in a private temporary folder where the path is too long."""
    beside = folder.path / "redis.sock"
    if _fits(beside):
        return beside
    name = f"staffetta-redis-{os.getuid()}-{hashlib.sha256(os.fsencode(folder.path)).hexdigest()[:16]}"
    for parent in (Path(tempfile.gettempdir()), Path("/tmp")):  # noqa: S108  private folder, owner checked
        socket = parent / name / "redis.sock"
        if _fits(socket):
            socket.parent.mkdir(mode=0o700, exist_ok=True)
            _close_to_others(socket.parent)
            return socket
    raise EmbeddedServerError(f"{folder.path} is too long for a socket: choose a shorter folder")


def read_record(folder: ServerFolder) -> ServerRecord | None:
    """Read who wrote the folder; anything unreadable counts as unknown."""
    try:
        told = json.loads(folder.record.read_text(encoding="utf-8"))
        major, minor, patch = (int(number) for number in told["version"])
        return ServerRecord(Edition(str(told["family"]), (major, minor, patch)), Path(told["socket"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_record(folder: ServerFolder, record: ServerRecord) -> None:
    """Say who opens the folder, before it is opened: a crash in between must not hide it."""
    told = {
        "family": record.edition.family,
        "version": record.edition.version,
        "socket": str(record.socket),
    }
    draft = folder.record.with_suffix(".new")
    draft.write_text(json.dumps(told) + "\n", encoding="utf-8")
    draft.replace(folder.record)


def admit(folder: ServerFolder, edition: Edition) -> None:
    """Refuse a server that would not find its way in this folder.

    An older server may start with an empty data set and no error, since the files changed their layout.
    """
    if not folder.holds_data():
        return
    record = read_record(folder)
    if record is None:
        raise EmbeddedServerError(
            f"{folder.path} holds data, but server.json does not say which server wrote it. {_cure(folder)}"
        )
    if record.edition.family != edition.family or record.edition.version > edition.version:
        raise EmbeddedServerError(
            f"{folder.path} was written by {record.edition}; {edition} may not open it. {_cure(folder)}"
        )


def clear(folder: ServerFolder) -> None:
    """Remove what only a running server needs; the caller holds the server's lock."""
    record = read_record(folder)
    if record is not None:
        record.socket.unlink(missing_ok=True)
        if record.socket.parent != folder.path:
            with contextlib.suppress(OSError):
                record.socket.parent.rmdir()
    for file in (folder.pidfile, folder.owner, folder.lock):
        file.unlink(missing_ok=True)


def _close_to_others(path: Path) -> None:
    found = path.lstat()
    if found.st_uid != os.getuid() or path.is_symlink():
        raise EmbeddedServerError(f"{path} belongs to another user: choose a folder of your own")
    if not stat.S_IMODE(found.st_mode) & 0o077:
        return
    if any(path.iterdir()):  # somebody's folder for something else: closing it could lock others out
        raise EmbeddedServerError(f"{path} is open to other users: chmod 700 it, or choose an empty folder")
    path.chmod(0o700)


def _fits(path: Path) -> bool:
    return len(os.fsencode(path)) <= LONGEST_SOCKET_PATH


def _cure(folder: ServerFolder) -> str:
    return (
        f"Name the server that wrote it, or a newer one of its family, in {OVERRIDE}; or remove "
        f"{folder.path}: the queue holds nothing that the database does not know."
    )
