"""A disk that is full at any moment leaves no half state, and costs time only (C3)."""

from datetime import timedelta
from pathlib import Path

import pytest

from domain.codes import Code
from tests.crash.__main__ import somewhere
from tests.crash.drive import BETWEEN_STAGES
from tests.crash.scenario import STAGES
from tests.crash.worker import Cramped, Live, TakeOver
from tests.flow.misfortunes import doubled_writes, harm
from tests.flow.truth import differences

KIB = 1024
ROOMS = [KIB * each for each in (8, 32, 64, 100, 140, 180, 220, 260)]
"""How long the journal may grow: from nothing at all to nearly enough."""


@pytest.mark.slow
@pytest.mark.redis
@pytest.mark.timeout(300)
def test_c3_a_disk_that_is_full_costs_time_and_leaves_nothing_half_done(tmp_path: Path) -> None:
    plan, first = STAGES[:2]
    with somewhere(tmp_path, "sqlite", turn=timedelta(0)) as there:
        assert there.order(Live(plan.deed, there.ahead))[0] == 0
        there.ahead += BETWEEN_STAGES
        before = there.keep()
        full: list[int] = []
        for room in ROOMS:
            there.bring_back(before)
            code, ending = there.order(Cramped(first.deed, there.ahead, room=room))
            assert code == 0, f"with {room} bytes of room a process ends, instead of waiting"
            assert ending is not None
            full += [room] if Code.STORE_AWAY in ending.troubles else []
            assert ending.troubles <= {Code.STORE_AWAY}
            again, last = there.order(TakeOver(first.deed, there.ahead))
            assert (again, last is not None and last.calm) == (0, True)
            assert differences(there) == []
            assert [*harm(there), *doubled_writes(there)] == []
        assert len(full) > len(ROOMS) // 2, "the disk was hardly ever full"
