"""A German reads our details in German, and what somebody else said as a quotation that says it is one."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.causes import say
from domain.codes import Code
from domain.details import in_german
from domain.details_german import GERMAN

ROOT = Path(__file__).parents[3]
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
    r"^a path |^a method |^the total moved|came twice|the source claims"
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


NO_USERS = "unter dieser Adresse gibt es kein /Users"


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


@pytest.mark.parametrize(
    ("detail", "german"),
    [
        ("HTTP 503", "HTTP 503"),
        ("HTTP 401: invalidToken: expired", "HTTP 401, im Wortlaut: «invalidToken: expired»"),
        ("HTTP 404: there is no /Users below this address", f"HTTP 404: {NO_USERS}"),
        ("HTTP 200: a redirect (a web page)", "HTTP 200: eine Weiterleitung (eine Webseite)"),
        ("no connection in time; tried 12 times", "keine Verbindung in der erlaubten Zeit; 12-mal versucht"),
        ("source: no connection", "Personio: keine Verbindung"),
        ("9 of 20: target.refused × 7, key.foreign × 2", "9 von 20: target.refused × 7, key.foreign × 2"),
        ("1 of 2: 550, no e-mail address", "1 von 2: 550, keine E-Mail-Adresse"),
        ("email, webhook", "email, webhook"),
        ("2026-03-30", "2026-03-30"),
        ("pause.runs-failed since 2026-03-02", "pause.runs-failed seit 2026-03-02"),
        ("KeyError", "KeyError"),
        ("anything else «at all»", "im Wortlaut: «anything else ‹at all›»"),
    ],
)  # fmt: skip
def test_a_detail_in_german(detail: str, german: str) -> None:
    assert in_german(detail) == german


def test_english_stays_as_it_was_and_attributes_are_no_quotation() -> None:
    assert (
        "HTTP 401: invalidToken"
        in say(Code.TARGET_CREDENTIALS_REFUSED, "en", "HTTP 401: invalidToken").sentence
    )
    assert "«" not in say(Code.TARGET_UNREACHABLE, "de", "HTTP 503").sentence
    assert "im Wortlaut" not in say(Code.PERSON_WITHOUT_REQUIRED, "de", "email, department").sentence


def test_every_translation_is_one() -> None:
    for english, german in GERMAN:
        assert re.compile(english).pattern != german
        assert german
