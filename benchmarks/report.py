"""Write the measurements as a page for people: medians, ranges, ratios, aims, and what limits them."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from benchmarks.figures import COMPARED, STEPS, UNCHANGED, Cell, Measured, Spread, of_cell

MEMORY_AIM = 1.15
UNCHANGED_AIM = 1.2

HOW = """How to read it. *Ours* is from asking for a run to the end in its row, in the whole house: server,
scheduler, four worker processes, SQLite, simulators, all on this machine. *Bare* is a loop in one process
that does the same requests with our own HTTP client, as many in flight, and nothing else: no queue, no store,
no encryption, no comparison. The ratio is bare time divided by our time, of the medians; 1.00 would mean that
we cost nothing. Brackets hold the range. A first sync is a plan plus its activation. Both are warm: the loops
sent a request before, and a small company went through the house before anything was measured.

Aims: at 40 ms per write 0.80 of the bare loop, at 0 ms 0.30, and an unchanged sync at most 1.2 times a loop
that reads pages and looks at nobody (0.83). *Loop compares* is a loop that also works out for everybody what
they should have, and compares fingerprints of it in memory
([0053](../docs/decisions/0053-what-a-bare-loop-leaves-out.md))."""

LIMITS = """- At 150 ms per page the feed is read page after page, because each page says where the next
  begins: the pages alone are nearly all of an unchanged sync.
- At 40 ms per write it is the number of requests in flight, until one core is full.
- At 0 ms it is one core: the HTTP client costs about a millisecond of processor per request, in our process
  as in the bare loop; rows, encryption and transactions come on top. The simulators, which are Python too,
  use the other core. A loop that reads pages and looks at nobody needs 40 microseconds a person; whoever
  compares, remembers and gives a verdict, some 130. From some 15 ms per page on, waiting takes longer."""


def page(runs: Sequence[Measured], cells: Sequence[Cell], facts: Iterable[tuple[str, str]]) -> str:
    """Write the whole page."""
    parts = ["# What the limits are and how far from them we are\n"]
    parts += [f"- {name}: {value}" for name, value in facts]
    parts += ["", HOW, ""]
    for cell in cells:
        parts += _cell(of_cell(runs, cell), cell)
    parts += _missed(runs, cells)
    parts += _memory(runs)
    parts += ["## What limits it", "", LIMITS, ""]
    return "\n".join(parts)


def _cell(runs: Sequence[Measured], cell: Cell) -> Iterator[str]:
    yield f"## {cell.title}"
    yield ""
    if not runs:
        yield "Not measured.\n"
        return
    yield f"{len(runs)} runs, {runs[0].in_flight} requests in flight.\n"
    yield "| step | ours, s | bare, s | ratio | aim | met | requests to the target, ours / bare |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for name in STEPS:
        yield _row(name, runs, cell)
    yield ""


def _missed(runs: Sequence[Measured], cells: Sequence[Cell]) -> Iterator[str]:
    """Say once more, in words, which aims are missed and by how much."""
    yield "## Aims that are missed"
    yield ""
    found = [each for cell in cells for each in _missed_in(of_cell(runs, cell), cell)]
    yield from found or ["None."]
    yield ""


def _missed_in(runs: Sequence[Measured], cell: Cell) -> Iterator[str]:
    for name in STEPS if runs else ():
        ratio, aim = _ratio(name, runs), _aim(name, cell)
        if ratio < aim:
            yield f"- {cell.title}: {name} {ratio:.2f} instead of {aim:.2f}"


def _row(name: str, runs: Sequence[Measured], cell: Cell) -> str:
    steps = [run.steps[name] for run in runs]
    ours, bare = _both(name, runs)
    requests = f"{steps[-1].requests:,} / {steps[-1].bare_requests:,}"
    ratio, aim = _ratio(name, runs), _aim(name, cell)
    met = "yes" if ratio >= aim else "**no**"
    return f"| {name} | {_told(ours)} | {_told(bare)} | {ratio:.2f} | ≥ {aim:.2f} | {met} | {requests} |"


def _both(name: str, runs: Sequence[Measured]) -> tuple[Spread, Spread]:
    steps = [run.steps[name] for run in runs]
    return Spread.of([step.ours for step in steps]), Spread.of([step.bare for step in steps])


def _ratio(name: str, runs: Sequence[Measured]) -> float:
    """Return the ratio as it is printed: two places, and nothing is met by what nobody can read."""
    ours, bare = _both(name, runs)
    return round(bare.middle / ours.middle, 2)


def _told(spread: Spread) -> str:
    return f"{spread.middle:.2f} ({spread.least:.2f} to {spread.most:.2f})"


def _aim(name: str, cell: Cell) -> float:
    if name == UNCHANGED or (name == COMPARED and cell.page_ms):
        return round(1 / UNCHANGED_AIM, 2)
    return 0.8 if cell.write_ms else 0.3


def _memory(runs: Sequence[Measured]) -> Iterator[str]:
    """Compare the peaks of the smallest and the largest company, process by process."""
    sizes = sorted({run.cell.people for run in runs})
    if not sizes:
        return
    small, large = _peaks(runs, sizes[0]), _peaks(runs, sizes[-1])
    yield "## Peak memory of each process (VmHWM)"
    yield ""
    yield f"| process | {sizes[0]:,} people, MB | {sizes[-1]:,} people, MB | ratio (aim ≤ {MEMORY_AIM}) |"
    yield "| --- | --- | --- | --- |"
    for name in small:
        ratio = large[name] / small[name] if small[name] else 0.0
        yield f"| {name} | {small[name] / 1024:.1f} | {large[name] / 1024:.1f} | {ratio:.2f} |"
    yield ""


def _peaks(runs: Sequence[Measured], people: int) -> dict[str, int]:
    """Take the worst of all runs of that size."""
    peaks = [run.peaks for run in runs if run.cell.people == people]
    return {name: max(each.get(name, 0) for each in peaks) for name in peaks[0]}


def line(measured: Measured) -> str:
    """Tell one run in one line, for who waits."""
    told = [
        f"{name} {step.ours:.2f} s ({step.bare / step.ours:.2f})" for name, step in measured.steps.items()
    ]
    return ", ".join(told)


def when(moment: datetime) -> str:
    """Write a day and a time."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"
