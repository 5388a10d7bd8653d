"""The benchmark works from end to end; how fast anything is stays no question of a test."""

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from benchmarks.figures import CHANGED, FIRST, STEPS, UNCHANGED, Cell, Measured, Notebook, Step
from benchmarks.report import page

ROOT = Path(__file__).parents[2]
SMALL = Cell(people=1_000, page_ms=150, write_ms=40)
LARGE = Cell(people=10_000, page_ms=150, write_ms=40)
FAST = Cell(people=1_000, page_ms=0, write_ms=0)
WRITERS, PROOF = 2, 2
"""Each process that writes makes sure once, with two requests, that the application finds whom it has."""


def measured(cell: Cell = SMALL, *, number: int = 1, ours: float = 2.0, peak: int = 102_400) -> Measured:
    steps = {name: Step(ours=ours, bare=1.0, requests=7, bare_requests=7) for name in STEPS}
    return Measured(
        commit="c0ffee", cell=cell, number=number, steps=steps, peaks={"fetch": peak}, in_flight=32
    )


@pytest.mark.e2e
@pytest.mark.slow
@pytest.mark.timeout(180)
def test_a_quick_look_measures_every_step_with_as_many_requests_as_the_bare_loop_but_for_a_proof(
    tmp_path: Path,
) -> None:
    notes, results = tmp_path / "notes.jsonl", tmp_path / "results.md"
    words = ["--quick", "--notes", str(notes), "--output", str(results)]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", *words],
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    runs = [msgspec.json.decode(line, type=Measured) for line in notes.read_bytes().splitlines() if line]
    assert len(runs) == 2
    for sent in (run.steps[name] for run in runs for name in (FIRST, CHANGED)):
        assert 0 <= sent.requests - sent.bare_requests <= WRITERS * PROOF
        assert sent.bare_requests > 0
    text = results.read_text(encoding="utf-8")
    for step in (FIRST, UNCHANGED, CHANGED):
        assert text.count(f"| {step} |") == 2
    assert "Not measured" not in text


def test_median_range_and_ratio_of_both_stand_in_one_row() -> None:
    runs = [measured(number=number, ours=ours) for number, ours in enumerate((4.0, 2.0, 3.0))]
    row = "| first sync | 3.00 (2.00 to 4.00) | 1.00 (1.00 to 1.00) | 0.33 | ≥ 0.80 | **no** | 7 / 7 |"
    assert row in page(runs, [SMALL], ())


def test_an_aim_that_is_missed_is_told_in_its_row_and_once_more_in_words() -> None:
    slow, fast = measured(ours=2.0), measured(FAST, ours=2.0)
    text = page([slow, fast], [SMALL, FAST], ())
    assert "- 1,000 people, 150 ms per page, 40 ms per write: first sync 0.50 instead of 0.80" in text
    assert "| 1 % changed | 2.00 (2.00 to 2.00) | 1.00 (1.00 to 1.00) | 0.50 | ≥ 0.30 | yes | 7 / 7 |" in text
    assert "- 1,000 people, 0 ms per page, 0 ms per write: unchanged sync 0.50 instead of 0.83" in text
    assert "0 ms per page, 0 ms per write: 1 % changed" not in text


def test_where_every_aim_is_met_none_is_told_as_missed() -> None:
    assert "## Aims that are missed\n\nNone.\n" in page([measured(ours=1.0)], [SMALL], ())


def test_peaks_of_the_largest_company_are_compared_with_those_of_the_smallest() -> None:
    runs = [measured(peak=102_400), measured(LARGE, peak=112_640)]
    assert "| fetch | 100.0 | 110.0 | 1.10 |" in page(runs, [SMALL, LARGE], ())


def test_a_broken_off_measurement_goes_on_where_it_was(tmp_path: Path) -> None:
    notes = Notebook(tmp_path / "deep" / "notes.jsonl")
    notes.add(measured())
    with (tmp_path / "deep" / "notes.jsonl").open("ab") as file:
        file.write(b'{"commit": "c0ff')
    notes.add(measured(number=2))
    assert notes.read("c0ffee") == [measured(), measured(number=2)]


def test_what_was_measured_at_another_commit_does_not_count(tmp_path: Path) -> None:
    notes = Notebook(tmp_path / "notes.jsonl")
    notes.add(measured())
    assert notes.read("decaf") == []
