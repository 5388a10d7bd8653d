"""Ctrl-C before a command has begun: one line and 130, whatever is being read in just then."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
INTERRUPTED_AT = """
import os, signal, sys

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
