"""Who may import whom, as pyproject.toml says it."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_import_contract_is_kept() -> None:
    words = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    told = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, timeout=100)
    assert told.returncode == 0, told.stdout + told.stderr
    assert "0 broken" in told.stdout
