"""What we say of a failure in our own words is said in German as well, to whoever reads German."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.details import in_german

ROOT = Path(__file__).parents[2]
TOLD = (
    "adapters/sources/personio",
    "adapters/targets/scim",
    "adapters/http",
    "adapters/budgets.py",
    "adapters/vault.py",
    "adapters/database/configurations.py",
    "bootstrap/accounts.py",
    "domain/feed.py",
    "workers/fetch.py",
    "workers/conclude.py",
    "workers/rereading.py",
    "workers/probing.py",
    "workers/version.py",
    "workers/farewell.py",
    "workers/unheard.py",
    "producers/silence.py",
)
"""Where the details of failures are written that stop a run or a tenant, and so of incidents."""

OF_CHECKS = re.compile(
    r"not a mapped path|the whole list is read|the lease was too old|whoever began it may not|^an origin |"
    r"^a method |^the total moved|came twice|the source claims"
)
"""What checks and mistakes of our own say: a check speaks English, and no row keeps it."""

OF_ROWS = (
    "domain/already.py",
    "domain/deletions.py",
    "domain/guards.py",
    "domain/identity.py",
    "domain/keys.py",
    "domain/overrides.py",
    "domain/promises.py",
    "domain/rewrites.py",
    "domain/untaken.py",
    "workers/asking_again.py",
    "workers/creating.py",
    "workers/guarding.py",
    "workers/identifying.py",
    "workers/naming.py",
    "workers/owners.py",
    "workers/perform.py",
    "workers/postponing.py",
    "workers/proving.py",
    "workers/removing.py",
    "workers/returning.py",
    "workers/seconds.py",
    *(f"adapters/database/{path.name}" for path in sorted((ROOT / "adapters/database").glob("changes*.py"))),
    "adapters/database/units.py",
)
"""Where it is written what a row, a hold or a case says of one person."""

NOT_OF_ROWS = re.compile(
    r"not judged|nobody with an open account is missing|missing with an open account|asked by id|[A-Z]{4}|"
    r"^settled_at|speaks for|drifted|^second account|^waits for the account of person $|released\.|"
    r"as a human decided|the lease was too old"
)
"""What those modules say elsewhere: evidence of a run, beginnings of texts, and statements in SQL."""

KEEPS = frozenset(
    {
        "Hold",
        "Doubtful",
        "Outdated",
        "Refused",
        "Postponed",
        "PermanentError",
        "hold",
        "_refused",
        "append",
        "candidate",
    }
)
KEPT_AS = frozenset({"detail", "told", "why", "until", "tried"})

WITHOUT_CODE = frozenset(
    {
        "Broken",
        "NotSent",
        "NoReply",
        "TooLarge",
        "ForbiddenAddress",
        "not_scim",
        "_refused",
        "SealedElsewhereError",
    }
)
FILLED = {
    "status": "404",
    "side": "source",
    "kind": "office",
    "sentence": "office «7», 7 people",
    "DOES[guarded]": "would be made",
    "span": "24 hours",
    "before": " after 7 in the last 24 hours",
    "whom": "person 7",
    "is_": "is closed",
    "name": "rule 7 (userName)",
    "tried": "tried 7 times",
}


def written(node: ast.expr) -> str | None:
    """Return a text as it is written, with a figure for whatever is filled in."""
    match node:
        case ast.Constant(value=str() as text):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(_filled(part) for part in parts)
        case ast.IfExp():
            return written(node.orelse) or written(node.body)
        case _:
            return None


def _filled(part: ast.expr) -> str:
    """Write a part of a text as it may be; most of what is filled in is a figure, an id or a name."""
    if not isinstance(part, ast.FormattedValue):
        return str(ast.literal_eval(part))
    told = ast.unparse(part.value)
    return "443 or 8443" if told == "known" else FILLED.get(told.rpartition(".")[2], "7")


def of_rows(path: Path) -> Iterator[str]:
    """List the texts of a module that a row keeps: what it is given, called by, or told with its cause."""
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    for text in filter(None, (written(value) for node in nodes for value in _kept(node))):
        if " " in text and not NOT_OF_ROWS.search(text):
            yield text


def _kept(node: ast.AST) -> list[ast.expr]:
    match node:
        case ast.Call() if ast.unparse(node.func).rpartition(".")[2] in KEEPS:
            return node.args
        case ast.Tuple() if "Code." in ast.unparse(node):
            return node.elts
        case ast.Assign(targets=[ast.Name(id=name)]) if name in KEPT_AS or name.isupper():
            return [node.value]
        case ast.keyword(arg="detail") | ast.Return(value=ast.expr()):
            return [node.value] if node.value is not None else []
        case ast.Dict():
            return [value for key, value in zip(node.keys, node.values, strict=True) if _is_detail(key)]
        case _:
            return []


def _is_detail(key: ast.expr | None) -> bool:
    return isinstance(key, ast.Constant) and key.value == "detail"


def _says_why(call: ast.Call) -> bool:
    first = ast.unparse(call.args[0]) if call.args else ""
    return "ode." in first or first == "code" or ast.unparse(call.func).rpartition(".")[2] in WITHOUT_CODE


def details(path: Path) -> Iterator[str]:
    """List the texts of a module that become details: a word alone is none, and documentation is none."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        texts: list[ast.expr] = []
        if isinstance(node, ast.Call) and _says_why(node):
            texts = node.args
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "detail":
            texts = [node.value]
        for text in filter(None, map(written, texts)):
            if " " in text and not OF_CHECKS.search(text):
                yield text


def everything_told() -> list[str]:
    files = [
        file
        for name in TOLD
        for file in (sorted((ROOT / name).rglob("*.py")) if (ROOT / name).is_dir() else [ROOT / name])
    ]
    return sorted({text for file in files for text in details(file)})


def everything_kept() -> list[str]:
    return sorted({text for name in OF_ROWS for text in of_rows(ROOT / name)})


def test_what_we_say_of_a_failure_is_found_by_this_test() -> None:
    assert len(everything_told()) > 40


@pytest.mark.parametrize("detail", everything_told())
def test_whatever_we_say_of_a_failure_is_said_in_german(detail: str) -> None:
    """Nobody wrote the German of a new detail? Add it to `domain/details_german.py`."""
    assert "im Wortlaut" not in in_german(detail.rstrip(". "))


def test_what_a_row_says_is_found_by_this_test() -> None:
    assert len(everything_kept()) > 40


@pytest.mark.parametrize("detail", everything_kept())
def test_whatever_a_row_a_hold_or_a_case_says_is_said_in_german(detail: str) -> None:
    """Nobody wrote the German of a new one? Add it to `domain/details_german_rows.py`."""
    assert "im Wortlaut" not in in_german(detail.rstrip(". "))
