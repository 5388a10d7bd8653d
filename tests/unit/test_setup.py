"""The one door: what it says when it cannot work, and what it does when it can."""

import ast
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import run
from bootstrap.tenant_files import FOLDER

ROOT = Path(__file__).parents[2]
RUN = ROOT / "run.py"
WHEEL = "./probe-1.0-py3-none-any.whl"
OLD_PYTHON = "import sys; sys.version_info = (3, 8, 18); "
NO_ENSUREPIP = "import sys; sys.modules['ensurepip'] = None; "
START = "sys.argv = ['run.py', 'setup']; import runpy; runpy.run_path('run.py', run_name='__main__')"
SKIPPED = """
import pytest
@pytest.mark.redis
def test_of_a_service(): pytest.skip("it did not start")
def test_of_ours(): pytest.skip("not on this system")
@pytest.mark.redis
@pytest.mark.xfail(reason="known")
def test_known(): raise AssertionError
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Give a copy of what a setup reads, in a folder whose name needs care."""
    folder = tmp_path / "a checkout"
    folder.mkdir()
    for name in (*run.SOURCES, "Makefile"):
        shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """Give a PATH of our own, with the few programs that make needs."""
    folder = tmp_path / "tools"
    folder.mkdir()
    for name in ("sh", "make", "tail", "test", "echo"):
        found = shutil.which(name)
        if found is not None:
            (folder / name).symlink_to(found)
    return folder


def python(checkout: Path, code: str, tools: Path) -> "subprocess.CompletedProcess[str]":
    return started(checkout, tools, sys.executable, "-c", code)


