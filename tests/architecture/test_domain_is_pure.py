"""The domain imports itself and quiet modules: nothing that reads a clock, a file or a socket."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

QUIET = {
    "__future__",
    "abc",
    "collections",
    "contextlib",
    "dataclasses",
    "datetime",
    "decimal",
    "difflib",
    "enum",
    "functools",
    "hashlib",
    "hmac",
    "itertools",
    "json",
    "math",
    "operator",
    "re",
    "string",
    "types",
    "typing",
    "unicodedata",
    "zoneinfo",
}
DOMAIN = Path(__file__).parents[2] / "domain"


@pytest.mark.parametrize(
    "path", sorted(DOMAIN.rglob("*.py")), ids=lambda path: path.relative_to(DOMAIN).as_posix()
)
def test_imports_are_quiet(path: Path) -> None:
    roots = {name.split(".")[0] for name in imported(ast.parse(path.read_text(encoding="utf-8")))}
    assert roots - QUIET - {"domain"} == set()


def test_an_import_in_any_place_is_seen() -> None:
    source = "import os.path\ndef f():\n    from socket import socket\n    import domain.words as w\n"
    assert set(imported(ast.parse(source))) == {"os.path", "socket", "domain.words"}


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
