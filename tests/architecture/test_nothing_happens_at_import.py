"""Importing the product starts nothing, opens nothing and writes nothing."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("domain", "schemas", "adapters", "workers", "producers", "bootstrap", "simulators")
# An audit hook sees what no later look at the process would: files that were opened and closed again.
WATCHER = """
import importlib, os, sys, threading

ACTS = {"socket.connect", "socket.bind", "subprocess.Popen", "os.fork", "os.exec", "os.mkdir", "os.remove"}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
seen = []

def watch(event, details):
    if event in ACTS:
        seen.append(f"{event} {details[0]!r}")
    elif event == "open" and isinstance(details[2], int) and details[2] & WRITING:
        seen.append(f"open for writing {details[0]!r}")

names = sys.argv[1:]
sys.dont_write_bytecode = True
sys.addaudithook(watch)
for name in names:
    before = len(seen)
    importlib.import_module(name)
    seen[before:] = [f"{name}: {what}" for what in seen[before:]]
    if threading.active_count() != 1:
        seen.append(f"{name}: starts a thread")
        break
print("\\n".join(seen))
"""


def test_importing_every_module_starts_and_opens_nothing() -> None:
    told = watched(*modules())
    assert told.returncode == 0, told.stderr
    assert told.stdout.strip() == ""


def test_a_module_that_does_something_is_seen(tmp_path: Path) -> None:
    (tmp_path / "busy.py").write_text(
        "import threading\nthreading.Thread(target=threading.Event().wait, args=(1,)).start()\n"
        f"open({str(tmp_path / 'out')!r}, 'w').close()\n"
    )
    told = watched("busy", path=tmp_path)
    assert "busy: open for writing" in told.stdout
    assert "busy: starts a thread" in told.stdout


def watched(*names: str, path: Path = ROOT) -> "subprocess.CompletedProcess[str]":
    words = [sys.executable, "-c", WATCHER, *names]
    return subprocess.run(words, cwd=path, capture_output=True, text=True, check=False, timeout=60)


def modules() -> list[str]:
    found = [path for name in PACKAGES for path in sorted((ROOT / name).rglob("*.py"))]
    # Migrations run inside alembic alone; `__main__` is a command, not a module.
    kept = [path for path in found if "migrations" not in path.parts and path.name != "__main__.py"]
    return [".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in kept]
