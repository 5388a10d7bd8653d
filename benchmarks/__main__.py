"""Measure Staffetta against bare loops: `make bench`, or `make bench ARGS="--quick"` for a first look."""

import argparse
import shlex
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from adapters.clock import SystemClock
from benchmarks import machine
from benchmarks.bare import RefusedError
from benchmarks.cell import measure
from benchmarks.figures import Cell, Measured, Notebook, of_cell
from benchmarks.house import DidNotEndError
from benchmarks.report import line, page, when

RESULTS = Path(__file__).with_name("RESULTS.md")
NOTES = machine.ROOT / "var" / "benchmarks.jsonl"
SPEEDS = ((150, 40), (0, 0))


def main(arguments: Sequence[str]) -> int:
    """Measure what is not measured yet at this commit, and write the page after every run."""
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that whatever was started is stopped
    people, runs = ([200], 1) if options.quick else (options.people, options.runs)
    cells = [Cell(people=size, page_ms=p, write_ms=w) for p, w in SPEEDS for size in people]
    output = options.output or (None if options.quick else RESULTS)
    notes = Notebook(options.notes or NOTES.with_stem("benchmarks-quick" if options.quick else "benchmarks"))
    commit = machine.commit()
    if options.fresh or options.quick:
        notes.forget()
    failed = 0
    for number in range(1, runs + 1):
        for cell in cells:
            failed += not _one(cell, number, commit, notes)
            _write(output, notes.read(commit), cells, commit, arguments)
    print(page(notes.read(commit), cells, ()) if options.quick else f"Written: {output}")
    return 1 if failed else 0


def _one(cell: Cell, number: int, commit: str, notes: Notebook) -> bool:
    """Measure one run unless it is there; one that did not work out leaves the others their turn."""
    if any(run.number == number for run in of_cell(notes.read(commit), cell)):
        print(f"run {number}, {cell.title}: measured before", flush=True)
        return True
    began = time.monotonic()
    print(f"run {number}, {cell.title} …", flush=True)
    try:
        measured: Measured = measure(cell, number, commit)
    except (DidNotEndError, RefusedError) as error:
        print(f"  not measured: {error}", flush=True)
        return False
    notes.add(measured)
    print(f"  {line(measured)}; {time.monotonic() - began:.0f} s in all", flush=True)
    return True


def _write(
    output: Path | None,
    runs: Sequence[Measured],
    cells: Sequence[Cell],
    commit: str,
    arguments: Sequence[str],
) -> None:
    if output is None:
        return
    command = "make bench" + (f' ARGS="{shlex.join(arguments)}"' if arguments else "")
    facts = [
        ("date", when(SystemClock().now())),
        ("commit", commit),
        ("command", f"`{command}`"),
        *machine.described(),
        ("load at the end", machine.load()),
    ]
    output.write_text(page(runs, cells, facts), encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--people", type=int, nargs="+", default=[1_000, 10_000], help="sizes of the company")
    parser.add_argument("--runs", type=int, default=5, help="how often each cell is measured")
    parser.add_argument("--quick", action="store_true", help="200 people, once, written nowhere but here")
    parser.add_argument("--fresh", action="store_true", help="forget what was measured at this commit")
    parser.add_argument("--output", type=Path, help="the page to write; RESULTS.md unless --quick")
    parser.add_argument("--notes", type=Path, help="where single runs are kept, so that it can go on")
    return parser


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
