"""A file fits in a sitting, a function on a screen."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("domain", "schemas", "adapters", "workers", "producers", "bootstrap", "simulators", "benchmarks")
DOOR = ROOT / "run.py"
MAX_FILE, MAX_FUNCTION = 300, 40


def test_files_and_functions_are_short() -> None:
    assert [complaint for path in sources() for complaint in complaints(path)] == []


def test_a_long_function_is_seen_and_its_docstring_is_free() -> None:
    body = "    x = 1\n" * (MAX_FUNCTION - 1)
    doc = '    """One.\n\n    Two.\n    """\n'
    assert [*long_functions("def fits():\n" + doc + body)] == []
    assert [*long_functions("def grows():\n" + doc + body + "    x = 2\n")] == [(1, "grows", 41)]


def sources() -> Iterator[Path]:
    found = (path for name in PACKAGES for path in sorted((ROOT / name).rglob("*.py")))
    return (path for path in (DOOR, *found) if "migrations" not in path.parts)


def complaints(path: Path) -> Iterator[str]:
    text, name = path.read_text(encoding="utf-8"), path.relative_to(ROOT)
    if text.count("\n") > MAX_FILE:
        yield f"{name}: {text.count(chr(10))} lines, at most {MAX_FILE}"
    for line, function, length in long_functions(text):
        yield f"{name}:{line} {function}: {length} lines, at most {MAX_FUNCTION}"


def long_functions(text: str) -> Iterator[tuple[int, str, int]]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = lines(node) - docstring_lines(node)
            if length > MAX_FUNCTION:
                yield node.lineno, node.name, length


def docstring_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return lines(node.body[0]) if ast.get_docstring(node, clean=False) is not None else 0


def lines(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1
