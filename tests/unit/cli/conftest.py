"""Each test types into a terminal whose home folder is set up already."""

import shutil
from pathlib import Path

import pytest

from tests.unit.cli.terminal import Terminal


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("template") / "var"
    assert Terminal(home).type("init").code == 0
    return home


@pytest.fixture
def terminal(template: Path, tmp_path: Path) -> Terminal:
    home = tmp_path / "var"
    shutil.copytree(template, home)
    return Terminal(home)


@pytest.fixture
def acme(terminal: Terminal) -> Terminal:
    added = terminal.add_tenant()
    assert added.code == 0, added.err
    return terminal