def started(checkout: Path, tools: Path, *words: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    # No index: a test reaches no network.
    environ = {"PATH": str(tools), "PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull} | settings
    return subprocess.run(
        words, cwd=checkout, env=environ, capture_output=True, text=True, check=False, timeout=60
    )


def run_in(checkout: Path, code: str) -> int:
    words = [str(checkout / ".venv" / "bin" / "python"), "-c", code]
    return subprocess.run(words, cwd=checkout, capture_output=True, check=False, timeout=60).returncode


def wheel(folder: Path) -> str:
    """Make the smallest package there is, and answer its hash."""
    with zipfile.ZipFile(folder / WHEEL, "w") as archive:
        archive.writestr("probe.py", "")
        archive.writestr("probe-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: probe\nVersion: 1.0\n")
        archive.writestr(
            "probe-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr("probe-1.0.dist-info/RECORD", "probe.py,,\n")
    return hashlib.sha256((folder / WHEEL).read_bytes()).hexdigest()


def program(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


class TestAPythonThatCannot:
    def test_an_old_one_can_read_the_file_at_all(self) -> None:
        ast.parse(RUN.read_text(encoding="utf-8"), feature_version=(3, 6))

    def test_an_old_one_is_told_so_with_the_cure(self, checkout: Path, tools: Path) -> None:
        told = python(checkout, OLD_PYTHON + START, tools)
        assert told.returncode == 1
        assert "needs Python 3.11 or newer; this is Python 3.8" in told.stderr
        assert "apt install python3.11" in told.stderr

    def test_one_without_venv_names_the_package(self, checkout: Path, tools: Path) -> None:
        told = python(checkout, NO_ENSUREPIP + START, tools)
        assert told.returncode == 1
        assert "apt install python3-venv" in told.stderr
        assert f"python{sys.version_info.major}.{sys.version_info.minor}-venv" in told.stderr
        assert "Traceback" not in told.stderr

    def test_none_at_all_is_told_by_make(self, checkout: Path, tools: Path) -> None:
        told = started(checkout, tools, "make", "setup")
        assert told.returncode != 0
        assert "there is none on PATH" in told.stdout + told.stderr

    def test_make_passes_over_one_that_is_old_or_leads_nowhere(self, checkout: Path, tools: Path) -> None:
        program(tools / "python3", "exit 127")
        program(tools / "python3.14", "echo too old; exit 1")
        program(tools / "python3.12", f'exec "{sys.executable}" "$@"')
        told = started(checkout, tools, "make", "help")
        assert told.returncode == 0
        assert "make setup" in told.stdout


class TestAskingForHelp:
    def test_every_target_has_one_line(self) -> None:
        lines = run.menu().splitlines()[1:]
        assert [line.split()[1] for line in lines] == [*run.COMMANDS]
        assert {"setup", "demo", "test", "check", "bench", "up", "help"} <= run.COMMANDS.keys()

    def test_make_knows_the_same_targets(self) -> None:
        [targets] = re.findall(r"^COMMANDS := (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
        assert targets.split() == [*run.COMMANDS]

    def test_an_unknown_command_shows_the_list(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert run.main(["dance"]) == 2
        assert "There is no command «dance»" in capsys.readouterr().err


class TestChecking:
    STEPS = (
        ("first", ("-c", "print('one')")),
        ("second", ("-c", "raise SystemExit(3)")),
        ("third", ("-c", "print('never')")),
    )

    def test_it_stops_at_the_first_failure_and_names_it(self, capfd: pytest.CaptureFixture[str]) -> None:
        assert run.walk("check", self.STEPS, ()) == 1
        said = capfd.readouterr().out
        assert "check FAILED at «second» (exit 3)" in said
        assert "never" not in said

    def test_all_well_is_said_too(self, capfd: pytest.CaptureFixture[str]) -> None:
        assert run.walk("check", self.STEPS[:1], ()) == 0
        assert "check: all well" in capfd.readouterr().out

    def test_nothing_is_left_out(self) -> None:
        titles = [title for title, _ in (*run.LINT, run.TESTS)]
        assert titles == [
            "formatting",
            "lint",
            "types for Python 3.11",
            "types for Python 3.14",
            "imports",
            "tests",
        ]


class TestSettingUp:
    """With a stand-in for uv, so that no test needs the network."""

    @staticmethod
    def uv(tools: Path, *, works: bool = True) -> None:
        makes = f'"{sys.executable}" -m venv --without-pip --symlinks "$UV_PROJECT_ENVIRONMENT"'
        program(
            tools / "uv",
            f'echo "uv $* compiles:$UV_COMPILE_BYTECODE" >> "{tools}/calls"\n{makes if works else "exit 2"}',
        )

    @staticmethod
    def calls(tools: Path) -> list[str]:
        return (tools / "calls").read_text().splitlines()

    def test_uv_installs_what_is_locked_and_never_moves_the_lock(self, checkout: Path, tools: Path) -> None:
        self.uv(tools)
        assert started(checkout, tools, sys.executable, "run.py", "setup").returncode == 0
        [call] = self.calls(tools)
        assert call.startswith("uv sync --frozen --no-install-project")

    def test_what_uv_installs_and_what_is_ours_is_compiled_once(self, checkout: Path, tools: Path) -> None:
        self.uv(tools)
        (checkout / "domain").mkdir()
        (checkout / "domain" / "person.py").write_text("NAME = 'Ada'\n")
        words = (sys.executable, "run.py", "setup")
        assert started(checkout, tools, *words, PYTHONDONTWRITEBYTECODE="1").returncode == 0
        [call] = self.calls(tools)
        assert call.endswith("compiles:1")
        assert len([*(checkout / "domain").rglob("person.*.pyc")]) == 1

    def test_every_package_of_ours_is_compiled(self) -> None:
        told = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]["find"]
        assert [*run.PACKAGES, FOLDER.name] == [name.removesuffix("*") for name in told["include"]]

    def test_a_second_time_installs_nothing(self, checkout: Path, tools: Path) -> None:
        self.uv(tools)
        for _ in range(2):
            assert started(checkout, tools, sys.executable, "run.py", "setup").returncode == 0
        assert len(self.calls(tools)) == 1

    @pytest.mark.parametrize("name", run.SOURCES)
    def test_a_changed_file_installs_again(self, checkout: Path, tools: Path, name: str) -> None:
        self.uv(tools)
        started(checkout, tools, sys.executable, "run.py", "setup")
        with (checkout / name).open("a") as file:
            file.write("\n# one line more\n")
        started(checkout, tools, sys.executable, "run.py", "setup")
        assert len(self.calls(tools)) == 2

    def test_a_half_made_environment_is_made_anew(self, checkout: Path, tools: Path) -> None:
        self.uv(tools)
        (checkout / ".venv" / "lib").mkdir(parents=True)
        (checkout / ".venv" / "lib" / "leftover").touch()
        assert started(checkout, tools, sys.executable, "run.py", "setup").returncode == 0
        assert not (checkout / ".venv" / "lib" / "leftover").exists()

    def test_an_environment_that_lost_its_python_is_made_anew(self, checkout: Path, tools: Path) -> None:
        self.uv(tools)
        started(checkout, tools, sys.executable, "run.py", "setup")
        (checkout / ".venv" / "bin" / "python").unlink()
        assert started(checkout, tools, sys.executable, "run.py", "setup").returncode == 0
        assert (checkout / ".venv" / "bin" / "python").exists()

    def test_the_command_finds_the_checkout_from_anywhere(self, checkout: Path, tools: Path) -> None:
        self.uv(tools)
        (checkout / "bootstrap").mkdir()
        (checkout / "bootstrap" / "cli.py").write_text("def main():\n    print('here')\n")
        started(checkout, tools, sys.executable, "run.py", "setup")
        told = started(tools, tools, str(checkout / ".venv" / "bin" / "staffetta"))
        assert (told.returncode, told.stdout) == (0, "here\n")

    def test_the_version_can_be_asked_as_after_any_install(self, checkout: Path, tools: Path) -> None:
        self.uv(tools)
        started(checkout, tools, sys.executable, "run.py", "setup")
        ask = "import importlib.metadata as m; print(m.version('staffetta'))"
        told = started(tools, tools, str(checkout / ".venv" / "bin" / "python"), "-c", ask)
        assert re.fullmatch(r"\d+\.\d+\.\d+\n", told.stdout)

    def test_a_uv_that_cannot_is_replaced_by_pip(self, checkout: Path, tools: Path) -> None:
        self.uv(tools, works=False)
        told = python(checkout, NO_ENSUREPIP + START, tools)
        assert "uv could not do it; trying pip" in told.stdout
        assert "ensurepip is missing" in told.stderr

    @pytest.mark.slow
    def test_pip_installs_what_has_the_right_hash(self, checkout: Path, tools: Path) -> None:
        told = self.by_pip(checkout, tools, f"{WHEEL} --hash=sha256:{wheel(checkout)}")
        assert told.returncode == 0, told.stderr
        assert run_in(checkout, "import probe") == 0

    @pytest.mark.slow
    def test_pip_compiles_what_it_installs(self, checkout: Path, tools: Path) -> None:
        requirement = f"{WHEEL} --hash=sha256:{wheel(checkout)}"
        settings = {"PYTHONDONTWRITEBYTECODE": "1", "PIP_NO_COMPILE": "1"}
        assert self.by_pip(checkout, tools, requirement, **settings).returncode == 0
        assert len([*(checkout / ".venv").rglob("probe.*.pyc")]) == 1

    @pytest.mark.slow
    @pytest.mark.parametrize("suffix", ["", f" --hash=sha256:{'0' * 64}"], ids=["no hash", "wrong hash"])
    def test_pip_installs_nothing_else(self, checkout: Path, tools: Path, suffix: str) -> None:
        wheel(checkout)
        told = self.by_pip(checkout, tools, WHEEL + suffix)
        assert told.returncode == 1
        assert "What is half made is made anew" in told.stderr
        assert run_in(checkout, "import probe") != 0
        assert not (checkout / ".venv" / "setup-stamp").exists()

    @staticmethod
    def by_pip(
        checkout: Path, tools: Path, requirement: str, **settings: str
    ) -> "subprocess.CompletedProcess[str]":
        (checkout / "requirements.lock").write_text(f"{requirement}\n")
        return started(checkout, tools, sys.executable, "run.py", "setup", **settings)


class TestTheBuildMachine:
    @staticmethod
    def builds(checkout: Path, tools: Path, *, failing: str) -> "subprocess.CompletedProcess[str]":
        (checkout / ".ci").mkdir()
        shutil.copy(ROOT / ".ci" / "run", checkout / ".ci" / "run")
        for name in ("bash", "dirname"):
            (tools / name).symlink_to(str(shutil.which(name)))
        (tools / "make").unlink()
        program(tools / "make", f'echo "made $1, skips $STAFFETTA_NO_SKIPS"; [ "$1" != {failing} ]')
        return started(checkout, tools, "bash", ".ci/run")

    def test_it_takes_every_step_with_no_skips(self, checkout: Path, tools: Path) -> None:
        told = self.builds(checkout, tools, failing="nothing")
        assert told.returncode == 0
        assert re.findall(r"^made (\w+), skips 1$", told.stdout, re.MULTILINE) == ["setup", "demo", "check"]

    def test_a_failed_demo_does_not_hide_the_tests(self, checkout: Path, tools: Path) -> None:
        told = self.builds(checkout, tools, failing="demo")
        assert told.returncode == 1
        assert "made check" in told.stdout
        assert re.search(r"FAILED after \d+ s: demo$", told.stdout.strip())

    def test_without_a_setup_there_is_nothing_to_test(self, checkout: Path, tools: Path) -> None:
        told = self.builds(checkout, tools, failing="setup")
        assert told.returncode == 1
        assert "made check" not in told.stdout


class TestSkips:
    """Where every service must be there, a test without its service is a failure."""

    @staticmethod
    def summary(folder: Path, **environ: str) -> str:
        (folder / "test_it.py").write_text(SKIPPED)
        words = [
            "-m",
            "pytest",
            "-p",
            "tests.conftest",
            "-p",
            "no:cacheprovider",
            "-o",
            "markers=redis",
            "-q",
        ]
        kept = {name: value for name, value in os.environ.items() if name != "STAFFETTA_NO_SKIPS"}
        told = subprocess.run(
            [sys.executable, *words, f"--rootdir={folder}", str(folder)],
            env=kept | {"PYTHONPATH": str(ROOT)} | environ,
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        return told.stdout

    def test_at_home_they_are_skips(self, tmp_path: Path) -> None:
        assert "2 skipped, 1 xfailed" in self.summary(tmp_path)

    def test_on_the_build_machine_they_fail_with_the_reason(self, tmp_path: Path) -> None:
        told = self.summary(tmp_path, STAFFETTA_NO_SKIPS="1")
        assert "1 failed, 1 skipped, 1 xfailed" in told
        assert "redis did not start" in told
        assert "it did not start" in told


def test_an_installed_package_brings_the_profiles_and_whatever_else_is_data() -> None:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    tops = {pattern.removesuffix("*") for pattern in told["packages"]["find"]["include"]}
    endings = {pattern.removeprefix("*") for pattern in told["package-data"]["*"]}
    files = [file for top in tops for file in (ROOT / top).rglob("*.*") if "__pycache__" not in file.parts]
    assert (FOLDER.parent, FOLDER.name in tops) == (ROOT, True)
    assert [file for file in files if not file.name.endswith((".py", *endings))] == []
