"""Before a command has begun: Ctrl-C is one line and 130, and output that nobody can read harms nobody."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from bootstrap.cli.app import begin
from bootstrap.cli.group import add, new_app
from bootstrap.cli.rooms import here, open_office
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


INTERRUPTED_WHILE_CLEANING = """
import signal, time, weakref
from bootstrap.ctrl_c import hear_every_ctrl_c

class Thing: pass

signal.signal(signal.SIGINT, signal.default_int_handler)
hear_every_ctrl_c()
thing = Thing()
kept = weakref.ref(thing, lambda _: signal.raise_signal(signal.SIGINT))
try:
    del thing
    time.sleep(30)
except KeyboardInterrupt:
    print("heard")
"""


def test_ctrl_c_that_meets_the_callback_of_something_thrown_away_is_heard_a_moment_later() -> None:
    told = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_WHILE_CLEANING],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (told.stdout, told.stderr) == ("heard\n", "")


def test_whatever_else_is_raised_in_such_a_callback_is_told_as_before() -> None:
    code = INTERRUPTED_WHILE_CLEANING.replace("signal.raise_signal(signal.SIGINT)", "1 / 0")
    told = subprocess.run(
        [sys.executable, "-c", code.replace("sleep(30)", "sleep(0)")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.stdout == ""
    assert "ZeroDivisionError" in told.stderr


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


@pytest.mark.parametrize("words", [["tenant", "list"], ["tenant", "list", "--json"], ["--help"]])
def test_a_reader_that_has_gone_ends_a_command_without_a_word_as_any_unix_tool(
    words: list[str], acme: Terminal
) -> None:
    code = f"import sys; from bootstrap.cli import main; sys.argv = ['staffetta', *{words!r}]; main()"
    reading, writing = os.pipe()
    os.close(reading)
    told = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ | {"STAFFETTA_HOME": str(acme.home)},
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writing)
    assert (told.returncode, told.stderr) == (141, "")


@pytest.mark.parametrize(
    ("hands_over", "says"), [(True, "What was asked for goes on"), (False, "nothing goes on")]
)
def test_ctrl_c_says_that_work_goes_on_only_where_some_was_handed_over(
    hands_over: bool, says: str, acme: Terminal
) -> None:
    def command(ctx: typer.Context) -> None:
        at = here(ctx, json=False)
        with open_office(at.settings) as office:
            if hands_over:
                office.publisher.ring([])
        raise KeyboardInterrupt

    app = new_app("")
    app.callback()(begin)
    add(app, "look", command, says="Look.", examples=("look",))
    told = CliRunner().invoke(app, ["--home", str(acme.home), "look"])
    assert told.exit_code == 130
    assert says in told.stderr


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
