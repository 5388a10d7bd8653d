"""Every command that the cure of a cause names works as it is typed: nothing that it needs is left out."""

import re
from pathlib import Path

import pytest

from domain.cause import Language
from domain.causes import cause_of, words_of
from domain.codes import Code
from domain.ids import TenantId
from domain.remedies import remedy
from domain.setback_words import fix
from tests.unit.cli.terminal import ID, SECRET, Terminal

WORD = r"(?:[a-z](?:[a-z-]|\.(?=[a-z]))*|--[a-z][a-z-]*|TENANT|PERSON|TEXT|FILE|URL|ID)"
TYPED = re.compile(rf"staffetta ({WORD}(?: {WORD})*)")
MEANT = {"TENANT": "acme", "PERSON": "4711", "TEXT": "asked", "URL": "https://app.example.com", "ID": ID}
USAGE = 2


def told() -> dict[str, list[str]]:
    """Find the commands of all cures, in both languages, of all remedies and of all fixes."""
    found: dict[str, list[str]] = {}
    for code in Code:
        texts = [words_of(cause_of(code), language).cure for language in Language]
        texts += [remedy(code, TenantId("TENANT")), fix(code, TenantId("TENANT"))]
        for command in TYPED.findall(". ".join(texts)):
            found.setdefault(command, []).append(code.value)
    return found


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    """Write what the options that want a file are given."""
    written = {"--file": 'profile = "generic"\n', "secret": f"{SECRET}\n"}
    for name, text in written.items():
        path = tmp_path / name.strip("-")
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
    return {name: str(tmp_path / name.strip("-")) for name in written}


def test_a_command_in_a_cure_lacks_nothing(acme: Terminal, files: dict[str, str]) -> None:
    """It may find nothing here, or not be allowed yet; that somebody cannot mean it so must not be."""

    def meant(words: list[str]) -> list[str]:
        before = ["", *words[:-1]]
        return [
            files.get(option, files["secret"]) if word == "FILE" else MEANT.get(word, word)
            for option, word in zip(before, words, strict=True)
        ]

    ended = {command: acme.type(*meant(command.split())) for command in told()}
    assert {command: end.err for command, end in ended.items() if end.code == USAGE} == {}
