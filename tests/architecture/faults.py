"""Find which test shows which fault of the catalogue, and write the table of `docs/reliability.md`.

A test shows a fault if its own name or the id of one of its parameters begins with the fault's id:
`test_a2_f12_…`, `pytest.param(…, id="D6 a web page")`. Nothing is run or imported for it.

    python -m tests.architecture.faults     writes the table anew
"""

import ast
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reliability.md"
CATALOGUE = Path(__file__).with_name("faults.toml")
REGENERATE = "python -m tests.architecture.faults"
BEGIN, END = "<!-- the table begins -->\n", "<!-- the table ends -->\n"
NOT_PROVEN = "not proven yet"
LATER = frozenset({"E10", "E11", "C8", "C9"})
"""Teams (E10), dates (E11), and the drill of backup and restore: rows whose time has not come."""

OF_K = frozenset({"K1", "K2", "K3", "K4", "K6", "K7", "K8", "K9", "K11", "K12", "K13"})
"""Secrets and personal data, without what needs rotation, erasure or retention by command."""

SHOWN = 3
"""So many tests of one fault are named; who looks for more finds them by the id."""

FIRST = ("tests/flow/", "tests/e2e/", "tests/integration/", "tests/contracts/", "tests/unit/")
REAL = ("tests/flow/", "tests/e2e/", "tests/integration/")
"""Where real handlers meet the simulators, or real processes each other."""

IN_A_NAME = re.compile(r"test_((?:[a-m]\d{1,2}_)+)")
IN_AN_ID = re.compile(r"((?:[a-m]\d{1,2}(?:\s+|$))+)", re.IGNORECASE)

Proofs = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Fault:
    """One row of the catalogue."""

    name: str
    must: bool
    happens: str
    answer: str
    still_open: str


def catalogue() -> dict[str, list[Fault]]:
    """Return the faults by the titles of their parts."""
    told = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))
    still_open = told.pop("open")
    return {
        f"{part} {rows.pop('title')}": [
            Fault(name, row[0] == "M", row[1], row[2], still_open.get(name, "")) for name, row in rows.items()
        ]
        for part, rows in told.items()
    }


def proofs() -> Proofs:
    """Return for each id the tests that carry it, those through the real flow first."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        place = path.relative_to(ROOT).as_posix()
        for test, fault in shown_in(path.read_text(encoding="utf-8")):
            found[fault].add(f"{place}::{test}")
    return {fault: sorted(tests, key=_order) for fault, tests in found.items()}


def shown_in(source: str) -> Iterator[tuple[str, str]]:
    """Yield each test of a module with each fault that it shows."""
    tree = ast.parse(source)
    tables = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            ids = [text for each in node.decorator_list for text in _ids(each, tables)]
            carried = [IN_A_NAME.match(node.name), *(IN_AN_ID.match(text) for text in ids)]
            names = {name for match in carried if match for name in re.split(r"[_\s]+", match[1]) if name}
            yield from ((node.name, name.upper()) for name in names)


def _ids(node: ast.AST, tables: Mapping[str, ast.expr]) -> Iterator[str]:
    """Yield the ids of parameters below a decorator, through the tables that it names."""
    for each in ast.walk(node):
        if isinstance(each, ast.keyword) and each.arg in {"id", "ids"}:
            yield from _texts(each)
        elif isinstance(each, ast.Name) and each.id in tables:
            yield from _ids(tables[each.id], {name: tables[name] for name in tables if name != each.id})


def _texts(node: ast.AST) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value


def _order(test: str) -> tuple[int, str]:
    return next((at for at, place in enumerate(FIRST) if test.startswith(place)), len(FIRST)), test


def table(found: Proofs) -> str:
    """Write all parts, each fault with what must happen and where that is shown."""
    lines: list[str] = []
    for title, faults in catalogue().items():
        lines += [
            f"\n### {title}\n",
            "| id | what happens | what must happen | shown by |",
            "| --- " * 4 + "|",
        ]
        lines += [row(fault, found.get(fault.name, ())) for fault in faults]
    return "\n".join(lines) + "\n\n"


def row(fault: Fault, tests: Sequence[str]) -> str:
    """Write one fault."""
    shown = [f"`{test}`" for test in tests[:SHOWN]] or [NOT_PROVEN]
    shown += ["and others"] if len(tests) > SHOWN else []
    shown += [f"*Open: {fault.still_open}.*"] if fault.still_open else []
    return f"| {fault.name} | {fault.happens} | {fault.answer} | {'<br>'.join(shown)} |"


def rewritten(page: str, found: Proofs) -> str:
    """Put the table into its place on the page."""
    before, _, rest = page.partition(BEGIN)
    return before + BEGIN + table(found) + END + rest.partition(END)[2]


if __name__ == "__main__":
    PAGE.write_text(rewritten(PAGE.read_text(encoding="utf-8"), proofs()), encoding="utf-8")
