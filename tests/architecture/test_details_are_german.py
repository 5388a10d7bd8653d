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

OF_ROWS = re.compile(
    r"not a mapped path|the whole list is read|the lease was too old|whoever began it may not|^an origin |"
    r"^a method |^the total moved|came twice|the source claims"
)
"""What rows, checks and mistakes of our own say: no mail quotes it."""

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
FILLED = {"status": "404", "side": "source"}


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
            if " " in text and not OF_ROWS.search(text):
                yield text


def everything_told() -> list[str]:
    files = [
        file
        for name in TOLD
        for file in (sorted((ROOT / name).rglob("*.py")) if (ROOT / name).is_dir() else [ROOT / name])
    ]
    return sorted({text for file in files for text in details(file)})


def test_what_we_say_of_a_failure_is_found_by_this_test() -> None:
    assert len(everything_told()) > 40


@pytest.mark.parametrize("detail", everything_told())
def test_whatever_we_say_of_a_failure_is_said_in_german(detail: str) -> None:
    """Nobody wrote the German of a new detail? Add it to `domain/details_german.py`."""
    assert "im Wortlaut" not in in_german(detail.rstrip(". "))
