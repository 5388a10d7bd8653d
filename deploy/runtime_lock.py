"""Print the part of requirements.lock that Staffetta needs to run, hashes and all; the rest is for tests.

Usage: python deploy/runtime_lock.py > runtime.lock. Needs nothing but Python 3.11.
"""  # noqa: INP001  a script that builds the image, not a package

import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PROJECT = "staffetta"
HEAD = re.compile(r"^(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)==")

Package = Mapping[str, Any]
Need = tuple[str, tuple[str, ...]]
"""A package's name, and its extras that somebody asked for."""


def runtime_names(lock: str) -> frozenset[str]:
    """Follow the dependencies in uv.lock from the project on; its groups for developers are not followed."""
    packages: dict[str, Package] = {package["name"]: package for package in tomllib.loads(lock)["package"]}
    found: set[Need] = set()
    ahead = list(_needed(packages[PROJECT], ()))
    while ahead:
        need = ahead.pop()
        if need not in found:
            found.add(need)
            ahead += _needed(packages[need[0]], need[1])
    return frozenset(name for name, _ in found)


def _needed(package: Package, extras: tuple[str, ...]) -> Iterator[Need]:
    optional = package.get("optional-dependencies", {})
    wanted = [*package.get("dependencies", ()), *(each for extra in extras for each in optional[extra])]
    return ((each["name"], tuple(each.get("extra", ()))) for each in wanted)


def blocks(requirements: str) -> Iterator[tuple[str, str]]:
    """Split a hashed requirements file into names and the lines that belong to them."""
    name, lines = "", list[str]()
    for line in requirements.splitlines(keepends=True):
        head = HEAD.match(line)
        if head:
            yield name, "".join(lines)
            name, lines = head["name"], []
        lines.append(line)
    yield name, "".join(lines)


def runtime_lock(lock: str, requirements: str) -> str:
    """Keep the blocks of packages that run, exactly as they are locked."""
    names = runtime_names(lock)
    return "".join(text for name, text in blocks(requirements) if name in names)


if __name__ == "__main__":
    told = [(ROOT / name).read_text(encoding="utf-8") for name in ("uv.lock", "requirements.lock")]
    sys.stdout.write(runtime_lock(*told))
