"""Prepare this checkout and run what was asked: the one door, with nothing but Python.

Usage: python3 run.py COMMAND [arguments]. `make COMMAND ARGS="arguments"` does the same.
Written so that an old Python can read it far enough to say that it is too old.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

OLDEST = (3, 11)

if sys.version_info < OLDEST:
    sys.exit(
        "Staffetta needs Python {}.{} or newer; this is Python {}.{} ({}).\n"
        "Install one (Debian, Ubuntu: apt install python3.11 python3.11-venv; macOS: brew install python),\n"
        "then name it: python3.11 run.py setup".format(*OLDEST, *sys.version_info[:2], sys.executable)
    )

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "setup-stamp"
PACKAGES = ("domain", "schemas", "adapters", "workers", "producers", "bootstrap", "simulators")
SOURCES = ("uv.lock", "requirements.lock", "pyproject.toml", "run.py")

COMMANDS = {
    "setup": "install everything into .venv; quick when nothing changed",
    "demo": "watch people travel from Personio into an application, on this machine alone",
    "up": "start scheduler, workers and an embedded server; Ctrl-C ends them",
    "test": 'run the tests; ARGS="-k lock" picks some',
    "check": "what must hold before a commit: format, lint, types, imports, tests",
    "lint": "the same without the tests",
    "format": "let ruff put the code in order",
    "bench": "measure against a bare loop, and write benchmarks/RESULTS.md",
    "simulate": "tell thousands of seeded stories; SEEDS=10000 FROM=0, or SEED=1234 step by step",
    "chaos": "let misfortunes befall real processes, and count from outside what was lost or doubled",
    "crash": "let processes die at every boundary, on both databases, and count the same",
    "fairness": "time a small company beside a huge one, and somebody named beside a first sync",
    "morning": "let fifty companies be due at once behind one address, and print how they share the limit",
    "clean": "remove .venv and caches; data in var/ stays",
    "help": "show this list",
}
PROGRAMS = {
    "demo": ("-m", "bootstrap.demo"),
    "up": (str(VENV / "bin" / "staffetta"), "up"),
    "test": ("-m", "pytest"),
    "bench": ("-m", "benchmarks"),
    "simulate": ("-m", "tests.simulation"),
    "chaos": ("-m", "tests.chaos"),
    "crash": ("-m", "tests.crash"),
    "fairness": ("-m", "tests.e2e.fairness"),
    "morning": ("-m", "tests.e2e.morning"),
}
LINT = (
    ("formatting", ("-m", "ruff", "format", "--check", ".")),
    ("lint", ("-m", "ruff", "check", ".")),
    ("types for Python 3.11", ("-m", "mypy")),
    ("types for Python 3.14", ("-m", "mypy", "--python-version", "3.14")),
    ("imports", (str(VENV / "bin" / "lint-imports"), "--no-cache")),
)
TESTS = ("tests", ("-m", "pytest", "--durations=10", "-n", "2"))
FORMAT = (
    ("lint that mends itself", ("-m", "ruff", "check", "--fix-only", ".")),
    ("formatting", ("-m", "ruff", "format", ".")),
)
CACHES = (".mypy_cache", ".ruff_cache", ".pytest_cache", ".import_linter_cache", ".hypothesis")
LITTER = (".venv", "build", *CACHES)

NO_VENV = """This Python ({python}) cannot make virtual environments, since its module ensurepip is missing.
Debian, Ubuntu: sudo apt install python3-venv (or python{version}-venv for exactly this Python).
Then run the same command again. With uv on PATH it is not needed at all."""
NO_PACKAGES = """The packages could not be installed; the reason stands above.
Mostly it is the network: reach the package index (or set pip's own proxy or index settings), and run
the same command again. What is half made is made anew."""


def main(arguments: Sequence[str]) -> int:
    """Do one command; everything but the list itself waits for a finished setup."""
    name, rest = (arguments[0], tuple(arguments[1:])) if arguments else ("help", ())
    if name not in COMMANDS:
        print(f"There is no command «{name}».\n{menu()}", file=sys.stderr)
        return 2
    if name == "help":
        print(menu())
        return 0
    if name == "clean":
        return clean()
    prepare()
    return obey(name, rest)


def menu() -> str:
    """List what can be asked, one line each."""
    lines = (f"  make {name:<8} {sentence}" for name, sentence in COMMANDS.items())
    return "\n".join(["Staffetta", *lines])


def obey(name: str, rest: tuple[str, ...]) -> int:
    """Run a command in the finished environment."""
    if name == "setup":
        print("Ready. Next: make demo")
        return 0
    if name in PROGRAMS:
        sys.stdout.flush()
        os.chdir(ROOT)
        os.execv(PYTHON, [str(PYTHON), *PROGRAMS[name], *rest])
    steps = {"check": (*LINT, TESTS), "lint": LINT, "format": FORMAT}[name]
    return walk(name, steps, rest)


def walk(name: str, steps: Sequence[tuple[str, tuple[str, ...]]], rest: tuple[str, ...]) -> int:
    """Take the steps in order, and stop at the first that fails; extra arguments go to the last."""
    for title, words in steps:
        started = time.monotonic()
        print(f"\n=== {name}: {title}", flush=True)
        extra = rest if title == steps[-1][0] else ()
        status = subprocess.run([PYTHON, *words, *extra], cwd=ROOT, check=False).returncode
        print(f"=== {name}: {title} took {time.monotonic() - started:.1f} s", flush=True)
        if status != 0:
            print(f"=== {name} FAILED at «{title}» (exit {status})", flush=True)
            return 1
    print(f"=== {name}: all well", flush=True)
    return 0


def clean() -> int:
    """Remove what can be made again."""
    for name in LITTER:
        shutil.rmtree(ROOT / name, ignore_errors=True)
    return 0


def prepare() -> None:
    """Bring .venv to what the lock says, once; a half-made one is made anew."""
    if is_ready():
        return
    with one_at_a_time():
        if is_ready():
            return
        keep = STAMP.exists() and same_python()
        STAMP.unlink(missing_ok=True)
        if not keep:
            shutil.rmtree(VENV, ignore_errors=True)
        install(keep=keep)
        link_project()
        compile_project()
        STAMP.write_text(fingerprint(), encoding="utf-8")


def is_ready() -> bool:
    """Say whether the last setup was finished, for these files, this Python and this folder."""
    return PYTHON.exists() and STAMP.exists() and STAMP.read_text(encoding="utf-8") == fingerprint()


def fingerprint() -> str:
    """Name the state that .venv must have: the Python first, then the files."""
    digest = hashlib.sha256(str(ROOT).encode())
    for name in SOURCES:
        digest.update(hashlib.sha256((ROOT / name).read_bytes()).digest())
    return f"{python_version()} {digest.hexdigest()}\n"


def python_version() -> str:
    """Name this Python down to its patch release."""
    return ".".join(map(str, sys.version_info[:3]))


def same_python() -> bool:
    """Say whether .venv was made by a Python like this one, and still has it."""
    return PYTHON.exists() and STAMP.read_text(encoding="utf-8").split(" ")[0] == python_version()


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Let a second setup in the same folder wait for the first; the lock leaves no file behind."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def install(*, keep: bool) -> None:
    """Fetch the locked packages, by uv where it is at hand, else by pip; both check every hash."""
    uv = shutil.which("uv")
    if uv is not None and install_by_uv(uv):
        return
    install_by_pip(keep=keep)


def install_by_uv(uv: str) -> bool:
    """Let uv do it without touching the lock; an old uv that cannot is no reason to stop."""
    print("Installing the locked packages with uv", flush=True)
    words = ("sync", "--frozen", "--no-install-project", "--no-python-downloads", "--python", base_python())
    # Uncompiled, each of our processes would compile all it imports at its first start: 4 s of a core each.
    environment = os.environ | {"UV_PROJECT_ENVIRONMENT": str(VENV), "UV_COMPILE_BYTECODE": "1"}
    status = subprocess.run([uv, *words], cwd=ROOT, env=environment, check=False).returncode
    if status != 0:
        print("uv could not do it; trying pip", flush=True)
        shutil.rmtree(VENV, ignore_errors=True)
    return status == 0


def install_by_pip(*, keep: bool) -> None:
    """Make the environment with the standard library, and install what the lock names, nothing else."""
    if importlib.util.find_spec("ensurepip") is None:
        sys.exit(NO_VENV.format(python=sys.executable, version="{}.{}".format(*sys.version_info)))
    print("Installing the locked packages with pip; the first time takes about a minute", flush=True)
    if not (keep and is_there("pip")):
        call(base_python(), "-m", "venv", str(VENV))
    quiet = ("--quiet", "--disable-pip-version-check", "--no-input")
    locked = ("--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", "requirements.lock")
    call(str(PYTHON), "-m", "pip", "install", "--compile", *quiet, *locked)


def compile_project() -> None:
    """Compile our own packages once, before five processes do it side by side; without it all still works."""
    packages = [name for name in PACKAGES if (ROOT / name).is_dir()]
    if packages:
        subprocess.run([PYTHON, "-m", "compileall", "-q", *packages], cwd=ROOT, check=False)


def is_there(module: str) -> bool:
    """Say whether the environment has a module, without starting it."""
    return (site_packages() / module).is_dir()


def call(*words: str) -> None:
    """Run one step of the installation; its failure ends the setup with a cure."""
    if subprocess.run(words, cwd=ROOT, check=False).returncode != 0:
        sys.exit(NO_PACKAGES)


def base_python() -> str:
    """Find the Python beneath: the one of an activated .venv would be removed while it runs."""
    return getattr(sys, "_base_executable", None) or sys.executable


def site_packages() -> Path:
    """Find where .venv keeps its packages."""
    return Path(sysconfig.get_path("purelib", "venv", {"base": str(VENV)}))


def link_project() -> None:
    """Put this checkout on the path of .venv, as an editable install would.

    By hand, since an installer would fetch a build tool for it, which no lock covers.
    """
    import tomllib  # noqa: PLC0415  an older Python has none, and must come as far as its refusal

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    name, version, scripts = project["name"], project["version"], project["scripts"]
    here = site_packages()
    for old in here.glob(f"{name}-*.dist-info"):
        shutil.rmtree(old)
    told = here / f"{name}-{version}.dist-info"
    told.mkdir()
    files = {
        here / f"{name}.pth": f"{ROOT}\n",
        told / "METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        told / "INSTALLER": "run.py\n",
        told / "entry_points.txt": "[console_scripts]\n"
        + "".join(f"{k} = {v}\n" for k, v in scripts.items()),
    } | {VENV / "bin" / script: script_text(entry) for script, entry in scripts.items()}
    for path, text in files.items():
        path.write_text(text, encoding="utf-8")
    for script in scripts:
        (VENV / "bin" / script).chmod(0o755)
    record = "".join(f"{os.path.relpath(path, here)},,\n" for path in [*files, told / "RECORD"])
    (told / "RECORD").write_text(record, encoding="utf-8")


def script_text(entry: str) -> str:
    """Word a command that starts through the shell: a first line of its own would end at a space."""
    module, function = entry.split(":")
    return (
        f"#!/bin/sh\n'''exec' {shlex.quote(str(PYTHON))} \"$0\" \"$@\"\n' '''\n"
        f"import sys\n\nfrom {module} import {function}\n\nsys.exit({function}())\n"
    )


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
