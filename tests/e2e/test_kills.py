"""Ten kills at random during a first sync: nobody is lost, nothing is doubled, every reason is named."""

from pathlib import Path

import pytest

from tests.e2e.house import town
from tests.e2e.kills import first_sync_under_fire

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(420)]

SEED = 7
"""Which processes are hit, and when; `python -m tests.e2e.kills --seed N` tries others, and 2,000 people."""


def test_ten_kills_lose_nobody_and_double_nothing(tmp_path: Path) -> None:
    with town(tmp_path, 400, write_latency_ms=150) as here:
        tally = first_sync_under_fire(here, 10, SEED, longest_pause=1.5, patience=300, say=print)
        wrong = here.differences(), here.app.doubled(), here.app.overlapping()
    assert tally.clean, (tally, wrong)
