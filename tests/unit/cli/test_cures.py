"""Every command that the cure of a cause names works as it is typed: nothing that it needs is left out."""

import re

from domain.cause import Language
from domain.causes import cause_of, words_of
from domain.codes import Code
from domain.ids import TenantId
from domain.remedies import remedy
from tests.unit.cli.terminal import Terminal

WORD = r"(?:[a-z](?:[a-z-]|\.(?=[a-z]))*|--[a-z][a-z-]*|TENANT|PERSON|TEXT)"
TYPED = re.compile(rf"staffetta ({WORD}(?: {WORD})*)")
MEANT = {"TENANT": "acme", "PERSON": "4711", "TEXT": "asked"}
USAGE = 2


def told() -> dict[str, list[str]]:
    """Find the commands of all cures, in both languages, and of all remedies, with who names them."""
    found: dict[str, list[str]] = {}
    for code in Code:
        texts = [words_of(cause_of(code), language).cure for language in Language]
        for command in TYPED.findall(" ".join([*texts, remedy(code, TenantId("TENANT"))])):
            found.setdefault(command, []).append(code.value)
    return found


def test_a_command_in_a_cure_lacks_nothing(acme: Terminal) -> None:
    """It may find nothing here, or not be allowed yet; that somebody cannot mean it so must not be."""
    typed = {command: [MEANT.get(word, word) for word in command.split()] for command in told()}
    ended = {command: acme.type(*words) for command, words in typed.items()}
    assert {command: end.err for command, end in ended.items() if end.code == USAGE} == {}
