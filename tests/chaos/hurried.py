"""One process of the house with short leases, for tests that do not wait for the long ones.

python -m tests.chaos.hurried scheduler
python -m tests.chaos.hurried reconcile

kill -USR1 lets one write where each of its threads is.
"""

import faulthandler
import signal
import sys
from collections.abc import Mapping, Sequence
from datetime import timedelta

from bootstrap import scheduler, worker
from workers.desk import Limits

LEASE = timedelta(seconds=6)
HURRIED = Limits(
    page_lease=LEASE,
    turn=timedelta(seconds=1),
    target_lease=LEASE,
    renew_every=timedelta(seconds=0.5),
    begin=timedelta(seconds=3),
    ring_again=timedelta(seconds=4),
)
WRITERS = ("reconcile", "reconcile-2")
ROLES = ("scheduler", "fetch", *WRITERS, "suspects")


def commands() -> Mapping[str, Sequence[str]]:
    """Return the words that start a small house."""
    return {role: (sys.executable, "-m", "tests.chaos.hurried", role.removesuffix("-2")) for role in ROLES}


if __name__ == "__main__":
    faulthandler.register(signal.SIGUSR1)
    if sys.argv[1] == "scheduler":
        scheduler.main(HURRIED)
    else:
        worker.main(sys.argv[1:], HURRIED)
