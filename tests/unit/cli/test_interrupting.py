"""Before a command has begun: Ctrl-C is one line and 130, and output that nobody can read harms nobody."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.cli.terminal import Terminal

ROOT = Path(__file__).parents[3]
INTERRUPTED_AT = """
import os, signal, sys

signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs us in the background made it deaf

class AtThisImport:
    def find_spec(name, *_):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, AtThisImport)
from bootstrap.cli import main
sys.argv = ["staffetta", "runs", "acme"]
main()
"""


@pytest.mark.parametrize("module", ["bootstrap.cli.app", "bootstrap.cli.voice", "bootstrap.up"])
def test_ctrl_c_while_the_command_is_read_in_ends_in_one_line(module: str) -> None:
    told = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_AT.format(module=module)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 130
    assert (told.stdout, told.stderr) == ("", "Interrupted before anything was asked for.\n")


def test_output_that_was_closed_or_knows_few_letters_ends_in_no_error(terminal: Terminal) -> None:
    started = "import sys; from bootstrap.cli import main; sys.argv = ['staffetta', *{words!r}]; main()"
    closed = "import sys; sys.stdout = None; " + started.format(words=["tenant", "list"])
    few = started.format(words=["person", "acme", "ada"])
    environ = os.environ | {"STAFFETTA_HOME": str(terminal.home), "PYTHONIOENCODING": "ascii"}
    into_nothing, escaped = (
        subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
        )
        for code in (closed, few)
    )
    assert (into_nothing.returncode, escaped.returncode) == (0, 7)
    assert "unexpected" not in into_nothing.stderr
    assert "\\xabacme\\xbb" in escaped.stderr
