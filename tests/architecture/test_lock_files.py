"""What is installed is what was locked, from the public index, hash by hash."""

import re
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[2]
PUBLIC_INDEX = "https://pypi.org/simple"
PUBLIC_FILES = "files.pythonhosted.org"
UV_LOCK = (ROOT / "uv.lock").read_text(encoding="utf-8")
REQUIREMENTS = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PIN = re.compile(r"^([a-z0-9._-]+)(?:\[[a-z,]+\])?==([^ ;\\]+)", re.MULTILINE)


def test_every_package_comes_from_the_public_index() -> None:
    registries = {package["source"].get("registry") for package in packages()}
    assert registries == {PUBLIC_INDEX}


def test_every_file_comes_from_the_public_host() -> None:
    urls = re.findall(r'url = "([^"]+)"', UV_LOCK)
    assert {(urlsplit(url).scheme, urlsplit(url).hostname) for url in urls} == {("https", PUBLIC_FILES)}


def test_no_other_host_is_named_anywhere() -> None:
    hosts = {urlsplit(url).hostname for url in re.findall(r"[a-z+]+://[^\s\"']+", UV_LOCK)}
    assert hosts == {urlsplit(PUBLIC_INDEX).hostname, PUBLIC_FILES}


def test_the_list_for_pip_names_no_index_and_no_place() -> None:
    assert "://" not in REQUIREMENTS
    options = [line for line in REQUIREMENTS.splitlines() if line.startswith("-")]
    assert options == []


def test_both_locks_name_the_same_versions() -> None:
    assert dict(PIN.findall(REQUIREMENTS)) == {package["name"]: package["version"] for package in packages()}


def test_the_list_for_pip_knows_every_hash() -> None:
    hashes = {
        file["hash"]
        for package in packages()
        for file in [package.get("sdist"), *package.get("wheels", ())]
        if file
    }
    assert set(re.findall(r"--hash=(sha256:[0-9a-f]{64})", REQUIREMENTS)) == hashes


def packages() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tomllib.loads(UV_LOCK)["package"]
    return [package for package in found if package["name"] != "staffetta"]
