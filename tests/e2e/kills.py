"""Kill processes of the house at random during a first sync; count from outside what was lost or doubled.

`python -m tests.e2e.kills --people 2000 --kills 10 --seed 7` prints the counters; exit 1 if any is bad.
"""

import argparse
import contextlib
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random  # noqa: TID251  seeded, so that a failure can be repeated

from domain.changes import ChangeState
from domain.ids import RunId
from tests.e2e.house import Town, Window, await_, eventually, town

EXPLAINING = (
    ChangeState.HELD,
    ChangeState.BLOCKED,
    ChangeState.WAITING,
    ChangeState.PARKED,
    ChangeState.RELEASED,
    ChangeState.WORKING,
    ChangeState.DEAD,
)
GOING = (ChangeState.PLANNED, ChangeState.RELEASED, ChangeState.WORKING, ChangeState.WAITING)
ROLES = ("scheduler", "fetch", "reconcile", "reconcile-2", "suspects", "notify", "valkey", "up")
"""Every process once: those that write are two."""
WRITES = ("POST", "PATCH", "PUT", "DELETE")
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Tally:
    """What came of it: requests and accounts by the simulators' own counters, reasons from our rows.

    attempted, acknowledged   write requests that the application saw, and those that it agreed to
    ok                        people who are as the simulated company says
    lost                      people who are not, and have no row that names the reason
    explained                 people who are not, and have one
    duplicated                accounts created twice, values written twice, writes that overlapped
    recovered                 rows that a worker died over and that were done all the same
    unexpected                accounts of nobody, and employed people whose account is closed
    """

    attempted: int
    acknowledged: int
    ok: int
    lost: int
    explained: int
    duplicated: int
    recovered: int
    unexpected: int

    @property
    def clean(self) -> bool:
        """Say that every promise was kept."""
        return not (self.lost or self.duplicated or self.unexpected)


def kill_at_random(
    here: Town, window: Window, kills: int, dice: Random, longest_pause: float, say: Say
) -> list[str]:
    """Kill -9 so many processes, roles in random order; start the house again where its supervisor died."""
    hit: list[str] = []
    bag: list[str] = []
    while len(hit) < kills:
        bag = bag or dice.sample(ROLES, len(ROLES))
        time.sleep(dice.uniform(0.3, longest_pause))
        role = bag.pop()
        if role.startswith("reconcile"):
            _wait_for_work(window)
        if role == "up":
            here.kill_supervisor()
            here.up()
            pid = None
        else:
            pid = here.server_pid() if role == "valkey" else here.children().get(role)
            if not _kill(pid):
                continue
        hit.append(role)
        say(f"killed {role}")
        if role == "valkey":
            _await_another_server(here, pid)
    return hit


def _wait_for_work(window: Window) -> None:
    """Aim at a moment at which a worker has rows in its hands, if there is one soon."""
    with contextlib.suppress(AssertionError):
        eventually(lambda: window.count(ChangeState.WORKING) > 0, "nobody works", 5)


def _await_another_server(here: Town, killed: int | None) -> None:
    eventually(lambda: here.server_pid() not in {None, killed}, "the server stays away", 30)


def _kill(pid: int | None) -> bool:
    if pid is None:
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
        return True
    return False


def first_sync_under_fire(
    here: Town, kills: int, seed: int, *, longest_pause: float, patience: float, say: Say
) -> Tally:
    """Plan, activate, and kill while the plan is applied; then wait until nothing is on its way."""
    dice = Random(seed)  # noqa: S311  seeded on purpose
    here.up()
    with here.window() as window:
        window.connect(here)
        window.sync()
        run_id = window.activate()
        hit = kill_at_random(here, window, kills, dice, longest_pause, say)
        say(f"killed {len(hit)}; {window.count(*GOING)} rows are on their way")
        settle(window, run_id, patience)
        return count(here, window)


def settle(window: Window, run_id: RunId, patience: float) -> None:
    """Wait until the run ended and no row is on its way any more."""
    window.ended(run_id, patience)
    await_(lambda: window.count(*GOING) == 0 or None, "rows are still on their way", patience)


def count(here: Town, window: Window) -> Tally:
    """Compare both simulators, and read the reasons."""
    wrong = {each.split(" ", 1)[0] for each in here.differences()}
    told = {str(row.person_id) for row in window.rows(*EXPLAINING)}
    people = {str(person.id) for person in here.people()}
    accounts = here.app.accounts()
    closed = [one for one, account in accounts.items() if account["active"] is False and one in wrong]
    recovered = [row for row in window.rows(ChangeState.APPLIED, ChangeState.ALREADY_SO) if row.crashes]
    return Tally(
        attempted=here.app.requests(*WRITES),
        acknowledged=here.app.requests(*WRITES, good=True),
        ok=len(people - wrong),
        lost=len(wrong - told),
        explained=len(wrong & told),
        duplicated=len(here.app.doubled()) + len(here.app.overlapping()),
        recovered=len(recovered),
        unexpected=len(set(accounts) - people) + len(closed),
    )


def main(arguments: Sequence[str]) -> int:
    """Run once and print the counters."""
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.kills", description=__doc__)
    parser.add_argument("--people", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--write-latency-ms", type=float, default=40)
    parser.add_argument("--longest-pause", type=float, default=5, help="seconds between two kills, at most")
    parser.add_argument(
        "--patience", type=float, default=900, help="seconds until everything must be settled"
    )
    given = parser.parse_args(arguments)
    with (
        tempfile.TemporaryDirectory() as folder,
        town(Path(folder), given.people, write_latency_ms=given.write_latency_ms) as here,
    ):
        began = time.monotonic()
        tally = first_sync_under_fire(
            here,
            given.kills,
            given.seed,
            longest_pause=given.longest_pause,
            patience=given.patience,
            say=_say,
        )
        _say(
            f"{given.people} people, {given.kills} kills, seed {given.seed}, {time.monotonic() - began:.0f} s"
        )
    for name, figure in asdict(tally).items():
        _say(f"{name:>14}  {figure}")
    return 0 if tally.clean else 1


def _say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
