"""Whatever goes wrong while the calls of a turn are counted, each row comes back and the turn ends."""

from collections.abc import Callable
from concurrent.futures import CancelledError, Executor, Future
from datetime import timedelta
from typing import cast

import pytest

from domain.codes import Code
from domain.ids import ChangeId
from domain.records import Job, Postponed, Settlement
from tests.flow.relay import Inline
from workers.bench import Bench
from workers.calls import Calls, Row, Sheet
from workers.halt import Lease


def row(sheet: Sheet) -> Row:
    """A row of which only its place on the sheet is asked."""
    return Row(0, cast("Job", None), cast("Bench", None), cast("Lease", None), sheet)


def broken() -> int:
    raise ZeroDivisionError


@pytest.mark.parametrize("width", [broken, lambda: 0], ids=["an error", "nought"])
def test_a_width_that_cannot_be_told_ends_the_row_and_leaves_one_call_at_a_time(
    width: Callable[[], int],
) -> None:
    calls = Calls(cast("Executor", Inline()), 3, width)
    sheet, call = Sheet(1), Future[Settlement]()
    postponed = Postponed(ChangeId("c"), Code.TARGET_BUSY, "", timedelta(seconds=1), intent_kept=False)
    call.add_done_callback(lambda done: calls._ended(row(sheet), done))
    call.set_result(postponed)
    assert sheet.whole.result(timeout=0) == [postponed]


def test_a_call_that_was_cancelled_ends_the_envelope() -> None:
    calls = Calls(cast("Executor", Inline()), 3, lambda: 3)
    sheet, call = Sheet(1), Future[Settlement]()
    call.add_done_callback(lambda done: calls._ended(row(sheet), done))
    assert call.cancel()
    with pytest.raises(CancelledError):
        sheet.whole.result(timeout=0)
