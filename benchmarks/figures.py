"""What one run of the benchmark measured, kept line by line so that a broken-off measurement goes on."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median

import msgspec

PLAN, ACTIVATION = "plan", "activation"
FIRST, UNCHANGED, CHANGED = "first sync", "unchanged sync", "1 % changed"
COMPARED = "unchanged sync, loop compares"
STEPS = (FIRST, PLAN, ACTIVATION, UNCHANGED, COMPARED, CHANGED)


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One size of company against one speed of the two sides."""

    people: int
    page_ms: int
    write_ms: int

    @property
    def title(self) -> str:
        """Name the cell for a reader."""
        return f"{self.people:,} people, {self.page_ms} ms per page, {self.write_ms} ms per write"


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """Our seconds and the bare loop's for the same work, with the requests to the target of both."""

    ours: float
    bare: float
    requests: int = 0
    bare_requests: int = 0


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """One run of a cell: its steps by name, and the peak memory of each process in kB."""

    commit: str
    cell: Cell
    number: int
    steps: dict[str, Step]
    peaks: dict[str, int]
    in_flight: int


class Spread(msgspec.Struct, frozen=True):
    """The median of some seconds, and their range."""

    middle: float
    least: float
    most: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> "Spread":
        """Spread out at least one measurement."""
        return cls(median(seconds), min(seconds), max(seconds))


class Notebook:
    """A file of measurements, one line each; a line that was cut off by a crash is passed over."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, commit: str) -> list[Measured]:
        """Return what was measured at this commit."""
        if not self._path.exists():
            return []
        lines = filter(None, self._path.read_bytes().splitlines())
        return [each for each in map(_line, lines) if each is not None and each.commit == commit]

    def add(self, measured: Measured) -> None:
        """Write one run down at once."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("ab") as file:
            file.write(b"\n" + msgspec.json.encode(measured) + b"\n")

    def forget(self) -> None:
        """Begin anew."""
        self._path.unlink(missing_ok=True)


def of_cell(runs: Iterable[Measured], cell: Cell) -> list[Measured]:
    """Pick the runs of one cell."""
    return [run for run in runs if run.cell == cell]


def _line(text: bytes) -> Measured | None:
    try:
        return msgspec.json.decode(text, type=Measured)
    except msgspec.DecodeError:
        return None
