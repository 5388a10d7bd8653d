"""No file tells on the machine it was written on."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# In pieces, so that this file does not name what it forbids.
PLACES = ("root", "work", "opt" + "/pypi[a-z-]*", "opt" + "/wheels", "etc" + "/xdg/pip", "tmp" + "/uvenv")
MACHINE = re.compile(r"(?<![\w.}/-])/(?:" + "|".join(PLACES) + r")(?=[/\s\"'`,;:)]|$)")


def test_no_file_names_a_developers_folder() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for path in files_of_ours()
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if MACHINE.search(line)
    ]
    assert found == []


@pytest.mark.parametrize("place", ["root", "root/.cache", "work/main/run.py"])
def test_such_a_folder_is_seen(place: str) -> None:
    assert MACHINE.search(f'cd "/{place}"')


@pytest.mark.parametrize("harmless", ["</root>", "https://host.example/work/1", "docs/" + "root/", "a/work"])
def test_other_words_are_left_alone(harmless: str) -> None:
    assert not MACHINE.search(harmless)


def files_of_ours() -> Iterator[Path]:
    words = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    told = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    if told.returncode != 0:
        pytest.skip("this folder is no git checkout, so nobody knows which files are ours")
    named = (ROOT / name for name in told.stdout.split("\0") if name)
    return (path for path in named if path.is_file())
