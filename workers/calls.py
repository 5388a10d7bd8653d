"""Make the calls of one turn: so many are out at a time, and whoever ends one begins the next."""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Executor, Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from threading import Lock

from domain.codes import Code
from domain.errors import TenantBlockedError
from domain.records import Job, Postponed, Refused, Returned, Settlement
from workers.bench import Bench
from workers.halt import Lease
from workers.perform import perform


@dataclass(slots=True)
class Sheet:
    """What came of the rows of one envelope; `whole` is there once each of them has ended."""

    left: int
    found: dict[int, Settlement] = field(default_factory=dict)
    whole: Future[list[Settlement]] = field(default_factory=Future)


@dataclass(frozen=True, slots=True)
class Row:
    """One row that waits for a hand, and where it is noted what came of it."""

    at: int
    job: Job
    bench: Bench
    lease: Lease
    sheet: Sheet


class Calls:
    """Keep hands busy with the rows of several envelopes, in order, never more than `at_once`.

    The hand that ended one call begins the next: none rests while the turn's own thread records. After a
    call that failed for a while, `width` is asked how many may be out from now on.
    """

    def __init__(self, hands: Executor, at_once: int, width: Callable[[], int]) -> None:
        self._hands = hands
        self._at_once = at_once
        self._width = width
        self._out = 0
        self._waiting: deque[Row] = deque()
        self._lock = Lock()

    def add(self, jobs: Sequence[Job], bench: Bench, lease: Lease) -> Future[list[Settlement]]:
        """Put the rows of an envelope behind those that wait; returns what will have come of each."""
        sheet = Sheet(len(jobs))
        with self._lock:
            self._waiting.extend(Row(at, job, bench, lease, sheet) for at, job in enumerate(jobs))
        self._begin()
        return sheet.whole

    def _begin(self) -> None:
        while (row := self._next()) is not None:
            try:
                call = self._hands.submit(one, row.job, row.bench, row.lease)
            except RuntimeError:  # hands that take nothing any more: the process ends, and nothing was sent
                call = Future()
                call.set_result(Returned(row.job.change.change_id))
            call.add_done_callback(partial(self._ended, row))

    def _next(self) -> Row | None:
        with self._lock:
            if self._out >= self._at_once or not self._waiting:
                return None
            self._out += 1
            return self._waiting.popleft()

    def _ended(self, row: Row, call: Future[Settlement]) -> None:
        """Begin another one, and note what came of this one, whatever happens on the way.

        An error in here is heard by nobody: the turn would wait for its row, and keep its lease, for ever.
        """
        error = CancelledError() if call.cancelled() else call.exception()
        if error is None and isinstance(call.result(), Postponed):
            self._at_once = self._asked_width()
        with self._lock:
            self._out -= 1
        self._begin()
        if error is not None:
            with suppress(InvalidStateError):  # the first one speaks for the envelope
                row.sheet.whole.set_exception(error)
        else:
            self._note(row.sheet, row.at, call.result())

    def _asked_width(self) -> int:
        """Ask how many may be out; one at a time, and at least that, where nobody can tell."""
        try:
            return max(1, self._width())
        except Exception:  # noqa: BLE001  whatever it is, the rows that were done must be recorded
            return 1

    def _note(self, sheet: Sheet, at: int, settlement: Settlement) -> None:
        with self._lock:
            sheet.found[at] = settlement
            sheet.left -= 1
            whole = sheet.left == 0
        if whole:
            sheet.whole.set_result([sheet.found[each] for each in range(len(sheet.found))])


def one(job: Job, bench: Bench, lease: Lease) -> Settlement:
    """Do one row so that whatever happens to it stays its own: a poison row spares its neighbours."""
    change_id = job.change.change_id
    if lease.halts():
        return Returned(change_id)
    try:
        return perform(job, bench)
    except TenantBlockedError as error:
        lease.halt.error = error
        return Returned(change_id)
    except Exception as error:  # noqa: BLE001  a bug met by one row must not cost the others their turn
        return Refused(change_id, Code.INTERNAL, type(error).__name__, intent_kept=True)
